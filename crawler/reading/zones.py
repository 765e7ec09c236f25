"""Which part of the page each line stands in: related documents, notices, files, the document's own text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from crawler.reading.lines import Line
from crawler.reading.vocabulary import FILES, NOTICE, POPULAR, RELATED, TEXT_HEADING

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_MAY_HEAD = frozenset(("div", "p", "dt", "summary", "caption", "header", "th", "td", "li"))
_CELLS = frozenset(("td", "th", "dt"))
_SENTENCE = re.compile(r"[。，,:：]\s*\S{6}")

HEADING_CHARACTERS = 60
SHORT_HEADING_CHARACTERS = 24
"""An element that is no h1 to h6 may still head what follows, if it is as short as a heading."""


class Zone(Enum):
    """A part of a page."""

    PLAIN = ("", False)
    TEXT = ("text", False)
    FILES = ("files", False)
    RELATED = ("related", True)
    POPULAR = ("popular", True)
    NOTICE = ("notice", True)

    def __init__(self, label: str, foreign: bool) -> None:
        self.label = label
        self.foreign = foreign
        """Whether lines here say nothing of the page's own document."""


def zones_of(lines: Sequence[Line]) -> list[Zone]:
    """Return the zone of each line.

    A heading opens a zone, which lasts to the next heading, or to the end of the element that the heading stands in.
    """
    zones: list[Zone] = []
    zone = Zone.PLAIN
    home: int | None = None
    for index, line in enumerate(lines):
        if home is not None and home not in line.path:
            zone, home = Zone.PLAIN, None
        opened = _opened(line, zone)
        if opened is not None:
            zone = opened
            home = None if zone is Zone.PLAIN else _home(lines, index)
        zones.append(zone)
    return zones


def _opened(line: Line, zone: Zone) -> Zone | None:
    """Return the zone that *line* opens as a heading; None when it is no heading."""
    text = line.plain
    heading = line.tag in HEADINGS
    if not text or len(text) > HEADING_CHARACTERS:
        return None
    if not heading and (len(text) > SHORT_HEADING_CHARACTERS or len(line.anchors) > 1 or line.tag not in _MAY_HEAD):
        return None
    if line.tag == "li" and line.linked >= len(text) - 2 and line.linked:
        return None
    bare = text.strip(" :：")
    if RELATED.search(text) and not _SENTENCE.search(text):
        return Zone.RELATED
    if POPULAR.search(text) and len(text) <= 20:
        return Zone.POPULAR
    if line.tag in _CELLS and text.endswith((":", "：")):
        return None  # a label: Comments: 14 pages
    if NOTICE.search(text) and (heading or len(text) <= 16):
        return Zone.NOTICE
    if FILES.fullmatch(bare):
        return Zone.FILES
    if (heading or len(text) <= 12) and TEXT_HEADING.fullmatch(bare):
        return Zone.TEXT
    if line.tag == "h1" or (heading and zone is not Zone.FILES):
        return Zone.PLAIN
    return None


def _home(lines: Sequence[Line], index: int) -> int | None:
    """Return the element whose end ends the zone: the heading's own, if what follows is inside it, else its parent."""
    path = lines[index].path
    if not path:
        return None
    if index + 1 < len(lines) and path[-1] in lines[index + 1].path:
        return path[-1]
    return path[-2] if len(path) > 1 else None
