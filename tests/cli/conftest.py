"""A command line run in this process, and an archive to run it on."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from docarchive import cli
from tests import copies

RECORDS: list[dict[str, Any]] = [
    {
        "site": "docs",
        "doc_id": "953365",
        "url": "https://www.docs.example/doc/953365.html",
        "title": "计划生育长效机制\u001b[2J",
        "size_bytes": 33526,
        "size_text": "32.74KB",
        "pages": 22,
        "pages_text": "22页",
        "format": "docx",
        "published_on": "2023-04-16",
        "tags": ["计生", "长效"],
        "other_labels": {"作者": ["李明"]},
        "preview_text": "第一段 计生\n第二段 草案",
    },
    {"site": "docs", "doc_id": "2", "title": "Plain, simple", "published_on": "2019", "preview_text": "计生 only"},
    {"site": "other", "doc_id": "a/b c", "title": "Third", "pages": 5, "format": "pdf"},
]


@dataclass(frozen=True)
class Result:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, Any]]:
        """Return the JSON lines of standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Result]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs `docarchive` with words, in an empty folder and environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    for name in ("DOCARCHIVE_DIR", "DOCARCHIVE_CONFIG", "DOCARCHIVE_DEBUG", "DOCARCHIVE_CLOCK"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> Result:
        capfd.readouterr()
        code = cli.run(list(words))
        captured = capfd.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def start(run: Run) -> Run:
    """Return what `run` returns, with each command in a process of its own: a crawl leaves an event loop behind."""

    def start(*words: str, module: str = "docarchive.cli") -> Result:
        if module != "docarchive.cli":
            done = subprocess.run([sys.executable, "-m", module, *words], capture_output=True, text=True)
            return Result(done.returncode, done.stdout, done.stderr)
        process = copies.begin(words)
        out, err = process.communicate()
        return Result(process.wait(), out, err)

    return start


def before_all(folder: Path, *words: str) -> tuple[int, str]:
    """Run `docarchive` with words in *folder*, before there is a test; return its code and what it said."""
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stderr(said):
        code = cli.run(list(words))
    return code, said.getvalue()


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an archive of three imported documents, and the file they came from; to be copied."""
    folder = tmp_path_factory.mktemp("imported")
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in RECORDS)
    (folder / "records.jsonl").write_text(lines, encoding="utf-8")
    code, said = before_all(folder, "import", "records.jsonl", "--archive", "here")
    assert code == 0
    assert "3 new" in said
    return folder


@pytest.fixture
def archive(run: Run, imported: Path, tmp_path: Path) -> str:
    """Return the name of an archive with three imported documents."""
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    return "here"
