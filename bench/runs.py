"""Many small published runs: what the last append costs against the first."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.clock import ManualClock
from archive.layout import create
from archive.publish import Publisher
from archive.record import DocumentRecord
from archive.staging import FETCHED, Staging
from archive.state import State

SAMPLE = 50


def growth(folder: Path, runs: int) -> tuple[float, float]:
    """Publish *runs* runs of one changed document each; return CPU ms of the first and of the last 50 (medians)."""
    layout = create(folder / "data")
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    state = State(layout, "s", clock)
    state.acquire()
    staging = Staging(state)
    publisher = Publisher(layout, state, staging, clock)
    costs = []
    for number in range(runs):
        clock.advance(timedelta(hours=1).total_seconds())
        run_id = f"run-{number:06d}"
        began = time.process_time()
        with state.transaction():
            staging.start_run(run_id, started_at=clock.now(), reader="general/1", options={})
            url = "https://docs.example/doc/1.html"
            record = DocumentRecord(
                site="s",
                doc_id="1",
                url=url,
                canonical_url=url,
                title=f"title {number}",
                fetched_at=clock.now(),
                reader="general/1",
                run_id=run_id,
            )
            staging.stage(run_id, None, record)
            staging.set_status(run_id, FETCHED, finished_at=clock.now())
        publisher.publish(run_id)
        costs.append((time.process_time() - began) * 1000)
    state.close()
    return statistics.median(costs[:SAMPLE]), statistics.median(costs[-SAMPLE:])
