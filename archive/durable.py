"""Every change the archive makes to the disk, with one place where a test can make it fail.

The functions call the operating system directly. Before each of them, and at each `point` that other modules name
(a SQLite or Delta commit), `fault_hook` is called if a test has set it; in production it is None and costs one
comparison.

What the hook gets, in this order of arguments: the operation's name, and its subject.

    create         Path                  a new file, opened for writing
    write          (Path, bytes)         all of these bytes, to the end of the file
    write:half     (Path, bytes)         the same write, when the first half has reached the file (only under a hook)
    fsync          Path                  the file's bytes become lasting
    fsync-folder   Path                  the folder's names become lasting
    rename         (Path, Path)          from, to
    link           (Path, Path)          a second name for the first
    unlink         Path
    truncate       (Path, int)           the length it is cut to
    NAME           None                  a `point`

A hook that raises stops the process's work there; one that records can say afterwards what a power cut would leave.

For a whole process the hook is set by the environment variable `DOCARCHIVE_FAULT`:

    N              SIGKILL to itself at the Nth call (counted from 1); a run with fewer calls is not disturbed, so a
                   test raises N until the command ends by itself
    N:SIGTERM      another signal, once, at the Nth call
    N:ENOSPC       from the Nth call on each create, write, fsync and rename fails with this errno: a disk stays full
"""

from __future__ import annotations

import errno
import itertools
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import MachineTrouble

FAULT_VARIABLE = "DOCARCHIVE_FAULT"

FAILING_OPERATIONS = frozenset({"create", "write", "write:half", "fsync", "fsync-folder", "rename", "link"})
"""What an errno in `DOCARCHIVE_FAULT` makes fail; deleting and cutting work on a full disk."""

Hook = Callable[[str, object], None]


def _hook_from_environment() -> Hook | None:
    text = os.environ.get(FAULT_VARIABLE)
    if not text:
        return None
    number, _, what = text.partition(":")
    at = int(number)
    calls = itertools.count(1)
    code = getattr(errno, what, None) if what else None

    def hook(operation: str, _subject: object) -> None:
        call = next(calls)
        if code is not None:
            if call >= at and operation in FAILING_OPERATIONS:
                raise OSError(code, os.strerror(code))
        elif call == at:
            os.kill(os.getpid(), signal.Signals[what] if what else signal.SIGKILL)

    return hook


fault_hook: Hook | None = _hook_from_environment()
"""Called before each operation; None in production. Tests set it and put None back."""


def point(name: str) -> None:
    """Mark a step that another library makes lasting, such as a commit, so that tests can fail there."""
    if fault_hook is not None:
        fault_hook(name, None)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what the machine refuses (full disk, permission, limits, a failing disk) into MachineTrouble.

    Any other OSError, such as a missing file, goes through: it is a mistake in the program.
    """
    try:
        yield
    except OSError as error:
        sentence = _NEXT_ACTIONS.get(error.errno or 0)
        if sentence is None:
            raise
        raise MachineTrouble(sentence.format(path=path)) from error


_PERMISSION = "cannot write {path}: permission denied; run as the archive's owner, or correct the folder's permissions"
_FULL = "the disk is full ({path}); make room, then run the same command again"
_NEXT_ACTIONS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "the disk quota is used up ({path}); make room, then run the same command again",
    errno.EFBIG: "{path} would become larger than this file system or `ulimit -f` allows; raise the limit",
    errno.EACCES: _PERMISSION,
    errno.EPERM: _PERMISSION,
    errno.EROFS: "cannot write {path}: the file system is mounted read-only; mount it writable, then run again",
    errno.EIO: "the disk failed while {path} was written; check the disk, then run: docarchive verify",
    errno.EMFILE: "too many open files ({path}); raise `ulimit -n`, then run the same command again",
    errno.ENFILE: "this machine has too many open files ({path}); close some programs, then run again",
    errno.ENAMETOOLONG: "the file name {path} is too long for this file system; use a shorter site name or path",
}


def create(path: Path, *, readable: bool = False) -> int:
    """Return a descriptor, for appending, of the new file *path*; FileExistsError when it is there already."""
    access = os.O_RDWR if readable else os.O_WRONLY
    with translated(path):
        if fault_hook is not None:
            fault_hook("create", path)
        return os.open(path, access | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)


def write_all(descriptor: int, data: bytes, path: Path) -> None:
    """Write all of *data*; normally one system call, more where the system takes less at a time.

    *path* is the file's name, for the message. Raises MachineTrouble, after which a part of *data* may be there.
    """
    with translated(path):
        if fault_hook is not None:
            fault_hook("write", (path, data))
            half = len(data) // 2
            _write(descriptor, data[:half])
            fault_hook("write:half", (path, data))
            _write(descriptor, data[half:])
        else:
            _write(descriptor, data)


def _write(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    while written < len(data):
        written += os.write(descriptor, memoryview(data)[written:])


def fsync(descriptor: int, path: Path) -> None:
    """Make what was written to *descriptor* lasting; *path* is its name."""
    with translated(path):
        if fault_hook is not None:
            fault_hook("fsync", path)
        os.fsync(descriptor)


def fsync_file(path: Path) -> None:
    """Make the bytes of *path*, written by someone else, lasting."""
    with translated(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fsync(descriptor, path)
    finally:
        os.close(descriptor)


def fsync_folder(folder: Path) -> None:
    """Make the names in *folder* lasting."""
    with translated(folder):
        if fault_hook is not None:
            fault_hook("fsync-folder", folder)
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make *folder* and its parents where they are missing, lastingly."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    for new in reversed(missing):
        with translated(new):
            new.mkdir(exist_ok=True)
        fsync_folder(new.parent)


def rename(source: Path, target: Path) -> None:
    """Give *source* the name *target*, in the place of any file there; lasting after `fsync_folder`."""
    with translated(target):
        if fault_hook is not None:
            fault_hook("rename", (source, target))
        source.replace(target)


def link(source: Path, target: Path) -> None:
    """Give *source* the further name *target*; FileExistsError when that is taken. Lasting after `fsync_folder`."""
    with translated(target):
        if fault_hook is not None:
            fault_hook("link", (source, target))
        os.link(source, target)


def unlink(path: Path) -> None:
    """Delete *path* if it is there; lasting after `fsync_folder`."""
    with translated(path):
        if fault_hook is not None:
            fault_hook("unlink", path)
        path.unlink(missing_ok=True)


def truncate(descriptor: int, length: int, path: Path) -> None:
    """Cut the file to *length* bytes; lasting after `fsync`."""
    with translated(path):
        if fault_hook is not None:
            fault_hook("truncate", (path, length))
        os.ftruncate(descriptor, length)


def write_file(path: Path, data: bytes) -> None:
    """Write *data* to *path* so that after a crash or power cut there is the old file, or none, or the whole new one.

    Raises MachineTrouble when the disk is full or may not be written; what was there before stays.
    """
    write_pieces(path, (data,))
    fsync_folder(path.parent)


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Like `write_file`, from *pieces*; the new name is lasting only after `fsync_folder`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    if temporary.exists():  # of a killed process whose number we now have
        unlink(temporary)
    try:
        descriptor = create(temporary)
        try:
            for piece in pieces:
                write_all(descriptor, piece, temporary)
            fsync(descriptor, temporary)
        finally:
            os.close(descriptor)
        rename(temporary, path)
    except MachineTrouble:
        temporary.unlink(missing_ok=True)
        raise
