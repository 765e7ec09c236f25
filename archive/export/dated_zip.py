"""Entries of a ZIP file that say when the export was made, so that the same export makes the same bytes."""

from __future__ import annotations

from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""ZIP knows no earlier time."""


def dated_entry(name: str, made_at: datetime, *, compressed: bool) -> ZipInfo:
    """Return an entry to be written, an ordinary file that everybody may read."""
    entry = ZipInfo(name, max(made_at.timetuple()[:6], _EARLIEST))
    entry.compress_type = ZIP_DEFLATED if compressed else ZIP_STORED
    entry.external_attr = 0o644 << 16
    return entry
