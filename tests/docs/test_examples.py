"""What README.md and sql.md show is run as it stands there, against the demonstration's archive."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.conftest import environment

ROOT = Path(__file__).parent.parent.parent

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(name: str, heading: str = "") -> list[tuple[str, str]]:
    """Return (language, text) of the blocks of a file, or of them behind the words *heading*."""
    text = (ROOT / name).read_text("utf-8")
    assert heading in text
    return _BLOCK.findall(text.partition(heading)[2] if heading else text)


README = [(language, text) for language, text in blocks("README.md", "## Asking") if "views.sql" in text]
SQL = blocks("docs/sql.md")


def run(command: list[str], folder: Path) -> str:
    """Return what *command* prints, run beside the archive `demo` or in it."""
    archive = folder if folder.name == "demo" else folder / "demo"
    done = subprocess.run(command, cwd=folder, env=environment(archive), capture_output=True, text=True)
    assert (done.returncode, "rror" in done.stderr) == (0, False), done.stderr
    return done.stdout


def ids(shown: list[tuple[str, str]]) -> list[str]:
    return [f"{language}{number}" for number, (language, _) in enumerate(shown)]


def test_there_is_something_to_run() -> None:
    assert [language for language, _ in README] == ["sh", "python"]
    assert {language for language, _ in SQL} == {"sh", "sql", "python"}


@pytest.mark.parametrize(("language", "text"), README, ids=ids(README))
def test_the_readme(beside_demo: Path, language: str, text: str) -> None:
    shown = shell(text, beside_demo) if language == "sh" else run([sys.executable, "-c", text], beside_demo)
    assert "953365" in shown or "huiwen" in shown


def shell(text: str, folder: Path) -> str:
    if re.search(r"(^|&& )duckdb ", text, re.MULTILINE) and shutil.which("duckdb") is None:
        pytest.skip("DuckDB's own program is not installed; what it reads, the next block reads in Python")
    return run(["sh", "-euc", text], folder)


def test_python_in_the_readme(beside_demo: Path) -> None:
    """The block on our own API."""
    (text,) = [text for language, text in blocks("README.md", "## Asking") if "from docarchive import" in text]
    assert "953365" in run([sys.executable, "-c", text], beside_demo)


@pytest.mark.parametrize(("language", "text"), SQL, ids=ids(SQL))
def test_sql(beside_demo: Path, language: str, text: str) -> None:
    """Those that name `demo` stand beside it, the others in it."""
    inside = "demo" not in text and "documents.parquet" not in text
    folder = beside_demo / "demo" if inside else beside_demo
    if language == "sql":
        run(["docarchive", "query", text], folder)
    elif language == "sh":
        shown = shell(text, folder)
        if "export documents.parquet" in text:
            assert {path.name for path in beside_demo.glob("*.parquet")} == {"documents.parquet", "then.parquet"}
        else:
            assert "953365" in shown or "25" in shown
    else:
        if "documents.parquet" in text:
            run(["docarchive", "export", "documents.parquet"], folder)
        shown = run([sys.executable, "-c", text], folder)
        assert shown
        if "gzip" in text:
            assert "WARC-Target-URI: http://127.0.0.1" in shown
            assert "HTTP/1.1 200" in shown
