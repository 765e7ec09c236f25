"""A simulated site lives for a year and is crawled every day by the run that users make.

Documents at the start, new ones every day, some of them backdated, edits, removals, outages, a redesign, a week of
CAPTCHA, a clock that is set back, and some days on which dates are printed in a way that nobody can read until the
reader is mended. What the archive held when is compared with what happened when; the baselines of
`year_baselines.py` stand beside it.

The run is that of `docarchive crawl`, maintenance included, but for sockets, robots.txt and waiting (`direct.py`).
"""

from __future__ import annotations

import random
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.maintenance.maintain import maintain_if_due
from bench.direct import HOST, DirectCrawl
from bench.sizes import Row
from bench.year_baselines import baselines, checked_against_http
from bench.year_books import NEW_DAYS, Books, Happened, ledger, share, withdrawals
from bench.year_script import FAULT, HOW_REMOVED, OPENED, SITE, Script, within
from crawler.collector import quiet_collector
from crawler.order import CrawlRequest
from crawler.profile import SiteProfile
from crawler.reading import read_page
from crawler.reading.page import Page
from crawler.rereading.reread import RereadRequest, heal
from crawler.session import budget
from simulator.answer import Answer
from simulator.answer import Request as Asked
from simulator.catalogue import Catalogue
from simulator.site import Site

SECONDS_A_REQUEST = 1.0
AS_OF_PAIRS, FEWEST_PAIRS = 1_000, 100
"""Documents and days for which the archive is asked; fewer in a short form, as each takes a fifth of a second."""
AS_OF_SHARE = 5
"""One in so many is asked for by `as_of` too."""


@dataclass(frozen=True, slots=True)
class Day:
    """How one day's run ended."""

    day: int
    run_id: str
    event: str | None
    exit_code: int
    reason: str | None
    requests: int
    budget: int
    """Requests that known pages might take: the bar's, of the documents at that time."""
    cpu_seconds: float
    """Of the run, the site's part in it, and maintenance."""


@dataclass
class Life:
    """The site and its archive, day after day."""

    script: Script
    layout: Layout
    days: list[Day] = field(default_factory=list)
    healed: dict[str, str | None] = field(default_factory=dict)
    """Held run that was read again -> why it is still held; None: it was published."""
    refused_at: dict[str, datetime] = field(default_factory=dict)
    """Document -> when a page of it that was withdrawn was first asked for."""

    def __post_init__(self) -> None:
        self.clock = ManualClock(OPENED)
        self.behind = timedelta()
        self.site = Site(self.script.options(), self.site_now, OPENED)
        self.books = Books(self.catalogue)
        self._requests = 0

    @property
    def catalogue(self) -> Catalogue:
        """Return what the site holds."""
        (catalogue,) = self.site.catalogues.values()
        return catalogue

    def site_now(self) -> datetime:
        """Return the time by the site's clock; the machine's may be behind."""
        return self.clock.now() + self.behind

    def live(self) -> None:
        """Let every day pass."""
        with quiet_collector():
            for day in range(self.script.days):
                self._pass(day)

    def _pass(self, day: int) -> None:
        self.behind = self.script.behind(day)
        self.clock = ManualClock(self.script.run_at(day) - self.behind)
        self._requests = 0
        began = time.process_time()
        begun = DirectCrawl.to(self._request(), self.clock, self._answer, seconds=SECONDS_A_REQUEST)
        with begun.until_the_end():
            begun.note_begin()
            done = begun.run()
            begun.note_end(done.exit_code)
        used = time.process_time() - began
        if done.event == "published":
            self.books.publish(self.layout, done.run_id, self.clock.now(), self.behind)
            began = time.process_time()
            maintain_if_due(self.layout, self.clock)
            used += time.process_time() - began
        catalogue = self.catalogue
        catalogue.advance(self.site_now())
        self.days.append(
            Day(
                day=day,
                run_id=done.run_id,
                event=done.event,
                exit_code=done.exit_code,
                reason=done.reason,
                requests=self._requests,
                budget=budget(catalogue.count),
                cpu_seconds=used,
            )
        )
        self._heal()

    def _request(self) -> CrawlRequest:
        return CrawlRequest(
            archive=self.layout.root,
            profile=SiteProfile(name=SITE, hosts=(HOST,)),
            site=SITE,
            start_urls=tuple(f"http://{HOST}{path}" for path in self.site.start_paths()),
            allow_hosts=(HOST,),
        )

    def _answer(self, target: str, headers: Mapping[str, str]) -> Answer:
        self._requests += 1
        answer = self.site.answer(Asked("GET", target, headers))
        if answer.kind in HOW_REMOVED and target.startswith("/doc/"):
            doc_id = target.removeprefix("/doc/").partition(".")[0]
            self.refused_at.setdefault(doc_id, self.site_now())
        return answer

    def _heal(self) -> None:
        """Once the reader can read what the fault made of the pages, read the runs again that were held for it."""
        ((_, end),) = self.script.during("fault")
        if self.site_now() < end:
            return
        for day in self.days:
            if day.event == "held" and day.run_id not in self.healed and not self.script.is_sound(self.run_at(day)):
                request = RereadRequest(
                    layout=self.layout, apply=True, processes=1, reader="general/mended", read=mended_reader
                )
                outcome = heal(request, day.run_id, self.clock)
                self.healed[day.run_id] = outcome.reason
                if outcome.event == "published":
                    self.books.publish(self.layout, day.run_id, self.clock.now(), self.script.behind(day.day))

    def run_at(self, day: Day) -> datetime:
        """Return when a day's run began, by the site's clock."""
        return self.script.run_at(day.day)


