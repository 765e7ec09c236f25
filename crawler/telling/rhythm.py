"""How often a site is crawled, and when the next run is due: by its profile's schedule, else by its own runs."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

from crawler.profile import SiteProfile

SCHEDULED: Mapping[str, timedelta] = MappingProxyType(
    {
        "hourly": timedelta(hours=1),
        "daily": timedelta(days=1),
        "weekly": timedelta(days=7),
        "monthly": timedelta(days=30),
    }
)
"""What a profile's `schedule` means."""

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
    interval = _scheduled(profile)
    distances = [after - before for before, after in pairwise(starts)]
    if interval is None and len(distances) >= FEWEST_INTERVALS:
        interval = timedelta(seconds=statistics.median(each.total_seconds() for each in distances))
    if interval is None or not starts:
        return Rhythm(interval)
    patience = max(interval * MISSED_INTERVALS, _longest_usual(distances) * UNUSUAL)
    return Rhythm(interval, starts[-1] + interval, starts[-1] + patience)


def _scheduled(profile: SiteProfile | None) -> timedelta | None:
    """Return the interval that a profile asks for."""
    return SCHEDULED.get(profile.schedule) if profile is not None and profile.schedule is not None else None


def _longest_usual(distances: Sequence[timedelta]) -> timedelta:
    if len(distances) < FEWEST_INTERVALS:
        return timedelta(0)
    return sorted(distances)[int(LONGEST_USUAL * (len(distances) - 1))]
