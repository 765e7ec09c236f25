"""Captures that other tools made (Browsertrix, wget, Heritrix, Common Crawl), read and published as one run.

It is the way in for sites that need a browser: their pages go through the same reader into the same archive.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from archive.clock import Clock
from archive.errors import DamagedFile, UsageError
from archive.layout import IMPORT_FOLDER, Layout
from archive.publishing.import_run import all_or_nothing, publish_import
from archive.publishing.importing import CLOCKS_APART
from archive.publishing.rebuild_state import known_documents, known_pages
from archive.record import DocumentRecord
from archive.site_state.staging import BodySource, CapturedPage, KnownPage, Run, Staging
from archive.site_state.state import GROUP_PAGES
from archive.warc.content_coding import MAX_BODY_BYTES
from archive.warc.reading import StoredRecord, read_capture, without_brackets
from archive.warc.record import IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED, TRUNCATIONS, Earlier, Exchange
from archive.warc.wacz import records_of, why_no_page
from archive.warc.writing import WarcWriter
from crawler.file_pages import is_file
from crawler.identity import identified
from crawler.listed_as import ListedInFile, listed_of, says_the_same
from crawler.profile import SiteProfile, profile_for_url
from crawler.reading import READER, canonical_url
from crawler.reading.urls import site_of
from crawler.stored_pages import read_stored

REQUESTS_KEPT = 256
"""Requests that wait for their response, or the other way round: tools write the two side by side."""

REQUEST_BYTES_KEPT = MAX_BODY_BYTES
"""Of all records that wait, but for the last."""

ORIGINALS_KEPT = 100_000
"""Captures that later records of the file may repeat; repeats of what is further back are passed over."""

NOT_MODIFIED = 304
"""HTTP status of an answer that has the body of an earlier one."""

_READABLE = ("html", "xml", "json", "text/plain")
_OF_FILES = ("pdf", "msword", "ms-excel", "ms-powerpoint", "opendocument", "rtf", "octet-stream", "download", "zip")
"""What content types of pages and files have in them; the others (pictures, styles) say nothing of documents."""

NO_PAGE = "pictures, styles, scripts and files"
UNLISTED = "files that no listing before them leads to"


@dataclass(slots=True)
class Imported:
    """What became of the records of a file."""

    run: Run = field(init=False)
    pages: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    """Why -> how many responses were left out."""
    damaged: list[str] = field(default_factory=list)
    """Sentences about files that break off; what came before is imported."""


def import_captures(
    layout: Layout,
    path: Path,
    clock: Clock,
    *,
    new_run_id: Callable[[], str],
    profiles: Mapping[str, SiteProfile],
    site: SiteProfile | str | None = None,
) -> Imported:
    """Publish the pages of the WARC or WACZ file *path* as one run and return what became of them.

    A page belongs to *site*, else to the profile that names its host, else to its host. Pages are stored as they were
    captured, at the time they were; pictures, styles, scripts are passed over, and files that no listing before them
    leads to. A killed import leaves nothing, or is finished by the next. Raises UsageError where nothing can be read.
    """
    done = Imported()

    def stage(staging: Staging) -> Run:
        run_id = new_run_id()
        with staging.state.transaction():
            options = {"import": True, "file": path.name}
            staging.start_run(run_id, started_at=clock.now(), reader=READER, options=options)
        with all_or_nothing(staging, run_id):
            _Import(layout, path, clock, staging, run_id, profiles, site, done).stage()
        return staging.run(run_id)

    done.run = publish_import(layout, clock, stage)
    return done


class _Import:
    def __init__(
        self,
        layout: Layout,
        path: Path,
        clock: Clock,
        staging: Staging,
        run_id: str,
        profiles: Mapping[str, SiteProfile],
        site: SiteProfile | str | None,
        done: Imported,
    ) -> None:
        self.layout = layout
        self.path = path
        self.staging = staging
        self.run_id = run_id
        self.profiles = profiles
        self.site = site
        self.done = done
        self.known: set[str] = set()
        self.ids_shared = 0
        self.latest = clock.now() + CLOCKS_APART
        """Later captures would stay the newest for ever."""
        self.originals: OrderedDict[str, _Original] = OrderedDict()
        self.listed = ListedInFile()
        assert staging.state.lease is not None
        epoch = staging.state.lease.epoch
        info = {"description": f"Import of {path.name}"}
        self.writer = WarcWriter(layout, IMPORT_FOLDER, run_id, epoch, clock, info=info)

    def stage(self) -> None:
        """Store and stage every page of the file."""
        for response, request in _exchanges(self.path, self.done, self.latest):
            self._stage(response, request)
        self.writer.close()
        if not self.done.pages and self.done.damaged:
            raise DamagedFile("; ".join(self.done.damaged))
        if not self.done.pages:
            left = "".join(f"; {number:,} {reason}" for reason, number in self.done.passed_over.most_common())
            raise UsageError(f"{self.path} holds no page that can be read{left}; nothing was imported")
        if self.ids_shared:
            self.staging.state.begin_group()
            self.staging.save_counts(self.run_id, {"ids_shared": self.ids_shared})

    def _stage(self, record: StoredRecord, request: StoredRecord | None) -> None:
        original: _Original | None = None
        if record.record_type == "revisit":
            original = next((self.originals[name] for name in _repeated(record) if name in self.originals), None)
            if original is None:
                self.done.passed_over["repeats of what is not in the file"] += 1
                return
            source = original.source
            record = replace(
                record, original=read_capture(self.layout, source.warc_file, source.warc_offset, source.warc_length)
            )
        reason = self._no_document(record)
        if reason is not None:
            self.done.passed_over[reason] += 1
            return
        exchange = _exchange(record, request)
        metadata = self._listed_as(record, original)
        if original is not None and not says_the_same(metadata, record.metadata):
            if exchange.body:
                original = None  # what is said of a file is kept with its body: the body is stored once more
            else:
                metadata = record.metadata
        exchange = replace(exchange, metadata=metadata)
        profile = self._profile(record.url)
        site = self.site if isinstance(self.site, str) else profile.name if profile else site_of(record.url)
        page = read_stored(
            record,
            url=record.url,
            fetched_at=exchange.fetched_at,
            http_status=exchange.status if original is None else original.http_status,
            site=site,
            hints=profile.hints() if profile else None,
            listed=listed_of(metadata),
        )
        self.listed.note(page)
        if site not in self.known:
            self.staging.state.commit_group()
            self.known.add(site)
            known_documents(self.layout, site, self.staging)
            known_pages(self.layout, site, self.staging)
        stored = self.writer.write_exchange(exchange, revisit_of=_earlier(exchange, original))
        captured = CapturedPage(
            site=site,
            capture=stored.capture,
            url=record.url,
            canonical_url=canonical_url(record.url),
            fetched_at=exchange.fetched_at,
            http_status=exchange.status,
            content_type=record.content_type,
            record_type=stored.record_type,
            refers_to=stored.refers_to,
            payload_digest=stored.payload_digest,
            payload_bytes=len(exchange.body),
            warc_file=stored.file,
            warc_offset=stored.offset,
            warc_length=stored.length,
            page_type=str(page.page_type),
            reason=page.reason,
            source=original.source if original else None,
        )
        self._remember(record, captured, original)
        self.staging.state.begin_group()
        found = page.record and self._record(page.record, captured)
        self.staging.stage(self.run_id, captured, found)
        self.done.pages += 1
        if self.done.pages % GROUP_PAGES == 0:
            self.staging.state.commit_group()

    def _listed_as(self, record: StoredRecord, original: _Original | None) -> str | None:
        """Return what a listing says of a file: what came with its body, else a listing of this file."""
        kept = record.metadata if listed_of(record.metadata) is not None else None
        if original is None:
            return kept or self.listed.metadata(record.url)
        return self.listed.metadata(record.url) or (kept if original.url == record.url else None)

    def _no_document(self, record: StoredRecord) -> str | None:
        """Return why a capture is passed over that is no page: a file is a document where a listing leads to it."""
        if not is_file(record.payload):
            kind = (record.content_type or "").lower()
            return NO_PAGE if kind and not any(part in kind for part in _READABLE) else None
        known = self.staging.known_page(canonical_url(record.url))
        is_document = record.url in self.listed or (known is not None and known.doc_id is not None)
        return None if is_document else UNLISTED

    def _profile(self, url: str) -> SiteProfile | None:
        if isinstance(self.site, SiteProfile):
            return self.site
        return profile_for_url(url, self.profiles) if self.site is None else None

    def _record(self, record: DocumentRecord, captured: CapturedPage) -> DocumentRecord:
        record = replace(
            record,
            run_id=self.run_id,
            capture=captured.capture,
            payload_digest=captured.payload_digest,
        )
        found = identified(record, self.staging, self.run_id, read_again=self._read_again)
        self.ids_shared += found.was_shared
        return found.record

    def _read_again(self, known: KnownPage) -> DocumentRecord | None:
        try:
            stored = read_capture(self.layout, known.warc_file, known.warc_offset, known.warc_length)
            profile = self._profile(known.url)
            return read_stored(
                stored,
                url=known.url,
                fetched_at=stored.fetched_at,
                http_status=stored.status or 200,
                site=None,
                hints=profile.hints() if profile else None,
            ).record
        except DamagedFile:
            return None

    def _remember(self, record: StoredRecord, captured: CapturedPage, original: _Original | None) -> None:
        """Note what later records of the file may repeat: its body, which a repeat has from its own original."""
        if original is None:
            original = _Original(
                source=BodySource(captured.capture, captured.warc_file, captured.warc_offset, captured.warc_length),
                url=record.url,
                fetched_at=captured.fetched_at,
                payload_digest=captured.payload_digest,
                http_status=captured.http_status,
            )
        for name in (record.capture, _place(record.url, captured.fetched_at)):
            self.originals[name] = original
        while len(self.originals) > ORIGINALS_KEPT * 2:
            self.originals.popitem(last=False)


class _Original(NamedTuple):
    """A response of the file, as it is stored now."""

    source: BodySource
    url: str
    fetched_at: datetime
    payload_digest: str | None
    http_status: int


def _repeated(revisit: StoredRecord) -> Iterator[str]:
    """Yield the names of the capture that a revisit says it repeats: its record id, its URL and date."""
    if revisit.refers_to:
        yield revisit.refers_to
    try:
        date = datetime.fromisoformat(revisit.warc_headers.get("warc-refers-to-date", ""))
    except ValueError:
        return
    url = without_brackets(revisit.warc_headers.get("warc-refers-to-target-uri", revisit.url))
    if date.tzinfo is not None:
        yield _place(url, date)


def _place(url: str, at: datetime) -> str:
    return f"{url} {int(at.timestamp())}"


def _earlier(exchange: Exchange, original: _Original | None) -> Earlier | None:
    if original is None:
        return None
    return Earlier(
        capture=original.source.capture,
        url=original.url,
        fetched_at=original.fetched_at,
        payload_digest=original.payload_digest,
        profile=SERVER_NOT_MODIFIED if exchange.status == NOT_MODIFIED else IDENTICAL_PAYLOAD,
    )


def _exchanges(path: Path, done: Imported, latest: datetime) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
    """Yield (response, its request if the file holds it nearby) for each page of *path*.

    A revisit comes after all that stands before it in the file. What is damaged is noted in *done*.
    """
    waiting, requests = _Nearby(), _Nearby()
    try:
        for record in records_of(path, ("request", "response", "revisit")):
            if record.record_type == "request":
                response = waiting.partner_of(record)
                if response is not None:
                    yield response, record
                else:
                    requests.add(record)
                continue
            reason = _passed_over(record, latest)
            if reason is not None:
                done.passed_over[reason] += 1
                continue
            if record.record_type == "revisit":
                yield from ((response, None) for response in waiting.all())
            request = requests.partner_of(record)
            if request is not None or record.record_type == "revisit":
                yield record, request
            else:
                yield from ((response, None) for response in waiting.add(record))
    except DamagedFile as error:
        done.damaged.append(str(error))
    yield from ((response, None) for response in waiting.all())


class _Nearby:
    """The last records of one kind whose partner was not met yet."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, StoredRecord] = OrderedDict()
        self._by_partner: dict[str, str] = {}
        self._bytes = 0

    def add(self, record: StoredRecord) -> list[StoredRecord]:
        """Keep one more; return those that wait no longer, one under the same id too."""
        left = [self.pop(record.capture)]
        self._records[record.capture] = record
        self._by_partner[record.warc_headers.get("warc-concurrent-to", "")] = record.capture
        self._bytes += len(record.block)
        while len(self._records) > REQUESTS_KEPT or (len(self._records) > 1 and self._bytes > REQUEST_BYTES_KEPT):
            left.append(self.pop(next(iter(self._records))))
        return [record for record in left if record is not None]

    def pop(self, capture: str) -> StoredRecord | None:
        """Return the record of this id, which then waits no longer; None for another."""
        record = self._records.pop(capture, None)
        if record is not None:
            self._bytes -= len(record.block)
            self._by_partner.pop(record.warc_headers.get("warc-concurrent-to", ""), None)
        return record

    def partner_of(self, record: StoredRecord) -> StoredRecord | None:
        """Return the record that *record* names as its partner, or that names it, as `pop` does."""
        named = record.warc_headers.get("warc-concurrent-to") or self._by_partner.get(record.capture)
        return self.pop(named) if named else None

    def all(self) -> Iterator[StoredRecord]:
        """Yield all that wait, in their order, which then wait no longer."""
        while self._records:
            record = self.pop(next(iter(self._records)))
            assert record is not None
            yield record


