"""The canonical text: what of a text is the same in all its copies, as an array of codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from archive.near_duplicates.pairs import PairTable

FORMAT = 1
"""Raised when any text gets other codes than before."""

Codes = npt.NDArray[np.uint16]
Positions = npt.NDArray[np.intp]

HASH = ord("#")
"""Stands for a run of digits."""

_DROPPED, _SPACE = 0, 1
_CLASSES = 0xE000
"""Private characters from here on stand for the classes of words."""

_PINYIN = re.compile("[(（〔][a-zA-Z\u00c0-\u024f\u1e00-\u1eff]{1,7}[)）〕]")
"""A reading behind a character, as sites put it behind those that they write in traditional script."""

_PAGE_NUMBER = re.compile(
    r"第\s*\d+\s*页\s*[/,，、]?\s*共\s*\d+\s*页|^[^\S\n]*-[^\S\n]*\d+[^\S\n]*-[^\S\n]*$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Canonical:
    """A canonical text."""

    codes: Codes
    """Letters without case, in simplified script; a code of a class for each word that a table has."""
    number_positions: Positions
    numbers: tuple[str, ...]
    """The digits that each `HASH` stands for."""

    def __len__(self) -> int:
        return len(self.codes)


class Canonicalizer:
    """Makes canonical texts under one table of pairs."""

    def __init__(self, pairs: PairTable) -> None:
        words = {word: _CLASSES + number for word, number in pairs.classes().items() if len(word) == 2}
        # One word for the other everywhere, inside words too: one of them is not two characters long.
        words["那么"] = ord("则")
        keys = sorted((_key(word), code) for word, code in words.items())
        self._keys = np.array([key for key, _ in keys], np.uint32)
        self._values = np.array([code for _, code in keys], np.uint16)
        self._begins = np.zeros(65536, bool)
        self._begins[self._keys >> 16] = True

    def canonical(self, text: str) -> Canonical:
        """Return the canonical form of *text*: without punctuation, white space, page numbers and readings."""
        table, odd = _table()
        raw = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
        if odd[raw].any():
            text = unicodedata.normalize("NFKC", text)
        cut = _PAGE_NUMBER.sub("", text) if "页" in text or ("-" in text and "\n" in text) else text
        cut = _PINYIN.sub("", cut) if _has_readings(raw) else cut
        if cut is not text or odd[raw].any():
            raw = np.frombuffer(cut.encode("utf-16-le", "surrogatepass"), np.uint16)
        codes = table[raw]
        codes = codes[codes != _SPACE]
        digits = (codes >= 48) & (codes <= 57)
        if digits.any():
            codes, numbers = _without_digits(codes, digits)
        else:
            codes, numbers = codes[codes != _DROPPED], ()
        codes = self._with_classes(codes)
        return Canonical(codes, (codes == HASH).nonzero()[0], numbers)

    def _with_classes(self, codes: Codes) -> Codes:
        """Put one code in the place of each word; of two words that overlap the first counts."""
        at = self._begins[codes[:-1]].nonzero()[0]
        keys = codes[at].astype(np.uint32) << 16 | codes[at + 1]
        found = np.searchsorted(self._keys, keys)
        found[found == len(self._keys)] = 0
        hit = self._keys[found] == keys
        at, values = at[hit], self._values[found[hit]]
        if len(at) > 1:
            overlapping = (at[1:] - at[:-1] == 1).nonzero()[0]
            if len(overlapping):
                counts = np.ones(len(at), bool)
                for each in overlapping.tolist():
                    counts[each + 1] = not counts[each]
                at, values = at[counts], values[counts]
        if not len(at):
            return codes
        codes = codes.copy()
        codes[at] = values
        keep = np.ones(len(codes), bool)
        keep[at + 1] = False
        return codes[keep]


def folded(raw: Codes) -> Codes:
    """Return the code of each character: 1 of white space, 0 of what is dropped, else that of a letter or digit."""
    return _table()[0][raw]


def traditional_share(text: str) -> float:
    """Return which share of the characters of *text* simplified script writes otherwise.

    >>> traditional_share("發展"), traditional_share("发展")
    (0.5, 0.0)
    """
    simplified = _simplified()
    return sum(c in simplified for c in text) / max(1, len(text))


def _key(word: str) -> int:
    return ord(word[0]) << 16 | ord(word[1])


def _has_readings(raw: Codes) -> bool:
    """Whether a bracket is followed by a letter: nearly all texts have none, and need no second look."""
    brackets, letters = _brackets()
    at = brackets[raw[:-1]].nonzero()[0]
    return bool(len(at)) and bool(letters[raw[at + 1]].any())


def _without_digits(codes: Codes, digits: npt.NDArray[np.bool_]) -> tuple[Codes, tuple[str, ...]]:
    """Put `HASH` in the place of each run of digits, drop what is dropped, return the runs as well."""
    padded = np.zeros(len(digits) + 2, bool)
    padded[1:-1] = digits
    edges = (padded[1:] != padded[:-1]).nonzero()[0]
    starts, ends = edges[::2], edges[1::2]
    text = codes[digits].astype(np.uint8).tobytes().decode("ascii")
    bounds = np.cumsum(ends - starts).tolist()
    numbers = tuple(text[start:end] for start, end in zip([0, *bounds], bounds, strict=False))
    keep = (codes != _DROPPED) & ~digits
    keep[starts] = True
    codes = codes.copy()
    codes[starts] = HASH
    return codes[keep], numbers


@lru_cache(maxsize=1)
def _brackets() -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    brackets, letters = np.zeros(65536, bool), np.zeros(65536, bool)
    brackets[[ord(c) for c in "(（〔"]] = True
    letters[[c for c in range(65536) if _PINYIN.match(f"({chr(c)})")]] = True
    return brackets, letters


@lru_cache(maxsize=1)
def _table() -> tuple[Codes, npt.NDArray[np.bool_]]:
    """The code of each character, and which of them only normalization of the whole text can tell."""
    simplified = _simplified()
    table, odd = np.zeros(65536, np.uint16), np.zeros(65536, bool)
    for number in range(65536):
        c = chr(number)
        if 0xD800 <= number < 0xE000 or _CLASSES <= number < 0xF900:
            continue  # halves of rarer characters, and private ones, which are ours
        normal = unicodedata.normalize("NFKC", c)
        table[number] = _code(normal, simplified) if len(normal) == 1 else _DROPPED
        if len(normal) != 1 and any(_code(each, simplified) != _DROPPED for each in normal):
            odd[number] = True
        odd[number] |= any(unicodedata.combining(each) for each in normal) or 0x1161 <= number < 0x1200
    return table, odd


def _code(c: str, simplified: Mapping[str, str]) -> int:
    if c.isspace() or c == "\u200b":
        return _SPACE
    if unicodedata.category(c)[0] not in "LN" or ord(c) > 0xFFFF:
        return _DROPPED
    lower = c.lower() if len(c.lower()) == 1 else c
    return ord(simplified.get(lower, lower))


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    """Traditional character -> the simplified one."""
    lines = files("archive.words").joinpath("simplified.txt").read_text(encoding="utf-8").splitlines()
    groups = [group for line in lines if not line.startswith("#") for group in line.split()]
    return {traditional: group[0] for group in groups for traditional in group[1:]}
