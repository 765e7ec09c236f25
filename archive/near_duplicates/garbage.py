"""Whether a text is rubbish: characters that hardly anybody writes, as a wrong decoding or a scrambled font makes."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from archive.near_duplicates.canonical import folded

MIN_CHARACTERS = 40
"""Of Chinese, or of no script at all: fewer say nothing."""

RARE_SHARE = 0.3
"""Of the Chinese characters of a text those that GB 2312 lacks: 1 % in ordinary texts, 3 % in lists of names."""

BROKEN_SHARE = 0.2
"""Of all characters those that stand for nothing: private ones, unassigned ones, signs of a failed decoding."""

CHARACTERS = 2_000
"""Looked at, from the beginning."""


def is_garbage(text: str) -> bool:
    """Return whether *text* is rubbish.

    >>> is_garbage("计划生育工作" * 9), is_garbage("鍙戝睍瑙勫垝" * 9), is_garbage("\\ufffd\\ue123计" * 20)
    (False, True, True)
    """
    points = np.frombuffer(text[:CHARACTERS].encode("utf-32-le", "surrogatepass"), np.uint32)
    raw = np.where(points < 0xFFFF, points, 0).astype(np.uint16)
    is_chinese, is_rare, is_broken = _kinds()
    written = int(np.count_nonzero(folded(raw) != 1))
    broken = int(np.count_nonzero(is_broken[raw]))
    if written >= MIN_CHARACTERS and broken >= BROKEN_SHARE * written:
        return True
    far = (points >= 0x20000) & (points < 0x40000)  # the rarer planes of Chinese
    chinese = int(np.count_nonzero(is_chinese[raw])) + int(np.count_nonzero(far))
    rare = int(np.count_nonzero(is_rare[folded(raw)])) + int(np.count_nonzero(far))
    return chinese >= MIN_CHARACTERS and rare >= RARE_SHARE * chinese


@lru_cache(maxsize=1)
def _kinds() -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which characters are Chinese; which of them, in simplified script, are rare; which stand for nothing."""
    is_chinese, is_rare, is_broken = np.zeros(65536, bool), np.zeros(65536, bool), np.zeros(65536, bool)
    for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)):
        is_chinese[first : last + 1] = True
    for number in np.flatnonzero(is_chinese).tolist():
        try:
            chr(number).encode("gb2312")
        except UnicodeEncodeError:
            is_rare[number] = True
    for number in range(0x80, 0x10000):
        is_broken[number] = number == 0xFFFD or unicodedata.category(chr(number)) in ("Co", "Cn", "Cs", "Cc")
    return is_chinese, is_rare, is_broken
