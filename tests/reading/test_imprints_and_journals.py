"""Imprints, official journals and labels of other languages; whose number a page goes by; footers of sites."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.reading import Page, PageType, read_page
from crawler.reading.dates import day
from crawler.reading.values import stated_size

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TEXT = "The keeper of the lock wrote down each barge that passed, its master and what it carried. " * 4


def read(body: str, url: str = "https://docs.example/record/show", title: str = "") -> Page:
    head = f"<html><head><title>{title}</title></head><body>"
    return read_page(
        f"{head}{body}</body></html>".encode(), url=url, fetched_at=NOW, content_type="text/html; charset=utf-8"
    )


def facts(body: str, url: str = "https://docs.example/record/show", title: str = "") -> dict[str, object]:
    record = read(body, url, title).record
    assert record is not None
    names = ("doc_id", "title", "size_bytes", "pages", "format", "published_on", "tags", "preview_text")
    return {name: getattr(record, name) for name in names}


@pytest.mark.parametrize(
    ("label", "value", "year", "pages"),
    [
        ("Ort, förlag, år, upplaga, sidor", "Lund: University Press, 2020. , s. 186", "2020", 186),
        ("Place, publisher, year, edition, pages", "2019. , p. 47", "2019", 47),
        ("Place, publisher, year, edition, pages", "Elsevier, 2021. Vol. 44, no 3, p. 311-326", "2021", None),
    ],
)
def test_an_imprint_states_year_and_pages(label: str, value: str, year: str, pages: int | None) -> None:
    found = facts(
        f"<h1>Rain in the streets of a town</h1><h5>{label}</h5><div>{value}</div>"
        f"<h5>Nyckelord [sv]</h5><div><a href='/k/1'>dagvatten</a>, <a href='/k/2'>vatten</a></div>"
        f"<h5>Tillgänglig från</h5><div>2020-04-14</div><h5>Filstorlek</h5><div>4812 kB</div><p>{TEXT}</p>"
    )
    assert (found["published_on"], found["pages"], found["size_bytes"]) == (year, pages, 4812 * 1024)
    assert found["tags"] == ("dagvatten", "vatten")


@pytest.mark.parametrize(
    ("cited", "published"),
    [
        ("ABl. L 257 vom 9.10.2003, S. 37–38", "2003-10-09"),
        ("JO L 214 du 4.8.2006, p. 14–17", "2006-08-04"),
        ("OJ L 119, 4.5.2016, p. 1–88", "2016-05-04"),
        ("Publicado en: «BOE» núm. 134, de 02/06/2010. Entrada en vigor: 22/06/2010", "2010-06-02"),
        ("Do 12.03.2015 – 14.03.2015", "2003-05-01"),
    ],
)
def test_an_act_was_published_on_the_day_of_the_journal(cited: str, published: str | None) -> None:
    found = facts(
        "<h1>Decision 88 of 1 May 2003 on the marking of ropes</h1>"
        "<p>Decision 88 of 1 May 2003 on the marking of ropes</p>"
        f"<p>No longer in force</p><p>{cited}</p>"
        f"<p>ELI: http://data.law.example/eli/dec/2003/88/oj</p><div><p>{TEXT}</p><p>{TEXT}</p></div>"
    )
    assert found["published_on"] == published


def test_a_day_beside_the_number_that_the_heading_has_is_the_documents() -> None:
    body = (
        "<table><tr><td><p>Journal</p></td><td><p>Series L</p></td></tr>"
        "<tr><td><p>2024/811</p></td><td><p>6.3.2024</p></td></tr></table>"
        f"<p>REGULATION 2024/811 on the marking of ropes</p><div><p>{TEXT}</p><p>{TEXT}</p></div>"
        "<p>ELI: http://data.law.example/eli/reg/2024/811/oj</p>"
    )
    found = facts(body, title="REGULATION 2024/811 on the marking of ropes")
    assert found["published_on"] == "2024-03-06"


@pytest.mark.parametrize(
    ("url", "doc_id"),
    [
        ("https://council.example/bi/vo020.asp?VOLFDNR=1010234", "1010234"),
        ("https://council.example/briefings/cbp-9187.aspx?lang=en", "cbp-9187"),
        ("https://council.example/show.asp?seitenr=12&dnr=4711", "4711"),
    ],
)
def test_the_name_of_a_script_is_no_id_where_it_is_asked_by_one(url: str, doc_id: str) -> None:
    body = f"<h1>Paving of the market</h1><table><tr><td>Datum:</td><td>12.04.2021</td></tr></table><p>{TEXT}</p>"
    assert facts(body, url)["doc_id"] == doc_id


def test_the_sites_own_id_goes_before_a_doi() -> None:
    body = (
        "<h1>Soil moisture grid of a basin</h1><dl><dt>DOI</dt><dd>https://doi.org/10.5555/grid.77</dd>"
        f"<dt>STI Identifier</dt><dd>1890012</dd><dt>Publication date</dt><dd>2022-09-14</dd></dl><p>{TEXT}</p>"
    )
    assert facts(body, "https://sti.example/biblio/1890012")["doc_id"] == "1890012"
    assert facts(body, "https://sti.example/biblio/soil-grid")["doc_id"] == "10.5555/grid.77"


@pytest.mark.parametrize(
    "footer", ["下載 Acrobat Reader（約 32 MB）", "PDF-Reader kostenlos laden (48 MB)", "Get the Adobe Reader (48 MB)"]
)
def test_a_reader_in_the_footer_is_no_size(footer: str) -> None:
    body = f"<h1>Paving of the market</h1><p>Published: 2021-04-12</p><div><p>{TEXT}</p></div><div>{footer}</div>"
    assert facts(body)["size_bytes"] is None


def test_of_files_in_one_line_the_first_has_size_and_format() -> None:
    body = (
        "<h1>街市檔位租金調查報告全文</h1><p>2018年4月</p>"
        f"<p>{TEXT}</p><p>下載：<a href='/a.docx'>Word 檔 (86 KB)</a> | <a href='/a.pdf'>PDF 檔 (742 KB)</a></p>"
    )
    found = facts(body)
    assert (found["size_bytes"], found["format"], found["published_on"]) == (86 * 1024, "docx", "2018-04")


def test_the_format_in_the_brackets_of_a_size() -> None:
    body = f"<h1>渡輪服務的發展概況</h1><table><tr><td>檔案大小</td><td>512 KB (PDF)</td></tr></table><p>{TEXT}</p>"
    assert facts(body)["format"] == "pdf"


def test_a_unit_goes_before_a_letter_alone() -> None:
    assert stated_size("quill 28-Jan-2017 1.2K 1.46 MB") == "1.46 MB"
    assert stated_size("安装包 35M") == "35M"


@pytest.mark.parametrize(
    ("printed", "meant"), [("1849 [c1848]", "1849"), ("1897-06", "1897-06"), ("1801-10", None), ("[vers 1860]", None)]
)
def test_old_years_with_what_stands_behind_them(printed: str, meant: str | None) -> None:
    assert day(printed, NOW) == meant


def test_a_day_that_is_known_about_speaks_for_a_document() -> None:
    body = "<h1>Lettre au maire</h1><h3>{}</h3><div>{}</div><h3>Texte</h3><div><p>" + TEXT + "</p></div>"
    assert read(body.format("Date", "[vers 1860]")).page_type is PageType.DOCUMENT
    assert read(body.format("Lieu", "[vers la mer]")).page_type is PageType.OTHER


def test_a_heading_that_gives_the_whole_text_is_a_documents() -> None:
    text = f"<pre>{TEXT}\n{TEXT}</pre>"
    found = facts(f'<h1>Full text of "<a href="/details/lock1911">The keeper of the lock</a>"</h1>{text}')
    assert found["title"] == 'Full text of "The keeper of the lock"'
    assert read(f"<h1>The keeper of the lock</h1>{text}").page_type is PageType.OTHER


def test_a_title_with_a_colon_above_the_number_that_the_window_has() -> None:
    body = (
        "<div><div><b>Form 10-K</b> - Annual report:</div><div><b>Accession No.</b> 0001187733-21-000012</div></div>"
        "<div>Filing Date</div><div>2021-03-01</div>"
        "<table><tr><th>Seq</th><th>Document</th><th>Size</th></tr>"
        "<tr><td>1</td><td><a href='/a/twui.htm'>twui.htm</a></td><td>2418233</td></tr></table>"
    )
    found = facts(body, "https://filings.example/0001187733-21-000012-index.htm", "Papers for 0001187733-21-000012")
    assert (found["title"], found["doc_id"]) == ("Form 10-K - Annual report", "0001187733-21-000012")


def test_the_pages_of_a_viewer_that_says_them_twice() -> None:
    body = f"<h1>Paving of the market</h1><div>1 of 28/28</div><p>Published: 2021-04-12</p><p>{TEXT}</p>"
    assert facts(body)["pages"] == 28


def test_facts_below_headings_are_no_text() -> None:
    pairs = (("Type", "A report of the harbour board of the town, printed in its own series of papers"),
             ("Series", "Papers of the harbour board of the town, third row, of which this is number 31"),
             ("Date available", "2018-10-01"), ("Identifier", "hb-1299004"))  # fmt: skip
    rows = "".join(f"<span><h5>{label}</h5><span>{value}</span></span>" for label, value in pairs)
    body = f"<h1>Accounts of the harbour</h1><div>{rows}</div>"
    found = facts(body)
    assert (found["preview_text"], found["published_on"]) == (None, "2018-10-01")


def test_slides_below_bare_numbers_are_one_text() -> None:
    slides = "".join(
        f"<div><h2><a href='/img/slide{n}-l.jpg'>{n}.</a></h2><p>Topic {n}</p><p>{TEXT[:88]}</p></div>"
        for n in range(1, 9)
    )
    body = f"<h1>The lock</h1><div>40 Views</div><div>Uploaded on Jul 14, 2014</div><div>1 / 8</div>{slides}"
    page = read(body)
    assert page.record is not None, page.reason
    assert page.record.preview_text is not None and page.record.preview_text.count("Topic") == 8


def test_paragraphs_beside_a_table_inside_a_cell_are_a_text() -> None:
    inner = "<table><tr><td>發表日期</td><td>2020年6月11日</td></tr><tr><td>頁數</td><td>7</td></tr></table>"
    text = "議員關注工程費用超出預算，要求當局提供分項數字。參考海外做法，設立中央登記冊有助提高透明度。" * 3
    body = f"<table><tr><td><h1>渡輪服務的發展概況</h1>{inner}<p>{text}</p><p>{text}</p></td></tr></table>"
    assert facts(body)["preview_text"] == f"{text}\n{text}"
