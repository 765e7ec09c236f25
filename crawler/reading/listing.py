"""What a listing lists: its main list of documents, its other pages, how many documents there are."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.reading.lines import Anchor, Line, width
from crawler.reading.links import (
    LONG_TITLE,
    MORE,
    SHORT_TITLE,
    SMALLEST_LIST,
    Links,
    items_of,
    kind_of,
    leads_to_file,
    said,
)
from crawler.reading.next_page import LONGEST_TOTAL, anchors_of, follows_another, next_page_of, same_host
from crawler.reading.page import ReaderHints
from crawler.reading.registers import DAY, SHARE, Register
from crawler.reading.urls import Base, is_sister, path_match, shape
from crawler.reading.vocabulary import NEXT, PREVIOUS

FEW_FILES = 5
"""Files with their sizes that a page which is no listing may offer beside its menus."""

ELSEWHERE = 3
"""A list of another host's pages must say so many times as much as one of this host's to be what is listed."""

SHORTEST_TITLE = 2
"""Characters of a title in a row that stands in a list of documents."""

_STATED = re.compile(
    r"(?:19|20)\d\d\s?[-/.年]\s?\d|民[國国]\s?\d{2,3}\s?年|\d[-/. ](?:19|20)\d\d\b|[A-Za-z]{3,9}\.?,? (?:19|20)\d\d\b|"
    r"\d\s?(?:[KMG]i?B?\b|bytes|页|頁|pages?\b|pp\b|slides)|\b(?:PDF|DOCX?|XLSX?|PPTX?)\b",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"(?:共有?|总计|合计|找到|约|为您找到)\s*(?:相关)?(?:结果|文档|资料|记录)?约?\s*(\d[\d,]{0,9})\s*(?:条|篇|个|份|件|项|筆|笔|則|则)|"
    r"\b\d[\d,]{0,9}\s*(?:-|–|to|through)\s*\d[\d,]{0,9}\s+(?:of|out of)\s+(?:about\s+)?(\d[\d,]{0,9})\b|"
    r"\b(\d[\d,]{0,9})\s+(?:results?|documents?|items?|records?|publications|entries|papers|files|hits)\b(?:\s+(?:found|match|for)|\s*[:.]?\s*$)|"
    r"\b(\d[\d.,]{0,9})\s+(?:Treffer|Ergebnisse|résultats?|resultados|risultati)\b|"
    r"\btotal of (\d[\d,]{0,9})\b|"
    r"\b(?:results|documents|records|items)\s*(?:found)?\s*[:(]\s*(\d[\d,]{0,9})\b",
    re.IGNORECASE,
)


_DIGIT = re.compile(r"\d")
_COUNTED = re.compile(
    r"[条篇个份件项筆笔則则]|of|result|document|item|record|publications|entries|papers|files|hits|"
    r"treffer|ergebnisse|résultat|risultati",
    re.IGNORECASE,
)
"""What every total has: looks before."""

_OF_A_MONTH = re.compile(r"/(?:19|20)\d\d/(?:0[1-9]|1[0-2])/?$")
"""What leads to all posts of a month stands beside each of them: /2026/03/."""


class Listing(NamedTuple):
    """What the page lists."""

    document_urls: tuple[str, ...]
    """Of the main list, in the page's order."""
    next_page: str | None
    is_later: bool
    """Whether other pages of the listing come before this one."""
    is_named: bool
    """Whether the site's profile tells which of the links are documents, or that the page is a listing."""
    are_titles: bool
    """Whether the links look like documents: long texts, or dates and sizes beside them."""
    are_stated: bool
    """Whether dates, sizes, numbers of pages stand beside most of them."""
    is_foreign: bool
    """Whether they are recommendations or news of the site, and nothing else is listed."""
    total: int | None
    """How many documents the page says there are."""

    @property
    def in_parts(self) -> bool:
        """Whether the page is one of several, or says how many documents there are."""
        return self.next_page is not None or self.is_later or bool(self.total)

    @property
    def is_listing(self) -> bool:
        """Whether the page may be a listing: it lists several documents, or a few on one page of several."""
        documents = len(self.document_urls)
        if documents >= SMALLEST_LIST and self.are_titles:
            return True
        return documents > 0 and (self.in_parts or self.is_named)


