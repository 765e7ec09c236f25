"""The words that document-sharing sites put in the place of others, with the evidence for each pair."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import orjson

LEARNED = "learned"
"""Stands for the table of a pair that an archive's own copies showed."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A word and the one that stands in its place in copies."""

    original: str
    replacement: str
    tables: tuple[str, ...]
    """Names of the substitution tables that have it."""
    evidence: str


@dataclass(frozen=True, slots=True)
class PairTable:
    """The pairs that texts are compared under."""

    pairs: tuple[Pair, ...]

    @property
    def version(self) -> str:
        """Name of this very table: clusters made under another are no longer true."""
        words = sorted((pair.original, pair.replacement) for pair in self.pairs)
        return hashlib.sha256(orjson.dumps(words)).hexdigest()[:12]

    def classes(self) -> dict[str, int]:
        """Return word -> number of its class: words of a class stand for each other, directly or by way of others.

        >>> PairTable((Pair("计划", "方案", ("A",), ""), Pair("计划", "安排", ("C",), ""))).classes()
        {'安排': 0, '方案': 0, '计划': 0}
        """
        parents: dict[str, str] = {}

        def root(word: str) -> str:
            while parents.setdefault(word, word) != word:
                word = parents[word]
            return word

        for pair in self.pairs:
            one, other = sorted((root(pair.original), root(pair.replacement)))
            parents[other] = one
        roots = {word: root(word) for word in sorted(parents)}
        numbers = {name: number for number, name in enumerate(sorted(set(roots.values())))}
        return {word: numbers[name] for word, name in roots.items()}


@lru_cache(maxsize=1)
def seed_pairs() -> PairTable:
    """Return the pairs that were seen on public pages (`seed_pairs.jsonl` says on which)."""
    text = files("archive.near_duplicates").joinpath("seed_pairs.jsonl").read_bytes()
    return PairTable(tuple(_pairs(map(orjson.loads, text.splitlines()))))


def _pairs(rows: Iterable[dict[str, str]]) -> Iterable[Pair]:
    for row in rows:
        yield Pair(row["original"], row["replacement"], tuple(row["tables"]), row["evidence"])
