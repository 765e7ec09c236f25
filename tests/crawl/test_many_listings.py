"""A tree of thousands of categories: what a page costs, and who gets a share of the budget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.clock import ManualClock
from archive.layout import create
from archive.site_state.state import State
from crawler.listings.memory import ListingMemory
from crawler.listings.walk_memory import Purpose, WalkOutcome
from crawler.revisits.revisit import Kind, Revisits, Sweepable, floors_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(create(tmp_path / "data"), "s", ManualClock(NOW))
    opened.acquire()
    yield opened
    opened.abandon()


def test_what_is_asked_after_each_page_reads_no_walks_of_earlier_runs(state: State) -> None:
    memory = ListingMemory(state)
    with state.transaction():
        for run_no in (1, 2):
            memory.walks.begin(run_no, 7, Purpose.HEAD, 1)
            memory.walks.begin(run_no, 9, Purpose.HEAD, 1)
        memory.walks.end(1, 7, Purpose.HEAD, WalkOutcome.PROVEN, None)
        memory.walks.end(1, 9, Purpose.HEAD, WalkOutcome.BROKEN, "http_500")
    asked: list[str] = []
    state.db.set_trace_callback(asked.append)
    assert (memory.walks.are_open(1), memory.walks.are_open(2)) == (False, True)
    walk = memory.walks.find(1, 9, Purpose.HEAD)
    assert walk is not None
    assert (walk.outcome, walk.reason) == (WalkOutcome.BROKEN, "http_500")
    assert memory.walks.find(1, 9, Purpose.SWEEP) is None
    state.db.set_trace_callback(None)
    plans = [state.db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall() for query in asked]
    assert all(row[3].startswith("SEARCH") for plan in plans for row in plan)


def test_no_listing_waits_for_ever_for_its_sweep_and_no_document_for_the_listings(state: State) -> None:
    """Five thousand listings of 40 documents, and a budget of 1,000 requests a day."""
    ListingMemory(state)
    revisits = Revisits(state)
    days_ago = dict.fromkeys(range(5_000), 1.0)
    with state.transaction():
        for url_id in range(10_000, 12_000):
            revisits.watch(url_id, Kind.DOCUMENT, NOW.timestamp() - 30 * 86_400)
        visited: set[int] = set()
        for _ in range(10):
            sweeps = {listing: [Sweepable(listing, days, 20, 0.001)] for listing, days in days_ago.items()}
            plan = revisits.plan(NOW.timestamp(), 1_000, sweeps, floors_of(sweeps, 9, 500))
            visited.update(plan.documents)
            days_ago = {one: 1.0 if plan.pages.get(one) else days + 1 for one, days in days_ago.items()}
    assert max(days_ago.values()) <= 10
    assert visited
