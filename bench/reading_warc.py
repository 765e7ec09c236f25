"""How many archived pages a core reads in a second: what `read` and `import` do with a WARC file."""

from __future__ import annotations

import contextlib
import gzip
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.warc.record import Exchange
from archive.warc.wacz import records_of
from archive.warc.writing import WarcWriter
from bench.document_pages import MadePage, document_pages
from bench.measure import cost_of
from bench.reading import CONTENT_TYPE, FETCHED_AT, shown
from crawler.import_captures import import_captures
from crawler.profile import find_profiles
from crawler.reading import read_page
from docarchive.cli.reading import read

BAR = "550; goal 1,000"
ROUNDS = 3
"""Files that are read, each of other pages."""


def reading_warc(folder: Path, pages: int) -> Iterator[tuple[str, str, str]]:
    """Rows of the table, of *pages* pages that lie gzip-coded in WARC files, as a crawl keeps them."""
    size = max(1, pages // ROUNDS)
    made = list(document_pages(size * ROUNDS, seed=3))
    costs: dict[str, list[float]] = {"read_page": [], "bodies": [], "read": [], "import": []}
    warc = folder
    for number in range(ROUNDS):
        batch = made[number * size : (number + 1) * size]
        warc = _written(folder / f"crawled-{number}", batch)
        layout = create(folder / f"imported-{number}")
        for name, run in (
            ("read_page", partial(_read_pages, batch)),
            ("bodies", partial(_read_bodies, warc)),
            ("read", partial(_read, warc)),
            ("import", partial(_import, layout, warc)),
        ):
            costs[name].append(cpu_seconds(run) / size * 1000)
    yield f"read FILE.warc.gz, {len(made):,} pages: pages/s a core", pages_a_second(costs["read"]), BAR
    yield "  of it read_page: CPU ms a page", shown(costs["read_page"]), "1.5; goal 0.8"
    yield "  of it records and gunzip: CPU ms a page", shown(costs["bodies"]), "the rest makes JSON"
    yield "import FILE.warc.gz: pages/s a core", pages_a_second(costs["import"]), "stores and publishes them too"
    command = [sys.executable, "-m", "docarchive", "read", str(warc)]
    whole = cost_of(command, log=folder / "read.jsonl")
    documents = (folder / "read.jsonl").read_bytes().count(b'"page_type":"document"')
    note = "" if whole.exit_code == 0 and documents == size else f" (exit {whole.exit_code}, {documents:,} right)"
    yield f"docarchive read, the whole process, {size:,} pages: CPU s{note}", f"{whole.cpu_seconds:.2f}", "with start"
    yield "docarchive read, the whole process: peak memory, MB", f"{whole.peak_megabytes:.0f}", ""


def _read_pages(pages: Iterable[MadePage]) -> None:
    for page in pages:
        read_page(page.body, url=page.url, fetched_at=FETCHED_AT, content_type=CONTENT_TYPE)


def _read_bodies(warc: Path) -> None:
    for record in records_of(warc):
        record.body()


def _read(warc: Path) -> None:
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        read([str(warc)])


def _import(layout: Layout, warc: Path) -> None:
    import_captures(layout, warc, ManualClock(FETCHED_AT), new_run_id=lambda: "run-1", profiles=find_profiles())


def pages_a_second(costs: Sequence[float]) -> str:
    """Return pages a second of the median and the best of some costs in ms a page.

    >>> pages_a_second([2.0, 4.0, 1.0])
    '500 (1000)'
    """
    return f"{1000 / statistics.median(costs):.0f} ({1000 / min(costs):.0f})"


def cpu_seconds(run: Callable[[], None]) -> float:
    """Return the CPU time that *run* takes, of all its threads."""
    began = time.process_time()
    run()
    return time.process_time() - began


def _written(folder: Path, pages: Iterable[MadePage]) -> Path:
    """Write *pages* as a crawl would and return the file."""
    layout = create(folder)
    info = {"description": "pages of bench/document_pages.py"}
    writer = WarcWriter(layout, "docs", "run-1", 1, ManualClock(FETCHED_AT), info=info)
    file = ""
    for page in pages:
        file = writer.write_exchange(_exchange(page)).file
    writer.close()
    return layout.root / file


def _exchange(page: MadePage) -> Exchange:
    host, _, path = page.url.removeprefix("https://").partition("/")
    body = gzip.compress(page.body, 6, mtime=0)
    lines: Sequence[tuple[bytes, bytes]] = (
        (b"Date", b"Sun, 01 Nov 2026 00:00:00 GMT"),
        (b"Server", b"nginx"),
        (b"Content-Type", CONTENT_TYPE.encode()),
        (b"Content-Encoding", b"gzip"),
        (b"Content-Length", b"%d" % len(body)),
        (b"Vary", b"Accept-Encoding"),
    )
    return Exchange(
        url=page.url,
        fetched_at=FETCHED_AT,
        method="GET",
        request_lines=f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n".encode(),
        request_body=b"",
        status_line=b"HTTP/1.1 200 OK",
        header_lines=tuple(lines),
        body=body,
        ip_address="192.0.2.7",
    )
