"""Has a site been without anything new for longer than its own rhythm explains?

Counted in days that brought new documents, so that neither a site's nights nor how often it is crawled play a part. The
gaps between such days are taken as drawn from one exponential distribution whose rate is not known: after n gaps of T
days in all (prior: Jeffreys's, as if half a gap had been seen), a gap longer than s has the probability
(1 + s / T) ** -(n + 1/2). With few gaps that is generous, with many it comes close to exp(-s n / T).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

TOO_UNLIKELY = 1e-3
"""A silence that comes up by itself once in a thousand gaps is told: of a daily site, once in some years."""

FEWEST_GAPS = 5
"""Gaps below which a site has shown no rhythm yet."""

PRIOR_GAPS = 0.5


@dataclass(frozen=True, slots=True)
class Silence:
    """How long a site has brought nothing new, and how likely that is by its own rhythm."""

    since: date
    """The last day that brought something new."""
    days: int
    """From there to the last day on which we looked: days without a run say nothing."""
    probability: float
    longest_gap_days: int
    """Of those before. What the site has done before needs no person: a feast, the summer."""

    @property
    def is_unexplained(self) -> bool:
        """Whether a person should look."""
        return self.probability < TOO_UNLIKELY and self.days > self.longest_gap_days


def silence(first_looked_on: date | None, new_days: Sequence[date], last_looked_on: date | None) -> Silence | None:
    """Return how silent a site is; None where too little is known to say.

    *new_days* are the days that brought new documents, in order. The day of the first look is none of them: all that
    the site had was new then.

    >>> from datetime import date, timedelta
    >>> days = [date(2026, 1, 1) + timedelta(number) for number in range(31)]
    >>> quiet = silence(days[0], days, date(2026, 2, 9))
    >>> quiet.days, round(quiet.probability, 6), quiet.is_unexplained
    (9, 0.000335, True)
    """
    if first_looked_on is None or last_looked_on is None:
        return None
    days = [first_looked_on, *(day for day in new_days if day > first_looked_on)]
    gaps = [(after - before).days for before, after in pairwise(days)]
    if len(gaps) < FEWEST_GAPS:
        return None
    quiet = last_looked_on - days[-1]
    return Silence(days[-1], quiet.days, _probability_of_longer(quiet, gaps), max(gaps))


def _probability_of_longer(quiet: timedelta, gaps: Sequence[int]) -> float:
    return float((1 + max(0, quiet.days) / sum(gaps)) ** -(len(gaps) + PRIOR_GAPS))
