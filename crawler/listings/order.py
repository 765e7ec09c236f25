"""At which end of a listing new documents appear, learned from where the site's own new documents stood.

Each walk that found something never seen before leaves evidence: how many known documents stood before it, how many
after. Three explanations compete, by their likelihood:

- newest first: half of the places are near the beginning (with k known documents before, probability
  1 / ((k + 1) (k + 2)): mostly none, but a hundred sticky ones are no surprise), the other half anywhere, so that
  uploads that are backdated do not outvote the rest;
- oldest first: the same from the end;
- unordered: anywhere.

Documents that stand together are one piece of evidence: they came as one batch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

SURE = 0.99
"""Probability from which on a listing is walked by its order: a wrong belief costs documents found late."""

EVIDENCE_KEPT = 200
"""Pieces of evidence that count, the newest: a site may turn its listing round."""


class Order(StrEnum):
    """Where new documents appear in a listing."""

    UNKNOWN = "unknown"
    NEWEST_FIRST = "newest_first"
    OLDEST_FIRST = "oldest_first"
    UNORDERED = "unordered"


class Evidence(NamedTuple):
    """Where something new stood."""

    before: int
    """Known documents before it."""
    after: int
    """Known documents after it."""


PRIOR = {Order.NEWEST_FIRST: 0.6, Order.OLDEST_FIRST: 0.2, Order.UNORDERED: 0.2}
"""What listings are like before anything is known of one: most of those in tests/pages put the newest first."""


def order_of(evidence: Iterable[Evidence]) -> Order:
    """Return the order that the *evidence* proves, UNKNOWN while it does not.

    >>> order_of([Evidence(0, 400), Evidence(3, 440)])
    <Order.NEWEST_FIRST: 'newest_first'>
    >>> order_of([Evidence(0, 3)])
    <Order.UNKNOWN: 'unknown'>
    """
    log = {order: math.log(share) for order, share in PRIOR.items()}
    for one in evidence:
        anywhere = 1.0 / (one.before + one.after + 1)
        log[Order.NEWEST_FIRST] += math.log(0.5 * _near(one.before) + 0.5 * anywhere)
        log[Order.OLDEST_FIRST] += math.log(0.5 * _near(one.after) + 0.5 * anywhere)
        log[Order.UNORDERED] += math.log(anywhere)
    best = max(log, key=lambda order: log[order])
    share = 1.0 / sum(math.exp(value - log[best]) for value in log.values())
    return best if share >= SURE else Order.UNKNOWN


def _near(items: int) -> float:
    """Return the probability of so many known documents between the end and something new, at the end in question."""
    return 1.0 / ((items + 1) * (items + 2))
