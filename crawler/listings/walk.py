"""Which links of a page are worth following, and when a listing is at its end or a trap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from crawler.attachments.offered import Attachments
from crawler.fetching.frontier import Entry, Leads, Link, LinkKind
from crawler.listings.paging import Paging
from crawler.reading.page import Page, PageType

BARREN_PAGES = 10
"""Listing pages in a row without a document new to the run after which the listing is taken for a trap (a calendar)."""

MAX_DEPTH = 50_000
"""Pages from the start; a listing of 1.5 million documents by 30 is 50,000 pages deep."""

MAX_HOPS = 5
"""Redirects in a row, as for robots.txt in RFC 9309 section 2.3.1.2."""

MAX_URL_CHARACTERS = 2_000
"""Longer URLs are made by loops; browsers and servers of this field stop near 2,000."""

MAX_SEGMENT_REPEATS = 3
"""How often one path segment may recur: /a/b/a/b/a/b/a/b is a relative link gone wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkRules:
    """What a site's profile says about following links."""

    hosts: frozenset[str]
    """Hosts (with port where it is not the scheme's own) whose pages belong to the site."""
    follow_related: bool = False
    follow_listings: bool = False
    max_depth: int = MAX_DEPTH
    attachments: Attachments = Attachments.NONE
    paging: Paging | None = None
    """How the next page of the listing is asked for where no link leads to it."""


def links_of(
    page: Page, entry: Entry, rules: WalkRules, canonical: Callable[[str], str]
) -> tuple[list[Link], list[Link]]:
    """Return (documents, listings) that *page*, fetched for *entry*, leads to.

    Only a page that was expected to be a listing is walked as one: a removed document that answers with the front
    page must not send the crawl elsewhere.
    """
    if entry.depth >= rules.max_depth:
        return [], []

    def links(urls: Iterable[str], kind: LinkKind, barren: int = 0, leads: Leads = Leads.ELSEWHERE) -> list[Link]:
        depth = entry.depth + 1
        return [Link(url, canonical(url), kind, depth, barren, leads=leads) for url in urls if follows(url, rules)]

    if page.page_type is PageType.DOCUMENT:
        related = page.record.related_urls if page.record is not None and rules.follow_related else ()
        return links(related, LinkKind.DOCUMENT), []
    if page.page_type is not PageType.LISTING or entry.kind is LinkKind.DOCUMENT:
        return [], []
    listings = links([page.next_page] if page.next_page else [], LinkKind.LISTING, entry.barren + 1, Leads.ONWARDS)
    following = rules.paging.following(entry.url, page) if rules.paging is not None else None
    if following is not None and follows(following, rules):  # known by its number: no normal form would keep that
        depth, barren = entry.depth + 1, entry.barren + 1
        listings = [Link(following, following, LinkKind.LISTING, depth, barren, leads=Leads.ONWARDS)]
    if rules.follow_listings:
        listings += links(page.listing_urls, LinkKind.LISTING, barren=entry.barren + 1)
    return links(page.document_urls, LinkKind.DOCUMENT), listings


def next_listing(page: Page, entry: Entry, rules: WalkRules, canonical: Callable[[str], str]) -> str | None:
    """Return the canonical URL of the page that *page* says its listing goes on with, followed or not; None: none."""
    following = rules.paging.following(entry.url, page) if rules.paging is not None else None
    if following is not None:
        return following
    return canonical(page.next_page) if page.next_page else None


def after_documents(listings: Iterable[Link], new_documents: int) -> list[Link]:
    """Return the listing links to follow once it is known how many documents of the page were new to the run."""
    kept = []
    for link in listings:
        barren = 0 if new_documents else link.barren
        if barren < BARREN_PAGES:
            kept.append(replace(link, barren=barren))
    return kept


def redirected(entry: Entry, target: str, rules: WalkRules, canonical: Callable[[str], str]) -> Link | None:
    """Return the link that a redirect of *entry* leads to, or None when it leads out of the site or in circles."""
    if entry.hops >= MAX_HOPS or not follows(target, rules):
        return None
    return Link(target, canonical(target), entry.kind, entry.depth, entry.barren, entry.hops + 1, Leads.INSTEAD)


def follows(url: str, rules: WalkRules) -> bool:
    """Whether *url* belongs to the site and does not look like a trap."""
    if len(url) > MAX_URL_CHARACTERS:
        return False
    try:
        parts = urlsplit(url)
        host = host_of(url)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or host not in rules.hosts:
        return False
    repeats = Counter(segment for segment in parts.path.split("/") if segment)
    return not repeats or max(repeats.values()) <= MAX_SEGMENT_REPEATS


def host_of(url: str) -> str:
    """Return the host of *url* in lower case, with its port where that is not the scheme's own.

    Raises ValueError for a URL with an impossible port.

    >>> host_of("http://Docs.example:80/a"), host_of("http://127.0.0.1:8000/")
    ('docs.example', '127.0.0.1:8000')
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    if parts.port is None or parts.port == {"http": 80, "https": 443}.get(parts.scheme):
        return host
    return f"{host}:{parts.port}"
