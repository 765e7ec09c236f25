"""What became of one URL that was handed out: the item that the spider gives to the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.record import DocumentRecord
from archive.site_state.staging import CapturedPage
from crawler.fetching.frontier import Entry, Link, Status
from crawler.reading.entries import ListedFile

MAY_PASS = frozenset({408, 425, 429})
"""Statuses below 500 that speak of the moment, not of the page: a server that hung up says 408 to a whole request."""


def may_pass(status: int) -> bool:
    """Whether a response of that status says nothing about the page, so that it is asked for again."""
    return status in MAY_PASS or status >= 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSeen:
    """What a listing page says beside its links."""

    advertised_total: int | None
    """How many documents it says there are on all its pages."""
    signals: Mapping[str, bytes]
    """Canonical URL of a document -> digest of what stands beside its link."""
    next_url: str | None
    """Canonical URL of the next page that it names, followed or not; None on its last page."""
    files: Mapping[str, ListedFile] = field(default_factory=dict)
    """Canonical URL of a document that is a file itself -> what is said of it."""
    is_cut: bool = False
    """Whether it came, or could be read, only in part: what stands behind is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One URL's end in this run, or its next try."""

    entry: Entry
    status: Status
    """`WAITING` for another try."""
    reason: str
    page: CapturedPage | None = None
    """The stored exchange; None where no response came."""
    record: DocumentRecord | None = None
    documents: list[Link] = field(default_factory=list)
    listings: list[Link] = field(default_factory=list)
    listing: ListingSeen | None = None
    """Set where a listing was expected and came."""
    file_urls: tuple[str, ...] = ()
    """Files that the page offers."""
    retry_seconds: float = 0.0
    moved_to: str | None = None
    """Where the site sends us for this very page (a session's id in the URL): waits to be fetched there."""
    tried: bool = True
    """Whether this counts as a try; one that was stopped, or refused by us, does not."""
    blocked: bool = False
    """The site did not let us: network failure, 408, 429, 5xx, challenge. Several in a row stop the run."""
