"""What a look at a page shows before anything is understood: its lines, the part of the page of each, its links."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.reading.heading import heading_of, marked_title
from crawler.reading.lines import Line, lines_of
from crawler.reading.links import Links, links_of
from crawler.reading.tree import Parsed
from crawler.reading.urls import Base
from crawler.reading.zones import Zone, zones_of

MAX_HEAD = 300
"""Nodes of a page's head that are walked over."""


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
    passed_over: frozenset[str]
    """Tags of the elements in the page's body that are no text: input, script, ..."""
    cut: bool
    """Whether the page has more than is looked at."""


def look(page: Parsed, url: str) -> Sight:
    """Return what the page of *url* shows."""
    lines, passed_over, cut = lines_of(page.tree)
    zones = zones_of(lines)
    base_element, title = _of_the_head(page)
    base = _base(page, base_element, passed_over, url)
    links = links_of(lines, zones, base, url)
    head_title = _head_title(page, title)
    heading = heading_of(lines, links.item_lines, head_title, base.netloc, lambda: marked_title(page.tree))
    return Sight(lines, zones, base, links, heading, head_title, passed_over, cut)


def _base(page: Parsed, element: LexborNode | None, passed_over: Collection[str], url: str) -> Base:
    if element is None and "base" in passed_over:
        element = page.tree.css_first("base[href]")
    if element is None:
        return Base(url)
    return Base(Base(url).absolute(element.attributes.get("href")) or url)


def _head_title(page: Parsed, element: LexborNode | None) -> str:
    element = element or page.tree.css_first("title")
    return " ".join(element.text().split())[:300] if element is not None else ""


def _of_the_head(page: Parsed) -> tuple[LexborNode | None, LexborNode | None]:
    """Return the first base and title of the page's head: a walk over its few elements is quicker than selectors."""
    found: dict[str, LexborNode] = {}
    node = page.tree.head.first_child if page.tree.head is not None else None
    for _ in range(MAX_HEAD):
        if node is None:
            return found.get("base"), found.get("title")
        tag = node.tag
        if tag is not None and tag in _OF_THE_HEAD:
            found.setdefault(tag, node)
        node = node.next
    return found.get("base") or page.tree.css_first("base"), found.get("title")


_OF_THE_HEAD = frozenset(("base", "title"))
