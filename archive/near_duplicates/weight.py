"""How much two texts pull together, or push apart: evidence as one number."""

from __future__ import annotations

from archive.near_duplicates.verification import Evidence

UNIT = 4096
"""Weights are whole numbers of this fraction: their sums do not depend on the order."""

MAX_NUMBER_CONFLICTS = 0.12
"""Share of the numbers that copies of one work may have otherwise."""

MAX_NOVEL = 0.08
"""Share of the shorter text that may stand nowhere in the longer one."""

MIN_COMMON = 0.6
"""Share of the shorter text that must stand in the longer one."""

MIN_SPAN = 80
FULL_SPAN = 600
"""Characters in common from which on a pair pulls with full weight; below `MIN_SPAN` it does not at all."""

MAX_END = 75
MAX_ENDS = 0.12
"""Text that both have before, or behind, what they have in common, and that stands nowhere in the other: characters at
one end; share of the span at both."""

AGREEING = 5
"""Numbers at the same place that are the same, and none that is not: so many outweigh somewhat more that is new."""

MAX_NOVEL_OF_AGREEING = 0.16

AGREEING_IN_PLACE, IN_PLACE = 8, 0.9
"""So many, where this share of the span stands at its place, outweigh years in the heads: they may be a title's, or of
a sentence that was moved there."""

AGREEING_A_YEAR = 12
"""Numbers that are the same for each year that is not: one year more or less where sentences were moved is chance."""

MIN_AGAINST, FULL_AGAINST = 60, 300
"""Characters in common from which on a difference says anything, and says all it can."""


def weight(evidence: Evidence | None) -> int:
    """Return what speaks for one work (above 0) or against it (below), in parts of `UNIT`; 0: nothing."""
    return round(_weight(evidence) * UNIT) if evidence is not None else 0


def _weight(e: Evidence) -> float:
    common, novel = e.common / e.length, e.novel / e.length
    conflicts = e.number_conflicts / max(1, e.numbers)
    against = _against(e, novel, conflicts)
    if against:
        return -against * min(1.0, e.common / FULL_AGAINST) if e.common >= MIN_AGAINST else 0.0
    if common < MIN_COMMON or e.span < MIN_SPAN:
        return -0.1 if e.common >= 200 else 0.0
    return min(1.0, e.span / FULL_SPAN) * common * (1 - novel) * (1 - conflicts)


def _against(e: Evidence, novel: float, conflicts: float) -> float:
    same = e.numbers - e.number_conflicts
    agreeing = same >= AGREEING and not e.number_conflicts
    max_novel = MAX_NOVEL_OF_AGREEING if agreeing else MAX_NOVEL
    against = 1.0 if e.year_conflicts and same < AGREEING_A_YEAR * e.year_conflicts else 0.0
    if conflicts > MAX_NUMBER_CONFLICTS:
        against += min(2.0, 0.5 + conflicts * min(3, e.number_conflicts))
    if novel > max_novel:
        against += min(1.0, 0.3 + 3 * (novel - max_novel))
    if e.other_years_in_heads and not (agreeing and _is_in_place(e)):
        against += 0.5
    if max(e.left, e.right) > MAX_END:
        against += 0.5
    elif e.left + e.right > MAX_ENDS * e.span:
        against += 0.3
    return against


def _is_in_place(e: Evidence) -> bool:
    return e.numbers >= AGREEING_IN_PLACE and e.common > IN_PLACE * e.span
