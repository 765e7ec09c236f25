"""Answers are the same where what many questions compute is kept, and where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from archive.archive import Archive
from archive.layout import create
from archive.snapshot.standing import make_standing
from tests.archive.conftest import WrittenArchive, hour, record


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, Archive]]:
    written = WrittenArchive(create(tmp_path_factory.mktemp("standing") / "data"))
    same = "一样的正文。"
    written.run(
        "r1",
        record("1", "计生甲", format="pdf", pages=3, tags=("计生", "长效"), published_on="2023", preview_text=same),
        record("2", "计生乙", format="docx", pages=30, preview_text="第一条 全年增加三成。"),
        record("3", "丙", site="register", preview_text=same, flags=("truncated",), published_on="2019-01"),
        at=hour(1),
    )
    written.run("r2", record("2", "计生乙", at=hour(2), format="ppt", preview_text="第一条 减少五成。"), at=hour(2))
    written.run("held", record("4", "没有人看见", at=hour(3)), at=hour(3), events=("held",))
    gone = {"site": "register", "doc_id": "3", "kind": "withdrawn", "at": "2026-03-01T04:00:00.000Z"}
    written.rows("r4", "decisions", [gone])
    works = [
        {"site": site, "doc_id": doc_id, "work_id": "huiwen/1", "kind": "work", "at": "2026-03-01T04:00:00.000Z"}
        for site, doc_id in (("huiwen", "1"), ("register", "3"))
    ]
    written.rows("r5", "works", works)
    written.event("r4", "published", hour(4))
    written.event("r5", "clustered", hour(5), site=None)
    with written.open() as plain, written.open() as standing:
        make_standing(standing.session)
        yield plain, standing


QUESTIONS: dict[str, Callable[[Archive], Any]] = {
    "records": lambda a: a.records().to_list(),
    "the last": lambda a: a.records(limit=1).to_list(),
    "one site": lambda a: a.records(site="huiwen", sort="published").to_list(),
    "a word": lambda a: a.search("计生").to_list(),
    "pages": lambda a: a.records(where="pages > 2 AND list_contains(tags, '计生')").to_list(),
    "a column that is not kept": lambda a: a.records(where="title LIKE '%乙' AND first_seen IS NOT NULL").to_list(),
    "withdrawn": lambda a: a.records(where="withdrawn_at IS NOT NULL").to_list(),
    "withdrawn, shouted": lambda a: a.records(where="WITHDRAWN_AT IS NOT NULL AND Work_Id IS NOT NULL").to_list(),
    "copies, shouted": lambda a: a.records(where="EXACT_COPY_OF IS NULL").to_list(),
    "other documents": lambda a: a.records(where="doc_id IN (SELECT max(doc_id) FROM documents)").to_list(),
    "copies in SQL": lambda a: a.records(where="exact_copy_of IS NOT NULL").to_list(),
    "one of each work": lambda a: a.records(unique=True, limit=5).to_list(),
    "copies of a work": lambda a: a.records(where="work_id = 'huiwen/1'").to_list(),
    "facets of works": lambda a: a.facets(unique=True),
    "then": lambda a: a.records(as_of=hour(1)).to_list(),
    "as published": lambda a: a.records(as_published="r1").to_list(),
    "one document": lambda a: [
        a.get(*key) for key in (("huiwen", "1"), ("huiwen", "2"), ("register", "3"), ("x", "4"))
    ],
    "one then": lambda a: a.get("huiwen", "2", as_of=hour(1)),
    "history": lambda a: a.history("huiwen", "2", text=True),
    "no history": lambda a: a.history("huiwen", "4"),
    "copies": lambda a: [a.copies("huiwen", "1"), a.copies("huiwen", "2")],
    "facets": lambda a: a.facets(),
    "facets of a site": lambda a: a.facets("tag", site="register"),
    "a query": lambda a: a.query("FROM documents ORDER BY ALL").to_list(),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_answers_are_the_same(both: tuple[Archive, Archive], name: str) -> None:
    plain, standing = (QUESTIONS[name](archive) for archive in both)
    assert plain == standing
    assert plain or name == "no history"


def test_copies_are_those_of_now(both: tuple[Archive, Archive]) -> None:
    (copy,) = both[1].copies("huiwen", "1")
    assert (copy["site"], copy["doc_id"]) == ("register", "3")
    assert copy["withdrawn_at"] == hour(4)


def test_works_are_told_of(both: tuple[Archive, Archive]) -> None:
    standing = both[1]
    assert {row["doc_id"] for row in standing.records(where="work_id = 'huiwen/1'")} == {"1", "3"}
    assert len(standing.records(unique=True, limit=5)) == 2
    assert [row["work_id"] for row in standing.history("register", "3")] == ["huiwen/1"]


@pytest.mark.parametrize("asked", QUESTIONS)
def test_answers_are_the_same_where_documents_are_too_many_to_be_named_one_by_one(
    both: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    plain, standing = both
    expected = QUESTIONS[asked](plain)
    monkeypatch.setattr("archive.snapshot.scope.FEW_DOCUMENTS", 0)
    assert QUESTIONS[asked](plain) == expected
    assert QUESTIONS[asked](standing) == expected
