"""Text that was decoded wrongly before it was put on the page, and encoded again: the page's own bytes are sound.

Three ways of it are known well enough to be undone: UTF-8 read as Windows-1252 ("Ã©", "ä¸­"), GBK read as Latin-1
("ÎÄ¼þ"), and UTF-8 read as GBK ("鏂囦欢"). A run of text is mended where the whole of it can be, and only on a page
that has more of it than chance makes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

CERTAIN_CHARACTERS = 4
"""Wrong characters from which on a page is mended."""

CERTAIN_SHARE = 0.3
"""Share of a page's characters beyond ASCII that must be wrong: else the page quotes such text, and is left alone."""

_CONTINUED = (
    "\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d"
    "\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178\x80-\xbf"
)
"""What Windows-1252 makes of the bytes 80 to BF."""

_AS_WESTERN = re.compile(
    rf"(?:[\xc3-\xdf][{_CONTINUED}]|\xc2[{_CONTINUED}]|[\xe0-\xef][{_CONTINUED}]{{2}}|[\xf0-\xf4][{_CONTINUED}]{{3}})+"
)
_LEADING = re.compile(rf"[\xb0-\xf4][{_CONTINUED}\xc0-\xfe]")
"""A cheap look for what any wrongly read run has: two such characters side by side."""

_LATIN_LETTERS = b"\xc3"
"""With this byte UTF-8 begins the letters U+00C0 to U+00FF, one of which any wrongly read run has, and nothing else."""

_GBK_AS_LATIN = re.compile(r"(?:[\xb0-\xf7][\xa1-\xfe]|[\xa1-\xa9][\xa1-\xfe]){3,}")
_AS_GBK = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf\ue000-\uf8ff\u20ac\u3000-\u303f\u2018-\u2026]{3,}")
_COMMONEST = "锛鐨銆"
_GBK_SIGN = re.compile("[锛鐨銆鍜鏄浠鏂涓鍙鍥鈥璇寮]")
"""What GBK makes of the UTF-8 of the commonest Chinese characters and marks; hardly used otherwise."""

_LOST = "锟斤拷"
"""GBK's reading of two replacement characters: what was there is gone."""

_BYTES = {bytes([n]).decode("cp1252", "ignore") or chr(n): n for n in range(0x80, 0x100)}


class Mended(NamedTuple):
    """The text, and what was seen: `mojibake_repaired`, `mojibake`."""

    text: str
    flags: tuple[str, ...]


def mended(text: str, body: bytes | None = None) -> Mended:
    """Return *text* with what was decoded wrongly put right where that is certain.

    *body* are the bytes of a text in UTF-8, where they are at hand: they tell at once that there is nothing to mend.

    >>> mended("CafÃ© â€œNoÃ«lâ€\\x9d, crÃ¨me brÃ»lÃ©e").text
    'Café “Noël”, crème brûlée'
    """
    flags: list[str] = []
    if text.isascii():
        return Mended(text, ())
    if (body is None or _LATIN_LETTERS in body) and _LEADING.search(text) is not None:
        text = _mend(text, _GBK_AS_LATIN, _from_latin, flags)
        text = _mend(text, _AS_WESTERN, _from_western, flags)
    if any(map(text.__contains__, _COMMONEST)) and len(_GBK_SIGN.findall(text)) >= CERTAIN_CHARACTERS:
        text = _mend(text, _AS_GBK, _from_gbk, flags)
    if (_LOST[0] in text and _LOST in text) or (flags and "\ufffd" in text):
        flags.append("mojibake")
    return Mended(text, tuple(dict.fromkeys(flags)))


def _mend(text: str, pattern: re.Pattern[str], repair: Callable[[str], str | None], flags: list[str]) -> str:
    wrong = 0

    def put_right(match: re.Match[str]) -> str:
        nonlocal wrong
        right = repair(match[0])
        if right is None:
            return match[0]
        wrong += len(match[0])
        return right

    changed = pattern.sub(put_right, text)
    if not wrong:
        return text
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    if wrong >= CERTAIN_CHARACTERS and wrong >= beyond_ascii * CERTAIN_SHARE:
        flags.append("mojibake_repaired")
        return changed
    if wrong >= CERTAIN_CHARACTERS:
        flags.append("mojibake")
    return text


def _from_western(run: str) -> str | None:
    try:
        return bytes(_BYTES[character] for character in run).decode()
    except (KeyError, UnicodeDecodeError):
        return None


def _from_latin(run: str) -> str | None:
    """GBK read as Latin-1: certain where nothing but common Chinese (the first level of GB 2312) comes out."""
    try:
        raw = run.encode("latin-1")
        right = raw.decode("gb2312")
    except UnicodeError:
        return None
    common = sum(0xB0 <= byte <= 0xD7 for byte in raw[::2])
    return right if common * 2 > len(right) * 1.6 else None


def _from_gbk(run: str) -> str | None:
    """UTF-8 read as GBK: what fell on no character of GBK is lost, and stays so."""
    right = run.encode("gb18030").decode("utf-8", "replace")
    return right if right.count("\ufffd") * 8 <= len(right) else None
