"""What happened to a simulated site by its own books, and what each run published: the two that are compared.

Documents go by their numbers in the site's catalogue.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow.parquet as pq

from archive.layout import Layout
from archive.published import tables
from bench.gates import CHECKED
from docarchive import Archive
from simulator.catalogue import Catalogue
from simulator.lost import lost_how

NEW_DAYS = 2
UNLISTED = "unlisted"
"""Taken off the listing, the page still served: no withdrawal."""


@dataclass
class Happened:
    """What happened to the documents that can be read at all."""

    added: dict[int, datetime] = field(default_factory=dict)
    backdated: dict[int, datetime] = field(default_factory=dict)
    edits: dict[tuple[int, int], tuple[datetime, datetime | None]] = field(default_factory=dict)
    """Document and which of its edits -> when, and when it was edited again or withdrawn."""
    withdrawn: dict[int, tuple[datetime, str]] = field(default_factory=dict)
    """Document -> when and how; those taken off the listing too."""

    @classmethod
    def read(cls, catalogue: Catalogue) -> Happened:
        """Return what has happened so far."""
        happened = cls()
        for number in range(catalogue.count):
            if not is_lost(catalogue, number):
                happened._read_document(catalogue, number)
        return happened

    def _read_document(self, catalogue: Catalogue, number: int) -> None:
        entry = catalogue.entry(number)
        if entry is None:
            return
        if entry.withdrawn_at is not None:
            self.withdrawn[number] = (entry.withdrawn_at, entry.withdrawn_how or "")
        if entry.added_at is not None:
            is_backdated = entry.published is not None and entry.published < entry.added_at.date()
            (self.backdated if is_backdated else self.added)[number] = entry.added_at
        times = [change.at for change in entry.changes]
        ends: list[datetime | None] = [*times[1:], entry.withdrawn_at][: len(times)]
        for place, (at, until) in enumerate(zip(times, ends, strict=True)):
            self.edits[number, place] = (at, until)

    def changes(self) -> int:
        """Return how many changes there were of every kind."""
        return max(1, len(self.added) + len(self.backdated) + len(self.edits) + len(self.withdrawn))

    def due(
        self, added: Mapping[int, datetime], days: float, end: datetime, runs: Sequence[datetime] | None = None
    ) -> dict[int, datetime]:
        """Return those that stayed for so many days; *runs*: of these, what one of the runs could find in the time."""
        limit = timedelta(days=days)
        found = {}
        for number, at in added.items():
            gone = self.withdrawn[number][0] if number in self.withdrawn else end
            if at + limit <= min(gone, end) and (runs is None or _any_between(runs, at, at + limit)):
                found[number] = at
        return found

    def due_edits(self, days: float, end: datetime) -> dict[tuple[int, int], datetime]:
        """Return the edits that stood for so many days."""
        limit = timedelta(days=days)
        return {key: at for key, (at, until) in self.edits.items() if at + limit <= min(until or end, end)}

    def true_withdrawals(self, first: Mapping[int, datetime]) -> dict[int, datetime]:
        """Return the documents whose page went after the archive had them."""
        return {
            number: at
            for number, (at, how) in self.withdrawn.items()
            if how != UNLISTED and number in first and first[number] < at
        }


def _any_between(sorted_times: Sequence[datetime], begin: datetime, end: datetime) -> bool:
    place = bisect_right(sorted_times, begin)
    return place < len(sorted_times) and sorted_times[place] <= end


def is_lost(catalogue: Catalogue, number: int) -> bool:
    """Return whether a document is listed and can never be read (simulator/lost.py)."""
    family = catalogue.family
    return number < family.count and number not in family.pinned and lost_how(number) is not None


def share(due: Mapping[Any, datetime], found: Mapping[Any, datetime], days: float) -> str:
    """Return the share of what was due that was found in so many days, as the table prints it."""
    limit = timedelta(days=days)
    in_time = sum(key in found and found[key] - at <= limit for key, at in due.items())
    return f"{in_time / len(due):.4f} of {len(due):,}" if due else "none was due"


@dataclass(frozen=True, slots=True)
class Version:
    """One published row of the table `versions`."""

    number: int
    fetched_at: datetime
    """By the site's clock."""
    stated_at: datetime
    """The same by the machine's clock, as the archive has it."""
    published_at: datetime
    """By the machine's clock."""
    seen_at: datetime
    """The same by the site's clock."""
    digest: int
    """Of the checked fields."""
    is_right: bool
    """Whether it says what the site said then."""


