"""What is the matter with a site, by its ledger, its state file and how its last run ended."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.publishing.held import accept_run, reject_run
from archive.site_state.glance import glance
from archive.site_state.pauses import pause
from archive.site_state.staging import Staging
from archive.site_state.state import State
from crawler.profile import SiteProfile
from crawler.telling.last_end import BLOCKED, FAILED, Ended, last_end, note_end
from crawler.telling.rhythm import rhythm
from crawler.telling.silence import silence
from tests.telling.conftest import START, Watched

DAY = timedelta(days=1)


def test_a_site_that_is_well(watched: Watched) -> None:
    watched.many(10, 11, 12, 13, 14)
    status = watched.status()
    assert (status.state, status.troubles) == ("well", ())
    assert status.history is not None
    assert status.history.recent["new"] == 10 + 11 + 12 + 13 + 14
    assert status.rhythm.interval == DAY
    assert status.rhythm.next_due == watched.clock.now() + DAY
    assert not watched.seen().needs_person


def test_held_until_a_person_says_so(watched: Watched) -> None:
    watched.run(new=5)
    held = watched.run(event="held").run_id
    watched.run(new=1)  # later runs go on
    (trouble,) = watched.status().troubles
    assert trouble.condition == "held"
    assert trouble.run_id == held
    assert trouble.reason == "a run waits for you: pages was read on 2% of the documents"
    assert trouble.command == f"docarchive runs show {held}"
    accept_run(watched.layout, held, watched.clock)
    assert watched.conditions() == []
    again = watched.run(event="held").run_id
    reject_run(watched.layout, again, "no", watched.clock)
    assert watched.conditions() == []


def test_a_held_import_is_of_no_site_and_needs_a_person(watched: Watched) -> None:
    watched.run(new=5)
    held = watched.run("+import", event="held", options={"import": "made.jsonl"}, reason="dates are missing").run_id
    seen = watched.seen()
    assert [status.site for status in seen.sites] == ["huiwen"]
    (trouble,) = seen.apart
    assert seen.needs_person
    assert (trouble.condition, trouble.run_id) == ("held", held)
    assert trouble.reason == "an import waits for you: dates are missing"
    assert trouble.command == f"docarchive runs show {held}"
    accept_run(watched.layout, held, watched.clock)
    assert not watched.seen().needs_person


def test_an_empty_run_needs_a_person_unless_it_was_limited(watched: Watched) -> None:
    watched.run(new=5)
    watched.run(event="empty", options={"partial": True})
    assert watched.conditions() == []
    watched.run(event="empty")
    assert watched.conditions() == ["empty"]
    watched.run(new=1)
    assert watched.conditions() == []


@pytest.mark.parametrize(("event", "code"), [(BLOCKED, 4), (FAILED, 5)])
def test_a_run_that_did_not_come_to_its_end(watched: Watched, event: str, code: int) -> None:
    watched.run(new=5)
    watched.clock.advance(60)
    ended = Ended(run_id="r", event=event, exit_code=code, reason="the site is down", at=watched.clock.now())
    note_end(watched.layout, "huiwen", ended)
    assert last_end(watched.layout, "huiwen") == ended
    assert watched.conditions() == [event]
    watched.run(new=1)  # the ledger knows better, also where the end could not be noted
    assert watched.conditions() == []


def test_what_is_noted_of_the_last_end_may_be_damaged(watched: Watched) -> None:
    watched.run(new=5)
    path = watched.layout.state("huiwen").with_suffix(".ended.json")
    for text in ("", "[]", "{}", '{"at": 7}', "null"):
        path.write_text(text)
        assert last_end(watched.layout, "huiwen") is None


def test_overdue_by_its_own_runs(watched: Watched) -> None:
    watched.many(*[1] * 5)
    watched.clock.advance(timedelta(hours=47).total_seconds())
    assert watched.conditions() == []
    watched.clock.advance(timedelta(hours=2).total_seconds())
    assert watched.conditions() == ["overdue"]


def test_weekends_make_no_site_overdue() -> None:
    weekdays = [START + DAY * number for number in range(40) if (START + DAY * number).weekday() < 5]
    friday = max(day for day in weekdays if day.weekday() == 4)
    found = rhythm(None, [day for day in weekdays if day <= friday])
    assert found.interval == DAY
    assert not found.is_overdue(friday + DAY * 4)
    assert found.is_overdue(friday + DAY * 5)


def test_a_schedule_goes_before_what_the_runs_were_like() -> None:
    found = rhythm(SiteProfile(name="s", schedule="weekly"), [START])
    assert (found.interval, found.next_due) == (DAY * 7, START + DAY * 7)
    assert found.is_overdue(START + DAY * 15)
    assert rhythm(None, [START, START + DAY]).interval is None


def test_a_site_that_was_tried_once_is_never_overdue(watched: Watched) -> None:
    watched.run(new=5)
    watched.clock.advance((DAY * 400).total_seconds())
    assert watched.status().state == "well"


def test_silent_longer_than_its_rhythm(watched: Watched) -> None:
    watched.many(500, *[3] * 20, *[0] * 6)
    assert watched.conditions() == []
    watched.many(*[0] * 4)
    (trouble,) = watched.status().troubles
    assert trouble.condition == "silent"
    assert "nothing new for 10 days" in trouble.reason
    watched.many(1)
    assert watched.conditions() == []


def test_days_without_a_run_are_no_silence(watched: Watched) -> None:
    watched.many(*[3] * 20)
    watched.clock.advance((DAY * 30).total_seconds())
    assert watched.conditions() == ["overdue"]


@pytest.mark.parametrize(("length", "is_unexplained"), [(12, False), (13, True)])
def test_a_pause_no_longer_than_one_before_is_explained(length: int, is_unexplained: bool) -> None:
    days = [date(2026, 1, 1) + DAY * number for number in (*range(30), *range(41, 80))]
    found = silence(days[0], days[1:], days[-1] + DAY * length)
    assert found is not None
    assert (found.days, found.longest_gap_days, found.is_unexplained) == (length, 12, is_unexplained)


@given(st.lists(st.integers(1, 30), min_size=5, max_size=60), st.integers(0, 400))
def test_the_longer_a_silence_the_less_likely(gaps: list[int], quiet: int) -> None:
    day, days = date(2026, 1, 1), []
    for gap in gaps:
        day += DAY * gap
        days.append(day)
    shorter, longer = (silence(date(2026, 1, 1), days, day + DAY * (quiet + more)) for more in (0, 1))
    assert shorter is not None
    assert longer is not None
    assert 0 < longer.probability < shorter.probability <= 1


def test_a_paused_site_is_left_in_peace(watched: Watched) -> None:
    watched.many(*[1] * 5)
    watched.clock.advance((DAY * 30).total_seconds())
    now = watched.clock.now()
    pause(watched.layout, "huiwen", "搬家", now)
    status = watched.status()
    assert (status.state, status.paused, status.troubles) == ("paused", "搬家", ())
    pause(watched.layout, "huiwen", "搬家", now - DAY, until=now)
    assert watched.conditions() == ["overdue"]
    watched.layout.pause("huiwen").write_text("?")
    assert watched.status().state == "paused"


def test_a_run_under_way_is_seen_and_not_disturbed(watched: Watched) -> None:
    watched.run(new=5)
    state = State(watched.layout, "huiwen", watched.clock)
    state.acquire()
    staging = Staging(state)
    with state.transaction():
        staging.start_run("under-way", started_at=watched.clock.now(), reader="general/1", options={})
    state.begin_group()
    state.db.execute("UPDATE runs SET reason = 'in the middle of a transaction'")
    seen = glance(watched.layout, "huiwen", watched.clock)
    assert (seen.at_work is not None, seen.unfinished) == (True, "under-way")
    assert watched.status().state == "running"
    state.commit_group()
    state.abandon()
    assert glance(watched.layout, "huiwen", watched.clock).unfinished == "under-way"


def test_looking_leaves_no_file_behind(watched: Watched) -> None:
    watched.run(new=5)
    before = sorted(path.name for path in (watched.layout.root / "state").iterdir())
    glance(watched.layout, "huiwen", watched.clock)
    assert sorted(path.name for path in (watched.layout.root / "state").iterdir()) == before


def test_a_damaged_state_file_needs_a_person(watched: Watched) -> None:
    watched.run(new=5)
    watched.layout.state("huiwen").write_bytes(b"no database" * 1000)
    assert watched.conditions() == ["failed"]
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(watched.layout.state("huiwen")).execute("SELECT 1 FROM sqlite_master")


def test_instants_are_utc(watched: Watched) -> None:
    watched.run(new=5)
    history = watched.status().history
    assert history is not None
    assert history.published_at == datetime(2026, 3, 2, 3, tzinfo=UTC)


def test_a_cron_expression_is_overdue_from_the_second_start_missed() -> None:
    """On weekdays alone: a Friday's run is not late before Tuesday's start."""
    profile = SiteProfile(name="docs", start_urls=("https://docs.example/",), schedule="30 3 * * 1-5")
    friday = datetime(2026, 3, 6, 3, 30, tzinfo=UTC)
    own = rhythm(profile, [friday])
    assert own.next_due == datetime(2026, 3, 9, 3, 30, tzinfo=UTC)
    assert not own.is_overdue(datetime(2026, 3, 10, 3, 0, tzinfo=UTC))
    assert own.is_overdue(datetime(2026, 3, 10, 4, 0, tzinfo=UTC))
