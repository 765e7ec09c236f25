"""Registers whose entries are files themselves are listings; a document that offers files is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading import Page, read_page
from crawler.reading.page import PageType

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
URL = "https://courts.example/opinions/2024.html"
NAMES = ("Holme v. Corby", "State v. Marek", "In re Estate of Quill", "Dalby v. Farle Works", "Orrin v. Town of Kirby")


def read(body: str, url: str = URL) -> Page:
    head = "<head><title>Opinions - Court of Appeals</title></head>"
    menu = '<ul><li><a href="/about.html">About the court</a></li><li><a href="/forms.html">Forms</a></li></ul>'
    return read_page(f"<html>{head}<body>{menu}{body}</body></html>".encode(), url=url, fetched_at=NOW)


def day(number: int) -> str:
    return f"May {number + 1}, 2024"


def links(page: Page) -> list[str]:
    return [url.rpartition("/")[2] for url in page.document_urls]


FILES = [f"24-{100 + n}.pdf" for n in range(len(NAMES))]

ROWS = {
    "a table": "<table><tr><th>Date</th><th>Docket No.</th><th>Case</th></tr>"
    + "".join(
        f'<tr><td>{day(n)}</td><td><a href="{file}">24-{100 + n}</a></td><td>{name}</td></tr>'
        for n, (file, name) in enumerate(zip(FILES, NAMES, strict=True))
    )
    + "</table>",
    "a list": "<ul>"
    + "".join(
        f'<li><a href="{f}">{name}</a> ({day(n)})</li>' for n, (f, name) in enumerate(zip(FILES, NAMES, strict=True))
    )
    + "</ul>",
    "days above": "".join(
        f'<h4>Released {day(n)}</h4><p><a href="{f}">{name}</a></p>'
        for n, (f, name) in enumerate(zip(FILES, NAMES, strict=True))
    ),
    "line breaks": "<p>"
    + "<br>".join(f'{day(n)} <a href="{f}">{name}</a>' for n, (f, name) in enumerate(zip(FILES, NAMES, strict=True)))
    + "</p>",
    "inside a table that lays out the page": "<table><tr><td>"
    + "".join(
        f"<p>{day(n)}: <a href='{f}'>{name}</a></p>"
        for n, (f, name) in enumerate(zip(FILES * 2, NAMES * 2, strict=True))
    )
    + "</td></tr></table>",
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_rows_of_files_with_days_of_their_own_are_listed(rows: str) -> None:
    page = read(f"<h1>Published Opinions</h1>{rows}")
    assert page.page_type is PageType.LISTING
    assert links(page) == FILES


def test_files_of_one_document_are_its_own() -> None:
    facts = (
        "<dl><dt>Reference</dt><dd>DC/2024/17</dd><dt>Published</dt><dd>3 May 2024</dd><dt>Pages</dt><dd>48</dd></dl>"
    )
    page = read(f"<h1>Flood plan for Kirby</h1>{facts}<h2>Files</h2>{ROWS['a list']}")
    assert page.page_type is PageType.DOCUMENT
    assert len(page.file_urls) == len(FILES)


def test_few_files_with_sizes_are_of_one_document() -> None:
    rows = "".join(
        f'<tr><td>{day(n)}</td><td>Drawing {n}</td><td><a href="{f}">{name}</a></td><td>{n + 1}.5 MB</td></tr>'
        for n, (f, name) in enumerate(zip(FILES, NAMES, strict=True))
    )
    page = read(f"<h1>24/0177/FUL: New footbridge over the mill race</h1><table>{rows}</table>")
    assert page.page_type is not PageType.LISTING


def test_files_of_the_site_around_a_register_are_not_listed() -> None:
    forms = "".join(f'<p><a href="/forms/{name}.pdf">Form {name} of the court</a></p>' for name in ("A", "B", "C"))
    page = read(f"<h1>Opinions</h1>{forms}{ROWS['a table']}{forms.replace('/forms/', '/rules/')}")
    assert links(page) == FILES


def test_of_one_file_in_two_formats_the_first_is_listed() -> None:
    rows = "".join(
        f'<li>{day(n)} <a href="{f}">{name}</a> <a href="{f[:-3]}doc">Word</a></li>'
        for n, (f, name) in enumerate(zip(FILES, NAMES, strict=True))
    )
    assert links(read(f"<h1>Opinions</h1><ul>{rows}</ul>")) == FILES


def test_files_that_a_script_hands_out() -> None:
    rows = "".join(
        f'<tr><td>{day(n % 7)}</td><td><a href="/RetrieveDocument.aspx?DocId={n}">Opinion</a></td>'
        f"<td>{n} {NAMES[n % 5]}</td></tr>"
        for n in range(9)
    )
    page = read(f"<h1>Opinions</h1><table>{rows}</table>", "https://courts.example/search?q=1")
    assert page.page_type is PageType.LISTING
    assert len(page.document_urls) == 9


def test_pages_about_files_are_listed_rather_than_the_files() -> None:
    rows = "".join(
        f'<li>{day(n)} <a href="/case/{n}.html">{name} and others, decided</a> <a href="{f}">PDF</a></li>'
        for n, (f, name) in enumerate(zip(FILES, NAMES, strict=True))
    )
    assert links(read(f"<h1>Opinions</h1><ul>{rows}</ul>")) == [f"{n}.html" for n in range(5)]


def test_documents_whose_name_is_the_whole_query() -> None:
    rows = "".join(
        f'<div><p><a href="/cgi-bin/show?2024cv{n:04}-{n}-0">1:24-cv-{n:04} {NAMES[n % 5]}</a></p>'
        f"<p>Filed: 05/0{n + 1}/2024</p></div>"
        for n in range(6)
    )
    page = read(f"<h1>Reported opinions</h1>{rows}")
    assert page.page_type is PageType.LISTING
    assert len(page.document_urls) == 6


def test_rows_that_call_what_they_lead_to_by_one_word() -> None:
    rows = "".join(
        f"<tr><td>{n}</td><td>Act {n} on {NAMES[n % 5]}</td>"
        f'<td>{day(n)}</td><td><a href="/eli/2024/{n}">View</a></td></tr>'
        for n in range(9)
    )
    page = read(f"<h1>Acts</h1><table>{rows}</table>")
    assert page.page_type is PageType.LISTING
    assert len(page.document_urls) == 9


def test_answers_of_a_forum_are_no_rows() -> None:
    rows = "".join(
        f"<tr><td>{day(n)} {NAMES[n % 5]} writes</td><td>Answer {n} about the mill</td>"
        f'<td><a href="/a/{n}">Reply</a></td></tr>'
        for n in range(9)
    )
    assert read(f"<h1>Who knows the old mill?</h1><table>{rows}</table>").page_type is PageType.OTHER


def test_a_search_of_books_with_days_of_the_republic_is_a_listing() -> None:
    """Under a folder that is called space, as every page of the site."""
    books = "".join(
        f'<li><a href="/space/zh-tw/book/{820000 + n}"><img src="/c.jpg" alt=""><div>望安鄉山坡地監測手冊之{n}</div>'
        f"出版日期：民國1{n}0年1月 GPN：103693757{n}</a></li>"
        for n in range(1, 9)
    )
    page = read(
        f"<h1>政府出版資訊網</h1><h2>新書資訊</h2><p>共<em>465</em>筆資料，第1／31頁</p><ul>{books}</ul>"
        '<a href="/space/zh-tw/new?page=2">下一頁</a>',
        "https://pub.example/space/zh-tw/new",
    )
    assert page.page_type is PageType.LISTING
    assert len(page.document_urls) == 8


def test_two_pairs_in_a_row_are_no_columns() -> None:
    page = read(
        "<h2>年度报告</h2><table><tr><th>公告类别</th><td>董事会公告</td><th>文件格式</th><td>PDF</td></tr>"
        "<tr><th>文件大小</th><td>3.52MB</td><th>页数</th><td>187</td></tr></table><p>公告日期：2024-03-29</p>",
        "https://exchange.example/detail?annId=4899453464",
    )
    assert page.record is not None
    assert (page.record.pages, page.record.format) == (187, "pdf")


def test_a_page_that_leads_to_many_files_is_no_document_by_a_link_to_one() -> None:
    text = "<p>The Office answers what towns and counties ask of it, and keeps what it said for all to read.</p>" * 4
    links = [f"<p><a href='/{n}.pdf'>Download PDF</a></p>" for n in range(8)]
    assert read(f"<h1>Appeals and opinions</h1>{text}{links[0]}").page_type is PageType.DOCUMENT
    assert read(f"<h1>Appeals and opinions</h1>{text}{''.join(links)}").page_type is not PageType.DOCUMENT
