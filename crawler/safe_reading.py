"""Reading that no single page can stop."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Protocol

from crawler.file_pages import read_any
from crawler.reading.page import Page, PageType, ReaderHints

logger = logging.getLogger(__name__)

READER_ERROR = "reader_error"
"""Reason of a page that the reader fails on."""


class ReadPage(Protocol):
    """A reader: `crawler.file_pages.read_any`, or another version of it."""

    def __call__(
        self,
        body: bytes,
        *,
        url: str,
        fetched_at: datetime,
        content_type: str | None,
        http_status: int,
        site: str | None,
        hints: ReaderHints | None,
    ) -> Page:
        """Return what the page *body* (content coding undone) is and states."""


def read_safely(
    body: bytes,
    *,
    url: str,
    fetched_at: datetime,
    content_type: str | None,
    http_status: int,
    site: str | None,
    hints: ReaderHints | None,
    read: ReadPage | None = None,
    **options: Any,
) -> Page:
    """Return what a page says to *read* (None: to today's reader), which is given the *options* too.

    A page that the reader fails on is kept and counted as `reader_error`: one page, by accident or on purpose, must not
    end the crawls of its site, nor an import, nor a reread. The gates hold a run with many of them.
    """
    try:
        return (read or read_any)(
            body,
            url=url,
            fetched_at=fetched_at,
            content_type=content_type,
            http_status=http_status,
            site=site,
            hints=hints,
            **options,
        )
    except Exception:
        logger.exception("the reader fails on %s; this is a bug, please report it with the page", url)
        return Page(url=url, page_type=PageType.OTHER, reason=READER_ERROR)
