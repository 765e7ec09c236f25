"""Attributes in cards, on buttons and in cells of files; pages without access."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.reading import Page, PageType, read_page

TEXT = "The committee heard two witnesses and received many written submissions about the harbour. " * 6


def read(body: str, url: str = "https://docs.example/file/139212504/notes/", title: str = "") -> Page:
    return read_page(
        f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode(),
        url=url,
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )


def test_a_card_is_a_paragraph_and_what_else_is_in_its_element() -> None:
    cards = (("School", "Calder Bay"), ("Date", "Oct 12, 2022"), ("Pages", "28"), ("File size", "1.8 MB"))
    meta = "".join(f"<div><p>{label}</p><span>{value}</span></div>\n" for label, value in cards)
    page = read(f"<h1>Week 6 Discussion</h1><div>{meta}</div><p>{TEXT}</p>")
    assert page.record is not None
    assert (page.record.published_on, page.record.pages, page.record.size_bytes) == ("2022-10-12", 28, 1887437)


def test_a_button_names_the_file() -> None:
    button = '<p><a href="/download/6890/?v=17">Download File <small>newsletter-winter.pdf – 2.38 MB</small></a></p>'
    page = read(f"<h1>Site survey: dovecotes</h1><p>{TEXT}</p>{button}<p><b>Pages:</b> 16</p>")
    assert page.record is not None
    assert (page.record.format, page.record.size_bytes) == ("pdf", 2495611)


def test_each_file_of_a_cell_states_its_size_and_the_first_counts() -> None:
    rows = (
        "<tr><th>出版日期</th><td>中華民國99年11月</td></tr><tr><th>語文</th><td>中文</td></tr>"
        '<tr><th>附件下載</th><td><a href="a.pdf">研究報告本文</a> 檔案大小：1,236KB<br>'
        '<a href="b.ppt">簡報檔</a> 檔案大小：788KB</td></tr>'
    )
    page = read(f"<h1>山坡地監測政策研究</h1><table>{rows}</table><p>{TEXT}</p>")
    assert page.record is not None
    assert (page.record.size_bytes, page.record.published_on) == (1265664, "2010-11")


def test_a_page_without_access_lists_nothing() -> None:
    related = "".join(
        f'<li><a href="/publication/guide-{n}/">Conservation guide {n}: mill works</a></li>' for n in range(6)
    )
    body = f"<h1>No access</h1><p>You do not have permission to access this download.</p><ul>{related}</ul>"
    assert read(body, "https://docs.example/no-access/").page_type is PageType.OTHER
