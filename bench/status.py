"""What `status` and the end of a run cost beside a ledger of many runs, each row in a file of its own."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from deltalake.transaction import AddAction, CommitProperties, Transaction

from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.published import ledger, tables
from archive.published.run_history import RunHistory
from archive.published.tables import OpenTables
from archive.published.views import write_views
from bench.measure import cost_of
from crawler.telling.overview import overview

SITES = 100
START = datetime(2026, 1, 1, tzinfo=UTC)


def many_runs(root: Path, runs: int, sites: int = SITES) -> Layout:
    """Make an archive whose ledger has *runs* daily runs of *sites* sites, never compacted.

    The files are those that as many publishes would have left; they are committed at once, for each commit alone would
    take longer than all that is measured.
    """
    layout = create(root)
    opened = OpenTables(layout)
    table = opened.newest("runs")
    draw = random.Random(7)
    actions, digest = [], None
    for number in range(runs):
        row = _row(number, sites, digest, draw)
        digest = row["digest"] = ledger.row_digest(row)
        path = layout.table("runs") / f"{row['run_id']}-{number + 1:08d}-runs.parquet"
        pq.write_table(tables._table("runs", [row]), path, compression="zstd")
        actions.append(AddAction(path.name, path.stat().st_size, {}, 0, True, '{"numRecords": 1}'))
    table.create_write_transaction(
        actions,
        mode="append",
        schema=tables.SCHEMAS["runs"],
        commit_properties=CommitProperties(app_transactions=[Transaction(ledger.CHAIN, runs)]),
    )
    opened.newest("runs").create_checkpoint()
    for name in tables.TABLES:
        opened.newest(name)
    write_views(layout, opened.snapshot())
    return layout


def _row(number: int, sites: int, digest: str | None, draw: random.Random) -> dict[str, Any]:
    at = START + timedelta(days=number // sites, minutes=number % sites)
    new = draw.randrange(80)
    fields = {f"filled/{name}": 140 + new for name in ("pages", "size_bytes", "tags", "format", "published_on")}
    return {
        "run_id": f"{at:%Y%m%dT%H%M%SZ}-{number:06x}",
        "run_seq": number + 1,
        "site": f"site{number % sites:03d}",
        "event": "published",
        "at": at + timedelta(minutes=9),
        "reader": "general/2",
        "started_at": at,
        "finished_at": at + timedelta(minutes=8),
        "parts": 1,
        "counts": {"documents": 150 + new, "new": new, "changed": 3, "requests": 300, "bytes_received": 1, **fields},
        "files": {},
        "options": '{"start_urls":["https://docs.example/list/1.html"]}',
        "reason": None,
        "previous_digest": digest,
    }


def status_costs(folder: Path, runs: int) -> Iterator[tuple[str, str, str]]:
    """Yield what the command takes at first, when nothing of the ledger was read before, and then every time."""
    layout = many_runs(folder / "data", runs)
    end = START + timedelta(days=-(-runs // SITES))
    command = [sys.executable, "-m", "docarchive.cli", "status", "--json", "--archive", str(layout.root)]
    for when in ("the first time", "from then on"):
        cost = cost_of(command, log=folder / "status.log")
        yield f"status, {SITES} sites, {runs:,} runs, {when}: seconds", f"{cost.wall_seconds:.2f}", ""
    clock = ManualClock(end)
    took = []
    for _ in range(5):
        began = time.process_time()
        with RunHistory(layout) as known:
            overview(layout, known, {}, clock)
        took.append((time.process_time() - began) * 1000)
    yield "what a run's end reads of it: CPU ms", f"{statistics.median(took):.0f}", ""
