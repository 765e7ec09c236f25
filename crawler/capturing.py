"""What is kept of each exchange: written to WARC whole, or as a repeat of what the archive has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive.clock import parse_instant
from archive.layout import Layout
from archive.site_state.staging import BodySource, CapturedPage, KnownPage, Staging
from archive.site_state.state import State
from archive.warc.reading import read_capture
from archive.warc.record import IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED, Earlier, Exchange, sha256
from archive.warc.writing import OPEN_SUFFIX, Stored, WarcWriter
from crawler.fetching.conditions import Conditions
from crawler.fetching.frontier import Entry
from crawler.file_pages import is_file
from crawler.listed_as import kept_with, says_the_same
from crawler.reading import canonical_url


@dataclass(frozen=True, slots=True)
class Received:
    """A response as reading takes it, from the wire or from WARC."""

    body: bytes
    """Content coding undone."""
    content_type: str | None
    status: int
    fetched_at: datetime
    metadata: str | None = None
    """What is kept with the body in WARC: what a listing says of it."""


class Captures:
    """The exchanges of one run, and what the archive has of the same pages already."""

    def __init__(self, layout: Layout, state: State, staging: Staging, conditions: Conditions) -> None:
        self._layout = layout
        self._state = state
        self._staging = staging
        self._conditions = conditions
        self._writer: WarcWriter | None = None

    def open(self, writer: WarcWriter) -> None:
        """Write to *writer* from now on."""
        self._writer = writer

    def close(self) -> None:
        """Close the WARC file, if one is open. Raises MachineTrouble, LeaseLost."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def known(self, entry: Entry) -> KnownPage | None:
        """Return what is known of a page that the site can be asked to answer "not modified" about, or None."""
        known = self._conditions.of(entry)
        if known is None or not self._is_whole(known):
            return None
        said = self._staging.listed_files.of(known.canonical_url)
        return known if said is None or says_the_same(said, kept_with(self._layout, known)) else None

    def archived(self, known: KnownPage) -> Received:
        """Return the archived response that a "not modified" answer stands for.

        Raises DamagedFile when its WARC file is missing or broken.
        """
        record = read_capture(self._layout, known.warc_file, known.warc_offset, known.warc_length)
        return Received(
            record.body().body, record.content_type, record.status or 200, record.fetched_at, record.metadata
        )

    def write(self, exchange: Exchange, meta: dict[str, Any], run_id: str) -> Stored:
        """Write an exchange to WARC: as a revisit record where the archive has its body.

        *meta* are those of the request: `known` is what it was asked about. Sets there `source`, where the body is that
        the record stands for, and `metadata`, what is kept with the body.
        """
        assert self._writer is not None
        known: KnownPage | None = meta.get("known")
        digest = sha256(exchange.body)
        earlier: Earlier | None = None
        if exchange.status == 304 and known is not None:
            earlier = _earlier(known, SERVER_NOT_MODIFIED)
        elif exchange.status == 200 and exchange.body and exchange.truncated is None:
            self._state.begin_group()
            said = meta["metadata"] = self._listed_as(exchange, meta)
            same = self._staging.earlier_body(run_id, digest)
            is_listed = said is not None or is_file(exchange.body)
            kept = kept_with(self._layout, same) if is_listed and same is not None else None
            if same is not None and self._is_whole(same) and says_the_same(said, kept):
                known, earlier = same, _earlier(same, IDENTICAL_PAYLOAD)
                meta["metadata"] = kept
            elif said is not None:
                exchange = replace(exchange, metadata=said)
        meta["source"] = known if earlier is not None else None
        return self._writer.write_exchange(exchange, revisit_of=earlier, payload_digest=digest)

    def _listed_as(self, exchange: Exchange, meta: Mapping[str, Any]) -> str | None:
        """Return what the newest listing says of a file that came; where it is not known any more, what was kept."""
        entry: Entry | None = meta.get("entry")
        if entry is None:
            return None
        said = self._staging.listed_files.of(canonical_url(entry.url))
        if said is None and is_file(exchange.body):
            known = self._staging.known_page(canonical_url(entry.url))
            said = kept_with(self._layout, known) if known is not None else None
        return said

    def _is_whole(self, known: KnownPage) -> bool:
        """Whether the WARC file that holds an archived body is there: what a lost file held is stored again."""
        path = self._layout.root / known.warc_file
        if path.exists():
            return path.stat().st_size >= known.warc_offset + known.warc_length
        return path.with_name(path.name + OPEN_SUFFIX).exists()  # our own, which is being written

    def row(
        self,
        url: str,
        fetched_at: datetime,
        status: int,
        content_type: str | None,
        payload_bytes: int,
        stored: Stored,
        meta: Mapping[str, Any],
        *,
        page_type: str = "other",
        reason: str = "robots_txt",
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> CapturedPage:
        """Return the row that describes a stored exchange."""
        source: KnownPage | None = meta.get("source")
        return CapturedPage(
            site=self._state.site,
            capture=stored.capture,
            url=url,
            canonical_url=canonical_url(url),
            fetched_at=fetched_at,
            http_status=status,
            content_type=content_type,
            record_type=stored.record_type,
            refers_to=stored.refers_to,
            payload_digest=source.payload_digest if source else stored.payload_digest,
            payload_bytes=payload_bytes,
            warc_file=stored.file,
            warc_offset=stored.offset,
            warc_length=stored.length,
            page_type=page_type,
            reason=reason,
            etag=etag,
            last_modified=last_modified,
            source=BodySource(source.capture, source.warc_file, source.warc_offset, source.warc_length)
            if source
            else None,
        )


def _earlier(known: KnownPage, profile: str) -> Earlier:
    return Earlier(
        capture=known.capture,
        url=known.url,
        fetched_at=parse_instant(known.fetched_at),
        payload_digest=known.payload_digest,
        profile=profile,
    )
