"""Keeping an archive from the command line: what rebuilding says, and what a lost table never looks like."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_rebuilt_tables_answer_as_before_and_it_is_said_what_was_restored(run: Run, archive: str) -> None:
    before = run("records", "--archive", archive, "--format", "jsonl").rows()
    result = run("rebuild", "tables", "--archive", archive)
    assert result.code == 0
    assert "1 runs and 3 versions restored, 0 of them without values" in result.err
    assert run("records", "--archive", archive, "--format", "jsonl").rows() == before
    assert run("verify", "--archive", archive).code == 0


def test_a_table_that_lost_its_log_is_damage_and_no_empty_archive(run: Run, archive: str) -> None:
    shutil.rmtree(Path(archive) / "tables/runs/_delta_log")
    result = run("records", "--archive", archive)
    assert (result.code, result.out) == (1, "")
    assert "docarchive rebuild tables" in result.err
    assert run("verify", "--archive", archive).code == 1
    assert run("rebuild", "tables", "--archive", archive).code == 0
    assert len(run("records", "--archive", archive, "--format", "jsonl").rows()) == 3


@pytest.mark.parametrize("table", ["runs", "captures"])
def test_a_table_that_is_gone_is_damage(run: Run, archive: str, table: str) -> None:
    shutil.rmtree(Path(archive) / "tables" / table)
    result = run("records", "--archive", archive)
    assert (result.code, result.out) == (1, "")
    assert "docarchive rebuild tables" in result.err
    assert run("verify", "--archive", archive).code == 1
    assert run("rebuild", "tables", "--archive", archive).code == 0
    assert run("verify", "--archive", archive).code == 0


def test_a_rebuild_killed_between_its_two_renames_is_named(run: Run, archive: str) -> None:
    Path(archive, "tables").rename(Path(archive, "tables.before-20260301T000000Z-0000"))
    result = run("records", "--archive", archive)
    assert (result.code, result.out) == (1, "")
    assert "docarchive rebuild tables" in result.err
    assert run("verify", "--archive", archive).code == 1
    assert run("rebuild", "tables", "--archive", archive).code == 0
    assert len(run("records", "--archive", archive, "--format", "jsonl").rows()) == 3


def test_the_package_is_a_command(start: Run) -> None:
    result = start("--version", module="docarchive")
    assert result.code == 0
    assert result.out.startswith("docarchive ")


def test_a_file_without_records_is_a_mistake(run: Run, archive: str, tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("\n\n", encoding="utf-8")
    result = run("import", str(file), "--archive", archive)
    assert result.code == 2
    assert "holds no record" in result.err
    assert len(run("runs", "--archive", archive).rows()) == 2  # import and published of the first file


def test_a_record_of_the_year_one_is_kept(run: Run, archive: str, tmp_path: Path) -> None:
    file = tmp_path / "old.jsonl"
    row = {"site": "docs", "doc_id": "old", "title": "Old", "fetched_at": "0001-01-01T00:00:00Z"}
    file.write_text(json.dumps(row), encoding="utf-8")
    assert run("import", str(file), "--archive", archive).code == 0
    (shown,) = run("show", "docs", "old", "--archive", archive, "--json").rows()
    assert shown["fetched_at"] == "0001-01-01T00:00:00.000Z"
