"""Is a fetched run fit to publish? Judged by what the site's own published runs were like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SMALLEST_SAMPLE = 20
"""Documents below which a share says nothing: one unlucky page in 20 moves it by 5 %."""

LOST_HALF = 0.5
"""A field filled on less than this share of what the last published run filled is taken for lost."""


FAILED_READING = 0.02
"""Share of pages the reader fails on from which on a run is held."""
FEWEST_FAILED = 5
"""One page, by accident or on purpose, must not hold a small site's run."""


class Fitness(StrEnum):
    """What to do with a run."""

    PUBLISH = "published"
    HOLD = "held"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a run, with a reason a person can act on."""

    fitness: Fitness
    reason: str | None = None


def is_measure(counts: Mapping[str, int], options: Mapping[str, Any]) -> bool:
    """Whether later runs may be judged by this one: a run of a few pages says nothing of what the site is like."""
    return counts.get("documents", 0) >= SMALLEST_SAMPLE and not options.get("partial")


def judge(counts: Mapping[str, int], before: Mapping[str, int] | None) -> Verdict:
    """Judge a run by its counts and those of the site's last published whole run (None: there is none yet).

    A run without documents is `empty`, unless its listings showed that nothing is new. One in which a field that used
    to be filled no longer is, is held: a template that changed must not replace good values by nothing. So is one with
    pages that the reader failed on.
    """
    documents = counts.get("documents", 0)
    if documents == 0 and counts.get("listed/known", 0) and not counts.get("listed/first_seen", 0):
        return Verdict(Fitness.PUBLISH)  # the listings show what is known, and nothing was due
    if documents == 0:
        return Verdict(Fitness.EMPTY, "no document was found")
    failed_on = counts.get("other/reader_error", 0)
    if failed_on >= FEWEST_FAILED and failed_on > (documents + failed_on) * FAILED_READING:
        return Verdict(Fitness.HOLD, f"the reader failed on {failed_on:,} of {documents + failed_on:,} pages")
    documents_before = before.get("documents", 0) if before else 0
    if before is None or min(documents, documents_before) < SMALLEST_SAMPLE:
        return Verdict(Fitness.PUBLISH)
    for name, filled in sorted(before.items()):
        if not name.startswith("filled/"):
            continue
        share_before, share = filled / documents_before, counts.get(name, 0) / documents
        if share_before >= LOST_HALF and share < share_before * LOST_HALF:
            field = name.removeprefix("filled/")
            return Verdict(
                Fitness.HOLD,
                f"{field} was read on {share:.0%} of the documents, in the last published run on {share_before:.0%}",
            )
    return Verdict(Fitness.PUBLISH)
