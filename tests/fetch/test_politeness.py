"""When the next request goes out, by a clock that moves only when someone waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clock import ManualClock, SystemClock
from crawler.errors import DelayTooLong, Stopped
from crawler.fetching.politeness import (
    MAX_RETRY_AFTER_SECONDS,
    Politeness,
    retry_after,
)

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


class Visits:
    """Requests of a given length, and when each of them started."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock(NOW)
        self.politeness = Politeness(self.clock, **options)
        self.starts: list[float] = []

    async def visit(self, host: str = "a", seconds: float = 0.0, status: int | None = 200, wait: Any = None) -> None:
        async with self.politeness.turn(host) as turn:
            self.starts.append(self.clock.monotonic())
            self.clock.advance(seconds)
            if status is not None:
                turn.finished(status, wait)


def starts(visits: list[dict[str, Any]], **options: Any) -> list[float]:
    """Make *visits* one after the other; return when each started."""

    async def run() -> list[float]:
        made = Visits(**options)
        for visit in visits:
            await made.visit(**visit)
        return made.starts

    return asyncio.run(run())


def test_adaptive_delay_is_one_second_at_least() -> None:
    assert starts([{"seconds": 0.1}] * 3) == pytest.approx([0, 1.1, 2.2])


def test_adaptive_delay_is_five_times_the_response_time() -> None:
    assert starts([{"seconds": 2.0}] * 3) == pytest.approx([0, 12, 24])


def test_adaptive_delay_has_an_end() -> None:
    assert starts([{"seconds": 25.0}] * 2) == pytest.approx([0, 55])


def test_no_answer_counts_as_a_request_too() -> None:
    assert starts([{"seconds": 4.0, "status": None}] * 2) == pytest.approx([0, 24])


def test_given_delay_counts_from_the_end() -> None:
    assert starts([{"seconds": 2.0}] * 3, delay_seconds=0.5) == pytest.approx([0, 2.5, 5.0])


def test_no_delay() -> None:
    assert starts([{"seconds": 2.0}] * 3, delay_seconds=0) == pytest.approx([0, 2, 4])


def test_hosts_do_not_wait_for_each_other() -> None:
    assert starts([{"host": "a"}, {"host": "b"}, {"host": "a"}]) == pytest.approx([0, 0, 1])


def test_retry_after_silences_the_host() -> None:
    visits = [{"status": 503, "wait": 120.0}, {"host": "b"}, {}]
    assert starts(visits, delay_seconds=0) == pytest.approx([0, 0, 120])


def test_retry_after_with_another_status_is_not_for_the_host() -> None:
    assert starts([{"status": 301, "wait": 120.0}, {}], delay_seconds=0) == pytest.approx([0, 0])


def test_back_off_doubles_until_the_host_answers() -> None:
    visits = [{"status": 429}, {"status": 503}, {"status": 503}, {"status": 200}, {"status": 503}, {}]
    assert starts(visits, delay_seconds=0) == pytest.approx([0, 2, 6, 14, 14, 16])


def test_back_off_has_an_end() -> None:
    made = starts([{"status": 503}] * 40, delay_seconds=0)
    assert made[-1] - made[-2] == 300


def test_several_at_a_time_count_from_the_last_start() -> None:
    async def run() -> list[float]:
        made = Visits(delay_seconds=2, concurrency_per_host=3)
        for _ in range(4):
            await made.visit(seconds=1)
        return made.starts

    assert asyncio.run(run()) == pytest.approx([0, 2, 4, 6])


@pytest.mark.parametrize("limit", [1, 3])
def test_first_come_first_served(limit: int) -> None:
    order: list[int] = []
    open_now = 0
    most = 0

    async def one(politeness: Politeness, number: int) -> None:
        nonlocal open_now, most
        async with politeness.turn("a"):
            order.append(number)
            open_now += 1
            most = max(most, open_now)
            await asyncio.sleep(0)
            open_now -= 1

    async def run() -> None:
        politeness = Politeness(ManualClock(NOW), delay_seconds=0, concurrency_per_host=limit)
        await asyncio.gather(*(one(politeness, number) for number in range(20)))

    asyncio.run(run())
    assert order == list(range(20))
    assert most == limit


