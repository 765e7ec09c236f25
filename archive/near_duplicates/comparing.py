"""Compares the texts that wait with all that have enough keys in common with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from archive.near_duplicates.canonical import Canonical, Canonicalizer
from archive.near_duplicates.known_texts import KnownTexts
from archive.near_duplicates.sketch import Hashes, sketch
from archive.near_duplicates.spilled import Spilled, SpilledTexts
from archive.near_duplicates.store import Store
from archive.near_duplicates.verification import Prepared, compare
from archive.near_duplicates.weight import weight
from archive.snapshot.duckdb_session import Session

STEP = 2_000
"""Texts compared in one step, all in memory: some 25 KB each."""

COMMON_KEYS = 3
COMMON_SHARE = 0.4
"""Of the keys of the text that has fewer: what two texts must have in common to be compared."""

ASKED_AT_ONCE = 200
"""Texts whose candidates are counted at a time, at most; fewer where they have stock phrases in common with so many
others that more than `HITS_AT_ONCE` were found: each takes some 60 bytes until it is counted."""

HITS_AT_ONCE = 400_000

Pairs = dict[int, list[int]]
"""Text -> texts to compare it with."""


class StoredTexts:
    """The canonical texts that the index knows by number: as they were spilled, or read from the tables again."""

    def __init__(self, session: Session, store: Store, canonicalizer: Canonicalizer) -> None:
        self._store = store
        self._known = KnownTexts(session, store)
        self._canonicalizer = canonicalizer
        self._spilled = SpilledTexts(store.folder)

    def __enter__(self) -> StoredTexts:
        return self

    def __exit__(self, *_: object) -> None:
        self._spilled.close()

    def put(self, number: int, text: Canonical, keys: Hashes) -> None:
        """Keep a text that was just made."""
        self._spilled.put(number, text, keys)

    def get(self, number: int) -> Spilled:
        """Return a text that `fetch` fetched."""
        return self._spilled.get(number)

    def fetch(self, numbers: Sequence[int]) -> list[int]:
        """See to it that *numbers* can be had, file by file; return those that can: some may be gone."""
        missing = [number for number in numbers if number not in self._spilled]
        if missing:
            self._read(missing)
        return [number for number in numbers if number in self._spilled]

    def _read(self, numbers: Sequence[int]) -> None:
        for document, text in self._known.read(self._store.first_documents(numbers)):
            if document.text is not None:
                canonical = self._canonicalizer.canonical(text)
                self._spilled.put(document.text, canonical, sketch(canonical.codes))


def compare_waiting(store: Store, stored: StoredTexts) -> int:
    """Take one step: compare some of the texts that wait; return how many, 0 when none waits."""
    waiting = store.waiting(STEP)
    if not waiting:
        return 0
    there = stored.fetch(waiting)
    within, beyond = candidates(store, {number: stored.get(number).keys for number in there})
    prepared = {number: Prepared(stored.get(number).text) for number in there}
    weights: dict[tuple[int, int], int] = {}
    for one, others in within.items():
        _weigh(weights, one, prepared[one], ((other, prepared[other]) for other in others))
    for number in stored.fetch(sorted(beyond)):
        _weigh(
            weights, number, Prepared(stored.get(number).text), ((other, prepared[other]) for other in beyond[number])
        )
    with store.transaction():
        store.settle(waiting, weights)
    store.postings.release()
    return len(waiting)


def _weigh(
    weights: dict[tuple[int, int], int], one: int, text: Prepared, others: Iterable[tuple[int, Prepared]]
) -> None:
    for other, compared in others:
        pull = weight(compare(text, compared))
        if pull:
            weights[one, other] = pull


def candidates(store: Store, sketches: Mapping[int, Hashes]) -> tuple[Pairs, Pairs]:
    """Return which texts of *sketches* are to be compared with each other, and which others with which of them.

    Others that wait are left out: the pair is compared when they are.
    """
    within: Pairs = {}
    beyond: Pairs = {}
    numbers = sorted(sketches)
    first, size = 0, ASKED_AT_ONCE // 4
    while first < len(numbers):
        asked = numbers[first : first + size]
        first += size
        keys = [store.telling(sketches[number]) for number in asked]
        owners = np.repeat(np.array(asked, np.uint64), [len(each) for each in keys])
        hits = store.postings.having(np.concatenate(keys))
        size = max(1, min(ASKED_AT_ONCE, size * HITS_AT_ONCE // max(HITS_AT_ONCE // 4, len(hits.texts))))
        pairs, common = _counted(owners[hits.asked] << np.uint64(32) | hits.texts)
        ones, others = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
        counts = store.key_counts(np.union1d(ones, others).tolist())
        enough = (ones != others) & (common >= COMMON_SHARE * np.minimum(_keys(ones, counts), _keys(others, counts)))
        for one, other in zip(ones[enough].tolist(), others[enough].tolist(), strict=True):
            if other not in counts:
                continue  # it is gone
            if other in sketches:
                if one < other:
                    within.setdefault(one, []).append(other)
            elif not counts[other][1]:
                beyond.setdefault(other, []).append(one)
    return within, beyond


def _counted(pairs: Hashes) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Return the pairs that occur at least `COMMON_KEYS` times, and how often each does."""
    pairs = np.sort(pairs)
    new = np.ones(len(pairs) + 1, bool)
    np.not_equal(pairs[1:], pairs[:-1], out=new[1:-1])
    bounds = new.nonzero()[0]
    counts = bounds[1:] - bounds[:-1]
    enough = counts >= COMMON_KEYS
    return pairs[bounds[:-1][enough]], counts[enough]


def _keys(texts: Hashes, counts: Mapping[int, tuple[int, bool]]) -> Hashes:
    """Return how many keys each of *texts* has, 0 of one that is gone."""
    distinct, places = np.unique(texts, return_inverse=True)
    found = [counts[text][0] if text in counts else 0 for text in distinct.tolist()]
    return np.array(found, np.uint64)[places]
