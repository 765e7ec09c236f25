"""Scrapy's scheduler interface over the durable frontier."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Self

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

    from crawler.session import Session


class FrontierScheduler(BaseScheduler):
    """Hands the frontier's entries to Scrapy's engine as Requests."""

    def __init__(self, most_in_flight: int) -> None:
        self._passed: deque[Request] = deque()
        self._most_in_flight = most_in_flight

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("CONCURRENT_REQUESTS"))

    def open(self, spider: Spider) -> Deferred[None] | None:
        self._session: Session = spider.session  # type: ignore[attr-defined]
        self._spider = spider
        return None

    def close(self, reason: str) -> Deferred[None] | None:
        return None

    def has_pending_requests(self) -> bool:
        return bool(self._passed) or self._session.has_more()

    def enqueue_request(self, request: Request) -> bool:
        """Take a Request made by someone else (a middleware, the Scrapy shell); ours live in the frontier."""
        self._passed.append(request)
        return True

    def next_request(self) -> Request | None:
        if self._passed:
            return self._passed.popleft()
        # Scrapy counts what is on the wire: what came and is not staged yet would be fetched again after a crash too.
        if self._session.in_flight >= self._most_in_flight:
            return None
        entry = self._session.next_entry()
        if entry is None:
            return None
        request: Request = self._spider.request(entry)  # type: ignore[attr-defined]
        return request
