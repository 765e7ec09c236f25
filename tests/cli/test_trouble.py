"""Every way a command can fail is one sentence and the right exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from archive import errors
from archive.layout import create
from docarchive.cli.trouble import exit_code_of
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(("crawl", "nosuch"), 2, "docarchive sites", id="unknown site"),
        pytest.param(("nosuch",), 2, "docarchive --help", id="unknown verb"),
        pytest.param(("records", "--nosuch"), 2, "records --help", id="unknown option"),
        pytest.param(("sites", "--format", "xml"), 2, "jsonl", id="unknown format"),
        pytest.param(("records", "--limit", "many"), 2, "--limit", id="limit that is no number"),
        pytest.param(("records",), 2, "docarchive init", id="not an archive"),
        pytest.param(("crawl", "huiwen"), 2, "contact", id="no contact"),
        pytest.param(("crawl", "http://127.0.0.1:1/"), 2, "--allow-host 127.0.0.1:1", id="loopback"),
        pytest.param(("sites", "show", "nosuch"), 1, "docarchive sites", id="show an unknown site"),
        pytest.param(("sites", "check", "absent.toml"), 2, "absent.toml", id="profile that is not there"),
        pytest.param(("import", "absent.jsonl"), 2, "absent.jsonl", id="import of nothing"),
        pytest.param(("read",), 2, "--manifest", id="nothing to read"),
        pytest.param(("read", "absent.html"), 2, "absent.html", id="page that is not there"),
        pytest.param(("rebuild", "nosuch"), 2, "rebuild --help", id="rebuild what is not there"),
    ],
)
def test_wrong_usage(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    result = run(*words)
    assert (result.code, result.out) == (code, "")
    assert said in result.err
    assert result.err.startswith("docarchive: ")
    assert result.err.count("\n") == 1
    assert not Path("data").exists()


def test_a_newer_archive_is_left_alone(run: Run, tmp_path: Path) -> None:
    create(tmp_path / "data")
    (tmp_path / "data/archive.json").write_text('{"format_version": 99}', encoding="utf-8")
    result = run("records")
    assert result.code == 2
    assert "upgrade docarchive" in result.err


def test_an_unsound_profile_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites/docs.toml").write_text("delay_seconds = -1", encoding="utf-8")
    (tmp_path / "docarchive.toml").write_text('sites = "sites"', encoding="utf-8")
    for words in (("sites",), ("crawl", "docs"), ("sites", "check")):
        result = run(*words)
        assert result.code == 2
        assert "docs.toml: delay_seconds = -1 will not do" in result.err


def _caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (errors.SiteBusy("run X holds it"), 3, "run X holds it"),
        (errors.SiteUnavailable("try later"), 4, "try later"),
        (errors.DamagedFile("damaged\nfile"), 1, "damaged file"),
        (OSError(errno.ENOSPC, "No space left on device"), 5, "disk is full"),
        (sqlite3.OperationalError("database or disk is full"), 5, "disk is full"),
        (RuntimeError("Generic error: No space left on device (os error 28)"), 5, "disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 5, "/x"),
        (OSError(errno.EIO, "Input/output error", "/x"), 5, "/x: Input/output error"),
        (MemoryError(), 5, "memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (_caused(RuntimeError("Error calling __set_name__"), KeyboardInterrupt()), 130, "interrupted"),
        (ZeroDivisionError("oh"), 5, "this is a bug (ZeroDivisionError: oh)"),
    ],
)
def test_what_goes_wrong_below(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, error: BaseException, code: int, said: str
) -> None:
    def command() -> None:
        raise error

    assert exit_code_of(command, lambda: tmp_path) == code
    captured = capfd.readouterr()
    assert captured.err.startswith("docarchive: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert (tmp_path / "bug.txt").exists() == ("bug" in said)


def test_a_reader_that_has_seen_enough_is_no_error(run: Run, archive: str) -> None:
    command = f"{sys.executable} -m docarchive.cli query 'FROM range(200000)' --archive {archive} | head -1"
    done = subprocess.run(["bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}}"], capture_output=True, text=True)
    assert done.stdout == '{"range":0}\n0\n'
    assert done.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(run: Run, archive: str, number: signal.Signals) -> None:
    """The query reads its SQL from a pipe that stays open: it waits, and can be interrupted at a known place."""
    reading_end, writing_end = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "docarchive.cli", "query", "-", "--archive", archive],
        stdin=reading_end,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(reading_end)
        assert process.stderr is not None
        for line in process.stderr:
            if line.endswith(b" archive.words.like_original\n"):
                break
        else:
            raise AssertionError("it ended before it asked")
        process.send_signal(number)
        assert b"docarchive: interrupted" in process.stderr.read()
        assert process.wait(timeout=30) == 130
        os.close(writing_end)


def test_wrong_clock(run: Run, archive: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCARCHIVE_CLOCK", "yesterday")
    result = run("import", "records.jsonl", "--archive", archive)
    assert result.code == 2
    assert "DOCARCHIVE_CLOCK" in result.err


def test_help_is_quick(run: Run) -> None:
    """What is slow to import is imported by the verb that needs it."""
    code = "import sys, docarchive.cli; print([m for m in sys.modules if m in %r])"
    slow = ("scrapy", "twisted", "aiohttp", "duckdb", "pyarrow", "deltalake", "rich", "fastwarc", "lxml", "simulator")
    done = subprocess.run([sys.executable, "-c", code % (slow,)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_command_does_not_import_pandas(run: Run, archive: str) -> None:
    """PyArrow would: half a second for each command that says anything of an archive's rows."""
    code = (
        "import atexit, sys; from docarchive.cli import main; "
        "atexit.register(lambda: print(sorted({'pandas', 'numpy', 'pyarrow'} & sys.modules.keys()), file=sys.stderr)); "
        "main(sys.argv[1:])"
    )
    words = [sys.executable, "-c", code, "records", "--archive", archive]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "['pyarrow']"
