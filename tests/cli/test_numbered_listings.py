"""Registers whose listing is asked for by number: a form, a body in JSON, a parameter; no link leads onwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastwarc import ArchiveIterator, WarcRecordType

from tests.cli.conftest import Run

DOCUMENTS = 23
"""The last page is not full: that it is the last, the empty one behind it tells."""
PAGE_SIZE = 5
TEXT = "本办法自印发之日起施行,各有关单位应当结合实际认真贯彻落实。" * 8


class Register(ThreadingHTTPServer):
    """Lists its documents by number alone, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.asked: list[tuple[str, str, str]] = []
        self.says_total = True

    def listing(self, number: int) -> list[int]:
        return list(range(1000, 1000 + DOCUMENTS))[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]


class _Handler(BaseHTTPRequestHandler):
    server: Register

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, self.headers["Content-Type"], body))
        if self.path == "/api/search":
            number = json.loads(body)["paging"]["pageNo"]
            rows = [{"docId": n, "title": f"第{n}号文件"} for n in self.server.listing(number)]
            total = {"total": DOCUMENTS} if self.server.says_total else {}
            self._answer(json.dumps({"code": 0, "data": {**total, "rows": rows}}), "application/json")
        else:
            self._answer(_page(self.server.listing(int(parse_qs(body)["pageNo"][0]))))

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.server.asked.append((self.path, "", ""))
        if url.path == "/list":
            self._answer(_page(self.server.listing(int(parse_qs(url.query)["start"][0]) // PAGE_SIZE + 1)))
        elif url.path == "/detail":
            facts = "<p>大小:32.5KB</p><p>页数:12</p><p>格式:pdf</p><p>发布时间:2020-01-02</p>"
            self._answer(f"<h1>第{parse_qs(url.query)['id'][0]}号文件</h1>{facts}<div><p>{TEXT}</p></div>")
        else:
            self.send_error(404)

    def _answer(self, text: str, content_type: str = "text/html; charset=utf-8") -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _page(numbers: list[int]) -> str:
    items = "".join(f"<li><a href='/detail?id={n}'>关于第{n}号文件的通知</a> 2020-01-02</li>" for n in numbers)
    return f"<title>文件列表</title><h1>文件列表</h1><ul>{items}</ul>"


@pytest.fixture
def register() -> Iterator[Register]:
    site = Register()
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()


def crawl(start: Run, site: Register, folder: Path, profile: str) -> int:
    """Crawl the register by *profile*; return how many documents the archive has then."""
    (folder / "sites").mkdir(exist_ok=True)
    (folder / "sites" / "register.toml").write_text(profile.replace("HOST", site.host), encoding="utf-8")
    (folder / "docarchive.toml").write_text('archive = "data"\nsites = "sites"\n', encoding="utf-8")
    if not (folder / "data").exists():
        start("init", "data")
    result = start("crawl", "register", "--allow-host", site.host, "--delay", "0")
    assert result.code == 0, result.err
    return len(start("records", "--json", "--limit", "0").out.splitlines())


JSON_PROFILE = """
item_url = "http://HOST/detail?id={docId}"
[listing]
url = "http://HOST/api/search"
json = { kind = "all", paging = { pageNo = "{page}", pageSize = 5 } }
"""


def test_a_body_in_json(start: Run, register: Register, tmp_path: Path) -> None:
    assert crawl(start, register, tmp_path, JSON_PROFILE) == DOCUMENTS
    bodies = [json.loads(body) for path, _, body in register.asked if path == "/api/search"]
    assert [body["paging"]["pageNo"] for body in bodies] == [1, 2, 3, 4, 5, 6]  # the fifth is not full
    assert bodies[0] == {"kind": "all", "paging": {"pageNo": 1, "pageSize": 5}}
    assert start("verify").code == 0
    # Each request is archived with the body that was sent.
    sent = []
    for warc in (tmp_path / "data").rglob("*.warc.gz"):
        with warc.open("rb") as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.request, parse_http=True):
                if record.headers["WARC-Target-URI"].endswith("/api/search"):
                    sent.append(json.loads(record.reader.read()))
    assert sent == bodies


def test_a_second_run_asks_for_the_listing_again(start: Run, register: Register, tmp_path: Path) -> None:
    crawl(start, register, tmp_path, JSON_PROFILE)
    register.asked.clear()
    assert crawl(start, register, tmp_path, JSON_PROFILE) == DOCUMENTS
    assert sum(path == "/api/search" for path, _, _ in register.asked) == 6


def test_without_a_total_an_empty_page_is_the_end(start: Run, register: Register, tmp_path: Path) -> None:
    register.says_total = False
    assert crawl(start, register, tmp_path, JSON_PROFILE) == DOCUMENTS
    assert sum(path == "/api/search" for path, _, _ in register.asked) == 6


def test_a_form(start: Run, register: Register, tmp_path: Path) -> None:
    profile = '[listing]\nurl = "http://HOST/search.do"\nform = { word = "通知", pageNo = "{page}" }\n'
    assert crawl(start, register, tmp_path, profile) == DOCUMENTS
    forms = [(kind, parse_qs(body)) for path, kind, body in register.asked if path == "/search.do"]
    assert forms[1] == ("application/x-www-form-urlencoded", {"word": ["通知"], "pageNo": ["2"]})


def test_a_parameter_that_counts_documents(start: Run, register: Register, tmp_path: Path) -> None:
    profile = '[listing]\nurl = "http://HOST/list"\npage_parameter = "start"\nfirst_page = 0\npage_step = 5\n'
    assert crawl(start, register, tmp_path, profile) == DOCUMENTS
    assert [path for path, _, _ in register.asked if path.startswith("/list")][:2] == ["/list?start=0", "/list?start=5"]


@pytest.mark.parametrize(
    ("listing", "advice"),
    [
        ('url = "http://HOST/list"', "page_parameter"),
        ('url = "/list?p={page}"', "whole URL"),
        ('url = "http://HOST/l?p={page}"\nmethod = "PUT"', '"GET" or "POST"'),
        ('url = "http://HOST/l"\nform = { p = "{page}" }\nmethod = "GET"', "goes with POST"),
        ('url = "http://HOST/l"\nform = { p = "{page}" }\njson = { p = 1 }', "either form or json"),
        ('url = "http://HOST/l?p={page}"\npages = 3', "page_parameter"),
    ],
)
def test_a_mistake_in_the_profile_is_named(
    start: Run, register: Register, tmp_path: Path, listing: str, advice: str
) -> None:
    path = tmp_path / "register.toml"
    path.write_text(f"[listing]\n{listing}\n".replace("HOST", register.host), encoding="utf-8")
    result = start("sites", "check", str(path))
    assert result.code == 2
    assert advice in result.err


def test_a_full_last_page_ends_where_the_site_says_how_many_there_are(
    start: Run, register: Register, tmp_path: Path
) -> None:
    register.listing = lambda number: list(range(1000, 1023))[(number - 1) * 23 : number * 23]  # type: ignore[method-assign]
    assert crawl(start, register, tmp_path, JSON_PROFILE) == DOCUMENTS
    assert sum(path == "/api/search" for path, _, _ in register.asked) == 1
