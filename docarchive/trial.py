"""A crawl of a few pages whose archive is thrown away: what would be read there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.clock import Clock
from archive.warc_reading import read_records
from crawler.reading import read_page
from crawler.reading.page import Page
from crawler.run import CrawlOutcome, CrawlRequest, crawl
from docarchive.targets import Target

TRY_DOCUMENTS = 3
"""Documents that a trial reads: enough to see whether the pages are understood."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a trial fetched; gone when the trial ends."""

    target: Target
    outcome: CrawlOutcome
    archive: Path

    def pages(self) -> Iterator[Page]:
        """Yield each page that was fetched, as it is read, robots.txt left out; in the order of fetching."""
        profile = self.target.profile
        for path in sorted(self.archive.glob("warc/*/*.warc.gz")):
            for record in read_records(path, ("response",)):
                if record.status is None or record.url.endswith("/robots.txt"):
                    continue
                yield read_page(
                    record.body().body,
                    url=record.url,
                    fetched_at=record.fetched_at,
                    content_type=record.content_type,
                    http_status=record.status,
                    site=self.target.site,
                    hints=profile.hints() if profile else None,
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
