"""Which document a record is of: an identity is fixed for a URL when it is first published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import count, islice
from typing import NamedTuple
from urllib.parse import urlsplit

from archive.judgement.known_values import marks_of
from archive.record import DocumentRecord, to_json
from archive.site_state.staging import KnownPage, Staging
from crawler.reading.urls import LONGEST_ENDING, shape

ReadAgain = Callable[[KnownPage], DocumentRecord | None]
"""Reads the archived page of a document by today's reader; None: it is lost, or no document's any more."""

_FACTS = ("size_bytes", "pages", "published_on", "document_number", "format")
"""What two views of one document do not state differently; a date, tags and labels may be missing from one."""

_TELLING = _FACTS[:-1]
"""Those that tell documents of one title apart."""

VIEWS_LOOKED_AT = 64
"""Of one document, for the URL that it is called by."""


class Identified(NamedTuple):
    """A record under the id of its document."""

    record: DocumentRecord
    was_shared: bool
    """Whether another document has the id that was read."""


def identified(
    record: DocumentRecord,
    staging: Staging,
    run_id: str,
    *,
    replaces: str | None = None,
    read_again: ReadAgain | None = None,
) -> Identified:
    """Return *record* with the id that its URL was first published with, or one that is no other document's.

    Whatever a page or its URL has for an id may be another document's as well: numbers start anew in each folder
    (/2023/1001.html, /2024/1001.html), a template prints one number on every page, a script is called "view". What the
    pages say decides: two that say the same are views of one document (for printing, for phones, reached by ?from=),
    two that do not are two documents, the later of which is called by its URL. Under one id they would be a history
    that goes to and fro with each run. What is stated otherwise than it was, or shared, is noted as a decision.

    *replaces*: the held run whose pages are read anew under *run_id*. *read_again* serves to compare with what an older
    reader published.
    """
    known = staging.known_page(record.canonical_url)
    if known is not None and known.doc_id is not None:
        if (
            known.doc_id != record.doc_id
            and record.provenance.get("doc_id") != "url"
            and not _is_shared(record, known.doc_id, staging)
        ):
            reason = "the page states another id than when its URL was first published; the first one stays"
            _decide(record, known.doc_id, reason, staging, run_id)
        return Identified(replace(record, doc_id=known.doc_id), was_shared=False)
    fixed = staging.identities.of(run_id, record.canonical_url)
    if fixed is not None:
        return Identified(replace(record, doc_id=fixed), was_shared=False)
    comparing = _Comparing(record, staging, replaces, read_again)
    doc_id = record.doc_id
    for doc_id in _names(record):
        is_of = comparing.is_of(doc_id)
        if is_of is not False:
            break
    if is_of is None and doc_id != record.doc_id:
        _decide(record, doc_id, "another document has this id; the URL tells them apart", staging, run_id)
    staging.identities.fix(run_id, record.canonical_url, doc_id)
    return Identified(replace(record, doc_id=doc_id), was_shared=doc_id != record.doc_id)


def _is_shared(record: DocumentRecord, doc_id: str, staging: Staging) -> bool:
    """Whether a known page states the id of another document, and its own is called by a URL for that."""
    if not staging.identities.is_published(record.site, record.doc_id):
        return False
    pages = (record.canonical_url, *islice(staging.known_pages_of(doc_id), VIEWS_LOOKED_AT))
    return any(doc_id in _names_by_url(page) for page in pages)


def _names(record: DocumentRecord) -> Iterator[str]:
    """Yield what the document may be called, the best first: the id as read, then ever more of the URL."""
    yield from dict.fromkeys((record.doc_id, *_names_by_url(record.canonical_url)))
    for number in count(2):  # some page prints this URL as its id
        yield f"{record.canonical_url}#{number}"


def _names_by_url(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    path = parts.path.strip("/")
    query = f"?{parts.query}" if parts.query else ""
    return tuple(filter(None, (_without_ending(path), path + query, f"{parts.netloc}/{path}{query}", url)))


def _without_ending(path: str) -> str:
    stem, _, ending = path.rpartition(".")
    return stem if stem and len(ending) <= LONGEST_ENDING and "/" not in ending else path


class _Comparing:
    """Holds a record against the documents whose it may be."""

    def __init__(
        self, record: DocumentRecord, staging: Staging, replaces: str | None, read_again: ReadAgain | None
    ) -> None:
        self._record = record
        self._staging = staging
        self._replaces = replaces
        self._read_again = read_again

    @cached_property
    def _marks(self) -> dict[str, bytes]:
        return marks_of(to_json(self._record))

    def is_of(self, doc_id: str) -> bool | None:
        """Whether the record is of the document that has this id; None where none has."""
        statements = list(self._staging.identities.statements(self._record.site, doc_id, self._replaces))
        if not statements:
            return None
        url = self._record.canonical_url
        if any(stated.canonical_url == url for stated in statements):  # in another run that waits for a person's word
            return True
        said = [self._says_the_same(doc_id, stated.marks) for stated in statements]
        if True in said:
            return True
        if None in said:
            staged = [stated.canonical_url for stated in statements if stated.canonical_url is not None]
            return not self._is_elsewhere(doc_id, staged)
        return self._says_the_same_read_today(doc_id)

    def _says_the_same(self, doc_id: str, stated: Mapping[str, bytes] | None) -> bool | None:
        """Whether a page says the same; under the id that both print their title is enough.

        A site that moves prints the ids and titles that it had, and cuts its texts otherwise.
        """
        said = say_the_same(self._marks, stated)
        is_printed = doc_id == self._record.doc_id and self._record.provenance.get("doc_id") != "url"
        if said is False and is_printed and stated is not None:
            return self._marks.get("title") == stated.get("title")
        return said

    def _is_elsewhere(self, doc_id: str, staged: list[str]) -> bool:
        """Whether the document stands in another place than this page, of the same kind: numbers that start anew.

        Asked where the pages say too little; a query then only says how one came, and what a page prints is believed.
        """
        url = self._record.canonical_url
        others = staged + self._staging.known_pages_on(urlsplit(url).netloc, doc_id)
        return self._record.provenance.get("doc_id") == "url" and any(
            shape(url) == shape(other) and urlsplit(url).path != urlsplit(other).path for other in others
        )

    def _says_the_same_read_today(self, doc_id: str) -> bool:
        """Whether what is published of the document would say the same, had today's reader written it."""
        known = self._staging.known_document(self._record.site, doc_id)
        if known is None or known.reader == self._record.reader or self._read_again is None:
            return False
        for url in self._staging.known_pages_of(doc_id)[:1]:
            page = self._staging.known_page(url)
            record = self._read_again(page) if page is not None else None
            if record is not None:
                return bool(say_the_same(self._marks, marks_of(to_json(record))))
        return False


def say_the_same(one: Mapping[str, bytes], other: Mapping[str, bytes] | None) -> bool | None:
    """Whether two pages' marks say the same of a document; None where they say too little to tell."""
    if other is None:
        return None
    if any(one.get(name) != other.get(name) for name in ("title", "text_digest")):
        return False
    if any(name in one and name in other and one[name] != other[name] for name in _FACTS):
        return False
    return True if "text_digest" in one or any(name in one and name in other for name in _TELLING) else None


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
