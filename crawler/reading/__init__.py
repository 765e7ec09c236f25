"""Bytes to what a page says: pure functions, without Scrapy, network or disk."""

from crawler.reading.page import Page, PageType, ReaderHints
from crawler.reading.reader import READER, read_page
from crawler.reading.urls import canonical_url

__all__ = ["READER", "Page", "PageType", "ReaderHints", "canonical_url", "read_page"]
