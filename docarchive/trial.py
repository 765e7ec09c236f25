"""A crawl of a few pages whose archive is thrown away: what would be read there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from archive.clock import Clock
from archive.warc.reading import read_records
from crawler.file_pages import read_any
from crawler.order import CrawlOutcome, CrawlRequest
from crawler.reading.page import Page
from crawler.run import crawl
from docarchive.targets import Target

TRY_DOCUMENTS = 3
"""Documents that a trial reads: enough to see whether the pages are understood."""


class Fetched(NamedTuple):
    """One answer, its content coding undone."""

    body: bytes
    url: str
    fetched_at: datetime
    content_type: str | None
    status: int


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a trial fetched; gone when the trial ends."""

    target: Target
    outcome: CrawlOutcome
    archive: Path

    def captured(self) -> Iterator[Fetched]:
        """Yield what was fetched, robots.txt left out, in the order of fetching."""
        for path in sorted(self.archive.glob("warc/*/*.warc.gz")):
            for record in read_records(path, ("response",)):
                if record.status is not None and not record.url.endswith("/robots.txt"):
                    body = record.body().body
                    yield Fetched(body, record.url, record.fetched_at, record.content_type, record.status)

    def pages(self) -> Iterator[Page]:
        """Yield each page that was fetched, as it is read, with its reasons."""
        profile = self.target.profile
        for one in self.captured():
            yield read_any(
                one.body,
                url=one.url,
                fetched_at=one.fetched_at,
                content_type=one.content_type,
                http_status=one.status,
                site=self.target.site,
                hints=profile.hints() if profile else None,
                explain=True,
            )


@contextmanager
def trial(
    target: Target,
    clock: Clock,
    *,
    contact: str | None,
    allow_hosts: tuple[str, ...],
    max_documents: int | None = None,
    max_requests: int | None = None,
    delay_seconds: float | None = None,
) -> Iterator[Trial]:
    """Crawl a little of *target*, as politely as a real crawl, into a folder that is removed at the end.

    Raises what `crawl` raises; a site that does not let us in is an outcome with exit code 4.
    """
    with tempfile.TemporaryDirectory(prefix="docarchive-trial-") as folder:
        archive = Path(folder) / "data"
        request = CrawlRequest(
            archive=archive,
            profile=target.profile,
            site=target.site,
            start_urls=target.start_urls,
            max_documents=max_documents,
            max_requests=max_requests,
            delay_seconds=delay_seconds,
            allow_hosts=allow_hosts,
            contact=contact,
        )
        yield Trial(target=target, outcome=crawl(request, clock), archive=archive)
