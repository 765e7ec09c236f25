"""How often each word of a class stands beside what: in Chinese that nobody changed, as far as an archive shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from archive.near_duplicates.lexicon import (
    BESIDE,
    BESIDE_2,
    BESIDE_4,
    LEFT,
    LEFT_2,
    LEFT_4,
    RIGHT,
    RIGHT_2,
    RIGHT_4,
    Hits,
    Keys,
    Lexicon,
)

Floats = npt.NDArray[np.float64]

BOUNDLESS = 10.0
"""So many words weigh what is known of all Chinese (`word_rates.txt`) beside what the archive itself shows."""

LEAST = 1e-4
"""Occurrences that a word has at least: nothing is impossible."""

_LEFT_CHAIN = ((LEFT, 2.0), (LEFT_2, 1.0), (LEFT_4, 0.5))
_RIGHT_CHAIN = ((RIGHT, 2.0), (RIGHT_2, 1.0), (RIGHT_4, 0.5))
_BOTH_CHAIN = ((BESIDE, 1.0), (BESIDE_2, 0.5), (BESIDE_4, 0.3))
"""Keys from the shortest to the longest. What a longer one says counts beside so many occurrences of what the shorter
ones make likely. Found by trial on simulated copies, where half and twice as much change little."""


class Beside:
    """Counts of words by one kind of key."""

    def __init__(self, keys: Keys, counts: Floats) -> None:
        """*keys*: sorted, each once."""
        self.keys = keys
        self.counts = counts

    @classmethod
    def of(cls, keys: Keys, places: npt.NDArray[np.int64], weights: Floats, size: int) -> Beside:
        """Count words, each by its place in its class."""
        distinct, at = np.unique(keys, return_inverse=True)
        flat: Floats = np.bincount(at * size + places, weights, len(distinct) * size).astype(np.float64)
        return cls(distinct, flat.reshape(len(distinct), size))

    def of_keys(self, keys: Keys) -> Floats:
        """Return the counts by each of *keys*, zeros where it is not known."""
        if not len(self.keys):
            return np.zeros((len(keys), self.counts.shape[1]))
        found = np.searchsorted(self.keys, keys)
        found[found == len(self.keys)] = 0
        return np.where((self.keys[found] == keys)[:, None], self.counts[found], 0.0)

    def joined(self, other: Beside) -> Beside:
        """Return the counts of both."""
        keys = np.concatenate([self.keys, other.keys])
        distinct, at = np.unique(keys, return_inverse=True)
        counts = np.zeros((len(distinct), self.counts.shape[1]))
        np.add.at(counts, at, np.concatenate([self.counts, other.counts]))
        return Beside(distinct, counts)


class WordCounts:
    """Counts of the words of a lexicon: in all, and by what stands beside them."""

    def __init__(self, lexicon: Lexicon, in_all: Floats, beside: Mapping[int, Beside]) -> None:
        self.lexicon = lexicon
        self.in_all = in_all
        self.beside = beside

    @classmethod
    def none(cls, lexicon: Lexicon) -> WordCounts:
        """Return what is known before any text is looked at."""
        return cls(lexicon, np.zeros(lexicon.members.shape), {})

    @classmethod
    def of(cls, lexicon: Lexicon, hits: Hits, weights: Floats, levels: Sequence[int]) -> WordCounts:
        """Count *hits*; *weights*: what each counts for."""
        size = lexicon.members.shape[1]
        places = lexicon.place_of[hits.words]
        flat = lexicon.class_of[hits.words] * size + places
        in_all: Floats = np.bincount(flat, weights, lexicon.members.size).astype(np.float64)
        beside = {level: Beside.of(hits.keys[level], places, weights, size) for level in levels}
        return cls(lexicon, in_all.reshape(lexicon.members.shape), beside)

    def likely(self, hits: Hits, counted_as: Floats | None = None) -> Floats:
        """Return hit by hit how likely each word of its class is where it stands, in a text that nobody changed.

        *counted_as*: with which weight each hit is among the counts itself; it bears no witness for itself.
        """
        first = self._first()[self.lexicon.class_of[hits.words]]
        left = self._along(first, hits, _LEFT_CHAIN, counted_as)
        right = self._along(first, hits, _RIGHT_CHAIN, counted_as)
        # The two sides are taken as independent of each other, then corrected where both together were seen.
        both = np.where(first > 0, left * right / np.maximum(first, 1e-9), 0.0)
        total = both.sum(1, keepdims=True)
        both = np.where(total > 0, both / np.where(total > 0, total, 1), first)
        return self._along(both, hits, _BOTH_CHAIN, counted_as)

    def _first(self) -> Floats:
        is_word = self.lexicon.members >= 0
        rates = np.where(is_word, np.maximum(BOUNDLESS * _known_shares(self.lexicon) + self.in_all, LEAST), 0.0)
        return np.asarray(rates / np.maximum(rates.sum(1, keepdims=True), LEAST))

    def _along(
        self, likely: Floats, hits: Hits, chain: Sequence[tuple[int, float]], counted_as: Floats | None
    ) -> Floats:
        for level, strength in chain:
            if level not in self.beside:
                continue
            counts = self.beside[level].of_keys(hits.keys[level])
            if counted_as is not None:
                at = np.arange(len(hits)), self.lexicon.place_of[hits.words]
                counts[at] = np.maximum(0.0, counts[at] - counted_as)
            likely = (counts + strength * likely) / (counts.sum(1, keepdims=True) + strength)
        return likely


def _known_shares(lexicon: Lexicon) -> Floats:
    """Class -> share of each word in all Chinese; zeros of a class with words of which nothing is known."""
    known = _known_rates()
    rates = np.zeros(lexicon.members.shape)
    for number, members in enumerate(lexicon.members.tolist()):
        words = [lexicon.words[word] for word in members if word >= 0]
        if all(word in known for word in words):
            total = sum(known[word] for word in words)
            rates[number, : len(words)] = [known[word] / total for word in words]
    return rates


@lru_cache(maxsize=1)
def _known_rates() -> dict[str, int]:
    lines = files("archive.near_duplicates").joinpath("word_rates.txt").read_text(encoding="utf-8").splitlines()
    return {word: int(count) for word, _, count in (line.partition(" ") for line in lines if not line.startswith("#"))}
