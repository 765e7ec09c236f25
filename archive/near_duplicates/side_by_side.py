"""What stands in a copy at each place of a text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from archive.near_duplicates.canonical import Canonical, Codes
from archive.near_duplicates.lexicon import NEITHER, NUMBER, Located
from archive.near_duplicates.verification import Prepared, common_runs

BLOCK, ALIKE = 8, 4
"""A run goes on beyond its last anchor while so many characters of a block stand in both texts."""

LONGEST_WORD = 3
"""Characters, one behind another, that may be a word put for another."""

_FIRST, _LAST = 0x4E00, 0x9FFF


@dataclass(frozen=True, slots=True)
class Place:
    """What a copy has at one place."""

    text: str
    word: int
    """Which word of the lexicon it is there; below 0 for none."""
    length: int = 0
    """Of how many characters of the text it is another word for; 0 where both have the same, or one of a class."""


def places_of(mine: Located, theirs: Located) -> dict[int, Place]:
    """Return token of *mine* -> what *theirs* has there, of what lies side by side in both."""
    found: dict[int, Place] = {}
    runs = [_extended(mine, theirs, *run) for run in common_runs(_prepared(mine), _prepared(theirs))]
    for start, end, diagonal in sorted(runs, key=lambda run: run[0] - run[1]):
        same = mine.codes[start:end] == theirs.codes[start + diagonal : end + diagonal]
        for at in np.flatnonzero(same).tolist():
            place = start + at + diagonal
            found.setdefault(start + at, Place(theirs.token(place), theirs.words[place]))
        for first, last in _stretches(same):
            there = start + diagonal
            _put_word(found, mine, theirs, (start + first, start + last), (there + first, there + last))
    runs.sort()
    for (_, end, diagonal), (start, _, next_diagonal) in pairwise(runs):
        _put_word(found, mine, theirs, (end, start), (end + diagonal, start + next_diagonal))
    return found


def _put_word(
    found: dict[int, Place], mine: Located, theirs: Located, here: tuple[int, int], there: tuple[int, int]
) -> None:
    """Note a short stretch that reads otherwise in the copy, where both are Chinese and nothing stands between."""
    while min(here[1] - here[0], there[1] - there[0]) > 1 and mine.codes[here[0]] == theirs.codes[there[0]]:
        here, there = (here[0] + 1, here[1]), (there[0] + 1, there[1])
    while min(here[1] - here[0], there[1] - there[0]) > 1 and mine.codes[here[1] - 1] == theirs.codes[there[1] - 1]:
        here, there = (here[0], here[1] - 1), (there[0], there[1] - 1)
    if not (0 < here[1] - here[0] <= LONGEST_WORD and 0 < there[1] - there[0] <= LONGEST_WORD):
        return
    texts = [
        text.text[text.starts[first] : text.ends[last - 1]] for text, (first, last) in ((mine, here), (theirs, there))
    ]
    if all(_FIRST <= ord(c) <= _LAST for text in texts for c in text):
        found.setdefault(here[0], Place(texts[1], NEITHER, here[1] - here[0]))


def _prepared(text: Located) -> Prepared:
    at = np.flatnonzero(np.array(text.words) == NUMBER)
    return Prepared(Canonical(text.codes, at, tuple(text.token(place) for place in at.tolist())))


def _extended(mine: Located, theirs: Located, start: int, end: int, diagonal: int) -> tuple[int, int, int]:
    """Return a run with what goes on alike beyond its ends, up to the last character that both have."""
    before = min(start, start + diagonal)
    there = start + diagonal
    start -= _alike(mine.codes[start - before : start][::-1], theirs.codes[there - before : there][::-1])
    room = min(len(mine.codes) - end, len(theirs.codes) - end - diagonal)
    there = end + diagonal
    end += _alike(mine.codes[end : end + room], theirs.codes[there : there + room])
    return start, end, diagonal


def _alike(one: Codes, other: Codes) -> int:
    """Return how far two stretches go on alike from their beginnings."""
    same = one == other
    reached = at = 0
    while at < len(same):
        block = same[at : at + BLOCK]
        if np.count_nonzero(block) * BLOCK < ALIKE * len(block):
            break
        reached = at + int(np.flatnonzero(block)[-1]) + 1
        at += len(block)
    return reached


def _stretches(same: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return where both texts differ, but for the ends of the run."""
    edges = np.flatnonzero(np.diff(~same, prepend=False, append=False))
    return [
        (first, last)
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        if first > 0 and last < len(same)
    ]
