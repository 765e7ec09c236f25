"""Crawls of a simulated year by simple rules: what they find and ask for, on the simulator's model.

A full crawl every day, one that stops at five known documents in a row, and a full crawl as often as a number of
requests allows. The same rules fetch from a model of the site, which takes seconds for a year, and over HTTP: ten days
of that show that the model counts and finds what a crawl does.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bench.sizes import Row
from bench.year_books import NEW_DAYS, Happened, is_lost, share
from bench.year_script import OPENED, Script
from simulator import RunningSite, running
from simulator.catalogue import Catalogue
from simulator.site import Site

KNOWN_IN_A_ROW = 5
CHECKED_DOCUMENTS, CHECKED_DAYS, CHECKED_INTERVAL = 400, 10, 3


class Unreachable(Exception):
    """The site lets nobody in."""


class Pages(Protocol):
    """A site as a simple crawler sees it; each call is a request."""

    requests: int

    def listing(self, page: int) -> tuple[list[str], bool]:
        """Return the IDs on a page of the listing, and whether it leads on. Raises Unreachable."""

    def revision(self, doc_id: str) -> int | None:
        """Return how often a document has been edited; None: its page is no document."""


@dataclass
class Rule:
    """A simple crawler, and what it found so far."""

    every: int | None
    """Days between two full crawls; None: each day up to five known documents in a row."""
    revisions: dict[str, int | None] = field(default_factory=dict)
    found: dict[str, datetime] = field(default_factory=dict)
    edits: dict[tuple[str, int], datetime] = field(default_factory=dict)

    def crawl(self, day: int, now: datetime, pages: Pages) -> None:
        """Do one day's run."""
        if self.every is not None and day % self.every:
            return
        page, leads_on, in_a_row, stops_early = 0, True, 0, self.every is None and day > 0
        while leads_on and not (stops_early and in_a_row >= KNOWN_IN_A_ROW):
            page += 1
            try:
                ids, leads_on = pages.listing(page)
            except Unreachable:
                return
            for doc_id in ids:
                is_new = doc_id not in self.revisions
                in_a_row = 0 if is_new else in_a_row + 1
                if is_new or self.every is not None:
                    self._fetch(doc_id, now, pages)
                if stops_early and in_a_row >= KNOWN_IN_A_ROW:
                    break

    def _fetch(self, doc_id: str, now: datetime, pages: Pages) -> None:
        revision = pages.revision(doc_id)
        before = self.revisions.get(doc_id)
        self.revisions[doc_id] = before if revision is None else revision
        if revision is None:
            return
        if doc_id not in self.found:
            self.found[doc_id] = now
        for place in range(before or 0, revision):
            self.edits.setdefault((doc_id, place), now)


@dataclass
class ModelPages:
    """The site's catalogue, asked directly."""

    catalogue: Catalogue
    is_down: bool = False
    requests: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)
    _ids: dict[int, str] = field(default_factory=dict)

    def listing(self, page: int) -> tuple[list[str], bool]:
        """Return the IDs on a page of the listing; what is pinned stands on the first, and nowhere else."""
        self.requests += 1
        if self.is_down:
            raise Unreachable
        catalogue, per_page = self.catalogue, self.catalogue.family.per_page
        pinned = [number for number in catalogue.family.pinned if catalogue.lists(number, 0)]
        numbers = [number for number in catalogue.shown(0, page, per_page) if number not in pinned]
        ids = [self._id(number) for number in [*(pinned if page == 1 else ()), *numbers]]
        return ids, page * per_page < len(catalogue.line(0))

    def _id(self, number: int) -> str:
        doc_id = self._ids.get(number)
        if doc_id is None:
            doc_id = self._ids[number] = self.catalogue.family.doc_id(number, 0)
            self._numbers[doc_id] = number
        return doc_id

    def revision(self, doc_id: str) -> int | None:
        """Return how often a document has been edited; None: it is lost."""
        self.requests += 1
        number = self._numbers[doc_id]
        if is_lost(self.catalogue, number):
            return None
        entry = self.catalogue.entry(number)
        return len(entry.changes) if entry else 0


