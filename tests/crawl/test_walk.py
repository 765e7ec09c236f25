"""What is followed, and where a listing ends."""

from __future__ import annotations

import pytest

from crawler.fetching.frontier import Entry, LinkKind
from crawler.listings.walk import (
    BARREN_PAGES,
    MAX_HOPS,
    WalkRules,
    after_documents,
    follows,
    host_of,
    links_of,
    redirected,
)
from crawler.reading.page import Page, PageType

RULES = WalkRules(hosts=frozenset({"docs.example"}))


def entry(kind: LinkKind = LinkKind.LISTING, *, depth: int = 0, barren: int = 0, hops: int = 0) -> Entry:
    return Entry(1, "https://docs.example/list/1", kind, depth, barren, hops, 0, 0)


def listing(*documents: str, next_page: str | None = "https://docs.example/list/2") -> Page:
    return Page(
        url="https://docs.example/list/1",
        page_type=PageType.LISTING,
        reason="links",
        document_urls=documents,
        next_page=next_page,
    )


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        pytest.param("https://docs.example/doc/1", True, id="of the site"),
        pytest.param("http://docs.example:80/doc/1", True, id="the scheme's own port"),
        pytest.param("https://docs.example:444/doc/1", False, id="another port"),
        pytest.param("https://ads.example/doc/1", False, id="another host"),
        pytest.param("ftp://docs.example/doc/1", False, id="another scheme"),
        pytest.param("https://docs.example/" + "a/b/" * 4, False, id="a path in circles"),
        pytest.param("https://docs.example/?" + "a" * 2000, False, id="endless"),
        pytest.param("https://docs.example:99999/", False, id="impossible port"),
        pytest.param("https://[docs.example/", False, id="broken"),
    ],
)
def test_follows(url: str, followed: bool) -> None:
    assert follows(url, RULES) is followed


def test_a_listing_leads_to_its_documents_and_its_next_page() -> None:
    documents, listings = links_of(listing("https://docs.example/doc/1", "https://ads.example/x"), entry(), RULES, str)
    assert [link.url for link in documents] == ["https://docs.example/doc/1"]
    assert [(link.url, link.depth) for link in listings] == [("https://docs.example/list/2", 1)]


def test_a_listing_behind_a_document_link_is_not_walked() -> None:
    assert links_of(listing("https://docs.example/doc/1"), entry(LinkKind.DOCUMENT), RULES, str) == ([], [])


def test_a_listing_without_new_documents_for_long_is_a_trap() -> None:
    _, listings = links_of(listing(), entry(barren=BARREN_PAGES - 1), RULES, str)
    assert after_documents(listings, new_documents=0) == []
    assert [link.barren for link in after_documents(listings, new_documents=1)] == [0]


def test_depth_is_limited() -> None:
    rules = WalkRules(hosts=RULES.hosts, max_depth=3)
    assert links_of(listing("https://docs.example/doc/1"), entry(depth=3), rules, str) == ([], [])


def test_redirects_stay_on_the_site_and_end() -> None:
    assert redirected(entry(), "https://ads.example/", RULES, str) is None
    assert redirected(entry(hops=MAX_HOPS), "https://docs.example/x", RULES, str) is None
    link = redirected(entry(hops=1), "https://docs.example/x", RULES, str)
    assert link is not None
    assert (link.hops, link.kind) == (2, LinkKind.LISTING)


def test_host_of_an_address() -> None:
    assert host_of("http://[::1]:8000/") == "[::1]:8000"
