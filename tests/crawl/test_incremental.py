"""Runs of a site that is known: everything new is found, nothing else is asked for than there is reason to."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.clock import ManualClock
from archive.layout import open_layout
from archive.publishing.held import accept_run
from simulator.answer import Answer
from tests.crawl.days import Days

Make = Callable[..., Days]
PAGE = 20
"""Documents on a listing page of the simulated site."""


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Days]:
    return {}


@pytest.fixture
def make(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, archives: dict[str, Days]) -> Make:
    """Return a function that opens a site, crawled on three days while documents were added; equal ones once."""

    def make(days: int = 3, **options: Any) -> Days:
        options = {"documents": 200, **options}
        name = f"{days} {options}"
        if name not in archives:
            first = archives[name] = Days(tmp_path_factory.mktemp("site") / "data", options)
            first.crawl()
            for _ in range(days - 1):
                first.wait(1)
                first.happen("added", count=4)
                first.crawl()
            assert first.missing() == set()
        kept = archives[name]
        shutil.copytree(kept.archive, tmp_path / "data")
        copy = Days(tmp_path / "data", options)
        for event in kept.happened:
            copy.site.happen(event)
            copy.happened.append(event)
        copy.clock.advance((kept.clock.now() - copy.clock.now()).total_seconds())
        return copy

    return make


@pytest.fixture
def no_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is new is looked for."""
    monkeypatch.setattr("crawler.session.CRAWL_BUDGET_BASE", 0)
    monkeypatch.setattr("crawler.session.CRAWL_DOCUMENTS_A_REQUEST", 10**9)


def next_day(days: Days, count: int = 0) -> None:
    days.wait(1)
    if count:
        days.happen("added", count=count)


def at_request(days: Days, number: int, act: Callable[[], None]) -> None:
    """Let something happen while the run makes its request of that number."""

    def before(target: str) -> Answer | None:
        if len(days.asked) == number:
            act()
        return None

    days.before = before


@pytest.mark.usefixtures("no_budget")
@pytest.mark.parametrize("count", [0, 1, 5, 30, 90])
def test_newest_first_stops_where_it_is_proven(make: Make, count: int) -> None:
    days = make()
    next_day(days, count)
    outcome = days.crawl()
    assert outcome is not None
    assert (outcome.exit_code, outcome.event, outcome.new) == (0, "published", count)
    assert days.missing() == set()
    assert len(days.listings()) <= count // PAGE + 3
    assert len(days.documents()) == count


@pytest.mark.usefixtures("no_budget")
@pytest.mark.parametrize("count", [0, 5, 50])
def test_oldest_first_is_walked_from_its_remembered_end(make: Make, count: int) -> None:
    days = make(order="oldest-first", documents=210)
    next_day(days, count)
    days.crawl()
    assert days.missing() == set()
    assert len(days.listings()) <= count // PAGE + 5  # the first page, two to join, those that are new
    assert len(days.documents()) == count


def test_unordered_is_walked_whole_within_the_budget(make: Make) -> None:
    days = make(order="unordered")
    next_day(days, 7)
    days.crawl()
    assert days.missing() == set()
    assert len(days.listings()) >= 11


@pytest.mark.usefixtures("no_budget")
@pytest.mark.parametrize("sticky", [3, pytest.param(25, marks=pytest.mark.long), 45])
def test_what_stands_on_top_proves_nothing(make: Make, sticky: int) -> None:
    """Old documents on top of the first page, more than the margin: the new ones stand below them."""
    days = make(sticky=sticky)
    for count in (3, 0, 4):
        next_day(days, count)
        days.crawl()
        assert days.missing() == set()


@pytest.mark.usefixtures("no_budget")
def test_promoted_documents_prove_nothing(make: Make) -> None:
    """From one day to the next thirty documents from deep in the list stand on top, with new ones below."""
    days = make()
    next_day(days, 0)
    days.site = days.reopened(sticky=30)
    days.crawl()
    next_day(days, 5)
    days.crawl()
    assert days.missing() == set()


@pytest.mark.usefixtures("no_budget")
def test_inserts_while_walking(make: Make) -> None:
    """What is added above pushes the rest down: it is met twice, and the first page is read again."""
    days = make()
    next_day(days, 30)
    at_request(days, 1, lambda: days.happen("added", count=25))
    days.crawl()
    assert days.missing() == set()


