"""Under which ID a document is kept: fixed for a URL when first published, and never that of another document."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from archive.record import DocumentRecord
from archive.staging import Staging
from crawler.reading.urls import shape


def identified(staging: Staging, run_id: str, record: DocumentRecord) -> tuple[DocumentRecord, bool]:
    """Return *record* with the id that its URL was first published with, or one that is no other document's.

    An id read from the URL may be a number that starts anew in each folder: /2023/1001.html, /2024/1001.html. The
    second value says whether it was such a one. What is stated otherwise than it was, or shared, is noted as a
    decision of the run.
    """
    known = staging.known_page(record.canonical_url)
    if known is not None and known.doc_id is not None:
        if known.doc_id != record.doc_id and record.provenance.get("doc_id") != "url":
            reason = "the page states another id than when its URL was first published; the first one stays"
            _decide(staging, run_id, record, known.doc_id, reason)
        return replace(record, doc_id=known.doc_id), False
    if record.provenance.get("doc_id") == "url":
        others = staging.pages_of(run_id, record.doc_id)
        if any(_is_another_document(record.canonical_url, other) for other in others):
            path = urlsplit(record.canonical_url).path.strip("/")
            own_id = path.rpartition(".")[0] or path
            _decide(staging, run_id, record, own_id, "another document has this number; the path tells them apart")
            return replace(record, doc_id=own_id), True
    return record, False


def _decide(staging: Staging, run_id: str, record: DocumentRecord, doc_id: str, reason: str) -> None:
    staging.decide(
        run_id,
        doc_id=doc_id,
        kind="identity",
        value=record.doc_id,
        reason=reason,
        at=record.fetched_at,
        evidence=record.capture,
    )


def _is_another_document(url: str, other: str) -> bool:
    """Whether pages at two URLs with one number are two documents: of the same kind, in different places.

    A page for printing or for phones is of another kind; a query only says how one came.
    """
    return shape(url) == shape(other) and url.partition("?")[0] != other.partition("?")[0]
