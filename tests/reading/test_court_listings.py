"""Listings as courts and councils have written them by hand for thirty years: files, dates apart, lines broken."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.reading import Page, read_page

NOW = datetime(2026, 5, 20, 1, tzinfo=UTC)
MENU = "".join(
    f'<li><a href="../../{name}/index.htm">{name.title()}</a></li>'
    for name in ("welcome", "about", "forms", "rules", "orders")
)
CASES = (
    "Harrow v. Lindqvist",
    "In re Guardianship of Nell B.",
    "Appeal of Tarn Valley Commissioners",
    "Board of Review v. Oakes",
    "Estate of Marlow v. Teasel",
    "Pym v. Town of Ardwick",
)


def read(body: str, url: str = "https://www.courts.example/opinions/2014/index.htm") -> Page:
    html = f"<html><head><title>Judicial Branch - Supreme Court</title></head><body><ul>{MENU}</ul>{body}</body></html>"
    return read_page(html.encode(), url=url, fetched_at=NOW, content_type="text/html")


def names(page: Page) -> list[str]:
    return [url.rpartition("/")[2] for url in page.document_urls]


def test_files_below_dates() -> None:
    items = "".join(
        f"<p><strong>June {20 - n}, 2014</strong></p>"
        f"<ul><li><a href='20140{n}case.pdf'>2013-0{n}, {case}</a><br></li></ul>"
        for n, case in enumerate(CASES)
    )
    page = read(
        f"<div>Supreme Court - 2014 Opinions</div><p><b>NOTICE:</b> These opinions are subject to revision.</p>{items}"
    )
    assert (page.page_type, names(page)) == ("listing", [f"20140{n}case.pdf" for n in range(6)])


def test_pages_on_lines_of_their_own() -> None:
    items = "".join(
        f"<br><font size='+1'>May {28 - n}, 2013</font><br><br>"
        f"<a href='/court/opinions/201203{n}.htm'>\n {case}</a>,\n2013 ND {n}"
        "<br>A trust may be reformed when there is clear and convincing evidence of a mistake of fact.<br>"
        for n, case in enumerate(CASES)
    )
    page = read(f"<br><center><font size='+2'>May 2013</font></center>{items}")
    assert (page.page_type, names(page)) == ("listing", [f"201203{n}.htm" for n in range(6)])


def test_numbers_that_lead_to_files_and_names_beside_them() -> None:
    items = "".join(
        f"<a href='10531{n}.pdf' target=_blank>10531{n}</a> - {case} <a href='#' onclick=\"window.open('http://video.example/{n}')\">"
        "video</a><br>"
        for n, case in enumerate(CASES)
    )
    page = read(
        f"<center><b>Opinions Released June 13, 2014</b></center><hr><p><b>Docket Number / Case Name<br></b>{items}</p>"
    )
    assert (page.page_type, names(page)) == ("listing", [f"10531{n}.pdf" for n in range(6)])


def test_a_table_with_the_file_in_one_cell() -> None:
    rows = "".join(
        f"<tr><td>06/{n + 10}/2014</td><td>{case}</td><td>A-{n}-13</td><td><a href='/op/A{n}.pdf'>Opinion</a></td></tr>"
        for n, case in enumerate(CASES)
    )
    page = read(f"<h1>Opinions</h1><table><tr><th>Date</th><th>Case</th><th>No.</th><th>File</th></tr>{rows}</table>")
    assert (page.page_type, names(page)) == ("listing", [f"A{n}.pdf" for n in range(6)])


def test_the_files_of_a_document_are_no_listing() -> None:
    """A report with its annexes states itself."""
    files = "".join(
        f"<li><a href='/files/annex-{n}.pdf'>Annex {n} to the annual report of the council</a></li>" for n in range(5)
    )
    page = read(
        "<h1>Annual report of the council 2013</h1><p>Published: 3 June 2014</p><p>Issued by: Tarn Valley Council</p>"
        "<p>The report describes what the council did in 2013, how it was paid for, and what is planned for the coming "
        f"years. It was adopted in May.</p><h2>Attachments</h2><ul>{files}</ul>"
    )
    assert page.page_type == "document"
