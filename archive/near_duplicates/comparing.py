"""Compares the texts that wait with all that have enough keys in common with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from archive.duckdb_session import Session
from archive.near_duplicates.canonical import Canonical, Canonicalizer
from archive.near_duplicates.newest_texts import NewestTexts, texts_in_file
from archive.near_duplicates.sketch import Hashes, sketch
from archive.near_duplicates.store import Store
from archive.near_duplicates.verification import Prepared, compare
from archive.near_duplicates.weight import weight

STEP = 2_000
"""Texts compared in one step, all in memory: some 25 KB each."""

COMMON_KEYS = 3
COMMON_SHARE = 0.4
"""Of the keys of the text that has fewer: what two texts must have in common to be compared."""

ASKED_AT_ONCE = 250
"""Texts whose candidates are counted at a time: what a stock phrase has in common with thousands is soon dropped."""

Pairs = dict[int, list[int]]
"""Text -> texts to compare it with."""


class StoredTexts:
    """The canonical texts that the index knows by number, read from the tables again."""

    def __init__(self, session: Session, store: Store, canonicalizer: Canonicalizer) -> None:
        self._session = session
        self._store = store
        self._canonicalizer = canonicalizer
        self._all: NewestTexts | None = None

    def __enter__(self) -> StoredTexts:
        return self

    def __exit__(self, *_: object) -> None:
        if self._all is not None:
            self._all.close()

    def read(self, numbers: Sequence[int], *, many: bool) -> Iterator[tuple[int, Canonical]]:
        """Yield number and text, file by file; *many*: it is worth while to know where every text lies."""
        of_document = {(site, doc_id): text for text, site, doc_id in self._store.first_documents(numbers)}
        if not of_document:
            return
        if many and self._all is None:
            self._all = NewestTexts(self._session, None)
        newest = self._all or NewestTexts(self._session, of_document.keys())
        for path, rows in newest.places(of_document.keys()).items():
            document = dict(rows)
            for row, text in texts_in_file(path, [row for row, _ in rows]):
                yield of_document[document[row]], self._canonicalizer.canonical(text)
        if newest is not self._all:
            newest.close()


def compare_waiting(store: Store, stored: StoredTexts) -> int:
    """Take one step: compare some of the texts that wait; return how many, 0 when none waits."""
    waiting = store.waiting(STEP)
    if not waiting:
        return 0
    many = len(waiting) == STEP
    texts = dict(stored.read(waiting, many=many))
    within, beyond = candidates(store, texts)
    prepared = {number: Prepared(text) for number, text in texts.items()}
    texts.clear()
    weights: dict[tuple[int, int], int] = {}
    for one, others in within.items():
        _weigh(weights, one, prepared[one], ((other, prepared[other]) for other in others))
    for number, text in stored.read(sorted(beyond), many=many or len(beyond) > STEP):
        _weigh(weights, number, Prepared(text), ((other, prepared[other]) for other in beyond[number]))
    with store.transaction():
        store.settle(waiting, weights)
    return len(waiting)


def _weigh(
    weights: dict[tuple[int, int], int], one: int, text: Prepared, others: Iterable[tuple[int, Prepared]]
) -> None:
    for other, compared in others:
        pull = weight(compare(text, compared))
        if pull:
            weights[one, other] = pull


def candidates(store: Store, texts: Mapping[int, Canonical]) -> tuple[Pairs, Pairs]:
    """Return which of *texts* are to be compared with each other, and which others with which of them.

    Others that wait are left out: the pair is compared when they are.
    """
    within: Pairs = {}
    beyond: Pairs = {}
    numbers = sorted(texts)
    for first in range(0, len(numbers), ASKED_AT_ONCE):
        asked = numbers[first : first + ASKED_AT_ONCE]
        sketches = [sketch(texts[number].codes) for number in asked]
        owners = np.repeat(np.array(asked, np.uint64), [len(keys) for keys in sketches])
        hits = store.having(np.concatenate(sketches))
        pairs = owners[hits.asked] << np.uint64(32) | hits.texts
        pairs, common = np.unique(pairs, return_counts=True)
        pairs, common = pairs[common >= COMMON_KEYS], common[common >= COMMON_KEYS]
        ones, others = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
        counts = store.key_counts(np.union1d(ones, others).tolist())
        enough = (ones != others) & (common >= COMMON_SHARE * np.minimum(_keys(ones, counts), _keys(others, counts)))
        for one, other in zip(ones[enough].tolist(), others[enough].tolist(), strict=True):
            if other not in counts:
                continue  # it is gone
            if other in texts:
                if one < other:
                    within.setdefault(one, []).append(other)
            elif not counts[other][1]:
                beyond.setdefault(other, []).append(one)
    return within, beyond


def _keys(texts: Hashes, counts: Mapping[int, tuple[int, bool]]) -> Hashes:
    """Return how many keys each of *texts* has, 0 of one that is gone."""
    distinct, places = np.unique(texts, return_inverse=True)
    found = [counts[text][0] if text in counts else 0 for text in distinct.tolist()]
    return np.array(found, np.uint64)[places]
