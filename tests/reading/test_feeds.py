"""Listings that are no HTML."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading import Page, PageType, read_page

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
URL = "https://docs.example/api/list?page=1"


def read(body: str) -> Page:
    return read_page(body.encode(), url=URL, fetched_at=NOW)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            '<?xml version="1.0"?><urlset><url><loc>https://docs.example/doc/1</loc></url><url><loc>/doc/2</loc></url></urlset>',
            "sitemap",
        ),
        (
            "<rss><channel><link>/</link><item><link>/doc/1</link></item><item><link>/doc/2</link></item></channel></rss>",
            "rss",
        ),
        (
            "<feed xmlns='urn:atom'><entry><link href='/doc/1'/></entry><entry><link href='/doc/2'/></entry></feed>",
            "atom",
        ),
        (
            '{"data": {"rows": [{"id": 1, "detail_url": "/doc/1"}, {"id": 2, "detail_url": "/doc/2"}]}}',
            "json",
        ),
        ('[{"url": "/doc/1"}, {"url": "/doc/2"}]', "json"),
    ],
)
def test_what_a_feed_lists(body: str, reason: str) -> None:
    page = read(body)
    assert (page.page_type, page.reason) == (PageType.LISTING, reason)
    assert page.document_urls == ("https://docs.example/doc/1", "https://docs.example/doc/2")


def test_the_index_of_sitemaps_leads_to_sitemaps() -> None:
    page = read("<sitemapindex><sitemap><loc>https://docs.example/s1.xml</loc></sitemap></sitemapindex>")
    assert (page.document_urls, page.listing_urls) == ((), ("https://docs.example/s1.xml",))


def test_next_page_and_total() -> None:
    page = read('{"next": "/api/list?page=2", "totalCount": "345", "items": [{"link": "/doc/1"}, {"link": "/doc/2"}]}')
    assert (page.next_page, page.advertised_total) == ("https://docs.example/api/list?page=2", 345)
    atom = read("<feed><link rel='next' href='/f?p=2'/><entry><link href='/doc/1'/></entry></feed>")
    assert atom.next_page == "https://docs.example/f?p=2"


@pytest.mark.parametrize(
    "body",
    [
        "{" * 10_000,
        "[" * 100_000,
        '{"a": ' + "9" * 10_000 + "}",
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss><item><link>&a;</link></item></rss>",
        "<urlset><url><loc>javascript:alert(1)</loc></url></urlset>",
        '{"name": "a", "version": 1}',
    ],
)
def test_what_is_none_lists_nothing(body: str) -> None:
    assert read(body).document_urls == ()


def test_a_page_in_xhtml_is_no_feed() -> None:
    html = '<?xml version="1.0"?><!DOCTYPE html><html><head><title>rss</title></head><body><rss></rss></body></html>'
    assert read(html).page_type is PageType.OTHER


@pytest.mark.parametrize(
    ("body", "following"),
    [
        ('<script>createPageHTML(25, 0, "index", "html");</script>', "https://docs.example/zw/index_1.html"),
        ("<script>createPageHTML(25,3,'list','shtml')</script>", "https://docs.example/zw/list_4.shtml"),
        ('<script>createPageHTML(4, 3, "index", "html");</script>', None),
        ('<link rel="next" href="?page=2">', "https://docs.example/zw/?page=2"),
        ("<a class='next' href='p2.html'><i></i></a>", "https://docs.example/zw/p2.html"),
        ("<a href='javascript:;' onclick=\"location.href='p2.html'\">下一页</a>", "https://docs.example/zw/p2.html"),
        (
            "<ul><li class=on><a href='./'>1</a></li><li><a href='p2.html'>2</a></li></ul>",
            "https://docs.example/zw/p2.html",
        ),
        ("<p>1 <a href='p2.html'>2</a> <a href='p3.html'>3</a></p>", "https://docs.example/zw/p2.html"),
        ("<a href='javascript:void(0)'>下一页</a>", None),
    ],
)
def test_pagers_of_all_kinds(body: str, following: str | None) -> None:
    items = "".join(
        f"<li><a href='/doc/100{n}.html'>关于加强水库安全检查工作的通知（{n}）</a> 2024-01-0{n}</li>"
        for n in range(1, 6)
    )
    head = body if body.startswith("<link") else ""
    html = f"<html><head>{head}</head><body><h1>通知公告</h1><ul>{items}</ul>{body if not head else ''}</body></html>"
    page = read_page(html.encode(), url="https://docs.example/zw/", fetched_at=NOW)
    assert (page.page_type, len(page.document_urls), page.next_page) == (PageType.LISTING, 5, following)