def listing_of(
    lines: Sequence[Line],
    links: Links,
    base: Base,
    url: str,
    hints: ReaderHints,
    heading: int | None,
    next_outside: str | None = None,
    register: Register | None = None,
) -> Listing:
    """Return what the page at *url* lists; *next_outside* is a next page that no link leads to.

    *register*: rows of files, which are what is listed where no page about each stands in the rows.
    """
    total = _total(lines)
    if hints.document_url:
        main = _MainList(_named_links(lines, base, url, hints.document_url), True)
    else:
        main = _with_rows_alike(lines, links, base, _main_list(lines, links, base, heading, url))
        if register is not None and register.may_be_listed and not _has_pages(main, links, register):
            main = _MainList(register.urls, True, register.is_certain)
    return Listing(
        main.urls,
        next_page_of(lines, base, url) or (next_outside if next_outside and same_host(next_outside, url) else None),
        bool(main.urls) and follows_another(lines, base, url),
        bool(hints.document_url) or path_match(hints.listing_url, url) is not None,
        main.are_titles,
        main.are_stated,
        main.is_foreign,
        total,
    )


def _has_pages(main: _MainList, links: Links, register: Register) -> bool:
    """Whether the list has a page about most of the files of a register, called otherwise than by its day."""
    if main.is_foreign or len(main.urls) < SHARE * register.rows:
        return False
    if not main.are_stated:
        return not register.is_certain and main.are_titles
    texts = {url: text for cluster in links.clusters.values() for url, (_, text) in cluster.items()}
    titles = [title for url in main.urls if (title := DAY.sub("", texts.get(url, "")).strip())]
    return len(titles) >= SHARE * len(main.urls)


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
    targets = (base.absolute(anchor.href) for anchor in anchors_of(lines))
    return dict.fromkeys(target for target in targets if target is not None and same_host(target, url))


class _MainList(NamedTuple):
    urls: tuple[str, ...] = ()
    are_titles: bool = False
    are_stated: bool = False
    is_foreign: bool = False


def _main_list(lines: Sequence[Line], links: Links, base: Base, heading: int | None, url: str) -> _MainList:
    """Return the page's main list: the one whose link texts say most, with dates and sizes beside them.

    Menus stand above the main heading; recommendations, where there is nothing else, are a listing of their own.
    """
    stating = _stating(lines, links.items)
    best, best_score = _MainList(), 0
    start = heading if heading is not None and not _is_of_a_menu(lines[heading]) else 0
    clusters = [cluster for cluster in links.clusters.values() if len(cluster) >= SMALLEST_LIST]
    own_path = url.partition("?")[0]
    filters = [_are_filters(cluster, own_path) for cluster in clusters]
    for first, foreign in ((start, False), (0, False), (start, True), (0, True)):
        for cluster, are_filters in zip(clusters, filters, strict=True):
            listed = {
                target: text
                for target, (line, text) in cluster.items()
                if line >= first and target != own_path and (foreign or not links.zones[line].foreign)
            }
            if len(listed) < SMALLEST_LIST or all(map(_OF_A_MONTH.search, listed)):
                continue
            stated = sum(url in stating for url in listed)
            said = sum(min(width(text), LONG_TITLE) for text in set(listed.values()))
            are_stated = stated * 2 >= len(listed)
            are_titles = are_stated or said >= len(listed) * SHORT_TITLE
            score = said + stated * LONG_TITLE
            if not are_stated and not any(kind_of(url)[0].startswith(f"{base.netloc}/") for url in listed):
                score //= ELSEWHERE  # the links of the organisation's own site stand around each of its services
            if are_stated and (lists := _are_more_lists(listed, stating, url)):
                listed = {target: text for target, text in listed.items() if target not in lists}
            if are_filters:
                score = 1  # a list of results all the same, if nothing else is listed
            if score > best_score and (are_stated or first == start):
                best, best_score = _MainList(tuple(listed), are_titles, are_stated, foreign), score
        if best.urls:
            files = _MainList() if best.are_stated else _stated_elsewhere(lines, links, start)
            return files if files.are_stated and len(files.urls) > max(len(best.urls), FEW_FILES) else best
    found = _stated_elsewhere(lines, links, start)
    return found if found.urls else _MainList(tuple(_few_documents(links)))


def _are_more_lists(urls: Iterable[str], stating: Collection[str], url: str) -> Collection[str]:
    """Return those of *urls* that nothing is stated beside and whose files are called as *url*'s: index-2.html."""
    own = _NUMBERED.search(url)
    if own is None:
        return ()
    found = ((target, _NUMBERED.search(target)) for target in urls if target not in stating)
    return {target for target, named in found if named is not None and named[1] == own[1]}


_NUMBERED = re.compile(r"/(index|list|default)[-_]?\d{0,5}\.[a-z]{3,5}$")
"""The file of a listing, and its page: /sort/3/index-2.html."""


def _is_of_a_menu(line: Line) -> bool:
    """Whether the main heading is an item that links: the menu names the listing, which may stand above it."""
    return line.tag == "li" and bool(line.anchors)


