"""The record of one document as one page described it at one time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

import orjson

from archive.clock import instant_text, parse_instant
from archive.normal_form import nfkc

VERSION_FIELDS = (
    "title",
    "size_bytes",
    "size_text",
    "pages",
    "pages_text",
    "format",
    "format_text",
    "published_on",
    "published_text",
    "tags",
    "issuer",
    "document_number",
    "other_labels",
    "text_digest",
)
"""A new version of a document is made by a change in these fields alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """One document as one page described it at one time."""

    site: str
    """The profile's name, or the host where no profile is used."""
    doc_id: str
    """The site's own ID: the labelled one, else the one in the URL. Fixed for a canonical URL when first published."""
    url: str
    """The URL as fetched; a person can open it."""
    canonical_url: str
    """Our normal form of `url`: two URLs of one page have the same."""
    title: str
    """Main heading, whitespace collapsed, without badges such as VIP and without the file ending."""
    title_text: str | None = None
    """The heading as printed."""
    size_bytes: int | None = None
    """`size_text` in bytes, 1 KB = 1024, rounded half up. None: absent, or unreadable if `size_text` is set."""
    size_text: str | None = None
    """File size as printed, e.g. "32.74KB"."""
    pages: int | None = None
    """Number of pages or slides. None: absent, or unreadable if `pages_text` is set."""
    pages_text: str | None = None
    """Page count as printed, e.g. "22页"."""
    format: str | None = None
    """File format as a lower-case file ending, e.g. "docx"."""
    format_text: str | None = None
    """Format as printed, e.g. "DOCX" or "MS Word Document"."""
    published_on: str | None = None
    """ISO date cut to the precision printed: "2019", "2019-03" or "2019-03-12"."""
    published_text: str | None = None
    """The date as printed."""
    published_from: date | None = None
    """First day that `published_on` covers."""
    published_until: date | None = None
    """Last day that `published_on` covers."""
    tags: tuple[str, ...] = ()
    """This document's own keywords, in the page's order."""
    issuer: str | None = None
    """Issuing body as printed (发文机关, Organisation)."""
    document_number: str | None = None
    """Official number of the document (文号), as printed."""
    other_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Everything else the page states: label -> values, as printed. Counters are not here."""
    preview_text: str | None = None
    """The document's own text on the page, whole, paragraph breaks kept as newlines."""
    preview_pages: int | None = None
    """Pages of the document that `preview_text` covers, where the page or the attached file says so."""
    preview_share: float | None = None
    """Share of the document that `preview_text` is, 0 to 1."""
    text_digest: str | None = None
    """`text_digest(preview_text)`; None without a preview."""
    related_urls: tuple[str, ...] = ()
    """Absolute URLs of the page's related or recommended documents."""
    flags: tuple[str, ...] = ()
    """What reading saw: `truncated`, `parse_truncated`, `mojibake`, ..."""
    counters: Mapping[str, int] = field(default_factory=dict)
    """Views, downloads and the like: they go with the sighting and make no new version."""
    fetched_at: datetime
    """When the response was received: timezone-aware UTC, the same instant as WARC-Date."""
    run_id: str | None = None
    """The crawl run that published it; None for a page read without storing."""
    capture: str | None = None
    """WARC-Record-ID of the response it was read from, e.g. "<urn:uuid:...>"; None without one."""
    payload_digest: str | None = None
    """"sha256:" of the response body as received, before content decoding."""
    reader: str
    """Reader and version that produced the values, e.g. "general/1"."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Record field -> where on the page its value was read."""


RECORD_FIELDS = tuple(f.name for f in fields(DocumentRecord))


def text_digest(text: str | None) -> str | None:
    """Return "sha256:..." of the normal form of *text*, or None for no text.

    The normal form is NFKC without any white space, so that a copy with other line breaks, spacing or full-width
    punctuation is the same text.

    >>> text_digest("甲 乙,丙") == text_digest("甲\\n乙，丙")
    True
    """
    if text is None:
        return None
    squeezed = "".join(text.split())
    if not squeezed:
        return None
    normal = nfkc(squeezed)
    if " " in normal:  # NFKC makes one of some marks, and makes no other white space
        normal = "".join(normal.split())
    return "sha256:" + hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()


def content_digest(record: DocumentRecord) -> str:
    """Return "sha256:..." over the fields whose change makes a new version (`VERSION_FIELDS`).

    Tags count as a set in order; labels are sorted, so the order of rows on a page makes no version.
    """
    values = {name: getattr(record, name) for name in VERSION_FIELDS}
    return "sha256:" + hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def to_json(record: DocumentRecord) -> dict[str, Any]:
    """Return *record* as JSON types; instants and dates as ISO text, absent fields as None."""
    row: dict[str, Any] = {}
    for name in RECORD_FIELDS:
        value = getattr(record, name)
        if value is None or type(value) is str or type(value) is int:  # most are
            pass
        elif isinstance(value, datetime):
            value = instant_text(value)
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, Mapping):
            value = {k: list(v) if isinstance(v, tuple) else v for k, v in value.items()}
        row[name] = value
    return row


def from_json(row: Mapping[str, Any]) -> DocumentRecord:
    """Return the record that `to_json` wrote; unknown keys are an error (TypeError), absent ones take the default."""
    values = dict(row)
    values["fetched_at"] = parse_instant(values["fetched_at"])
    for name in ("published_from", "published_until"):
        if values.get(name) is not None:
            values[name] = date.fromisoformat(values[name])
    for name in ("tags", "related_urls", "flags"):
        values[name] = tuple(values.get(name) or ())
    values["other_labels"] = {k: tuple(v) for k, v in (values.get("other_labels") or {}).items()}
    for name in ("counters", "provenance"):
        values[name] = dict(values.get(name) or {})
    return DocumentRecord(**values)
