"""An order to crawl a site, with the answer to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crawler.listings.walk import WalkRules, host_of
from crawler.profile import SiteProfile
from crawler.telling.whom import Whom


@dataclass(frozen=True, kw_only=True)
class CrawlProgress:
    """How far a run is."""

    requests: int
    documents: int
    new: int
    changed: int
    same: int
    failed: int
    queued: int
    elapsed_seconds: float
    phase: str
    """"fetching" or "publishing"."""


@dataclass(frozen=True, kw_only=True)
class CrawlRequest:
    """What one crawl command asks for."""

    archive: Path
    profile: SiteProfile | None
    site: str
    start_urls: tuple[str, ...]
    full: bool = False
    restart: bool = False
    max_documents: int | None = None
    max_requests: int | None = None
    delay_seconds: float | None = None
    """None: the profile's, else the larger of 1 s and 5 times the response time."""
    concurrency: int | None = None
    proxy: str | None = None
    allow_hosts: tuple[str, ...] = ()
    contact: str | None = None
    progress: Callable[[CrawlProgress], None] | None = None
    """Called a few times a second."""
    whom: Whom | None = None
    """Who is told how the run ended. None: nobody, and no report of it is written (a trial)."""


@dataclass(frozen=True, kw_only=True)
class CrawlOutcome:
    """How a run ended."""

    run_id: str
    event: str | None
    """`published`, `held`, `empty`, or None for a run that can be gone on with."""
    exit_code: int
    reason: str | None
    resumed: bool
    partial: bool
    elapsed_seconds: float
    new: int = 0
    changed: int = 0
    same: int = 0
    withdrawn: int = 0
    failed: int = 0
    requests: int = 0
    bytes_received: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    """Up to 20 (URL, reason) that were given up."""


def walk_rules(request: CrawlRequest) -> WalkRules:
    """Return which links belong to the site that *request* crawls."""
    profile = request.profile
    hosts = {host_of(url) for url in request.start_urls}
    if profile is None:
        return WalkRules(hosts=frozenset(hosts))
    return WalkRules(
        hosts=frozenset(hosts | set(profile.hosts)),
        follow_related=profile.follow_related,
        follow_listings=profile.follow_listings,
        max_depth=profile.max_depth,
        attachments=profile.attachments,
        paging=profile.listing,
    )
