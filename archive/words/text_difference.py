"""What changed in a text, as words and phrases that a person reads."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

EQUAL, DELETE, INSERT = "equal", "delete", "insert"
WORDS, PARAGRAPHS = "words", "paragraphs"

MAX_STEPS = 2_000_000
"""Comparisons of two words that one difference may cost: a second. What is left then is told paragraph by paragraph."""

MAX_EDITS = 1_200
"""Words put in and taken out within one stretch that is compared word by word; memory grows with the square: 6 MB."""

ANCHORED_FROM = 300
"""Words of a stretch from which on phrases that occur once in both texts are looked for first."""

ANCHOR_WORDS = 4

LONGEST_ISLAND = 10
"""Characters of equal text between two changes that may become part of one: what is longer is read as kept."""

LONGEST_SLIDE = 80
"""Characters that a change is moved by to begin where a phrase does."""

_CJK = "\u2e80-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"\d+|(?:(?![{_CJK}])[^\W\d_])+|\n|[^\S\n]+|.", re.DOTALL)
"""A run of digits, a word, a line's end, space; a Chinese, Japanese or Korean character, or any other, alone."""

_PARAGRAPH = re.compile(r"[^\n]*\n|[^\n]+")
_SENTENCE_ENDS = frozenset("。！？；.!?;…")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of either text, or of both."""

    op: str
    """`equal`; `delete`: in the old text alone; `insert`: in the new one alone."""
    text: str


@dataclass(frozen=True, slots=True)
class TextDifference:
    """Segments in order; where something was replaced, what was deleted comes first.

    Without the inserted ones they are the old text, without the deleted ones the new.
    """

    segments: tuple[Segment, ...]
    level: str
    """`words`; `paragraphs` where a part was too long and too different to be compared word by word."""


class _Change(NamedTuple):
    """Characters (or words) *old_start* to *old_end* became *new_start* to *new_end*."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def text_difference(old: str, new: str) -> TextDifference:
    """Return what became of *old* in *new*, in time and memory that grow with their length alone.

    Paragraphs are compared first, then the words of those that differ. Short equal stretches between changes are made
    part of them, and changes begin at the beginning of phrases where they may.

    >>> [(s.op, s.text) for s in text_difference("全年增加三成。", "全年减少五成。").segments]
    [('equal', '全年'), ('delete', '增加三'), ('insert', '减少五'), ('equal', '成。')]
    """
    comparison = _Comparison()
    changes = list(comparison.changes(old, new))
    changes = list(_slid(old, new, _without_islands(changes)))
    return TextDifference(tuple(_segments(old, new, changes)), PARAGRAPHS if comparison.gave_up else WORDS)


