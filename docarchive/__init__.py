"""The front door: what users of the package import."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from archive.archive import Archive
    from archive.snapshot.rows import Rows
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


_WHERE = {"Archive": "archive.archive", "Rows": "archive.snapshot.rows", "read_page": "crawler.reading"}


def __getattr__(name: str) -> Any:
    """Import what is slow only where it is used: the command's help needs no database, asking an archive no parser."""
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
