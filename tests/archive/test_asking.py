"""Records, search, history and as-of, as users ask for them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.archive import Archive
from archive.errors import NotAnArchive, UsageError
from archive.layout import create
from archive.snapshot.selection import ANSWER_FIELDS
from archive.words.folding import PLAIN, fold, folding_pattern, is_ideographic
from archive.words.text_query import parse_text_query
from crawler.reading import read_page
from tests.archive.conftest import WrittenArchive, hour, record


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive opened once, for no test here changes it."""
    written = WrittenArchive(create(tmp_path_factory.mktemp("filled") / "data"))
    written.run(
        "r1",
        record("1", "计生工作总结", at=hour(1), pages=3, format="docx", tags=("长效",),
               preview_text="计划生育\n长效机制。", published_on="2019",
               published_from=date(2019, 1, 1), published_until=date(2019, 12, 31)),
        record("2", "ＰＤＦ Reader ㎏", at=hour(2), pages=30, format="pdf",
               preview_text="Ａ４纸 price", published_on="2020-02",
               published_from=date(2020, 2, 1), published_until=date(2020, 2, 29)),
        record("3", "无日期", at=hour(3), site="wenku", preview_text="长效 計劃"),
        at=hour(3),
    )  # fmt: skip
    with written.open() as opened:
        yield opened


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({}, ["3", "2", "1"]),
        ({"site": "huiwen"}, ["2", "1"]),
        ({"site": ["huiwen", "wenku"]}, ["3", "2", "1"]),
        ({"doc_format": ".PDF"}, ["2"]),
        ({"published_from": "2019-06"}, ["2", "1"]),
        ({"published_from": "2020"}, ["2"]),
        ({"published_to": date(2019, 1, 1)}, ["1"]),
        ({"published_from": "2020-02-29", "published_to": "2020-02-29"}, ["2"]),
        ({"published_from": "2020-03"}, []),
        ({"min_pages": 3, "max_pages": 29}, ["1"]),
        ({"sort": "published"}, ["2", "1", "3"]),
        ({"limit": 2}, ["3", "2"]),
        ({"limit": 0}, ["3", "2", "1"]),
        ({"as_of": hour(2)}, ["2", "1"]),
        ({"as_of": "2026-03-01"}, ["3", "2", "1"]),
        ({"as_of": "2026-02-28"}, []),
        ({"as_published": "r1"}, ["3", "2", "1"]),
        ({"as_published": hour(2)}, []),
        ({"search": "长效", "where": "pages IS NULL"}, ["3"]),
    ],
)
def test_selections(filled: Archive, keywords: dict[str, Any], expected: list[str]) -> None:
    assert [row["doc_id"] for row in filled.records(**keywords)] == expected


