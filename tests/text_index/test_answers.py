"""The index answers as the tables do: rows, orders, counts, whatever has happened to the archive."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from archive import exclusion
from archive.asking.selected import SelectedDocuments
from archive.clock import SystemClock
from archive.layout import create
from archive.maintenance.maintain import maintain
from archive.snapshot.selection import selection
from archive.text_index import AskedTexts, catch_up, rebuild
from archive.text_index.standings import FILE
from archive.verifying.verify_text_index import check_text_index
from tests.archive.conftest import WrittenArchive, hour, record

DAYS = [None, date(2019, 1, 1), date(2019, 3, 12), date(2020, 2, 29)]


def _values(number: int) -> dict[str, Any]:
    first = DAYS[number % 4]
    until = first if number % 3 else DAYS[-1]
    return {
        "tags": ("长效", f"标签{number % 3}") if number % 2 else (),
        "preview_text": "計劃生育 " + "长效" * (number % 5) + f"第{number % 7}条",
        "format": ("docx", "pdf", None)[number % 3],
        "pages": number % 11 or None,
        "published_from": first,
        "published_until": until if first else (DAYS[1] if number == 8 else None),
        "other_labels": {"来源": ("甲", "乙")} if number % 4 == 1 else {},
        "provenance": {"title": "h1"},
    }


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> WrittenArchive:
    """Versions, a content that came back, copies, equal instants, a withdrawal and a return, of two sites."""
    written = WrittenArchive(create(tmp_path_factory.mktemp("lived") / "data"))
    for site in ("huiwen", "wenku"):
        records = [record(str(n), f"题{n}", site=site, at=hour(n // 4), **_values(n)) for n in range(24)]
        written.run(f"a-{site}", *records, at=hour(10))
    again = [record(str(n), f"新题{n}", at=hour(20), **_values(n + 1)) for n in range(0, 12, 2)]
    written.rows("b", "decisions", [_decision("3", "withdrawn", 21), _decision("4", "withdrawn", 21)])
    written.run("b", *again, at=hour(20))
    written.rows("c", "decisions", [_decision("4", "returned", 22)])
    written.run("c", record("4", "回来", at=hour(22), **_values(4)), at=hour(22))
    return written


@pytest.fixture
def history(lived: WrittenArchive, tmp_path: Path) -> WrittenArchive:
    """Return a copy of it."""
    return lived.copied(tmp_path / "data")


def _decision(doc_id: str, kind: str, at: float) -> dict[str, Any]:
    return {"site": "huiwen", "doc_id": doc_id, "kind": kind, "value": None, "reason": "404",
            "at": hour(at).isoformat(), "evidence": None}  # fmt: skip


QUESTIONS: list[dict[str, Any]] = [
    {"search": "长效"},
    {"search": "長效 -标签1", "sort": "fetched"},
    {"search": "计划", "sort": "published", "limit": 9},
    {"search": "计划", "sort": "published", "limit": 0},
    {"search": "生育 OR 回来", "sort": "fetched", "limit": 13},
    {"search": "计划", "site": "wenku", "doc_format": ["pdf", "docx"], "min_pages": 2, "max_pages": 8},
    {"search": "第3条", "published_from": "2019-02", "published_to": "2019-12", "sort": "published"},
    {"search": "計劃", "exact": True, "sort": "fetched", "limit": 7},
    {"search": "计划", "exact": True},
    {"search": "计划", "where": "withdrawn_at IS NOT NULL OR pages > 9", "sort": "fetched"},
    {"search": "计划", "where": "exact_copy_of IS NOT NULL", "sort": "fetched"},
    {"search": "-长效", "sort": "published"},
    {"sort": "published", "limit": 11},
    {"site": "wenku", "limit": 5},
]


def _tables(archive: WrittenArchive) -> list[pa.Table]:
    with archive.open() as opened:
        found = []
        for question in QUESTIONS:
            rows = opened.records(**{"limit": 40, **question})
            found.append((len(rows), rows.total, rows.arrow()))
        found += [opened.get("huiwen", n) for n in ("3", "4", "8", "none")]
        return found


def _by_scan(archive: WrittenArchive, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    with monkeypatch.context() as patch:
        patch.setattr(AskedTexts, "answer", lambda *_: None)
        return _tables(archive)


def _assert_same(found: list[Any], expected: list[Any]) -> None:
    for question, one, other in zip([*QUESTIONS, *"get"], found, expected, strict=False):
        if isinstance(one, tuple) and question.get("sort") is None and "search" in question:
            one, other = ((*each[:2], each[2].sort_by([("site", "ascending"), ("doc_id", "ascending")]))
                          for each in (one, other))  # fmt: skip
        if isinstance(one, tuple):
            assert one[:2] == other[:2], question
            assert one[2].schema == other[2].schema, question
            assert one[2].to_pylist() == other[2].to_pylist(), question
        else:
            assert one == other
    assert found[-4:] == expected[-4:]


def test_rows_and_orders_are_those_of_the_tables(
    history: WrittenArchive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = _by_scan(history, monkeypatch)
    catch_up(history.layout)
    _assert_same(_tables(history), expected)
    with history.open() as opened:  # whole pages come without a view
        monkeypatch.setattr("archive.asking.selected.Scope", None)
        assert len(opened.search("长效", limit=10)) == 10
        assert opened.get("huiwen", "3") is not None
        monkeypatch.undo()
    next(history.layout.text_index.glob(f"*/{FILE}")).unlink()
    _assert_same(_tables(history), expected)
    rebuild(history.layout)
    _assert_same(_tables(history), expected)
    assert caplog.messages == []


FEW: list[dict[str, Any]] = [
    {"search": "计划", "limit": 50},
    {"search": "题 OR 回来 -标签1", "limit": 0, "sort": "fetched"},
]


def _few(archive: WrittenArchive) -> list[Any]:
    with archive.open() as opened:
        found: list[Any] = []
        for question in FEW:
            rows = opened.records(fields="site,doc_id,title,last_seen,version,withdrawn_at", **question)
            found.append((rows.total, sorted(rows.to_list(), key=lambda row: (row["site"], row["doc_id"]))))
        return found


@pytest.mark.usefixtures("never_brought")
def test_whatever_a_run_brings(
    history: WrittenArchive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Looked through at first, then brought in: a late run, a takedown, compaction, a renamed site, tables put back."""

    def check() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(AskedTexts, "answer", lambda *_: None)
            expected = _few(history)
        assert _few(history) == expected
        catch_up(history.layout)
        assert _few(history) == expected

    check()
    assert caplog.messages == []
    history.run("old", record("5", "旧题", at=hour(4), **_values(6)), record("x", "新来", at=hour(4), **_values(1)),
                at=hour(30), events=("held", "accepted"))  # fmt: skip
    check()
    history.run("seen", *(record(str(n), f"题{n}", at=hour(31), **_values(n)) for n in range(13, 19)),
                at=hour(31), without_versions=tuple(map(str, range(13, 19))))  # fmt: skip
    history.event("b", "takedown", hour(32))
    check()
    history.event("x-held", "held", hour(33))
    check()
    with monkeypatch.context() as patch:
        patch.setattr("archive.maintenance.maintain.DUE_FILES", 1)
        patch.setattr("archive.maintenance.compaction.FEWEST", 1)
        maintain(history.layout, SystemClock())
    assert caplog.messages == []
    (history.layout.root / "names.json").write_text(json.dumps({"wenku": "huiwen"}))
    check()
    assert any("before a site was renamed" in message for message in caplog.messages)


