"""Which document a record is of: an identity is fixed for a URL when it is first published."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from archive.record import DocumentRecord
from archive.site_state.staging import Staging
from crawler.reading.urls import shape


class Identified(NamedTuple):
    """A record under the id of its document."""

    record: DocumentRecord
    was_shared: bool
    """Whether another document has the id that was read."""


def identified(record: DocumentRecord, staging: Staging, run_id: str) -> Identified:
    """Return *record* with the id that its URL was first published with, or one that is no other document's.

    An id read from the URL may be a number that starts anew in each folder: /2023/1001.html, /2024/1001.html. What is
    stated otherwise than it was, or shared, is noted as a decision.
    """
    known = staging.known_page(record.canonical_url)
    if known is not None and known.doc_id is not None:
        if known.doc_id != record.doc_id and record.provenance.get("doc_id") != "url":
            reason = "the page states another id than when its URL was first published; the first one stays"
            _decide(record, known.doc_id, reason, staging, run_id)
        return Identified(replace(record, doc_id=known.doc_id), was_shared=False)
    if record.provenance.get("doc_id") == "url":
        parts = urlsplit(record.canonical_url)
        others = staging.pages_of(run_id, record.doc_id, parts.netloc)
        if any(_is_another_document(record.canonical_url, other) for other in others):
            path = parts.path.strip("/")
            own_id = path.rpartition(".")[0] or path
            _decide(record, own_id, "another document has this number; the path tells them apart", staging, run_id)
            return Identified(replace(record, doc_id=own_id), was_shared=True)
    return Identified(record, was_shared=False)


def _decide(record: DocumentRecord, doc_id: str, reason: str, staging: Staging, run_id: str) -> None:
    staging.decide(
        run_id,
        site=record.site,
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
