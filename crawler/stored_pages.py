"""What a stored response says, read as a crawl reads it: for `reread`, `import` and `read` of WARC files alike."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from archive.content_coding import TRUNCATED
from archive.warc_reading import StoredRecord
from crawler.reading import read_page
from crawler.reading.page import Page, PageType, ReaderHints

logger = logging.getLogger(__name__)

READER_ERROR = "reader_error"
"""Reason of a page that the reader fails on."""


class ReadPage(Protocol):
    """A reader: `crawler.reading.read_page`, or another version of it."""

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


def read_or_give_up(read: Callable[[], Page], url: str) -> Page:
    """Return what *read* returns.

    A page that the reader fails on is `reader_error`: one page, by accident or on purpose, must not end the run of its
    site. The gates hold a run with many of them.
    """
    try:
        return read()
    except Exception:
        logger.exception("the reader fails on %s; this is a bug, please report it with the page", url)
        return Page(url=url, page_type=PageType.OTHER, reason=READER_ERROR)


def read_stored(
    stored: StoredRecord,
    *,
    url: str,
    fetched_at: datetime,
    http_status: int,
    site: str | None,
    hints: ReaderHints | None,
    read: ReadPage = read_page,
    **options: Any,
) -> Page:
    """Return what the page in a WARC record says; its flags are also those of the capture (`truncated`, ...).

    *url*, *fetched_at* and *http_status* are the capture's, which may be a revisit that *stored* is the body of.
    *options* go to *read*.
    """
    decoded = stored.body()
    page = read_or_give_up(
        lambda: read(
            decoded.body,
            url=url,
            fetched_at=fetched_at,
            content_type=stored.content_type,
            http_status=http_status,
            site=site,
            hints=hints,
            **options,
        ),
        url,
    )
    flags = decoded.flags + ((TRUNCATED,) if stored.truncated else ())
    return _flagged(page, flags) if flags else page


def _flagged(page: Page, flags: tuple[str, ...]) -> Page:
    record = page.record
    if record is not None:
        record = replace(record, flags=tuple(dict.fromkeys((*record.flags, *flags))))
    return replace(page, record=record, flags=tuple(dict.fromkeys((*page.flags, *flags))))
