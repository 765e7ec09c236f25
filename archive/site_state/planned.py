"""One capture that is to be read again, and what was published of it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

ATTACHED_FILE = "attached_file"
"""Reason of the capture of a file that a document's page offers."""

NO_PAGES = ("robots_txt", ATTACHED_FILE, "archived_body_damaged")
"""Reasons of captures that are no pages of the site, or cannot be read."""


class Place(NamedTuple):
    """How far a plan has been worked through."""

    file: str
    offset: int
    capture: str


class Body(NamedTuple):
    """Where the record lies that holds a page's body."""

    file: str
    offset: int
    length: int | None


class Earlier(NamedTuple):
    """The document's sighting before a capture: what decides whether site or reader made a change."""

    url: str
    fetched_at: datetime
    http_status: int
    content_digest: str
    """As last published."""
    reader: str
    body: Body | None
    """None: its page is not in WARC (an import), or not found."""


class Planned(NamedTuple):
    """One capture to be read again."""

    capture: str
    url: str
    fetched_at: datetime
    http_status: int
    payload_digest: str | None
    body: Body
    doc_id: str | None
    """The ID that the capture's URL was first published with; None: it never was a document's."""
    content_digest: str | None
    """Of what was last published of this capture; None: no document."""
    values_at: tuple[str, int] | None
    """File and row of `versions` with the published values."""
    earlier: Earlier | None

    @property
    def place(self) -> Place:
        """Where the capture stands in the order of its plan."""
        return Place(self.body.file, self.body.offset, self.capture)
