"""The simulated site's idea of what time it is.

Everything else in this package is handed a `now: Callable[[], datetime]`; only this module asks the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]
"""Returns the present instant, timezone-aware."""


def machine_now() -> datetime:
    """Return the machine's time, aware UTC."""
    return datetime.now(UTC)


class SiteClock:
    """A clock that began at *start*, runs at *speed* times the machine's pace and can be moved forward by hand.

    Speed 0 stands still until moved: a year of daily crawls then takes as long as the crawls.
    """

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an instant with a time zone, such as 2026-03-01T03:00:00Z")
        self._base = start.astimezone(UTC)
        self._speed = speed
        self._origin = time.monotonic()

    def __call__(self) -> datetime:
        return self._base + timedelta(seconds=(time.monotonic() - self._origin) * self._speed)

    def move_to(self, instant: datetime) -> None:
        """Set the clock to *instant*; it does not go backwards (ValueError)."""
        if instant < self():
            raise ValueError(
                f"the site's clock is at {self().isoformat()} and does not go back to {instant.isoformat()}"
            )
        self._base = instant.astimezone(UTC)
        self._origin = time.monotonic()


def instant_text(instant: datetime) -> str:
    """Return *instant* as ISO 8601 in UTC with milliseconds.

    >>> instant_text(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    '2026-11-20T08:00:00.000Z'
    """
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
