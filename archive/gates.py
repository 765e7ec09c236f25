"""Is a fetched run fit to publish? Judged by what the site's own published runs were like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SMALLEST_SAMPLE = 20
"""Documents below which a share says nothing: one unlucky page in 20 moves it by 5 %."""

LOST_HALF = 0.5
"""A field filled on less than this share of what the last published run filled is taken for lost."""


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


def judge(counts: Mapping[str, int], before: Mapping[str, int] | None) -> Verdict:
    """Judge a run by its counts and those of the site's last published run (None: it is the first).

    A run without documents is `empty`. One in which a field that used to be filled no longer is, is held: a template
    that changed must not replace good values by nothing.
    """
    documents = counts.get("documents", 0)
    if documents == 0:
        return Verdict(Fitness.EMPTY, "no document was found")
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
