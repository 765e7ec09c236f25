"""How often a site is crawled, and when the next run is due: by its profile's schedule, else by its own runs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from crawler.profile import SiteProfile
from crawler.schedule import Schedule

FEWEST_INTERVALS = 3
"""Distances between runs below which they make no rhythm: someone tries a site a few times and leaves it."""

MISSED_INTERVALS = 2.0
"""A site is overdue when a whole run more than the one expected is missing: one late run is no reason to call."""

LONGEST_USUAL = 0.95
"""Share of the distances that were usual: a site crawled on weekdays alone is not overdue each Sunday ..."""
UNUSUAL = 1.5
"""... but once it has not been crawled for this many times the longest usual one."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a site is crawled. Every part is None where it has no rhythm."""

    interval: timedelta | None = None
    """The usual distance between two runs."""
    next_due: datetime | None = None
    overdue_from: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Whether a run should have been long ago."""
        return self.overdue_from is not None and now > self.overdue_from


def rhythm(profile: SiteProfile | None, starts: Sequence[datetime]) -> Rhythm:
    """Return the rhythm of a site whose whole runs began at *starts*, oldest first."""
    schedule = profile.plan() if profile is not None else None
    interval = schedule.every if schedule is not None else None
    distances = [after - before for before, after in pairwise(starts)]
    if schedule is not None and schedule.cron is not None:
        return _by_cron(schedule, starts[-1] if starts else None)
    if interval is None and len(distances) >= FEWEST_INTERVALS:
        interval = timedelta(seconds=statistics.median(each.total_seconds() for each in distances))
    if interval is None or not starts:
        return Rhythm(interval)
    patience = max(interval * MISSED_INTERVALS, _longest_usual(distances) * UNUSUAL)
    return Rhythm(interval, starts[-1] + interval, starts[-1] + patience)


def _by_cron(schedule: Schedule, last: datetime | None) -> Rhythm:
    """Return the rhythm of a cron expression, whose distances differ: overdue from the second start missed."""
    if last is None:
        return Rhythm()
    try:
        expected = schedule.next_after(last)
        after_that = schedule.next_after(expected)
    except StopIteration:
        return Rhythm()
    return Rhythm(after_that - expected, expected, after_that + schedule.jitter)


def _longest_usual(distances: Sequence[timedelta]) -> timedelta:
    if len(distances) < FEWEST_INTERVALS:
        return timedelta(0)
    return sorted(distances)[int(LONGEST_USUAL * (len(distances) - 1))]
