"""How surprising a share is, held against the shares of earlier runs.

Runs of one site differ more than chance alone makes them: a batch of scans, a week of edits. So a share is taken to be
drawn anew for each run from a beta distribution, whose mean and spread the earlier runs tell (the beta-binomial model,
spread by moments). Before there are runs that tell, an expectation stands in their place; it fades as they come.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is thought of a share before the site has shown anything."""

    cases: float
    others: float
    """Seen, as it were, beforehand: so many cases, so many that are none."""
    between_runs: float
    """How much alike one run's documents are beyond chance (intra-class correlation): 0 not at all, 1 all alike."""


RUNS_EXPECTED = 4.0
"""Runs whose evidence the expected spread between runs is worth."""
MOST_ALIKE = 0.5
"""Intra-class correlation at most: past it a measure says nothing anyway."""
ROUNDS = 6
"""Times the spread between runs is looked for anew, with weights by what was found: it moves little after five."""
NEGLIGIBLE = 1e-9
"""Share of a sum below which its further terms are left out."""


def chance_of(cases: int, of: int, history: Sequence[tuple[int, int]], expected: Expectation) -> float:
    """Return the probability that a healthy run has *cases* or more among *of*.

    *history*: (cases, of) of earlier runs.

    >>> steady = [(2, 100)] * 10
    >>> usual = Expectation(0.5, 0.5, 0.005)
    >>> chance_of(2, 100, steady, usual) > 0.5, chance_of(40, 100, steady, usual) < 1e-6
    (True, True)
    """
    mean, alike = _learned(history, expected)
    if of == 0 or cases <= of * mean:
        return 1.0
    weight = max(1.0 / alike - 1.0, 1.0)
    return _upper_tail(cases, of, mean * weight, (1 - mean) * weight)


def _learned(history: Sequence[tuple[int, int]], expected: Expectation) -> tuple[float, float]:
    """Return the mean of the share and how much alike a run's documents are, uncertainty about the mean included."""
    runs = [(k, n) for k, n in history if n > 0]
    alike = _alike(runs, expected)
    cases, others = expected.cases, expected.others
    for k, n in runs:  # n documents of one run tell as much of the mean as fewer would, each of a run of its own
        worth = 1.0 / (1.0 + (n - 1) * alike)
        cases += k * worth
        others += (n - k) * worth
    uncertain = 1.0 / (cases + others + 1.0)
    return cases / (cases + others), min(alike + uncertain, MOST_ALIKE)


def _alike(runs: Sequence[tuple[int, int]], expected: Expectation) -> float:
    """Return the intra-class correlation: the expected one, corrected by what the runs show."""
    total = expected.cases + expected.others + sum(n for _, n in runs)
    mean = (expected.cases + sum(k for k, _ in runs)) / total
    variance = mean * (1 - mean)
    seen = [(((k - n * mean) ** 2 / (n * variance) - 1) / (n - 1), n - 1) for k, n in runs if n > 1]
    alike = expected.between_runs
    for _ in range(ROUNDS):
        # What one run shows is as good as its documents are many, measured by the spread that is looked for.
        worths = [(alike / (alike + 1 / others)) ** 2 for _, others in seen]
        shown = sum(worth * value for worth, (value, _) in zip(worths, seen, strict=True))
        alike = (RUNS_EXPECTED * expected.between_runs + shown) / (RUNS_EXPECTED + sum(worths))
        alike = min(max(alike, expected.between_runs / 10), MOST_ALIKE)
    return alike


def _upper_tail(cases: int, of: int, a: float, b: float) -> float:
    """Return P(X >= cases) for X beta-binomial(of, a, b)."""
    log_first = (
        math.lgamma(of + 1)
        - math.lgamma(cases + 1)
        - math.lgamma(of - cases + 1)
        + _log_beta(cases + a, of - cases + b)
        - _log_beta(a, b)
    )
    term = total = 1.0
    for k in range(cases, of):
        term *= (of - k) * (k + a) / ((k + 1) * (of - k - 1 + b))
        total += term
        if term < total * NEGLIGIBLE:
            break
    return min(1.0, math.exp(log_first) * total)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
