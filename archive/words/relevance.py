"""The order by relevance: BM25, as the text index computes it, for documents that it does not hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

K1, B = 1.2, 0.75
"""Of Okapi BM25, as Tantivy has them."""

HEAD_BOOST = 2.0
"""An occurrence in the title or a tag counts once as any other and twice again among heads."""

_EXACT_LENGTHS = 24
"""Lengths are kept in a byte each: small ones exactly, larger ones with four significant bits (Tantivy, Lucene)."""


_SHORTEST_MEAN = 0.01
"""Where no document has a text nothing is divided by nothing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How often terms stand in one document."""

    head_length: int
    """Of title and tags, in characters."""
    length: int
    """Of title, tags and preview text."""
    occurrences: tuple[tuple[int, int], ...]
    """Of each term: in title and tags, and anywhere."""


def counted(terms: Sequence[str], head: Sequence[str], body: str) -> Counted:
    """Return how often the folded *terms* stand in folded texts: *head* is title and tags, *body* the preview text."""
    in_head = [sum(occurrences(term, text) for text in head) for term in terms]
    pairs = tuple((found, found + occurrences(term, body)) for term, found in zip(terms, in_head, strict=True))
    head_length = sum(map(len, head)) + max(len(head) - 1, 0)
    return Counted(head_length, head_length + 1 + len(body), pairs)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 needs to know of all documents."""

    documents: int
    head_length: float
    """Mean."""
    length: float
    rarity: Callable[[str, bool], float]
    """The inverse document frequency of a term, in heads (True) or anywhere."""
    share: float = 1.0
    """How many of the documents have a text at all."""

    def mean(self, length: float) -> float:
        """Return the mean over all documents, of the mean over those that have a text."""
        return length * self.share


def rarity(documents: int, found: int) -> float:
    """Return the inverse document frequency of what *found* of *documents* have."""
    return math.log(1 + (documents - found + 0.5) / (found + 0.5))


def score(terms: Sequence[str], found: Counted, statistics: Statistics) -> float:
    """Return how relevant a document is to the folded *terms*."""
    total = 0.0
    for term, (in_head, anywhere) in zip(terms, found.occurrences, strict=True):
        less = len(term) > 1  # the index counts pairs of characters then, one fewer than characters
        if anywhere:
            weight = _weight(anywhere, found.length - less, statistics.mean(statistics.length - less))
            total += statistics.rarity(term, False) * weight
        if in_head:
            weight = _weight(in_head, found.head_length - less, statistics.mean(statistics.head_length - less))
            total += HEAD_BOOST * statistics.rarity(term, True) * weight
    return total


def rounded(score: float) -> float:
    """Return *score* without what precision and the order of adding up make of it."""
    return float(f"{score:.4g}")


def _weight(occurrences: int, length: int, mean: float) -> float:
    return (K1 + 1) * occurrences / (occurrences + K1 * (1 - B + B * kept_length(length) / max(mean, _SHORTEST_MEAN)))


def kept_length(length: int) -> int:
    """Return *length* as precisely as an index keeps it.

    >>> kept_length(39), kept_length(41), kept_length(1100)
    (39, 40, 1048)
    """
    rest = length - _EXACT_LENGTHS
    if rest < 16:
        return length
    shift = rest.bit_length() - 4
    return (rest >> shift << shift) + _EXACT_LENGTHS


def occurrences(term: str, text: str) -> int:
    """Return how often *term* stands in *text*, overlapping ones too.

    >>> occurrences("词词", "词词词")
    2
    """
    found, at = 0, text.find(term)
    while at >= 0:
        found += 1
        at = text.find(term, at + 1)
    return found
