"""The files of an archive, read by tools that know nothing of us."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars
import pytest

import docarchive
from archive.layout import TABLES
from archive.published import tables, views
from tests.archive.conftest import WrittenArchive, hour, record

READ_BY_VIEWS = """
import json, sys, duckdb
duckdb.sql(open("views.sql", encoding="utf-8").read())
answers = {
    name: duckdb.sql(f"SELECT count(*) FROM {name}").fetchall()[0][0]
    for name in ("documents", "versions", "sightings", "captures", "runs", "decisions")
}
answers["titles"] = [r[0] for r in duckdb.sql("SELECT title FROM documents ORDER BY doc_id").fetchall()]
answers["ours"] = [name for name in sys.modules if name.split(".")[0] in ("archive", "crawler", "docarchive")]
print(json.dumps(answers))
"""


def by_views(folder: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", READ_BY_VIEWS], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    return dict(json.loads(done.stdout))


def test_duckdb_reads_an_archive_by_its_views(written: WrittenArchive) -> None:
    views.write_views(written.layout, tables.snapshot(written.layout))
    nothing = dict.fromkeys(("documents", "versions", "sightings", "captures", "runs", "decisions"), 0)
    assert by_views(written.layout.root) == {**nothing, "titles": [], "ours": []}
    written.run("r1", record("1", "甲", at=hour(1)), record("2", "it's", at=hour(1)), at=hour(1))
    written.run("r2", record("1", "乙", at=hour(2)), at=hour(2))
    written.run("r3", record("3", at=hour(2)), at=hour(2), events=("held",))
    views.write_views(written.layout, tables.snapshot(written.layout))
    moved = written.layout.root.rename(written.layout.root.with_name("moved [1] it's *"))
    assert by_views(moved) == {
        "documents": 2, "versions": 3, "sightings": 3, "captures": 3, "runs": 3, "decisions": 0,
        "titles": ["乙", "it's"], "ours": [],
    }  # fmt: skip


def test_our_reader_in_a_folder_with_a_strange_name(tmp_path: Path) -> None:
    from archive.layout import create

    written = WrittenArchive(create(tmp_path / "it's [1] *?" / "data=3"))
    written.run("r1", record("1", "甲", at=hour(1)), at=hour(1))
    with written.open() as opened:
        row = opened.get("huiwen", "1")
        assert row is not None
        assert row["title"] == "甲"
        assert len(opened.query("FROM documents")) == 1


@pytest.mark.parametrize("name", TABLES)
def test_polars_reads_every_table(written: WrittenArchive, name: str) -> None:
    written.run("r1", record("1", "甲", at=hour(1), other_labels={"上传": ("乙",)}, counters={"views": 3}), at=hour(1))
    decision = {"site": "huiwen", "doc_id": "1", "kind": "withdrawn", "value": "", "reason": "", "evidence": None}
    written.rows("r1", "decisions", [decision | {"at": "2026-03-01T00:00:00.000Z"}])
    work = {"site": "huiwen", "doc_id": "1", "work_id": "huiwen/0", "at": "2026-03-01T00:00:00.000Z"}
    written.rows("r1", "works", [work])
    files = tables.snapshot(written.layout).files[name]
    frame = polars.read_parquet(list(files))
    assert frame.columns == tables.SCHEMAS[name].names
    assert frame.height == 1


def test_names_of_the_front_door() -> None:
    assert docarchive.__all__ == sorted(docarchive.__all__)
    for name in docarchive.__all__:
        if name != "read_page":
            assert getattr(docarchive, name).__name__ == name
    with pytest.raises(AttributeError):
        docarchive.nothing  # noqa: B018


def test_asking_an_archive_needs_no_parser() -> None:
    code = "import docarchive, sys; print([m for m in ('scrapy', 'parsel', 'crawler.reading') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]"
