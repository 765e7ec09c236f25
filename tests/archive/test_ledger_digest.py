"""The kept part of the ledger never says anything else than the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.published import ledger, ledger_digest
from archive.published.ledger_digest import open_ledger
from archive.published.tables import OpenTables

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def append(layout: Layout, *run_ids: str) -> None:
    events = [
        ledger.Event(
            run_id=run_id,
            site="s",
            event="published",
            reader="general/1",
            started_at=NOW,
            finished_at=NOW,
            counts={"new": number, "documents": 5},
            options={"partial": True} if number else {},
        )
        for number, run_id in enumerate(run_ids)
    ]
    ledger.append(OpenTables(layout), events, ManualClock(NOW), keep=lambda rows: None)


def rows(layout: Layout) -> list[tuple[int, str, int, bool]]:
    with duckdb.connect(":memory:") as connection:
        open_ledger(layout, connection)
        return connection.sql("SELECT run_seq, run_id, new, partial FROM ledger ORDER BY run_seq").fetchall()


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setattr(ledger_digest, "KEPT_FROM_ROWS", 3)
    return create(tmp_path / "data")


def kept(layout: Layout) -> Path:
    return layout.root / "index" / "runs.parquet"


def test_an_archive_without_runs(layout: Layout) -> None:
    assert rows(layout) == []
    assert not layout.table("runs").exists()


def test_what_was_kept_and_what_came_since(layout: Layout) -> None:
    append(layout, "a", "b")
    assert rows(layout) == [(1, "a", 0, False), (2, "b", 1, True)]
    assert not kept(layout).exists()
    append(layout, "c")
    for _ in range(2):
        assert [row[1] for row in rows(layout)] == ["a", "b", "c"]
    assert kept(layout).exists()
    before = kept(layout).read_bytes()
    append(layout, "d", "e")
    assert [row[:2] for row in rows(layout)] == [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e")]
    assert kept(layout).read_bytes() == before
    append(layout, "f")
    assert [row[1] for row in rows(layout)] == list("abcdef")
    assert kept(layout).read_bytes() != before


def test_kept_rows_are_not_read_again(layout: Layout) -> None:
    append(layout, "a", "b", "c")
    rows(layout)
    for path in layout.table("runs").glob("*.parquet"):
        path.unlink()  # only to see that nobody looks
    assert [row[1] for row in rows(layout)] == ["a", "b", "c"]


def test_rows_in_a_compacted_file_are_not_told_twice(layout: Layout) -> None:
    append(layout, "a", "b", "c")
    rows(layout)
    append(layout, "d")
    OpenTables(layout).newest("runs").optimize.compact()
    assert [row[1] for row in rows(layout)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("damage", [b"", b"PAR1 not really", None])
def test_a_kept_file_that_is_damaged_or_of_another_table_does_not_count(layout: Layout, damage: bytes | None) -> None:
    append(layout, "a", "b", "c")
    rows(layout)
    if damage is None:
        other = create(layout.root.with_name("other"))
        append(other, "x", "y", "z")
        rows(other)
        damage = kept(other).read_bytes()
    kept(layout).write_bytes(damage)
    assert [row[1] for row in rows(layout)] == ["a", "b", "c"]


def test_a_reader_that_may_not_write_reads_all_the_same(layout: Layout) -> None:
    append(layout, "a", "b", "c")
    kept(layout).parent.write_text("a file in the way")
    assert [row[1] for row in rows(layout)] == ["a", "b", "c"]
