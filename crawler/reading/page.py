"""What a page turned out to be: the result of reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from archive.record import DocumentRecord

if TYPE_CHECKING:
    from crawler.reading.entries import ListedFile
    from crawler.reading.explaining import Reason


class PageType(StrEnum):
    """What a page is, as far as the archive cares."""

    DOCUMENT = "document"
    LISTING = "listing"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderHints:
    """What a site's profile may tell the reader; every one is optional."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels this site words differently, by record field: {"pages": "总页数"}."""
    document_url: str | None = None
    """Regular expression that the path (with query) of every document URL matches; group `id`, if there, is the ID."""
    listing_url: str | None = None
    """Regular expression that the path (with query) of every listing URL matches."""
    item_url: str | None = None
    """URL of a document of which a listing in JSON gives but members: "https://docs.example/doc?id={docId}"."""
    encoding: str | None = None
    """Encoding of the site's pages where neither header nor meta says so."""
    day_first: bool | None = None
    """Whether 03/04/2020 is 3 April; None: by the page's language."""
    platform: str | None = None
    """Engine the site runs on (a module of `crawler.platforms`); None: by page shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as read. Only a document page has a record; only a listing has document URLs."""

    url: str
    page_type: PageType
    reason: str
    """Short machine-readable cause, e.g. "labels+heading", "login_wall", "soft_404", "captcha", "gone"."""
    record: DocumentRecord | None = None
    document_urls: tuple[str, ...] = ()
    """Absolute URLs of the documents a listing lists, in the page's order."""
    listed_files: Mapping[str, ListedFile] = field(default_factory=dict)
    """Of a listing whose documents are files themselves: URL -> what the listing says of it."""
    file_urls: tuple[str, ...] = ()
    """Absolute URLs of the files that a document's page offers; size, pages and format are those of the first."""
    next_page: str | None = None
    """Absolute URL of the listing's next page; None on the last."""
    listing_urls: tuple[str, ...] = ()
    """Absolute URLs of other listings this listing leads to (categories are not followed unless a profile says so)."""
    advertised_total: int | None = None
    """How many documents the listing says there are on all its pages; None where it says nothing."""
    encoding: str | None = None
    """Encoding the bytes were read in, as Python names it."""
    flags: tuple[str, ...] = ()
    """What reading saw on any kind of page: `parse_truncated`, `encoding_guessed`, ..."""
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    """Record field -> where it was read, how sure it is, what competed; only of a page that was to be explained."""
