"""Learns from copies which words sites put in the place of others.

Where two copies of a work lie side by side and differ in one or two characters, that difference is noted with the
characters beside it. A difference that recurs over many works and sites is a pair of words; what differs between
siblings of a template (names, courses, places) does not recur, and siblings are not copies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from archive.near_duplicates.canonical import Codes
from archive.near_duplicates.pairs import LEARNED, Pair, PairTable
from archive.near_duplicates.verification import Prepared, common_runs

MIN_WORKS = 4
"""Works in which a difference must be found, and `MIN_SITES` the sites of their copies, to be a pair."""

MIN_SITES = 3

MAX_COPIES = 7
"""Of one work that are compared, each with each."""

MIN_SHARE = 0.25
"""Of all works in which a word differs from another at its place: below, it differs from too many."""

_FIRST, _LAST = 0x4E00, 0x9FFF


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a work, its text canonical under no table of pairs at all."""

    site: str
    text: Prepared


@dataclass(frozen=True, slots=True)
class _Difference:
    """What stands in one text, and in the other, with the characters before and behind that both have."""

    before: str
    one: str
    other: str
    behind: str

    def words(self) -> Iterator[tuple[str, str]]:
        """Yield the words of two characters that it may be a difference of, each pair sorted."""
        if len(self.one) == 2:
            yield _sorted(self.one, self.other)
            return
        yield _sorted(self.before + self.one, self.before + self.other)
        yield _sorted(self.one + self.behind, self.other + self.behind)


def _sorted(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


@dataclass(slots=True)
class _Found:
    works: set[int] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)

    @property
    def is_strong(self) -> bool:
        """Whether it recurs."""
        return len(self.works) >= MIN_WORKS and len(self.sites) >= MIN_SITES


class Learner:
    """Takes in works and says which pairs they show."""

    def __init__(self, seed: PairTable) -> None:
        self._seed = {(pair.original, pair.replacement) for pair in seed.pairs}
        self._found: dict[_Difference, _Found] = {}
        self._votes: Counter[tuple[str, str]] = Counter()
        """(original, replacement) -> in how many pairs of copies the one with known originals had the first word."""
        self._works = 0

    def add_work(self, copies: Sequence[Copy]) -> None:
        """Take in the copies of one work."""
        self._works += 1
        for one, other in combinations(copies[:MAX_COPIES], 2):
            differences = list(_differences(one.text, other.text))
            for difference in differences:
                found = self._found.setdefault(_ordered(difference), _Found())
                found.works.add(self._works)
                found.sites.update((one.site, other.site))
            self._vote(differences)

    def _vote(self, differences: Sequence[_Difference]) -> None:
        words = [(each, list(_directed(each))) for each in differences]
        forth = sum((one, other) in self._seed for _, pairs in words for one, other in pairs)
        back = sum((other, one) in self._seed for _, pairs in words for one, other in pairs)
        if forth == back:
            return
        for one, other in {pair for _, pairs in words for pair in pairs}:
            self._votes[(one, other) if forth > back else (other, one)] += 1

    def learned(self) -> list[Pair]:
        """Return the pairs that the works show and the seed does not have, those with the most support first."""
        left = dict(self._found)
        partners: Counter[str] = Counter()
        for (one, other), (found, _) in _support(left).items():
            partners[one] += len(found.works)
            partners[other] += len(found.works)
        groups = _Groups(self._seed)
        pairs: list[Pair] = []
        for words, found in self._by_support(left):
            shared = len(found.works) / max(1, min(partners[words[0]], partners[words[1]]))
            if shared >= MIN_SHARE and not self._is_of_two(words, groups) and groups.join(*words):
                pairs.append(self._pair(words, found))
        return pairs

    def _is_of_two(self, words: tuple[str, str], groups: _Groups) -> bool:
        """Whether two words side by side, of which each lost a character, make the difference nearly everywhere."""
        mine = [d for d in self._found if len(d.one) == 2 and _sorted(d.one, d.other) == words]
        of_two = sum(
            groups.are_one(d.before + d.one[0], d.before + d.other[0])
            and groups.are_one(d.one[1] + d.behind, d.other[1] + d.behind)
            for d in mine
        )
        return of_two * 2 > len(mine)

    def _by_support(self, left: dict[_Difference, _Found]) -> Iterator[tuple[tuple[str, str], _Found]]:
        """Yield pairs of words, the one that explains the most first; what it explains then counts for no other.

        In rounds: a pair that lost a part of what it explains is weighed again in the next one, and so is whatever
        shares the rest with it.
        """
        while True:
            support = _support(left)
            order = sorted(support, key=lambda words: (-len(support[words][0].works), words))
            strong = [words for words in order if support[words][0].is_strong]
            if not strong:
                return
            settled: set[_Difference] = set()
            waiting: set[_Difference] = set()
            for words in strong:
                found, mine = support[words]
                if waiting.isdisjoint(mine) and settled.isdisjoint(mine):
                    settled.update(mine)
                    yield words, found
                else:
                    waiting.update(mine)
            for difference in settled:
                del left[difference]

    def _pair(self, words: tuple[str, str], found: _Found) -> Pair:
        one, other = words
        forth, back = self._votes[one, other], self._votes[other, one]
        original, replacement = (one, other) if forth >= back else (other, one)
        evidence = f"differs in {len(found.works)} works on {len(found.sites)} sites"
        return Pair(original, replacement, (LEARNED,), evidence)


