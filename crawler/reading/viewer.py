"""How many pages the controls of a viewer say that a document has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.reading.ground import LONGEST_TAG, Fact, Facts, Ground
from crawler.reading.lines import SEPARATOR, Line

_VIEWER = re.compile(
    r"(?:^|\b(?:page|slide)(?:: ?| ))(?:1 ?)?of ?([1-9]\d{0,3})(?![\d/])|(?:^|\D )1 ?/ ?([1-9]\d{0,3})$", re.IGNORECASE
)

_VIEWED = re.compile(r"1 ?/ ?([1-9]\d{0,3})")

_OF_TOTAL = re.compile(rf"(?:^|{SEPARATOR})\s?/\s?([1-9]\d{{0,3}})(?:{SEPARATOR}|$)")
"""The total behind a field for the page's number: / 14."""

_PAGER = re.compile(r"(?:page|slide):? 1 (?:of|/) ?1", re.IGNORECASE)
"""What stands below lists that have one page only; a document of one page has no controls."""

_DIGIT = re.compile(r"\d")


_TWICE = re.compile(r"1 ?of ?([1-9]\d{0,3}) ?/ ?\1")
"""The total twice: 1 of 28/28."""


def from_viewer(ground: Ground, facts: Facts) -> None:
    """Take the number of pages from a viewer's controls: "1 of 24"."""
    if facts.pages.text is not None:
        return
    numbered = 0
    """First line behind pictures that are numbered, 1/6, 2/6, 3/6: they are a choice of pages."""
    for index, line in enumerate(ground.lines):
        if len(line.plain) > LONGEST_TAG or line.navigation or ground.zones[index].foreign:
            continue
        if _DIGIT.search(line.plain) is None:
            continue
        if index >= numbered and line.plain[:1] == "1" and (pictures := _numbered_pictures(ground.lines, index)):
            numbered = index + pictures
        if index < numbered and _VIEWED_PAGE.fullmatch(line.plain):
            continue
        match = _VIEWER.search(line.spaced) or _OF_TOTAL.search(line.text)
        if match is None and "/" in line.text:
            match = _viewed(line) or _TWICE.fullmatch(line.spaced)
        if match and index not in ground.passed_over and _PAGER.fullmatch(match[0].strip()) is None:
            facts.pages = Fact(
                int(next(group for group in match.groups() if group)), match[0].strip(" " + SEPARATOR), "viewer"
            )
            return


def _numbered_pictures(lines: Sequence[Line], index: int) -> int:
    """Return how many lines from *index* on are nothing but the numbers of pictures, 0 where they are too few."""
    first = _VIEWED_PAGE.fullmatch(lines[index].plain)
    if first is None:
        return 0
    count = 1
    for line in lines[index + 1 : index + int(first[2])]:
        following = _VIEWED_PAGE.fullmatch(line.plain)
        if following is None or int(following[1]) != count + 1 or following[2] != first[2]:
            break
        count += 1
    return count if count >= PICTURES else 0


PICTURES = 3
"""Numbers, one right below the other, from which on they are of pictures."""

_VIEWED_PAGE = re.compile(r"(\d{1,4}) ?/ ?([1-9]\d{0,3})")


def _viewed(line: Line) -> re.Match[str] | None:
    """Return the controls that are one element of a line: 1 / 19, with an advert behind it."""
    return next(
        (match for piece in line.text.split(SEPARATOR) if (match := _VIEWED.fullmatch(piece)) is not None), None
    )
