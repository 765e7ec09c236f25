"""Crawls of a simulated site without a network: the real run from the lease to the ledger, pages handed over directly.

Frontier, spider, reading, WARC, staging, gates and publishing are those of `docarchive crawl`; what is left out is
sockets, robots.txt, rates and waiting. A hundred runs of 4,000 pages take minutes instead of hours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy.http import Request, Response

from archive.clock import ManualClock
from archive.warc.record import Exchange
from crawler.fetching.frontier import Status
from crawler.order import CrawlOutcome, CrawlRequest
from crawler.profile import SiteProfile
from crawler.run import CrawlRun
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

    def crawl(
        self, archive: Path, *, days: float = 1, full: bool = False, revisit_budget: int | None = None
    ) -> CrawlOutcome:
        """Crawl the site *days* later and return how the run ended; *full*: known documents are all asked for.

        *revisit_budget*: requests a day for known pages, as in a profile.
        """
        self.clock.advance(days * 86400)
        begun = DirectCrawl.to(
            CrawlRequest(
                archive=archive,
                profile=SiteProfile(name=self.family, hosts=(HOST,), revisit_budget=revisit_budget),
                site=self.family,
                start_urls=tuple(f"http://{HOST}{path}" for path in self.site.start_paths()),
                allow_hosts=(HOST,),
                full=full,
            ),
            self.clock,
            lambda target, headers: self.site.answer(Asked("GET", target, headers)),
            seconds=0.1,
        )
        try:
            return begun.run()
        finally:
            begun.session.close()

    def truth(self) -> dict[str, dict[str, Any]]:
        """Return doc_id -> what a perfect archive would hold of it now, by the product's field names."""
        return {row["doc_id"]: row for row in self.site.truth(f"http://{HOST}")}


class DirectCrawl(CrawlRun):
    """A run whose requests are answered by a function."""

    clock: ManualClock
    answer: Callable[[str, Mapping[str, str]], Answer]
    """Path and query, headers -> what is sent."""
    seconds: float
    """That a request takes."""

    @classmethod
    def to(
        cls,
        request: CrawlRequest,
        clock: ManualClock,
        answer: Callable[[str, Mapping[str, str]], Answer],
        *,
        seconds: float,
    ) -> DirectCrawl:
        """Begin a crawl of what *answer* answers for."""
        begun = cls.begin(request, clock)
        assert isinstance(begun, DirectCrawl)
        begun.answer, begun.seconds = answer, seconds
        return begun

    def _fetch(self) -> None:
        asyncio.run(self._walk())
        self.session.stop_fetching()

    async def _walk(self) -> None:
        spider = DocumentsSpider(self.session, self._headers())
        while self.session.stop_reason is None:
            entry = self.session.next_entry()
            if entry is None:
                if not self.session.has_more():
                    return
                self.clock.advance(5)  # what was postponed waits for its next try
                continue
            self.clock.advance(self.seconds)
            outcomes = spider.parse(self._response(spider.request(entry)))
            assert isinstance(outcomes, list)
            for outcome in outcomes:
                assert outcome.status is not Status.IN_FLIGHT
                self.session.stage(outcome)

    def _response(self, request: Request) -> Response:
        headers = {name.decode().lower(): values[-1].decode() for name, values in request.headers.items()}
        answer = self.answer("/" + request.url.split("/", 3)[3], headers)
        now = self.clock.now()
        request.meta["fetched_at"], request.meta["truncated"] = now, None
        request.meta["stored"] = self.session.store(_exchange(request.url, answer, now), request.meta)
        request.meta["payload_bytes"] = len(answer.body)
        lines = dict(_header_lines(answer))
        return Response(request.url, status=answer.status, headers=lines, body=answer.body, request=request)


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
        body=b"" if answer.status == 304 else answer.body,
    )
