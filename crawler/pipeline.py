"""The item pipeline that saves what the spider found."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from archive.errors import ArchiveError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.fetching.outcome import Outcome


class StagePipeline:
    """Stages page, record, new URLs and the URL's outcome as one step; a failing archive stops the run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StagePipeline:
        return cls(crawler)

    def process_item(self, item: Outcome) -> Any:
        session = self._crawler.spider.session  # type: ignore[union-attr]
        try:
            session.stage(item)
        except ArchiveError as error:
            session.fail(error)
        if session.stop_reason is not None and self._closing is None:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=session.stop_reason))
        return item
