"""The texts that stand around a document's main one: a lead, an abstract, a description, further sections."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.reading.inline import begins_with_label, labels_in
from crawler.reading.lines import Line, width
from crawler.reading.page_texts import SHORTEST_TEXT
from crawler.reading.text_lines import LONG_CELL, LONGEST_NOTICE, SENTENCE_END, may_be_text
from crawler.reading.values import stated_size
from crawler.reading.vocabulary import STANDING_NOTICE
from crawler.reading.zones import HEADINGS, IN_PLAIN, IN_TEXT, Zone

SHORTEST_PARAGRAPH = 30

PRINTED_LINE = 40
"""Characters that printed lines of a page have on the average, at least."""

SHORTEST_WRITTEN = 80
"""Width of a text of short sentences, at least."""

MOST_FACTS = 16
"""Lines of a list of facts right below the heading, at the most."""

_CITATION = re.compile(r"\((?:19|20)\d\d\)|\((?:un)?published\)|\bISSN\b|\bpp\. ?\d", re.IGNORECASE)

_DAY = re.compile(r"\d[./-]\d{1,2}[./-](?:19|20)\d\d\b")
"""A day, as a line has that says where the document was published."""

_RESTRICTED = re.compile(
    r"(?:access|download) (?:to|of) (?:this|the) (?:paper|item|document|file)\b.{0,40}\b(?:restricted|embargoed)|"
    r"embargoed until|available (?:for download )?(?:on|after|from) ",
    re.IGNORECASE,
)
"""A notice above the text that says from when on the document may be read."""

_COUNTED = re.compile(
    r"\b\d[\d,.]{0,9}\s?(?:views?|likes?|downloads?|reads?|次|人)\b|"
    r"[A-Z][a-z]{2,8}\.? \d{1,2}, (?:19|20)\d\d\b"
)


def abstract_before(
    lines: Sequence[Line], zones: Sequence[Zone], item_lines: Sequence[bool], heading: int | None, text: Sequence[int]
) -> list[int]:
    """Return the lines of an abstract that stands, below a heading of its own, right before the text."""
    found: list[int] = []
    for index in range(text[0] - 1, heading or 0, -1):
        line = lines[index]
        if zones[index] is not IN_TEXT or item_lines[index]:
            break
        if line.tag in HEADINGS or not line.plain:
            continue
        if line.anchors or line.row or width(line.plain) < PRINTED_LINE or begins_with_label(line.text):
            break
        if not SENTENCE_END.match(line.plain[-1]) or not may_be_text(line, zones[index], False, frozenset()):
            break
        found.insert(0, index)
    return found


def sections_behind(
    lines: Sequence[Line], zones: Sequence[Zone], item_lines: Sequence[bool], text: Sequence[int]
) -> list[int]:
    """Return the lines of a further text right behind the one below a heading, below its own: claims of a patent."""
    last = text[-1]
    if zones[last] is not IN_TEXT or last + 1 == len(lines) or lines[last + 1].tag not in HEADINGS:
        return []
    found: list[int] = []
    for index in range(last + 1, len(lines)):
        line = lines[index]
        if zones[index] is not IN_TEXT or item_lines[index]:
            break
        if line.tag in HEADINGS:
            continue
        alike = line.tag == lines[last].tag and len(line.path) == len(lines[last].path)
        if not alike or line.anchors or width(line.plain) < PRINTED_LINE or begins_with_label(line.text):
            break
        if not SENTENCE_END.match(line.plain[-1]) or not may_be_text(line, zones[index], False, frozenset()):
            break
        found.append(index)
    return found


def description_before(
    lines: Sequence[Line], zones: Sequence[Zone], item_lines: Sequence[bool], heading: int | None, text: Sequence[int]
) -> list[int]:
    """Return the lines of a description that stands, below a heading of its own, further above the document's pages.

    One that only begins as the pages do says nothing more.
    """
    said = "".join(lines[index].plain for index in text)
    described = [
        index
        for index in range((heading or 0) + 1, text[0])
        if zones[index] is IN_TEXT
        and not item_lines[index]
        and not lines[index].anchors
        and width(lines[index].plain) >= SHORTEST_WRITTEN
        and SENTENCE_END.match(lines[index].plain[-1])
        and may_be_text(lines[index], zones[index], False, frozenset())
    ]
    return [index for index in described if lines[index].plain[:SHORTEST_PARAGRAPH] not in said]


def lead_of(
    lines: Sequence[Line], zones: Sequence[Zone], item_lines: Sequence[bool], heading: int | None, text: list[int]
) -> list[int]:
    """Return the paragraph right below the heading that sums the document up, if there is one."""
    if heading is None:
        return []
    first = heading + 1
    while first < min(heading + MOST_FACTS, len(lines)) and lines[first].tag in ("dt", "dd"):
        first += 1  # a list of facts may stand between the heading and its lead
    for index in range(first, min(first + 2, len(lines))):
        line = lines[index]
        if (
            line.tag == "p"
            and len(line.plain) >= 25
            and index not in text
            and not line.linked
            and lines[heading].plain not in line.plain
            and not item_lines[index]
            and zones[index] is IN_PLAIN
            and SENTENCE_END.search(line.plain)
            and not labels_in(line.text)
            and not STANDING_NOTICE.search(line.plain[:LONGEST_NOTICE])
            and not _CITATION.search(line.plain)
            and not _DAY.search(line.plain[:SHORTEST_TEXT])
            and not (len(line.plain) < LONG_CELL and (_COUNTED.search(line.spaced) or _RESTRICTED.search(line.plain)))
            and stated_size(line.spaced) is None
        ):
            return [index]
    return []
