"""What a look at a page shows before anything is understood: its lines, the part of the page of each, its links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from crawler.reading.encoding import decode
from crawler.reading.heading import heading_of, marked_title
from crawler.reading.lines import Line, lines_of
from crawler.reading.links import Links, links_of
from crawler.reading.mojibake import mended
from crawler.reading.nesting import bounded
from crawler.reading.urls import Base
from crawler.reading.zones import Zone, zones_of

PARSE_TRUNCATED = "parse_truncated"
"""Flag of a page of which only a part was looked at."""


class Parsed(NamedTuple):
    """A page's bytes as a tree."""

    tree: LexborHTMLParser
    text: str
    encoding: str
    flags: tuple[str, ...]


class Sight(NamedTuple):
    """What a look at the page shows."""

    lines: Sequence[Line]
    zones: Sequence[Zone]
    base: Base
    links: Links
    heading: int | None
    """The line of the main heading."""
    head_title: str
    """What stands in the window's title."""
    cut: bool
    """Whether the page has more than is looked at."""


def parsed(body: bytes, content_type: str | None, encoding: str | None = None) -> Parsed:
    """Return the page *body*, its content coding undone, as a tree; *encoding* is for pages that say none."""
    text, found, flags = decode(body, content_type, encoding)
    text, seen = mended(text, body if found == "utf-8" else None)
    text, cut = bounded(text)
    return Parsed(LexborHTMLParser(text), text, found, (*flags, *seen, *((PARSE_TRUNCATED,) if cut else ())))


def look(tree: LexborHTMLParser, url: str) -> Sight:
    """Return what the page of *url* shows."""
    lines, cut = lines_of(tree)
    zones = zones_of(lines)
    base = _base(tree, url)
    links = links_of(lines, zones, base, url)
    head_title = _head_title(tree)
    heading = heading_of(lines, links.item_lines, head_title, base.netloc, lambda: marked_title(tree))
    return Sight(lines, zones, base, links, heading, head_title, cut)


def _base(tree: LexborHTMLParser, url: str) -> Base:
    element = tree.css_first("base[href]")
    href = element.attributes.get("href") if element is not None else None
    return Base(Base(url).absolute(href) or url)


def _head_title(tree: LexborHTMLParser) -> str:
    element = tree.css_first("title")
    return " ".join(element.text().split())[:300] if element is not None else ""
