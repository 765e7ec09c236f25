"""Which known pages are asked for again today, inside the site's daily budget of requests.

The table `watched` holds, for each document and listing page, what its visits found; `visits` holds those of runs that
are not published yet: a run that is held or dropped is no evidence. `beliefs` holds what the site's pages have in
common: the prior of the change rate, how far listings can be trusted to show an edit, the budget left.

A day's budget goes, in this order, to

1. documents that a listing gives a reason to look at: what stands beside the link changed, or the link is gone;
2. documents that did not come the last time, at growing intervals;
3. the documents and listing pages where a visit is worth most now (see `change_rate.py`). Where listings show edits, a
   document's rate has two parts: what a listing would show (last looked at when its listing page was read) and what
   only a visit finds. Reading a listing page is worth the shown part of all its documents together, and the documents
   never seen before that such a page brings.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from archive.site_state.state import State
from crawler.revisits.change_rate import (
    FIRST_PRIOR,
    LONGEST_DAYS,
    Rate,
    believed,
    fitted_prior,
    worth,
    worth_of_finds,
)

DAY_SECONDS = 86_400.0

RESERVED_SHARE = 0.1
"""Share of the budget kept for what the listing pages of the same run give reason to look at."""

LONGEST_MISS_DAYS = 32.0
"""Most days between two tries at a page that does not come."""

MISS_SLACK_DAYS = 0.1
"""A daily run does not come at the same minute each day."""

FEWEST_SIGNALS = 50
LEAST_PRECISION = 0.05
"""When fewer than this share of at least so many signals led to a change, listings of the site cry wolf."""

KEPT_A_RUN = 0.98
"""Weight that what was learned of a site's listings keeps from run to run: the last fifty daily runs count most."""

FIND_WORTH = 10.0
"""Documents with an old copy that one counts for which is missing altogether."""

LISTING_PRIOR_DAYS = 30.0
"""Days of the site's average that a listing page's own finds are added to."""

TABLES = """
CREATE TABLE IF NOT EXISTS watched(
  url_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, last_at REAL, unchanged_days REAL NOT NULL DEFAULT 0,
  changes INTEGER NOT NULL DEFAULT 0, changed_days REAL NOT NULL DEFAULT 0, misses INTEGER NOT NULL DEFAULT 0,
  missed_at REAL, is_suspect INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS watched_owed ON watched(url_id) WHERE last_at IS NULL;
CREATE TABLE IF NOT EXISTS visits(
  run_no INTEGER NOT NULL, url_id INTEGER NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL, found TEXT NOT NULL,
  was_suspect INTEGER NOT NULL, PRIMARY KEY(run_no, url_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS visits_page ON visits(url_id);
CREATE TABLE IF NOT EXISTS beliefs(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID
"""


class Kind(StrEnum):
    """What kind of page is watched."""

    DOCUMENT = "document"
    LISTING = "listing"


class Found(StrEnum):
    """What a visit found."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    MISSING = "missing"
    """The site answered, but with no document: gone, a notice, another page."""
    FAILED = "failed"
    """No answer that says anything: error, challenge, refusal."""


class Sweepable(NamedTuple):
    """A listing page that a sweep would read next."""

    listing: int
    days: float
    """Since it was read."""
    items: int
    finds_a_day: float


@dataclass(slots=True)
class Beliefs:
    """What the pages of a site have in common."""

    prior: Rate = FIRST_PRIOR
    shown: float = 1.0
    """Changes that a listing had shown (and one for the prior)."""
    silent: float = 1.0
    """Changes that a listing had not shown (and one for the prior)."""
    alarms: float = 0.0
    """Visits because of a listing."""
    hits: float = 0.0
    """Those that found a change."""
    level: float | None = None
    """Requests left in the budget; None: never begun."""
    level_at: float = 0.0
    listing_finds: float = 0.0
    listing_days: float = 0.0
    """Finds and page-days of all sweeps."""

    def fade(self) -> None:
        """Let what was learned of the listings weigh less: sites are redesigned."""
        self.shown = 1.0 + (self.shown - 1.0) * KEPT_A_RUN
        self.silent = 1.0 + (self.silent - 1.0) * KEPT_A_RUN
        self.alarms *= KEPT_A_RUN
        self.hits *= KEPT_A_RUN

    @property
    def shown_share(self) -> float:
        """Return the share of changes that listings show."""
        return self.shown / (self.shown + self.silent)

    @property
    def heeds_signals(self) -> bool:
        """Whether what changes beside links means anything on this site."""
        return self.alarms < FEWEST_SIGNALS or self.hits >= LEAST_PRECISION * self.alarms


@dataclass(slots=True)
class Plan:
    """What a day's budget is spent on."""

    documents: list[int] = field(default_factory=list)
    pages: dict[int, int] = field(default_factory=dict)
    """Listing -> pages to sweep."""


