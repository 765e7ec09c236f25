"""What a reread is asked for, and the comparing that it does whether it stores anything or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from typing import Any

import orjson

from archive.errors import DataNeedsPerson, SiteBusy
from archive.layout import Layout
from archive.publishing.reread_plan import Plan, PublishedValues
from archive.site_state.planned import Planned
from crawler.file_pages import read_any
from crawler.profile import SiteProfile, profile_by_name
from crawler.reading import READER
from crawler.reading.page import ReaderHints
from crawler.rereading.differences import Differences
from crawler.rereading.pages import Pages, PagesRead
from crawler.rereading.reading_pool import ReadingPool, cores
from crawler.safe_reading import ReadPage

PORTION_PAGES = 100
"""Captures that a process reads before it answers: a tenth of a second, some megabytes of records."""

FEW_PAGES = 300
"""Captures up to which a site is read in this process: starting others takes as long."""


@dataclass(frozen=True, kw_only=True)
class RereadRequest:
    """What one reread command asks for."""

    layout: Layout
    profiles: Mapping[str, SiteProfile] = field(default_factory=dict)
    sites: Sequence[str] = ()
    """None named: all that have captures."""
    every: bool = False
    """Every capture; else the newest of each document."""
    apply: bool = False
    processes: int | None = None
    """Processes that read; None: one a core."""
    reader: str = READER
    """Name and version of *read*."""
    read: ReadPage = read_any
    """A function of a module, so that other processes find it."""
    progress: Callable[[str, int, int], None] | None = None
    """Called with the site, the captures read and those to be read."""


@dataclass(kw_only=True)
class RereadOutcome:
    """What became of one site, or of one held run."""

    site: str
    run_id: str | None = None
    """None: nothing was stored."""
    event: str | None = None
    """`published`, `held`, or None where nothing was published: nothing differs, or it was not asked for."""
    reason: str | None = None
    healed: bool = False
    """Whether it is a held run that was read again."""
    resumed: bool = False
    busy: bool = False
    """Whether another run holds the site: nothing was read."""
    pages: int = 0
    """Captures read."""
    elapsed_seconds: float = 0.0
    differences: Differences = field(default_factory=Differences)
    damaged: list[str] = field(default_factory=list)
    """Sentences about captures that cannot be read from WARC; what was published of them stays."""
    held_runs: list[str] = field(default_factory=list)
    """Runs of the site that wait to be healed or judged."""

    @property
    def exit_code(self) -> int:
        """1 where a person is needed, 3 where another run holds the site."""
        if self.busy:
            return SiteBusy.exit_code
        return DataNeedsPerson.exit_code if self.event == "held" or self.damaged else 0


class Readers:
    """Readers: this process for a few pages, one a core for many."""

    def __init__(self, request: RereadRequest) -> None:
        self._processes = request.processes or cores()
        self._alone = ReadingPool(request.layout, request.read, 1)
        self._many = ReadingPool(request.layout, request.read, self._processes)
        self._request = request

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *error: Any) -> None:
        self._many.close()

    def read(self, site: str, plan: Plan, captures: Iterable[Planned]) -> Iterator[tuple[Pages, PagesRead]]:
        """Read the *captures* of a plan."""
        pool = self._alone if plan.pages <= FEW_PAGES else self._many
        profile = profile_by_name(site, self._request.profiles)
        return pool.read(_portions(site, profile.hints() if profile else None, captures))


def _portions(site: str, hints: ReaderHints | None, captures: Iterable[Planned]) -> Iterator[Pages]:
    if hints is not None:
        hints = replace(hints, labels=dict(hints.labels))  # the profile's own mapping goes to no other process
    for _, of_file in groupby(captures, key=lambda planned: planned.body.file):
        while portion := list(islice(of_file, PORTION_PAGES)):
            yield Pages(site, hints, portion)


class Comparing:
    """Tells what portions of pages show against what was published."""

    def __init__(self, request: RereadRequest, outcome: RereadOutcome) -> None:
        self._request = request
        self._values = PublishedValues()
        self.outcome = outcome

    def compare(self, pages: Pages, done: PagesRead) -> dict[int, dict[str, Any]]:
        """Note the differences; return the published row of each capture that differs, by its number."""
        outcome = self.outcome
        outcome.pages += len(pages.captures)
        outcome.damaged += done.damaged
        numbers = [reading.number for reading in done.differing] + [number for number, _ in done.refused]
        places = {number: at for number in numbers if (at := pages.captures[number].values_at) is not None}
        rows = self._values.of(list(places.values()))
        published = {number: rows[at] for number, at in places.items()}
        for reading in done.differing:
            after = orjson.loads(reading.row)
            if reading.number in published:
                outcome.differences.changed(published[reading.number], after)
            else:
                outcome.differences.becomes_document(after)
        for number, reason in done.refused:
            planned = pages.captures[number]
            title = published[number]["title"] if number in published else None
            doc_id = planned.doc_id or planned.url
            outcome.differences.no_document(doc_id, planned.url, planned.capture, title, reason)
        return published

    def tell(self, pages: int) -> None:
        """Say how far the site is."""
        if self._request.progress is not None:
            self._request.progress(self.outcome.site, self.outcome.pages, pages)


def lost(capture: str) -> str:
    """Return the sentence about a capture whose body no record holds."""
    return f"{capture} repeats a page that the archive does not hold; run: docarchive verify"
