"""What the facts of a page are read from, and what they become."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from selectolax.lexbor import LexborHTMLParser

from crawler.reading.lines import SEPARATOR, Line
from crawler.reading.nodes import short_text
from crawler.reading.structured import Structured
from crawler.reading.values import stated_size
from crawler.reading.vocabulary import ENDING
from crawler.reading.zones import IN_FILES, IN_RELATED, Zone

T = TypeVar("T")

MOST_MARKED = 20
"""Elements with a day for machines that are looked at."""
LONG_ATTRIBUTE = 60
"""Characters that the value of size, pages, format or date may have; longer ones are sentences about files."""

LONGEST_TAG = 30

LONG_LINE = 120
"""Characters of a line of attributes without labels, at the most."""

NEAR_HEADING = 4
"""Lines below the heading in which an unlabelled date is the document's."""

NEXT_ROW = 3
"""Lines that a row of a table has: label, value, language."""

STANDARD = re.compile(
    r"[A-Z]{1,7}\d{0,2}(?:[/ ][A-Z]{1,7}){0,3}[ -]{0,2}[A-Z]?\d{1,6}(?:[.\-]\d{1,4}){0,3}"
    r"(?:\s?[-—–:：]{1,2}\s?\d{2,4})?(?:\+[A-Z]{1,2}\d{1,2}(?::\d{4})?)?(?![\w/])"
)
"""The number of a standard: GB/T 45123-2024, DB37/T 3391—2018, ISO/IEC 27001:2013, ASTM D638-14."""


@dataclass(slots=True)
class Fact(Generic[T]):
    """A value, as printed and as understood, and where it was read."""

    value: T | None = None
    text: str | None = None
    place: str | None = None

    @property
    def is_evidence(self) -> bool:
        """Whether it speaks for a document: templates put a title, a date and a format into the head of any page."""
        return self.value is not None and not (self.place or "").startswith(_OF_ANY_PAGE)


_OF_ANY_PAGE = (
    "window title",
    "meta[og:",
    "meta[twitter:",
    "meta[dc.",
    "meta[dcterms.",
    "meta[pubdate",
    "meta[publishdate",
)


@dataclass(slots=True)
class Facts:
    """All that a page states of its document."""

    title: Fact[str] = field(default_factory=Fact)
    doc_id: Fact[str] = field(default_factory=Fact)
    size: Fact[int] = field(default_factory=Fact)
    pages: Fact[int] = field(default_factory=Fact)
    format: Fact[str] = field(default_factory=Fact)
    published: Fact[str] = field(default_factory=Fact)
    tags: Fact[tuple[str, ...]] = field(default_factory=Fact)
    issuer: Fact[str] = field(default_factory=Fact)
    document_number: Fact[str] = field(default_factory=Fact)
    labelled_id: bool = False
    is_counted: bool = False
    """The page counts its readers, with a label."""
    is_downloaded: bool = False
    """The page counts how often the document was downloaded."""
    uploader: bool = False
    """The page says who put the document there."""
    words: bool = False
    """The page says how many words the document has: 约856字."""
    coarse_date: bool = False
    """The page says "3 years ago": a date too coarse to keep, but evidence of a document."""

    @property
    def is_offered(self) -> bool:
        """Whether the page offers a file: it states its size and counts its downloads."""
        return self.is_downloaded and self.size.is_evidence


def names_a_file(line: Line) -> bool:
    """Whether a line begins with an element that is a file's name and has another behind it."""
    name, parted, _ = line.text.partition(SEPARATOR)
    return bool(parted) and ENDING.search(name) is not None


@dataclass(frozen=True)
class Ground:
    """Where facts are looked for."""

    lines: Sequence[Line]
    zones: Sequence[Zone]
    heading: int | None
    passed_over: frozenset[int]
    """Lines of list items and of the document's own text."""
    structured: Structured
    head_title: str
    host: str
    tree: LexborHTMLParser
    panel: int | None = None
    """The first line behind the related documents that has a labelled fact: a column beside the text."""

    @cached_property
    def language(self) -> str:
        """What the page says its language is, as written for its browser: en-US; "" where it says nothing."""
        root = self.tree.root
        return (root.attributes.get("lang") or "") if root is not None else ""

    def marked_days(self) -> list[tuple[str, str]]:
        """Return the days that the page prints in elements which say for machines, too, which they are."""
        elements = self.tree.css("time[datetime]")[:MOST_MARKED]
        return [(short_text(element, LONG_ATTRIBUTE), element.attributes.get("datetime") or "") for element in elements]

    @cached_property
    def text(self) -> str:
        """All lines, one below the other: what few pages have is looked for here first."""
        return "\n".join([line.plain for line in self.lines])

    @cached_property
    def first_file(self) -> Line | None:
        """The first line that states a file's size: below "Files", or behind the file's name: a.csv (8 MB)."""
        for line, zone in zip(self.lines, self.zones, strict=True):
            if line.navigation or zone.foreign or len(line.plain) > LONG_LINE:
                continue
            if (zone is IN_FILES or names_a_file(line)) and stated_size(line.spaced):
                return line
        return None

    @cached_property
    def around(self) -> Sequence[int]:
        """The lines that may state something: from the heading to the related documents, and lists of files."""
        start = 0 if self.heading is None else self.heading + 1
        zones = self.zones
        beyond = zones.index(IN_RELATED, start) if IN_RELATED in zones[start:] else len(zones)
        panel = len(zones) if self.panel is None or self.panel < beyond else self.panel
        files = [index for index in range(beyond, panel) if zones[index] is IN_FILES]
        files += range(panel, len(zones))
        return [
            index
            for index in (*range(start, beyond), *files)
            if index not in self.passed_over and not self.lines[index].navigation and not zones[index].foreign
        ]


PAGE_ENDINGS = frozenset(("html", "xml", "json", "jpg", "png", "gif", "svg", "bmp"))
"""Endings of links that lead to pages and pictures, not to documents."""
