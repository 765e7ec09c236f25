"""Which id each work has, so that as few documents as possible ever get another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

ASSIGNED, MERGED, SPLIT = "assigned", "merged", "split"
"""Why a document has another work than before: it joined one; two became one; one became two."""

Age = tuple[int, int, str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """A document of a cluster."""

    site: str
    doc_id: str
    age: Age
    """Sorts documents: the one published first, of those the one seen first, comes first."""
    work_id: str
    """Until now."""

    @property
    def own_id(self) -> str:
        """The id of a work that has this document alone."""
        return f"{self.site}/{self.doc_id}"


@dataclass(frozen=True, slots=True)
class Change:
    """A document gets another work."""

    site: str
    doc_id: str
    work_id: str
    previous_work_id: str
    kind: str


def changes(clusters: Iterable[Sequence[Member]], is_taken: Callable[[str], bool]) -> list[Change]:
    """Return which documents get which other work, *clusters* being all members of some works.

    The id of a work is that of its earliest member when it came to be. Of several works that become one the oldest
    gives its id; where one becomes several the largest part keeps it, of equal ones the earliest. *is_taken* says of
    an id whether documents outside of *clusters* have it.
    """
    ordered = sorted((sorted(cluster, key=lambda m: m.age) for cluster in clusters), key=lambda c: c[0].age)
    holders = _holders(ordered)
    given: set[str] = set()
    found: dict[int, str] = {}
    for number, members in enumerate(ordered):
        kept = [m.work_id for m in members if holders[m.work_id] == number and not is_taken(m.work_id)]
        if kept:
            found[number] = min(kept, key=lambda work_id: _age_of(work_id, members))
            given.add(found[number])
    for number, members in enumerate(ordered):
        if number not in found:
            free = (m.own_id for m in members if m.own_id not in given and not is_taken(m.own_id))
            found[number] = next(free, None) or _fresh(members[0].own_id, given, is_taken)
            given.add(found[number])
    return [
        Change(m.site, m.doc_id, found[number], m.work_id, _kind(m, members, found[number], holders, number))
        for number, members in enumerate(ordered)
        for m in members
        if m.work_id != found[number]
    ]


def _holders(clusters: Sequence[Sequence[Member]]) -> dict[str, int]:
    """Return id -> the cluster that may keep it: where most of its documents are, of equal ones the earliest."""
    counts: dict[str, Counter[int]] = {}
    for number, members in enumerate(clusters):
        for member in members:
            counts.setdefault(member.work_id, Counter())[number] += 1
    return {work_id: max(by, key=lambda number: (by[number], -number)) for work_id, by in counts.items()}


def _age_of(work_id: str, members: Sequence[Member]) -> Age:
    """How old a work is: as the document that gave it its id, or else as its first member here."""
    namesake = [m.age for m in members if m.own_id == work_id]
    return min(namesake or [m.age for m in members if m.work_id == work_id])


def _fresh(own_id: str, given: set[str], is_taken: Callable[[str], bool]) -> str:
    number = 2
    while (work_id := f"{own_id}~{number}") in given or is_taken(work_id):
        number += 1
    return work_id


def _kind(member: Member, members: Sequence[Member], work_id: str, holders: Mapping[str, int], number: int) -> str:
    if holders[member.work_id] != number:
        return SPLIT
    return ASSIGNED if sum(m.work_id == member.work_id for m in members) == 1 else MERGED
