"""What each ledger row changed in the history of one document, as the archive learned it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from itertools import groupby
from operator import attrgetter

ADDED, RETURNED, CHANGED, WITHDRAWN = "added", "returned", "changed", "withdrawn"

MAX_ALIGNED = 40_000
"""Old versions times new ones up to which a history that was rewritten is aligned version by version."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a run that was made visible says of the document."""

    visible_seq: int
    at: datetime
    """When the document was seen, or found gone, or found again."""
    content: str | None = None
    """Digest of the content it was seen with; None of a decision."""
    decision: str | None = None
    """`withdrawn` or `returned`; None of a sighting."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A stretch of time in which every reading gave the same content."""

    content: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change that readers of the archive saw."""

    visible_seq: int
    kind: str
    number: int
    """Of the version, counted from 1, in the history as it was then."""
    version: Version
    before: Version | None
    """What is told as having been there before; only of `changed`."""
    is_newest: bool
    """Whether the document's newest version was then this one."""
    at: datetime
    reason: str | None = None


def replay(facts: Iterable[Fact], since: int = 0) -> Iterator[Step]:
    """Yield the steps behind ledger row *since* that one document's *facts*, in the order of `visible_seq`, make.

    Each version that a row brings is told once, when that row made it visible. What is told as having been before is
    what stood in its place until then, else the version before it in time; of one that goes before the first, that
    one. Where a row only takes versions away, and another is the newest then, that is told as a change.
    """
    history = _History()
    for seq, group in groupby(facts, key=attrgetter("visible_seq")):
        steps = history.learn(seq, list(group))
        if seq > since:
            yield from steps


@dataclass
class _History:
    """What is known of the document after some rows of the ledger."""

    contents: dict[datetime, str] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    gone_at: list[tuple[datetime, str | None]] = field(default_factory=list)
    returned_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def learn(self, seq: int, facts: Sequence[Fact]) -> list[Step]:
        before = self.versions
        seen: dict[datetime, str] = {}
        for fact in facts:
            if fact.content is not None:
                seen[fact.at] = max(fact.content, seen.get(fact.at, ""))
        self._see(seen)
        steps = [] if before == self.versions else list(_told(seq, before, self.versions))
        return _in_order(steps, self._withdrawals(seq, facts))

    def _see(self, seen: dict[datetime, str]) -> None:
        if not seen:
            return
        is_later = not self.versions or min(seen) > self.versions[-1].last_seen
        self.contents.update(seen)
        if is_later:
            self.versions = _extended(self.versions, sorted(seen.items()))
        else:
            self.versions = _extended([], sorted(self.contents.items()))

    def _withdrawals(self, seq: int, facts: Sequence[Fact]) -> Iterator[Step]:
        """As the view `withdrawals` has it."""
        returned = [fact.at for fact in facts if fact.decision == RETURNED]
        self.gone_at += [(fact.at, fact.reason) for fact in facts if fact.decision == WITHDRAWN]
        if returned:
            self.returned_at = max(returned + ([self.returned_at] if self.returned_at else []))
        if not self.versions:
            return
        last = self.versions[-1].last_seen
        there = max(last, self.returned_at) if self.returned_at else last
        gone = min((each for each in self.gone_at if each[0] > there), key=lambda each: each[0], default=None)
        was, self.withdrawn_at = self.withdrawn_at, gone[0] if gone else None
        if (was is None) == (gone is None):
            return
        at, reason = gone or (there, next((fact.reason for fact in facts if fact.decision == RETURNED), None))
        yield Step(
            visible_seq=seq,
            kind=WITHDRAWN if gone else RETURNED,
            number=len(self.versions),
            version=self.versions[-1],
            before=None,
            is_newest=True,
            at=at,
            reason=reason,
        )


def _in_order(changes: list[Step], withdrawals: Iterable[Step]) -> list[Step]:
    """One that is back is back before it has changed; one that is gone was there before."""
    found = list(withdrawals)
    return [s for s in found if s.kind == RETURNED] + changes + [s for s in found if s.kind == WITHDRAWN]


def _extended(versions: Sequence[Version], readings: Iterable[tuple[datetime, str]]) -> list[Version]:
    """Return *versions* with later *readings*, in the order of time, behind them."""
    found = list(versions)
    for at, content in readings:
        if found and found[-1].content == content:
            found[-1] = Version(content, found[-1].first_seen, at)
        else:
            found.append(Version(content, at, at))
    return found


def _told(seq: int, before: Sequence[Version], after: Sequence[Version]) -> Iterator[Step]:
    """What is to be told where the history *before* became *after*."""
    newest_told = False
    for kept_from, kept_until, start, end in _rewritten(before, after):
        for number in range(start, end):
            replaced = kept_from + number - start
            if replaced < kept_until:
                was: Version | None = before[replaced]
            elif number:
                was = after[number - 1]
            else:
                was = before[0] if before else None
            yield _step(seq, number, after, was)
            newest_told |= number == len(after) - 1
    if before and not newest_told and before[-1].content != after[-1].content:
        yield _step(seq, len(after) - 1, after, before[-1])


def _step(seq: int, number: int, after: Sequence[Version], was: Version | None) -> Step:
    version = after[number]
    return Step(
        visible_seq=seq,
        kind=ADDED if was is None else CHANGED,
        number=number + 1,
        version=version,
        before=was,
        is_newest=number == len(after) - 1,
        at=version.first_seen,
    )


def _rewritten(before: Sequence[Version], after: Sequence[Version]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the stretches of *after* that were not in *before*, each with the stretch that it replaces."""
    old, new = [v.content for v in before], [v.content for v in after]
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old_middle, new_middle = old[start : len(old) - tail], new[start : len(new) - tail]
    if not new_middle:
        return
    if not old_middle or len(old_middle) * len(new_middle) > MAX_ALIGNED:
        yield start, len(old) - tail, start, len(new) - tail
        return
    for kind, i, j, k, m in SequenceMatcher(None, old_middle, new_middle, autojunk=False).get_opcodes():
        if kind in ("replace", "insert"):
            yield start + i, start + j, start + k, start + m
