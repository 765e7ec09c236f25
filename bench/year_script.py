"""The script of a simulated year: what happens to the site, and when it is crawled."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator import SimulatorOptions
from simulator.script import instant, seconds

OPENED = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)
RUN_HOUR = 9
"""Hours after the site's day began at which the daily run comes."""
SITE = "huiwen"

NEW_SHARE = 40 / 20_000
"""New documents a day, of those at the start ..."""
FEWEST_NEW = 20
"""... but so many in a short form, or the pages of each run's walk would be counted against nothing."""
BACKDATED_EVERY_DAYS = 2
EDITED_A_DAY, FEWEST_EDITED = 0.01 / 30, 1.0
REMOVED_A_DAY, FEWEST_REMOVED = 0.003 / 30, 0.3
"""Share of the documents a day, and the least number in a short form, or there would be nothing to measure."""
HOW_REMOVED = ("gone", "missing", "notice", "soft404", "unlisted")
OUTAGE_DAYS = (60, 61.5, 170, 260, 300)
CAPTCHA_DAY, REDESIGN_DAY, FAULT_DAY, CLOCK_DAY = 120, 200, 225, 240
FAULT = "date_format"
"""A fault that the general reader cannot read through."""
REDESIGN_LOOKED_AT_DAYS = 20
"""Records that are fetched so long after the redesign are counted as those of the redesign."""


@dataclass(frozen=True, slots=True)
class Script:
    """What happens to the site, and when it is crawled."""

    documents: int
    days: int
    seed: int = 11

    def day(self, of_a_year: float) -> float:
        """Return the day that stands for a day of 365."""
        return of_a_year * self.days / 365

    def spell(self, days: float, fewest: float) -> float:
        """Return the days that stand for so many days of 365, *fewest* at least."""
        return max(fewest, days * self.days / 365)

    def options(self) -> SimulatorOptions:
        """Return the site."""
        return SimulatorOptions(
            documents=self.documents, family=SITE, events=self.events(), plain_bodies=True, clock_start=OPENED,
            clock_speed=0.0,
        )  # fmt: skip

    def new_a_day(self) -> int:
        """Return how many documents are added a day, the backdated ones not counted."""
        return max(FEWEST_NEW, round(self.documents * NEW_SHARE))

    def events(self) -> tuple[Mapping[str, Any], ...]:
        """Return everything that happens to the site."""
        chance = random.Random(self.seed)
        happening: list[Mapping[str, Any]] = []
        new = self.new_a_day()
        for day in range(1, self.days):
            at = [f"+{day + chance.uniform(-0.4, 0.3):.4f}d" for _ in range(5)]
            batch = chance.randint(1, new)
            happening.append({"at": at[0], "action": "added", "count": batch})
            if new > batch:
                happening.append({"at": at[1], "action": "added", "count": new - batch})
            if day % BACKDATED_EVERY_DAYS == 0:
                back = (OPENED + timedelta(days=day - chance.uniform(5, 3000))).date().isoformat()
                happening.append({"at": at[2], "action": "added", "count": 1, "published_on": back})
            edited = max(FEWEST_EDITED, self.documents * EDITED_A_DAY)
            happening += _some(chance, {"at": at[3], "action": "changed"}, edited)
            how = chance.choice(HOW_REMOVED)
            removed = max(FEWEST_REMOVED, self.documents * REMOVED_A_DAY)
            happening += _some(chance, {"at": at[4], "action": "withdrawn", "how": how}, removed)
        return (*happening, *self.spells())

    def spells(self) -> list[Mapping[str, Any]]:
        """Return the states that the whole site is in for a while, and the redesign."""
        at = {day: f"+{self.day(day):.4f}d" for day in (*OUTAGE_DAYS, CAPTCHA_DAY, REDESIGN_DAY, FAULT_DAY)}
        outage, captcha, fault = self.spell(1, 0.4), self.spell(7, 1), self.spell(4, 2)
        return [
            *({"at": at[day], "action": "failing", "duration": f"{outage:.2f}d"} for day in OUTAGE_DAYS),
            {"at": at[CAPTCHA_DAY], "action": "captcha", "duration": f"{captcha:.2f}d"},
            {"at": at[REDESIGN_DAY], "action": "redesigned"},
            {"at": at[FAULT_DAY], "action": "fault", "name": FAULT, "duration": f"{fault:.2f}d"},
        ]

    def during(self, *actions: str) -> list[tuple[datetime, datetime]]:
        """Return when spells of those kinds begin and end."""
        spells = [row for row in self.spells() if row["action"] in actions]
        begins = [instant(row["at"], OPENED) for row in spells]
        redesign = f"{self.spell(REDESIGN_LOOKED_AT_DAYS, 2):.2f}d"
        lengths = [seconds(row.get("duration", redesign)) for row in spells]
        return [(begin, begin + timedelta(seconds=length)) for begin, length in zip(begins, lengths, strict=True)]

    def is_down(self, at: datetime) -> bool:
        """Return whether the site lets nobody in."""
        return within(at, self.during("failing", "captcha"))

    def is_sound(self, at: datetime) -> bool:
        """Return whether the site lets everybody in and its pages can be read."""
        return not within(at, self.during("failing", "captcha", "fault"))

    def run_at(self, day: int) -> datetime:
        """Return when a day's run begins, by the site's clock."""
        return OPENED + timedelta(days=day, hours=RUN_HOUR)

    def sound_runs(self) -> list[datetime]:
        """Return when runs began that could find what is new."""
        return [at for at in map(self.run_at, range(self.days)) if self.is_sound(at)]

    def end(self) -> datetime:
        """Return when the last run begins."""
        return self.run_at(self.days - 1)

    def behind(self, day: int) -> timedelta:
        """Return how far the crawling machine's clock is behind: it is set back in the course of the year."""
        return timedelta(hours=1 if day >= self.day(CLOCK_DAY) else 0)


def _some(chance: random.Random, event: Mapping[str, Any], wanted: float) -> list[Mapping[str, Any]]:
    """Return *event* for a drawn number of documents, *wanted* on average."""
    count = int(wanted) + (chance.random() < wanted % 1)
    return [{**event, "count": count}] if count else []


def within(at: datetime, spells: Iterable[tuple[datetime, datetime]]) -> bool:
    """Return whether *at* lies in one of *spells*."""
    return any(begin <= at < end for begin, end in spells)
