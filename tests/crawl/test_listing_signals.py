"""What a listing states beside a link: changes with the document, not with the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.listings.signals import listing_signals
from crawler.reading import canonical_url

URL = "https://docs.example/list/1.html"
DOCUMENTS = ("https://docs.example/doc/1.html", "https://docs.example/doc/2.html")


def page(first: str, *, second: str = "<p>大小:2 KB</p>", rest: str = "") -> bytes:
    entries = f'<div><h3><a href="/doc/1.html">甲</a></h3>{first}</div><div><a href="/doc/2.html">乙</a>{second}</div>'
    return f"<html><body><main>{entries}</main>{rest}</body></html>".encode()


def signal(body: bytes) -> bytes:
    return listing_signals(body, "utf-8", URL, DOCUMENTS, canonical_url)[DOCUMENTS[0]]


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        pytest.param("<p>大小:1 KB</p>", "<p>大小:1.5 KB</p>", True, id="size"),
        pytest.param("<p>22页</p>", "<p>23页</p>", True, id="pages"),
        pytest.param("<time>2026-03-01</time>", "<time>2026-03-02</time>", True, id="date"),
        pytest.param("<p>Updated 1 March 2026</p>", "<p>Updated 2 March 2026</p>", True, id="date in words"),
        pytest.param("<p>浏览 120 次</p>", "<p>浏览 121 次</p>", False, id="counter"),
        pytest.param("<p>2 days ago</p>", "<p>3 days ago</p>", False, id="relative time"),
        pytest.param("<p class=a>1 KB</p>", "<p class=b> 1  KB</p>", False, id="markup and spacing"),
    ],
)
def test_what_counts(before: str, after: str, differs: bool) -> None:
    assert (signal(page(before)) != signal(page(after))) is differs


def test_neighbours_and_the_rest_of_the_page_do_not_count() -> None:
    plain = signal(page("<p>1 KB</p>"))
    assert signal(page("<p>1 KB</p>", second="<p>9 MB</p>")) == plain
    assert signal(page("<p>1 KB</p>", rest="<footer>2026-03-05, 3 MB</footer>")) == plain


def test_what_is_no_html_says_nothing() -> None:
    assert listing_signals(b'{"items": []}', "utf-8", URL, DOCUMENTS, canonical_url) == {}


@given(st.binary(max_size=400))
def test_no_page_makes_it_fail(body: bytes) -> None:
    listing_signals(b'<a href="/doc/1.html">' + body, "gb18030", URL, DOCUMENTS, canonical_url)
    listing_signals(body + b'<a href="//[">x</a><a href>y</a>', None, URL, DOCUMENTS, canonical_url)
