"""Maintenance makes files fewer and changes no answer."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from archive import exclusion
from archive.archive import Archive
from archive.errors import DamagedFile, SiteBusy
from archive.maintenance import maintain
from archive.maintenance.cleaning import LOG_TAIL, LOGS_KEPT, LONGEST_LOG, REPLACED_KEPT
from archive.published import delta_log, ledger, tables
from archive.published.tables import OpenTables
from archive.publishing.rebuild_state import rebuild_state
from archive.rebuilding.rebuild import rebuild_tables
from archive.site_state.staging import Staging
from archive.site_state.state import State
from tests.archive.test_verify import read_page
from tests.publishing.conftest import Site

from .conftest import DAY, Years, problems, small_files


def test_files_become_few_and_no_answer_changes(years: Years) -> None:
    before, views = years.answers(), years.layout.views_sql.read_text(encoding="utf-8")
    assert problems(years.layout) == []
    done = maintain.maintain(years.layout, years.clock)
    assert done.compacted == {"runs": 9, "versions": 8, "sightings": 10, "captures": 10}
    assert {name: len(years.files(name)) for name in done.compacted} == {
        "runs": 3,  # the newest before it, and its own
        "versions": 1,
        "sightings": 1,
        "captures": 1,
    }
    assert years.answers() == before
    assert problems(years.layout) == []
    assert problems(years.layout, quick=True) == []
    assert problems(years.layout, since=years.runs[3]) == []
    assert problems(years.layout, site="docs") == []
    assert len(years.layout.views_sql.read_text(encoding="utf-8")) < len(views)


def test_again_there_is_nothing_to_do(years: Years) -> None:
    maintain.maintain(years.layout, years.clock)
    years.clock.advance(DAY)
    assert maintain.maintain(years.layout, years.clock).compacted == {}


@pytest.mark.long
def test_day_after_day(years: Years) -> None:
    for number in range(5, 8):
        years.day(number)
        before = years.answers()
        maintain.maintain(years.layout, years.clock)
        assert years.answers() == before
    assert problems(years.layout) == []
    assert small_files(years.layout) < 20
    present = list((years.layout.root / "tables").rglob("*.parquet"))
    assert len(present) < 60, "what was replaced days ago is deleted"


def test_neighbouring_sightings_of_a_content_become_one_row(years: Years) -> None:
    maintain.maintain(years.layout, years.clock)
    (name,) = years.files("sightings")
    rows = tables.pq.read_table(years.layout.table("sightings") / name, partitioning=None).to_pylist()
    intervals = [row for row in rows if row["members"] is not None]
    months = {(row["seen_from"].month, row["seen_until"].month) for row in intervals}
    assert months <= {(1, 1), (2, 2)}
    assert all(row["run_id"] is None for row in intervals)
    assert {(row["doc_id"], len(row["members"]["run_id"])) for row in intervals if row["site"] == "docs"} >= {("1", 4)}


def test_any_duckdb_reads_the_same(years: Years, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(years.layout.root)

    def asked() -> list[Any]:
        connection = duckdb.connect()
        connection.execute(years.layout.views_sql.read_text(encoding="utf-8"))
        return connection.execute(
            "SELECT site, doc_id, title, version, last_seen FROM documents ORDER BY ALL"
        ).fetchall()

    before = asked()
    maintain.maintain(years.layout, years.clock)
    assert asked() == before


def test_a_reader_that_came_before_is_not_disturbed(years: Years) -> None:
    with Archive.open(years.layout.root) as opened:
        maintain.maintain(years.layout, years.clock)
        years.day(5)
        maintain.maintain(years.layout, years.clock)
        assert len(opened.records()) == 8


def test_what_was_replaced_stays_a_while(years: Years) -> None:
    files = set(years.layout.table("captures").glob("*.parquet"))
    maintain.maintain(years.layout, years.clock)
    assert files < set(years.layout.table("captures").glob("*.parquet"))
    years.clock.advance(REPLACED_KEPT.total_seconds() + 1)
    done = maintain.maintain(years.layout, years.clock)
    assert done.deleted == 37
    assert len(list(years.layout.table("captures").glob("*.parquet"))) == 1
    assert problems(years.layout) == []


def test_tables_and_state_come_back_after_it(years: Years) -> None:
    maintain.maintain(years.layout, years.clock)
    years.day(5)
    before = years.answers()
    done = rebuild_tables(years.layout, years.clock, read_page, "json/1")
    assert done.missing_parts == []
    after = years.answers()
    for name in ("sightings", "captures", "decisions", "ledger"):
        assert after[name] == before[name]
    assert problems(years.layout) == []
    maintain.maintain(years.layout, years.clock)
    assert years.answers() == after
    assert problems(years.layout) == []
    years.layout.state("docs").unlink()
    assert rebuild_state(years.layout, "docs", years.clock) == {"documents": 4, "pages": 4}
    state = State(years.layout, "docs", years.clock)
    known = Staging(state).known_document("docs", "1")
    state.abandon()
    assert known is not None
    last = max(after["sightings"], key=lambda row: (row["site"], row["doc_id"] == "1", row["seen_from"]))
    assert known.capture == last["capture"]


def test_a_publish_that_was_killed_goes_on_after_it(site: Site) -> None:
    """Its parts are in the tables and not in the ledger: they are left alone, however long ago that was."""
    for number in range(4):
        site.stage(f"r{number}", ("1", "甲"), ("2", f"乙{number}"))
        site.publisher.publish(f"r{number}")
    site.stage("r4", ("1", "丙"))
    real = ledger.append

    def killed(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ledger, "append", killed)
        site.publisher.publish("r4")
    assert ledger.append is real
    site.clock.advance(400 * DAY)
    maintain.maintain(site.layout, site.clock)
    site.reopen()
    site.publisher.publish("r4")
    assert len(site.rows("versions", "r4")) == 1
    with Archive.open(site.layout.root) as opened:
        assert [row["title"] for row in opened.history("huiwen", "1")] == ["甲", "丙"]


def test_nothing_is_published_twice_when_the_logs_forgot_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint leaves out the application ids of runs of long ago; what counts are the files and rows."""
    monkeypatch.setattr(
        delta_log, "CONFIGURATION", {**delta_log.CONFIGURATION, "delta.checkpointInterval": "3"}
    )  # the clock stands at a time long before the machine's: ids are old at once
    site.stage("r0", ("1", "甲"))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Staging, "forget_run", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        site.publisher.publish("r0")
    for number in range(1, 7):
        site.stage(f"r{number}", ("2", f"乙{number}"))
        site.publisher.publish(f"r{number}")
    maintain.maintain(site.layout, site.clock)
    opened = OpenTables(site.layout)
    assert opened.newest("runs").transaction_version("r0:published") is None
    assert opened.newest("runs").transaction_version(ledger.CHAIN) == 8
    assert [ledger.has_event(opened, run, "published") for run in ("r0", "r6", "r7")] == [True, True, False]
    site.reopen()
    site.publisher.publish("r0")
    assert [row["run_id"] for row in site.rows("runs") if row["run_id"] == "r0"] == ["r0"]
    with Archive.open(site.layout.root) as archive:
        assert len(archive.history("huiwen", "1")) == 1


