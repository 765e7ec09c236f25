"""A file that is whole, or is not there."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archive import durable
from archive.archive import Archive
from archive.errors import MachineTrouble, UsageError
from tests.export.conftest import CLOCK, FORMATS


@pytest.mark.parametrize(
    ("form", "existing"), [*((form, False) for form in FORMATS), ("docx", True), ("parquet", True)]
)
def test_a_failure_leaves_what_was_there_and_nothing_else(
    archive: Archive, tmp_path: Path, form: str, existing: bool
) -> None:
    target = tmp_path / f"out.{form}"
    if existing:
        target.write_bytes(b"before")
    for operation in ("create", "write", "write:half", "fsync", "rename"):
        durable.fault_hook = full_at(operation)
        with pytest.raises(MachineTrouble, match="make room"):
            archive.export(target, overwrite=existing, clock=CLOCK)
        assert [path.name for path in tmp_path.iterdir()] == ([target.name] if existing else [])
        if existing:
            assert target.read_bytes() == b"before"


def full_at(operation: str) -> durable.Hook:
    """Return a hook at which the disk is full."""

    def full(name: str, subject: object) -> None:
        if name == operation:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return full


@pytest.mark.parametrize("form", FORMATS)
def test_an_interrupt_leaves_nothing(archive: Archive, tmp_path: Path, form: str) -> None:
    def interrupt(name: str, subject: object) -> None:
        if name == "write:half":
            raise KeyboardInterrupt

    durable.fault_hook = interrupt
    with pytest.raises(KeyboardInterrupt):
        archive.export(tmp_path / f"out.{form}", clock=CLOCK)
    assert list(tmp_path.iterdir()) == []


def test_a_kill_before_the_rename_leaves_no_file_of_that_name(root: Path, tmp_path: Path) -> None:
    """What is left is hidden, and the same command makes the file whole."""
    words = [sys.executable, "-m", "docarchive.cli", "export", str(tmp_path / "out.csv"), "--archive", str(root)]
    for operation in ("3", "7"):  # the half of a write, and the rename
        environment = {**os.environ, durable.FAULT_VARIABLE: operation}
        done = subprocess.run(words, env=environment, capture_output=True, text=True)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert all(path.name.startswith(".") for path in tmp_path.iterdir())
    assert subprocess.run(words, capture_output=True).returncode == 0
    assert (tmp_path / "out.csv").read_bytes().count(b"\r\n") == 4


def test_a_folder_that_may_not_be_written(archive: Archive, tmp_path: Path) -> None:
    def refuse(name: str, subject: object) -> None:
        if name == "create":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    durable.fault_hook = refuse
    with pytest.raises(MachineTrouble, match="write to a folder of your own"):
        archive.export(tmp_path / "out.csv")


def test_what_may_not_be_written_to_is_said_before_anything_is_asked(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("before")
    for path, sentence in (
        (tmp_path / "there.csv", "--overwrite"),
        (tmp_path / "absent" / "out.csv", "make it"),
        (tmp_path / "there.csv" / "out.csv", "make it"),
    ):
        with pytest.raises(UsageError, match=sentence):
            archive.export(path, where="never parsed (")
    with pytest.raises(UsageError, match="is no file"):
        archive.export(tmp_path, "csv", overwrite=True)
    with pytest.raises(UsageError, match="archive"):
        archive.export(archive.layout.marker, "csv", overwrite=True)
    assert (tmp_path / "there.csv").read_text() == "before"


@pytest.mark.parametrize("form", ["docx", "csv", "jsonl", "parquet"])
def test_the_same_documents_at_the_same_time_make_the_same_file(archive: Archive, tmp_path: Path, form: str) -> None:
    for name in ("one", "two"):
        assert archive.export(tmp_path / name, form, clock=CLOCK) == 3
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_link_is_followed(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("before")
    (tmp_path / "link.csv").symlink_to("real.csv")
    archive.export(tmp_path / "link.csv", overwrite=True)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").stat().st_size > 100
