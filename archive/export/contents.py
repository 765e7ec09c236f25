"""What goes into an exported file, whatever its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.export.captured import Captured
from archive.snapshot.rows import Rows

History = Sequence[Mapping[str, Any]]
"""The versions of one document, oldest first, as `archive.over_time.history` tells them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The documents of a selection, and what a reader of the file may want to know of them."""

    rows: Rows
    """The documents; they may be gone through several times, in the same order."""
    fields: Sequence[str]
    """The fields asked for. `rows` has more where the form is one of `NEED_ALL_FIELDS`."""
    narrow: Callable[[Sequence[str]], Rows]
    """Return the same documents with the fields named alone."""
    archive: str
    """The archive's name."""
    selection: Mapping[str, Any]
    """The selection's keywords as they were given."""
    made_at: datetime
    """When the file is made, aware UTC."""
    captured: Callable[[Sequence[str]], Iterator[Captured]]
    """Return captures, and what revisits among them repeat, as they lie in the WARC files."""
    histories: Callable[[Sequence[tuple[str, str]]], Mapping[tuple[str, str], History]]
    """Return the versions of documents named by (site, doc_id)."""
    tell: Callable[[str], None]
    """Takes a sentence on what the file does not hold as the archive does."""
    shard_bytes: int | None = None
    """Of a form of several files: how large, before compression, one may become; None: what is usual."""
