"""The durable queue: each URL once a run, nothing lost at a death, memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.site_state.state import State
from crawler.fetching.frontier import BUFFER_URLS, INTERRUPTIONS, Entry, Frontier, Link, LinkKind, Status


def link(name: str, kind: LinkKind = LinkKind.DOCUMENT) -> Link:
    return Link(f"https://docs.example/{name}", f"https://docs.example/{name}", kind)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return create(tmp_path / "data")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
def frontier(layout: Layout, clock: ManualClock) -> Iterator[Frontier]:
    opened = open_frontier(layout, clock)
    yield opened
    opened.state.abandon()


def open_frontier(layout: Layout, clock: ManualClock, run_no: int = 1, **options: bool) -> Frontier:
    state = State(layout, "s", clock)
    state.acquire()
    frontier = Frontier(state, clock, **options)
    with state.transaction():
        frontier.open_run(run_no)
    return frontier


def add(frontier: Frontier, *links: Link) -> list[bool]:
    frontier.state.begin_group()
    return [frontier.add(each) for each in links]


def drain(frontier: Frontier) -> list[str]:
    names = []
    while (entry := frontier.next()) is not None:
        names.append(entry.url.rsplit("/", 1)[1])
        frontier.settle(entry, Status.DONE)
    frontier.state.commit_group()
    return names


def test_a_page_is_handed_out_once_a_run(frontier: Frontier) -> None:
    assert add(frontier, link("a"), link("b"), link("a")) == [True, True, False]
    assert drain(frontier) == ["a", "b"]
    assert add(frontier, link("a")) == [False]
    assert frontier.next() is None
    assert frontier.waiting == 0


def test_the_seen_set_outlives_the_memory_of_recent_urls(frontier: Frontier) -> None:
    add(frontier, link("a"))
    frontier._recent.clear()
    assert add(frontier, link("a")) == [False]


def test_listings_come_before_documents_and_the_start_before_all(frontier: Frontier) -> None:
    add(frontier, link("doc"), link("list", LinkKind.LISTING), link("start", LinkKind.START))
    assert drain(frontier) == ["start", "list", "doc"]


def test_with_a_limit_documents_come_first(layout: Layout, clock: ManualClock) -> None:
    frontier = open_frontier(layout, clock, documents_first=True)
    add(frontier, link("list", LinkKind.LISTING), link("doc"))
    assert drain(frontier) == ["doc", "list"]
    frontier.state.abandon()


def test_a_new_run_fetches_known_pages_again(frontier: Frontier) -> None:
    add(frontier, link("a"))
    drain(frontier)
    frontier._recent.clear()
    with frontier.state.transaction():
        frontier.open_run(2)
    assert add(frontier, link("a")) == [True]
    assert drain(frontier) == ["a"]


def test_what_is_in_flight_at_a_death_waits_again(layout: Layout, clock: ManualClock) -> None:
    before = open_frontier(layout, clock)
    add(before, link("a"), link("b"), link("c"))
    assert before.next() is not None
    before.state.commit_group()
    in_flight_uncommitted = before.next()
    assert in_flight_uncommitted is not None
    before.state.abandon()
    after = open_frontier(layout, clock)
    assert sorted(drain(after)) == ["a", "b", "c"]
    after.state.abandon()


def test_a_url_in_flight_at_several_deaths_is_given_up(layout: Layout, clock: ManualClock) -> None:
    frontier = open_frontier(layout, clock)
    add(frontier, link("poison"))
    for _ in range(INTERRUPTIONS):
        entry = frontier.next()
        assert entry is not None
        if entry.interrupted:
            frontier.suspect(entry)
        frontier.state.commit_group()
        frontier.state.abandon()
        frontier = open_frontier(layout, clock)
    assert frontier.next() is None
    assert frontier.failed() == [("https://docs.example/poison", "under way at several crashes")]
    frontier.state.abandon()


def test_a_url_that_only_waited_for_its_turn_is_not_given_up(layout: Layout, clock: ManualClock) -> None:
    frontier = open_frontier(layout, clock)
    add(frontier, link("patient"))
    for _ in range(INTERRUPTIONS + 3):
        assert frontier.next() is not None
        frontier.state.commit_group()
        frontier.state.abandon()
        frontier = open_frontier(layout, clock)
    assert drain(frontier) == ["patient"]
    frontier.state.abandon()


def test_a_clock_set_back_makes_no_url_wait_for_years(layout: Layout, clock: ManualClock) -> None:
    frontier = open_frontier(layout, clock)
    add(frontier, link("a"))
    entry = frontier.next()
    assert entry is not None
    clock.advance(10 * 365 * 86400)
    frontier.postpone(entry, 60, "http_503")
    frontier.state.commit_group()
    frontier.state.abandon()
    back = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    frontier = open_frontier(layout, back)
    back.advance(3601)
    assert drain(frontier) == ["a"]
    frontier.state.abandon()


def test_an_orderly_stop_is_no_death(layout: Layout, clock: ManualClock) -> None:
    frontier = open_frontier(layout, clock)
    add(frontier, link("a"))
    for _ in range(INTERRUPTIONS + 2):
        assert frontier.next() is not None
        with frontier.state.transaction():
            frontier.stop_run()
        frontier.state.close()
        frontier = open_frontier(layout, clock)
    assert drain(frontier) == ["a"]
    frontier.state.abandon()


def test_a_postponed_url_waits_its_time(frontier: Frontier, clock: ManualClock) -> None:
    add(frontier, link("a"))
    entry = frontier.next()
    assert entry is not None
    frontier.postpone(entry, 60, "http_503")
    frontier.state.commit_group()
    assert frontier.next() is None
    assert frontier.waiting == 1
    clock.advance(61)
    again = frontier.next()
    assert isinstance(again, Entry)
    assert again.tries == 1


def test_pages_put_back_wait_again(frontier: Frontier) -> None:
    add(frontier, link("a"), link("b"))
    entry = frontier.next()
    assert entry is not None
    frontier.settle(entry, Status.DONE)
    with frontier.state.transaction():
        frontier.put_back([entry.id])
    assert frontier.waiting == 2
    assert sorted(drain(frontier)) == ["a", "b"]


def test_memory_holds_a_buffer_not_the_queue(frontier: Frontier) -> None:
    add(frontier, *(link(str(n)) for n in range(5 * BUFFER_URLS)))
    assert frontier.next() is not None
    assert len(frontier._buffer) < BUFFER_URLS
    assert len(set(drain(frontier))) == 5 * BUFFER_URLS - 1


def test_documents_may_be_kept_back(frontier: Frontier) -> None:
    add(frontier, link("doc"))
    assert frontier.next(documents=False) is None
    assert frontier.next() is not None
