"""Links of a page: which belong together as the items of a list, which leads to the next page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.reading.lines import Anchor, Line
from crawler.reading.page import ReaderHints
from crawler.reading.urls import Base, canonical_url, path_match, shape
from crawler.reading.vocabulary import BOILERPLATE, NEXT, PREVIOUS
from crawler.reading.zones import Zone

SMALLEST_LIST = 3
"""Links of one shape from which on they are taken for the items of a list."""

TITLE_CHARACTERS = 5
"""A document's title has at least so many; shorter link texts are categories, tags, page numbers."""

LONGEST_NEXT = 24
"""Characters of the text of a link to the next page."""

_ELSEWHERE = (
    r"u|user|users|author|people|profile|member|space|home|org|organisations?|organizations?|tags?|category|cat|browse|"
    r"search|login|reg|register|help|about|privacy|terms|contact|cookies|copyright|download|down"
)
_ELSEWHERE_FOLDER = re.compile(rf"/(?:{_ELSEWHERE})(?:/|\.|\Z)", re.IGNORECASE)
_ELSEWHERE_FILE = re.compile(rf"(?:{_ELSEWHERE})(?:\.|\Z)", re.IGNORECASE)
"""Paths of pages about users, categories, searches, downloads: not of documents."""


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a page, sorted out."""

    clusters: Mapping[str, Mapping[str, tuple[int, str]]]
    """Shape of URL -> URL -> (line, text): links that may be documents', by shape."""
    zones: Sequence[Zone]
    item_lines: Sequence[bool]
    """For each line, whether it stands in an item of a list."""


def links_of(lines: Sequence[Line], zones: Sequence[Zone], base: Base, url: str) -> Links:
    """Return the links of *lines*; *url* is the page's own."""
    clusters: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    home = base.netloc
    for index, line in enumerate(lines):
        if line.navigation and zones[index] is not Zone.RELATED:
            continue
        for anchor in line.anchors:
            text = anchor.text or anchor.title
            if len(text) < TITLE_CHARACTERS:
                continue
            if len(text) <= LONGEST_NEXT and (NEXT.match(text) or (len(text) < 14 and BOILERPLATE.search(text))):
                continue
            target = base.absolute(anchor.href)
            if target is None or target == url:
                continue
            kind = shape(target)
            if kind.startswith(home) and kind[len(home) : len(home) + 1] in "/?" and not _elsewhere(target):
                clusters[kind].setdefault(target, (index, text))
    clusters.pop("", None)
    return Links(clusters, zones, _item_lines(lines, clusters))


def _elsewhere(url: str) -> bool:
    """Whether *url* leads to users, categories, searches, downloads."""
    folders, _, file = url.partition("?")[0].rpartition("/")
    return _in_elsewhere(folders) or _ELSEWHERE_FILE.match(file) is not None


@lru_cache(maxsize=4096)
def _in_elsewhere(folders: str) -> bool:
    return _ELSEWHERE_FOLDER.search(folders, 8) is not None


def _item_lines(lines: Sequence[Line], clusters: Mapping[str, Mapping[str, tuple[int, str]]]) -> list[bool]:
    """Mark the lines of list items: the largest element around a listed link that holds no other one."""
    sole: dict[int, str | None] = {}
    listed = [
        (url, line) for links in clusters.values() if len(links) >= SMALLEST_LIST for url, (line, _) in links.items()
    ]
    for url, line in listed:
        for element in reversed(lines[line].path):
            if sole.setdefault(element, url) != url:
                if sole[element] is None:
                    break  # and so are all around it
                sole[element] = None
    items = set()
    for url, line in listed:
        item = next((element for element in lines[line].path if sole[element] == url), None)
        if item is not None:
            items.add(item)
    if not items:
        return [False] * len(lines)
    return [not items.isdisjoint(line.path) for line in lines]


class Listing(NamedTuple):
    """What the page lists."""

    document_urls: tuple[str, ...]
    """Of the main list, in the page's order."""
    next_page: str | None
    is_later: bool
    """Whether other pages of the listing come before this one."""
    is_named: bool
    """Whether the site's profile tells which of the links are documents, or that the page is a listing."""

    @property
    def is_listing(self) -> bool:
        """Whether the page may be a listing: it lists several documents, or a few on one page of several."""
        documents = len(self.document_urls)
        in_parts = self.next_page is not None or self.is_later
        return documents >= SMALLEST_LIST or (documents > 0 and (in_parts or self.is_named))


def listing_of(
    lines: Sequence[Line], links: Links, base: Base, url: str, hints: ReaderHints, next_outside: str | None = None
) -> Listing:
    """Return what the page at *url* lists; *next_outside* is a next page that no link leads to."""
    if hints.document_url:
        documents = _named_links(lines, base, url, hints.document_url)
    else:
        documents = tuple(_listed_documents(links))
    return Listing(
        documents,
        _next_page(lines, base, url) or (next_outside if next_outside and _same_host(next_outside, url) else None),
        bool(documents) and _follows_another(lines, base, url),
        bool(hints.document_url) or path_match(hints.listing_url, url) is not None,
    )


