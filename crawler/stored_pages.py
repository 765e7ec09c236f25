"""What a stored response says, read as a crawl reads it: for `reread`, `import` and `read` of WARC files alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from archive.warc.reading import StoredRecord
from crawler.listed_as import listed_of
from crawler.reading.page import Page, ReaderHints
from crawler.safe_reading import ReadPage, read_safely


def read_stored(
    stored: StoredRecord,
    *,
    url: str,
    fetched_at: datetime,
    http_status: int,
    site: str | None,
    hints: ReaderHints | None,
    read: ReadPage | None = None,
    **options: Any,
) -> Page:
    """Return what the page in a WARC record says; its flags are also those of the capture (`truncated`, ...).

    *url*, *fetched_at* and *http_status* are the capture's, which may be a revisit that *stored* is the body of.
    *read* and *options* are those of `read_safely`; `listed` among them, None or not, goes before what is kept with the
    body.
    """
    decoded = stored.body()
    listed = options.pop("listed") if "listed" in options else listed_of(stored.metadata)
    if listed is not None:
        options["listed"] = listed
    page = read_safely(
        decoded.body,
        url=url,
        fetched_at=fetched_at,
        content_type=stored.content_type,
        http_status=http_status,
        site=site,
        hints=hints,
        read=read,
        **options,
    )
    return _flagged(page, decoded.flags) if decoded.flags else page


def _flagged(page: Page, flags: tuple[str, ...]) -> Page:
    record = page.record
    if record is not None:
        record = replace(record, flags=tuple(dict.fromkeys((*record.flags, *flags))))
    return replace(page, record=record, flags=tuple(dict.fromkeys((*page.flags, *flags))))
