"""What a power cut leaves: only what was fsynced, under names whose folder was fsynced."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.warc.conftest import Killed


class PowerCut:
    """A fault hook that lets the *at*-th operation not happen, and the disk forget what was not made lasting.

    The worst file system there can be: without fsync no byte and no name of a file survives, in any order.
    """

    def __init__(self, root: Path, at: int, tail: bytes = b"") -> None:
        self._root = root
        self._left = at
        self._tail = tail
        """What stands where bytes were written but not made lasting: zeros, garbage or nothing."""
        self._content: dict[int, bytes] = {}
        self._names: dict[Path, dict[str, int]] = {}
        self._pending: tuple[str, Any] | None = None
        for path in [root, *root.rglob("*")]:
            if path.is_dir():
                self._keep_folder(path)
            else:
                self._keep_file(path)

    def _keep_file(self, path: Path) -> None:
        self._content[path.stat().st_ino] = path.read_bytes()

    def _keep_folder(self, folder: Path) -> None:
        self._names[folder] = {p.name: p.stat().st_ino for p in folder.iterdir() if p.is_file()}

    def __call__(self, operation: str, subject: Any) -> None:
        self._finish_last()
        self._left -= 1
        if self._left <= 0:
            raise Killed
        self._pending = (operation, subject)

    def _finish_last(self) -> None:
        """The hook is called before an operation: at the next call the last one has happened."""
        if self._pending is None:
            return
        operation, subject = self._pending
        if operation == "fsync":
            self._keep_file(subject)
        elif operation == "fsync-folder":
            self._keep_folder(subject)
        self._pending = None

    def restore(self) -> None:
        """Make the disk what it is after the power came back."""
        sizes = {p.stat().st_ino: p.stat().st_size for p in self._root.rglob("*") if p.is_file()}
        for path in list(self._root.rglob("*")):
            if path.is_file():
                path.unlink()
        for folder, names in self._names.items():
            if not folder.exists():
                continue
            for name, inode in names.items():
                kept = self._content.get(inode, b"")
                lost = max(0, sizes.get(inode, 0) - len(kept))
                filler = (self._tail * (lost // max(1, len(self._tail)) + 1))[:lost] if self._tail else b""
                (folder / name).write_bytes(kept + filler)


def copy_of(root: Path, target: Path) -> Path:
    """Return a copy of the folder *root* at *target*."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(root, target)
    return target
