"""How often a page changes, as far as its visits tell, and what a visit is worth now.

A page changes as a Poisson process of unknown rate. What is believed of the rate is a Gamma distribution (shape, days):
the prior is the site's, fitted to all its pages; every visit adds evidence:

- unchanged after t days: likelihood exp(-rate t), so that `days` grows by t (conjugate, exact);
- changed after t days (once or more, a visit cannot tell): likelihood 1 - exp(-rate t). The posterior is a difference
  of two Gammas; it is replaced by the Gamma with its mean and variance (assumed-density filtering).

**What a visit is worth.** An archive's copy is fresh as long as the page has not changed since. Visiting a page of rate
r every T days keeps it fresh a share (1 - exp(-rT)) / (rT) of the time (Cho & Garcia-Molina, "Effective page refresh
policies for web crawlers", ACM TODS 28(4), 2003). Maximising the sum over all pages within a budget of visits a day,
the derivative of freshness by visits must be the same for each page that is visited at all. With Lagrange multiplier v
(what a visit costs), the best T maximises

    (integral from 0 to T of exp(-rs) ds - v) / T,    whose condition is    v = integral from 0 to T of r s exp(-rs) ds
                                                                             = (1 - (1 + rT) exp(-rT)) / r.

The right side grows with T: so a page of age t is due exactly when `worth(t) = (1 - (1 + rt) exp(-rt)) / r` reaches v,
and spending each day's budget on the pages of greatest worth finds v by itself. It never exceeds 1 / r: pages that
change faster than the budget can follow are left alone, as the optimum wants it. (Azar, Horvitz, Lubetzky, Peres &
Shahaf, "Tractable near-optimal policies for crawling", PNAS 115(32), 2018, reach the same from the continuous side.)

**With an unknown rate** the worth is its mean over what is believed. r exp(-rs) has mean a b^a / (b + s)^(a+1) under
Gamma(shape a, days b), which integrates by parts:

    worth(t) = b / (a - 1) (1 - (b / (b + t))^(a-1)) - t (b / (b + t))^a          (a = 1: b log((b + t) / b) - ...)

It needs no exploration term: a page about which little is known grows in worth until it is visited.

Pure functions; nothing here reads a clock or a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

LONGEST_DAYS = 400.0
"""An interval between two visits counts as this at most: a clock that jumps by years is no evidence."""

SHORTEST_DAYS = 1e-6
"""A change within a tenth of a second says nothing of the rate: a page read twice in one run."""

MOST_FILTERED = 40
"""Changes that are filtered one by one; further ones of the same page hardly move what is believed."""


class Rate(NamedTuple):
    """What is believed of a change rate: Gamma distributed, mean `shape / days` a day."""

    shape: float
    days: float

    @property
    def mean(self) -> float:
        """Return the mean number of changes a day."""
        return self.shape / self.days

    @property
    def mean_log(self) -> float:
        """Return the mean of the rate's logarithm."""
        return digamma(self.shape) - math.log(self.days)

    def scaled(self, share: float) -> Rate:
        """Return what is believed of that *share* of the changes."""
        return Rate(self.shape, self.days / share)


FIRST_PRIOR = Rate(0.5, 90.0)
"""Before a site has told anything: one change in 180 days on average, and nearly anything possible."""


def unchanged(rate: Rate, days: float) -> Rate:
    """Return what is believed after a visit that found nothing changed in *days*."""
    return Rate(rate.shape, rate.days + _believable(days))


def changed(rate: Rate, days: float) -> Rate:
    """Return what is believed after a visit that found a change within *days*."""
    days = _believable(days)
    if days < SHORTEST_DAYS:
        return rate
    a, b = rate
    # log of (b / (b + days)); 1 - r^k by expm1, or a short interval would be lost in rounding.
    log_r = -math.log1p(days / b)
    first, second, whole = (-math.expm1((a + more) * log_r) for more in (1.0, 2.0, 0.0))
    mean = a / b * first / whole
    square = a * (a + 1.0) / (b * b) * second / whole
    variance = max(square - mean * mean, mean * mean * 1e-6)
    return Rate(mean * mean / variance, mean / variance)


