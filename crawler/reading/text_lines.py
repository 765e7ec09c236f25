"""Which lines of a page may be of a text, and not of its attributes, menus and notices."""

from __future__ import annotations

import re
from collections.abc import Collection

from crawler.reading.inline import labels_in
from crawler.reading.lines import Line
from crawler.reading.phrases import Phrases
from crawler.reading.vocabulary import BOILERPLATE, STANDING_NOTICE
from crawler.reading.zones import HEADINGS, IN_FILES, IN_TEXT, Zone

LONGEST_NOTICE = 260

LONG_CELL = 200
"""A table's cell with more than this is text."""

_CRUMBS = Phrases(r"\S\s*[>›»]\s*\S", ">|›|»")
"""Home > Reports > 2023."""

_NOTICES = Phrases("", f"{_CRUMBS.signs}|{STANDING_NOTICE.signs}|{BOILERPLATE.signs}")
"""One look for the signs of all that a short line may be instead of a text."""

_REFERENCE = re.compile(r"[^\W\d_][\w'’-]{1,30}, [^\W\d_][\w. -]{0,30}[^()]{0,120}\((?:19|20)\d\d[a-z]?\)")
"""How a reference to the document begins: Quarles, Simon and Dove, Hettie (2006)."""

SENTENCE_END = re.compile(r"[。！？!?.;；…”]")


def may_be_text(line: Line, zone: Zone, in_layout: bool, cells: Collection[int]) -> bool:
    text = line.plain
    if not text or line.navigation or zone.foreign or zone is IN_FILES:
        return False
    if line.tag in HEADINGS or line.tag in ("dt", "th"):
        return False
    is_paragraph = line.tag == "p" and (zone is IN_TEXT or in_layout)
    if line.row and len(text) < LONG_CELL and not is_paragraph and line.element not in cells:
        return False
    if line.linked * 2 > len(text):
        return False
    may_be_notice = len(text) >= LONGEST_NOTICE or _NOTICES.may_be_in(text)
    if may_be_notice and len(text) < LONGEST_NOTICE and _CRUMBS.search(text) and not SENTENCE_END.search(text):
        return False
    if may_be_notice and len(text) < LONGEST_NOTICE * 3 and STANDING_NOTICE.search(text[:LONGEST_NOTICE]):
        return False
    if len(text) < LONGEST_NOTICE and (_REFERENCE.match(text) or ("|" in text and _is_row_of_pairs(text))):
        return False
    if len(text) < LONGEST_DATED and text[0].isalpha() and _is_dated(line):
        return False
    return not (may_be_notice and len(text) < 60 and BOILERPLATE.search(text))


LONGEST_DATED = 90


def _is_dated(line: Line) -> bool:
    """Whether a line is labels and dates: Date posted: November 11, 2015; Last revised: May 2, 2016."""
    if _DIGIT.search(line.plain) is None or line.plain[-1:] in ".。!?":
        return False
    found = labels_in(line.text)
    return bool(found) and found[0].start == 0 and found[0].meaning in _DATES


_DIGIT = re.compile(r"\d")
_DATES = frozenset(("published", "uploaded", "deposited", "never"))


def _is_row_of_pairs(text: str) -> bool:
    """Whether a line is labels and values, parted by bars, whatever the labels say: Act: 34 | File No.: 001-45178."""
    pieces = text.split("|")
    return all(":" in piece or "：" in piece for piece in pieces)
