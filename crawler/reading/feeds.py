"""Listings that are no HTML: sitemaps, RSS, Atom, and answers in JSON."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from lxml import etree

from crawler.reading.json_data import loads
from crawler.reading.urls import Base

LARGEST_FEED = 64 * 1024 * 1024
"""Bytes of the largest feed that is read: a sitemap has at most 50 MB (sitemaps.org)."""

MAX_LINKS = 100_000
MAX_OBJECTS = 200_000

_ROOT = re.compile(rb"<(?:[\w\-]+:)?(urlset|sitemapindex|rss|feed|RDF)[\s>]")
_HTML = re.compile(rb"<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_NO_CHARACTER = re.compile(
    rb"&#(?:x0{0,8}d[89a-f][0-9a-f]{2}|0{0,8}5(?:529[6-9]|5[3-9]\d\d|[67]\d{3})|0{0,8}5[67]\d{3});", re.IGNORECASE
)
"""References to halves of characters, on whose texts lxml fails."""

LARGEST_TOTAL = 2**53
"""Documents that a site is believed to have; what is more is no number to a reader of JSON."""

LINK_KEYS = (
    "url",
    "href",
    "link",
    "detailurl",
    "pageurl",
    "weburl",
    "htmlurl",
    "docurl",
    "fileurl",
    "permalink",
    "path",
)
_NEXT_KEYS = ("next", "nextpage", "nextpageurl", "nexturl", "nextlink")
_TOTAL_KEYS = ("total", "totalcount", "totalrows", "totalhits", "totalelements", "count", "numfound", "totalitems",
               "recordcount", "totalresults")  # fmt: skip


ITEM_MEMBER = re.compile(r"\{([A-Za-z_]\w{0,60})\}")
"""A member's name in braces, in a profile's `item_url`."""


class Feed(NamedTuple):
    """What a feed lists."""

    kind: str
    """sitemap, sitemap_index, rss, atom, json, directory."""
    document_urls: tuple[str, ...]
    listing_urls: tuple[str, ...] = ()
    next_page: str | None = None
    total: int | None = None
    """How many documents the site says there are in all."""
    cut: bool = False
    """Whether it lists more than are looked at."""


def feed_of(body: bytes, url: str, item_url: str | None = None) -> Feed | None:
    """Return what *body* lists if it is a sitemap, an RSS or Atom feed or an answer in JSON, None for anything else.

    *item_url* is the URL of a document with members of the answer's objects in braces, where they have no link.
    """
    head = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if len(body) > LARGEST_FEED:
        return None
    if head[:1] in (b"{", b"["):
        return _json(body, Base(url), item_url)
    if head[:1] == b"<" and not _HTML.search(head):
        root = _ROOT.search(head)
        if root is not None:
            return _xml(body, Base(url))
    return None


def _xml(body: bytes, base: Base) -> Feed | None:
    """Read a feed in XML: entities are not resolved and nothing is loaded, so it costs no more than its size."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(_NO_CHARACTER.sub(b"&#xfffd;", body), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    kind = _local(root)
    if kind in ("urlset", "sitemapindex"):
        found = _texts(root, ("url", "sitemap"), "loc", base)
        if kind == "sitemapindex":
            return Feed("sitemap_index", (), found)
        return Feed("sitemap", found, cut=len(found) >= MAX_LINKS)
    if kind == "feed":
        entries = [_atom_link(entry, "alternate", base) for entry in root if _local(entry) == "entry"]
        return Feed("atom", _unique(entries), (), _atom_link(root, "next", base), _opensearch_total(root))
    items = _texts(root, ("item",), "link", base)
    channel = next((child for child in root if _local(child) == "channel"), root)
    return Feed("rss", items, (), _atom_link(channel, "next", base), _opensearch_total(channel))


