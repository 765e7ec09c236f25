"""Documents as JSON lines, CSV, Parquet and XLSX, read back with what people read them with."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from archive.archive import Archive
from archive.asking.plain import json_line
from archive.errors import UsageError
from archive.export import as_parquet, as_xlsx, unguarded
from archive.layout import create
from archive.snapshot.selection import ANSWER_FIELDS
from tests.archive.conftest import WrittenArchive, hour, record
from tests.export.conftest import CLOCK, TEXT
from tests.naughty_strings import NAUGHTY

STORABLE = [text.encode("utf-8", "replace").decode() for text in NAUGHTY]
"""Tables hold UTF-8: no lone surrogates."""


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sheet_rows(path: Path) -> list[dict[str, Any]]:
    names, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture
def hostile(tmp_path: Path) -> Archive:
    """An archive whose documents are named by naughty strings."""
    written = WrittenArchive(create(tmp_path / "hostile"))
    longest = record("long", "long", preview_text="字" * 40_000, issuer="\U0001f600" * 17_000)
    negative = record("odd", "odd", pages=-5, size_bytes=2**62, preview_share=float("nan"), published_on="1899-12-31")
    naughty = [record(f"{number:04d}", text or "empty", issuer=text) for number, text in enumerate(STORABLE)]
    written.run("r1", longest, negative, *naughty, at=hour(1))
    return written.open()


def test_json_lines_are_those_of_records(archive: Archive, tmp_path: Path) -> None:
    assert archive.export(tmp_path / "out.jsonl") == 3
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(map(json_line, archive.records()))


def test_csv(archive: Archive, tmp_path: Path) -> None:
    archive.export(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfsite,doc_id,")
    rows = {row["doc_id"]: row for row in csv_rows(tmp_path / "out.csv")}
    usual = rows["953365"]
    assert tuple(usual) == ANSWER_FIELDS
    assert (usual["title"], usual["pages"], usual["preview_text"]) == ("计划生育长效机制", "22", TEXT)
    assert json.loads(usual["tags"]) == ["计生", "长效"]
    assert json.loads(usual["other_labels"]) == {"作者": ["李明", "王芳"]}
    assert usual["fetched_at"] == "2026-03-01T00:00:00.000Z"
    assert rows["0002"]["title"] == "'=1+1"
    assert rows["3"]["pages"] == ""


def test_hostile_csv(hostile: Archive, tmp_path: Path) -> None:
    hostile.export(tmp_path / "out.csv")
    rows = {row["doc_id"]: row for row in csv_rows(tmp_path / "out.csv")}
    assert [unguarded(rows[f"{number:04d}"]["issuer"]) for number in range(len(STORABLE))] == STORABLE
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for row in rows.values() for cell in row.values())
    assert rows["odd"]["pages"] == "-5"
    assert rows["long"]["preview_text"] == "字" * 40_000


def test_parquet_is_the_answer(archive: Archive, tmp_path: Path) -> None:
    archive.export(tmp_path / "out.parquet")
    file = pq.ParquetFile(tmp_path / "out.parquet")
    assert file.read().equals(archive.records().arrow())
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_xlsx(archive: Archive, tmp_path: Path) -> None:
    archive.export(tmp_path / "out.xlsx", clock=CLOCK)
    rows = {row["doc_id"]: row for row in sheet_rows(tmp_path / "out.xlsx")}
    usual = rows["953365"]
    assert tuple(usual) == ANSWER_FIELDS
    assert (usual["title"], usual["pages"], usual["size_bytes"]) == ("计划生育长效机制", 22, 33526)
    assert usual["published_on"] == datetime(2023, 4, 16)
    assert usual["fetched_at"] == datetime(2026, 3, 1)
    assert usual["preview_text"] == TEXT
    assert (rows["0002"]["published_on"], rows["0002"]["title"]) == ("2019", "=1+1")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, len(ANSWER_FIELDS)).column_letter}4"
    formula = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1")
    assert (formula.data_type, formula.quotePrefix) == ("s", True)
    assert not any(cell.hyperlink or cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_hostile_xlsx(hostile: Archive, tmp_path: Path) -> None:
    """Every text is there as a text; control characters stand in the file as the format escapes them."""
    told: list[str] = []
    hostile.export(tmp_path / "out.xlsx", tell=told.append)
    assert told == ["2 texts were cut at the 32,767 characters of a cell; export to .csv or .parquet for the whole"]
    rows = {row["doc_id"]: row for row in sheet_rows(tmp_path / "out.xlsx")}
    assert len(rows) == len(STORABLE) + 2
    for number, text in enumerate(STORABLE):
        # openpyxl does not take back the escapes of text that stands in its cell.
        expected = as_escaped(text).replace("\r\n", "\n") or None
        assert rows[f"{number:04d}"]["issuer"] == expected, text
    long = rows["long"]
    assert long["preview_text"].endswith(as_xlsx.CUT)
    assert len(long["preview_text"]) == as_xlsx.MAX_CELL
    assert len(long["issuer"].encode("utf-16-le")) // 2 <= as_xlsx.MAX_CELL
    odd = rows["odd"]
    assert (odd["pages"], odd["size_bytes"], odd["preview_share"]) == (-5, str(2**62), None)
    assert odd["published_on"] == "1899-12-31"
    with zipfile.ZipFile(tmp_path / "out.xlsx") as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")
        assert package.testzip() is None


def as_escaped(text: str) -> str:
    """Return *text* as a sheet holds it (ECMA-376, ST_Xstring)."""
    text = re.sub(r"(_x[0-9A-Fa-f]{4}_)", r"_x005F\1", text)
    return re.sub("[\x00-\x08\x0b-\x1f\ufffe\uffff]", lambda found: f"_x{ord(found.group()):04X}_", text)


def test_more_documents_than_a_sheet_has_rows(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_xlsx, "MAX_DOCUMENTS", 2)
    with pytest.raises(UsageError, match=r"\.csv or \.parquet"):
        archive.export(tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "xlsx"])
def test_an_answer_of_several_pages(many: Path, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_parquet, "ROW_GROUP_BYTES", 1)
    path = tmp_path / f"out.{form}"
    with Archive.open(many) as opened:
        assert opened.export(path, fields="doc_id,preview_text") == 2100
    if form == "csv":
        found = [row["doc_id"] for row in csv_rows(path)]
    elif form == "jsonl":
        found = [json.loads(line)["doc_id"] for line in path.read_text("utf-8").splitlines()]
    elif form == "parquet":
        assert pq.ParquetFile(path).num_row_groups == 3
        found = pq.read_table(path)["doc_id"].to_pylist()
    else:
        found = [row["doc_id"] for row in sheet_rows(path)]
    assert found == [f"{number:05d}" for number in range(2100)]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "xlsx"])
def test_an_empty_selection_makes_a_valid_empty_file(archive: Archive, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"out.{form}"
    assert archive.export(path, search="没有这个") == 0
    if form == "csv":
        assert csv_rows(path) == []
        assert b"doc_id" in path.read_bytes()
    elif form == "jsonl":
        assert path.read_bytes() == b""
    elif form == "parquet":
        assert pq.read_table(path).schema == archive.records().arrow().schema
    else:
        assert sheet_rows(path) == []
