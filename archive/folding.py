"""The folded form of texts, in which a search compares: width and case do not matter."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.normal_form import nfkc

PLAIN = (
    "\\t-\\r -~\u00b7\u00d7\u00f7\u2010\u2013-\u2015\u2018\u2019\u201c\u201d\u2022\u203b\u2190-\u2193\u25a0-\u25ff"
    "\u3000-\u3003\u3008-\u3011\u3014-\u3017\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e"
)
"""As ranges of a regular expression: characters that stay themselves when folded, but for ASCII letters, which lose
their case, and full-width forms of ASCII, which become narrow; whatever stands beside them."""

_SOURCE_RANGES = (
    *((0x2E80, 0x2FE0), (0x3036, 0x303B), (0x3190, 0x31A0), (0x3200, 0x3400), (0xF900, 0xFB00)),
    *((0x1F200, 0x1F300), (0x2F800, 0x2FA20)),
)
"""Where Unicode has characters that fold to ideographs: radicals, enclosed and squared ones, compatibility forms."""

_WIDE = "\u3000" + "".join(chr(c) for c in range(0xFF01, 0xFF5F))
_NARROW = " " + "".join(chr(c) for c in range(0x21, 0x7F))
_WIDE_OF = dict(zip(_NARROW, _WIDE, strict=True))


def fold(text: str) -> str:
    """Return *text* in NFKC without case: full-width letters as narrow ones, ligatures and units spelled out.

    >>> fold("ＰＤＦ 文档㎏")
    'pdf 文档kg'
    """
    return nfkc(nfkc(text).casefold())


def is_ideographic(text: str) -> bool:
    """Whether *text* is made of plain ideographs alone, which folding never changes.

    >>> is_ideographic("长效"), is_ideographic("A4纸")
    (True, False)
    """
    return all("\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf" for c in text)


def ideograph_sources(text: str) -> list[str]:
    """Return the characters that fold to something with an ideograph of *text* in it.

    >>> ideograph_sources("长馬"), "㏳" in ideograph_sources("日")
    (['⾺'], True)
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

    >>> folding_pattern("a4")
    '[aAａＡ][4４]'
    """
    return "".join(_one_of(c) for c in folded)


def _one_of(c: str) -> str:
    if c not in _WIDE_OF:
        return re.escape(c)
    cases = dict.fromkeys((c, c.upper()))
    written = "".join(cases) + "".join(_WIDE_OF[each] for each in cases)
    return "[" + re.sub(r"([\\\]\[^-])", r"\\\1", written) + "]"


def folded_sql(expression: str) -> str:
    """Return SQL that folds a text of `PLAIN` characters as `fold` does."""
    return f"lower(translate({expression}, '{_WIDE}', '{_NARROW.replace(chr(39), chr(39) * 2)}'))"
