"""What the data of a page's scripts lists where the page itself shows nothing: its scripts are to draw it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.reading.feeds import Feed, linked, next_of, total_of, walk
from crawler.reading.structured import ATTRIBUTES, MAX_SCRIPT, TITLE_KEYS, data_of, plain
from crawler.reading.tree import Parsed
from crawler.reading.urls import Base

SMALLEST_LIST = 3
MAX_SCRIPTS = 40

_ASIDE = re.compile(
    r"recommend|related|similar|relevant|guess|like|hot|rank|popular|banner|history|nav|menu", re.IGNORECASE
)
"""Names of lists beside the one that the page is there for."""

_HAS_NEXT = ("hasnext", "hasmore", "hasnextpage", "ismore")
_PRESENT = ("pn", "page", "pageno", "pagenum", "pagenumber", "pageindex", "currentpage", "curpage", "current", "p")
_LAST = ("totalpage", "totalpages", "pagecount", "pagetotal", "lastpage", "pages")


def listed_in_scripts(page: Parsed, base: Base) -> Feed | None:
    """Return the longest list of documents in the data of the page's scripts, None without one.

    A document has a title, a link and at least one attribute: its format, size, number of pages, date.
    """
    best: tuple[str, ...] = ()
    next_page: str | None = None
    total: int | None = None
    for element in page.tree.css("script:not([src])")[:MAX_SCRIPTS]:
        text = element.text()
        if "[" not in text or len(text) > MAX_SCRIPT:
            continue
        for data in data_of(text):
            for thing in walk(data):
                if not isinstance(thing, Mapping):
                    continue
                for name, members in thing.items():
                    if isinstance(members, list) and not _ASIDE.search(name) and _are_documents(members):
                        best = max(best, linked(members, base), key=len)
                names = {plain(name): value for name, value in thing.items()}
                next_page = next_page or next_of(names, base) or _following(names, base.url)
                total = total if total is not None else total_of(names)
    own = tuple(url for url in best if urlsplit(url).netloc == base.netloc)
    if len(own) < SMALLEST_LIST:
        return None
    return Feed("script", own, (), next_page if next_page is None or _is_own(next_page, base) else None, total)


def _is_own(url: str, base: Base) -> bool:
    return urlsplit(url).netloc == base.netloc and url != base.url


def _are_documents(members: Sequence[Any]) -> bool:
    """Whether most members have a title and an attribute that only documents have."""
    described = sum(1 for names in _named(members) if TITLE_KEYS & names and ATTRIBUTES & names)
    return described >= SMALLEST_LIST and described * 2 > len(members)


def _named(members: Sequence[Any]) -> Iterator[frozenset[str]]:
    for member in members:
        if isinstance(member, Mapping):
            yield frozenset(plain(name) for name, value in member.items() if value not in (None, "", []))


def _following(names: Mapping[str, Any], url: str) -> str | None:
    """Return *url* with the next page's number, where the data tells that there is one, and the URL has its number."""
    number = next((names[key] for key in _PRESENT if _is_number(names.get(key))), None)
    if number is None:
        return None
    more = any(names.get(key) is True for key in _HAS_NEXT)
    if not more and not any(_is_number(names.get(key)) and names[key] > number for key in _LAST):
        return None
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    at = [i for i, (name, value) in enumerate(pairs) if plain(name) in _PRESENT and value == str(number)]
    if len(at) != 1:
        return None
    pairs[at[0]] = (pairs[at[0]][0], str(number + 1))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(pairs), ""))


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000
