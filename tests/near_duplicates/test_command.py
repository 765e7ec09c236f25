"""The verbs about copies."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from archive.archive import Archive
from docarchive import cli
from tests.near_duplicates.making import copies

COPIES = copies(seed=5, works=1)[:6]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of copies; to be copied itself."""
    tmp_path = tmp_path_factory.mktemp("imported")
    rows = [
        {"site": f"s{n % 2}", "doc_id": f"d{n}", "title": f"第{n}份", "preview_text": copy.text}
        for n, copy in enumerate(COPIES)
    ]
    rows.append({"site": "s9", "doc_id": "other", "title": "其他", "preview_text": copies(seed=7)[0].text})
    (tmp_path / "copies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert cli.run(["import", str(tmp_path / "copies.jsonl"), "--archive", str(tmp_path / "data")]) == 0
    return tmp_path / "data"


@pytest.fixture
def folder(imported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(imported, tmp_path / "data"))


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.run(list(words)) == 0
    return capsys.readouterr().out


def rows(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told(capsys, *words).splitlines()]


def test_copies_are_listed_shown_verified_and_restored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--archive", str(folder))
    behind_import = rows(capsys, "query", "SELECT site, doc_id, work_id FROM documents ORDER BY ALL", "--json", *where)
    every = rows(capsys, "duplicates", "--json", *where)
    assert every == behind_import
    assert [set(row) for row in every] == [{"site", "doc_id", "work_id"}] * 7
    assert [row["work_id"] for row in every] == ["s0/d0"] * 6 + ["s9/other"]
    assert every == rows(capsys, "query", "SELECT site, doc_id, work_id FROM documents ORDER BY ALL", "--json", *where)
    works = told(capsys, "duplicates", "--format", "csv", *where)
    assert works.splitlines()[1].startswith("s0/d0,6,2,")
    shown = json.loads(told(capsys, "duplicates", "show", "s1/d1", "--text", "--json", *where))
    assert shown["work_id"] == "s0/d0"
    assert len(shown["members"]) == 6
    assert [m["doc_id"] for m in shown["members"] if "earliest" in m["marks"]] == ["d0"]
    assert all(edge["weight"] > 0 and edge["evidence"]["common"] for edge in shown["edges"])
    replaced = {s["text"] for d in shown["differences"] for s in d["segments"] if s.get("kind") == "replaced"}
    assert {"服务", "效劳"} <= replaced
    assert "(服务 → 效劳)" in told(capsys, "duplicates", "show", "s1/d1", "--text", *where)
    assert "6 copies" in told(capsys, "duplicates", "show", "s0/d0", *where)
    told(capsys, "verify", *where)
    told(capsys, "rebuild", "tables", *where)
    assert rows(capsys, "duplicates", "--json", *where) == every
    told(capsys, "rebuild", "duplicates", *where)
    told(capsys, "verify", *where)
    with Archive.open(folder) as archive:
        assert [row["copies"] for row in archive.duplicates()] == [6]
        events = [row["event"] for row in archive.runs()]
        assert events.count("clustered") == 1


def test_one_copy_of_each_work(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--archive", str(folder), "--json")
    told(capsys, "duplicates", *where)  # looks for them
    found = rows(capsys, "records", "--unique", *where)
    assert sorted(row["doc_id"] for row in found) == ["d0", "other"]  # d5 is longer, and mangled
    assert [row["doc_id"] for row in rows(capsys, "records", "--unique", "--site", "s1", *where)] == ["d1"]
    with Archive.open(folder) as archive:
        assert archive.search("第", unique=True).total == 1  # the other has no such word in its title
    assert all(row["work_id"] == "s0/d0" for row in rows(capsys, "records", "--where", "work_id = 's0/d0'", *where))


def test_a_document_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["duplicates", "show", "s0", "nobody", "--archive", str(folder)]) == 1
    assert "no work or document" in capsys.readouterr().err
