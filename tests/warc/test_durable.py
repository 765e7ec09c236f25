"""Each change of the disk can be made to fail, and says what to do then."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archive import durable
from archive.errors import MachineTrouble
from tests.warc.conftest import Killed

PROGRAM = """
import sys
from pathlib import Path
from archive import durable
durable.point("begin")
durable.write_file(Path(sys.argv[1]), b"new")
durable.point("end")
"""


def run_with(fault: str | None, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != durable.FAULT_VARIABLE}
    if fault is not None:
        environment[durable.FAULT_VARIABLE] = fault
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], env=environment, capture_output=True, text=True, check=False
    )


def test_the_variable_kills_at_each_call(tmp_path: Path) -> None:
    """begin, create, write, write:half, fsync, rename, fsync-folder, end: old file or new one, nothing else."""
    path = tmp_path / "file"
    for number in range(1, 9):
        path.write_bytes(b"old")
        assert run_with(str(number), path).returncode == -signal.SIGKILL, number
        assert path.read_bytes() == (b"new" if number > 6 else b"old")
    assert run_with("9", path).returncode == 0
    assert run_with(None, path).returncode == 0


def test_the_variable_sends_another_signal(tmp_path: Path) -> None:
    assert run_with("3:SIGTERM", tmp_path / "file").returncode == -signal.SIGTERM


def test_the_variable_fills_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    result = run_with("3:ENOSPC", path)
    assert "MachineTrouble: the disk is full" in result.stderr
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EIO, errno.EMFILE])
def test_what_the_machine_refuses_is_machine_trouble(tmp_path: Path, code: int) -> None:
    with pytest.raises(MachineTrouble, match=str(tmp_path)) as caught, durable.translated(tmp_path):
        raise OSError(code, os.strerror(code))
    assert ";" in str(caught.value)


def test_a_missing_file_is_no_machine_trouble(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        durable.fsync_file(tmp_path / "absent")


def test_a_left_over_of_the_same_process_number_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def kill(operation: str, _subject: object) -> None:
        if operation == "fsync":
            raise Killed

    durable.fault_hook = kill
    with pytest.raises(Killed):
        durable.write_file(path, b"a" * 100)
    durable.fault_hook = None
    assert [p.suffix for p in tmp_path.iterdir()] == [".tmp"]
    durable.write_file(path, b"b")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("file", b"b")]


def test_folders_are_made_lastingly(tmp_path: Path) -> None:
    synced = []
    durable.fault_hook = lambda operation, subject: synced.append((operation, subject))
    durable.make_folder(tmp_path / "a" / "b")
    assert synced == [("fsync-folder", tmp_path), ("fsync-folder", tmp_path / "a")]
    durable.make_folder(tmp_path / "a" / "b")
    assert len(synced) == 2


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data)[:3]))
    durable.write_file(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"
