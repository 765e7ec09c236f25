"""Files of captures that any tool made: WARC as it is, and WACZ, a ZIP of WARC files (specs.webrecorder.net/wacz)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from archive.errors import DamagedFile, UsageError
from archive.warc_reading import StoredRecord, read_records


def is_captures(path: Path) -> bool:
    """Whether the name says that the file holds captures."""
    return path.name.lower().endswith((".warc", ".warc.gz", ".wacz"))


def records_of(path: Path, types: tuple[str, ...] = ("response",)) -> Iterator[StoredRecord]:
    """Yield the records of a WARC file, or of all WARC files inside a WACZ.

    Raises DamagedFile where a file breaks off, UsageError for a WACZ that holds none.
    """
    if not path.name.lower().endswith(".wacz"):
        yield from read_records(path, types)
        return
    try:
        with zipfile.ZipFile(path) as packed:
            names = [n for n in packed.namelist() if n.startswith("archive/") and n.endswith((".warc", ".warc.gz"))]
            if not names:
                raise UsageError(f"{path} holds no WARC file; name a WACZ or WARC file")
            for name in names:
                with packed.open(name) as file:
                    yield from read_records(file, types)  # type: ignore[arg-type]  # reads like a file
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # a lock, an unknown compression
        raise DamagedFile(f"{path} is no WACZ file, or damaged ({error}); get a whole copy of it") from error
