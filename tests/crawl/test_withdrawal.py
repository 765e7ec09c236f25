"""Withdrawn or not: what was found at the page, twice, and what the listings say."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.clock import ManualClock
from archive.judgement.gates import Fitness, Verdict
from archive.layout import Layout, create, open_layout
from archive.publishing.held import accept_run
from archive.publishing.judging import judge_run
from archive.publishing.rebuild_state import rebuild_state
from archive.site_state.staging import Run, Staging
from archive.site_state.state import State
from crawler.listings.memory import Listing, ListingMemory, Shown
from crawler.listings.walk_memory import Purpose, Step
from docarchive import Archive
from simulator.answer import Answer
from simulator.answer import Request as Asked
from tests.crawl.days import BASE, OPENED, Days


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Days:
    """A site crawled on three days: the order of its listing is known."""
    site = Days(tmp_path_factory.mktemp("lived") / "data", {"documents": 60})
    for _ in range(3):
        site.crawl()
        site.wait(1)
        site.happen("added", count=3)
    return site


@pytest.fixture
def days(lived: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Days:
    monkeypatch.setattr("crawler.session.CRAWL_BUDGET_BASE", 20)
    return lived.copied(tmp_path / "data")


def live(days: Days, number: int) -> list[str | None]:
    """Let days pass, crawling each; return how the runs ended."""
    events = []
    for _ in range(number):
        days.wait(1)
        outcome = days.crawl()
        assert outcome is not None
        events.append(outcome.event)
    return events


def until(days: Days, there: set[str], most: int = 10) -> None:
    """Let days pass until just these documents are withdrawn."""
    for _ in range(most):
        live(days, 1)
        if set(withdrawn(days)) == there:
            return
    assert set(withdrawn(days)) == there


def withdrawn(days: Days) -> dict[str, datetime]:
    with Archive.open(days.archive) as archive:
        return {row["doc_id"]: row["withdrawn_at"] for row in archive.records(where="withdrawn_at IS NOT NULL")}


def decisions(days: Days) -> list[dict[str, Any]]:
    with Archive.open(days.archive) as archive:
        return archive.query('SELECT doc_id, kind, value, reason, evidence FROM decisions ORDER BY "at"').to_list()


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("gone", "gone"),
        pytest.param("missing", "gone", marks=pytest.mark.long),
        ("notice", "notice"),
        ("soft404", "soft_404"),
    ],
)
def test_gone_at_its_page_twice_and_from_the_listing(days: Days, how: str, kind: str) -> None:
    gone = days.shown(2)[4]["doc_id"]
    at = days.clock.now()
    days.happen("withdrawn", document=gone, how=how)
    assert live(days, 1) == ["published"]
    assert withdrawn(days) == {}  # one visit is no evidence
    assert live(days, 4) == ["published"] * 4
    found = withdrawn(days)
    assert list(found) == [gone]
    assert 0 < (found[gone] - at).total_seconds() < 2 * 86_400
    (decision,) = decisions(days)
    assert (decision["kind"], decision["value"]) == ("withdrawn", kind)
    assert decision["reason"].startswith(f"{kind} at 2 visits from 2026-03-0")
    with Archive.open(days.archive) as archive:
        (capture,) = [row for row in archive.captures() if row["capture"] == decision["evidence"]]
    assert gone in capture["url"]


def test_back_again_its_history_goes_on(days: Days) -> None:
    gone = days.shown(2)[4]["doc_id"]
    days.happen("withdrawn", document=gone, how="gone")
    until(days, {gone})
    days.happen("returned", document=gone)
    until(days, set())
    assert [row["kind"] for row in decisions(days)] == ["withdrawn", "returned"]
    with Archive.open(days.archive) as archive:
        assert len(list(archive.history("docs", gone))) == 1
    days.happen("withdrawn", document=gone, how="notice")
    until(days, {gone})


def test_taken_off_the_listing_alone_is_not_withdrawn(days: Days) -> None:
    hidden = days.shown(2)[4]["doc_id"]
    days.happen("withdrawn", document=hidden, how="unlisted")
    live(days, 8)
    assert decisions(days) == []
    assert hidden in days.known()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, b"<html><title>Not found</title><h1>Not found</h1></html>", "text/html"),
        pytest.param(Answer(410, b"", "text/html"), marks=pytest.mark.long),
        Answer(500, b"", "text/html"),
        pytest.param(Answer(451, b"", "text/html"), marks=pytest.mark.long),
        Answer(200, b"<html><title>Log in</title><h1>Please log in</h1><input type=password></html>", "text/html"),
    ],
    ids=["404", "410", "500", "451", "login"],
)
def test_what_is_still_listed_is_not_withdrawn(days: Days, answer: Answer) -> None:
    """A dead link, a wall, a refusal: whatever answers at its page for however long."""
    lost = days.shown(2)[4]["doc_id"]
    days.before = lambda target: answer if lost in target else None
    live(days, 12)
    assert decisions(days) == []


@pytest.mark.parametrize("status", [404, 500, *(pytest.param(n, marks=pytest.mark.long) for n in (410, 503))])
def test_a_server_that_is_down_for_days_withdraws_nothing(days: Days, status: int) -> None:
    """Everything answers alike, documents that are gone and those that are not; then the site is back."""
    gone = days.shown(2)[4]["doc_id"]
    days.happen("withdrawn", document=gone, how="gone")
    days.before = lambda target: Answer(status, b"", "text/html") if "/doc" in target else None
    live(days, 3)
    assert decisions(days) == []
    days.before = lambda target: None
    live(days, 5)
    assert list(withdrawn(days)) == [gone]


def test_a_category_that_disappears_is_held_for_a_person(days: Days) -> None:
    days.happen("withdrawn", count=30, how="gone")
    events = live(days, 4)
    assert "held" in events
    assert decisions(days) == []


def test_what_a_person_accepted_is_withdrawn_once(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says so of half a site is not asked again of the same documents, and none is withdrawn twice."""
    monkeypatch.setattr("crawler.session.CRAWL_BUDGET_BASE", 60)
    days.happen("withdrawn", count=30, how="gone")
    gone = {row["doc_id"] for row in days.site.truth(BASE) if row["withdrawn_at"] is not None}
    waiting: list[str] = []
    accepted = 0
    for day in range(12):
        days.wait(1)
        outcome = days.crawl()
        assert outcome is not None
        if outcome.event == "held":
            waiting.append(outcome.run_id)
        if day % 3 == 2:  # somebody looks every third morning
            for run_id in waiting:
                accept_run(open_layout(days.archive), run_id, days.clock)
            accepted += bool(waiting)
            waiting.clear()
    known = gone & set(days.known())
    assert set(withdrawn(days)) == known
    assert sorted(row["doc_id"] for row in decisions(days)) == sorted(known)
    assert accepted <= 3


