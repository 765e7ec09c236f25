"""A hundred sites at a page a second each, by one `crawl --due`: share of a core, memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from archive.layout import create
from bench.measure import cost_of

SITES = 100


def due(folder: Path, documents: int) -> Iterator[tuple[str, str, str]]:
    """Crawl 100 sites of *documents* each with the default delay: a second between requests."""
    archive = folder / "data"
    create(archive)
    sites = folder / "sites"
    sites.mkdir()
    (folder / "docarchive.toml").write_text('sites = "sites"\n', encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "bench.many_sites", str(SITES), str(documents)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        assert served.stdout is not None
        hosts = json.loads(served.stdout.readline())
        allowed = []
        for number, host in enumerate(hosts):
            text = f'start_urls = ["http://{host}/list/1.html"]\nschedule = "daily"\n'
            (sites / f"site-{number:03}.toml").write_text(text, encoding="utf-8")
            allowed += ["--allow-host", host]
        cost = cost_of(
            [
                *("env", f"DOCARCHIVE_CONFIG={folder / 'docarchive.toml'}"),
                *(sys.executable, "-m", "docarchive.cli", "crawl", "--due", "--json", "--archive", str(archive)),
                *allowed,
            ],
            log=folder / "due.log",
        )
        assert served.stdin is not None
        served.stdin.close()
    runs = [json.loads(line) for line in (folder / "due.log").read_text("utf-8").splitlines() if line.startswith("{")]
    requests = sum(run.get("requests", 0) for run in runs)
    whole = sum(run.get("event") == "published" and run["new"] == documents for run in runs)
    note = "" if cost.exit_code == 0 else f" (exit {cost.exit_code})"
    page_ms = cost.cpu_seconds / max(1, requests) * 1000
    shared_once = cost.peak_proportional_megabytes
    share = cost.cpu_seconds / cost.wall_seconds
    yield f"crawl --due of {SITES} sites: whole and published{note}", f"{whole}", f"{SITES}"
    yield "crawl --due: pages a second in all", f"{requests / cost.wall_seconds:.0f}", ""
    yield "crawl --due: share of a core, start and publishing included", f"{share:.2f}", "0.5"
    yield "crawl --due: CPU ms a page (5 at 100 pages a second are half a core)", f"{page_ms:.2f}", "5.0"
    yield "crawl --due: peak memory of all its processes, MB", f"{cost.peak_megabytes:.0f}", "400"
    yield "crawl --due: the same, what processes share counted once, MB", f"{shared_once:.0f}", "400"
