"""The file that an export writes: under its name once it is whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive import durable
from archive.errors import MachineTrouble, UsageError


class OutputFile:
    """A file that is written from its beginning to its end; it cannot be sought in, as a pipe cannot.

    It is no `io` class, for those close themselves before libraries that failed have let go of them.
    """

    closed = False

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        """The name it gets once it is whole; libraries that need files beside it make them in the same folder."""
        self.failure: BaseException | None = None
        self._descriptor = descriptor
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Only `new_file` closes."""

    def write(self, data: Any, /) -> int:
        """Write all of *data*. After a failure nothing more: libraries try to end a file that cannot be ended."""
        view = memoryview(data).cast("B")
        if self.failure is None:
            try:
                durable.write_all(self._descriptor, bytes(view), self.path)
            except BaseException as error:
                self.failure = error
                raise
        self._written += len(view)
        return len(view)


def check_target(path: Path, overwrite: bool) -> Path:
    """Return *path* with links followed. Raises UsageError where no file may be made, or one is there already."""
    path = path.resolve()
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}; make it, or write to another one")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is no file; name the file to be written")
    if path.exists() and not overwrite:
        raise UsageError(f"{path} is there already; write to another file, or replace it: --overwrite (overwrite=True)")
    return path


@contextmanager
def new_file(path: Path) -> Iterator[OutputFile]:
    """Give a file to write to, that has the name *path* when the block ends, and is gone when it fails.

    A crash leaves what stood under the name before; at worst a hidden file beside it. Raises MachineTrouble.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)  # of a killed process whose number we now have
    try:
        descriptor = durable.create(temporary)
    except MachineTrouble as error:
        if isinstance(error.__cause__, PermissionError):
            raise MachineTrouble(f"{path.parent} may not be written; write to a folder of your own") from error
        raise
    file = OutputFile(path, descriptor)
    try:
        try:
            yield file
            if file.failure is not None:
                raise file.failure
            durable.fsync(descriptor, path)
        except BaseException as error:
            file.failure = error
            raise
        finally:
            os.close(descriptor)
        durable.rename(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    durable.fsync_folder(path.parent)