_OTHER_ORDER = re.compile(rb">(\d{1,2})\.(\d{1,2})\.(\d\d)<")


def mended_reader(body: bytes, **page: Any) -> Page:
    """Read what the fault `date_format` makes of a page: the reader as somebody would mend it."""
    return read_page(_OTHER_ORDER.sub(_day_in_order, body), **page)


def _day_in_order(printed: re.Match[bytes]) -> bytes:
    day, month, year_of_century = map(int, printed.groups())
    return b">20%02d-%02d-%02d<" % (year_of_century, month, day)


# -- the table ------------------------------------------------------------------------------------------------------


def year(folder: Path, documents: int, days: int) -> Iterator[Row]:
    """Live through the year; yield one row a figure."""
    script = Script(documents, days)
    life = Life(script, create(folder / "data"))
    life.live()
    happened = Happened.read(life.catalogue)
    yield from _runs(life)
    yield from _recall(life, happened)
    yield from _requests(life, happened)
    yield from _withdrawals(life, happened)
    yield from _as_of(life)
    yield from _damage(life)
    yield from baselines(script, sum(day.requests for day in life.days[1:]))
    yield from checked_against_http()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "peak memory of site, runs and books together, MB", f"{peak:.0f}", ""


def _runs(life: Life) -> Iterator[Row]:
    script = life.script
    codes = Counter((day.exit_code, day.event or "unfinished") for day in life.days)
    told = ", ".join(f"{code} {event}: {number}" for (code, event), number in sorted(codes.items()))
    yield f"{script.documents:,} documents, {script.days} days: runs by exit code", told, ""
    odd = [day for day in life.days if day.exit_code != 0 and script.is_sound(life.run_at(day))]
    yield "  runs of healthy days that were not published", str(len(odd)), "0"
    for day in odd:
        yield f"    day {day.day}: {day.event or 'unfinished'}: {day.reason}"[:240], "", ""
    faulty = [day for day in life.days if within(life.run_at(day), script.during("fault"))]
    yield f"  runs during the fault {FAULT} that were not held", str(sum(d.event != "held" for d in faulty)), "0"


def _recall(life: Life, happened: Happened) -> Iterator[Row]:
    script, end = life.script, life.script.end()
    first, edits = life.books.first_published(), life.books.edits_published(happened)
    sound = script.sound_runs()
    due = happened.due(happened.added, NEW_DAYS, end, sound)
    yield "new documents found within 2 days, where a run could reach them", share(due, first, NEW_DAYS), "0.999"
    due = happened.due(happened.added, NEW_DAYS, end)
    yield "  of all, those of outages, CAPTCHA and held runs too", share(due, first, NEW_DAYS), ""
    due = happened.due(happened.backdated, 2, end)
    yield "  backdated ones within 2 days", share(due, first, 2), ""
    due = happened.due(happened.backdated, 30, end)
    yield "  backdated ones within 30 days", share(due, first, 30), ""
    yield "edits found within 30 days", share(happened.due_edits(30, end), edits, 30), "0.95"