def _are_filters(cluster: Mapping[str, tuple[int, str]], own_path: str) -> bool:
    """Whether links lead to the page itself, narrowed down, and say to how many documents: 2005 (61)."""
    return all(
        url.startswith(own_path) and url[len(own_path) :][:1] == "?" and _COUNTED_FILTER.fullmatch(text)
        for url, (_, text) in cluster.items()
    )


_COUNTED_FILTER = re.compile(r".{1,60}\s?\(\d[\d,.]{0,8}\)|(?:1[4-9]|20)\d\d \d{1,6}")


def _with_rows_alike(lines: Sequence[Line], links: Links, base: Base, main: _MainList) -> _MainList:
    """Return the list with the documents of rows that stand among its own and state as much, whatever their URLs.

    A listing of authorities has documents of other columns too, and a title may be as short as a menu's words.
    """
    if len(main.urls) < SMALLEST_LIST or not main.are_stated or main.is_foreign:
        return main
    own = frozenset(main.urls)
    around: Counter[int] = Counter()
    """Element around items of the list -> how many."""
    elements = {element: url for element, url in links.items.items() if url in own}
    counted: set[int] = set()
    for line in lines:
        if elements.keys().isdisjoint(line.path):
            continue
        at = next(i for i, e in enumerate(line.path) if e in elements)
        if at and line.path[at] not in counted:
            counted.add(line.path[at])
            around[line.path[at - 1]] += 1
    if not around:
        return main
    (home, most), *_ = around.most_common(1)
    if most * 3 < len(own) * 2:
        return main
    rows: dict[int, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if home in line.path[:-1] and not line.navigation:
            rows[line.path[line.path.index(home) + 1]].append(index)
    kinds = {kind_of(url)[0] for url in own}
    found: list[str] = []
    for element, indexes in rows.items():
        if element in elements:
            found.append(elements[element])
            continue
        targets = [url for i in indexes for a in lines[i].anchors if (url := base.absolute(a.href)) in own and url]
        if not targets and any(_STATED.search(lines[i].spaced[:400]) for i in indexes):
            targets = _title_of_row([a for i in indexes for a in lines[i].anchors], base, kinds)
        found += targets
    return main._replace(urls=tuple(dict.fromkeys(found))) if own <= set(found) else main


def _title_of_row(anchors: Sequence[Anchor], base: Base, kinds: Collection[str]) -> list[str]:
    """Return the URL of the document that a row of a list leads to: of a kind in the list, else its only link."""
    listed: list[tuple[bool, str]] = []
    for anchor in anchors:
        text = anchor.text or anchor.title
        target = base.absolute(anchor.href)
        if target is None or len(text) < SHORTEST_TITLE or NEXT.match(text) or PREVIOUS.match(text) or MORE.match(text):
            continue
        kind, is_aside = kind_of(target)
        is_alike = kind in kinds
        if is_alike or (not is_aside and (kind.startswith(base.netloc + "/") or is_sister(kind, base.netloc))):
            listed.append((is_alike, target))
    alike = [target for is_alike, target in listed if is_alike]
    if alike:
        return alike[:1]
    return [listed[0][1]] if len(listed) == len(anchors) == 1 else []


def _stated_elsewhere(lines: Sequence[Line], links: Links, start: int) -> _MainList:
    """Return a list of links into a folder of searches that state documents' attributes, or of named files."""
    items = items_of(lines, links.elsewhere)
    stating = _stating(lines, items)
    for cluster in sorted(links.elsewhere.values(), key=len, reverse=True):
        listed = {u: place for u, place in cluster.items() if place[0] >= start and not links.zones[place[0]].foreign}
        if len(listed) < SMALLEST_LIST:
            continue
        if sum(url in stating for url in listed) * 2 >= len(listed):
            return _MainList(tuple(listed), True, True)
        if all(map(leads_to_file, listed)) and said(listed) >= SHORT_TITLE * len(listed):
            return _MainList(tuple(listed), True, False)
    return _MainList()


def _stating(lines: Sequence[Line], items: Mapping[int, str]) -> frozenset[str]:
    """Return the listed URLs beside which a date, a size, a number of pages stands."""
    found: set[str] = set()
    stands_outside = items.keys().isdisjoint
    for line in lines if items else ():
        if stands_outside(line.path):
            continue
        url = next(items[element] for element in line.path if element in items)
        if url not in found and _STATED.search(line.spaced[:400]):
            found.add(url)
    return frozenset(found)


def _total(lines: Sequence[Line]) -> int | None:
    """Return how many documents the page says its listing has."""
    for line in lines:
        if len(line.plain) <= LONGEST_TOTAL and _DIGIT.search(line.plain) and _COUNTED.search(line.plain):
            match = _TOTAL.search(line.spaced)
            if match is not None:
                return int(next(group for group in match.groups() if group).replace(",", "").replace(".", ""))
    return None


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
