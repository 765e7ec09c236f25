"""Dialogs that are not shown, heads of tables, pagers, and what pages of papers state."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.record import DocumentRecord
from crawler.reading import Page, PageType, read_page

TEXT = "Earlier work on flood warning has relied on small samples, which limits what can be said about costs. " * 4
DATED = "<p>Published: 14 February 2019</p>"


def page_of(body: str, url: str = "https://docs.example/papers/20231", head: str = "", meta: str = "") -> Page:
    return read_page(
        f"<html><head><title>{head}</title>{meta}</head><body>{body}</body></html>".encode(),
        url=url,
        fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
    )


def record_of(
    body: str, url: str = "https://docs.example/papers/20231", head: str = "", meta: str = ""
) -> DocumentRecord:
    record = page_of(body, url, head, meta).record
    assert record is not None
    return record


DIALOGS = (
    "<div class='modal fade' aria-hidden='true'>{0}</div>",
    "<div class='modal fade'><div class='modal-dialog'>{0}</div></div>",
    "<div role='dialog' class='reveal'>{0}</div>",
    "<dialog>{0}</dialog>",
    "<div class='divPopup' style='display:none'><div class='modal' aria-hidden='true'>x</div>{0}</div>",
)


@pytest.mark.parametrize("dialog", DIALOGS)
def test_a_dialog_that_is_not_shown_says_nothing_of_the_document(dialog: str) -> None:
    form = "<div>Title: Adjust the title</div><div>Pages: 12</div><div>File size: 3 MB</div><div>Format: RIS</div>"
    body = f"<h1>Counting bridges</h1>{DATED}<p>{TEXT}</p>"
    assert record_of(body + dialog.format(form), head="Counting bridges") == record_of(body, head="Counting bridges")


@pytest.mark.parametrize("dialog", DIALOGS)
def test_a_dialog_to_log_in_makes_no_login_wall_of_a_page(dialog: str) -> None:
    form = "<form><h2>Log in</h2><input name='a'><input type='password'></form>"
    facts = "<h3>Company Name</h3><p>Marsh Energy</p><h3>Notice Date</h3><p>Jan 13, 2021</p>"
    page = page_of(f"<h1>Marsh Energy</h1>{facts}{dialog.format(form)}", head="Marsh Energy notice")
    assert page.record is not None and page.record.published_on == "2021-01-13"


@pytest.mark.parametrize(
    "dialog", ["<dialog open>{0}</dialog>", "<div role='dialog'><main>{0}</main></div>", "<div role='dialog'>{0}</div>"]
)
def test_a_dialog_that_is_the_page_is_read(dialog: str) -> None:
    body = dialog.format(f"<h1>Counting bridges</h1>{DATED}<p>Pages: 12</p><p>{TEXT}</p>")
    assert record_of(body, head="Counting bridges").pages == 12


def test_what_a_table_is_sorted_by_is_neither_file_nor_keyword() -> None:
    heads = "".join(f"<th><a href='/lookups?search=1&s={x}'>{x}</a></th>" for x in ("Employer", "City", "ZIP"))
    rows = "<tr><td>Marsh Energy</td><td>Ellerby</td><td>74014</td></tr>"
    assert page_of(f"<h1>WARN search</h1><table><tr>{heads}</tr>{rows}</table>").page_type is not PageType.DOCUMENT


@pytest.mark.parametrize("pager", ["19 items in 7 pages", "Page 1 of 1", "131 results, 6 pages"])
def test_a_pager_states_no_pages_of_a_document(pager: str) -> None:
    assert record_of(f"<h1>Counting bridges</h1>{DATED}<p>{TEXT}</p><div>{pager}</div>").pages is None


def test_what_records_are_exported_as_are_no_keywords() -> None:
    exports = "".join(f"<li><a href='/export/{x}/search/'>{x}</a></li>" for x in ("BibTeX", "RIS", "XML"))
    assert record_of(f"<h1>Counting bridges</h1>{DATED}<p>{TEXT}</p><ul>{exports}</ul>").tags == ()


def test_keywords_may_stand_below_their_heading_each_in_an_element() -> None:
    words = (
        "<h2>Keywords</h2><div>Spatial justice</div><div>Urban commons</div><div>Turkey</div><h2>Data</h2><div>No</div>"
    )
    record = record_of(f"<h1>Counting bridges</h1>{DATED}<p>{TEXT}</p>{words}")
    assert record.tags == ("Spatial justice", "Urban commons", "Turkey")


def test_a_menu_s_subjects_are_no_keywords() -> None:
    menu = "".join(f"<div><a href='/{x}'>{x}</a></div>" for x in ("Recent", "Subjects", "Accepted", "Collections"))
    assert record_of(f"<div>{menu}</div><h1>Counting bridges</h1>{DATED}<p>{TEXT}</p>").tags == ()


def test_the_day_a_journal_received_a_paper_is_not_that_of_its_publication() -> None:
    days = "<div>Phys. Rev. X <b>12</b> – Published 9 December, 2022</div><ul><li>Received 19 January 2022</li></ul>"
    record = record_of(f"<h1>Counting bridges</h1>{days}<div>PDF</div><h2>Abstract</h2><p>{TEXT}</p>")
    assert record.published_on == "2022-12-09"


def test_a_month_may_stand_behind_a_label_of_its_own() -> None:
    facts = "<dl><dt>Month:</dt><dd>June</dd><dt>Year:</dt><dd>2021</dd><dt>Pages:</dt><dd>12</dd></dl>"
    assert record_of(f"<h1>Counting bridges</h1>{facts}<p>{TEXT}</p>").published_on == "2021-06"


def test_the_title_may_be_a_link_to_the_file_with_a_month_below() -> None:
    block = (
        "<center><a href='/p/current.pdf'>SVO – Attractors in grammar</a><br>"
        "<a href='/a/1'>A. Person</a><br>November 2025</center>"
    )
    record = record_of(
        f"{block}{TEXT}<table><tr><td>Format:</td><td>[ pdf ]</td></tr></table>",
        head="SVO – Attractors in grammar - bank/7",
    )
    assert (record.title, record.published_on) == ("SVO – Attractors in grammar", "2025-11")


@pytest.mark.parametrize(
    ("link", "named"),
    [
        ("https://a.example/content/pdf/7.pdf", "pdf"),
        ("https://a.example/7/pdf", "pdf"),
        ("https://a.example/get?id=7", None),
    ],
)
def test_metadata_say_that_there_is_a_pdf(link: str, named: str | None) -> None:
    meta = f"<meta name='citation_pdf_url' content='{link}'>"
    assert record_of(f"<h1>Counting bridges</h1>{DATED}<p>{TEXT}</p>", meta=meta).format == named


def test_sizes_of_figures_and_numbers_of_books_are_no_sizes() -> None:
    others = "<p><a href='/1.jpg'>Download high-res image (50KB)</a></p><p>Chapters from more than 300k books</p>"
    assert record_of(f"<h1>Counting bridges</h1>{DATED}<p>{TEXT}</p>{others}").size_bytes is None


def test_a_stop_in_the_place_of_a_title_is_none() -> None:
    facts = "<dl><dt>Short title:</dt><dd>Data Protection Act</dd><dt>Format:</dt><dd>PDF</dd></dl>"
    assert record_of(f"<h1>.</h1>{DATED}{facts}<p>{TEXT}</p>", head="Laws").title == "Data Protection Act"


def test_the_day_above_the_title_may_stand_beside_the_number_of_readers() -> None:
    body = f"<main><div>12.03.2015 <b>•</b> 3,849 Views</div><h1>Visitor map</h1><p>{TEXT}</p></main>"
    assert record_of(body, head="Visitor map").published_on == "2015-03-12"


def test_pages_of_what_a_document_cites_are_not_its_own() -> None:
    notes = "<h2>Footnotes</h2><p>1. D. Okoro, Overview of programs, 57 pages, 2006.</p>"
    assert record_of(f"<h1>Counting bridges</h1>{DATED}<p>{TEXT}</p>{notes}").pages is None


def test_the_number_below_a_title_is_no_part_of_it() -> None:
    body = f"<h1>The Anchor Protocol<br>RFC 3241</h1>{DATED}<p>Pages: 12</p><p>{TEXT}</p>"
    assert record_of(body, head="RFC 3241 - The Anchor Protocol").title == "The Anchor Protocol"
