"""Labels that no vocabulary has, read by the words they are made of."""

from __future__ import annotations

import pytest

from archive.clock import parse_instant
from crawler.reading.composed import both_languages
from crawler.reading.dates import day
from crawler.reading.meaning import known_meaning
from crawler.reading.values import page_count, size_bytes

NOW = parse_instant("2026-11-20T08:00:00Z")


@pytest.mark.parametrize(
    ("label", "meaning"),
    [
        ("素材编号", "doc_id"),
        ("模板ID", "doc_id"),
        ("加入时间", "uploaded"),
        ("研报日期", "published"),
        ("上网日期", "published"),
        ("会议日期", "never"),
        ("登录时间", "never"),
        ("压缩包大小", "size"),
        ("文本页数", "pages"),
        ("課件格式", "format"),
        ("發出日期 Date of Issue", "published"),
        ("頁數 No. of pages", "pages"),
        ("Number of pages in PDF file", "pages"),
        ("Made public", "published"),
        ("Date of hearing", "never"),
        ("Distributed", "published"),
        ("Date first uploaded", "uploaded"),
        ("Attachment size (KB)", "size"),
        ("Filetype", "format"),
        ("page_count", "pages"),
        ("Catalogue no.", "doc_id"),
        ("Paper thickness", None),
        ("办理时限", None),
        ("Number of recommendations", None),
    ],
)
def test_words_of_a_label(label: str, meaning: str | None) -> None:
    assert known_meaning(label) == meaning


def test_one_language_is_no_pair() -> None:
    assert both_languages("发布日期") is None
    assert both_languages("Date of Issue") is None


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("12-六月-2019", "2019-06-12"),
        ("十一月-2021", "2021-11"),
        ("3/25/16 10:22 AM", "2016-03-25"),
        ("25/3/16 10:22", "2016-03-25"),
        ("4/5/16 9:00 AM", "2016-04-05"),
        ("4/5/98", "1998-05-04"),
        ("3/25/27 10:22 AM", None),
        ("1/2/3", None),
    ],
)
def test_dates_of_other_forms(text: str, iso: str | None) -> None:
    assert day(text, NOW) == iso


def test_a_megabyte_in_chinese() -> None:
    assert size_bytes("1.02兆") == 1069548


def test_a_lecture_is_not_counted() -> None:
    assert page_count("Introducing seaweed: Lecture 3 Slides", labelled=False) is None
    assert page_count("36 slides", labelled=False) == 36