@pytest.mark.parametrize("order", ["newest-first", "oldest-first", "unordered"])
@pytest.mark.parametrize("removed", [pytest.param(1, marks=pytest.mark.long), 7])
def test_removals_while_walking(tmp_path: Path, order: str, removed: int) -> None:
    """What is removed above lets unseen documents slip up to a page that was read: it is read again."""
    days = Days(tmp_path / "data", {"documents": 130, "order": order})
    on_first_page = [row["doc_id"] for row in days.shown(1)][:removed]
    at_request(days, 1, lambda: days.happen("withdrawn", documents=on_first_page))
    days.crawl()
    assert days.missing() == set()


@pytest.mark.usefixtures("no_budget")
def test_a_page_that_fails_in_the_middle_claims_no_stop(make: Make) -> None:
    """Sixty new documents, the second page fails: the day after, all pages down to known ground are walked."""
    days = make()
    next_day(days, 60)
    days.before = lambda target: Answer(500, b"", "text/html") if target.endswith("_2.html") else None
    days.crawl()
    assert len(days.missing()) == 40
    days.before = lambda target: None
    next_day(days, 0)
    days.crawl()
    assert days.missing() == set()


def test_documents_that_did_not_come_are_fetched_by_the_next_run(make: Make) -> None:
    days = make()
    next_day(days, 90)
    failing = {row["doc_id"] for row in days.shown(4)}
    days.before = lambda target: Answer(500, b"", "text/html") if any(one in target for one in failing) else None
    days.crawl()
    assert days.missing() & failing
    days.before = lambda target: None
    next_day(days, 1)
    days.crawl()
    assert days.missing() == set()


@pytest.mark.usefixtures("no_budget")
def test_a_listing_cut_short_is_no_end(make: Make) -> None:
    """Half a listing, the link to the next page gone, and nothing but new documents on the first page."""
    days = make()
    next_day(days, 50)
    days.happen("fault", name="next_gone", duration="1h")
    held = days.crawl()
    assert held is not None and held.event == "held"
    next_day(days, 0)
    days.crawl()
    accept_run(open_layout(days.archive), held.run_id, days.clock)
    assert days.missing() == set()


@pytest.mark.usefixtures("no_budget")
def test_a_limited_run_leaves_the_rest_to_the_next(make: Make) -> None:
    days = make()
    next_day(days, 60)
    days.crawl(max_documents=5)
    assert len(days.missing()) == 55
    days.crawl()
    assert days.missing() == set()


@pytest.mark.parametrize(
    "order", ["newest-first", *(pytest.param(o, marks=pytest.mark.long) for o in ("oldest-first", "unordered"))]
)
def test_killed_in_the_middle_and_resumed(make: Make, order: str) -> None:
    """At any request of an incremental run the process dies; the same command finds all and asks for little twice."""
    days = make(order=order, documents=210)
    next_day(days, 45)
    asked: list[str] = []
    for kill_after in (1, 2, 3, 9, 30):
        assert days.crawl(kill_after=kill_after) is None
        asked += days.asked
    days.crawl()
    asked += days.asked
    assert days.missing() == set()
    assert len(asked) - len(set(asked)) <= 5 * 17


@pytest.mark.parametrize("jump_days", [-3, -400, 4000], ids=lambda days: f"{days} days")
def test_clock_jumps(make: Make, jump_days: int) -> None:
    days = make()
    day = days.clock.now() + timedelta(days=jump_days)
    days.site.now = days.clock.now  # the site's own clock stays
    site_clock, days.clock = days.clock, ManualClock(day)
    for count in (5, 0, 6):
        site_clock.advance(86_400)
        days.clock.advance(86_400)
        days.site.happen({"at": site_clock.now().isoformat(), "action": "added", "count": count or 1})
        outcome = days.crawl()
        assert outcome is not None
        if outcome.event == "held":  # by a clock that is behind all new documents are dated ahead: a person looks
            accept_run(open_layout(days.archive), outcome.run_id, days.clock)
        assert len(days.asked) < 3 * 250
    there = {row["doc_id"] for row in days.site.truth("", site_clock.now())}
    assert there - set(days.known()) == set()


def test_a_full_run_asks_for_everything(make: Make) -> None:
    days = make()
    days.crawl(full=True)
    assert len(days.documents()) == 208


def test_a_new_state_walks_whole_and_fetches_no_body(make: Make) -> None:
    days = make()
    for file in (days.archive / "state").iterdir():
        file.unlink()
    next_day(days, 3)
    days.crawl()
    assert days.missing() == set()
    assert days.counts["new"] == 3
    days.crawl()
    assert days.counts["new"] == 0
