"""An archive on a server of its own, and a browser that looks at it."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import uvicorn

from archive.clock import ManualClock
from archive.layout import create
from archive.warc.record import Exchange
from archive.warc.writing import WarcWriter
from archive.web.app import web_app
from docarchive.showing import handed
from tests.archive.conftest import WrittenArchive, capture, hour, record, sighting
from tests.naughty_strings import BLNS

TEXT = "第一条 全年增加三成。\n第二条 计生长效机制由各乡镇落实。"
CHANGED = "第一条 全年减少五成。\n第二条 计生长效机制由各乡镇落实。"
COPY = (
    "坚持计划生育基本国策，提高服务水平。" * 3
    + "中间一段相同的话，说了又说。" * 30
    + "全年投入100万元，群众满意。结尾由本站整理。"
)
MANGLED_COPY = (
    COPY.replace("计划", "方案")
    .replace("基本", "根本")
    .replace("服务", "效劳")
    .replace("100", "20230")
    .replace("本站", "他人")
)
NAUGHTY = {str(number): text for number, text in enumerate(BLNS) if text}
PAGE = "<!doctype html><html><head><meta charset=gbk><title>页</title></head><body><h1>计生长效</h1><p>大小:1KB</p></body></html>"


@dataclass
class Site:
    """The served archive."""

    url: str
    written: WrittenArchive
    app: Any
    captures: dict[str, str]
    """Name of a captured page -> its WARC-Record-ID."""


def hostile_page(listener: str) -> str:
    """Return a page that tries to run, to load and to get out; *listener*: the address that would notice."""
    return f"""<!doctype html><html><head><base href="{listener}/base/"><meta http-equiv="refresh" content="0;url={listener}/refresh">
