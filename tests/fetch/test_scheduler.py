"""What Scrapy's engine is handed: never more than may be fetched again after a crash."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from scrapy import Request
from scrapy.settings import Settings

from crawler.fetching.scheduler import FrontierScheduler


def test_what_came_and_is_not_staged_counts_as_in_flight() -> None:
    waiting = ["https://docs.example/doc/1.html", "https://docs.example/doc/2.html"]
    session = SimpleNamespace(
        in_flight=3, next_entry=lambda: waiting.pop(0) if waiting else None, has_more=lambda: waiting
    )
    spider = SimpleNamespace(session=session, request=Request)
    crawler = cast(Any, SimpleNamespace(settings=Settings({"CONCURRENT_REQUESTS": 4})))
    scheduler = FrontierScheduler.from_crawler(crawler)
    scheduler.open(cast(Any, spider))
    first = scheduler.next_request()
    assert first is not None
    assert first.url == "https://docs.example/doc/1.html"
    session.in_flight = 4
    assert scheduler.next_request() is None
    assert scheduler.has_pending_requests()
    session.in_flight = 3
    assert scheduler.next_request() is not None