def test_what_was_withdrawn_is_known_to_a_state_made_again(days: Days) -> None:
    gone = days.shown(2)[4]["doc_id"]
    days.happen("withdrawn", document=gone, how="gone")
    until(days, {gone})
    layout = open_layout(days.archive)
    for path in layout.state("docs").parent.iterdir():
        path.unlink()
    rebuild_state(layout, "docs", days.clock)
    days.happen("returned", document=gone)
    until(days, set())


def test_a_document_that_moved_is_not_withdrawn(days: Days) -> None:
    moved = days.shown(2)[4]["doc_id"]
    days.happen("moved", document=moved)
    live(days, 8)
    assert decisions(days) == []


def test_a_run_that_no_document_answered_in_is_no_witness(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that its listing alone does not show any more, a server that answers 404 to everything for days, and a
    person who accepts the runs that are held because of it.
    """
    monkeypatch.setattr("crawler.session.CRAWL_BUDGET_BASE", 5)
    hidden = days.shown(2)[4]["doc_id"]
    days.happen("withdrawn", document=hidden, how="unlisted")
    days.before = lambda target: Answer(404, b"", "text/html") if "/doc" in target else None
    asked = 0
    for _ in range(9):
        days.wait(1)
        outcome = days.crawl()
        assert outcome is not None
        if outcome.event == "held":
            accept_run(open_layout(days.archive), outcome.run_id, days.clock)
        asked += any(hidden in target for target in days.asked)
    assert asked >= 2
    assert decisions(days) == []


def test_two_runs_of_one_night_are_one_witness(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.revisits.revisit.miss_days", lambda misses: 0.0)
    gone = days.shown(2)[4]["doc_id"]
    days.happen("withdrawn", document=gone, how="gone")
    asked = 0
    for _ in range(5):
        days.wait(0.15)
        days.crawl()
        asked += any(gone in target for target in days.asked)
    assert decisions(days) == []
    assert asked >= 2


def crawl_held(days: Days, monkeypatch: pytest.MonkeyPatch, when: Callable[[Run], bool]) -> str | None:
    """Do one run a day later that is held if *when* says so of it; return its id then."""

    def judged(layout: Layout, staging: Staging, run_id: str) -> Verdict:
        verdict = judge_run(layout, staging, run_id)
        return Verdict(Fitness.HOLD, "somebody looks first") if when(staging.run(run_id)) else verdict

    days.wait(1)
    with monkeypatch.context() as patched:
        patched.setattr("crawler.run.judge_run", judged)
        outcome = days.crawl()
    assert outcome is not None
    return outcome.run_id if outcome.event == "held" else None


def test_held_and_accepted_after_the_document_came_back(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there then; when it is taken out once more, it is withdrawn as any other."""
    gone = days.shown(2)[4]["doc_id"]
    days.happen("withdrawn", document=gone, how="gone")
    tries = (crawl_held(days, monkeypatch, lambda run: run.counts["withdrawn"] > 0) for _ in range(5))
    held = next(run_id for run_id in tries if run_id is not None)
    days.happen("returned", document=gone)
    live(days, 1)
    assert any(gone in target for target in days.asked)
    accept_run(open_layout(days.archive), held, days.clock)
    live(days, 1)
    assert withdrawn(days) == {}
    at = days.clock.now()
    days.happen("withdrawn", document=gone, how="gone")
    until(days, {gone})
    assert withdrawn(days)[gone] > at


def test_what_was_found_gone_before_it_came_back_is_no_evidence(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of two visits was before the document was seen again, in a run that was held meanwhile."""
    gone = days.shown(2)[4]["doc_id"]
    days.happen("withdrawn", document=gone, how="gone")
    held = crawl_held(days, monkeypatch, lambda run: True)
    assert held is not None
    assert any(gone in target for target in days.asked)
    days.happen("returned", document=gone)
    live(days, 1)
    assert any(gone in target for target in days.asked)
    live(days, 1)
    accept_run(open_layout(days.archive), held, days.clock)
    days.happen("withdrawn", document=gone, how="gone")
    asked = 0
    while not asked:
        live(days, 1)
        asked += any(gone in target for target in days.asked)
    assert decisions(days) == []
    until(days, {gone})


@pytest.mark.parametrize("how", ["gone", "unlisted"])
def test_listed_by_links_that_lead_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """What its link leads to is gone: it is withdrawn when that link is gone too, and not while it is listed."""
    monkeypatch.setattr("crawler.session.CRAWL_BUDGET_BASE", 40)
    days = Days(tmp_path / "data", {"documents": 60})
    redirecting = days.before = days.redirecting()
    for _ in range(3):
        days.crawl()
        days.wait(1)
        days.happen("added", count=3)
    lost = days.shown(2)[4]["doc_id"]
    if how == "gone":
        days.happen("withdrawn", document=lost, how="gone")
        until(days, {lost})
        return
    dead = Answer(404, b"", "text/html")
    days.before = lambda target: dead if target.startswith(f"/doc/{lost}") else redirecting(target)
    live(days, 9)
    assert withdrawn(days) == {}


def test_a_night_on_which_the_clock_was_a_month_ahead(days: Days) -> None:
    """What was seen on that night, and found gone on it, was seen by the time that the clock is right again."""
    gone = days.shown(2)[4]["doc_id"]
    days.happen("withdrawn", document=gone, how="gone")
    right = days.clock
    days.clock = ManualClock(right.now() + timedelta(days=40))
    days.crawl()
    assert any(gone in target for target in days.asked)
    days.clock = right
    until(days, {gone})


def test_a_dead_link_that_the_listing_leaves_out_for_a_day_is_not_withdrawn(days: Days) -> None:
    """A listing that is not sorted in one way only repeats one document and leaves out another now and then."""
    entry = re.compile(rb'<div class="entry">.*?</div>', re.S)
    dead = days.shown(1)[6]["doc_id"]
    leaves_out = False

    def before(target: str) -> Answer | None:
        if dead in target:
            return Answer(404, b"", "text/html")
        if "/list/" not in target or not leaves_out:
            return None
        answer = days.site.answer(Asked("GET", target, {}))
        body = entry.sub(lambda own: b"" if dead.encode() in own[0] else own[0], answer.body)
        return Answer(answer.status, body, answer.content_type)

    days.before = before
    live(days, 5)
    for _ in range(2):
        leaves_out = True
        live(days, 1)
        leaves_out = False
        live(days, 2)
    assert decisions(days) == []
    leaves_out = True
    until(days, {dead})


def test_what_a_held_run_saw_at_whatever_page_is_there(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pages are not asked for again before a person decided; its old page may be gone meanwhile."""
    before = days.clock.now()
    days.happen("added", count=1)
    new = days.shown(1)[0]["doc_id"]
    assert crawl_held(days, monkeypatch, lambda run: True) is not None
    live(days, 1)
    state = State(open_layout(days.archive), "docs", days.clock)
    staging = Staging(state)
    assert staging.is_seen("docs", new, before)
    assert not staging.is_seen("docs", new, days.clock.now())
    assert not staging.is_seen("elsewhere", new, before)
    state.abandon()


def test_named_by_a_listing_that_a_run_did_not_come_to(tmp_path: Path) -> None:
    """The page that leads to a category failed: what the category names is named, for a fortnight."""
    state = State(create(tmp_path / "data"), "s", ManualClock(OPENED))
    memory = ListingMemory(state)
    root, category, document, day = 1, 2, 7, 86_400.0
    with state.transaction():
        for listing, shown in ((root, 8), (category, document)):
            page = Step(listing, 1, Purpose.HEAD)
            memory.note_page(1, page, listing, [Shown(shown, None)], seen_at=0.0, advertised_total=None, is_last=True)
        memory.save(Listing(root, whole_at=9 * day))
    assert memory.unlisted_since(document, {root}, -5 * day, day) is None
    assert memory.unlisted_since(document, {root}, 5 * day, day) == 9 * day
    state.abandon()
