"""Engines whose pages keep in scripts what a browser would show."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.reading import Page, read_page

NOW = datetime(2026, 5, 20, 1, tzinfo=UTC)
STORE = (
    '<datastore><nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&columnid=12&unitid=47"></a>]]>'
    "</nextgroup><recordset>{}</recordset></datastore>"
)
ROWS = "".join(
    f'<record><![CDATA[<li><a href="/art/2025/7/{day}/art_12_40{day}.html">关于印发第{day}号水库巡查安排的通知</a>'
    f"<span>2025-07-{day}</span></li>]]></record>"
    for day in range(10, 16)
)


def read(text: str) -> Page:
    url = "https://www.county-gov.example/col/col12/index.html"
    return read_page(text.encode(), url=url, fetched_at=NOW, content_type="text/html; charset=utf-8")


def test_rows_in_a_script_are_the_listing() -> None:
    page = read(
        "<html><head><title>政策文件</title></head><body><h1>政策文件</h1><div id=47><script type='text/xml'>"
        f"{STORE.format(ROWS)}</script></div><div>版权所有</div></body></html>"
    )
    assert page.page_type == "listing"
    assert [url.rpartition("/")[2] for url in page.document_urls] == [f"art_12_40{day}.html" for day in range(10, 16)]
    assert (
        page.next_page == "https://www.county-gov.example/module/web/jpage/dataproxy.jsp?page=1&columnid=12&unitid=47"
    )


def test_the_next_rows_come_alone() -> None:
    page = read(f"<?xml version='1.0' encoding='utf-8'?>{STORE.format(ROWS)}")
    assert (page.page_type, len(page.document_urls)) == ("listing", 6)
    assert page.next_page is not None


def test_a_store_that_does_not_end_is_left_as_it_is() -> None:
    assert read(f"<body><script type='text/xml'>{STORE.format(ROWS)[:-30]}</script></body>").page_type == "other"