def _directed(difference: _Difference) -> Iterator[tuple[str, str]]:
    if len(difference.one) == 2:
        yield difference.one, difference.other
        return
    yield difference.before + difference.one, difference.before + difference.other
    yield difference.one + difference.behind, difference.other + difference.behind


def _ordered(difference: _Difference) -> _Difference:
    if difference.one <= difference.other:
        return difference
    return _Difference(difference.before, difference.other, difference.one, difference.behind)


def _support(
    differences: dict[_Difference, _Found],
) -> dict[tuple[str, str], tuple[_Found, list[_Difference]]]:
    """Return for each pair of words where it was found, and the differences that it explains."""
    support: dict[tuple[str, str], tuple[_Found, list[_Difference]]] = {}
    for difference, found in differences.items():
        for words in difference.words():
            total, explained = support.setdefault(words, (_Found(), []))
            total.works |= found.works
            total.sites |= found.sites
            explained.append(difference)
    return support


class _Groups:
    """Words that stand for each other already: a pair within a group says nothing new."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._parents: dict[str, str] = {}
        for one, other in pairs:
            self.join(one, other)

    def _root(self, word: str) -> str:
        while self._parents.setdefault(word, word) != word:
            word = self._parents[word]
        return word

    def are_one(self, one: str, other: str) -> bool:
        """Whether two words stand for each other."""
        return self._root(one) == self._root(other)

    def join(self, one: str, other: str) -> bool:
        """Make two groups one; return whether they were two."""
        a, b = self._root(one), self._root(other)
        self._parents[a] = b
        return a != b


def _differences(one: Prepared, other: Prepared) -> Iterator[_Difference]:
    seen: set[_Difference] = set()
    for start, end, diagonal in common_runs(one, other):
        for difference in _in_run(one.codes[start:end], other.codes[start + diagonal : end + diagonal]):
            if difference not in seen:
                seen.add(difference)
                yield difference


def _in_run(one: Codes, other: Codes) -> Iterator[_Difference]:
    edges = np.flatnonzero(np.diff(one != other, prepend=False, append=False))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start > 2 or start == 0 or end == len(one):
            continue
        text, changed = one[start - 1 : end + 1], other[start - 1 : end + 1]
        characters = np.concatenate([text, changed])
        if ((characters < _FIRST) | (characters > _LAST)).any():
            continue
        mine, theirs = "".join(map(chr, text.tolist())), "".join(map(chr, changed.tolist()))
        yield _Difference(mine[0], mine[1:-1], theirs[1:-1], mine[-1])