def other_listings(
    lines: Sequence[Line], base: Base, url: str, listing: Listing, hints: ReaderHints
) -> tuple[str, ...]:
    """Return the URLs of other listings that the listing at *url* leads to, other pages of it among them.

    Those that the profile's pattern tells, else those of the listing's own shape: /list/1.html leads to /list/2.html.
    """
    if hints.listing_url:
        found = _named_links(lines, base, url, hints.listing_url)
    elif not urlsplit(url).path.strip("/"):  # every page at the top has the shape of the front page
        return ()
    else:
        own = shape(url)
        found = tuple(target for target in _targets(lines, base, url) if shape(target) == own)
    known = {url, listing.next_page, *listing.document_urls}
    return tuple(target for target in found if target not in known)


def _named_links(lines: Sequence[Line], base: Base, url: str, pattern: str) -> tuple[str, ...]:
    return tuple(target for target in _targets(lines, base, url) if path_match(pattern, target) is not None)


def _targets(lines: Sequence[Line], base: Base, url: str) -> Iterable[str]:
    """Return what the page's links lead to on its own host, each once, in the page's order."""
    targets = (base.absolute(anchor.href) for anchor in _anchors(lines))
    return dict.fromkeys(target for target in targets if target is not None and _same_host(target, url))


def _listed_documents(links: Links) -> list[str]:
    """Return the URLs of the page's main list: the one whose link texts say most."""
    best: list[str] = []
    best_score = 0
    for cluster in links.clusters.values():
        if len(cluster) < SMALLEST_LIST:
            continue
        listed = {url: text for url, (line, text) in cluster.items() if not links.zones[line].foreign}
        if len(listed) < SMALLEST_LIST:  # a page of recommendations alone is a listing of them
            listed = {url: text for url, (_, text) in cluster.items()}
        score = sum(min(len(text), 40) for text in listed.values())
        if score > best_score:
            best, best_score = list(listed), score
    if best:
        return best
    return _few_documents(links)


def _few_documents(links: Links) -> list[str]:
    """Return the URLs of a list too short to show a shape: such links share a folder, whatever their slugs hold."""
    folders: dict[str, dict[str, int]] = defaultdict(dict)
    for cluster in links.clusters.values():
        for url, (line, text) in cluster.items():
            path = url.partition("?")[0]
            if not links.zones[line].foreign and urlsplit(url).path.strip("/"):
                folders[path.rpartition("/")[0]][url] = min(len(text), 40)
    listed: dict[str, int] = max(folders.values(), key=lambda urls: sum(urls.values()), default={})
    return list(listed)


def _next_page(lines: Sequence[Line], base: Base, url: str) -> str | None:
    """Return the URL of the listing's next page: by rel, by text, by the number after the present one."""
    here = canonical_url(url)
    for anchor in _anchors(lines):
        text = anchor.text or anchor.title
        if (anchor.rel and "next" in anchor.rel.lower().split()) or (len(text) <= LONGEST_NEXT and NEXT.match(text)):
            target = base.absolute(anchor.href)
            if target is not None and canonical_url(target) != here:
                return target if _same_host(target, url) else None
    found = _numbered(lines, base, here)
    return found if found is not None and _same_host(found, url) else None


def _follows_another(lines: Sequence[Line], base: Base, url: str) -> bool:
    """Whether the page links to the page before it: the last page of a listing may list a single document."""
    here = canonical_url(url)
    for anchor in _anchors(lines):
        backward = anchor.rel and "prev" in anchor.rel.lower().split()
        if backward or PREVIOUS.match(anchor.text or anchor.title):
            target = base.absolute(anchor.href)
            if target is not None and _same_host(target, url):
                return canonical_url(target) != here
    return False


def _anchors(lines: Sequence[Line]) -> Iterator[Anchor]:
    return (anchor for line in lines for anchor in line.anchors)


def _numbered(lines: Sequence[Line], base: Base, here: str) -> str | None:
    """Return the link to the number that follows the present one of a pager.

    The present number is no link, or one to the page itself. *here* is the page's canonical URL.
    """
    for numbers, text in _pagers(lines):
        present = [int(n) for n in re.findall(r"\d{1,5}", text) if int(n) not in numbers]
        if not present:
            targets = ((number, base.absolute(anchor.href)) for number, anchor in numbers.items())
            present = [number for number, target in targets if target is not None and canonical_url(target) == here]
        following = numbers.get(present[0] + 1) if len(present) == 1 else None
        if following is not None:
            return base.absolute(following.href)
    return None


def _pagers(lines: Sequence[Line]) -> Iterator[tuple[Mapping[int, Anchor], str]]:
    """Yield number -> link, and the text, of each line of page numbers, or row of lines with one each."""
    numbers: dict[int, Anchor] = {}
    texts: list[str] = []
    for line in lines:
        own = {int(a.text): a for a in line.anchors if a.text.isdecimal() and len(a.text) <= 5}
        single = len(line.plain) <= 5 and line.plain.isdecimal()
        if single or (own and len(line.anchors) == 1 and len(line.plain) <= 20):  # <li><a>2</a></li>
            numbers |= own
            texts.append(line.plain)
            continue
        if len(texts) > 1 and numbers:
            yield numbers, " ".join(texts)
        numbers, texts = {}, []
        if own and len(line.plain) <= 200:
            yield own, line.spaced
    if len(texts) > 1 and numbers:
        yield numbers, " ".join(texts)


def _same_host(url: str, other: str) -> bool:
    try:
        return urlsplit(url).netloc.lower() == urlsplit(other).netloc.lower()
    except ValueError:
        return False
