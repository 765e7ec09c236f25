"""Captures that other tools made (Browsertrix, wget, Heritrix, Common Crawl), read and published as one run.

It is the way in for sites that need a browser: their pages go through the same reader into the same archive.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.clock import Clock
from archive.content_coding import MAX_BODY_BYTES
from archive.errors import DamagedFile, UsageError
from archive.import_run import all_or_nothing, publish_import
from archive.layout import IMPORT_FOLDER, Layout
from archive.rebuild_state import known_documents
from archive.record import DocumentRecord
from archive.staging import CapturedPage, Run, Staging
from archive.state import GROUP_PAGES
from archive.wacz import records_of
from archive.warc_reading import StoredRecord
from archive.warc_record import Exchange
from archive.warc_writing import WarcWriter
from crawler.profile import SiteProfile, profile_for_url
from crawler.reading import READER, canonical_url
from crawler.reading.page import Page
from crawler.reading.urls import site_of
from crawler.stored_pages import read_stored

REQUESTS_KEPT = 256
"""Requests that wait for their response, or the other way round: tools write the two side by side."""

_READABLE = ("html", "xml", "json", "text/plain")
"""What content types of pages have in them; the others (pictures, styles, scripts) say nothing of documents."""


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
    captured, at the time they were; pictures, styles and scripts are passed over. A killed import leaves nothing, or is
    finished by the next. Raises UsageError where nothing can be read.
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
        assert staging.state.lease is not None
        epoch = staging.state.lease.epoch
        info = {"description": f"Import of {path.name}"}
        self.writer = WarcWriter(layout, IMPORT_FOLDER, run_id, epoch, clock, info=info)

    def stage(self) -> None:
        """Store and stage every page of the file."""
        try:
            for response, request in _exchanges(self.path, self.done):
                self._stage(response, request)
        except DamagedFile as error:
            if not self.done.pages:
                raise
            self.done.damaged.append(str(error))
        self.writer.close()
        if not self.done.pages:
            raise UsageError(f"{self.path} holds no page that can be read; nothing was imported")

    def _stage(self, record: StoredRecord, request: StoredRecord | None) -> None:
        exchange = _exchange(record, request)
        profile = self._profile(record.url)
        site = self.site if isinstance(self.site, str) else profile.name if profile else site_of(record.url)
        page = read_stored(
            record,
            url=record.url,
            fetched_at=exchange.fetched_at,
            http_status=exchange.status,
            site=site,
            hints=profile.hints() if profile else None,
        )
        if site not in self.known:
            self.staging.state.commit_group()
            self.known.add(site)
            known_documents(self.layout, site, self.staging)
        stored = self.writer.write_exchange(exchange)
        captured = CapturedPage(
            site=site,
            capture=stored.capture,
            url=record.url,
            canonical_url=canonical_url(record.url),
            fetched_at=exchange.fetched_at,
            http_status=exchange.status,
            content_type=record.content_type,
            record_type=stored.record_type,
            refers_to=None,
            payload_digest=stored.payload_digest,
            payload_bytes=len(exchange.body),
            warc_file=stored.file,
            warc_offset=stored.offset,
            warc_length=stored.length,
            page_type=str(page.page_type),
            reason=page.reason,
        )
        self.staging.state.begin_group()
        self.staging.stage(self.run_id, captured, self._record(page, stored.capture, captured.payload_digest))
        self.done.pages += 1
        if self.done.pages % GROUP_PAGES == 0:
            self.staging.state.commit_group()

    def _profile(self, url: str) -> SiteProfile | None:
        if isinstance(self.site, SiteProfile):
            return self.site
        return profile_for_url(url, self.profiles) if self.site is None else None

    def _record(self, page: Page, capture: str, payload_digest: str | None) -> DocumentRecord | None:
        if page.record is None:
            return None
        return replace(page.record, run_id=self.run_id, capture=capture, payload_digest=payload_digest)


def _exchanges(path: Path, done: Imported) -> Iterator[tuple[StoredRecord, StoredRecord | None]]:
    """Yield (response, its request if the file holds it nearby) for each page of *path*."""
    waiting: OrderedDict[str, StoredRecord] = OrderedDict()
    requests: OrderedDict[str, StoredRecord] = OrderedDict()
    for record in records_of(path, ("request", "response", "revisit")):
        if record.record_type == "request":
            partner = waiting.pop(record.warc_headers.get("warc-concurrent-to", ""), None)
            if partner is not None:
                yield partner, record
            else:
                requests[record.capture] = record
                while len(requests) > REQUESTS_KEPT:
                    requests.popitem(last=False)
            continue
        reason = _passed_over(record)
        if reason is not None:
            done.passed_over[reason] += 1
            continue
        request = requests.pop(record.warc_headers.get("warc-concurrent-to", ""), None)
        request = request or next((r for r in requests.values() if _belongs(r, record)), None)
        if request is not None:
            yield record, request
        else:
            waiting[record.capture] = record
            if len(waiting) > REQUESTS_KEPT:
                yield waiting.popitem(last=False)[1], None
    for record in waiting.values():
        yield record, None


def _belongs(request: StoredRecord, response: StoredRecord) -> bool:
    return request.warc_headers.get("warc-concurrent-to") == response.capture


def _passed_over(record: StoredRecord) -> str | None:
    """Return why a record is no page of ours, None for one that is."""
    if record.record_type == "revisit":
        return "repeats of an earlier capture"
    if not record.url.lower().startswith(("http://", "https://")) or record.status is None:
        return "no answers to HTTP requests"
    kind = (record.content_type or "").lower()
    if kind and not any(part in kind for part in _READABLE):
        return "pictures, styles, scripts and files"
    if len(record.payload) > MAX_BODY_BYTES:
        return "too large"
    try:
        record.fetched_at  # noqa: B018  # it is computed
    except ValueError:
        return "without a date"
    return None


def _exchange(record: StoredRecord, request: StoredRecord | None) -> Exchange:
    """Return *record* as we store one: the body without the transfer coding, the status line in the form of HTTP/1."""
    status = record.status or 0
    words = record.status_line.split(None, 2)
    reason = words[2] if len(words) > 2 else b""
    lines = request.block.partition(b"\r\n\r\n") if request is not None else (b"", b"", b"")
    truncated = record.truncated if record.truncated in ("length", "time", "disconnect") else None
    return Exchange(
        url=record.url,
        fetched_at=record.fetched_at,
        method=(lines[0].split(None, 1) or [b"GET"])[0].decode("ascii", "replace"),
        request_lines=lines[0],
        request_body=lines[2],
        status_line=b"HTTP/1.1 %03d %s" % (status, reason),
        header_lines=record.header_lines,
        body=record.payload,
        ip_address=record.warc_headers.get("warc-ip-address"),
        truncated=truncated,
    )
