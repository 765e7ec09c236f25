"""Links of a page: which belong together as the items of a list, which leads to the next page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.reading.lines import Anchor, Line
from crawler.reading.urls import Base, canonical_url, shape
from crawler.reading.vocabulary import BOILERPLATE, NEXT

SMALLEST_LIST = 3
"""Links of one shape from which on they are taken for the items of a list."""

TITLE_CHARACTERS = 5
"""A document's title has at least so many; shorter link texts are categories, tags, page numbers."""

_ELSEWHERE = re.compile(
    r"/(?:u|user|users|author|people|profile|member|space|home|org|organisations?|organizations?|tags?|category|cat|browse|"
    r"search|login|reg|register|help|about|download|down)(?:/|$|\?|\.)",
    re.IGNORECASE,
)
"""Paths of pages about users, categories, searches, downloads: not of documents."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link, and the line it stands in."""

    line: int
    anchor: Anchor
    url: str
    """Absolute."""


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a page, sorted out."""

    all: Sequence[Link]
    clusters: Mapping[str, Mapping[str, tuple[int, str]]]
    """Shape of URL -> URL -> (line, text): links that may be documents', by shape."""
    item_lines: Sequence[bool]
    """For each line, whether it stands in an item of a list."""


def links_of(lines: Sequence[Line], base: Base, url: str) -> Links:
    """Return the links of *lines*; *url* is the page's own."""
    links = [
        Link(index, anchor, target)
        for index, line in enumerate(lines)
        for anchor in line.anchors
        if (target := base.absolute(anchor.href)) is not None
    ]
    clusters: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    for link in links:
        text = link.anchor.text or link.anchor.title
        if len(text) < TITLE_CHARACTERS or lines[link.line].navigation or link.url == url:
            continue
        kind = shape(link.url)
        if not kind.startswith(base.netloc) or _ELSEWHERE.search(link.url, 8):
            continue
        if NEXT.match(text) or (len(text) < 14 and BOILERPLATE.search(text)):
            continue
        clusters[kind].setdefault(link.url, (link.line, text))
    clusters.pop("", None)
    return Links(links, clusters, _item_lines(lines, clusters))


def _item_lines(lines: Sequence[Line], clusters: Mapping[str, Mapping[str, tuple[int, str]]]) -> list[bool]:
    """Mark the lines of list items: the largest element around a listed link that holds no other one."""
    inside: dict[int, set[str]] = defaultdict(set)
    listed = [
        (url, line) for links in clusters.values() if len(links) >= SMALLEST_LIST for url, (line, _) in links.items()
    ]
    for url, line in listed:
        for element in lines[line].path:
            inside[element].add(url)
    items = set()
    for _, line in listed:
        element = next((e for e in lines[line].path if len(inside[e]) == 1), None)
        if element is not None:
            items.add(element)
    if not items:
        return [False] * len(lines)
    return [not items.isdisjoint(line.path) for line in lines]


def listed_documents(links: Links) -> list[str]:
    """Return the URLs of the page's main list: the one whose link texts say most."""
    best: list[str] = []
    best_score = 0
    for cluster in links.clusters.values():
        if len(cluster) < SMALLEST_LIST:
            continue
        score = sum(min(len(text), 40) for _, text in cluster.values())
        if score > best_score:
            best, best_score = list(cluster), score
    if best:
        return best
    return list(next(iter(links.clusters.values()), {}))


def next_page(lines: Sequence[Line], links: Links, base: Base, url: str) -> str | None:
    """Return the URL of the listing's next page: by rel, by text, by the number after the present one."""
    here = canonical_url(url)
    found = None
    for link in links.all:
        if "next" in link.anchor.rel.lower().split() or NEXT.match(link.anchor.text or link.anchor.title):
            found = link.url
            if canonical_url(found) != here:
                break
            found = None
    if found is None:
        found = _numbered(lines, base)
    return found if found is not None and _same_host(found, url) else None


def _numbered(lines: Sequence[Line], base: Base) -> str | None:
    """Return the link to the number that follows the one number of a pager that is no link."""
    for line in lines:
        numbers = {int(a.text): a for a in line.anchors if a.text.isdecimal() and len(a.text) <= 5}
        if not numbers or len(line.plain) > 200:
            continue
        present = [int(n) for n in re.findall(r"\d{1,5}", line.spaced) if int(n) not in numbers]
        following = numbers.get(present[0] + 1) if len(present) == 1 else None
        if following is not None:
            return base.absolute(following.href)
    return None


def _same_host(url: str, other: str) -> bool:
    try:
        return urlsplit(url).netloc.lower() == urlsplit(other).netloc.lower()
    except ValueError:
        return False