<link rel=preconnect href="{listener}"><link rel=dns-prefetch href="{listener}"><LINK rel="stylesheet" href="{listener}/a.css">
<link rel="prefetch" href="{listener}/b"><style>@import "{listener}/c.css"; body {{ background: url({listener}/d.png) }}
@font-face {{ font-family: x; src: url({listener}/e.woff) }} h1 {{ font-family: x }}</style>
<script>window.ran = 1; parent.document.title = 'taken'; fetch('{listener}/f')</script><script src="{listener}/g.js"></script></head>
<body onload="window.ran = 2"><h1>不怀好意</h1><img src="{listener}/h.png" onerror="window.ran = 3"><img src=x onerror="top.location='{listener}/i'">
<svg onload="window.ran = 4"><image href="{listener}/j.png"/><script>window.ran = 5</script></svg><iframe src="{listener}/k"></iframe>
<object data="{listener}/l"></object><embed src="{listener}/m"><video src="{listener}/n" autoplay></video>
<form id=q action="{listener}/o"><input autofocus onfocus="window.ran = 6"></form><a id=out href="{listener}/p" target=_top>weg</a>
<iframe srcdoc="<script>parent.ran = 7</script>"></iframe><a href="javascript:window.ran=8" id=js>js</a></body></html>"""


@pytest.fixture(scope="session")
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """A port that must never be asked, and what it was asked."""
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            heard.append(b"connected")
            connection.close()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", heard
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(5)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, listener: tuple[str, list[bytes]]) -> Iterator[Site]:
    """The archive, served by a real server in a thread."""
    written = WrittenArchive(create(tmp_path_factory.mktemp("web") / "data"))
    captures = _fill(written, listener[0])
    listening = socket.create_server(("127.0.0.1", 0))
    app = web_app(written.layout, handed(written.layout, None))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", written, app, captures)
    server.should_exit = True
    thread.join(20)
    app.state.shared.close()


def _fill(written: WrittenArchive, listener: str) -> dict[str, str]:
    day = {"published_on": "2023-04-16", "published_text": "2023-04-16"}
    stated: dict[str, Any] = {
        "format": "docx", "format_text": "DOCX", "pages": 22, "pages_text": "22页", "size_bytes": 33526,
        "size_text": "32.74KB", "tags": ("计生", "长效"), "other_labels": {"作者": ("李明",)},
        "provenance": {"pages": "label:页数", "title": "heading"}, **day,
    }  # fmt: skip
    captures = {}
    bodies = {
        "gbk": (PAGE.encode("gbk"), b"text/html"),
        "hostile": (hostile_page(listener).encode(), b"text/html; charset=utf-8"),
        "plain": (b"<script>window.ran = 9</script>", b"text/plain"),
        "bytes": (b"\x00\x01PK", b"application/zip"),
    }
    places = {}
    writer = WarcWriter(written.layout, "huiwen", "r1", 1, ManualClock(hour(1)), info={})
    for name, (body, content_type) in bodies.items():
        stored = writer.write_exchange(_exchange(f"https://docs.example/{name}", body, content_type, hour(1)))
        captures[name] = stored.capture
        places[stored.capture] = {
            "warc_file": stored.file, "warc_offset": stored.offset, "warc_length": stored.length
        }  # fmt: skip
    writer.close()
    first = [
        record("gbk", "2023年市计生长效工作汇报", at=hour(1), preview_text=TEXT, capture=captures["gbk"], **stated),
        record(
            "hostile",
            "<script>alert(1)</script>计生",
            at=hour(1),
            capture=captures["hostile"],
            preview_text="<b>粗</b>",
        ),
        record("plain", "计生草案", at=hour(1), capture=captures["plain"], preview_text="别的正文"),
        record("bytes", "压缩文件", at=hour(1), capture=captures["bytes"]),
        *(record(f"m{n}", f"农田水利第{n}号", at=hour(1), preview_text=f"水利 {n} " * 50) for n in range(25)),
    ]
    _publish(written, "r1", first, places, hour(1))
    elsewhere = record("77", "同一份汇报", site="register", at=hour(2), preview_text=CHANGED)
    _publish(written, "r2", [record("gbk", "2023年市计生长效工作汇报", at=hour(2), preview_text=CHANGED,
                                    capture=captures["gbk"], **stated), elsewhere], places, hour(2))  # fmt: skip
    copies = [
        record("c1", "长效机制总结", at=hour(2), preview_text=COPY),
        record("c2", "最新长效机制总结", site="register", at=hour(2), preview_text=MANGLED_COPY),
        record("c3", "长效机制总结(模板)", site="register", at=hour(2), preview_text=COPY[:60]),
        record("c4", "别的", at=hour(2), preview_text="开头。" + COPY * 3),
    ]
    _publish(written, "r2b", copies, {}, hour(2))
    works = [
        {"site": "register", "doc_id": doc_id, "work_id": "huiwen/c1", "previous_work_id": f"register/{doc_id}",
         "kind": "assigned", "pairs_version": "x", "at": "2026-03-01T02:30:00.000Z"}
        for doc_id in ("c2", "c3")
    ]  # fmt: skip
    written.rows("r2c", "works", works)
    written.event("r2c", "clustered", hour(2), counts={"documents": 2})
    written.rows("r3", "decisions", [
        {"site": "huiwen", "doc_id": "plain", "kind": "withdrawn", "at": "2026-03-01T03:00:00.000Z"}
    ])  # fmt: skip
    written.event("r3", "published", hour(3), counts={"withdrawn": 1, "new": 0})
    naughty = [record(number, text, site="naughty", at=hour(4), preview_text=text) for number, text in NAUGHTY.items()]
    _publish(written, "r4", naughty, {}, hour(4), site="naughty")
    judgement = (
        '{"judgement": [{"measure": "fill/pages", "finding": "pages was read on 2% of the documents", "cases": 1, '
        '"of": 50, "usual_cases": 49, "usual_of": 50, "chance": 1e-9, "samples": [{"url": "https://docs.example/gbk", '
        '"capture": "<urn:uuid:x>", "doc_id": "gbk", "before": "22", "now": null}]}]}'
    )
    written.event("r5", "held", hour(5), options=judgement, reason="pages was read on 2% of the documents")
    coverage = (
        '{"coverage": [{"listing": "https://docs.example/list", "advertised_total": 40, "entries": null, "seen": 40, '
        '"captured": 29, "unlisted": 0, "missing": 11, "why": [{"reason": "gone", "documents": 11, "samples": '
        '["https://docs.example/x"]}], "walk": "proven", "whole_at": null, "standing": "incomplete", "reason": "11 gone"}]}'
    )
    written.event("r6", "published", hour(6), options=coverage)
    return captures


def _exchange(url: str, body: bytes, content_type: bytes, at: datetime) -> Exchange:
    return Exchange(
        url=url, fetched_at=at, method="GET", request_lines=b"GET / HTTP/1.1\r\nHost: docs.example\r\n", request_body=b"",
        status_line=b"HTTP/1.1 200 OK", header_lines=((b"Content-Type", content_type),), body=body,
    )  # fmt: skip


def _publish(
    written: WrittenArchive, run_id: str, records: list[Any], places: dict[str, Any], at: datetime, site: str = "huiwen"
) -> None:
    from archive.record import content_digest, to_json

    written.rows(run_id, "versions", [{**to_json(r), "content_digest": content_digest(r)} for r in records])
    written.rows(run_id, "sightings", [sighting(r) for r in records])
    written.rows(run_id, "captures", [{**capture(r), **places.get(r.capture, {})} for r in records])
    counts = {"documents": len(records), "new": len(records), "requests": len(records) + 2}
    written.event(run_id, "published", at, site=site, counts=counts)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium as the machine has it; without it these tests are skipped.

    Playwright has an event loop running in this thread until it is stopped: no other module's tests could run one.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed; apt-get install chromium")
    from playwright.sync_api import sync_playwright

    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # fmt: skip
    if os.geteuid() == 0:
        quiet.append("--no-sandbox")  # Chromium's own, which does not work for root; not that of frames
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=quiet)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Any]:
    """A page of a fresh visitor, whose console must stay empty."""
    context = browser.new_context(base_url=site.url, locale="en-US", viewport={"width": 1200, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.complaints = []
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    context.close()
    assert opened.complaints == []


def kinds(site: Site) -> dict[str, str]:
    """Return an address of each kind of page."""
    from urllib.parse import urlencode

    return {
        "everything": "/",
        "search": f"/?{urlencode({'search': '计生 长效'})}",
        "narrowed": f"/?{urlencode({'search': '水利', 'site': 'huiwen', 'min_pages': ''})}",
        "nothing": f"/?{urlencode({'search': '没有这个'})}",
        "document": f"/document?{urlencode({'site': 'huiwen', 'doc_id': 'gbk', 'search': '计生'})}",
        "copies": "/document?site=huiwen&doc_id=c1",
        "side by side": "/compare?site=huiwen&doc_id=c1&with_site=register&with_doc_id=c2",
        "withdrawn": "/document?site=huiwen&doc_id=plain",
        "source": "/source?site=huiwen&doc_id=gbk",
        "captured": f"/captured?{urlencode({'capture': site.captures['gbk']})}",
        "runs": "/runs",
        "run": "/run?run_id=r1",
        "held": "/run?run_id=r5",
        "coverage": "/coverage",
        "site": "/site?site=huiwen",
        "about": "/about",
    }