def test_a_run_published_in_between_is_taken_in(years: Years) -> None:
    """Another site's run takes the very number in each log that maintenance was about to take."""
    real, came = delta_log.replace, []

    def beaten(table: Any, folder: Path, *rest: Any) -> bool:
        if len(came) < 2:
            came.append(folder)
            years.day(5 + len(came))
        return real(table, folder, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delta_log, "replace", beaten)
        maintain.maintain(years.layout, years.clock)
    assert len(came) == 2
    assert problems(years.layout) == []
    with Archive.open(years.layout.root) as opened:
        assert opened.query("SELECT count(*) AS n FROM sightings").to_list() == [{"n": 54}]


def test_one_at_a_time_beside_runs_and_not_beside_a_rebuild(years: Years) -> None:
    with exclusion.maintaining(years.layout):
        with pytest.raises(SiteBusy, match="already"):
            maintain.maintain(years.layout, years.clock)
        with pytest.raises(SiteBusy), exclusion.rebuilding(years.layout):
            pass
        years.day(5)
    with exclusion.rebuilding(years.layout), pytest.raises(SiteBusy, match="rebuilt"):
        maintain.maintain(years.layout, years.clock)


def test_it_is_due_when_there_are_many_files(years: Years, monkeypatch: pytest.MonkeyPatch) -> None:
    assert maintain.maintain_if_due(years.layout, years.clock) is None
    monkeypatch.setattr(maintain, "DUE_FILES", 38)
    with exclusion.maintaining(years.layout):
        assert maintain.maintain_if_due(years.layout, years.clock) is None
    assert maintain.maintain_if_due(years.layout, years.clock) is not None
    assert maintain.maintain_if_due(years.layout, years.clock) is None


def test_an_empty_archive_needs_none(tmp_path: Path) -> None:
    from archive.layout import create

    layout = create(tmp_path / "data")
    assert not maintain.is_due(layout)
    assert maintain.maintain(layout, SimpleNamespace(now=None)) == maintain.Maintained()  # type: ignore[arg-type]


def test_damage_is_not_carried_on(years: Years) -> None:
    path = next(years.layout.table("captures").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DamagedFile, match="docarchive verify"):
        maintain.maintain(years.layout, years.clock)
    assert years.files("captures")
    assert any(path.name in text for text in problems(years.layout))


