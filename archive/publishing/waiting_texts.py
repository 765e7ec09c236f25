"""Which published texts wait to be looked through for copies, told by the names of their files alone.

To begin takes a second whatever there is to do: too much behind each of a hundred runs that bring five documents each.
So a crawl looks when `DUE_BYTES` of texts wait, or some that have waited for `DUE_SECONDS`. Nothing is loaded to find
that nothing is due.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from archive import durable
from archive.layout import Layout

DUE_BYTES = 300_000
"""Of files of `versions`: some 100 documents with texts."""

DUE_SECONDS = 20 * 3600.0
"""A little less than a day: a daily crawl is never more than one behind."""

_SETTLED_SECONDS = 3600.0
"""A file this old that the tables do not list was replaced by maintenance; a younger one may be about to be listed."""

_FILE_OF_A_RUN = re.compile(r"^\d{8}T\d{6}Z-.*-\d{5,}-versions\.parquet$")


def files_of_runs(layout: Layout) -> dict[str, os.stat_result]:
    """Return name -> size and time of the files of `versions` that runs wrote, whether the tables list them or not."""
    try:
        with os.scandir(layout.table("versions")) as entries:
            return {entry.name: entry.stat() for entry in entries if _FILE_OF_A_RUN.match(entry.name)}
    except FileNotFoundError:
        return {}


def note_known(layout: Layout, before: dict[str, os.stat_result], listed: Iterable[str]) -> None:
    """Note what the index of copies knows: of the files that were there *before*, those that the tables *listed*."""
    names = {Path(path).name for path in listed}
    settled = max((stat.st_mtime for stat in before.values()), default=0.0) - _SETTLED_SECONDS
    known = sorted(name for name, stat in before.items() if name in names or stat.st_mtime < settled)
    durable.write_file(_known(layout), "".join(f"{name}\n" for name in known).encode())


def _known(layout: Layout) -> Path:
    """Deleted with the index, of which it tells."""
    return layout.duplicates / "known"


def _waiting(layout: Layout, found: dict[str, os.stat_result]) -> Collection[os.stat_result]:
    try:
        known = set(_known(layout).read_text("ascii").splitlines())
    except (OSError, ValueError):
        known = set()
    return [stat for name, stat in found.items() if name not in known]


def is_due(layout: Layout, enough: int | None = None) -> bool:
    """Whether so many bytes of texts wait (`DUE_BYTES`), or some that have waited for long; takes a millisecond."""
    found = files_of_runs(layout)
    waiting = _waiting(layout, found)
    if sum(stat.st_size for stat in waiting) >= (DUE_BYTES if enough is None else enough):
        return True
    if not waiting:
        return False
    newest = max(stat.st_mtime for stat in found.values())  # of the run that was just published
    return newest - min(stat.st_mtime for stat in waiting) >= DUE_SECONDS


def anything_waits(layout: Layout) -> bool:
    """Whether there is a text that was never looked through."""
    return bool(_waiting(layout, files_of_runs(layout)))
