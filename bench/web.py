"""What each kind of page costs on the server."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from archive.archive import Archive
from archive.layout import Layout
from archive.text_index import catch_up
from archive.web.app import web_app
from bench.sizes import Row
from bench.web_archive import SITE, make_archive, some_documents
from docarchive.showing import handed

BAR = "200 ms at 200,000"
FIRST = "told, no bar"


def web_costs(folder: Path, records: int, times: int) -> Iterator[Row]:
    """Ask each kind of page *times* times of an archive of *records*, without a network between."""
    layout, _ = make_archive(folder, records)
    catch_up(layout)  # as behind each publish
    app = web_app(layout, handed(layout, None))
    began = time.perf_counter()
    _asked(app, "/about")
    yield f"web page: open {records:,} records, first page", f"{(time.perf_counter() - began) * 1000:.0f} ms", FIRST
    for name, addresses in _pages(layout).items():
        first = _asked(app, addresses[0])
        walls, cpus = zip(*(_asked(app, addresses[number % len(addresses)]) for number in range(times)), strict=True)
        wall, cpu = statistics.median(walls), statistics.median(cpus)
        yield f"web page: {name}, {records:,} records", f"{wall:.0f} ms", f"{BAR}; CPU {cpu:.0f}, first {first[0]:.0f}"


def _pages(layout: Layout) -> dict[str, list[str]]:
    documents = list(some_documents(layout, 5))
    with Archive.open(layout.root) as opened:
        crawled = next(iter(opened.records(site="huiwen", limit=1)))
        titles = [row["title"] for row in opened.records(site=f"{SITE}1", limit=5)]
        run_id = opened.runs().to_list()[-1]["run_id"]
    crawled_key = {"site": crawled["site"], "doc_id": crawled["doc_id"]}
    capture = urlencode({"capture": crawled["capture"]})
    return {
        "everything, last fetched": ["/"],
        "search, two characters": [f"/?{urlencode({'search': title[:2]})}" for title in titles],
        "search, two words": [f"/?{urlencode({'search': f'{title[:2]} {title[2:4]}'})}" for title in titles],
        "one site, newest": [f"/?site={SITE}1&sort=published"],
        "document": [f"/document?{urlencode({'site': s, 'doc_id': d})}" for s, d in documents],
        "where values were read": [f"/source?{urlencode(crawled_key)}"],
        "captured page": [f"/captured?{capture}"],
        "captured bytes": [f"/captured/bytes?{capture}"],
        "runs": ["/runs"],
        "run": [f"/run?run_id={run_id}"],
        "coverage": ["/coverage"],
        "site": [f"/site?site={SITE}1"],
        "about": ["/about"],
        "api: document": [f"/api/document?{urlencode({'site': s, 'doc_id': d})}" for s, d in documents],
    }


def _asked(app: Any, address: str) -> tuple[float, float]:
    """Return how long the answer took, and its CPU time, in milliseconds."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1")], "scheme": "http", "server": ("127.0.0.1", 80), "http_version": "1.1",
    }  # fmt: skip
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    cpu, wall = time.process_time(), time.perf_counter()
    asyncio.run(app(scope, receive, send))
    cost = ((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)
    assert statuses == [200], f"{address} is answered with {statuses}"
    return cost
