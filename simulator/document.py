"""One document of a simulated site, as it stands at one revision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document as its page describes it at one revision."""

    number: int
    """Its place in the site's numbering, from 0; never shown."""
    doc_id: str
    """The site's own ID for it."""
    path: str
    """Path of its page, with the family's root."""
    category: int
    """Number of the listing it stands in, from 0."""
    title: str
    format: str
    """Lower-case file ending."""
    size_text: str | None
    """File size as printed; None where the page does not state it."""
    pages: int | None
    published: date
    tags: tuple[str, ...]
    paragraphs: tuple[str, ...]
    issuer: str | None = None
    document_number: str | None = None
    revision: int
    changed_at: datetime
    """When this revision came to be: what Last-Modified says."""

    @property
    def size_bytes(self) -> int | None:
        """`size_text` in bytes."""
        return None if self.size_text is None else size_bytes(self.size_text)


_SIZE = re.compile(r"(\d+)(?:\.(\d{1,2}))?\s*([KkM])[Bb]")
_POWER = {"K": 1024, "k": 1024, "M": 1024 * 1024}


def size_bytes(text: str) -> int:
    """Return the bytes that a size printed by this simulator states: 1 KB = 1024 bytes, rounded half up.

    >>> size_bytes("32.74KB"), size_bytes("2.4 MB"), size_bytes("305 kB")
    (33526, 2516582, 312320)
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a size such as 32.74KB")
    whole, decimals, unit = match.groups()
    hundredths = int(whole) * 100 + int((decimals or "").ljust(2, "0"))
    return (hundredths * _POWER[unit] * 2 + 100) // 200
