"""Crawls of a simulated site without a network: the real run from the lease to the ledger, pages handed over directly.

Frontier, spider, reading, WARC, staging, gates and publishing are those of `docarchive crawl`; what is left out is
sockets, robots.txt, rates and waiting. A hundred runs of 4,000 pages take minutes instead of hours.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy.http import Response

from archive.clock import ManualClock
from archive.warc_record import Exchange
from crawler.frontier import Entry, LinkKind, Status
from crawler.reading import canonical_url
from crawler.run import CrawlOutcome, CrawlRequest, CrawlRun
from crawler.spiders.documents import DocumentsSpider
from simulator import SimulatorOptions
from simulator.answer import Answer
from simulator.answer import Request as Asked
from simulator.site import Site

HOST = "127.0.0.1:9"
"""Nothing listens there: no page of these crawls comes over a socket."""
OPENED_AT = datetime(2026, 3, 1, 3, tzinfo=UTC)


class DirectSite:
    """A simulated site and the clock that it and its crawls live by."""

    def __init__(self, documents: int, *, family: str = "huiwen", seed: int = 7, **options: Any) -> None:
        self.clock = ManualClock(OPENED_AT)
        self.family = family
        wanted = SimulatorOptions(documents=documents, family=family, seed=seed, plain_bodies=True, **options)
        self.site = Site(wanted, self.clock.now, OPENED_AT)

    def happen(self, action: str, **takes: Any) -> None:
        """Let something happen to the site now."""
        self.site.happen({"at": self.clock.now().isoformat(), "action": action, **takes})

    def crawl(self, archive: Path, *, days: float = 1, only_new: bool = False) -> CrawlOutcome:
        """Crawl the site *days* later and return how the run ended; *only_new*: known documents are not asked for."""
        self.clock.advance(days * 86400)
        return _DirectCrawl.of(self, archive, only_new)

    def truth(self) -> dict[str, dict[str, Any]]:
        """Return doc_id -> what a perfect archive would hold of it now, by the product's field names."""
        return {row["doc_id"]: row for row in self.site.truth(f"http://{HOST}")}


class _DirectCrawl(CrawlRun):
    site: Site
    only_new: bool

    @classmethod
    def of(cls, site: DirectSite, archive: Path, only_new: bool) -> CrawlOutcome:
        start_urls = tuple(f"http://{HOST}{path}" for path in site.site.start_paths())
        request = CrawlRequest(
            archive=archive,
            profile=None,
            site=site.family,
            start_urls=start_urls,
            allow_hosts=(HOST,),
        )
        begun = cls.begin(request, site.clock)
        begun.site, begun.only_new = site.site, only_new
        try:
            return begun.run()
        finally:
            begun.session.close()

    def _fetch(self) -> None:
        asyncio.run(self._walk())
        self.session.stop_fetching()

    async def _walk(self) -> None:
        spider = DocumentsSpider(self.session, self._headers())
        while True:
            entry = self.session.next_entry()
            if entry is None:
                if not self.session.has_more():
                    return
                self.clock.advance(5)  # what was postponed waits for its next try
                continue
            if self.only_new and self._is_known(entry):
                with self.session.state.transaction():
                    self.session.frontier.settle(entry, Status.SKIPPED, "known")
                continue
            self.clock.advance(0.1)
            request = spider.request(entry)
            headers = {name.decode().lower(): values[-1].decode() for name, values in request.headers.items()}
            target = "/" + request.url.split("/", 3)[3]
            answer = self.site.answer(Asked("GET", target, headers))
            request.meta["fetched_at"] = self.clock.now()
            request.meta["stored"] = self.session.store(_exchange(request.url, answer, self.clock.now()), request.meta)
            request.meta["payload_bytes"] = len(answer.body)
            response = Response(
                request.url,
                status=answer.status,
                headers=dict(_header_lines(answer)),
                body=answer.body,
                request=request,
            )
            outcomes = spider.parse(response)
            assert isinstance(outcomes, list)
            for outcome in outcomes:
                assert outcome.status is not Status.IN_FLIGHT
                self.session.stage(outcome)

    def _is_known(self, entry: Entry) -> bool:
        known = self.session.staging.known_page(canonical_url(entry.url))
        return entry.kind is LinkKind.DOCUMENT and known is not None


def _header_lines(answer: Answer) -> list[tuple[bytes, bytes]]:
    lines = [*answer.headers, *([("Content-Type", answer.content_type)] if answer.content_type else [])]
    return [(name.encode(), value.encode()) for name, value in lines]


def _exchange(url: str, answer: Answer, fetched_at: datetime) -> Exchange:
    return Exchange(
        url=url,
        fetched_at=fetched_at,
        method="GET",
        request_lines=b"",
        request_body=b"",
        status_line=b"HTTP/1.1 %03d OK" % answer.status,
        header_lines=tuple(_header_lines(answer)),
        body=answer.body,
    )
