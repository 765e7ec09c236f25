"""What further runs touched is found in their own files, and is the same as all tables say."""

from __future__ import annotations

from typing import Any

import pytest

from archive.clock import SystemClock
from archive.maintenance import maintain
from archive.near_duplicates.catching_up import catch_up as look_for_copies
from archive.published import tables
from archive.snapshot.duckdb_session import Session, arrow
from archive.snapshot.touched import Touched, touched
from archive.text_index import catch_up
from tests.archive.conftest import WrittenArchive, hour, record


@pytest.fixture
def three_runs(written: WrittenArchive) -> WrittenArchive:
    written.run("20200101T000000Z-a", *(record(str(n), preview_text=f"旧文{n}") for n in range(6)), at=hour(1))
    later = [record(str(n), preview_text=f"新来{n}", at=hour(3)) for n in (0, 7)]
    written.run("20200101T000000Z-b", *later, record("1", preview_text="旧文1", at=hour(3)), at=hour(4))
    written.run("20200101T000000Z-c", record("8", preview_text="新来8", at=hour(5)), at=hour(6), events=("held",))
    return written


def _touched(archive: WrittenArchive, run_seq: int) -> Touched:
    session = Session(tables.snapshot(archive.layout))
    try:
        return touched(session, run_seq)
    finally:
        session.close()


def _by_scan(archive: WrittenArchive, run_seq: int) -> list[tuple[Any, ...]]:
    session = Session(tables.snapshot(archive.layout))
    try:
        runs = f"SELECT run_id FROM ledger_rows WHERE run_seq > {run_seq} AND event IN ('published', 'accepted')"
        every = " UNION ".join(
            f"SELECT site, doc_id FROM raw_{name} WHERE run_id IN ({runs})"
            for name in ("sightings", "versions", "decisions")
        )
        found = arrow(session.connection, f"{every} ORDER BY ALL")
        return list(zip(*(found.column(n).to_pylist() for n in range(2)), strict=True))
    finally:
        session.close()


def _ids(found: Touched) -> list[str]:
    return [doc_id for _, doc_id in found.documents]


def test_the_files_of_a_run_tell(three_runs: WrittenArchive) -> None:
    assert _ids(_touched(three_runs, 0)) == ["0", "1", "2", "3", "4", "5", "7"]
    found = _touched(three_runs, 1)
    assert _ids(found) == ["0", "1", "7"]
    assert {name: len(files) for name, files in found.files.items()} == {
        "sightings": 1, "versions": 1, "decisions": 0, "captures": 1
    }  # fmt: skip
    assert _ids(_touched(three_runs, 2)) == []
    three_runs.event("20200101T000000Z-c", "accepted", hour(7))
    assert _ids(_touched(three_runs, 3)) == ["8"]
    three_runs.event("20200101T000000Z-b", "takedown", hour(8))
    assert _ids(_touched(three_runs, 4)) == ["0", "1", "7"]
    assert _ids(_touched(three_runs, 5)) == []


def test_compacted_files_stand_for_those_of_the_run(
    three_runs: WrittenArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_runs.event("20200101T000000Z-c", "accepted", hour(7))
    before = [_ids(_touched(three_runs, seq)) for seq in range(4)]
    monkeypatch.setattr("archive.maintenance.maintain.DUE_FILES", 1)
    monkeypatch.setattr("archive.maintenance.compaction.FEWEST", 1)
    for _ in range(2):
        maintain.maintain(three_runs.layout, SystemClock())
        assert [_ids(_touched(three_runs, seq)) for seq in range(4)] == before
        assert [list(_touched(three_runs, seq).documents) for seq in range(4)] == [
            _by_scan(three_runs, seq) for seq in range(4)
        ]
    assert len(tables.snapshot(three_runs.layout).files["versions"]) == 1


def test_a_run_of_new_documents_costs_no_look_at_the_others(written: WrittenArchive) -> None:
    """No row of other runs is read: here they are broken."""
    written.run("20200101T000000Z-a", *(record(str(n), preview_text=f"旧文{n}" * 50) for n in range(6)), at=hour(1))
    catch_up(written.layout)
    look_for_copies(written.layout, SystemClock())
    broken = [
        path for name in ("sightings", "versions", "captures") for path in written.layout.table(name).glob("*-a-*")
    ]
    assert len(broken) == 3
    for path in broken:
        whole = path.read_bytes()
        footer = int.from_bytes(whole[-8:-4], "little") + 8
        path.write_bytes(b"PAR1" + b"\xff" * (len(whole) - footer - 4) + whole[-footer:])
    later = [record(str(n), preview_text=f"新来{n}" * 50, at=hour(3)) for n in (7, 8)]
    written.run("20200101T000000Z-b", *later, at=hour(4))
    assert _ids(_touched(written, 1)) == ["7", "8"]
    assert catch_up(written.layout) == 2
    assert look_for_copies(written.layout, SystemClock()) == 2


def test_a_run_of_which_the_ledger_names_no_files_is_looked_for_in_all(three_runs: WrittenArchive) -> None:
    three_runs.files["20200101T000000Z-c"] = {}
    three_runs.event("20200101T000000Z-c", "accepted", hour(7))
    assert _ids(_touched(three_runs, 3)) == ["8"]
