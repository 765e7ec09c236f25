"""Where the words that sites put for each other stand in texts, with what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from archive.near_duplicates.canonical import HASH, folded
from archive.near_duplicates.pairs import LEARNED, PairTable

Integers = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

LEFT, RIGHT, BESIDE, LEFT_2, RIGHT_2, BESIDE_2, LEFT_4, RIGHT_4, BESIDE_4 = range(9)
"""Which characters beside a word a key is made of; punctuation and space do not count, a word of a class is one."""

_OFFSETS: tuple[tuple[int, ...], ...] = (
    (-1,),
    (1,),
    (-1, 1),
    (-2, -1),
    (1, 2),
    (-2, -1, 1, 2),
    (-4, -3, -2, -1),
    (1, 2, 3, 4),
    (-4, -3, -2, -1, 1, 2, 3, 4),
)

THEN, THEN_LONG = "则", "那么"
"""One site puts the second for the first inside words as well (原那么): the one original of a single character."""

THEN_TABLE = "A"

_CLASSES = 0xE000
_BREAK, _BETWEEN = 0xFFFF, 4
_END = 2
"""Stands beyond the ends of a text."""

_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


@dataclass(frozen=True, slots=True)
class Hits:
    """Words found in some texts; all arrays are of one length."""

    texts: Integers
    """Which text."""
    words: Integers
    """Which word of the lexicon."""
    starts: Integers
    ends: Integers
    keys: dict[int, Keys]
    """Of each level that was asked for: what stands beside it, and of which class it is itself, as a hash."""

    def __len__(self) -> int:
        return len(self.words)

    def behind(self, texts: int) -> Hits:
        """Return the hits as those of texts that come behind so many others."""
        return Hits(self.texts + texts, self.words, self.starts, self.ends, self.keys)

    def only(self, chosen: npt.NDArray[np.bool_]) -> Hits:
        """Return some of the hits."""
        keys = {level: found[chosen] for level, found in self.keys.items()}
        return Hits(self.texts[chosen], self.words[chosen], self.starts[chosen], self.ends[chosen], keys)

    @staticmethod
    def joined(parts: Sequence[Hits]) -> Hits:
        """Return the hits of all *parts*, at least one, of the same levels."""
        return Hits(
            np.concatenate([part.texts for part in parts]),
            np.concatenate([part.words for part in parts]),
            np.concatenate([part.starts for part in parts]),
            np.concatenate([part.ends for part in parts]),
            {level: np.concatenate([part.keys[level] for part in parts]) for level in parts[0].keys},
        )


NUMBER, NEITHER = -1, -2
"""Stand for a word where there is a number, or neither."""


@dataclass(frozen=True, slots=True)
class Located:
    """A text as tokens: words of the lexicon, numbers, other letters."""

    text: str
    codes: npt.NDArray[np.uint16]
    """Words that stand for each other have the same code, and so have all numbers."""
    starts: list[int]
    ends: list[int]
    words: list[int]

    def token(self, at: int) -> str:
        """Return a token as it stands in the text."""
        return self.text[self.starts[at] : self.ends[at]]


class Lexicon:
    """The words of a table of pairs, in classes of those that stand for each other."""

    def __init__(self, pairs: PairTable) -> None:
        classes = {word: number for word, number in pairs.classes().items() if len(word) == 2}
        classes[THEN] = classes[THEN_LONG] = max(classes.values(), default=-1) + 1
        self.words = sorted(classes)
        number = {word: place for place, word in enumerate(self.words)}
        self._then = number[THEN]
        self.class_of: Integers = np.array([classes[word] for word in self.words], np.int64)
        self.place_of: Integers = np.zeros(len(self.words), np.int64)
        """Which of its class each word is."""
        sizes: dict[int, int] = {}
        for word, of in enumerate(self.class_of.tolist()):
            self.place_of[word] = sizes.get(of, 0)
            sizes[of] = sizes.get(of, 0) + 1
        self.members = np.full((max(classes.values()) + 1, max(sizes.values())), -1, np.int64)
        """Class -> its words, then -1."""
        self.members[self.class_of, self.place_of] = np.arange(len(self.words))
        self._take_pairs(pairs, number)
        two = sorted((ord(word[0]) << 16 | ord(word[1]), place) for word, place in number.items() if len(word) == 2)
        self._keys = np.array([key for key, _ in two], np.uint32)
        self._values = np.array([value for _, value in two], np.int64)
        self._begins = np.zeros(65536, bool)
        self._begins[self._keys >> 16] = True

    def _take_pairs(self, pairs: PairTable, number: dict[str, int]) -> None:
        named = sorted({table for pair in pairs.pairs for table in pair.tables} - {LEARNED} | {THEN_TABLE})
        self.tables = (*named, LEARNED)
        rows = {(number[THEN], number[THEN_LONG]): {THEN_TABLE}}
        for pair in pairs.pairs:
            if pair.original in number and pair.replacement in number and len(pair.original) == 2:
                rows.setdefault((number[pair.original], number[pair.replacement]), set()).update(pair.tables)
        self.originals: Integers = np.array([original for original, _ in rows], np.int64)
        self.replacements: Integers = np.array([replacement for _, replacement in rows], np.int64)
        self.in_table = np.zeros((len(self.tables), len(rows)), bool)
        """Table -> which pairs it has. Of what was learned nobody knows which table it belongs to: it may be any."""
        for place, tables in enumerate(rows.values()):
            for at, table in enumerate(self.tables):
                self.in_table[at, place] = table in tables or LEARNED in tables
        self.is_learned = self.in_table[-1] & ~np.array([bool(tables - {LEARNED}) for tables in rows.values()])

    def find(self, texts: Sequence[str], levels: Sequence[int]) -> Hits:
        """Return where words of the lexicon stand in *texts*; of two that overlap the first counts.

        *levels*: which keys are wanted.
        """
        raw, bounds = _raw(texts)
        codes, at = _folded(raw)
        starts, words, sizes = self._words(codes)
        merged, places = self._merged(codes, starts, words, sizes)
        classes = self.class_of[words].astype(np.uint64)
        found = np.searchsorted(bounds, at[starts], side="right") - 1
        offsets = bounds[found]
        ends = at[starts + sizes - 1] + 1
        keys = {level: _keys(merged, places, classes, level) for level in levels}
        return Hits(found, words, at[starts] - offsets, ends - offsets, keys)

    def located(self, text: str) -> Located:
        """Return *text* as tokens."""
        raw, _ = _raw([text])
        codes, at = _folded(raw)
        starts, words, sizes = self._words(codes)
        merged, places = self._merged(codes, starts, words, sizes)
        inside = slice(_BETWEEN, -2 * _BETWEEN)  # without what stands beyond the text, and behind it in `raw`
        first = np.ones(len(codes), bool)
        first[starts[sizes == 2] + 1] = False
        begins = at[first][: len(merged[inside])]
        ends = begins + 1
        of_token = np.full(len(merged), NEITHER, np.int64)
        of_token[merged == HASH] = NUMBER
        of_token[places] = words
        of_token = of_token[inside]
        ends[places - _BETWEEN] = at[starts + sizes - 1] + 1
        is_number = of_token == NUMBER
        ends[is_number] = begins[is_number] + _digits(raw, begins[is_number])
        codes_of = merged[inside].astype(np.uint16)
        return Located(text, codes_of, begins.tolist(), ends.tolist(), of_token.tolist())

    def _words(self, codes: npt.NDArray[np.uint16]) -> tuple[Integers, Integers, Integers]:
        """Return where words begin, which they are, how long."""
        at = np.flatnonzero(self._begins[codes[:-1]])
        keys = codes[at].astype(np.uint32) << 16 | codes[at + 1]
        found = np.searchsorted(self._keys, keys)
        found[found == len(self._keys)] = 0
        hit = self._keys[found] == keys
        at, words = at[hit], self._values[found[hit]]
        overlapping = np.flatnonzero(np.diff(at) == 1)
        if len(overlapping):
            counts = np.ones(len(at), bool)
            for each in overlapping.tolist():
                counts[each + 1] = not counts[each]
            at, words = at[counts], words[counts]
        taken = np.zeros(len(codes) + 1, bool)
        taken[at] = taken[at + 1] = True
        alone = np.flatnonzero((codes == ord(THEN)) & ~taken[:-1])
        starts = np.concatenate([at, alone])
        order = np.argsort(starts, kind="stable")
        words = np.concatenate([words, np.full(len(alone), self._then)])[order]
        sizes = np.concatenate([np.full(len(at), 2), np.ones(len(alone), np.int64)])[order]
        return starts[order], words, sizes

    def _merged(
        self, codes: npt.NDArray[np.uint16], starts: Integers, words: Integers, sizes: Integers
    ) -> tuple[Keys, Integers]:
        """Return the codes with one for each word, by its class, and where the words stand among them."""
        merged = codes.astype(np.uint64)
        merged[starts] = _CLASSES + self.class_of[words]
        keep = np.ones(len(merged), bool)
        keep[starts[sizes == 2] + 1] = False
        places = np.cumsum(keep) - 1
        beyond = np.full(_BETWEEN, _END, np.uint64)
        return np.concatenate([beyond, merged[keep], beyond]), places[starts] + _BETWEEN


def _raw(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint16], Integers]:
    """Return the characters of all texts, a break behind each, and where each text begins."""
    lengths = np.array([len(text) for text in texts], np.int64)
    raw = np.full(int(lengths.sum()) + _BETWEEN * len(texts), _BREAK, np.uint16)
    bounds = np.concatenate(([0], np.cumsum(lengths + _BETWEEN)))
    for text, start in zip(texts, bounds.tolist(), strict=False):
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        raw[start : start + len(points)] = np.where(points < _BREAK, points, 0)
    return raw, bounds


def _folded(raw: npt.NDArray[np.uint16]) -> tuple[npt.NDArray[np.uint16], Integers]:
    """Return the codes of letters, one for each run of digits, and where in *raw* each stands."""
    codes = folded(raw)
    codes[raw == _BREAK] = _END
    at = np.flatnonzero(codes >= _END)
    codes = codes[at]
    digits = (codes >= ord("0")) & (codes <= ord("9"))
    codes[digits] = HASH
    keep = np.ones(len(at), bool)
    # Digits with something between them (20,234) are two runs, as they are read.
    keep[1:] = ~(digits[1:] & digits[:-1] & (np.diff(at) == 1))
    return codes[keep], at[keep]


def _digits(raw: npt.NDArray[np.uint16], starts: Integers) -> Integers:
    """Return how many digits stand from each of *starts* on."""
    codes = folded(raw)
    is_digit = (codes >= ord("0")) & (codes <= ord("9"))
    ends = np.flatnonzero(is_digit & ~np.append(is_digit[1:], False))
    return ends[np.searchsorted(ends, starts)] - starts + 1


def _keys(merged: Keys, places: Integers, classes: Keys, level: int) -> Keys:
    key = classes * np.uint64(64) + np.uint64(level)
    for offset in _OFFSETS[level]:
        key = (key ^ merged[places + offset]) * _ODD
        key ^= key >> _SHIFT
    return key * _ODD
