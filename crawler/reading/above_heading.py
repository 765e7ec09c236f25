"""What stands right above the main heading: a day alone, a number of pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from crawler.reading.ground import LONG_ATTRIBUTE, LONG_LINE, NEAR_HEADING, Fact, Facts, Ground
from crawler.reading.lines import SEPARATOR
from crawler.reading.unlabelled import COUNT_OF_PAGES
from crawler.reading.values import page_count
from crawler.reading.zones import IN_PLAIN

WRAPPERS = 2
"""Elements around all of a page, and around a heading in the part that it shares with its date."""

ABOVE_HEADING = 3
"""Lines above the heading in which a date or a number of pages is the document's."""

_DIGIT = re.compile(r"\d")


def above_heading(ground: Ground, published: Callable[[str], str | None], fetched_at: datetime) -> Fact[str] | None:
    """Return the date that stands alone right above the heading, in the element that holds both; not today's."""
    if ground.heading is None:
        return None
    path = ground.lines[ground.heading].path
    for index in range(max(0, ground.heading - ABOVE_HEADING), ground.heading):
        line = ground.lines[index]
        if line.navigation or ground.zones[index].foreign:
            continue
        said = _SUBMITTED.match(line.spaced)
        if said is not None and (found := published(said[1])) is not None:
            return Fact(found, said[1], "above heading")
        if len(line.plain) > LONG_ATTRIBUTE:
            continue
        printed = _OF_A_PAPER.search(line.plain) if line.plain[-1:] in (")", "）") else None
        if printed is not None and (found := published(printed[1])) is not None:
            return Fact(found, printed[1], "above heading")
        if line.anchors:
            continue
        dated = _DATE_ALONE.fullmatch(line.spaced)
        if dated is None:
            continue
        shared = sum(element in path for element in line.path)
        if not dated[2] and not WRAPPERS < shared >= len(path) - WRAPPERS and not _is_of_number(ground, index):
            continue  # a clock in the head of the site
        found = published(dated[1])
        days_around = ((fetched_at + timedelta(days)).date().isoformat() for days in (-1, 0, 1))
        if found is not None and found not in days_around:
            return Fact(found, dated[1], "above heading")
    return None


_OF_A_PAPER = re.compile(r"((?:19|20)\d\d-\d\d-\d\d)\s?[(（](?:[A-Z]\d{1,3}|第?\d{1,3}版)[)）]$")
"""The day and the page of a newspaper: 南屏日报. 2013-05-14(A02)."""


def _is_of_number(ground: Ground, index: int) -> bool:
    """Whether in a table's row beside a line stands a number that is the heading's as well: 2024/811 | 6.3.2024."""
    row, title = ground.lines[index].row, ground.lines[ground.heading or 0].plain
    beside = (line.plain for line in ground.lines[max(0, index - 2) : index + 2] if line.row == row)
    return row > 0 and any(len(text) > NEAR_HEADING and _DIGIT.search(text) and text in title for text in beside)


_SUBMITTED = re.compile(
    r"\[?(?:submitted|posted|published)(?: on)?:? "
    r"(\d{1,2} [A-Z][a-z]{2,8} (?:19|20)\d\d|[A-Z][a-z]{2,8} \d{1,2}, (?:19|20)\d\d)(?=\s?[\](]|\Z)",
    re.IGNORECASE,
)
"""When it was submitted, and perhaps when it was last changed: [Submitted on 27 Apr 2016 (v1), last revised ...]."""

_DATE_ALONE = re.compile(
    r"((?:[A-Z][a-z]{2,8}\.? (?:\d{1,2}, )?|\d{1,2}\.? [A-Z][a-z]{2,8}\.? |\d{1,2}\.\d{1,2}\.)(?:19|20)\d\d|"
    r"(?:19|20)\d\d-\d\d-\d\d)( ?[•·|] ?\d[\d.,]{0,9} (?:views|reads|downloads))?",
    re.IGNORECASE,
)
"""A day, and how often the document was read: 12.03.2015 • 3,849 Views."""


def pages_above_heading(ground: Ground, facts: Facts) -> None:
    """Take the number of pages from a row of attributes right above the heading, in an element of its own there."""
    if facts.pages.text is not None or ground.heading is None:
        return
    for index in range(max(0, ground.heading - ABOVE_HEADING), ground.heading):
        line = ground.lines[index]
        if line.row or line.navigation or ground.zones[index] is not IN_PLAIN:
            continue
        linked = {anchor.text for anchor in line.anchors}
        for piece in line.text.split(SEPARATOR) if len(line.plain) <= LONG_LINE else ():
            if COUNT_OF_PAGES.fullmatch(piece) and piece not in linked:
                facts.pages = Fact(page_count(piece, labelled=True), piece, "above heading")
                return