def _passed_over(record: StoredRecord, latest: datetime) -> str | None:
    """Return why a record is no page of ours, None for one that is."""
    reason = why_no_page(record)
    if reason is not None:
        return reason
    kind = (record.content_type or "").lower()
    if kind and not any(part in kind for part in (*_READABLE, *_OF_FILES)):
        return NO_PAGE
    if len(record.payload) > MAX_BODY_BYTES:
        return "too large"
    if record.fetched_at > latest:
        return "with a date that lies in the future"
    return None


def _exchange(record: StoredRecord, request: StoredRecord | None) -> Exchange:
    """Return *record* as we store one: the body without the transfer coding, the status line in the form of HTTP/1."""
    told = record.original if record.status is None and record.original is not None else record
    status = told.status or 0
    words = told.status_line.split(None, 2)
    reason = words[2] if len(words) > 2 else b""
    lines = request.block.partition(b"\r\n\r\n") if request is not None else (b"", b"", b"")
    truncated = (record.original or record).truncated  # of a revisit it only says that the body is elsewhere
    return Exchange(
        url=record.url,
        fetched_at=record.fetched_at,
        method=(lines[0].split(None, 1) or [b"GET"])[0].decode("ascii", "replace"),
        request_lines=lines[0],
        request_body=lines[2],
        status_line=b"HTTP/1.1 %03d %s" % (status, reason),
        header_lines=told.header_lines,
        body=b"" if record.original is not None and status == NOT_MODIFIED else record.payload,
        ip_address=record.warc_headers.get("warc-ip-address"),
        truncated=truncated if truncated in (*TRUNCATIONS, None) else "unspecified",
    )
