"""What is told of changes: everything once, in the order of the ledger, held against the history itself."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.archive import Archive
from archive.clock import instant_text
from archive.errors import UsageError
from archive.layout import create
from archive.maintenance.maintain import maintain
from archive.over_time.changes import CAUSES, CHANGE_FIELDS
from archive.over_time.cursor import Cursor
from archive.record import content_digest
from archive.snapshot.replay import CHANGED, Fact, Step, replay
from tests.archive.conftest import WrittenArchive, hour, record
from tests.archive.test_views import expected_history, runs_drawn, write_drawn
from tests.maintenance.conftest import Years

SLOW = [HealthCheck.too_slow]


def told(archive: WrittenArchive, **keywords: Any) -> list[tuple[Any, ...]]:
    with archive.open() as opened:
        rows = opened.changes(**keywords).to_list()
    return [(row["event"], row["doc_id"], row["version"], row["title"]) for row in rows]


def test_what_happened_is_told_in_order(written: WrittenArchive) -> None:
    written.run("r1", record("1", "甲", at=hour(1), pages=3), record("2", "乙", at=hour(1)), at=hour(1))
    written.run("r2", record("1", "甲二", at=hour(2), pages=4), at=hour(2))
    with written.open() as opened:
        rows = opened.changes().to_list()
    assert [(row["event"], row["doc_id"], row["run_id"]) for row in rows] == [
        ("added", "1", "r1"),
        ("added", "2", "r1"),
        ("changed", "1", "r2"),
    ]
    assert tuple(rows[2]) == CHANGE_FIELDS
    assert rows[2] | {"published_at": None} == {
        "event": "changed", "site": "huiwen", "doc_id": "1", "version": 2, "at": hour(2), "published_at": None,
        "run_id": "r2", "cause": "site", "title": "甲二", "url": "https://docs.example/1", "reason": None,
        "is_newest": True,
        "changes": [{"field": "title", "from": "甲", "to": "甲二"}, {"field": "pages", "from": 3, "to": 4}],
    }  # fmt: skip


def test_a_run_accepted_late_is_told_when_it_became_visible(written: WrittenArchive) -> None:
    written.run("r1", record("1", "甲", at=hour(1)), at=hour(1))
    written.event("r2", "held", hour(2))
    written.run("r3", record("1", "乙", at=hour(3)), at=hour(3))
    with written.open() as opened:
        before = opened.changes()
        assert [row["title"] for row in before] == ["甲", "乙"]
        cursor = before.cursor
    written.run("r2", record("1", "乱", at=hour(2)), record("9", at=hour(2)), at=hour(4), events=("accepted",))
    with written.open() as opened:
        late = opened.changes(cursor)
        first, second = late
        assert (first["title"], first["version"], first["is_newest"], first["run_id"]) == ("乱", 2, False, "r2")
        assert first["changes"] == [{"field": "title", "from": "甲", "to": "乱"}]
        assert second["event"] == "added"
        assert opened.changes(late.cursor).to_list() == []
        assert [row["title"] for row in opened.changes()] == ["甲", "乙", "乱", "文档9"]


def test_withdrawn_and_returned(written: WrittenArchive) -> None:
    def decide(run_id: str, kind: str, at: float, *seen: Any) -> None:
        decision = {
            "site": "huiwen", "doc_id": "1", "kind": kind, "value": "", "reason": f"{kind} 410",
            "at": instant_text(hour(at)), "evidence": None,
        }  # fmt: skip
        written.rows(run_id, "decisions", [decision])
        written.run(run_id, *seen, at=hour(at))

    written.run("r1", record("1", "甲", at=hour(1)), at=hour(1))
    decide("r2", "withdrawn", 2)
    decide("r3", "withdrawn", 3)
    decide("r4", "returned", 4, record("1", "乙", at=hour(4)))
    with written.open() as opened:
        rows = opened.changes().to_list()
    assert [(row["event"], row["run_id"], row["at"], row["version"]) for row in rows] == [
        ("added", "r1", hour(1), 1),
        ("withdrawn", "r2", hour(2), 1),
        ("returned", "r4", hour(4), 2),
        ("changed", "r4", hour(4), 2),
    ]
    assert (rows[1]["reason"], rows[1]["title"]) == ("withdrawn 410", "甲")


def test_what_only_a_reader_changed_is_told_where_it_is_asked_for(written: WrittenArchive) -> None:
    written.run("r1", record("1", "甲VIP", at=hour(1)), at=hour(1))
    better = record("1", "甲", at=hour(1), reader="general/2")
    written.rows("r2", "versions", [])
    written.run("r2", better, record("2", at=hour(1)), at=hour(2), events=())
    written.event("r2", "reread", hour(2), options='{"reread": true}')
    written.event("r2", "published", hour(2), options='{"reread": true}')
    by_newest = record("1", "甲!", at=hour(3), reader="general/3")
    written.run("r3", by_newest, at=hour(3), previous={"1": content_digest(by_newest)})
    written.run("r4", record("1", "丙", at=hour(4), reader="import/1"), at=hour(4), events=("import", "published"))
    assert [row[::3] for row in told(written)] == [
        ("added", "甲VIP"),
        ("added", "文档2"),
        ("changed", "丙"),
    ]
    assert [row[::3] for row in told(written, cause="reader")] == [
        ("changed", "甲"),
        ("added", "文档2"),
        ("changed", "甲!"),
    ]
    assert [row[3] for row in told(written, cause=["import"])] == ["丙"]
    assert len(told(written, cause=CAUSES)) == 5
    with written.open() as opened, pytest.raises(UsageError, match="cause"):
        opened.changes(cause="magic")


def test_only_of_documents_that_match_now(written: WrittenArchive) -> None:
    written.run("r1", record("1", "计生", at=hour(1)), record("2", "别的", at=hour(1), pages=9), at=hour(1))
    written.run("r2", record("1", "别的", at=hour(2)), record("2", "计生", at=hour(2), pages=9), at=hour(2))
    assert told(written, search="计生") == [("added", "2", 1, "别的"), ("changed", "2", 2, "计生")]
    assert told(written, where="pages > 3", since="r1") == [("changed", "2", 2, "计生")]
    assert told(written, search="计生", as_published="r1") == [("added", "1", 1, "计生")]
    assert told(written, site="elsewhere") == []
    assert len(told(written, site="huiwen")) == 4
    with written.open() as opened:
        (row,) = opened.changes("r1", min_pages=3, fields="doc_id,pages,tags")
        assert row == {"doc_id": "2", "pages": 9, "tags": []}
        for wrong in ({"as_of": "2026-03-01"}, {"sort": "fetched"}, {"fields": "nothing"}, {"where": "1) OR (1"}):
            with pytest.raises(UsageError):
                opened.changes(**wrong)  # type: ignore[arg-type]


def test_since_names_a_place(written: WrittenArchive) -> None:
    for number in range(4):
        written.run(f"r{number}", record(str(number), at=hour(24 * number)), at=hour(24 * number))
    written.event("r9", "held", hour(99))
    day = date(2026, 3, 2)
    with written.open() as opened:
        for since, expected in (
            (None, "0123"),
            ("r1", "23"),
            ("r9", ""),
            ("2026-03-02", "123"),
            (day, "123"),
            (datetime(2026, 3, 2, tzinfo=UTC), "123"),
            ("2026-03-02T00:00:00.001Z", "23"),
            ("1999-01-01", "0123"),
        ):
            assert "".join(row["doc_id"] for row in opened.changes(since)) == expected, since
        cursor = opened.changes().cursor
        assert Cursor.parse(str(cursor)) == cursor
        assert opened.changes(str(cursor)).cursor == cursor
        for wrong in (
            "r7",
            f"{cursor.run_seq}-{'0' * 16}",
            f"999-{cursor.digest}",
            "2026-13-01",
            "",
            f"0-{cursor.digest}",
        ):
            with pytest.raises(UsageError):
                opened.changes(wrong)


def test_a_cursor_of_another_archive_is_refused(written: WrittenArchive, tmp_path: Path) -> None:
    other = WrittenArchive(create(tmp_path / "other"))
    for archive, title in ((written, "甲"), (other, "乙")):
        archive.run("r1", record("1", title, at=hour(1)), at=hour(1 if archive is written else 2))
    with written.open() as opened:
        cursor = opened.changes().cursor
    with other.open() as opened, pytest.raises(UsageError, match="ledger"):
        opened.changes(cursor)


def test_an_empty_archive_has_no_changes(written: WrittenArchive) -> None:
    with written.open() as opened:
        rows = opened.changes()
        assert (rows.to_list(), len(rows), rows.arrow().num_rows) == ([], 0, 0)
        assert str(rows.cursor) == f"0-{'0' * 16}"
        assert opened.changes(rows.cursor).to_list() == []


def test_arrow_has_every_value(written: WrittenArchive) -> None:
    written.run("r1", record("1", other_labels={"作者": ("李",)}, tags=("a",), at=hour(1)), at=hour(1))
    written.run("r2", record("1", tags=("b",), at=hour(2)), at=hour(2))
    with written.open() as opened:
        table = opened.changes(fields="event,changes,other_labels,tags,published_from").arrow()
    assert table.schema.field("changes").type == pa.string()
    assert table.column("changes")[1].as_py() == (
        '[{"field":"tags","from":["a"],"to":["b"]},{"field":"other_labels","from":{"作者":["李"]},"to":{}}]'
    )


def pages(opened: Archive, sizes: Sequence[int], **keywords: Any) -> list[dict[str, Any]]:
    """Return all changes, asked for a few at a time."""
    found: list[dict[str, Any]] = []
    cursor = None
    for size in cycle(sizes):
        page = opened.changes(cursor, limit=size, **keywords)
        rows = page.to_list()
        cursor = page.cursor
        if not rows:
            return found
        found += rows
    return found


def test_a_row_of_the_ledger_may_be_told_in_parts(written: WrittenArchive) -> None:
    written.run("r0", record("0", at=hour(0)), at=hour(0))
    written.run("r1", *(record(str(n), at=hour(1)) for n in range(1, 7)), at=hour(1))
    written.run("r2", record("0", "新", at=hour(2)), at=hour(2))
    with written.open() as opened:
        whole = opened.changes().to_list()
        assert [row["doc_id"] for row in whole] == list("01234560")
        for size in (2, 3):
            assert pages(opened, [size]) == whole
        matching = opened.changes(where="doc_id > '3'").to_list()
        assert pages(opened, [1], where="doc_id > '3'") == matching
        assert opened.changes(limit=3).cursor.told == 2
        assert opened.changes(limit=3).total == 8


@settings(max_examples=5, deadline=None, suppress_health_check=SLOW)
@given(runs_drawn, st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_changes_agree_with_the_history(drawn: list[dict[str, Any]], sizes: list[int]) -> None:
    """Of any runs: what each made visible is told with it, once, and what was told last is what readers see."""
    with tempfile.TemporaryDirectory() as folder:
        archive = WrittenArchive(create(Path(folder) / "data"))
        write_drawn(archive, drawn)
        with archive.open() as opened:
            rows = opened.changes(cause=CAUSES).to_list()
            assert pages(opened, sizes, cause=CAUSES) == rows
            assert opened.changes().to_list() == [r for r in rows if r["event"] == "added" or r["cause"] != "reader"]
            newest = {row["doc_id"]: row["title"] for row in rows if row["is_newest"]}
            assert newest == {row["doc_id"]: row["title"] for row in opened.records()}
            for row in opened.query("FROM versions WHERE version > 1"):
                assert any(r["doc_id"] == row["doc_id"] and r["title"] == row["title"] for r in rows)
    assert Counter(r["doc_id"] for r in rows if r["event"] == "added") == Counter(newest.keys())
    by_run = {f"r{number}": [r for r in rows if r["run_id"] == f"r{number}"] for number in range(len(drawn))}
    assert sum(map(len, by_run.values())) == len(rows)
    for number in range(len(drawn)):
        before, after = (expected_history(drawn, runs=runs) for runs in (number, number + 1))
        for doc_id in "12":
            was = [title for title, *_ in before.get(doc_id, ())]
            now = [title for title, *_ in after.get(doc_id, ())]
            steps = [r for r in by_run[f"r{number}"] if r["doc_id"] == doc_id]
            assert [r["title"] for r in steps] == [now[r["version"] - 1] for r in steps]
            assert len({r["version"] for r in steps}) == len(steps)
            assert bool(steps) == (bool(now) and not_only_shorter(was, now))
            assert all((Counter(now) - Counter(was))[t] <= Counter(r["title"] for r in steps)[t] for t in now)


def not_only_shorter(was: list[str], now: list[str]) -> bool:
    """Whether *now* is more than *was* with versions taken away that are not the newest."""
    rest = iter(was)
    return not all(title in rest for title in now) or was[-1:] != now[-1:]


@settings(max_examples=3, deadline=None, suppress_health_check=SLOW)
@given(st.lists(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from("甲乙")), max_size=3), max_size=5))
def test_runs_in_the_order_of_time_tell_the_history_itself(drawn: list[list[tuple[str, str]]]) -> None:
    """The sum of what is told is the history: every version, with its cause and what changed."""
    with tempfile.TemporaryDirectory() as folder:
        archive = WrittenArchive(create(Path(folder) / "data"))
        for number, run in enumerate(drawn):
            seen = {doc_id: record(doc_id, title, at=hour(number), pages=number % 2) for doc_id, title in run}
            archive.run(f"r{number}", *seen.values(), at=hour(number))
        with archive.open() as opened:
            rows = opened.changes().to_list()
            for doc_id in "12":
                of_document = [r for r in rows if r["doc_id"] == doc_id]
                versions = opened.history("huiwen", doc_id)
                assert [(r["version"], r["title"], r["cause"], r["changes"], r["at"]) for r in of_document] == [
                    (v["version"], v["title"], v["cause"], v["changes"], v["first_seen"]) for v in versions
                ]


def test_maintenance_and_a_new_name_change_nothing_that_was_told(tmp_path: Path) -> None:
    years = Years(create(tmp_path / "data"))
    for number in range(5):
        years.day(number)
    with Archive.open(years.layout.root) as opened:
        before = opened.changes()
        rows, cursor, part = before.to_list(), before.cursor, opened.changes(limit=5).cursor
    assert {row["event"] for row in rows} == {"added", "changed"}
    maintain(years.layout, years.clock)
    (years.layout.root / "names.json").write_text('{"docs": "papers"}', encoding="utf-8")
    with Archive.open(years.layout.root) as opened:
        assert opened.changes(cursor).to_list() == []
        renamed = [row | {"site": row["site"].replace("docs", "papers")} for row in rows]
        assert opened.changes().to_list() == renamed
        assert opened.changes(part).to_list() == renamed[5:]
        assert opened.changes(site="docs").to_list() == [row for row in renamed if row["site"] == "papers"]


# The history of one document

START = datetime(2026, 3, 1, tzinfo=UTC)
facts_drawn = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 6), st.sampled_from(["a", "b", "c", "withdrawn", "returned"])),
    max_size=12,
)


def fact(seq: int, at: int, what: str) -> Fact:
    instant = START + timedelta(hours=at)
    return Fact(seq, instant, what) if len(what) == 1 else Fact(seq, instant, None, what)


@settings(max_examples=200, deadline=None)
@given(facts_drawn, st.integers(0, 4))
def test_a_reader_of_steps_knows_what_the_document_is(drawn: list[tuple[int, int, str]], since: int) -> None:
    facts = [fact(*one) for one in sorted(drawn, key=lambda one: one[0])]
    steps = list(replay(facts))
    assert list(replay(facts, since)) == [step for step in steps if step.visible_seq > since]
    readings: dict[datetime, tuple[int, str]] = {}
    for one in facts:
        if one.content is not None:
            readings[one.at] = max(readings.get(one.at, (0, "")), (one.visible_seq, one.content))
    newest = [step.version.content for step in steps if step.is_newest]
    assert newest[-1:] == [content for _, (_, content) in sorted(readings.items())][-1:]
    assert is_gone(steps) == (bool(readings) and is_withdrawn(facts, max(readings)))


def is_gone(steps: list[Step]) -> bool:
    gone = [step.kind == "withdrawn" for step in steps if step.kind in ("withdrawn", "returned")]
    assert gone == [number % 2 == 0 for number in range(len(gone))], "by turns"
    return gone[-1:] == [True]


def is_withdrawn(facts: list[Fact], last_seen: datetime) -> bool:
    back = max([one.at for one in facts if one.decision == "returned"] + [last_seen])
    return any(one.decision == "withdrawn" and one.at > back for one in facts)


def test_a_version_that_is_taken_back_is_told() -> None:
    """The reader took the second page's title wrongly: the newest version is the first again."""
    steps = list(replay([fact(1, 1, "a"), fact(2, 2, "b"), fact(3, 2, "a")]))
    assert [(step.kind, step.number, step.version.content) for step in steps[1:]] == [
        (CHANGED, 2, "b"),
        (CHANGED, 1, "a"),
    ]
    assert steps[-1].before is not None
    assert steps[-1].before.content == "b"


def test_a_long_history_that_is_rewritten_takes_no_long_time() -> None:
    facts = [fact(1, at, "ab"[at % 2]) for at in range(3000)] + [fact(2, at, "cd"[at % 2]) for at in range(3000)]
    steps = list(replay(facts))
    assert len(steps) == 6000
