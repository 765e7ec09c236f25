"""How a text is cut for the index: into every pair of neighbouring characters, so that any piece of it is found.

A piece of two characters is one pair; a longer one is a row of pairs at the right distances, found nowhere else. So
what the index finds is exact, whatever the characters are: no word list misses a word, and nothing needs to be looked
at again. Single characters are kept beside the pairs.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from archive.words.folding import OURS

TOKENS_VERSION = 1
"""Raised when texts are cut otherwise: an index that was made before is made again."""

SEPARATOR = OURS[-1]
"""Stands between title, tags and text: no piece reaches across."""

# The index splits at these, so each is written as one of the characters that no folded text has.
_SPACES = tuple(zip(" \t\n\r\x0c", OURS, strict=False))


_FOUR_BYTES = "I"
_SPACE = " ".encode("utf-32-le")
assert array(_FOUR_BYTES).itemsize == len(_SPACE)


def joined(texts: Sequence[str]) -> str:
    """Return folded texts as the one that is cut."""
    return _without_spaces(SEPARATOR.join(texts))


def _without_spaces(text: str) -> str:
    for space, instead in _SPACES:  # `translate` takes ten times as long
        if space in text:
            text = text.replace(space, instead)
    return text


def pairs(text: str) -> str:
    """Return the pairs of a `joined` text, each with a space behind it.

    >>> pairs(joined(["a b"])) == f"a{OURS[0]} {OURS[0]}b "
    True
    """
    return _woven(text[:-1], text[1:])


def characters(text: str) -> str:
    """Return the characters of a `joined` text, each with a space behind it."""
    return _woven(text)


def _woven(*rows: str) -> str:
    """Return the first character of each row, a space, the second of each, and so on: a third of what joining takes."""
    step = len(rows) + 1
    woven = array(_FOUR_BYTES, _SPACE * (len(rows[0]) * step))
    for at, row in enumerate(rows):
        woven[at::step] = array(_FOUR_BYTES, row.encode("utf-32-le"))
    return woven.tobytes().decode("utf-32-le")


def cover(term: str) -> list[tuple[int, str]]:
    """Return pairs, each with its place, that stand so in a text exactly where *term* does; of two characters or more.

    >>> cover("长效避孕药")
    [(0, '长效'), (2, '避孕'), (3, '孕药')]
    """
    text = _without_spaces(term)
    places = list(range(0, len(text) - 1, 2))
    if len(text) % 2:
        places.append(len(text) - 2)
    return [(place, text[place : place + 2]) for place in places]


def character(term: str) -> str:
    """Return a term of one character as it is kept."""
    return _without_spaces(term)


def can_be_kept(term: str) -> bool:
    """Whether any text can hold *term*: half of a surrogate pair is no character.

    >>> can_be_kept("长"), can_be_kept("\\ud800")
    (True, False)
    """
    return not any("\ud800" <= c <= "\udfff" for c in term)