class _Watched(NamedTuple):
    url_id: int
    last_at: float | None
    unchanged_days: float
    changes: int
    changed_days: float
    misses: int
    missed_at: float | None
    is_suspect: int
    listed_at: float | None


def refilled(level: float | None, level_at: float, now: float, per_day: float) -> float:
    """Return what is left of the budget *now*: it fills up within a day, and never holds more than a day's.

    A clock that was set back fills nothing.

    >>> refilled(None, 0.0, 1e9, 150.0), refilled(10.0, 0.0, 43200.0, 150.0), refilled(10.0, 9.0, 0.0, 150.0)
    (150.0, 85.0, 10.0)
    """
    if level is None:
        return per_day
    return min(per_day, level + max(0.0, now - level_at) / DAY_SECONDS * per_day)


def miss_days(misses: int) -> float:
    """Return how many days after its last miss a page is tried again.

    >>> [round(miss_days(number) + MISS_SLACK_DAYS) for number in (1, 2, 3, 9)]
    [1, 2, 4, 32]
    """
    return min(2.0 ** (min(misses, 10) - 1), LONGEST_MISS_DAYS) - MISS_SLACK_DAYS


def floors_of(sweeps: Mapping[int, Sequence[Sweepable]], days: int, most: int) -> dict[int, int]:
    """Return how many pages of each listing are swept in any case to see it whole in *days*, *most* of all together.

    Where that is too little for all listings, those come first that have waited longest: none is left out for ever.

    >>> pages = {1: [Sweepable(1, 0.5, 20, 0.1)] * 12, 2: [Sweepable(2, 9.0, 20, 0.1)] * 20}
    >>> floors_of(pages, 9, 100), floors_of(pages, 9, 4)
    ({2: 3, 1: 2}, {2: 3, 1: 1})
    """
    floors: dict[int, int] = {}
    for listing in sorted(sweeps, key=lambda one: sweeps[one][0].days, reverse=True):
        floors[listing] = min(-(-len(sweeps[listing]) // days), most)
        most -= floors[listing]
    return floors


class Revisits:
    """The tables above. Every write happens inside the state's open transaction."""

    def __init__(self, state: State) -> None:
        self.db = state.db
        with state.transaction() as db:
            for statement in TABLES.split(";"):
                db.execute(statement)

    # Beliefs

    def beliefs(self) -> Beliefs:
        """Return what is believed of the site."""
        row = self.db.execute("SELECT value FROM beliefs WHERE name = 'site'").fetchone()
        if row is None:
            return Beliefs()
        kept: dict[str, Any] = orjson.loads(row[0])
        return Beliefs(**{**kept, "prior": Rate(*kept["prior"])})

    def save(self, beliefs: Beliefs) -> None:
        """Keep what is believed of the site."""
        text = orjson.dumps(beliefs, default=list).decode()  # `Rate` is a tuple
        self.db.execute("INSERT OR REPLACE INTO beliefs VALUES ('site', ?)", (text,))

    # What is watched

    def watch(self, url_id: int, kind: Kind, last_at: float | None = None) -> None:
        """Know of a page, fetched last at *last_at*; None: not yet."""
        self.db.execute(
            "INSERT INTO watched(url_id, kind, last_at) VALUES (?, ?, ?) ON CONFLICT(url_id) DO NOTHING",
            (url_id, kind, last_at),
        )

    def is_known(self, url_id: int) -> bool:
        """Whether a page was fetched by a published run, or is held, or did not come and waits for another try."""
        row = self.db.execute("SELECT last_at, misses FROM watched WHERE url_id = ?", (url_id,)).fetchone()
        if row is not None and (row[0] is not None or row[1] > 0):
            return True
        return self._is_held(url_id)

    def _is_held(self, url_id: int) -> bool:
        held = (Found.NEW, Found.SAME, Found.CHANGED)
        row = self.db.execute("SELECT 1 FROM visits WHERE url_id = ? AND found IN (?, ?, ?)", (url_id, *held))
        return row.fetchone() is not None

    def owed(self) -> list[int]:
        """Return documents that were listed and never fetched: a run failed on them, was limited or was dropped."""
        rows = self.db.execute("SELECT url_id FROM watched WHERE last_at IS NULL AND misses = 0 AND kind = 'document'")
        return [row[0] for row in rows.fetchall() if not self._is_held(row[0])]

    def suspect(self, url_ids: Iterable[int]) -> None:
        """Note that a listing gives reason to look at documents."""
        self.db.executemany("UPDATE watched SET is_suspect = 1 WHERE url_id = ?", [(url_id,) for url_id in url_ids])

    def is_suspect(self, url_id: int) -> bool:
        """Whether a listing gave reason to look at a document."""
        row = self.db.execute("SELECT is_suspect FROM watched WHERE url_id = ?", (url_id,)).fetchone()
        return row is not None and bool(row[0])

    def count(self) -> int:
        """Return how many documents are watched."""
        row = self.db.execute("SELECT COUNT(*) FROM watched WHERE kind = 'document' AND last_at IS NOT NULL")
        return int(row.fetchone()[0])

    # Visits

    def note(self, run_no: int, url_id: int, kind: Kind, at: float, found: Found) -> None:
        """Keep what a visit found until its run is published."""
        self.db.execute(
            "INSERT OR REPLACE INTO visits VALUES (?, ?, ?, ?, ?, ?)",
            (run_no, url_id, kind, at, found, int(self.is_suspect(url_id))),
        )

    def waiting_runs(self) -> list[int]:
        """Return the runs whose visits are not evidence yet."""
        return [row[0] for row in self.db.execute("SELECT DISTINCT run_no FROM visits ORDER BY run_no")]

    def drop(self, run_no: int) -> None:
        """Forget the visits of a run that was never published."""
        self.db.execute("DELETE FROM visits WHERE run_no = ?", (run_no,))

    def learn(self, run_no: int, now: float) -> None:
        """Take the visits of a published run as evidence."""
        beliefs = self.beliefs()
        beliefs.fade()
        rows = self.db.execute(
            "SELECT v.url_id, v.kind, v.at, v.found, v.was_suspect, w.last_at FROM visits v "
            "LEFT JOIN watched w USING(url_id) WHERE v.run_no = ?",
            (run_no,),
        ).fetchall()
        for url_id, kind, at, found, was_suspect, last_at in rows:
            self.watch(url_id, kind)
            self._learn_visit(url_id, at, Found(found), last_at)
            if kind == Kind.LISTING and last_at is not None and found in (Found.SAME, Found.CHANGED):
                beliefs.listing_finds += found == Found.CHANGED
                beliefs.listing_days += _days(last_at, at)
            elif found == Found.CHANGED and last_at is not None:
                self._learn_signal(beliefs, url_id, last_at, at, bool(was_suspect))
            if was_suspect and found != Found.FAILED:
                beliefs.alarms += 1
                beliefs.hits += found in (Found.CHANGED, Found.MISSING)
        self.drop(run_no)
        self.db.execute(  # the machine's clock may have been set back since
            "UPDATE watched SET last_at = MIN(last_at, ?), missed_at = MIN(missed_at, ?) "
            "WHERE last_at > ? OR missed_at > ?",
            (now, now, now, now),
        )
        self.save(beliefs)

    def _learn_visit(self, url_id: int, at: float, found: Found, last_at: float | None) -> None:
        if found in (Found.MISSING, Found.FAILED):
            self.db.execute(
                "UPDATE watched SET misses = misses + 1, missed_at = ?, is_suspect = 0 WHERE url_id = ?", (at, url_id)
            )
            return
        days = 0.0 if last_at is None else _days(last_at, at)
        was_changed = found is Found.CHANGED and days > 0.0
        self.db.execute(
            "UPDATE watched SET last_at = ?, misses = 0, missed_at = NULL, is_suspect = 0, changes = changes + ?, "
            "changed_days = changed_days + ?, unchanged_days = unchanged_days + ? WHERE url_id = ?",
            (at, int(was_changed), days if was_changed else 0.0, 0.0 if was_changed else days, url_id),
        )

    def _learn_signal(self, beliefs: Beliefs, url_id: int, last_at: float, at: float, was_suspect: bool) -> None:
        """Learn from a change whether listings show changes: had they had the time to?"""
        if was_suspect:
            beliefs.shown += 1
            return
        row = self.db.execute(
            "SELECT MAX(last_seen_at) FROM listed WHERE url_id = ? AND signal IS NOT NULL", (url_id,)
        ).fetchone()
        if row[0] is not None and at > last_at:
            beliefs.silent += min(1.0, max(0.0, (row[0] - last_at) / (at - last_at)))

    # The plan

    def finds_a_day(self, beliefs: Beliefs, url_id: int) -> float:
        """Return how many things never seen before, or changed, a listing page is believed to bring a day."""
        average = (beliefs.listing_finds + 1.0) / (beliefs.listing_days + LISTING_PRIOR_DAYS)
        row = self.db.execute(
            "SELECT changes, changed_days + unchanged_days FROM watched WHERE url_id = ?", (url_id,)
        ).fetchone()
        changes, days = row or (0, 0.0)
        return float((average * LISTING_PRIOR_DAYS + changes) / (LISTING_PRIOR_DAYS + days))

    def plan(
        self, now: float, requests: int, sweeps: Mapping[int, Sequence[Sweepable]], floors: Mapping[int, int]
    ) -> Plan:
        """Return what *requests* are spent on: documents, and stretches of the listings' sweeps.

        *sweeps*: for each listing the pages that its sweep would read, in order. *floors*: pages of a listing that are
        read in any case, so that it is seen whole in time. What the visits so far say of the site is learned anew.
        """
        beliefs = self.beliefs()
        plan = Plan()
        left = requests
        for listing, floor in floors.items():
            plan.pages[listing] = min(floor, len(sweeps[listing]), max(0, left))
            left -= plan.pages[listing]
        first, worths, rates = self._documents(now, beliefs, max(0, left))
        plan.documents = first[: max(0, left)]
        left -= len(plan.documents)
        queue = [(-value, "document", url_id) for value, url_id in worths]
        heapq.heapify(queue)
        for listing, pages in sweeps.items():
            self._offer(queue, listing, pages, plan.pages.get(listing, 0), beliefs)
        while queue and left > 0:
            _, what, number = heapq.heappop(queue)
            left -= 1
            if what == "document":
                plan.documents.append(number)
            else:
                plan.pages[number] = plan.pages.get(number, 0) + 1
                self._offer(queue, number, sweeps[number], plan.pages[number], beliefs)
        beliefs.prior = fitted_prior(beliefs.prior, rates)
        self.save(beliefs)
        return plan

    @staticmethod
    def _offer(
        queue: list[tuple[float, str, int]], listing: int, pages: Sequence[Sweepable], taken: int, beliefs: Beliefs
    ) -> None:
        """Put the next page of a sweep among what the budget may be spent on."""
        if taken >= len(pages):
            return
        page = pages[taken]
        value = FIND_WORTH * worth_of_finds(page.finds_a_day, page.days)
        if beliefs.heeds_signals:
            value += page.items * worth(beliefs.prior.scaled(beliefs.shown_share), page.days)
        heapq.heappush(queue, (-value, "listing", listing))

    def _documents(
        self, now: float, beliefs: Beliefs, most: int
    ) -> tuple[list[int], list[tuple[float, int]], list[Rate]]:
        """Return the documents that come first, up to *most* others by worth, and what is believed of the visited."""
        suspects, missed, rates = [], [], []

        def valued() -> Iterator[tuple[float, int]]:
            for one in self._watched():
                if one.is_suspect and (beliefs.heeds_signals or one.misses):
                    suspects.append(one.url_id)
                    continue
                if one.misses:
                    if _days(one.missed_at or now, now) >= miss_days(one.misses):
                        missed.append(one.url_id)
                    continue
                rate = believed(beliefs.prior, one.unchanged_days, one.changes, one.changed_days)
                if one.changes or one.unchanged_days:
                    rates.append(rate)
                yield _worth_of_document(one, rate, now, beliefs), one.url_id

        worths = heapq.nlargest(most, valued())
        return suspects + missed, worths, rates

    def _watched(self) -> Iterator[_Watched]:
        rows = self.db.execute(
            "SELECT url_id, last_at, unchanged_days, changes, changed_days, misses, missed_at, is_suspect, "
            "(SELECT MAX(last_seen_at) FROM listed l WHERE l.url_id = w.url_id AND l.signal IS NOT NULL) "
            "FROM watched w WHERE kind = 'document' AND (last_at IS NOT NULL OR misses > 0) "
            # What a held run brought is judged by a person first.
            "AND NOT EXISTS(SELECT 1 FROM visits v WHERE v.url_id = w.url_id AND v.found IN ('new', 'changed'))"
        )
        return (_Watched(*row) for row in rows)


def _worth_of_document(one: _Watched, rate: Rate, now: float, beliefs: Beliefs) -> float:
    """Return what a visit to a document is worth: what only a visit finds, and what its listing would show."""
    assert one.last_at is not None
    days = _days(one.last_at, now)
    if one.listed_at is None or not beliefs.heeds_signals:
        return worth(rate, days)
    shown = beliefs.shown_share
    unseen_days = min(days, _days(one.listed_at, now))
    return worth(rate.scaled(1.0 - shown), days) + worth(rate.scaled(shown), unseen_days)


def _days(since: float, until: float) -> float:
    """Return an interval in days; none where the clock was set back, a believable one where it jumped ahead."""
    return min(max(0.0, until - since) / DAY_SECONDS, LONGEST_DAYS)