def test_another_archive_of_the_same_length_is_noticed(
    history: WrittenArchive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    catch_up(history.layout)
    copy = tmp_path / "copy"
    shutil.copytree(history.layout.text_index, copy)
    history.run("late", record("9", "只在这里", at=hour(40)), at=hour(40))
    shutil.rmtree(history.layout.root / "tables")
    other = WrittenArchive(history.layout)
    for n in range(9):
        other.run(f"r{n}", record("1", "别的", at=hour(n)), at=hour(n))
    with history.open() as opened:
        assert opened.search("别的").total == 1
        assert opened.search("长效").total == 0
    assert any("other tables" in message for message in caplog.messages)


@pytest.mark.parametrize("damage", ["cut", "empty", "gone", "no_meta", "no_pointer", "nonsense", "no_folder"])
def test_damage_is_told_in_a_sentence_and_mended(
    history: WrittenArchive, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    catch_up(history.layout)
    folder = next(path for path in history.layout.text_index.iterdir() if path.is_dir())
    store = next(folder.glob("*.term"))
    pointer = history.layout.text_index / "current.json"
    {
        "cut": lambda: store.write_bytes(store.read_bytes()[:-9]),
        "empty": lambda: store.write_bytes(b""),
        "gone": store.unlink,
        "no_meta": (folder / "meta.json").unlink,
        "no_pointer": pointer.unlink,
        "nonsense": lambda: pointer.write_bytes(b"[1"),
        "no_folder": lambda: shutil.rmtree(folder),
    }[damage]()
    with history.open() as opened:
        assert opened.search("长效 回来").total == 1
        assert opened.search("长效 回来", limit=3).to_list()[0]["title"] == "回来"
    assert len(caplog.messages) == (0 if damage == "no_pointer" else 1)
    assert all("\n" not in message for message in caplog.messages)
    assert catch_up(history.layout) == 0  # the search made it again


def test_an_index_that_may_not_be_written_is_asked_all_the_same(
    history: WrittenArchive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody else holds the lock: the same as a folder that may not be written."""
    catch_up(history.layout)
    history.run("late", record("99", "晚来的长效", at=hour(40)), at=hour(40))
    with exclusion.indexing(history.layout), history.open() as opened:
        assert opened.search("晚来").total == 1
        assert [row["doc_id"] for row in opened.search("晚来的长效 OR 回来", limit=1)] in (["99"], ["4"])
    assert caplog.messages == []


def test_a_folder_that_is_mounted_read_only(
    history: WrittenArchive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Opening takes a lock: in a folder beside, which is gone afterwards."""
    catch_up(history.layout)
    folder = next(path for path in history.layout.text_index.iterdir() if path.is_dir())
    for lock in folder.glob(".*.lock"):
        lock.unlink()
    monkeypatch.setattr("os.access", lambda *_: False)
    with history.open() as opened:
        assert opened._session.texts is not None
        monkeypatch.setattr("archive.asking.selected.Scope", None)  # the tables are not asked
        assert [row["title"] for row in opened.search("回来", limit=3)] == ["回来"]
    assert not list(folder.glob(".*.lock"))
    assert caplog.messages == []


def test_an_opened_archive_stays_as_it_was(history: WrittenArchive) -> None:
    """What is published and indexed later is seen by opening again, even where the index was made anew meanwhile."""
    catch_up(history.layout)
    with history.open() as opened, history.open() as never_asked:
        assert opened.search("回来").total == 1
        history.run("late", record("99", "晚来回来", at=hour(40)), at=hour(40))
        catch_up(history.layout)
        rebuild(history.layout)
        for each in (opened, never_asked):
            assert len(each.search("回来", limit=5).to_list()) == each.search("回来").total == 1
    with history.open() as anew:
        assert anew.search("回来").total == 2


def test_newer_documents_are_weighed_like_those_of_the_index(
    written: WrittenArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of a document that the index knows stands beside it in the order by relevance."""
    monkeypatch.setattr("archive.text_index.asking.AT_ONCE", -1)
    texts = [("词题", "甲" * 50 + "词" * n + "长效机制" * (n % 3)) for n in range(1, 30)]
    written.run("r1", *(record(str(n), t, preview_text=p, at=hour(n)) for n, (t, p) in enumerate(texts)), at=hour(40))
    catch_up(written.layout)
    copies = [record(f"copy{n}", t, preview_text=p, at=hour(n + 0.5)) for n, (t, p) in enumerate(texts)]
    written.run("r2", *copies, at=hour(41))
    with written.open() as opened:
        for words in ("词", "词题 长效机制", "长效 OR 词"):
            order = [row["doc_id"] for row in opened.search(words, fields="doc_id")]
            assert len(order) == opened.search(words).total
            assert order[1::2] == [name.removeprefix("copy") for name in order[::2]]


def test_documents_are_counted_by_what_they_have(history: WrittenArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the index and beside it, a document once for each of its values."""
    monkeypatch.setattr("archive.text_index.asking.AT_ONCE", -1)
    catch_up(history.layout)
    late = record("99", "新来", tags=("长效", "长效", "新"), published_on="2021-03", flags=("truncated",), at=hour(40))
    history.run("late", late, at=hour(40))
    columns = {"site": "[site]", "format": "[format]", "year": "[published_on[:4]]", "tag": "tags", "flag": "flags"}
    with history.open() as opened:
        for words, exact in (("长效", False), ("題 OR 新来", False), ("計劃", True)):
            chosen = selection(search=words, exact=exact)
            found = {row["work_id"] for row in opened.search(words, exact=exact, fields="work_id")}
            for name, values in columns.items():
                rows = opened.query(
                    f"SELECT value, count(*) AS n FROM (SELECT unnest(list_distinct({values})) AS value FROM documents "
                    "WHERE list_contains($found, work_id)) WHERE value IS NOT NULL GROUP BY value",
                    {"found": sorted(found)},
                )
                counted = SelectedDocuments(opened._session, chosen).counts(name)
                assert counted == {row["value"]: row["n"] for row in rows}, (words, name)


@pytest.mark.parametrize("name", ["*.pos", "*.store", "standings.sqlite"])
def test_verify_finds_a_byte_that_is_another(history: WrittenArchive, name: str) -> None:
    catch_up(history.layout)
    assert list(check_text_index(history.layout, quick=False)) == []
    path = next(history.layout.text_index.glob(f"*/{name}"))
    with path.open("r+b") as file:  # in its place: cut first, a file that is still mapped kills who looks at it
        at = path.stat().st_size // 3 if name[0] == "*" else 100
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 0x55]))
    found = list(check_text_index(history.layout, quick=False))
    assert [finding.command for finding in found] == ["docarchive rebuild text"]
    rebuild(history.layout)
    assert list(check_text_index(history.layout, quick=False)) == []


def test_an_index_of_another_making_is_no_damage(history: WrittenArchive) -> None:
    """After an upgrade, or a site's new name, nothing is lost: `verify` ends with 0, the next search makes it again."""
    catch_up(history.layout)
    (history.layout.root / "names.json").write_text(json.dumps({"wenku": "huiwen"}))
    found = list(check_text_index(history.layout, quick=False))
    assert [(f.severity, "site was renamed" in f.problem) for f in found] == [("note", True)]