def _requests(life: Life, happened: Happened) -> Iterator[Row]:
    requests = [day.requests for day in life.days]
    later = sum(requests[1:])
    rows = [row for row in ledger(life.layout) if row["event"] in ("published", "held", "empty")]
    by_run = {row["run_id"]: dict(row["counts"] or ()).get("budget/spent", 0) for row in rows}
    spent = sum(number for run_id, number in by_run.items() if run_id != life.days[0].run_id)
    new = max(1, len(happened.added) + len(happened.backdated))
    yield "requests a new document beyond the budget", f"{(later - spent) / new:.2f}", "1.3"
    allowed = sum(day.budget for day in life.days[1:])
    yield "  of the budget (documents/25 + 150 a day) spent", f"{spent / max(1, allowed):.2f}", "1.00"
    yield "all requests a change", f"{later / happened.changes():.1f}", "a full crawl: over 400"
    figures = f"{requests[0]:,}; {later / max(1, len(requests) - 1):.0f}, {max(requests[1:]):,}"
    yield "requests of the first run; a day later, mean and most", figures, ""
    tenth = max(1, len(life.days) // 10)
    cpu = [day.cpu_seconds for day in life.days if day.event == "published"]
    mean = [sum(part) / tenth for part in (cpu[1 : tenth + 1], cpu[-tenth:])]
    figures = f"{cpu[0]:.1f}; {mean[0]:.2f}, {mean[1]:.2f}"
    yield "CPU seconds of the first run; of a day in the first tenth and in the last", figures, ""


def _withdrawals(life: Life, happened: Happened) -> Iterator[Row]:
    end, first = life.script.end(), life.books.first_published()
    found, false = withdrawals(life.layout, life.catalogue, life.books.moments)
    yield "false withdrawals (of documents whose page was served)", str(false), "0"
    true = happened.true_withdrawals(first)
    due = {number: at for number, at in true.items() if at + timedelta(days=14) <= end}
    yield "true withdrawals found within 14 days", share(due, found, 14), "0.95"
    refused = {life.catalogue.find(doc_id): at for doc_id, at in life.refused_at.items()}
    asked = {number: at for number, at in refused.items() if number is not None}
    yield "  of the same documents asked for within 14 days", share(due, asked, 14), ""
    yield "  withdrawals set in all", str(len(found) + false), ""


def _as_of(life: Life) -> Iterator[Row]:
    script, books = life.script, life.books
    chance = random.Random(script.seed)
    evenings = [script.run_at(day).replace(hour=23, minute=30) for day in range(script.days)]
    pairs = min(AS_OF_PAIRS, max(FEWEST_PAIRS, script.documents // 20))
    for question, wanted, asked in (
        ("as_published", books.published_by, pairs),
        ("as_of", books.fetched_by, pairs // AS_OF_SHARE),
    ):
        differing, there = books.compare(life.layout, SITE, question, wanted, evenings, chance, asked)
        what = f"{question} answers that differ, of {asked:,} documents and days ({there:,} there by then)"
        yield what, str(differing), "0"


def _damage(life: Life) -> Iterator[Row]:
    script, books = life.script, life.books
    for name, action in (("redesign", "redesigned"), ("CAPTCHA week", "captcha")):
        spells = script.during(action)
        published = [one for one in books.versions if within(one.fetched_at, spells)]
        runs = [day for day in life.days if within(life.run_at(day), spells)]
        ends = ", ".join(
            f"{event}: {number}" for event, number in Counter(d.event or f"exit {d.exit_code}" for d in runs).items()
        )
        damaged = sum(not one.is_right for one in published)
        yield f"records damaged by the {name} (runs {ends}; {len(published)} records published)", str(damaged), "0"
    yield "  in the whole year", f"{sum(not v.is_right for v in books.versions)} of {len(books.versions):,}", "0"
    held = [day for day in life.days if day.event == "held"]
    left = {day.day: life.healed.get(day.run_id, "not read again") for day in held}
    left = {day: reason for day, reason in left.items() if reason is not None}
    healed = f"{1 - len(left) / len(held):.0%} of {len(held)}" if held else "none was held"
    yield f"held runs healed by a mended reader ({FAULT})", healed, "100 %"
    for day, reason in left.items():
        yield f"    day {day}: {reason}"[:240], "", ""
    wrong, known = books.wrong_now(life.layout, SITE)
    yield "documents that at the end are not as the site said when last fetched", f"{wrong} of {known:,}", "0"
    missing = books.missing(script.end() - timedelta(days=NEW_DAYS))
    yield "documents listed for 2 days that the archive lacks at the end", str(missing), "0"
