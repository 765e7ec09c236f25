"""A table's log stays short, and what was committed stays committed: after a kill, a power cut, a long sleep."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable

from archive import durable
from archive.layout import Layout, create
from archive.published import delta_log, tables
from archive.published.tables import OpenTables
from tests.warc.conftest import Killed
from tests.warc.power import PowerCut

NAME = "decisions"
INTERVAL = 3
COMMITS = 9
STRIDE = 11
"""Every eleventh operation is the last one of a try: the operations of a commit take turns."""


@pytest.fixture(autouse=True)
def _short_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta_log, "CONFIGURATION", {"delta.checkpointInterval": str(INTERVAL)})


def add(layout: Layout, table: DeltaTable, number: int) -> bool:
    path = layout.table(NAME) / f"{number:03d}.parquet"
    tables.write_parquet(path, NAME, [{"run_id": f"run-{number}"}])
    return delta_log.commit(table, path, tables.SCHEMAS[NAME], 1, {f"run-{number}": 1})


def numbers(layout: Layout) -> list[int]:
    return sorted(int(Path(uri).stem) for uri in OpenTables(layout).newest(NAME).file_uris())


def entries(layout: Layout) -> list[str]:
    return sorted(path.name for path in (layout.table(NAME) / "_delta_log").glob("*.json"))


def test_entries_that_a_checkpoint_stands_for_are_forgotten(tmp_path: Path) -> None:
    layout = create(tmp_path / "data")
    opened = OpenTables(layout)
    for number in range(30):
        assert add(layout, opened.newest(NAME), number)
        assert len(entries(layout)) <= delta_log.CHECKPOINTS_KEPT * INTERVAL + 1
    assert numbers(layout) == list(range(30))
    assert OpenTables(layout).newest(NAME).transaction_version("run-0") == 1


def test_a_writer_that_slept_reads_on_before_it_writes(tmp_path: Path) -> None:
    layout = create(tmp_path / "data")
    slept, other = OpenTables(layout), OpenTables(layout)
    sleeping = slept.newest(NAME)
    for number in range(30):
        assert add(layout, other.newest(NAME), number)
    assert not add(layout, sleeping, 30)
    assert numbers(layout) == list(range(30))
    assert add(layout, slept.newest(NAME), 30)
    assert numbers(layout) == list(range(31))


def test_a_number_written_anew_below_a_checkpoint_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer sleeps between its look at the log and the writing of its entry, as a stopped process may."""
    layout = create(tmp_path / "data")
    opened = OpenTables(layout)
    for number in range(30):
        assert add(layout, opened.newest(NAME), number)
    stale = delta_log._entry(layout.table(NAME) / "_delta_log", 5)

    class Sleeper:
        """Writes entry 5 although a checkpoint stands for it."""

        def version(self) -> int:
            return 4

        def create_write_transaction(self, *_: object, **__: object) -> None:
            stale.write_text("{}", encoding="utf-8")

    assert not add(layout, Sleeper(), 99)  # type: ignore[arg-type]
    assert numbers(layout) == list(range(30))


@pytest.mark.parametrize("kind", ["kill", "power cut"])
def test_what_was_committed_is_there_whatever_happens(tmp_path: Path, kind: str) -> None:
    at = 1 - STRIDE
    came = True
    while came:
        at += STRIDE
        layout = create(tmp_path / str(at))
        cut = PowerCut(layout.root, at)
        durable.fault_hook = cut
        committed: list[int] = []
        came = False
        try:
            opened = OpenTables(layout)
            for number in range(COMMITS):
                assert add(layout, opened.newest(NAME), number)
                committed.append(number)
        except Killed:
            came = True
        finally:
            durable.fault_hook = None
        if kind == "power cut":
            cut.restore()
        layout.table(NAME).parent.mkdir(exist_ok=True)
        assert numbers(layout)[: len(committed)] == committed
        opened = OpenTables(layout)
        assert add(layout, opened.newest(NAME), 500)
        assert 500 in numbers(layout)
    assert at > COMMITS * STRIDE


def test_tables_that_stay_open_read_on_over_forgotten_entries(tmp_path: Path) -> None:
    """What was written meanwhile began at entries that are gone: the log is loaded anew."""
    layout = create(tmp_path / "data")
    staying, other = OpenTables(layout), OpenTables(layout)
    assert add(layout, staying.newest(NAME), 0)
    staying.newest(NAME)
    for number in range(1, 30):
        assert add(layout, other.newest(NAME), number)
    assert {Path(uri).stem for uri in staying.newest(NAME).file_uris()} == {f"{number:03d}" for number in range(30)}
    assert add(layout, staying.newest(NAME), 30)
    assert numbers(layout) == list(range(31))


@pytest.mark.parametrize("commits", [pytest.param(n, id=f"{n} entries in the new log") for n in (1, 4, 6)])
def test_tables_that_stay_open_see_that_they_were_rebuilt(tmp_path: Path, commits: int) -> None:
    """Another log lies in the folder by now, shorter, as long, or longer: nothing of the old one is taken for true."""
    layout = create(tmp_path / "data")
    opened = OpenTables(layout)
    for number in range(4):
        assert add(layout, opened.newest(NAME), number)
    opened.newest(NAME)
    rebuilt = create(tmp_path / "rebuilt")
    anew = OpenTables(rebuilt)
    for number in range(100, 100 + commits):
        assert add(rebuilt, anew.newest(NAME), number)
    layout.table(NAME).rename(tmp_path / "old")
    rebuilt.table(NAME).rename(layout.table(NAME))
    assert add(layout, opened.newest(NAME), 500)
    assert numbers(layout) == [*range(100, 100 + commits), 500]
