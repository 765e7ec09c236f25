"""How fresh an archive stays by our revisit policy, against others and against the optimum, at one budget of requests.

A model without pages: each document changes as a Poisson process, the rates log-normal (median one change in 180 days,
sigma 1.5). Each day so many documents may be visited; a visit tells whether the document changed since the last one.
Freshness is the share of documents whose copy is right, averaged over the days after the first quarter.

- optimum: the same worth of a visit, the true rates being known (Cho & Garcia-Molina 2003; a threshold on the marginal
  freshness is optimal where rates are known, see `crawler/revisits/change_rate.py`);
- uniform: every document equally often, the longest unvisited first;
- Nutch's AdaptiveFetchSchedule: an interval of 30 days at first, 20 % shorter after a change, 40 % longer without one,
  from 60 s to 365 days; the most overdue first;
- our policy: rates and prior learned from visits alone.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.sizes import Row
from crawler.revisits.change_rate import FIRST_PRIOR, Rate, believed, fitted_prior, worth, worth_of_known

MEDIAN_DAYS = 180.0
SIGMA = 1.5
DAYS = 730
WARM_UP_DAYS = 180
SEEDS = (1, 2, 3, 4, 5)
DOCUMENTS_A_REQUEST = 25
"""The default budget; the 150 requests for the listings left out."""


@dataclass
class World:
    """Documents and when they change."""

    rates: Sequence[float]
    changes: Sequence[Sequence[float]]
    """Instants of each document's changes, in days."""

    @classmethod
    def drawn(cls, documents: int, seed: int) -> World:
        chance = random.Random(seed)
        rates = [math.exp(chance.gauss(-math.log(MEDIAN_DAYS), SIGMA)) for _ in range(documents)]
        changes = []
        for rate in rates:
            instants, at = [], chance.expovariate(rate)
            while at < DAYS:
                instants.append(at)
                at += chance.expovariate(rate)
            changes.append(instants)
        return cls(rates, changes)


class Policy:
    """Chooses documents, and learns from what visits find."""

    def __init__(self, world: World) -> None:
        self.last = [0.0] * len(world.rates)

    def value(self, document: int, now: float) -> float:
        """Return how much a visit is wanted now."""
        return now - self.last[document]

    def learn(self, document: int, now: float, changed: bool) -> None:
        """Take a visit's result."""
        self.last[document] = now

    def day_begins(self) -> None:
        """Called before each day's visits."""


class Optimum(Policy):
    """Knows the rates."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._rates = world.rates

    def value(self, document: int, now: float) -> float:
        return worth_of_known(self._rates[document], now - self.last[document])


class Nutch(Policy):
    """AdaptiveFetchSchedule with its defaults."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._interval = [30.0] * len(world.rates)

    def value(self, document: int, now: float) -> float:
        return now - self.last[document] - self._interval[document]

    def learn(self, document: int, now: float, changed: bool) -> None:
        super().learn(document, now, changed)
        factor = 0.8 if changed else 1.4
        self._interval[document] = min(max(self._interval[document] * factor, 60 / 86_400), 365.0)


@dataclass
class _Visits:
    unchanged_days: float = 0.0
    changes: int = 0
    changed_days: float = 0.0
    rate: Rate = field(default=FIRST_PRIOR)


class Ours(Policy):
    """What `crawler/revisits/revisit.py` does, without a state file."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._prior = FIRST_PRIOR
        self._visits = [_Visits() for _ in world.rates]

    def value(self, document: int, now: float) -> float:
        return worth(self._visits[document].rate, now - self.last[document])

    def learn(self, document: int, now: float, changed: bool) -> None:
        visits, days = self._visits[document], now - self.last[document]
        super().learn(document, now, changed)
        if changed:
            visits.changes += 1
            visits.changed_days += days
        else:
            visits.unchanged_days += days

    def day_begins(self) -> None:
        for one in self._visits:
            one.rate = believed(self._prior, one.unchanged_days, one.changes, one.changed_days)
        visited = (one.rate for one in self._visits if one.changes or one.unchanged_days)
        self._prior = fitted_prior(self._prior, visited)


def lived(world: World, policy: Policy) -> float:
    """Return the mean freshness of an archive that *policy* keeps."""
    documents = range(len(world.rates))
    budget = max(1, len(world.rates) // DOCUMENTS_A_REQUEST)
    place = [0] * len(world.rates)
    stale_since: list[float | None] = [None] * len(world.rates)
    fresh = 0.0
    for day in range(1, DAYS):
        policy.day_begins()
        now = float(day)
        for document in documents:
            instants = world.changes[document]
            while place[document] < len(instants) and instants[place[document]] <= now:
                if stale_since[document] is None:
                    stale_since[document] = instants[place[document]]
                place[document] += 1
        if day > WARM_UP_DAYS:
            fresh += sum(_fresh_share(since, now) for since in stale_since) / len(stale_since)
        for document in heapq.nlargest(budget, documents, key=lambda one: policy.value(one, now)):
            policy.learn(document, now, stale_since[document] is not None)
            stale_since[document] = None
    return fresh / (DAYS - 1 - WARM_UP_DAYS)


def _fresh_share(stale_since: float | None, now: float) -> float:
    """Return which part of the day before *now* a copy was right."""
    return 1.0 if stale_since is None else min(1.0, max(0.0, stale_since - (now - 1.0)))


POLICIES: dict[str, Callable[[World], Policy]] = {
    "optimum": Optimum,
    "ours": Ours,
    "uniform": Policy,
    "nutch": Nutch,
}


def freshness(folder: Path, documents: int) -> Iterator[Row]:
    """Yield freshness by policy, and ours against the optimum."""
    found: dict[str, list[float]] = {name: [] for name in POLICIES}
    for seed in SEEDS:
        world = World.drawn(documents, seed)
        for name, policy in POLICIES.items():
            found[name].append(lived(world, policy(world)))
    for name, values in found.items():
        yield f"freshness, {documents:,} documents, {name}", f"{sum(values) / len(values):.4f}", ""
    for name in ("ours", "uniform", "nutch"):
        shares = [value / best for value, best in zip(found[name], found["optimum"], strict=True)]
        bar = "0.95, above the others" if name == "ours" else ""
        yield (
            f"freshness, {name} by the optimum: mean, least of {len(SEEDS)}",
            (f"{sum(shares) / len(shares):.4f}, {min(shares):.4f}"),
            bar,
        )
