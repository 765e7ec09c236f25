"""The verb: what it says, its exit codes, and that it takes every selection."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from docarchive.cli.asking import records
from docarchive.cli.exporting import export
from tests.cli.conftest import Run
from tests.export.conftest import FORMATS


@pytest.mark.parametrize("form", FORMATS)
def test_the_ending_names_the_format(run: Run, root: Path, form: str) -> None:
    result = run("export", f"out.{form}", "--archive", str(root))
    assert (result.code, result.out, result.err) == (0, "", f"3 documents written to out.{form}\n")
    beginning = {"docx": b"PK", "xlsx": b"PK", "csv": b"\xef\xbb\xbf", "parquet": b"PAR1", "jsonl": b"{"}[form]
    assert Path(f"out.{form}").read_bytes().startswith(beginning)


def test_the_format_may_be_another_than_the_ending_says(run: Run, root: Path) -> None:
    assert run("export", "out.txt", "--format", "jsonl", "--archive", str(root)).code == 0
    assert len(Path("out.txt").read_text("utf-8").splitlines()) == 3


def test_wrong_usage_is_one_sentence(run: Run, root: Path) -> None:
    Path("there.csv").write_text("before")
    for words, sentence in (
        (("out.odt",), "add --format"),
        (("out.csv", "--format", "odt"), "choose one of docx, csv"),
        (("there.csv",), "--overwrite"),
        (("absent/out.csv",), "no folder"),
        (("out.csv", "--where", "pages >"), "condition"),
    ):
        result = run("export", *words, "--archive", str(root))
        assert (result.code, result.out) == (2, "")
        assert sentence in result.err
        assert result.err.startswith("docarchive: ")
        assert result.err.count("\n") == 1
    assert Path("there.csv").read_text() == "before"
    assert sorted(path.name for path in Path().iterdir()) == ["there.csv"]
    assert run("export", "there.csv", "--overwrite", "--archive", str(root)).code == 0
    assert Path("there.csv").read_text("utf-8") != "before"


def test_an_empty_selection_is_no_error_and_is_said(run: Run, root: Path) -> None:
    result = run("export", "out.jsonl", "--search", "没有这个", "--archive", str(root))
    assert (result.code, Path("out.jsonl").read_bytes()) == (0, b"")
    assert result.err.splitlines()[-1] == "0 documents written to out.jsonl"
    assert "docarchive records" in result.err


def test_it_has_every_selection_that_records_has() -> None:
    about_output = {"format", "json", "output"}
    assert set(inspect.signature(records).parameters) - about_output <= set(inspect.signature(export).parameters)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--search", "计生"), ["953365"]),
        (("--where", "pages > 4", "--max-pages", "5"), ["0002"]),
        (("--site", "huiwen", "--site", "absent", "--min-pages", "5"), ["0002", "953365"]),
        (("--site", "absent"), []),
        (("--doc-format", "DOCX"), ["953365"]),
        (("--published-from", "2020", "--published-to", "2023-05"), ["953365"]),
        (("--as-of", "2026-03-01", "--max-pages", "4"), ["0002"]),
        (("--as-published", "r1", "--max-pages", "4"), ["0002"]),
        (("--sort", "published", "--limit", "1"), ["953365"]),
    ],
)
def test_selections(run: Run, root: Path, words: tuple[str, ...], ids: list[str]) -> None:
    result = run("export", "out.jsonl", *words, "--fields", "doc_id, title", "--archive", str(root))
    assert result.code == 0, result.err
    rows = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert [row["doc_id"] for row in rows] == ids
    assert all(set(row) == {"doc_id", "title"} for row in rows)


def test_all_documents_are_written_without_a_limit(run: Run, many: Path) -> None:
    assert run("export", "out.jsonl", "--archive", str(many)).err == "2,100 documents written to out.jsonl\n"
    assert (
        run("export", "few.jsonl", "--limit", "7", "--archive", str(many)).err == "7 documents written to few.jsonl\n"
    )


def test_a_dash_is_standard_output(run: Run, root: Path) -> None:
    result = run("export", "-", "--format", "jsonl", "--archive", str(root))
    assert (result.code, result.err) == (0, "3 documents written to standard output\n")
    assert len(result.rows()) == 3
    for words, told in ((("-",), "add --format"), (("-", "--format", "datasets"), "is a folder of files")):
        refused = run("export", *words, "--archive", str(root))
        assert (refused.code, refused.out, told in refused.err) == (2, "", True)
    assert not Path("-").exists()
