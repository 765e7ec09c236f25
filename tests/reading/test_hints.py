"""What a site's profile may tell the reader, and what it changes."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.reading import read_page
from crawler.reading.page import Page, PageType, ReaderHints

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TWO = """<html><body><nav><a href="/list/4.html">教学资料分类列表</a> <a href="/about/us.html">关于本站的说明</a></nav>
<h1>办公文书</h1><ul><li><a href="/doc/953365.html">2023年工作机制建设情况汇报</a></li>
<li><a href="/doc/953366.html">2024年工作机制建设情况汇报</a></li></ul></body></html>"""
DOCUMENT = """<html><body><h1>水库安全检查情况汇报</h1><p>大小:1.5MB</p><p>页数:12</p>
<ul><li><a href="/doc/1.html">另外一份文件的名称一</a></li><li><a href="/doc/2.html">另外一份文件的名称二</a></li>
<li><a href="/doc/3.html">另外一份文件的名称三</a></li></ul></body></html>"""


def read(html: str, url: str, hints: ReaderHints) -> Page:
    return read_page(html.encode(), url=url, fetched_at=NOW, hints=hints)


def test_links_that_the_pattern_matches_are_the_documents_however_few() -> None:
    page = read(TWO, "http://a.example/list/1.html", ReaderHints(document_url=r"^/doc/(?P<id>[0-9]+)"))
    assert page.page_type is PageType.LISTING
    assert page.document_urls == ("http://a.example/doc/953365.html", "http://a.example/doc/953366.html")


def test_a_listing_leads_to_listings_of_its_own_shape() -> None:
    page = read(TWO, "http://a.example/list/1.html", ReaderHints(listing_url=r"^/list/"))
    assert page.page_type is PageType.LISTING
    assert page.listing_urls == ("http://a.example/list/4.html",)
    hints = ReaderHints(document_url=r"^/doc/")
    assert read(TWO, "http://a.example/list/1.html", hints).listing_urls == ("http://a.example/list/4.html",)
    assert read(TWO, "http://a.example/", hints).listing_urls == ()


def test_a_page_is_what_its_url_says() -> None:
    url = "http://a.example/x/12345.html"
    assert read(DOCUMENT, url, ReaderHints(document_url=r"^/x/(?P<id>[0-9]+)")).page_type is PageType.DOCUMENT
    assert read(DOCUMENT, url, ReaderHints(listing_url=r"^/x/")).page_type is PageType.LISTING
    assert read(TWO, url, ReaderHints(document_url=r"^/x/")).page_type is PageType.OTHER
