"""Searches that also find what mangled copies have in the place of a word."""

from __future__ import annotations

import pytest

from archive.archive import Archive
from archive.errors import UsageError
from archive.near_duplicates.pairs import seed_pairs
from archive.text_index import catch_up
from archive.words.like_original import like_original
from archive.words.snippet import marked
from archive.words.text_query import parse_text_query
from tests.archive.conftest import WrittenArchive, hour, record

TABLES: dict[str, list[tuple[str, str]]] = {}
for pair in seed_pairs().pairs:
    for table in pair.tables:
        TABLES.setdefault(table, []).append((pair.original, pair.replacement))

TEXTS = {
    "clean": "坚持计划生育基本国策，提高服务水平，规范管理。计划生育工作的方案。",
    "mangled": "坚持方案生育根本国策，提高效劳水平，标准管理。",
    "mangled, its title is not": "计划生育工作总结。坚持方案生育根本国策，提高效劳水平，标准管理。",
    "clean, with the other word": "本方案由各部门制定，按计划落实，服务群众，基本到位；实施方案如下。",
    "no word of any table": "今天天气很好。",
}
RECORDS = [record(str(n), "-", preview_text=text, at=hour(n)) for n, text in enumerate(TEXTS.values())]
NAMES = list(TEXTS)


@pytest.fixture(params=["index", "tail", "both", "tables"])
def opened(request: pytest.FixtureRequest, written: WrittenArchive, never_brought: None) -> Archive:
    written.run("r0", *RECORDS[:3], at=hour(5))
    if request.param in ("index", "both"):
        catch_up(written.layout)
    written.run("r1", *RECORDS[3:], at=hour(6))
    if request.param == "index":
        catch_up(written.layout)
    return written.open()


def found(opened: Archive, text: str, **keywords: object) -> set[str]:
    rows = opened.search(text, like_original=True, **keywords)
    assert rows.total == len(rows.to_list())
    names = {NAMES[int(row["doc_id"])] for row in rows}
    facets = opened.facets("site", search=text, like_original=True, **keywords)
    assert sum(count for _, count in facets["site"]) == len(names)
    return names


MANGLED = {"mangled", "mangled, its title is not"}


QUESTIONS = {
    "计划生育": {"clean", *MANGLED},
    "計劃生育": {"clean", *MANGLED},
    "计划 服务": {"clean", "clean, with the other word", *MANGLED},
    '"提高服务水平，规范管理"': {"clean", *MANGLED},
    "计划生育 OR 天气": {"clean", "no word of any table", *MANGLED},
    "-计划生育": {"clean, with the other word", "no word of any table"},
    "方案生育": MANGLED,
    "今天": {"no word of any table"},
}


def test_what_stands_for_a_word_is_found(opened: Archive) -> None:
    with opened:
        for text, names in QUESTIONS.items():
            assert found(opened, text) == names, text
        for text in ("计划生育", "-计划生育"):
            assert found(opened, text, exact=True) == QUESTIONS[text]
            assert found(opened, text, as_of="2030-01-01") == QUESTIONS[text]
        assert found(opened, "計劃生育", exact=True) == set()


def test_without_it_nothing_changes(written: WrittenArchive) -> None:
    written.run("r0", *RECORDS, at=hour(5))
    with written.open() as opened:
        assert {NAMES[int(row["doc_id"])] for row in opened.search("计划生育")} == {"clean", NAMES[2]}
        with pytest.raises(UsageError, match="like_original needs words"):
            opened.records(like_original=True)


def test_hits_are_marked_where_they_stand_for_the_word() -> None:
    query = like_original(parse_text_query("计划"), TABLES)
    assert [p.text for p in marked(TEXTS["mangled"], query) if p.hit] == ["方案"]
    assert [p.text for p in marked(TEXTS["clean, with the other word"], query) if p.hit] == ["计划"]


def test_variants_are_bounded() -> None:
    long = "".join(original for pairs in TABLES.values() for original, _ in pairs)
    query = like_original(parse_text_query(f"{long} 计划生育"), TABLES)
    assert [len(group) < 50 for group in query.groups] == [True, True]
    assert "方案生育" in [term.text for term in query.groups[1]]
