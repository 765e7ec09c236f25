"""What a crawl costs beside a plain Scrapy project."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.measure import cost_of
from bench.sizes import Row, Sizes
from simulator import SimulatorOptions, running


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """One simulated site crawled by docarchive and by a plain Scrapy project; the site's own CPU is not counted."""
    options = SimulatorOptions(documents=sizes.documents or 10_000, lost_documents=False)
    with running(options) as site:
        start = site.start_urls[0]
        ours = cost_of(
            [
                *(sys.executable, "-m", "docarchive.cli", "crawl", start, "--archive", str(folder / "data")),
                *("--allow-host", site.host, "--delay", "0", "--concurrency", "16"),
            ],
            log=folder / "ours.log",
        )
        pages = len(site.requests())
        theirs = cost_of(
            [sys.executable, "-m", "bench.scrapy_startproject", start, str(folder / "peer.jsonl")],
            log=folder / "peer.log",
        )
        their_pages = len(site.requests()) - pages
    for name, cost, count in (("docarchive crawl", ours, pages), ("scrapy startproject", theirs, their_pages)):
        note = "" if cost.exit_code == 0 else f" (exit {cost.exit_code})"
        bar = "3.0 with WARC, state, all fields" if cost is ours else "peer: no WARC, no state"
        yield f"{name}: CPU ms a page, {count:,} pages{note}", f"{cost.cpu_seconds / max(1, count) * 1000:.2f}", bar
        yield f"{name}: peak memory, MB", f"{cost.peak_megabytes:.0f}", "350 with publishing" if cost is ours else ""
