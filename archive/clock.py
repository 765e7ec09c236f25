"""The one source of time for the whole product: what time it is, and how to wait.

Nothing else calls `time.time()`, `datetime.now()` or `asyncio.sleep()`: delays, leases, WARC-Date, run ids and
schedules all take a `Clock`, so that years can be tested in minutes and a run can be replayed at its own date.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

CLOCK_VARIABLE = "DOCARCHIVE_CLOCK"
"""Environment variable that starts the clock of one command at an instant (ISO 8601 with zone)."""


class Clock(Protocol):
    """What every module asks for the time."""

    replay_start: datetime | None
    """The instant a replayed clock was started at; None for the machine's own time. Written into the run's record."""

    def now(self) -> datetime:
        """Return the present instant, timezone-aware UTC, cut to whole milliseconds.

        Milliseconds are what `instant_text`, WARC-Date and the tables keep: an instant is the same everywhere.
        """

    def monotonic(self) -> float:
        """Return seconds on a scale that never goes backwards; only differences mean anything."""

    async def sleep(self, seconds: float) -> None:
        """Wait *seconds* of this clock's time."""


class SystemClock:
    """The machine's clock; with *start*, a clock that began at that instant and runs at the machine's pace."""

    def __init__(self, start: datetime | None = None) -> None:
        if start is not None and start.tzinfo is None:
            raise ValueError("a clock starts at an instant with a time zone, such as 2026-03-01T03:00:00Z")
        self.replay_start = start
        self._origin = time.monotonic()

    def now(self) -> datetime:
        if self.replay_start is None:
            return _whole_milliseconds(datetime.now(UTC))
        elapsed = timedelta(seconds=time.monotonic() - self._origin)
        return _whole_milliseconds(self.replay_start.astimezone(UTC) + elapsed)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        import asyncio  # a tenth of the time in which a question is answered; who sleeps has it anyway

        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """A clock that moves only when told: for tests, and for simulated years."""

    def __init__(self, start: datetime) -> None:
        self.replay_start: datetime | None = start
        self._now = start.astimezone(UTC)
        self._elapsed = 0.0

    def now(self) -> datetime:
        return _whole_milliseconds(self._now)

    def monotonic(self) -> float:
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Move the clock forward by *seconds*."""
        if seconds < 0:
            raise ValueError("a clock does not go backwards")
        self._now += timedelta(seconds=seconds)
        self._elapsed += seconds

    async def sleep(self, seconds: float) -> None:
        import asyncio

        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)


def _whole_milliseconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def clock_from_environment() -> SystemClock:
    """Return the clock this command runs by: `DOCARCHIVE_CLOCK` if set, else the machine's.

    Raises ValueError when the variable is not an ISO 8601 instant with a time zone.
    """
    text = os.environ.get(CLOCK_VARIABLE)
    if not text:
        return SystemClock()
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{CLOCK_VARIABLE}={text!r} is not an instant; write it like 2026-03-01T03:00:00Z") from error
    if start.tzinfo is None:
        raise ValueError(f"{CLOCK_VARIABLE}={text!r} has no time zone; write it like 2026-03-01T03:00:00Z")
    return SystemClock(start)


def instant_text(instant: datetime) -> str:
    """Return *instant* as ISO 8601 in UTC with milliseconds, the form used in JSON, logs and state.

    >>> instant_text(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    '2026-11-20T08:00:00.000Z'
    """
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> datetime:
    """Return the aware UTC instant that `instant_text` (or any ISO 8601 text with a zone) states.

    >>> parse_instant("2026-11-20T08:00:00.000Z").hour
    8
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write it like 2026-03-01T03:00:00Z")
    return instant.astimezone(UTC)
