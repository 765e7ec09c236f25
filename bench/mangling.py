"""Mangles texts as sites do, knowing what was done, and scores what is found out of it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from archive.near_duplicates.pairs import LEARNED, seed_pairs

Tables = Mapping[str, Mapping[str, str]]
"""Table -> original -> replacement."""

YEAR, TEN = "year", "ten"
"""Changes that keep no information: of a year nothing is left, of a 10 alone no more than of a year."""


@dataclass(frozen=True)
class Change:
    """What was put where: places in the mangled text."""

    start: int
    end: int
    original: str
    kind: str


def seed_tables() -> Tables:
    """Return the tables that everybody has."""
    tables: dict[str, dict[str, str]] = {}
    for pair in seed_pairs().pairs:
        for table in pair.tables:
            if table != LEARNED:
                tables.setdefault(table, {}).setdefault(pair.original, pair.replacement)
    tables["A"]["则"] = "那么"
    return tables


def mangle(text: str, words: Mapping[str, str], r: random.Random, *, numbers: bool) -> tuple[str, list[Change]]:
    """Return *text* with all *words* replaced, and what was changed; *numbers*: years and every 10 as well."""
    found = re.compile(
        "|".join([*map(re.escape, sorted(words, key=len, reverse=True)), *([r"\d+"] if numbers else [])])
    )
    year = r.choice(("2022", "2023", "2023", "2024"))
    pieces: list[str] = []
    changes: list[Change] = []
    at = length = 0
    for match in found.finditer(text):
        there = match.group()
        now, kind = _changed(text, match, words, year)
        pieces += [text[at : match.start()], now]
        length += match.start() - at
        if now != there:
            changes.append(Change(length, length + len(now), there, kind))
        length += len(now)
        at = match.end()
    return "".join([*pieces, text[at:]]), changes


def _changed(text: str, match: re.Match[str], words: Mapping[str, str], year: str) -> tuple[str, str]:
    there = match.group()
    if there in words:
        return words[there], "word"
    if re.fullmatch(r"20(?:0[1-9]|1[1-9])", there) and text[match.end() : match.end() + 1] == "年":
        return year, YEAR
    if there == "2010":
        return f"2022{year[-2:]}", "number"
    return there.replace("10", year), TEN if there == "10" else "number"


@dataclass
class Restoration:
    """How well texts were restored."""

    made: int = 0
    """Changes that the restoration made,"""
    right: int = 0
    """and those of them that are right."""
    words: int = 0
    """Words and numbers that were replaced,"""
    restored: int = 0
    """and those of them that say again what they said."""
    guessed: int = 0
    """Of what keeps no information, restored all the same, and wrongly."""

    def add(self, text: str, changes: Sequence[Change], spans: Iterable[Mapping[str, Any]]) -> None:
        """Hold what was restored in *text* against what was changed."""
        by_start = {span["start"]: span for span in spans if span["restored"] is not None}
        covered = np.zeros(len(text) + 1, bool)
        for change in changes:
            covered[change.start : change.end] = True
            mine = [by_start[at] for at in range(change.start, change.end) if at in by_start]
            is_right = _put_back(text, change, mine) == change.original
            if change.kind in (YEAR, TEN):
                self.guessed += bool(mine) and not is_right
                continue
            self.words += 1
            self.restored += is_right
            self.made += bool(mine)
            self.right += bool(mine) and is_right
        for span in by_start.values():
            self.made += not covered[span["start"]] and text[span["start"]] not in "〞〔〕"


def _put_back(text: str, change: Change, spans: Sequence[Mapping[str, Any]]) -> str:
    pieces: list[str] = []
    at = change.start
    for span in spans:
        pieces += [text[at : span["start"]], span["restored"]]
        at = span["end"]
    return "".join([*pieces, text[at : change.end]])


def area_under_curve(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return how likely one of *positive* is above one of *negative*; equal ones count half."""
    values = np.concatenate([positive, negative])
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    above = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(above / (len(positive) * len(negative)))
