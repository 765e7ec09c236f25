"""When a site is to be crawled next: pure arithmetic on its schedule, what became of its last runs, and the clock.

A schedule is an interval ("daily", "every 6h") or a cron expression ("30 3 * * 1-5"). Where a time zone changes its
clocks, cron expressions go by Debian's cron: what the skipped hour would have started starts at its end, what the
repeated hour would start twice starts once; a fixed pace ("*/10 * * * *") goes on through both.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from archive.site_state.attempts import INTERRUPTED, Attempts

INTERVALS: Mapping[str, timedelta] = MappingProxyType(
    {
        "hourly": timedelta(hours=1),
        "daily": timedelta(days=1),
        "weekly": timedelta(days=7),
        "monthly": timedelta(days=30),
    }
)
"""Schedules that are a word."""

SHORTEST_INTERVAL = timedelta(minutes=1)
"""A crawl more often than this is no schedule; cron knows nothing shorter either."""
LONGEST_INTERVAL = timedelta(days=366)

FIRST_PAUSE = timedelta(minutes=10)
"""Wait before the first retry of a run that could not reach its site, or that this machine was in the way of ..."""
LONGEST_PAUSE = timedelta(hours=12)
"""... twice as long after each failure in a row, up to this: a site down for a week is seen half a day late."""

MISSED_AFTER = timedelta(minutes=30)
"""A start this late was missed, not delayed: the machine or the timer was off. It is made up for within the jitter."""

MAX_CRON_CHARACTERS = 200
"""Longer expressions are a mistake; the parser goes down a level a slash."""

_DURATION = re.compile(r"([1-9][0-9]{0,6}) ?(s|sec|m|min|h|d|w|seconds?|minutes?|hours?|days?|weeks?)")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}

SCHEDULE_ADVICE = (
    f'write one of {", ".join(INTERVALS)}, an interval such as "every 6h", or a cron expression of five fields such as '
    '"30 3 * * 1-5"'
)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How often a site is to be crawled. Either `every` or `cron` is set."""

    every: timedelta | None = None
    cron: str | None = None
    zone: tzinfo = UTC
    """What the hours of `cron` mean."""
    jitter: timedelta = timedelta(0)
    """Starts are spread over this long, differently for each site and time."""

    def next_after(self, instant: datetime) -> datetime:
        """Return the first instant of a cron schedule after *instant*, in UTC.

        Raises StopIteration when there is none within 50 years.
        """
        assert self.cron is not None
        for found in CronSim(self.cron, instant.astimezone(self.zone)):
            # Begun in the second of two equal hours, the iterator may name an instant of the first.
            if found.astimezone(UTC) > instant:
                return found.astimezone(UTC)
        raise StopIteration

    def anchored(self, before: datetime | None, started_at: datetime) -> datetime:
        """Return from which instant on the next interval counts, after a run that began at *started_at*.

        The starts stay where they are in the day, although a timer is always a little late: the next one is an interval
        after that due time which was nearest. *before* is what the last run counted from.
        """
        if before is None or self.every is None:
            return started_at
        return before + self.every * round((started_at - before) / self.every)

    def offset(self, site: str, at: datetime) -> timedelta:
        """Return by how much the start of *site* at *at* is put off: from 0 to `jitter`, always the same."""
        digest = hashlib.blake2b(f"{site} {int(at.timestamp())}".encode(), digest_size=8).digest()
        return self.jitter * (int.from_bytes(digest, "big") / 2**64)


@dataclass(frozen=True, slots=True)
class Due:
    """When a site is due, and why."""

    at: datetime
    why: str
    missed: bool = False
    """Whether the start is so late that the machine must have been off."""


def next_due(schedule: Schedule, site: str, attempts: Attempts | None, now: datetime) -> Due | None:
    """Return when *site* is due, in the past where it is due already; None: never again.

    However many starts were missed, one makes up for all.
    """
    if attempts is None:
        return Due(now, "never crawled")
    if attempts.exit_code == INTERRUPTED:
        return Due(attempts.ended_at or attempts.started_at, "interrupted, to be gone on with")
    regular = _regular(schedule, site, attempts)
    if attempts.failures:
        retry = (attempts.ended_at or attempts.started_at) + pause_after(attempts.failures)
        retry += min(schedule.offset(site, retry), FIRST_PAUSE)
        if regular is None or retry <= regular:
            return Due(retry, _why_again(attempts))
    if regular is None:
        return None
    return Due(regular, "schedule", missed=now - regular > MISSED_AFTER)


def _regular(schedule: Schedule, site: str, attempts: Attempts) -> datetime | None:
    if schedule.every is not None:
        at = (attempts.anchor or attempts.started_at) + schedule.every
    else:
        try:
            at = schedule.next_after(attempts.started_at)
        except StopIteration:
            return None
    return at + schedule.offset(site, at)


def _why_again(attempts: Attempts) -> str:
    times = f", {attempts.failures} times in a row" if attempts.failures > 1 else ""
    if attempts.exit_code is None:
        return f"again: the last run ended without a word{times}"
    return f"again: the last run ended with exit code {attempts.exit_code}{times}"


def pause_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row.

    >>> [str(pause_after(number)) for number in (1, 2, 5, 60)]
    ['0:10:00', '0:20:00', '2:40:00', '12:00:00']
    """
    return min(FIRST_PAUSE * (1 << min(failures - 1, 16)), LONGEST_PAUSE)


# Reading what a profile says


def parse_schedule(text: str, zone: tzinfo = UTC, jitter: timedelta = timedelta(0)) -> Schedule:
    """Return the schedule that *text* states. Raises ValueError saying what to write.

    >>> parse_schedule("every 6h").every, parse_schedule("30 3 * * 1-5").cron
    (datetime.timedelta(seconds=21600), '30 3 * * 1-5')
    """
    if text in INTERVALS:
        return Schedule(every=INTERVALS[text], zone=zone, jitter=jitter)
    if text.startswith("every "):
        every = parse_duration(text.removeprefix("every "), SCHEDULE_ADVICE)
        if not SHORTEST_INTERVAL <= every <= LONGEST_INTERVAL:
            raise ValueError("write an interval from 1 minute to 366 days")
        return Schedule(every=every, zone=zone, jitter=jitter)
    fields = text.split()
    if len(fields) != 5 or len(text) > MAX_CRON_CHARACTERS or not text.isascii():
        raise ValueError(SCHEDULE_ADVICE)
    schedule = Schedule(cron=" ".join(fields), zone=zone, jitter=jitter)
    try:
        schedule.next_after(datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f"{str(error).lower()}; {SCHEDULE_ADVICE}") from error
    except StopIteration as error:
        raise ValueError("write a day that there is: this one never comes") from error
    return schedule


def parse_duration(text: str, advice: str = 'write a duration such as "30m" or "6h"') -> timedelta:
    """Return the duration that *text* states. Raises ValueError with *advice*.

    >>> parse_duration("90 minutes"), parse_duration("2w")
    (datetime.timedelta(seconds=5400), datetime.timedelta(days=14))
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(advice)
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2][0]])


def parse_zone(name: str) -> ZoneInfo:
    """Return the time zone called *name*. Raises ValueError saying what to write."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError('write a time zone of the IANA list, such as "Asia/Shanghai"') from error
