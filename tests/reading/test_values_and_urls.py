"""What printed values mean, and the normal form of URLs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reading import canonical_url
from crawler.reading.dates import covered_days, day
from crawler.reading.encoding import decode
from crawler.reading.nesting import MAX_NESTING, bounded
from crawler.reading.urls import Base, shape
from crawler.reading.values import format_of, page_count, size_bytes, stated_size

NOW = datetime(2026, 5, 20, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("32.74KB", 33526, id="KB is 1024, rounded half up"),
        pytest.param("12.8MB", 13421773, id="MB"),
        pytest.param("640.02 kB", 655380, id="kB is 1024 too"),
        pytest.param("1.20 M", 1258291, id="M alone"),
        pytest.param("2,048 KB", 2097152, id="thousands"),
        pytest.param("1,234 bytes", 1234, id="bytes"),
        pytest.param("大小：918K", 940032, id="label before it"),
        pytest.param("unknown", None, id="none"),
    ],
)
def test_size(text: str, expected: int | None) -> None:
    assert size_bytes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22页", 22),
        ("约22页", 22),
        ("共70页", 70),
        ("第1页 / 共70页", 70),
        ("已阅读5页,还剩55页", 60),
        ("24 pages", 24),
        ("18 slides", 18),
        ("[4] p.", 4),
        ("vi, 96 p. : ill.", 96),
        ("96 p. ; 30 cm", 96),
    ],
)
def test_pages(text: str, expected: int) -> None:
    assert page_count(text, labelled=True) == expected


@pytest.mark.parametrize("text", ["Documents 3", "version 2", "", "93 Or. App. 41, 760 P.2d 990"])
def test_no_pages(text: str) -> None:
    assert page_count(text, labelled=False) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-04-16", "2023-04-16"),
        ("2021年3月8日", "2021-03-08"),
        ("2019/7/2", "2019-07-02"),
        ("5 September 2010", "2010-09-05"),
        ("Aug 14, 2018", "2018-08-14"),
        ("3-Oct-2014", "2014-10-03"),
        ("Oct-2011", "2011-10"),
        ("2013", "2013"),
        ("昨天 21:14", "2026-05-19"),
        ("3天前", "2026-05-17"),
        ("12 days ago", "2026-05-08"),
        ("9 years ago", None),
    ],
)
def test_day(text: str, expected: str | None) -> None:
    assert day(text, NOW) == expected


def test_covered_days() -> None:
    assert covered_days("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert covered_days("2019") == (date(2019, 1, 1), date(2019, 12, 31))
    assert covered_days(None) == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("DOCX", "docx"), (".pdf", "pdf"), ("Adobe PDF", "pdf"), ("MS Excel Spreadsheet", "xlsx"),
     ("Microsoft Word XML", "docx"),
     ("Microsoft Powerpoint", "ppt"), ("application/pdf", "pdf")],
)  # fmt: skip
def test_format(text: str, expected: str) -> None:
    assert format_of(text) == expected


@given(st.text(max_size=60))
def test_values_never_raise(text: str) -> None:
    size_bytes(text)
    page_count(text, labelled=True)
    format_of(text)
    covered_days(day(text, NOW))


@given(st.text(max_size=60))
def test_canonical_url_of_any_text_is_its_own(text: str) -> None:
    url = "http://docs.example/" + text
    assert canonical_url(canonical_url(url)) == canonical_url(url)
    shape(url)
    Base(url).absolute(text)


def test_canonical_url_drops_what_says_who_asks() -> None:
    assert (
        canonical_url("HTTP://Docs.Example:80/a;jsessionid=9?b=2&a=1&utm_source=x#top")
        == "http://docs.example/a?a=1&b=2"
    )


@pytest.mark.parametrize(
    ("body", "header", "encoding"),
    [
        pytest.param(
            "水库巡查的安排".encode("gbk"), "text/html; charset=gb2312", "gb18030", id="gb2312 is read as gb18030"
        ),
        pytest.param("水库巡查的安排".encode(), "text/html; charset=gbk", "utf-8", id="a header that lies"),
        pytest.param(b"\xef\xbb\xbf" + "水库".encode(), "text/html; charset=gbk", "utf-8", id="BOM first"),
        pytest.param(
            "caf\u00e9 \u2013 a study".encode("cp1252"),
            "text/html; charset=iso-8859-1",
            "cp1252",
            id="latin-1 is cp1252",
        ),
    ],
)
def test_encoding(body: bytes, header: str, encoding: str) -> None:
    assert decode(body, header)[1] == encoding


def test_a_page_of_usual_size_reaches_the_parser_untouched() -> None:
    page = "<html><body>" + "<div><p>水库</p></div>" * 300 + "</body></html>"
    assert bounded(page) == (page, False)


def test_deep_nesting_loses_tags_and_no_text() -> None:
    text, cut = bounded("<div>x" * 5000)
    assert cut
    assert text.count("<div>") == MAX_NESTING
    assert text.count("x") == 5000


@pytest.mark.parametrize(
    ("text", "decimal", "size"),
    [
        ("33 KB (33,526 bytes)", False, 33526),
        ("4,7 MB", False, 4928307),
        ("212 Ko", False, 217088),
        ("1.5 MB", True, 1500000),
        ("1.5 MiB", True, 1572864),
        ("48", False, None),
    ],
)
def test_sizes_as_the_page_means_them(text: str, decimal: bool, size: int | None) -> None:
    assert size_bytes(text, decimal=decimal) == size


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("112-03-15", "2023-03-15"),
        ("民國99年7月20日", "2010-07-20"),
        ("99-07-20", None),
        ("3 de mayo de 2019", "2019-05-03"),
        ("17. November 2012", "2012-11-17"),
        ("12 ene 2019", "2019-01-12"),
        ("Mon Feb 01 00:00:00 EST 1960", "1960-02-01"),
        ("1788-05-09", "1788-05-09"),
        ("1894", "1894"),
    ],
)
def test_days_of_other_calendars_and_languages(text: str, iso: str | None) -> None:
    assert day(text, datetime(2026, 11, 20, tzinfo=UTC)) == iso


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("二〇二〇年七月十三日", "2020-07-13"),
        ("二零二四年十月二十日", "2024-10-20"),
        ("截至二○一九年十二月三十一日止", "2019-12-31"),
        ("二〇二四年六月", "2024-06"),
        ("二〇二一年三月廿一日", "2021-03-21"),
        ("一九九九年二月三十日", None),
        ("二〇二四年十三月", None),
    ],
)
def test_dates_in_chinese_characters(printed: str, expected: str | None) -> None:
    assert day(printed, NOW) == expected


def test_pages_of_a_catalogue() -> None:
    assert page_count("[4] p.", labelled=False) == 4


def test_a_form_is_no_size() -> None:
    assert stated_size("SC 13G/A") is None
    assert stated_size("47K/102K") == "47K"


def test_an_author_knows_the_encoding_better_than_a_server() -> None:
    """Servers add Latin-1 to whatever they send."""
    body = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>玉米烘干机操作手册</p>'
    assert decode(body.encode("gbk"), "text/html; charset=ISO-8859-1")[:2] == (body, "gb18030")
    assert decode("<p>café</p>".encode("cp1252"), "text/html; charset=ISO-8859-1")[:2] == ("<p>café</p>", "cp1252")


def test_latin_1_that_is_called_utf_8() -> None:
    body = "<meta charset=utf-8><h1>Señora Núñez</h1>"
    assert decode(body.encode("cp1252"), "text/html; charset=utf-8")[:2] == (body, "cp1252")


def test_punctuation_of_windows_inside_utf_8() -> None:
    body = "<p>Café, naïve, 中文: ".encode() + b"it\x92s \x93so\x94</p>"
    assert decode(body, "text/html; charset=utf-8") == (
        "<p>Café, naïve, 中文: it’s “so”</p>", "utf-8", ("encoding_damaged",)
    )  # fmt: skip


def test_a_page_that_was_cut_inside_a_character_is_utf_8_all_the_same() -> None:
    assert decode("<p>中文页面".encode()[:-1], "text/html; charset=utf-8")[1] == "utf-8"


def test_a_span_of_years_is_no_size() -> None:
    assert stated_size("April 1996 to June 1997") is None
    assert stated_size("1996 to 1997, 27.5 MB") == "27.5 MB"
    assert (size_bytes("5 to 10"), size_bytes("1,5 To")) == (None, 1649267441664)
