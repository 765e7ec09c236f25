"""Which sites are due: profiles with a schedule, held against what became of their runs and against pauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.clock import Clock
from archive.layout import Layout
from archive.site_state.attempts import Attempts, last_attempts
from archive.site_state.pauses import Pause, pauses
from archive.site_state.state import holder_at_work
from crawler.profile import SiteProfile
from crawler.schedule import Due, Schedule, next_due


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A site with a schedule."""

    site: str
    profile: SiteProfile
    plan: Schedule
    due: Due | None
    """None: never again."""
    pause: Pause | None
    attempts: Attempts | None
    running: int | None
    """The process that is crawling it just now."""

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be crawled now."""
        return self.pause is None and self.running is None and self.due is not None and self.due.at <= now

    def why(self) -> str:
        """Return in words why the site is due, or why it is not crawled."""
        if self.running is not None:
            return f"a run is under way (process {self.running})"
        if self.pause is not None:
            return f"paused: {self.pause.reason}"
        if self.due is None:
            return "its schedule never comes again"
        return f"{self.due.why}, missed" if self.due.missed else self.due.why


def scheduled_sites(layout: Layout, profiles: Mapping[str, SiteProfile], clock: Clock) -> list[Scheduled]:
    """Return every site with a schedule, the one that is due first (or has been for longest) first."""
    now = clock.now()
    paused = pauses(layout, now)
    found = []
    for name, profile in profiles.items():
        plan = profile.plan()
        if plan is None:
            continue
        attempts = last_attempts(layout, name)
        under_way = attempts is not None and attempts.ended_at is None
        found.append(
            Scheduled(
                site=name,
                profile=profile,
                plan=plan,
                due=next_due(plan, name, attempts, now),
                pause=paused.get(name),
                attempts=attempts,
                running=holder_at_work(layout, name, clock) if under_way else None,
            )
        )
    return sorted(found, key=lambda one: (one.due is None, one.due.at if one.due else now, one.site))
