"""Why an archive has no answer for a document that somebody names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archive.clock import instant_text
from archive.errors import NotFound

if TYPE_CHECKING:
    from archive.archive import Archive


def absent(archive: Archive, named: tuple[str, str] | str, then: Mapping[str, Any]) -> NotFound:
    """Return what to tell whoever named a document, by site and ID or by URL, that is not found as of *then*."""
    name = named if isinstance(named, str) else " ".join(named)
    now = None
    if any(value is not None for value in then.values()):
        now = archive.get_by_url(named) if isinstance(named, str) else archive.get(*named)
    if now is None:
        return NotFound(f"no document {name} in this archive; look for it with: docarchive search WORDS")
    return NotFound(f"document {name} was not known at that time; first seen {instant_text(now['first_seen'])}")
