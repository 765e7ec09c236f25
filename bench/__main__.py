"""Measure docarchive and print one table.

usage: python -m bench [crawl|runs|verbs|kill|year|freshness|all] [--documents N] [--runs N] [--times N] [--days N]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.freshness import freshness
from bench.measure import cost_of
from bench.runs import growth
from bench.verbs import wrong_exit_codes
from bench.year import year
from simulator import SimulatorOptions, running

Row = tuple[str, str, str]


def crawl(folder: Path, documents: int) -> Iterator[Row]:
    """One simulated site crawled by docarchive and by a plain Scrapy project; the site's own CPU is not counted."""
    options = SimulatorOptions(documents=documents, lost_documents=False)
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


def runs(folder: Path, number: int) -> Iterator[Row]:
    """Appends to an archive of many runs."""
    first, last = growth(folder, number)
    yield f"publish of a small run, first 50 of {number:,}: CPU ms", f"{first:.0f}", ""
    yield f"publish of a small run, last 50 of {number:,}: CPU ms", f"{last:.0f}", f"ratio {last / first:.2f}, bar 2.0"


def verbs(folder: Path, number: int) -> Iterator[Row]:
    """Exit codes of every verb."""
    wrong = wrong_exit_codes(folder, number)
    named = ", ".join(f"{what} {times}" for what, times in wrong.items() if times)
    yield f"{len(wrong)} commands, {number} times each: wrong exit codes", named or "0", "0"


def kill(folder: Path, number: int) -> Iterator[Row]:
    """The long forms of the crash tests."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-m",
            "long",
            "tests/crash",
            "tests/publishing",
            "-p",
            "no:cacheprovider",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    last = (done.stdout.strip().splitlines() or ["nothing ran"])[-1]
    yield "killed at every step and at random instants", last, "0 lost, 0 doubled"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "what", nargs="?", default="all", choices=("crawl", "runs", "verbs", "kill", "year", "freshness", "all")
    )
    parser.add_argument("--documents", type=int, default=None)
    parser.add_argument("--runs", type=int, default=3_000)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--days", type=int, default=60, help="of the simulated year")
    arguments = parser.parse_args()
    parts = {
        "crawl": (crawl, arguments.documents or 10_000),
        "runs": (runs, arguments.runs),
        "verbs": (verbs, arguments.times),
        "kill": (kill, 0),
        "freshness": (freshness, arguments.documents or 1_000),
        "year": (lambda folder, number: year(folder, number, arguments.days), arguments.documents or 600),
    }
    print(f"{'what':<66} {'measured':>14}  bar")
    for name, (measure, number) in parts.items():
        if arguments.what in (name, "all"):
            with tempfile.TemporaryDirectory(prefix="docarchive-bench-") as folder:
                for what, measured, bar in measure(Path(folder), number):
                    print(f"{what:<66} {measured:>14}  {bar}", flush=True)


if __name__ == "__main__":
    main()
