"""No string in a title, a label, a value, an attribute or an address makes reading fail, or the answer unprintable."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import orjson
import pytest

from archive.record import to_json
from crawler.reading import Page, read_page
from tests.naughty_strings import BLNS, NAUGHTY

NOW = datetime(2026, 5, 20, 1, tzinfo=UTC)
FACTS = {"大小": "1.5MB", "页数": "12", "格式": "docx", "时间": "2020-01-02", "标签": "水库 安全"}


def page_of(title: str, facts: dict[str, str], url: str = "https://docs.example/doc/1.html") -> Page:
    """Return a page of *title* and *facts* as it is read; the texts stand in it as they are."""
    rows = "".join(f"<li>{label}:<b>{value}</b></li>" for label, value in facts.items())
    html = f"<title>{title}</title><body><h1>{title}</h1><ul>{rows}</ul><p>{'水库安全检查情况汇报,' * 20}</p>"
    return read_page(html.encode("utf-8", "surrogatepass"), url=url, fetched_at=NOW, content_type="text/html")


def check(page: Page) -> None:
    """Assert that an answer is whole and can be written."""
    assert page.reason
    assert (page.record is not None) == (page.page_type == "document")
    orjson.dumps([page.document_urls, page.next_page, page.listing_urls, page.file_urls])
    if page.record is not None:
        orjson.dumps(to_json(page.record))


def test_the_list_is_as_long_as_the_promise() -> None:
    assert len(set(BLNS)) >= 515


@pytest.mark.parametrize("written", [str, escape], ids=["raw", "escaped"])
def test_naughty_titles(written: type[str]) -> None:
    for text in NAUGHTY:
        check(page_of(written(text), FACTS))


def test_naughty_values_leave_the_others_alone() -> None:
    """Each value in turn is naughty; the title of such a page is read all the same."""
    for number, text in enumerate(NAUGHTY):
        label = list(FACTS)[number % len(FACTS)]
        page = page_of("水库安全检查情况汇报", {**FACTS, label: escape(text)})
        check(page)
        assert page.record is not None, (label, text)
        assert page.record.title == "水库安全检查情况汇报", (label, text)


def test_all_values_naughty() -> None:
    for text in NAUGHTY:
        check(page_of(text, dict.fromkeys(FACTS, text)))


def test_naughty_labels() -> None:
    for text in NAUGHTY:
        check(page_of("水库安全检查情况汇报", {escape(text): "1.5MB", text: "12", **FACTS}))


def test_naughty_attributes_and_links() -> None:
    for text in NAUGHTY:
        quoted = escape(text, quote=True)
        html = (
            f'<base href="{quoted}"><meta name="dc.title" content="{quoted}"><link rel="next" href="{quoted}">'
            f"<h1>水库安全检查情况汇报</h1><p>大小:1.5MB</p><p>页数:12</p>"
            f'<ul><li><a href="{quoted}" title="{quoted}">{quoted}</a></li>'
            f'<li><a href="/doc/2.html">{quoted}</a></li></ul>'
            f'<script type="application/ld+json">{{"@type": "Article", "name": "{text}"}}</script>'
        )
        check(read_page(html.encode("utf-8", "surrogatepass"), url="https://docs.example/doc/1.html", fetched_at=NOW))


def test_naughty_addresses_and_headers() -> None:
    for text in NAUGHTY:
        text = text.encode("utf-8", "replace").decode()  # an address is text that can be written
        for url in (text, f"https://docs.example/{text}", f"https://{text}/doc/1.html"):
            body = (
                b"<h1>Reservoir safety report</h1><p>Size: 1.5 MB</p><p>Pages: 12</p><a href='/doc/2.html'>another</a>"
            )
            check(read_page(body, url=url, fetched_at=NOW, content_type=f"text/html; charset={text}"))


def test_naughty_answers_for_programs() -> None:
    """Feeds and answers in JSON list naughty texts."""
    for text in NAUGHTY:
        answer = orjson.dumps({"items": [{"url": text.encode("utf-8", "replace").decode(), "id": 1}], "next": "x"})
        rss = f"<rss><channel><item><title>{text}</title><link>{escape(text)}</link></item></channel></rss>"
        for body in (answer, rss.encode("utf-8", "surrogatepass")):
            check(read_page(body, url="https://docs.example/feed", fetched_at=NOW))
