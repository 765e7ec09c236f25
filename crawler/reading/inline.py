"""Labels with a colon inside a line of text: "大 小：32.74KB  页数：22页", "File size: 1.2 MB | Pages: 24"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from crawler.reading.composed import composed_meaning
from crawler.reading.lines import SEPARATOR
from crawler.reading.vocabulary import ENTIRE_ONLY, KNOWN, normal_label

LONGEST_LABEL = 40
"""Characters of the longest label, padding included."""

WIDEST_GAP = 3
"""Blanks on either side of a label's colon, at the most."""

SHORT_LINE = 60
"""Characters of a line that is one label and its value, whatever else the label's word means in sentences."""

LONG_LINE = 300
"""Characters from which on a line is a text, whose labels only one rule asks for."""

MAX_COLONS = 200
"""Colons of one line that are looked at; a row of attributes has a dozen."""

_GAP = " \t\n\xa0\u3000" + SEPARATOR
_DELIMITER = re.compile(f"[{re.escape(_GAP + '|/·,;，；、】]>(（【［[•')}]")
"""What stands before a label inside a line."""

_COLON = re.compile("[:：]")
_OF_ANOTHER = re.compile(r"\b(?:project|user|order|customer|job|grant|award|loan|company|session)\s\Z", re.IGNORECASE)
"""Words before "ID:" that make it the number of something else."""

_EXTENT = re.compile(
    r"(?:Length|Extent)\s{0,3}[:：]\s{0,3}\x01?\d{1,5}\s?(?:pages?|slides?|pp?\.|sheets)", re.IGNORECASE
)
"""Words that are the length of a text only where pages follow."""

_ALONE = frozenset(normal_label(label) for label in ENTIRE_ONLY if label != "ID")


class Labelled(NamedTuple):
    """A known label and its colon."""

    start: int
    end: int
    """Where its value begins."""
    meaning: str
    label: str


def labels_in(text: str) -> Sequence[Labelled]:
    """Return the known labels in *text* that a colon follows, in order."""
    return _labels_in_short(text) if len(text) <= LONG_LINE else _labels_in(text)


@lru_cache(maxsize=1024)
def _labels_in_short(text: str) -> Sequence[Labelled]:
    """Return the same of a line that several rules ask for its labels."""
    return _labels_in(text)


def _labels_in(text: str) -> Sequence[Labelled]:
    found: list[Labelled] = []
    at = 0
    for number, colon in enumerate(_COLON.finditer(text)):
        if number >= MAX_COLONS:
            break
        stop = colon.start()
        while stop > at and text[stop - 1] in _GAP:
            stop -= 1
        if colon.start() - stop > WIDEST_GAP:
            continue
        first = max(at, stop - LONGEST_LABEL)
        starts = [delimiter.end() for delimiter in _DELIMITER.finditer(text, max(first - 1, 0), max(stop - 1, 0))]
        for start in (0, *starts) if first == 0 < stop else starts:
            meaning = inline_meaning(text[start:stop])
            if meaning == "doc_id" and start and _OF_ANOTHER.search(text, max(0, start - 12), start):
                continue
            if meaning is None and _EXTENT.match(text, start):
                meaning = "pages"
            if meaning is None and start == 0 and len(text) <= SHORT_LINE:
                meaning = leading_meaning(text[start:stop])
            if meaning is not None:
                at = colon.end()
                while at < len(text) and at - colon.end() < WIDEST_GAP and text[at] in _GAP:
                    at += 1
                found.append(Labelled(start, at, meaning, text[start:stop]))
                break
    return found


def begins_with_label(text: str) -> bool:
    """Whether a known label and its colon stand at the beginning of *text*."""
    return leading_label(text) is not None


def leading_label(text: str) -> str | None:
    """Return what the known label means that stands, with its colon, at the beginning of *text*; None without one."""
    colon = _COLON.search(text, 0, LONGEST_LABEL + WIDEST_GAP + 1)
    if colon is None:
        return None
    label = text[: colon.start()].rstrip(_GAP)
    if len(label) > LONGEST_LABEL or colon.start() - len(label) > WIDEST_GAP:
        return None
    return leading_meaning(label)


@lru_cache(maxsize=8192)
def leading_meaning(label: str) -> str | None:
    """Return what *label* means at the beginning of a short line."""
    if label[:1].isspace() or label[:1] == SEPARATOR:
        return None
    normal = normal_label(label)
    return KNOWN.get(normal) or composed_meaning(normal)


@lru_cache(maxsize=8192)
def inline_meaning(label: str) -> str | None:
    """Return what *label* means inside a line; words that are common in sentences mean nothing there."""
    if label[:1].isspace() or label[:1] == SEPARATOR:
        return None
    normal = normal_label(label)
    return (KNOWN.get(normal) or composed_meaning(normal)) if normal not in _ALONE else None