def test_crawl_delay_is_a_floor() -> None:
    async def run() -> list[float]:
        made = Visits(delay_seconds=0)
        await made.visit()
        made.politeness.set_crawl_delay("a", 10)
        for _ in range(2):
            await made.visit()
        await made.visit("b")
        return made.starts

    assert asyncio.run(run()) == pytest.approx([0, 10, 20, 20])


def test_crawl_delay_that_no_run_can_keep() -> None:
    with pytest.raises(DelayTooLong, match="ask the site's owner"):
        Politeness(ManualClock(NOW)).set_crawl_delay("a", 86400)


class TestStop:
    def stopped(self, *, delay_seconds: float) -> list[Any]:
        async def one(politeness: Politeness) -> str:
            async with politeness.turn("a"):
                return "went"

        async def run() -> list[Any]:
            politeness = Politeness(SystemClock(), delay_seconds=delay_seconds)
            tasks = [asyncio.create_task(one(politeness)) for _ in range(3)]
            await asyncio.sleep(0.05)
            politeness.stop()
            results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 1)
            with pytest.raises(Stopped):
                await one(politeness)
            return results

        return asyncio.run(run())

    def test_who_waits_is_woken(self) -> None:
        first, *others = self.stopped(delay_seconds=60)
        assert first == "went"
        assert all(isinstance(other, Stopped) for other in others)

    def test_nobody_waits(self) -> None:
        assert self.stopped(delay_seconds=0) == ["went"] * 3


@pytest.mark.parametrize("cancelled", [0, 1])
def test_cancelled_waiter_leaves_the_place_to_the_next(cancelled: int) -> None:
    """0 sleeps before its turn, 1 stands in the queue behind it."""

    async def run() -> list[int]:
        politeness = Politeness(SystemClock(), delay_seconds=0.1)
        went: list[int] = []

        async def one(number: int) -> None:
            async with politeness.turn("a"):
                went.append(number)

        async with politeness.turn("a"):
            pass
        tasks = [asyncio.create_task(one(number)) for number in range(3)]
        await asyncio.sleep(0.02)
        tasks[cancelled].cancel()
        results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 2)
        assert isinstance(results[cancelled], asyncio.CancelledError)
        return went

    assert asyncio.run(run()) == [number for number in range(3) if number != cancelled]


def test_error_in_a_turn_frees_the_place() -> None:
    async def run() -> None:
        politeness = Politeness(ManualClock(NOW))
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                async with politeness.turn("a"):
                    raise ZeroDivisionError

    asyncio.run(asyncio.wait_for(run(), 1))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        (b"", None),
        (b"0", 0),
        (b"17", 17),
        (" 17 ", 17),
        (b"999999999999999999999", None),
        (b"9" * 100_000, None),
        (b"86400", MAX_RETRY_AFTER_SECONDS),
        (b"86401", None),
        (b"7200", MAX_RETRY_AFTER_SECONDS),
        (b"-5", None),
        (b"1.5", None),
        ("１７", None),
        (b"soon", None),
        (b"\xff\xfe", None),
        (b"Sun, 01 Mar 2026 03:02:00 GMT", 120),
        (b"Sunday, 01-Mar-26 03:02:00 GMT", 120),
        (b"Sun, 01 Mar 2026 02:00:00 GMT", 0),
        (b"Mon, 02 Mar 2026 02:00:00 GMT", MAX_RETRY_AFTER_SECONDS),
        (b"Sun, 01 Mar 2099 02:00:00 GMT", None),
        (b"Sun, 99 Mar 2026 02:00:00 GMT", None),
    ],
)
def test_retry_after(header: bytes | str | None, expected: float | None) -> None:
    assert retry_after(header, NOW) == expected


@given(st.binary(max_size=70))
def test_any_retry_after_is_a_wait_or_nothing(header: bytes) -> None:
    wait = retry_after(header, NOW)
    assert wait is None or 0 <= wait <= MAX_RETRY_AFTER_SECONDS
