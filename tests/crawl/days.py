"""A simulated site crawled day after day in this process; a test can act between any two requests."""

from __future__ import annotations

import copy
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.clock import ManualClock
from bench.direct import DirectCrawl
from crawler.order import CrawlOutcome, CrawlRequest
from simulator.answer import Answer
from simulator.answer import Request as Asked
from simulator.options import SimulatorOptions
from simulator.site import Site

OPENED = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:9"


class Killed(Exception):
    """The process dies here, as far as the state file is concerned."""


@dataclass
class Days:
    """One site and its archive; `crawl` is one run."""

    archive: Path
    options: dict[str, Any]
    clock: ManualClock = field(default_factory=lambda: ManualClock(OPENED))
    before: Callable[[str], Answer | None] = lambda target: None
    """Called with each target before it is served; what it returns is served instead."""
    asked: list[str] = field(default_factory=list)
    """Targets of the last run, in order."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the request that is being answered, names in lower case."""

    happened: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = self.reopened()

    def reopened(self, **changed: Any) -> Site:
        """Return the site as it is, with other options."""
        options = {"lost_documents": False, "plain_bodies": True, **self.options, **changed}
        site = Site(SimulatorOptions(**options), lambda: self.clock.now(), OPENED)
        for event in self.happened:
            site.happen(event)
        return site

    def redirecting(self, hops: int = 1) -> Callable[[str], Answer | None]:
        """Return a `before` with which listings link to pages that lead on to the documents' own, in so many steps."""
        mark = "9900" * hops

        def before(target: str) -> Answer | None:
            if link := re.match(r"/doc/9900(\d+\.html)", target):
                return Answer(302, b"", "text/html", headers=[("Location", f"{BASE}/doc/{link[1]}")])
            if "/list/" not in target:
                return None
            answer = self.site.answer(Asked("GET", target, {}))
            body = answer.body.replace(b'href="/doc/', f'href="/doc/{mark}'.encode())
            return Answer(answer.status, body, answer.content_type)

        return before

    def copied(self, archive: Path) -> Days:
        """Return a copy whose site has its own clock and lives its own life."""
        shutil.copytree(self.archive, archive)
        copied = copy.deepcopy(self)
        copied.archive = archive
        copied.site.now = lambda: copied.clock.now()
        return copied

    def happen(self, action: str, **takes: Any) -> None:
        self.happened.append({"at": self.clock.now().isoformat(), "action": action, **takes})
        self.site.happen(self.happened[-1])

    def wait(self, days: float) -> None:
        self.clock.advance(timedelta(days=days).total_seconds())

    def crawl(self, *, kill_after: int | None = None, **options: Any) -> CrawlOutcome | None:
        """Do one run; with *kill_after* the process dies after so many requests and None is returned."""
        request = CrawlRequest(
            archive=self.archive,
            profile=None,
            site="docs",
            start_urls=tuple(BASE + path for path in self.site.start_paths()),
            allow_hosts=("127.0.0.1:9",),
            delay_seconds=0,
            **options,
        )
        self.asked = []

        def answer(target: str, headers: Mapping[str, str]) -> Answer:
            if kill_after is not None and len(self.asked) >= kill_after:
                raise Killed
            self.asked.append(target)
            self.headers = headers
            return self.before(target) or self.site.answer(Asked("GET", target, headers))

        begun = DirectCrawl.to(request, self.clock, answer, seconds=1)
        try:
            outcome = begun.run()
        except Killed:
            begun.session.abandon()
            return None
        begun.session.close()
        self.counts: Counter[str] = begun.session.counts
        return outcome

    def shown(self, page: int) -> list[dict[str, Any]]:
        """Return the documents on a page of the first listing, as the truth has them."""
        (catalogue,) = self.site.catalogues.values()
        catalogue.advance(self.clock.now())
        numbers = catalogue.shown(0, page, catalogue.family.per_page)
        return [{"doc_id": catalogue.card(number).doc_id} for number in numbers]

    # What is known afterwards

    def listings(self) -> list[str]:
        """Return the listing pages of the last run."""
        return [target for target in self.asked if "/doc" not in target]

    def documents(self) -> list[str]:
        """Return the document pages of the last run."""
        return [target for target in self.asked if "/doc" in target]

    def known(self) -> Mapping[str, str]:
        """Return id -> title of every document published so far."""
        from docarchive import Archive

        with Archive.open(self.archive) as archive:
            return {row["doc_id"]: row["title"] for row in archive.records(limit=0)}

    def missing(self) -> set[str]:
        """Return the documents that the site lists and the archive lacks."""
        there = {row["doc_id"] for row in self.site.truth(BASE) if row["withdrawn_at"] is None}
        return there - set(self.known())
