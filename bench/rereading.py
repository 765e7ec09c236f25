"""How many archived pages a core reads again in a second: what `reread` does, whole and in its parts."""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.publishing.reread_plan import Extent, Readings
from archive.warc.reading import read_bodies
from archive.warc.record import Exchange
from archive.warc.writing import WarcWriter
from bench.document_pages import MadePage, document_pages
from bench.measure import cost_of
from bench.sizes import Row
from crawler.collector import quiet_collector
from crawler.import_captures import import_captures
from crawler.reading import read_page
from crawler.reading.page import Page
from crawler.rereading.reread import RereadRequest, reread

BAR = "550; goal 1,000"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SITE = "docs0.example"
CONTENT_TYPE = "text/html; charset=utf-8"


def rereading(folder: Path, pages: int) -> Iterator[Row]:
    """Rows of the table: an archive of *pages* made pages, read again by the same reader and by one that differs."""
    made = list(document_pages(pages, seed=5))
    layout = _archived(folder, made)
    with quiet_collector():
        alone = _seconds(lambda: _read(made))
        _reread(layout, remembering_reader, "general/same", apply=False)
        beside = _seconds(lambda: _reread(layout, remembering_reader, "general/same", apply=False))
        bodies = _seconds(lambda: _read_bodies(layout))
        same = _seconds(lambda: _reread(layout, read_page, "general/same", apply=False))
        differs = _seconds(lambda: _reread(layout, sharp_reader, "general/sharp", apply=False))
        applied = _seconds(lambda: _reread(layout, sharp_reader, "general/sharp", apply=True))
    yield f"reread, {pages:,} pages of 36 KB that are read as before: pages/s a core", _speed(pages, same), BAR
    yield "reread, every page read otherwise: pages/s a core", _speed(pages, differs), "told field by field"
    yield "reread --apply, every page read otherwise: pages/s a core", _speed(pages, applied), "staged and published"
    yield "  of it read_page alone: CPU ms a page", f"{alone / pages * 1000:.2f}", "1.5; goal 0.8"
    yield "  of it records and gunzip: CPU ms a page", f"{bodies / pages * 1000:.2f}", ""
    yield "  of it all but read_page: CPU ms a page", f"{beside / pages * 1000:.2f}", "0.2 leaves 1,000 at 0.8"
    command = [sys.executable, "-m", "docarchive.cli", "reread", "--archive", str(layout.root)]
    for name, more in (("one process a core", []), ("one process", ["--processes", "1"])):
        cost = cost_of([*command, *more], log=folder / "reread.log")
        note = "" if cost.exit_code == 0 else f" (exit {cost.exit_code})"
        yield f"docarchive reread, {name}{note}: pages/s of CPU, all processes", _speed(pages, cost.cpu_seconds), BAR
        yield f"docarchive reread, {name}: wall s", f"{cost.wall_seconds:.1f}", "with start"
        yield f"docarchive reread, {name}: peak memory, MB", f"{cost.peak_megabytes:.0f}", "350"


def sharp_reader(body: bytes, **page: Any) -> Page:
    """Reads every title otherwise."""
    read = read_page(body, **page)
    if read.record is None:
        return read
    return replace(read, record=replace(read.record, title=f"{read.record.title} *", reader="general/sharp"))


_remembered: dict[str, Page] = {}


def remembering_reader(body: bytes, **page: Any) -> Page:
    """Reads a page once: the second time, all that a reread does beside reading is left."""
    url = page["url"]
    if url not in _remembered:
        _remembered[url] = read_page(body, **page)
    return _remembered[url]


def _reread(layout: Layout, read: Any, reader: str, *, apply: bool) -> None:
    request = RereadRequest(layout=layout, read=read, reader=reader, apply=apply, processes=1)
    for outcome in reread(request, ManualClock(NOW)):
        assert not outcome.damaged


def _read(pages: list[MadePage]) -> None:
    for page in pages:
        read_page(page.body, url=page.url, fetched_at=NOW, content_type=CONTENT_TYPE)


def _read_bodies(layout: Layout) -> None:
    readings = Readings(layout)
    plan = readings.plan(Extent(site=SITE, last_seq=readings.last_seq))
    captures = list(plan.after())
    for record in read_bodies(layout, captures[0].body.file, [(c.body.offset, c.body.length) for c in captures]):
        record.body()  # type: ignore[union-attr]
    plan.close()
    readings.close()


def _seconds(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _speed(pages: int, seconds: float) -> str:
    return f"{pages / seconds:.0f}"


def _archived(folder: Path, pages: list[MadePage]) -> Layout:
    """Return an archive into which *pages* were imported, gzip-coded as sites send them."""
    crawled = create(folder / "crawled")
    writer = WarcWriter(crawled, SITE, "run-1", 1, ManualClock(NOW), info={"description": "made pages"})
    file = ""
    for page in pages:
        file = writer.write_exchange(_exchange(page)).file
    writer.close()
    layout = create(folder / "data")
    import_captures(layout, crawled.root / file, ManualClock(NOW), new_run_id=lambda: "run-2", profiles={}, site=SITE)
    return layout


def _exchange(page: MadePage) -> Exchange:
    host, _, path = page.url.removeprefix("https://").partition("/")
    body = gzip.compress(page.body, 6, mtime=0)
    return Exchange(
        url=page.url,
        fetched_at=NOW,
        method="GET",
        request_lines=f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n".encode(),
        request_body=b"",
        status_line=b"HTTP/1.1 200 OK",
        header_lines=(
            (b"Server", b"nginx"),
            (b"Content-Type", CONTENT_TYPE.encode()),
            (b"Content-Encoding", b"gzip"),
            (b"Content-Length", b"%d" % len(body)),
        ),
        body=body,
        ip_address="192.0.2.7",
    )