class _Comparison:
    """One comparison, with the steps that it may still take."""

    def __init__(self) -> None:
        self.steps_left = MAX_STEPS
        self.gave_up = False

    def changes(self, old: str, new: str) -> Iterator[_Change]:
        """Yield the changes in characters, in order."""
        paragraphs = _Cut(_PARAGRAPH, old, new)
        stretches = list(self._aligned(paragraphs.old, paragraphs.new, 1))
        self.gave_up = False  # of paragraphs: their words are still to be compared
        for change in stretches:
            stretch = paragraphs.characters(change)
            old_part, new_part = old[stretch.old_start : stretch.old_end], new[stretch.new_start : stretch.new_end]
            if not old_part or not new_part:
                yield stretch
                continue
            words = _Cut(_TOKEN, old_part, new_part)
            for inner in self._aligned(words.old, words.new, ANCHOR_WORDS):
                part = words.characters(inner)
                yield _moved(part, stretch.old_start, stretch.new_start)

    def _aligned(self, old: Sequence[int], new: Sequence[int], anchor: int) -> Iterator[_Change]:
        """Yield the changes between two sequences: between anchors, found edit by edit."""
        start, tail = _same_ends(old, new)
        inner = (old[start : len(old) - tail], new[start : len(new) - tail])
        anchors: list[tuple[int, int]] = []
        if anchor == 1 or sum(map(len, inner)) > ANCHORED_FROM:
            anchors = _anchors(*inner, anchor)
        ends = [(-1, -1), *anchors, (len(inner[0]), len(inner[1]))]
        for (old_before, new_before), (old_next, new_next) in pairwise(ends):
            gap = (inner[0][old_before + 1 : old_next], inner[1][new_before + 1 : new_next])
            for change in self._edited(*gap):
                yield _moved(change, start + old_before + 1, start + new_before + 1)

    def _edited(self, old: Sequence[int], new: Sequence[int]) -> Iterator[_Change]:
        start, tail = _same_ends(old, new)
        old, new = old[start : len(old) - tail], new[start : len(new) - tail]
        if not old and not new:
            return
        found: list[_Change] | None = [_Change(0, len(old), 0, len(new))]
        if old and new:
            found = self._shortest(old, new)
            if found is None:
                self.gave_up = True
                found = [_Change(0, len(old), 0, len(new))]
        for change in found or ():
            yield _moved(change, start, start)

    def _shortest(self, old: Sequence[int], new: Sequence[int]) -> list[_Change] | None:
        """Return the fewest edits (Myers 1986, greedy); None where that takes too many edits or steps."""
        most = min(len(old) + len(new), MAX_EDITS)
        if abs(len(old) - len(new)) > most:
            return None
        reached = array("i", [0] * (2 * most + 3))
        middle = most + 1
        trace: list[array[int]] = []
        for edits in range(most + 1):
            trace.append(reached[middle - edits - 1 : middle + edits + 2])
            for diagonal in range(-edits, edits + 1, 2):
                down = diagonal == -edits or (
                    diagonal != edits and reached[middle + diagonal - 1] < reached[middle + diagonal + 1]
                )
                x = reached[middle + diagonal + 1] if down else reached[middle + diagonal - 1] + 1
                y = began = x - diagonal
                while x < len(old) and y < len(new) and old[x] == new[y]:
                    x += 1
                    y += 1
                self.steps_left -= y - began + 1
                reached[middle + diagonal] = x
                if x >= len(old) and y >= len(new):
                    return _walked_back(trace, edits, diagonal, len(old), len(new))
            if self.steps_left <= 0:
                return None
        return None


def _walked_back(trace: list[array[int]], edits: int, diagonal: int, x: int, y: int) -> list[_Change]:
    """Return the edits of the path that ended at *x*, *y*; neighbouring ones made one change."""
    changes: list[_Change] = []
    for number in range(edits, 0, -1):
        reached = trace[number]
        at = number + 1 + diagonal
        down = diagonal == -number or (diagonal != number and reached[at - 1] < reached[at + 1])
        diagonal += 1 if down else -1
        before_x = reached[number + 1 + diagonal]
        before_y = before_x - diagonal
        edit = _Change(before_x, before_x + (not down), before_y, before_y + down)
        if changes and (edit.old_end, edit.new_end) == (changes[-1].old_start, changes[-1].new_start):
            last = changes.pop()
            edit = _Change(edit.old_start, last.old_end, edit.new_start, last.new_end)
        changes.append(edit)
    return changes[::-1]


class _Cut:
    """Two texts cut into the same kind of pieces, each piece a number: equal pieces have the same."""

    def __init__(self, pattern: re.Pattern[str], old: str, new: str) -> None:
        numbers: dict[str, int] = {}
        self.old, self._old_ends = _numbered(pattern, old, numbers)
        self.new, self._new_ends = _numbered(pattern, new, numbers)

    def characters(self, change: _Change) -> _Change:
        """Return a change of pieces as one of characters."""
        return _Change(
            self._old_ends[change.old_start],
            self._old_ends[change.old_end],
            self._new_ends[change.new_start],
            self._new_ends[change.new_end],
        )


def _numbered(pattern: re.Pattern[str], text: str, numbers: dict[str, int]) -> tuple[array[int], array[int]]:
    """Return the pieces as numbers, and where each ends, 0 before the first: arrays, for a text may have a million."""
    pieces, ends = array("i"), array("i", [0])
    for match in pattern.finditer(text):
        pieces.append(numbers.setdefault(match.group(), len(numbers)))
        ends.append(match.end())
    return pieces, ends


def _same_ends(old: Sequence[int], new: Sequence[int]) -> tuple[int, int]:
    """Return how many pieces are the same at the beginning, and at the end behind those."""
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < shorter - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return start, tail


