"""Scrapy's own `scrapy crawl documents -a site=NAME`: the same run as `docarchive crawl NAME`."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from archive.clock import clock_from_environment
from archive.errors import UsageError
from crawler.order import CrawlRequest
from crawler.profile import find_profiles
from crawler.run import CrawlRun
from crawler.telling.run_ends import told_afterwards
from crawler.telling.whom import Whom

logger = logging.getLogger(__name__)


def spider_arguments(settings: Any, site: str, **options: Any) -> dict[str, Any]:
    """Return the spider's arguments; the run is begun here, and judged and published when the spider closes.

    The archive is the setting ARCHIVE_DIR, then $DOCARCHIVE_DIR, then `./data`; profiles of one's own are in the folder
    CRAWL_SITES_DIR. Raises UsageError for an unknown site.
    """
    clock = clock_from_environment()
    own = settings.get("CRAWL_SITES_DIR")
    profiles = find_profiles(Path(own) if own else None)
    if site not in profiles:
        raise UsageError(f"no profile named {site}; list them with: docarchive sites")
    profile = profiles[site]
    delay = settings.get("CRAWL_DELAY_SECONDS")
    request = CrawlRequest(
        archive=Path(settings.get("ARCHIVE_DIR") or os.environ.get("DOCARCHIVE_DIR") or "data"),
        profile=profile,
        site=site,
        start_urls=(options.pop("start"),) if "start" in options else profile.start_urls,
        allow_hosts=tuple(settings.getlist("CRAWL_ALLOW_HOSTS")),
        contact=settings.get("CRAWL_CONTACT"),
        delay_seconds=None if delay is None else float(delay),
        whom=Whom(notify=settings.get("CRAWL_NOTIFY"), sites=Path(own) if own else None),
    )
    run = CrawlRun.begin(request, clock)
    session = run.session
    run.set(settings)
    run.note_begin()
    run.open_run()

    def ended(reason: str) -> None:
        session.stop_fetching()
        run.interrupted = reason == "shutdown"
        with told_afterwards(request, clock) as telling:
            telling.begun = run
            outcome = telling.outcome = run.end()
            run.note_end(outcome.exit_code)
            session.close()
        logger.info("run %s: %s", outcome.run_id, outcome.event or outcome.reason)

    return {**run.spider_arguments(), "ended": ended, **options}