def test_damage_of_a_compacted_file_is_found(years: Years) -> None:
    maintain.maintain(years.layout, years.clock)
    (name,) = years.files("versions")
    path = years.layout.table("versions") / name
    data = bytearray(path.read_bytes())
    data[len(data) // 4] ^= 0xFF
    path.write_bytes(data)
    assert any("not what the ledger says" in text for text in problems(years.layout))
    path.unlink()
    assert any("missing" in text for text in problems(years.layout, quick=True))


@pytest.mark.parametrize("name", ["versions", "sightings", "captures"])
def test_a_log_that_lost_a_compacted_file_is_damage(years: Years, name: str) -> None:
    """No answer is given without its rows."""
    maintain.maintain(years.layout, years.clock)
    log = years.layout.table(name) / "_delta_log"
    entry = max(log.glob("*.json"))
    lines = [line for line in entry.read_bytes().splitlines(keepends=True) if not line.startswith(b'{"add"')]
    entry.write_bytes(b"".join(lines))
    with pytest.raises(DamagedFile, match="was published"):
        Archive.open(years.layout.root)
    assert any("the table's log does not" in text for text in problems(years.layout))


def test_leftovers_are_deleted_and_what_may_be_needed_stays(years: Years) -> None:
    versions, root = years.layout.table("versions"), years.layout.root
    some = next(versions.glob("*.parquet")).read_bytes()
    dead = [
        versions / f"{years.runs[0]}-00009-versions.parquet",
        versions / "compacted-20260101T000000Z-abcdef-0000-versions.parquet",
        versions / ".x.parquet.4194304.tmp",
        root / ".views.sql.4194304.tmp",
    ]
    kept = [versions / "20990101T000000Z-abcdef-00001-versions.parquet", root / "notes.txt"]
    for path in dead + kept:
        path.write_bytes(some)
    (root / "tables.rebuilding").mkdir()
    maintain.maintain(years.layout, years.clock)
    assert not any(path.exists() for path in [*dead, root / "tables.rebuilding"])
    assert all(path.exists() for path in kept)


def test_old_logs_are_deleted(years: Years) -> None:
    begun = years.clock.now() - LOGS_KEPT
    names = {
        f"{begun - timedelta(days=1):%Y%m%dT%H%M%SZ}-abc.log": False,
        f"{begun + timedelta(days=1):%Y%m%dT%H%M%SZ}-abc.log": True,
        "bug.txt": True,
        "mine.log": True,
    }
    for name in names:
        (years.layout.logs / name).write_text("x", encoding="utf-8")
    maintain.maintain(years.layout, years.clock)
    assert {name: (years.layout.logs / name).exists() for name in names} == names


def test_a_log_that_goes_on_for_years_keeps_its_end(years: Years) -> None:
    log, short = years.layout.logs / "due.log", years.layout.logs / "cron.log"
    lines = [f"line {number:07}\n" for number in range(LONGEST_LOG // 13 + 2)]
    log.write_text("".join(lines), encoding="utf-8")
    short.write_text("".join(lines[:9]), encoding="utf-8")
    maintain.maintain(years.layout, years.clock)
    kept = log.read_text("utf-8").splitlines(keepends=True)
    assert kept == lines[-len(kept) :]
    assert LOG_TAIL - 13 <= log.stat().st_size <= LOG_TAIL
    assert short.read_text("utf-8") == "".join(lines[:9])


def test_a_file_that_a_dead_run_left_open_is_closed(years: Years) -> None:
    folder = years.layout.warc_folder("docs")
    source = next(folder.glob("*.warc.gz"))
    left = folder / "20260301T000000Z-abcdef-9-00000.warc.gz.open"
    left.write_bytes(source.read_bytes() + b"torn")
    state = State(years.layout, "docs", years.clock)
    state.acquire()
    state.db.execute("UPDATE lease SET pid = ?", (os.getppid(),))
    years.clock.advance(DAY)
    maintain.maintain(years.layout, years.clock)
    assert left.exists(), "its writer lives, be it asleep"
    state.db.execute("UPDATE lease SET pid = 4194304")
    state.abandon()
    maintain.maintain(years.layout, years.clock)
    assert not left.exists()
    assert left.with_suffix("").exists()
    assert problems(years.layout) == []


def test_a_ledger_file_that_a_killed_publish_left_is_no_damage(years: Years) -> None:
    """Each try at the ledger has a name of its own: where the next try was committed, the earlier file is left."""
    folder = years.layout.table("runs")
    committed = next(path for path in sorted(folder.glob("*-runs.parquet")) if path.name.startswith(years.runs[1]))
    run_id, seq = years.runs[1], committed.name.removesuffix("-runs.parquet").rpartition("-")[2]
    left = folder / f"{run_id}-0123abcd-{seq}-runs.parquet"
    left.write_bytes(committed.read_bytes())
    (told,) = problems(years.layout)
    assert "may be deleted" in told
    assert "damage" not in told
    maintain.maintain(years.layout, years.clock)
    assert not left.exists()
