"""A site whose pages lie in WARC files, read by one reader and then by others."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import durable
from archive.archive import Archive
from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.publishing.publish import Publisher
from archive.record import content_digest
from archive.site_state.staging import FETCHED, BodySource, CapturedPage, Staging
from archive.site_state.state import State
from archive.verifying.verify import verify
from archive.warc.record import IDENTICAL_PAYLOAD, Earlier, Exchange
from archive.warc.writing import Stored, WarcWriter
from crawler.identity import identified
from crawler.reading import READER, canonical_url, read_page
from crawler.reading.page import Page, PageType
from crawler.rereading.reread import RereadOutcome, RereadRequest, reread

SITE = "docs"
START = datetime(2026, 3, 1, 3, tzinfo=UTC)
FIELDS_COUNTED = ("size_bytes", "pages", "format", "published_on", "tags", "preview_text")

BETTER = "general/98"


def better_reader(body: bytes, **page: Any) -> Page:
    """Reads sizes in kilobytes where the first reader took them for megabytes (see `first_reader`)."""
    return _as(read_page(body, **page), BETTER)


def first_reader(body: bytes, **page: Any) -> Page:
    """Misreads every size; takes a page that says so for no document."""
    read = read_page(body, **page)
    if "第一版不认".encode() in body:
        return Page(url=read.url, page_type=PageType.OTHER, reason="no_facts")
    if read.record is None or read.record.size_bytes is None:
        return _as(read, "general/97")
    record = replace(read.record, size_bytes=read.record.size_bytes * 1024)
    return _as(replace(read, record=record), "general/97")


def fussy_reader(body: bytes, **page: Any) -> Page:
    """Takes no page for a document."""
    read = read_page(body, **page)
    return Page(url=read.url, page_type=PageType.OTHER, reason="fussy")


def forgetful_reader(body: bytes, **page: Any) -> Page:
    """Finds no size any more."""
    read = read_page(body, **page)
    if read.record is None:
        return read
    return _as(replace(read, record=replace(read.record, size_bytes=None, size_text=None)), "general/99")


def failing_reader(body: bytes, **page: Any) -> Page:
    raise ValueError("a mistake of ours")


def _as(page: Page, reader: str) -> Page:
    return page if page.record is None else replace(page, record=replace(page.record, reader=reader))


READERS = {
    better_reader: BETTER,
    first_reader: "general/97",
    forgetful_reader: "general/99",
    fussy_reader: "general/99",
    failing_reader: "general/99",
    read_page: READER,
}


def document(doc_id: str, title: str = "", size: str = "32.74KB", *, more: str = "") -> str:
    text = f"第{doc_id}号文件的正文,写了许多内容,足以作为预览的文字。" * 6
    return (
        f"<html><head><title>{title or '计划' + doc_id}</title></head><body><h1>{title or '计划' + doc_id}</h1>"
        f"<ul><li>ID:{doc_id}</li><li>大小:{size}</li><li>页数:22页</li><li>格式:DOCX</li><li>时间:2023-04-16</li>"
        f"</ul><div class='preview'>{text}</div>{more}</body></html>"
    )


@dataclass
class ReadSite:
    """One site, with short ways to crawl pages without a network."""

    layout: Layout
    clock: ManualClock
    runs: int = 0
    stored: dict[str, tuple[Stored, datetime]] = field(default_factory=dict)
    """Body -> where it lies, for revisits."""

    def crawl(self, pages: dict[str, str], *, read: Any = read_page, hold: str | None = None, hours: float = 1) -> str:
        """Capture *pages* (path -> HTML), read them with *read*, publish them as one run (or *hold* it)."""
        self.runs += 1
        self.clock.advance(hours * 3600)
        run_id = f"run-{self.runs:03d}"
        state = State(self.layout, SITE, self.clock)
        lease = state.acquire()
        staging = Staging(state)
        with state.transaction():
            staging.start_run(run_id, started_at=self.clock.now(), reader=READERS[read], options={})
        writer = WarcWriter(self.layout, SITE, run_id, lease.epoch, self.clock, info={})
        counts: dict[str, int] = {"requests": len(pages)}
        for path, html in pages.items():
            with state.transaction():
                self._stage(staging, writer, run_id, path, html, read, counts)
        writer.close()
        with state.transaction():
            staging.save_counts(run_id, counts | staging.document_counts(run_id))
            staging.set_status(run_id, FETCHED, finished_at=self.clock.now())
        publisher = Publisher(self.layout, state, staging, self.clock)
        if hold is not None:
            publisher.hold(run_id, hold)
        else:
            publisher.publish(run_id)
        state.close()
        return run_id

    def _stage(
        self,
        staging: Staging,
        writer: WarcWriter,
        run_id: str,
        path: str,
        html: str,
        read: Any,
        counts: dict[str, int],
    ) -> None:
        url = f"https://docs.example{path}"
        at = self.clock.now()
        body = gzip.compress(html.encode(), mtime=0)
        exchange = Exchange(
            url=url,
            fetched_at=at,
            method="GET",
            request_lines=f"GET {path} HTTP/1.1\r\nHost: docs.example\r\n\r\n".encode(),
            request_body=b"",
            status_line=b"HTTP/1.1 200 OK",
            header_lines=((b"Content-Type", b"text/html; charset=utf-8"), (b"Content-Encoding", b"gzip")),
            body=body,
        )
        before = self.stored.get(html)
        earlier = None
        if before is not None:
            earlier = Earlier(before[0].capture, url, before[1], before[0].payload_digest, IDENTICAL_PAYLOAD)
        stored = writer.write_exchange(exchange, revisit_of=earlier)
        page = read(
            html.encode(), url=url, fetched_at=at, content_type="text/html", http_status=200, site=SITE, hints=None
        )
        source = None
        if before is not None:
            source = BodySource(before[0].capture, before[0].file, before[0].offset, before[0].length)
        else:
            self.stored[html] = stored, at
        captured = CapturedPage(
            site=SITE,
            capture=stored.capture,
            url=url,
            canonical_url=canonical_url(url),
            fetched_at=at,
            http_status=200,
            content_type="text/html",
            record_type=stored.record_type,
            refers_to=stored.refers_to,
            payload_digest=stored.payload_digest,
            payload_bytes=len(body),
            warc_file=stored.file,
            warc_offset=stored.offset,
            warc_length=stored.length,
            page_type=str(page.page_type),
            reason=page.reason,
            source=source,
        )
        record = page.record
        if record is not None:
            record = replace(record, run_id=run_id, capture=stored.capture, payload_digest=stored.payload_digest)
            record = identified(record, staging, run_id).record
            for name in FIELDS_COUNTED:
                counts[f"filled/{name}"] = counts.get(f"filled/{name}", 0) + bool(getattr(record, name))
        staging.stage(run_id, captured, record)

    def reread(self, read: Any = read_page, **options: Any) -> list[RereadOutcome]:
        """Read again in this process, unless told otherwise."""
        self.clock.advance(3600)
        return list(reread(self.request(read, **options), self.clock))

    def request(self, read: Any = read_page, **options: Any) -> RereadRequest:
        return RereadRequest(layout=self.layout, reader=READERS[read], read=read, **({"processes": 1} | options))

    def open(self) -> Archive:
        return Archive.open(self.layout.root)

    def events(self) -> list[tuple[str, str]]:
        with self.open() as opened:
            return [(row["run_id"], row["event"]) for row in opened.runs()]

    def sizes(self, **moment: Any) -> dict[str, int | None]:
        """Return the size of each document as readers see it."""
        with self.open() as opened:
            return {row["doc_id"]: row["size_bytes"] for row in opened.records(**moment)}

    def history(self, doc_id: str, **moment: Any) -> list[tuple[int | None, str]]:
        """Return (size, cause) of each version."""
        with self.open() as opened:
            return [(row["size_bytes"], row["cause"]) for row in opened.history(SITE, doc_id, **moment)]

    def known_digests(self) -> dict[str, tuple[str, str]]:
        """Return what the state would compare the next crawl with: doc_id -> (content digest, reader)."""
        state = State(self.layout, SITE, self.clock)
        try:
            rows = state.db.execute("SELECT doc_id, content_digest, reader FROM known_documents").fetchall()
        finally:
            state.abandon()
        return {row[0]: (row[1], row[2]) for row in rows}

    def damage(self) -> list[str]:
        return [str(finding) for finding in verify(self.layout) if finding.severity == "damage"]


def digests(pages: Sequence[str]) -> list[str]:
    """Return the content digests that the first reader gives for pages."""
    read = [
        first_reader(html.encode(), url="https://docs.example/doc/1.html", fetched_at=START, site=SITE)
        for html in pages
    ]
    return [content_digest(page.record) for page in read if page.record is not None]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ReadSite]:
    yield ReadSite(create(tmp_path / "data"), ManualClock(START))
    durable.fault_hook = None
