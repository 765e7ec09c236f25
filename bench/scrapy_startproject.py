"""The peer: what `scrapy startproject` writes, a spider with CSS selectors, a JSON Lines feed; no WARC, no history.

usage: python -m bench.scrapy_startproject START_URL OUT.jsonl
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess


class Documents(scrapy.Spider):
    name = "documents"

    def parse(self, response: Any) -> Iterator[Any]:
        yield from response.follow_all(css="main a[href^='/doc/']", callback=self.parse_document)
        yield from response.follow_all(css="a[href^='/list/']", callback=self.parse)

    def parse_document(self, response: Any) -> Iterator[Any]:
        yield {
            "url": response.url,
            "title": response.css("h1::text").get(),
            "attributes": response.css("main li::text, main li b::text").getall(),
            "tags": response.css("a[href^='/tag/']::text").getall(),
            "text": response.css("main p::text").getall(),
        }


def main() -> None:
    start, out = sys.argv[1:3]
    Documents.start_urls = [start]
    process = AsyncCrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 16,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": True,
            "FEEDS": {out: {"format": "jsonlines", "overwrite": True}},
        }
    )
    process.crawl(Documents)
    process.start()


if __name__ == "__main__":
    main()
