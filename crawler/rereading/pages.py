"""Archived captures read with today's reader and compared with what was published of them: the part that takes time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import orjson

from archive.errors import DamagedFile
from archive.layout import Layout
from archive.record import DocumentRecord, content_digest, to_json
from archive.site_state.planned import Earlier, Planned
from archive.warc.reading import StoredRecord, read_bodies, read_capture
from crawler.reading.page import Page, ReaderHints
from crawler.safe_reading import ReadPage
from crawler.session import FIELDS_COUNTED
from crawler.stored_pages import read_stored


@dataclass(frozen=True, slots=True)
class Pages:
    """Captures of one site whose bodies lie in one WARC file, in its order."""

    site: str
    hints: ReaderHints | None
    captures: Sequence[Planned]


class Reading(NamedTuple):
    """A capture that today's reader takes for a document's, with other content than was published, or none was."""

    number: int
    """Which of the captures."""
    doc_id: str
    reader: str
    content_digest: str
    counters: Mapping[str, int]
    row: bytes
    """The row of `versions` as JSON."""
    repeats: bool
    """Whether the sighting before was published with this content: the archive has its row."""
    previous_digest: str | None
    """Content digest that this reader gives for the sighting before; None where there is none that it can read."""


@dataclass(slots=True)
class PagesRead:
    """What became of some captures."""

    counts: Counter[str] = field(default_factory=Counter)
    """As a crawl counts them: `pages/document`, `other/captcha`, `filled/size_bytes`, ..."""
    kinds: list[tuple[str, str] | None] = field(default_factory=list)
    """(Page type, reason) of each capture in order; None of one that cannot be read from WARC."""
    same: list[int] = field(default_factory=list)
    """Numbers of documents that are read as they were."""
    differing: list[Reading] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Numbers of captures that were published as documents and are none, with the reason."""
    damaged: list[str] = field(default_factory=list)
    """Sentences about captures that cannot be read from WARC."""


def read_pages(layout: Layout, pages: Pages, read: ReadPage) -> PagesRead:
    """Read *pages* with *read* and return how they compare with what was published."""
    done = PagesRead()
    captures = pages.captures
    positions = [(one.body.offset, one.body.length) for one in captures]
    for number, stored in enumerate(read_bodies(layout, captures[0].body.file, positions)):
        if isinstance(stored, DamagedFile):
            done.damaged.append(str(stored))
            done.kinds.append(None)
            continue
        planned = captures[number]
        page = _read(stored, planned, pages, read)
        done.kinds.append((str(page.page_type), page.reason))
        _count(done.counts, page)
        if page.record is None:
            if planned.content_digest is not None:
                done.refused.append((number, page.reason))
        elif (digest := content_digest(page.record)) == planned.content_digest:
            done.same.append(number)
        else:
            done.differing.append(_differing(layout, number, planned, pages, page.record, digest, read))
    return done


def _read(stored: StoredRecord, planned: Planned | Earlier, pages: Pages, read: ReadPage) -> Page:
    return read_stored(
        stored,
        url=planned.url,
        fetched_at=planned.fetched_at,
        http_status=planned.http_status,
        site=pages.site,
        hints=pages.hints,
        read=read,
    )


def _count(counts: Counter[str], page: Page) -> None:
    counts[f"pages/{page.page_type}"] += 1
    if page.record is not None:
        for name in FIELDS_COUNTED:
            counts[f"filled/{name}"] += bool(getattr(page.record, name))
    elif page.page_type == "other":
        counts[f"other/{page.reason}"] += 1


def _differing(
    layout: Layout,
    number: int,
    planned: Planned,
    pages: Pages,
    record: DocumentRecord,
    digest: str,
    read: ReadPage,
) -> Reading:
    earlier = planned.earlier
    repeats = earlier is not None and earlier.content_digest == digest
    previous = digest if repeats else _read_earlier(layout, earlier, pages, record.reader, read)
    record = replace(
        record,
        doc_id=planned.doc_id or record.doc_id,
        capture=planned.capture,
        payload_digest=planned.payload_digest,
    )
    row = to_json(record) | {"content_digest": digest, "previous_reread_digest": previous}
    return Reading(
        number,
        record.doc_id,
        record.reader,
        digest,
        dict(record.counters),
        orjson.dumps(row),
        repeats,
        previous,
    )


def _read_earlier(layout: Layout, earlier: Earlier | None, pages: Pages, reader: str, read: ReadPage) -> str | None:
    """Return the content digest that today's reader gives for the sighting before; None where there is none to read."""
    if earlier is None:
        return None
    if earlier.reader == reader:
        return earlier.content_digest
    if earlier.body is None:
        return None
    try:
        stored = read_capture(layout, *earlier.body)
    except DamagedFile:
        return None
    page = _read(stored, earlier, pages, read)
    return content_digest(page.record) if page.record is not None else None
