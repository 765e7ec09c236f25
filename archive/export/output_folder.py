"""The folder that an export writes: under its name once it is whole, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from archive import durable
from archive.errors import MachineTrouble, UsageError
from archive.export.output_file import OutputFile, new_file


class OutputFolder:
    """A folder that is filled file by file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def new_file(self, name: str) -> AbstractContextManager[OutputFile]:
        """Give the file called *name* to write to; `/` in it stands before the name inside a folder."""
        path = self._path / name
        durable.make_folder(path.parent)
        return new_file(path)


def check_folder(path: Path, overwrite: bool, made_of: Collection[str]) -> Path:
    """Return *path* with links followed. Raises UsageError where no folder may be made, or one is there already.

    *made_of*: what such an export consists of. A folder that holds anything else is replaced by nobody, for what else
    is in it would be lost.
    """
    path = path.resolve()
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}; make it, or write to another one")
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file; name the folder to be written")
    there = {each.name for each in path.iterdir()} if path.exists() else set()
    if there and not overwrite:
        raise UsageError(
            f"{path} is there already; write to another folder, or replace it: --overwrite (overwrite=True)"
        )
    if others := sorted(there - set(made_of)):
        raise UsageError(f"{path} is no such export, it holds {others[0]}; write to another folder")
    return path


@contextmanager
def new_folder(path: Path) -> Iterator[OutputFolder]:
    """Give a folder to fill, that has the name *path* when the block ends, and is gone when it fails.

    A crash leaves what stood under the name before; at worst a hidden folder beside it: `.NAME.NUMBER.part` the new
    one, not whole, or `.NAME.NUMBER.old` the one before, where the crash came between its renaming and that of the new.
    Raises MachineTrouble.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    shutil.rmtree(temporary, ignore_errors=True)  # of a killed process whose number we now have
    try:
        try:
            durable.make_folder(temporary)
        except MachineTrouble as error:
            if isinstance(error.__cause__, PermissionError):
                raise MachineTrouble(f"{path.parent} may not be written; write to a folder of your own") from error
            raise
        yield OutputFolder(temporary)
        durable.fsync_folder(temporary)
        _give_name(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _give_name(temporary: Path, path: Path) -> None:
    """Rename the whole folder; one that is there is put aside first, for a folder is not renamed onto a full one."""
    if not path.exists():
        durable.rename(temporary, path)
        durable.fsync_folder(path.parent)
        return
    before = path.with_name(f".{path.name}.{os.getpid()}.old")
    shutil.rmtree(before, ignore_errors=True)
    durable.rename(path, before)
    try:
        durable.rename(temporary, path)
    except BaseException:
        before.rename(path)
        raise
    durable.fsync_folder(path.parent)
    shutil.rmtree(before)