class HttpPages:
    """The site over HTTP, read by a loop of its own: links, and the revision that an ETag carries."""

    _LINK = re.compile(rb'<h3><a href="/doc/(\d+)\.html">')
    _NEXT = "下一页".encode()
    _ETAG = re.compile(r'W/"\d+-(\d+)-')

    def __init__(self, site: RunningSite) -> None:
        self.requests = 0
        self._site = site

    def listing(self, page: int) -> tuple[list[str], bool]:
        """Return the IDs on a page of the listing."""
        path = "/" + self._site.start_urls[0].split("/", 3)[3]
        answer, body = self._get(path if page == 1 else path.replace(".html", f"_{page}.html"))
        ids = [link.decode() for link in self._LINK.findall(body)]
        if answer.status != 200 or not ids:
            raise Unreachable
        return ids, self._NEXT in body

    def revision(self, doc_id: str) -> int | None:
        """Return how often a document has been edited."""
        answer, _ = self._get(f"/doc/{doc_id}.html")
        etag = self._ETAG.match(answer.headers.get("ETag") or "")
        return int(etag.group(1)) if etag else None

    def _get(self, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        self.requests += 1
        connection = http.client.HTTPConnection("127.0.0.1", self._site.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


def baselines(script: Script, requests: int) -> Iterator[Row]:
    """Yield what each rule does with the year; the last one gets about as many *requests* as the product took."""
    yield "baselines: new in 2 days; backdated ones, edits in 30; requests a change", "", ""
    yield _lived(script, Rule(1), "full crawl every day")
    yield _lived(script, Rule(None), f"{KNOWN_IN_A_ROW} known in a row")
    whole = (script.documents + script.new_a_day() * script.days / 2) * 1.05  # pages of documents, and of the listing
    every = max(1, round(whole * script.days / max(1, requests)))
    yield _lived(script, Rule(every), f"full crawl every {every} days: as many requests as ours")


def _lived(script: Script, rule: Rule, name: str) -> Row:
    pages, requests = _live(script, rule)
    end, catalogue = script.end(), pages.catalogue
    happened = Happened.read(catalogue)
    found: dict[Any, datetime] = {catalogue.find(doc_id): at for doc_id, at in rule.found.items()}
    edits: dict[Any, datetime] = {(catalogue.find(one), place): at for (one, place), at in rule.edits.items()}
    new = share(happened.due(happened.added, NEW_DAYS, end, script.sound_runs()), found, NEW_DAYS)
    old = share(happened.due(happened.backdated, 30, end), found, 30)
    changed = share(happened.due_edits(30, end), edits, 30)
    figures = f"{new}; {old}; {changed}; {sum(requests[1:]) / happened.changes():.1f}"
    return f"  {name}", figures, ""


def _live(script: Script, rule: Rule) -> tuple[ModelPages, list[int]]:
    """Let a rule crawl the model; return the site at the end, and the requests of each day."""
    now = [script.run_at(0)]
    site = Site(script.options(), lambda: now[0], OPENED)
    (catalogue,) = site.catalogues.values()
    pages = ModelPages(catalogue)
    requests = []
    for day in range(script.days):
        now[0] = script.run_at(day)
        catalogue.advance(now[0])
        pages.is_down, pages.requests = script.is_down(now[0]), 0
        rule.crawl(day, now[0], pages)
        requests.append(pages.requests)
    return pages, requests


def checked_against_http() -> Iterator[Row]:
    """Yield how far the model is from ten days of the same rules over HTTP."""
    yield f"requests, documents, edits by which model and {CHECKED_DAYS} days over HTTP differ", "", ""
    script = Script(CHECKED_DOCUMENTS, CHECKED_DAYS)
    for every in (1, None, CHECKED_INTERVAL):
        rule, modelled = Rule(every), Rule(every)
        _, expected = _live(script, modelled)
        measured = []
        with running(script.options()) as site:
            for day in range(script.days):
                now = script.run_at(day)
                site.move_to(now)
                pages = HttpPages(site)
                rule.crawl(day, now, pages)
                measured.append(pages.requests)
        apart = sum(abs(one - other) for one, other in zip(expected, measured, strict=True))
        apart += len(rule.found.items() ^ modelled.found.items()) + len(rule.edits.items() ^ modelled.edits.items())
        name = f"{KNOWN_IN_A_ROW} known in a row" if every is None else f"full crawl, days between: {every}"
        yield f"  {name}", f"{apart} of {sum(measured) + len(rule.found) + len(rule.edits):,}", "0"
