"""The front door: what users of the package import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.archive import Archive
from archive.errors import (
    ArchiveError,
    DamagedFile,
    DataNeedsPerson,
    LeaseLost,
    MachineTrouble,
    NotAnArchive,
    NotFound,
    SiteBusy,
    SiteUnavailable,
    UsageError,
)
from archive.record import DocumentRecord
from archive.rows import Rows

if TYPE_CHECKING:
    from crawler.reading import read_page

__all__ = [
    "Archive",
    "ArchiveError",
    "DamagedFile",
    "DataNeedsPerson",
    "DocumentRecord",
    "LeaseLost",
    "MachineTrouble",
    "NotAnArchive",
    "NotFound",
    "Rows",
    "SiteBusy",
    "SiteUnavailable",
    "UsageError",
    "read_page",
]


def __getattr__(name: str) -> Any:
    """Import the reader only where it is used: asking an archive needs no parser."""
    if name == "read_page":
        from crawler.reading import read_page

        return read_page
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