class Books:
    """What every run published, taken down when it was published, before anything could be compacted or replaced."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.versions: list[Version] = []
        self.moments: dict[str, datetime] = {}
        """Run -> when it was published, by the site's clock."""
        self._catalogue = catalogue
        self._by_document: dict[int, list[Version]] = {}

    def publish(self, layout: Layout, run_id: str, published_at: datetime, behind: timedelta) -> None:
        """Take down what the files of a run hold that was published just now.

        *behind*: how far the machine's clock was behind when the run fetched its pages.
        """
        self.moments[run_id] = published_at + behind
        for path in sorted(layout.table("versions").glob(f"{run_id}-*.parquet")):
            columns = ["doc_id", "fetched_at", *CHECKED]
            with pq.ParquetFile(path) as file:
                rows = file.read(columns=columns, use_threads=False).to_pylist()
            for row in rows:
                self._take(row, published_at, behind)

    def _take(self, row: Mapping[str, Any], published_at: datetime, behind: timedelta) -> None:
        number = self._catalogue.find(row["doc_id"])
        stated_at = row["fetched_at"].astimezone(UTC)
        said = None if number is None else said_at(self._catalogue, number, stated_at + behind)
        version = Version(
            number=-1 if number is None else number,
            fetched_at=stated_at + behind,
            stated_at=stated_at,
            published_at=published_at,
            seen_at=published_at + behind,
            digest=hash(_checked(row)),
            is_right=_checked(row) == said,
        )
        self.versions.append(version)
        self._by_document.setdefault(version.number, []).append(version)

    def first_published(self) -> dict[int, datetime]:
        """Return when each document was there first."""
        return {number: min(one.seen_at for one in every) for number, every in self._by_document.items()}

    def missing(self, before: datetime) -> int:
        """Return how many documents stood in the listing since *before*, can be read, and were never published."""
        missing = 0
        for number in self._catalogue.listed():
            entry = self._catalogue.entry(number)
            is_old = entry is None or entry.added_at is None or entry.added_at < before
            missing += is_old and number not in self._by_document and not is_lost(self._catalogue, number)
        return missing

    def edits_published(self, happened: Happened) -> dict[tuple[int, int], datetime]:
        """Return when each edit was there that was found."""
        found = {}
        for (number, place), (at, _) in happened.edits.items():
            seen = [one.seen_at for one in self._by_document.get(number, ()) if one.fetched_at >= at]
            if seen:
                found[number, place] = min(seen)
        return found

    def published_by(self, number: int, moment: datetime) -> int | None:
        """Return the digest of what readers saw of a document at *moment*; None: nothing."""
        return _newest(one for one in self._by_document.get(number, ()) if one.published_at <= moment)

    def fetched_by(self, number: int, moment: datetime) -> int | None:
        """Return the digest of what is known now of a document as it was at *moment*; None: it was not seen by then."""
        return _newest(one for one in self._by_document.get(number, ()) if one.stated_at <= moment)

    def compare(
        self,
        layout: Layout,
        site: str,
        question: str,
        wanted: Callable[[int, datetime], int | None],
        moments: Sequence[datetime],
        chance: random.Random,
        pairs: int,
    ) -> tuple[int, int]:
        """Ask the archive for drawn documents at drawn moments; return how many answers differ, and were to be there.

        *question* is the keyword of the question: `as_of` or `as_published`.
        """
        numbers = sorted(self._by_document)
        differing = there = 0
        with Archive.open(layout.root) as archive:
            for _ in range(pairs):
                number, moment = chance.choice(numbers), chance.choice(moments)
                row = archive.get(site, self._catalogue.card(number).doc_id, **{question: moment})
                expected = wanted(number, moment)
                differing += (None if row is None else hash(_checked(row))) != expected
                there += expected is not None
        return differing, there

    def wrong_now(self, layout: Layout, site: str) -> tuple[int, int]:
        """Return how many documents are otherwise in the archive than the site said when they changed last; of all."""
        wrong = known = 0
        with Archive.open(layout.root) as archive:
            for row in archive.records(site=site, fields=("doc_id", *CHECKED)):
                known += 1
                number = self._catalogue.find(row["doc_id"])
                every = self._by_document.get(-1 if number is None else number, ())
                newest = max(every, key=lambda one: one.stated_at, default=None)
                said = None if number is None or newest is None else said_at(self._catalogue, number, newest.fetched_at)
                wrong += _checked(row) != said
        return wrong, known


def _newest(versions: Iterable[Version]) -> int | None:
    newest = max(versions, key=lambda one: one.stated_at, default=None)
    return None if newest is None else newest.digest


def said_at(catalogue: Catalogue, number: int, moment: datetime) -> tuple[Any, ...]:
    """Return the checked fields of a document as the site had them at *moment*."""
    entry = catalogue.entry(number)
    revision = 0 if entry is None else sum(change.at <= moment for change in entry.changes)
    document = catalogue.at_revision(number, revision)
    return _checked(catalogue.family.record(document, "", moment))


def _checked(row: Mapping[str, Any]) -> tuple[Any, ...]:
    values = (row[name] for name in CHECKED)
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


# -- the archive's own tables ---------------------------------------------------------------------------------------


def ledger(layout: Layout) -> list[dict[str, Any]]:
    """Return the rows of the ledger."""
    return _query(layout, "runs", "SELECT run_id, event, counts FROM rows ORDER BY run_seq")


def withdrawals(
    layout: Layout, catalogue: Catalogue, published: Mapping[str, datetime]
) -> tuple[dict[int, datetime], int]:
    """Return when each true withdrawal was published, and how many documents were said gone that were served."""
    found: dict[int, datetime] = {}
    false = set()
    for row in _query(layout, "decisions", "SELECT doc_id, run_id FROM rows WHERE kind = 'withdrawn'"):
        number, at = catalogue.find(row["doc_id"]), published.get(row["run_id"])
        entry = None if number is None else catalogue.entry(number)
        if number is None or at is None or is_lost(catalogue, number):
            continue  # at None: of a run that is held, nobody sees it
        gone_at = None if entry is None or entry.withdrawn_how == UNLISTED else entry.withdrawn_at
        if gone_at is None or gone_at > at:
            false.add(number)
        else:
            found[number] = min(at, found.get(number, at))
    return found, len(false)


def _query(layout: Layout, table: str, sql: str) -> list[dict[str, Any]]:
    files = list(tables.snapshot(layout).files[table])
    if not files:
        return []
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW rows AS SELECT * FROM read_parquet({files!r}, union_by_name = true)")
        answer = connection.execute(sql)
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
