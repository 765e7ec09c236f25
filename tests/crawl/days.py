"""A simulated site crawled day after day in this process: everything real but the wire and Scrapy's engine.

Session, frontier, walker, spider, reading, staging, gates and publishing are those of a crawl; what a socket would
carry is handed over as bytes. A year of days takes minutes that way, and a test can act between any two requests.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Headers, HtmlResponse

from archive.clock import ManualClock
from archive.warc_record import Exchange
from crawler.run import CrawlOutcome, CrawlRequest, _Crawl
from crawler.spiders.documents import DocumentsSpider
from simulator.answer import Answer
from simulator.answer import Request as Asked
from simulator.options import SimulatorOptions
from simulator.site import Site

OPENED = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:9"


class Killed(Exception):
    """The process dies here, as far as the state file is concerned."""


@dataclass
class Days:
    """One site and its archive; `crawl` is one run."""

    archive: Path
    options: dict[str, Any]
    clock: ManualClock = field(default_factory=lambda: ManualClock(OPENED))
    before: Callable[[str], Answer | None] = lambda target: None
    """Called with each target before it is served; what it returns is served instead."""
    asked: list[str] = field(default_factory=list)
    """Targets of the last run, in order."""

    happened: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = self.reopened()

    def reopened(self, **changed: Any) -> Site:
        """Return the site as it is, with other options."""
        options = {"lost_documents": False, "plain_bodies": True, **self.options, **changed}
        site = Site(SimulatorOptions(**options), lambda: self.clock.now(), OPENED)
        for event in self.happened:
            site.happen(event)
        return site

    def happen(self, action: str, **takes: Any) -> None:
        self.happened.append({"at": self.clock.now().isoformat(), "action": action, **takes})
        self.site.happen(self.happened[-1])

    def wait(self, days: float) -> None:
        self.clock.advance(timedelta(days=days).total_seconds())

    def crawl(self, *, kill_after: int | None = None, **options: Any) -> CrawlOutcome | None:
        """Do one run; with *kill_after* the process dies after so many requests and None is returned."""
        request = CrawlRequest(
            archive=self.archive,
            profile=None,
            site="docs",
            start_urls=tuple(BASE + path for path in self.site.start_paths()),
            allow_hosts=("127.0.0.1:9",),
            delay_seconds=0,
            **options,
        )
        begun = _Crawl.begin(request, self.clock)
        self.asked = []
        try:
            begun.open_run()
            if begun.session.run.status == "crawling":
                asyncio.run(self._fetch(begun, kill_after))
                begun.session.stop_fetching()
            outcome = begun.end()
        except Killed:
            begun.session.abandon()
            return None
        begun.session.close()
        self.counts: Counter[str] = begun.session.counts
        return outcome

    async def _fetch(self, begun: _Crawl, kill_after: int | None) -> None:
        session = begun.session
        spider = DocumentsSpider(session=session, headers={})
        while session.stop_reason is None:
            entry = session.next_entry()
            if entry is None:
                if not session.has_more():
                    return
                self.clock.advance(60)  # a page waits for its next try
                continue
            if kill_after is not None and len(self.asked) >= kill_after:
                raise Killed
            request = spider.request(entry)
            response = self._answer(request, session)
            for outcome in spider.parse(response):  # type: ignore[union-attr]
                session.stage(outcome)
            self.clock.advance(1)

    def _answer(self, request: Any, session: Any) -> HtmlResponse:
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        self.asked.append(target)
        answer = self.before(target)
        if answer is None:
            headers = {name.decode().lower(): values[0].decode() for name, values in dict.items(request.headers)}
            answer = self.site.answer(Asked("GET", target, headers))
        lines = [(name.encode(), value.encode()) for name, value in answer.headers]
        if answer.content_type is not None:
            lines.append((b"Content-Type", answer.content_type.encode()))
        exchange = Exchange(
            url=request.url,
            fetched_at=self.clock.now(),
            method="GET",
            request_lines=b"",
            request_body=b"",
            status_line=b"HTTP/1.1 %d OK" % answer.status,
            header_lines=tuple(lines),
            body=b"" if answer.status == 304 else answer.body,
        )
        meta = request.meta
        meta["fetched_at"], meta["truncated"], meta["payload_bytes"] = exchange.fetched_at, None, len(exchange.body)
        meta["stored"] = session.store(exchange, meta)
        response = HtmlResponse(request.url, status=answer.status, body=exchange.body, request=request)
        response.headers = Headers({name: [value] for name, value in lines})
        return response

    def shown(self, page: int) -> list[dict[str, Any]]:
        """Return the documents on a page of the first listing, as the truth has them."""
        (catalogue,) = self.site.catalogues.values()
        catalogue.advance(self.clock.now())
        numbers = catalogue.shown(0, page, catalogue.family.per_page)
        return [{"doc_id": catalogue.card(number).doc_id} for number in numbers]

    # What is known afterwards

    def listings(self) -> list[str]:
        """Return the listing pages of the last run."""
        return [target for target in self.asked if "/doc" not in target]

    def documents(self) -> list[str]:
        """Return the document pages of the last run."""
        return [target for target in self.asked if "/doc" in target]

    def known(self) -> Mapping[str, str]:
        """Return id -> title of every document published so far."""
        from docarchive import Archive

        with Archive.open(self.archive) as archive:
            return {row["doc_id"]: row["title"] for row in archive.records(limit=0)}

    def missing(self) -> set[str]:
        """Return the documents that the site lists and the archive lacks."""
        there = {row["doc_id"] for row in self.site.truth(BASE) if row["withdrawn_at"] is None}
        return there - set(self.known())