def _texts(root: Any, parents: tuple[str, ...], name: str, base: Base) -> tuple[str, ...]:
    found = []
    for element in root.iter():
        if _local(element) == name and element.getparent() is not None and _local(element.getparent()) in parents:
            found.append(base.absolute(element.text))
            if len(found) >= MAX_LINKS:
                break
    return _unique(found)


def _atom_link(element: Any, rel: str, base: Base) -> str | None:
    for child in element:
        if _local(child) == "link" and (child.get("rel") or "alternate") == rel and child.get("href"):
            return base.absolute(child.get("href"))
    return None


def _opensearch_total(element: Any) -> int | None:
    for child in element:
        if _local(child) == "totalResults":
            return _whole(child.text)
    return None


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _unique(urls: list[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url for url in urls if url is not None))


def _json(body: bytes, base: Base, item_url: str | None) -> Feed | None:
    """Read an answer in JSON: the longest list of objects with a link of one name, or the members of *item_url*."""
    try:
        data = loads(body)
    except (ValueError, RecursionError):
        return None
    best: tuple[str, ...] = ()
    next_page: str | None = None
    total: int | None = None
    cut = False
    for thing in walk(data):
        if isinstance(thing, list):
            cut = cut or len(thing) > MAX_LINKS
            found = _made(thing, base, item_url) if item_url else linked(thing, base)
            if len(found) > len(best):
                best = found
        else:
            names = {key.replace("_", "").replace("-", "").lower(): value for key, value in thing.items()}
            next_page = next_page or next_of(names, base)
            total = total if total is not None else total_of(names)
    return Feed("json", best, (), next_page, total, cut) if best or item_url else None


def total_of(names: Mapping[str, Any]) -> int | None:
    """Return how many documents an object with *names*, in normal form, says there are."""
    return next((number for key in _TOTAL_KEYS if (number := _whole(names.get(key))) is not None), None)


def walk(data: Any) -> Iterator[list[Any] | Mapping[str, Any]]:
    """Yield the objects and lists of *data*, outer ones first, without recursion."""
    waiting = deque([data])
    for _ in range(MAX_OBJECTS):
        if not waiting:
            return
        thing = waiting.popleft()
        if isinstance(thing, dict | list):
            yield thing
            members = thing.values() if isinstance(thing, dict) else thing
            waiting.extend(member for member in members if isinstance(member, dict | list))


def linked(members: list[Any], base: Base) -> tuple[str, ...]:
    """Return the links of the objects of a list, all by one name, absolute."""
    objects = [member for member in members[:MAX_LINKS] if isinstance(member, dict)]
    if not objects:
        return ()
    for wanted in LINK_KEYS:
        found = []
        for member in objects:
            href = next((v for k, v in member.items() if k.replace("_", "").replace("-", "").lower() == wanted), None)
            if isinstance(href, str):
                found.append(base.absolute(href))
        urls = _unique(found)
        if urls and len(urls) * 2 > len(objects):
            return urls
    return ()


def _made(members: list[Any], base: Base, item_url: str) -> tuple[str, ...]:
    """Return *item_url* with each object's own members in it; what has not all of them is no document."""
    pieces = ITEM_MEMBER.split(item_url)
    """Text, name, text, name, ..., text."""
    found = []
    for member in members[:MAX_LINKS]:
        values = [member.get(name) for name in pieces[1::2]] if isinstance(member, dict) else []
        if values and all(isinstance(value, str | int) and value != "" for value in values):
            quoted = [quote(str(value), safe="") for value in values]
            found.append(base.absolute("".join(map("".join, zip(pieces[::2], [*quoted, ""], strict=True)))))
    return _unique(found)


def next_of(names: Mapping[str, Any], base: Base) -> str | None:
    """Return the URL that an object with *names*, in normal form, calls the next page."""
    for key in _NEXT_KEYS:
        value = names.get(key)
        if isinstance(value, dict):
            value = value.get("href")
        if isinstance(value, str) and value:
            return base.absolute(value)
    return None


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_TOTAL else None