def _anchors(old: Sequence[int], new: Sequence[int], words: int) -> list[tuple[int, int]]:
    """Return where phrases of *words* pieces begin that occur once in each, in an order that both have them in."""
    there = _once(new, words)
    pairs = [(i, there[phrase]) for phrase, i in _once(old, words).items() if phrase in there]
    pairs.sort()
    return _longest_rising(pairs)


def _once(pieces: Sequence[int], words: int) -> dict[tuple[int, ...], int]:
    """Return the phrases that occur once, and where."""
    found: dict[tuple[int, ...], int] = {}
    for place, phrase in enumerate(zip(*(pieces[shift:] for shift in range(words)), strict=False)):
        found[phrase] = -1 if phrase in found else place
    return {phrase: place for phrase, place in found.items() if place >= 0}


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of *pairs*, which rise in the first number, that rises in the second, too."""
    tops: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        before.append(last[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [place]
        last[pile : pile + 1] = [number]
    found = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _moved(change: _Change, old: int, new: int) -> _Change:
    return _Change(change.old_start + old, change.old_end + old, change.new_start + new, change.new_end + new)


def _without_islands(changes: Sequence[_Change]) -> list[_Change]:
    """Return the changes with those made one that only a short equal stretch parts, no longer than either of them.

    One character that two versions of a sentence have in common by chance is not what was kept (the rule is that of
    the semantic clean-up of diff-match-patch, with a limit).
    """
    found: list[_Change] = []
    for change in changes:
        while found:
            before = found[-1]
            island = change.old_start - before.old_end
            if island > min(LONGEST_ISLAND, _size(before), _size(change)):
                break
            found.pop()
            change = _Change(before.old_start, change.old_end, before.new_start, change.new_end)
        found.append(change)
    return found


def _size(change: _Change) -> int:
    return max(change.old_end - change.old_start, change.new_end - change.new_start)


def _slid(old: str, new: str, changes: Sequence[_Change]) -> Iterator[_Change]:
    """Yield the changes; what was only put in or only taken out is moved to where a phrase begins.

    Where "甲，" is put in before "甲，" it may be either; and the end of one phrase with the beginning of the next is
    no phrase.
    """
    floor = 0
    for number, change in enumerate(changes):
        ceiling = changes[number + 1].old_start - 1 if number + 1 < len(changes) else len(old)
        by = 0
        if change.old_start == change.old_end:
            room = (change.old_start - floor, ceiling - change.old_end)
            by = _best_slide(new, change.new_start, change.new_end, room)
        elif change.new_start == change.new_end:
            room = (change.old_start - floor, ceiling - change.old_end)
            by = _best_slide(old, change.old_start, change.old_end, room)
        slid = _moved(change, by, by)
        floor = slid.old_end + 1
        yield slid


def _best_slide(text: str, start: int, end: int, room: tuple[int, int]) -> int:
    """Return by how many characters the stretch *start* to *end* of *text* may best be moved, within *room*."""
    best, by = _fitness(text, start) + _fitness(text, end), 0
    for step in (-1, 1):
        for moved in range(1, min(LONGEST_SLIDE, room[step > 0]) + 1):
            leaving, entering = (end - moved, start - moved) if step < 0 else (start + moved - 1, end + moved - 1)
            if text[leaving] != text[entering]:
                break
            fitness = _fitness(text, start + step * moved) + _fitness(text, end + step * moved)
            if fitness > best:
                best, by = fitness, step * moved
    return by


def _fitness(text: str, place: int) -> int:
    """Return how well a change may begin or end at *place*: best at a line's, then a sentence's, a phrase's end."""
    if place in (0, len(text)) or text[place - 1] == "\n":
        return 4
    before, after = text[place - 1], text[place]
    if before in _SENTENCE_ENDS:
        return 3
    if not before.isalnum():
        return 2
    if not after.isalnum():
        return 1
    return -8 if _TOKEN.match(before + after).end() == 2 else 0  # type: ignore[union-attr]


def _segments(old: str, new: str, changes: Sequence[_Change]) -> Iterator[Segment]:
    at = 0
    for change in changes:
        pieces = (
            (EQUAL, old[at : change.old_start]),
            (DELETE, old[change.old_start : change.old_end]),
            (INSERT, new[change.new_start : change.new_end]),
        )
        yield from (Segment(op, text) for op, text in pieces if text)
        at = change.old_end
    if at < len(old):
        yield Segment(EQUAL, old[at:])
