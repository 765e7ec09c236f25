"""When a site is due: intervals, cron expressions, clocks that change, failures, downtime."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.site_state.attempts import Attempts
from crawler.errors import ProfileError
from crawler.profile import load_profile
from crawler.schedule import MISSED_AFTER, Schedule, next_due, parse_schedule

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def after(started_at: datetime, **changes: object) -> Attempts:
    done = Attempts(started_at=started_at, ended_at=started_at + timedelta(minutes=5), exit_code=0, anchor=started_at)
    return replace(done, **changes)  # type: ignore[arg-type]


def due_at(schedule: Schedule, attempts: Attempts | None, now: datetime = NOON) -> datetime:
    due = next_due(schedule, "huiwen", attempts, now)
    assert due is not None
    return due.at


@pytest.mark.parametrize(
    ("text", "hours"), [("hourly", 1), ("daily", 24), ("weekly", 168), ("every 6h", 6), ("every 90 minutes", 1.5)]
)
def test_an_interval_counts_from_the_last_start(text: str, hours: float) -> None:
    assert due_at(parse_schedule(text), after(NOON)) == NOON + timedelta(hours=hours)


def test_a_site_never_crawled_is_due_now() -> None:
    for text in ("monthly", "0 3 * * *"):
        assert due_at(parse_schedule(text), None) == NOON


def test_a_timer_that_is_always_late_does_not_move_the_starts() -> None:
    """A year of runs, each begun up to ten minutes late: the last one is due where the first began."""
    daily = parse_schedule("daily")
    attempts = after(NOON)
    for day in range(1, 366):
        due = due_at(daily, attempts)
        assert due == NOON + timedelta(days=day)
        started = due + timedelta(minutes=day * 7 % 10)
        attempts = after(started, anchor=daily.anchored(attempts.anchor, started))


def test_after_a_week_of_downtime_one_run_makes_up_for_all() -> None:
    daily = parse_schedule("daily")
    back = NOON + timedelta(days=7, hours=5)
    due = next_due(daily, "huiwen", after(NOON), back)
    assert due is not None
    assert (due.at, due.missed) == (NOON + timedelta(days=1), True)
    attempts = after(back, anchor=daily.anchored(NOON, back))
    assert due_at(daily, attempts) == NOON + timedelta(days=8)


def test_a_start_that_is_only_late_was_not_missed() -> None:
    due = next_due(parse_schedule("hourly"), "huiwen", after(NOON), NOON + timedelta(hours=1) + MISSED_AFTER)
    assert due is not None
    assert not due.missed


def test_a_run_by_hand_shortly_before_stands_for_the_next_start() -> None:
    daily = parse_schedule("daily")
    by_hand = NOON + timedelta(hours=20)
    assert due_at(daily, after(by_hand, anchor=daily.anchored(NOON, by_hand))) == NOON + timedelta(days=2)


@pytest.mark.parametrize(
    ("cron", "zone", "started", "due"),
    [
        pytest.param("30 3 * * *", "Asia/Shanghai", "2026-03-01T00:00Z", "2026-03-01T19:30Z", id="zone"),
        pytest.param("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z", id="the hour is skipped"),
        pytest.param("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z", id="first of two"),
        pytest.param("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-26T01:30Z", id="not the second too"),
        pytest.param("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10Z", "2026-10-26T01:30Z", id="begun in the second"),
        pytest.param("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-25T01:00Z", id="pace goes on"),
        pytest.param("0 0 29 2 *", "UTC", "2026-03-01T00:00Z", "2028-02-29T00:00Z", id="leap day"),
        pytest.param("0 5 * * MON", "UTC", "2026-03-01T12:00Z", "2026-03-02T05:00Z", id="weekday"),
    ],
)
def test_cron(cron: str, zone: str, started: str, due: str) -> None:
    assert due_at(parse_schedule(cron, ZoneInfo(zone)), after(at(started))) == at(due)


def test_retries_come_soon_and_then_more_and_more_seldom() -> None:
    weekly = parse_schedule("weekly")
    waits = []
    for failures in range(1, 10):
        failed = after(NOON, exit_code=4, failures=failures, ended_at=NOON)
        waits.append((due_at(weekly, failed) - NOON) / timedelta(minutes=1))
    assert waits == [10, 20, 40, 80, 160, 320, 640, 720, 720]


def test_a_retry_is_never_later_than_the_next_regular_start() -> None:
    failed = after(NOON, exit_code=5, failures=9, ended_at=NOON)
    due = next_due(parse_schedule("hourly"), "huiwen", failed, NOON)
    assert due is not None
    assert (due.at, due.why) == (NOON + timedelta(hours=1), "schedule")


def test_a_run_that_died_is_tried_again_like_one_that_failed() -> None:
    died = after(NOON, exit_code=None, ended_at=None, failures=1)
    due = next_due(parse_schedule("daily"), "huiwen", died, NOON)
    assert due is not None
    assert due.at == NOON + timedelta(minutes=10)
    assert "without a word" in due.why


def test_an_interrupted_run_is_gone_on_with_at_once() -> None:
    assert due_at(parse_schedule("daily"), after(NOON, exit_code=130, ended_at=NOON)) == NOON


def test_jitter_spreads_the_sites_and_stays_the_same() -> None:
    schedule = parse_schedule("0 3 * * *", jitter=timedelta(hours=1))
    offsets = [schedule.offset(f"site-{number}", NOON) for number in range(1000)]
    assert offsets == [schedule.offset(f"site-{number}", NOON) for number in range(1000)]
    assert timedelta(0) <= min(offsets) < timedelta(minutes=1)
    assert timedelta(minutes=59) < max(offsets) < timedelta(hours=1)
    assert max(sum(offset // timedelta(minutes=6) == tenth for offset in offsets) for tenth in range(10)) < 150


@given(
    st.sampled_from(["0 3 * * *", "*/7 * * * *", "15 2,3 * * 0", "59 1 31 * *", "30 */2 * * *"]),
    st.sampled_from(["Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2037, 12, 31)),
)
def test_the_next_start_lies_ahead(cron: str, zone: str, instant: datetime) -> None:
    instant = instant.replace(tzinfo=UTC)
    assert parse_schedule(cron, ZoneInfo(zone)).next_after(instant) > instant


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        ('schedule = "sometimes"', "cron expression of five fields"),
        ('schedule = "61 * * * *"', "bad minute"),
        ('schedule = "0 0 30 2 *"', "bad day-of-month"),
        ('schedule = "0 0 0 * * *"', "five fields"),
        ('schedule = "every 10s"', "from 1 minute to 366 days"),
        ('schedule = "every 9999999w"', "from 1 minute to 366 days"),
        ('schedule = "every now and then"', "five fields"),
        (f'schedule = "0 0 1{"/1" * 5000} * *"', "five fields"),
        ("schedule = 6", "text in quotes"),
        ('schedule = "daily"\ntimezone = "Mars/Olympus"', "IANA list"),
        ('schedule = "daily"\ntimezone = "../../etc/passwd"', "IANA list"),
        ('schedule = "daily"\njitter = "soon"', "duration"),
        ('schedule = "daily"\njitter = "2d"', "at most"),
        ('schedule = "hourly"\njitter = "2h"', "not longer than the schedule's interval"),
        ('jitter = "5m"', "the schedule that it belongs to"),
    ],
)
def test_mistakes_are_told_in_one_sentence(tmp_path: Path, lines: str, advice: str) -> None:
    path = tmp_path / "mysite.toml"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(ProfileError) as error:
        load_profile(path)
    assert advice in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


def test_a_profile_with_all_three_keys(tmp_path: Path) -> None:
    path = tmp_path / "mysite.toml"
    path.write_text('schedule = "30 3 * * 1-5"\ntimezone = "Asia/Shanghai"\njitter = "20m"', encoding="utf-8")
    plan = load_profile(path).plan()
    assert plan == Schedule(cron="30 3 * * 1-5", zone=ZoneInfo("Asia/Shanghai"), jitter=timedelta(minutes=20))
