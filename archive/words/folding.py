"""The folded form of texts, in which a search compares: without width, case and script (traditional, simplified)."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from archive.normal_form import nfkc

PLAIN = (
    "\\t-\\r -~\u00b7\u00d7\u00f7\u2010\u2013-\u2015\u2018\u2019\u201c\u201d\u2022\u203b\u2190-\u2193\u25a0-\u25ff"
    "\u3000-\u3003\u3008-\u3011\u3014-\u3017\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e"
)
"""As ranges of a regular expression: characters that stay themselves when folded, but for ASCII letters, which lose
their case, full-width forms of ASCII, which become narrow, and traditional characters, which become simplified;
whatever stands beside them."""

_SOURCE_RANGES = (
    *((0x2E80, 0x2FE0), (0x3036, 0x303B), (0x3190, 0x31A0), (0x3200, 0x3400), (0xF900, 0xFB00)),
    *((0x1F200, 0x1F300), (0x2F800, 0x2FA20)),
)
"""Where Unicode has characters that fold to ideographs: radicals, enclosed and squared ones, compatibility forms."""

_WIDE = "\u3000" + "".join(chr(c) for c in range(0xFF01, 0xFF5F))
_NARROW = " " + "".join(chr(c) for c in range(0x21, 0x7F))
_WIDE_OF = dict(zip(_NARROW, _WIDE, strict=True))


OURS = "".join(map(chr, range(0xFDD0, 0xFDF0)))
"""Noncharacters, which Unicode gives to programs for their own use: no folded text has any (the text index does)."""


def fold(text: str) -> str:
    """Return *text* in NFKC without case, in simplified characters: what a search compares.

    >>> fold("ＰＤＦ 文檔㎏")
    'pdf 文档kg'
    """
    folded = nfkc(nfkc(text).casefold())
    unlike, alike = _scripts()
    return folded.translate(alike) if unlike.search(folded) is not None else folded


def folded_with_origins(text: str) -> tuple[str, list[int]]:
    """Return `fold(text)` and where in *text* each of its characters comes from; behind the last stands `len(text)`.

    The characters from `i` up to `j` of the folded text come from `text[origins[i]:origins[j]]`, and what stands in the
    middle of one original character, such as a unit spelled out, begins where that does.

    >>> folded_with_origins("共㎏Ａ")
    ('共kga', [0, 1, 1, 2, 3])
    """
    parts: list[str] = []
    origins: list[int] = []
    for start, end in _pieces(text):
        piece = text[start:end]
        cut = list(piece) if folds_by_character(piece) else [piece]
        for each in cut:
            part = fold(each)
            parts.append(part)
            origins += [start] * len(part)
            start += len(each)
    return "".join(parts), [*origins, len(text)]


def _pieces(text: str) -> list[tuple[int, int]]:
    """Cut *text* where folding both sides alone makes no difference: plain runs, and what stands between them."""
    starts = [0]
    for match in _ODD.finditer(text):
        # What is not plain may join what stands before it, such as an accent its letter.
        before = max(match.start() - 1, 0)
        starts += [start for start in (before, match.end()) if start > starts[-1]]
    return [pair for pair in zip(starts, [*starts[1:], len(text)], strict=True) if pair[0] < pair[1]]


def folds_by_character(text: str) -> bool:
    """Whether the folded form is that of each character by itself: then what stands in *text* stands in it, folded.

    >>> folds_by_character("Ａ４纸，café"), folds_by_character("cafe\u0301")
    (True, False)
    """
    return _ODD.search(text) is None or fold(text) == "".join(map(_folded_character, text))


@lru_cache(maxsize=4096)
def _folded_character(c: str) -> str:
    return fold(c)


@lru_cache(maxsize=1)
def _variants() -> dict[str, str]:
    """Simplified character -> the traditional ones that become it."""
    text = files("archive.words").joinpath("simplified.txt").read_text(encoding="utf-8")
    groups = [group for line in text.splitlines() if not line.startswith("#") for group in line.split()]
    return {group[0]: group[1:] for group in groups}


_ODD = re.compile(f"[^{PLAIN}]+")


@lru_cache(maxsize=1)
def _scripts() -> tuple[re.Pattern[str], dict[int, str]]:
    """What finds a character that is written otherwise when folded, and how each is written."""
    alike = {ord(v): simplified for simplified, found in _variants().items() for v in found}
    alike.update(dict.fromkeys(map(ord, OURS), "\ufffd"))
    return re.compile("[" + "".join(map(chr, alike)) + "]"), alike


def written_alike(folded: str) -> bool:
    """Whether *folded* is made of plain ideographs alone that nothing else plain becomes.

    >>> written_alike("方法"), written_alike("长效"), written_alike("A4纸")
    (True, False, False)
    """
    return all(("\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf") and c not in _variants() for c in folded)


def is_ideographic(text: str) -> bool:
    """Whether *text* is made of plain ideographs alone.

    >>> is_ideographic("长效"), is_ideographic("A4纸")
    (True, False)
    """
    return all("\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf" for c in text)


def ideograph_sources(text: str) -> list[str]:
    """Return the characters that fold to something with an ideograph of *text* in it.

    Plain characters (`PLAIN`) are not among them.

    >>> ideograph_sources("长马"), "㏳" in ideograph_sources("日")
    (['⾧', '⾺'], True)
    """
    return sorted({source for c in text for source in _sources().get(c, ())})


@lru_cache(maxsize=1)
def _sources() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for first, end in _SOURCE_RANGES:
        for c in map(chr, range(first, end)):
            for folded in set(fold(c)) - {c}:
                found.setdefault(folded, []).append(c)
    return found


def folding_pattern(folded: str) -> str:
    """Return a regular expression that finds *folded* in unfolded text of `PLAIN` characters.

    >>> folding_pattern("a4门")
    '[aAａＡ][4４][门門]'
    """
    return "".join(_one_of(c) for c in folded)


def _one_of(c: str) -> str:
    if c in _variants():
        return f"[{c}{_variants()[c]}]"
    if c not in _WIDE_OF:
        return re.escape(c)
    cases = dict.fromkeys((c, c.upper()))
    written = "".join(cases) + "".join(_WIDE_OF[each] for each in cases)
    return "[" + re.sub(r"([\\\]\[^-])", r"\\\1", written) + "]"