@pytest.mark.parametrize(
    "keywords",
    [
        {"colour": "red"},
        {"published_from": "2019-13"},
        {"published_to": "tomorrow"},
        {"min_pages": -1},
        {"max_pages": "3"},
        {"limit": True},
        {"sort": "title"},
        {"sort": "relevance"},
        {"fields": "title,colour"},
        {"as_of": "2026-03-01T00:00"},
        {"as_published": "2026-99-01"},
        {"search": '""'},
        {"search": " "},
        {"where": ""},
        {"site": 3},
    ],
)
def test_a_bad_selection_is_one_sentence(filled: Archive, keywords: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        filled.records(**keywords)
    assert "\n" not in str(caught.value)


def test_a_run_that_never_was(filled: Archive) -> None:
    with pytest.raises(UsageError, match="docarchive runs"):
        filled.records(as_published="r9").to_list()


def test_the_fields_of_a_record(filled: Archive) -> None:
    row = filled.get("huiwen", "1")
    assert row is not None
    assert tuple(row) == ANSWER_FIELDS
    assert (row["tags"], row["warc_file"], row["warc_offset"]) == (["长效"], "warc/huiwen/made.warc.gz", 17)
    assert (row["work_id"], row["published_from"]) == ("huiwen/1", date(2019, 1, 1))
    narrow = filled.records(fields="title, pages", limit=1)
    assert narrow.columns == ("title", "pages")
    assert narrow.to_list() == [{"title": "无日期", "pages": None}]
    assert filled.get("huiwen", "nothing") is None
    assert filled.get_by_url("https://docs.example/2") == filled.get("huiwen", "2")
    assert filled.get_by_url("https://docs.example/9") is None
    assert filled.history("huiwen", "nothing") == []


def test_more_rows_than_a_page(written: WrittenArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.asking.selected.PAGE_ROWS", 3)
    written.run("r1", *(record(str(n), at=hour(n)) for n in range(10)), at=hour(10))
    with written.open() as opened:
        rows = opened.records()
        assert [int(row["doc_id"]) for row in rows] == list(range(9, -1, -1))
        assert (len(opened.records(limit=4)), opened.records(limit=4).total) == (4, 10)
        assert rows.arrow().num_rows == rows.pl().height == 10
        by_sql = opened.query("FROM documents ORDER BY fetched_at DESC")
        assert [row["doc_id"] for row in rows] == [row["doc_id"] for row in by_sql]


def test_history_tells_what_changed(written: WrittenArchive) -> None:
    written.run("r1", record("1", "甲", at=hour(1), pages=3, preview_text="一"), at=hour(1))
    written.run("r2", record("1", "甲", at=hour(2), pages=4, preview_text="二", tags=("x",)), at=hour(2))
    with written.open() as opened:
        first, second = opened.history("huiwen", "1")
    assert (first["version"], first["changes"], first["last_seen"]) == (1, [], hour(1))
    assert second["changes"] == [
        {"field": "pages", "from": 3, "to": 4},
        {"field": "tags", "from": [], "to": ["x"]},
        {"field": "preview_text", "from": "一", "to": "二"},
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("长效", {"1", "3"}),
        ("效", {"1", "3"}),
        ("计生 长效", {"1"}),
        ("长效 -机制", {"3"}),
        ("计划 OR 計劃", {"1", "3"}),
        ("-长效", {"2"}),
        ("pdf", {"2"}),
        ("ｐｄｆ", {"2"}),
        ("READER", {"2"}),
        ("A4", {"2"}),
        ("kg", {"2"}),
        ("㎏", {"2"}),
        ("reader kg OR 无", {"2"}),
        ("。", {"1"}),
        ("机制長", set()),
    ],
)
def test_search(filled: Archive, text: str, expected: set[str]) -> None:
    rows = filled.search(text)
    assert {row["doc_id"] for row in rows} == expected
    assert rows.total == len(expected)


def test_more_occurrences_come_first(written: WrittenArchive) -> None:
    texts = {"1": "词", "2": "词词词", "3": "无"}
    written.run("r1", *(record(n, "题", at=hour(int(n)), preview_text=t) for n, t in texts.items()), at=hour(4))
    written.run("r2", record("4", "词题", at=hour(0)), at=hour(4))
    with written.open() as opened:
        assert [row["doc_id"] for row in opened.search("词")] == ["4", "2", "1"]
        assert [row["doc_id"] for row in opened.search("词", sort="fetched")] == ["2", "1", "4"]


letters = st.text(st.sampled_from("计生长效甲aAｂB1１.,，。 　\n㎏①é…'\\%_[](-)́⽇日ｶﾞ"), max_size=12)


texts_drawn = st.lists(st.tuples(letters, st.lists(letters, max_size=2), letters), min_size=1, max_size=6)


def check_search(texts: list[tuple[str, list[str], str]], data: st.DataObject) -> None:
    """Against the definition: a term is found where its folded form stands in a folded title, tag or text."""
    source = data.draw(st.sampled_from([part for t in texts for part in (t[0], *t[1], t[2]) if part] or ["甲"]))
    start = data.draw(st.integers(0, len(source) - 1))
    term = source[start : start + data.draw(st.integers(1, 4))].replace('"', "").replace("\n", " ")
    query = f'"{term}"'
    with tempfile.TemporaryDirectory() as folder:
        archive = WrittenArchive(create(Path(folder) / "data"))
        records = [
            record(str(n), "x" + title, tags=tuple(tags), preview_text=text or None)
            for n, (title, tags, text) in enumerate(texts)
        ]
        archive.run("r1", *records, at=hour(1))
        with archive.open() as opened:
            if not fold(term).strip():
                with pytest.raises(UsageError):
                    opened.search(query)
                return
            wanted = parse_text_query(query).wanted_terms()[0]
            expected = {
                r.doc_id for r in records if any(wanted in fold(t) for t in (r.title, *r.tags, r.preview_text or ""))
            }
            assert {row["doc_id"] for row in opened.search(query)} == expected
            assert {row["doc_id"] for row in opened.search(f"-{query}")} == {r.doc_id for r in records} - expected


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts_drawn, st.data())
def test_search_is_exact(texts: list[tuple[str, list[str], str]], data: st.DataObject) -> None:
    check_search(texts, data)


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts_drawn, st.data())
def test_search_is_exact_again_and_again(texts: list[tuple[str, list[str], str]], data: st.DataObject) -> None:
    check_search(texts, data)


def test_plain_characters_fold_as_sql_does() -> None:
    """`PLAIN` promises: nothing but ASCII case, width and script changes, wherever the character stands."""
    import re
    import sys
    import unicodedata

    plain = re.compile(f"[{PLAIN}]")
    seconds = set()
    for c in map(chr, range(sys.maxunicode + 1)):
        parts = unicodedata.decomposition(c).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            seconds.add(chr(int(parts[1], 16)))
    for c in map(chr, range(0x10000)):
        if plain.fullmatch(c):
            narrow = chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else " " if c == "\u3000" else c
            simplified = fold(c)
            if simplified != narrow.lower():
                assert is_ideographic(c + simplified), hex(ord(c))
                assert len(simplified) == 1, hex(ord(c))
                assert c in folding_pattern(simplified), hex(ord(c))
            assert c not in seconds, hex(ord(c))


def test_not_an_archive(written: WrittenArchive) -> None:
    with pytest.raises(NotAnArchive, match="docarchive init"):
        Archive.open(written.layout.root / "nothing")


def test_what_is_wrong_in_python_is_told_in_a_sentence(written: WrittenArchive) -> None:
    written.run("r1", record("953365", "甲"), at=hour(1))
    opened = written.open()
    for wrong in (
        lambda: opened.get("huiwen", 953365),  # type: ignore[arg-type]
        lambda: opened.history("huiwen", 953365),  # type: ignore[arg-type]
        lambda: opened.get_by_url(None),  # type: ignore[arg-type]
        lambda: opened.body(None),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError, match=r"^\w+=.+ is no text"):
            wrong()
    rows = opened.records()
    opened.close()
    for late in (opened.records().to_list, opened.runs().to_list, rows.to_list, lambda: opened.query("SELECT 1")):
        with pytest.raises(UsageError, match="the archive is closed; open it again"):
            late()
    with pytest.raises(UsageError, match="reads bytes, not str"):
        read_page("<h1>x</h1>", url="https://docs.example/1", fetched_at=hour(1))  # type: ignore[arg-type]