def believed(prior: Rate, unchanged_days: float, changes: int, changed_days: float) -> Rate:
    """Return what is believed of a page after its visits: *changes* were found after *changed_days* in all.

    >>> believed(Rate(0.5, 90.0), 90.0, 0, 0.0)
    Rate(shape=0.5, days=180.0)
    """
    rate = Rate(prior.shape, prior.days + max(0.0, unchanged_days))
    if changes <= 0:
        return rate
    each = changed_days / changes
    for _ in range(min(changes, MOST_FILTERED)):
        rate = changed(rate, each)
    more = changes - MOST_FILTERED
    return Rate(rate.shape + more, rate.days + more * each) if more > 0 else rate


def worth(rate: Rate, days: float) -> float:
    """Return what a visit *days* after the last one is worth: days of freshness, see above; 0 for no time.

    >>> worth(Rate(1.0, 180.0), 30.0) < worth(Rate(1.0, 180.0), 60.0) < worth(Rate(4.0, 180.0), 60.0)
    True
    """
    if days <= 0.0:
        return 0.0
    a, b = rate
    log_r = -math.log1p(days / b)
    lost = days * math.exp(a * log_r)
    if abs(a - 1.0) < 1e-9:
        return max(0.0, -b * log_r - lost)
    return max(0.0, -b / (a - 1.0) * math.expm1((a - 1.0) * log_r) - lost)


def worth_of_known(rate: float, days: float) -> float:
    """Return what a visit is worth where the rate is known: the optimum to measure against."""
    x = rate * days
    return (-math.expm1(-x) - x * math.exp(-x)) / rate if rate > 0.0 else 0.0


def worth_of_finds(finds_a_day: float, days: float) -> float:
    """Return what looking for new documents is worth *days* after the last look, in the same unit.

    Documents that are missing add up: with looks every T days at cost v, finds T / 2 + v / T is least where
    v = finds T^2 / 2.
    """
    return finds_a_day * days * days / 2.0


def fitted_prior(prior: Rate, rates: Iterable[Rate]) -> Rate:
    """Return the prior that explains what is believed of a site's pages better: one step of the EM algorithm.

    The Gamma whose mean and mean logarithm are those of the pages' posteriors. The logarithm keeps a few pages that
    change daily from deciding for the thousands that do not.
    """
    number, mean, mean_log = WEIGHT_OF_FIRST_PRIOR, FIRST_PRIOR.mean, FIRST_PRIOR.mean_log
    total, total_log = mean * number, mean_log * number
    for rate in rates:
        number += 1
        total += rate.mean
        total_log += rate.mean_log
    mean, mean_log = total / number, total_log / number
    shape = min(max(_shape_of(math.log(mean) - mean_log, prior.shape), 0.05), 20.0)
    return Rate(shape, shape / mean)


WEIGHT_OF_FIRST_PRIOR = 5.0
"""Pages that the first prior counts for."""


def _shape_of(spread: float, start: float) -> float:
    """Return the shape a with log(a) - digamma(a) = *spread*, by Newton's method on log(a)."""
    spread = max(spread, 1e-6)
    a = max(start, 1e-3)
    for _ in range(30):
        step = (math.log(a) - digamma(a) - spread) / (1.0 - a * _trigamma(a))
        a *= math.exp(-max(-1.0, min(1.0, step)))
        if abs(step) < 1e-8:
            break
    return a


def digamma(x: float) -> float:
    """Return the digamma function of *x* > 0 (recurrence and asymptotic series, good to 1e-9).

    >>> round(digamma(1.0), 6)
    -0.577216
    """
    value = 0.0
    while x < 8.0:
        value -= 1.0 / x
        x += 1.0
    y = 1.0 / (x * x)
    return value + math.log(x) - 0.5 / x - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y / 240)))


def _trigamma(x: float) -> float:
    value = 0.0
    while x < 8.0:
        value += 1.0 / (x * x)
        x += 1.0
    y = 1.0 / (x * x)
    return value + 1.0 / x + y / 2 + y / x * (1 / 6 - y * (1 / 30 - y * (1 / 42 - y / 30)))


def _believable(days: float) -> float:
    """Return an interval as evidence: a clock set back makes none, one that jumped ahead a limited one."""
    return min(max(0.0, days), LONGEST_DAYS)
