"""A simulated site lives for a year and is crawled every day by the command that users run.

The site of issue 4: documents at the start, new ones every day, some of them backdated, edits, removals, outages, a
redesign, a week of CAPTCHA, a clock that is set back. What the archive held when is compared with what happened when.
Three baselines stand beside it, on the simulator's own model: a full crawl every day, an incremental one that stops at
five known documents in a row, and a full crawl as often as the same number of requests allows.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from archive import tables
from archive.layout import open_layout
from bench.sizes import Row
from simulator import RunningSite, SimulatorOptions, running
from simulator.catalogue import Catalogue
from simulator.script import instant
from simulator.site import Site

OPENED = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)
RUN_HOUR = 9
"""Hours after the site's day began at which the daily run comes."""

NEW_SHARE = 40 / 20_000
"""New documents a day, of those at the start ..."""
FEWEST_NEW = 10
"""... but so many in a short form, or the pages of each run's walk would be counted against nothing."""
BACKDATED_EVERY_DAYS = 2
EDITED_A_DAY, FEWEST_EDITED = 0.01 / 30, 1.0
REMOVED_A_DAY, FEWEST_REMOVED = 0.003 / 30, 0.3
"""Share of the documents a day, and the least number in a short form, or there would be nothing to measure."""
HOW_REMOVED = ("gone", "missing", "notice", "soft404", "unlisted")
RUN_SECONDS = 3_600
KNOWN_IN_A_ROW = 5


@dataclass
class Year:
    """What happens, and what the runs made of it."""

    documents: int
    days: int
    seed: int = 11
    runs: list[dict[str, Any]] = field(default_factory=list)
    budgets: list[int] = field(default_factory=list)

    def day(self, of_a_year: float) -> float:
        """Return the day that stands for a day of 365."""
        return of_a_year * self.days / 365

    def events(self) -> tuple[Mapping[str, Any], ...]:
        """Return everything that happens to the site."""
        chance = random.Random(self.seed)
        happening: list[Mapping[str, Any]] = []
        new = max(FEWEST_NEW, round(self.documents * NEW_SHARE))
        for day in range(1, self.days):
            at = [f"+{day + chance.uniform(-0.4, 0.3):.4f}d" for _ in range(5)]
            batch = chance.randint(1, new)
            happening.append({"at": at[0], "action": "added", "count": batch})
            if new > batch:
                happening.append({"at": at[1], "action": "added", "count": new - batch})
            if day % BACKDATED_EVERY_DAYS == 0:
                back = (OPENED + timedelta(days=day - chance.uniform(5, 3000))).date().isoformat()
                happening.append({"at": at[2], "action": "added", "count": 1, "published_on": back})
            happening += self._some(chance, at[3], "changed", max(FEWEST_EDITED, self.documents * EDITED_A_DAY), {})
            how = {"how": chance.choice(HOW_REMOVED)}
            removed = max(FEWEST_REMOVED, self.documents * REMOVED_A_DAY)
            happening += self._some(chance, at[4], "withdrawn", removed, how)
        for day in (60, 61.5, 170, 260, 300):
            at_day = f"+{self.day(day):.4f}d"
            happening.append({"at": at_day, "action": "failing", "duration": f"{max(0.4, self.days / 365):.2f}d"})
        happening.append({"at": f"+{self.day(200):.4f}d", "action": "redesigned"})
        week = max(1.0, 7 * self.days / 365)
        happening.append({"at": f"+{self.day(120):.4f}d", "action": "captcha", "duration": f"{week:.2f}d"})
        return tuple(happening)

    def _some(
        self, chance: random.Random, at: str, action: str, wanted: float, takes: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        """Return an event for a drawn number of documents, *wanted* on average."""
        count = int(wanted) + (chance.random() < wanted % 1)
        return [{"at": at, "action": action, "count": count, **takes}] if count else []

    def run_at(self, day: int) -> datetime:
        return OPENED + timedelta(days=day, hours=RUN_HOUR)

    def clock_at(self, day: int) -> datetime:
        """Return what the crawling machine takes for the time: it is set back by an hour in the middle of the year."""
        return self.run_at(day) - timedelta(hours=1 if day >= self.day(240) else 0)


def year(folder: Path, documents: int, days: int) -> Iterator[Row]:
    """Live through the year; yield one row a figure."""
    life = Year(documents, days)
    options = SimulatorOptions(
        documents=documents,
        events=life.events(),
        clock_start=OPENED,
        clock_speed=0.0,
        log=folder / "requests.jsonl",
    )
    with running(options) as site:
        for day in range(days):
            site.move_to(life.run_at(day))
            life.runs.append(_crawl(site, folder / "data", life.clock_at(day)) | {"day": day})
    yield from _figures(life, options, folder / "data")
    yield from _baselines(life, options)


def _crawl(site: RunningSite, archive: Path, clock: datetime) -> dict[str, Any]:
    """Do one day's run; return how it ended and how many requests it took."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "docarchive.cli", "crawl", "huiwen", "--start", site.start_urls[0]),
            *("--archive", str(archive), "--allow-host", site.host, "--delay", "0", "--concurrency", "4", "--json"),
        ],
        env=os.environ | {"DOCARCHIVE_CLOCK": clock.isoformat()},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    outcome: dict[str, Any] = json.loads(done.stdout) if done.stdout.startswith("{") else {"reason": done.stderr}
    return {**outcome, "exit_code": done.returncode}


@dataclass
class Happened:
    """What happened to the documents, by the simulator's own books."""

    added: dict[str, datetime] = field(default_factory=dict)
    backdated: dict[str, datetime] = field(default_factory=dict)
    edits: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)
    """Document, when, and when it was edited again or withdrawn."""
    withdrawn: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def read(cls, life: Year, options: SimulatorOptions) -> Happened:
        end = life.run_at(life.days - 1)
        site = Site(options, lambda: end, OPENED)
        (catalogue,) = site.catalogues.values()
        catalogue.advance(end)
        happened = cls()
        for number in range(catalogue.count):
            happened._read_document(catalogue, number)
        return happened

    def _read_document(self, catalogue: Catalogue, number: int) -> None:
        entry = catalogue.entry(number)
        if entry is None:
            return
        doc_id = catalogue.card(number).doc_id
        if entry.withdrawn_at is not None:
            self.withdrawn[doc_id] = entry.withdrawn_at
        if entry.added_at is not None:
            is_backdated = entry.published is not None and entry.published < entry.added_at.date()
            (self.backdated if is_backdated else self.added)[doc_id] = entry.added_at
        times = [change.at for change in entry.changes]
        ends: list[datetime | None] = [*times[1:], entry.withdrawn_at][: len(times)]
        self.edits += [(doc_id, at, end) for at, end in zip(times, ends, strict=True)]


def _figures(life: Year, options: SimulatorOptions, archive: Path) -> Iterator[Row]:
    happened = Happened.read(life, options)
    versions = _versions(archive, {run["run_id"]: life.run_at(run["day"]) for run in life.runs if run.get("run_id")})
    first = {doc_id: min(published for _, published in found) for doc_id, found in versions.items()}
    end = life.run_at(life.days - 1)
    yield f"{life.documents:,} documents, {life.days} days: runs by exit code", _codes(life.runs), ""
    yield "new documents found within 2 days", *_recall(happened.added, first, 2, end, happened.withdrawn, "0.999")
    yield "  backdated ones within 30 days", *_recall(happened.backdated, first, 30, end, happened.withdrawn, "")
    yield "  backdated ones within 2 days", *_recall(happened.backdated, first, 2, end, happened.withdrawn, "")
    yield "edits found within 30 days", *_edit_recall(happened, versions, end)
    requests, spent = _requests(life, archive)
    later = sum(requests[1:])
    new = max(1, len(happened.added))
    changes = max(1, new + len(happened.backdated) + len(happened.edits) + len(happened.withdrawn))
    yield "requests a new document beyond the budget", f"{(later - spent) / new:.2f}", "1.3"
    yield "all requests a change", f"{later / changes:.1f}", "a full crawl: over 400"
    yield (
        "requests of the first run; a day later, mean and most",
        (f"{requests[0]:,}; {later / max(1, life.days - 1):.0f}, {max(requests[1:]):,}"),
        "",
    )
    false, seen = _withdrawals(archive, happened)
    yield "false withdrawals", str(false), "0"
    log = _asked_after(options, happened.withdrawn, 14, end)
    yield "withdrawn documents asked for within 14 days", log, "0.95 (confirming is a later step)"
    yield "withdrawals set", str(seen), ""


def _codes(runs: Sequence[Mapping[str, Any]]) -> str:
    codes = Counter((run["exit_code"], run.get("event")) for run in runs)
    return ", ".join(
        f"{code} {event or 'unfinished'}: {number}" for (code, event), number in sorted(codes.items(), key=str)
    )


def _versions(archive: Path, published: Mapping[str, datetime]) -> dict[str, list[tuple[datetime, datetime]]]:
    """Return document -> (fetched at, published at) of each version."""
    rows = _query(archive, "versions", "SELECT doc_id, fetched_at, run_id FROM rows")
    visible = {str(row[0]) for row in _query(archive, "runs", "SELECT run_id FROM rows WHERE event = 'published'")}
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for doc_id, fetched_at, run_id in rows:
        if run_id in visible and run_id in published:
            found.setdefault(doc_id, []).append((fetched_at.astimezone(UTC), published[run_id]))
    return found


def _query(archive: Path, table: str, sql: str) -> list[tuple[Any, ...]]:
    files = list(tables.snapshot(open_layout(archive)).files[table])
    if not files:
        return []
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW rows AS SELECT * FROM read_parquet({files!r}, union_by_name = true)")
        return connection.execute(sql).fetchall()


def _recall(
    added: Mapping[str, datetime],
    first: Mapping[str, datetime],
    days: int,
    end: datetime,
    withdrawn: Mapping[str, datetime],
    bar: str,
) -> tuple[str, str]:
    """Return the share that was found in time, of those that stayed so long."""
    limit = timedelta(days=days)
    due = [doc_id for doc_id, at in added.items() if at + limit <= end and withdrawn.get(doc_id, end) - at >= limit]
    found = sum(doc_id in first and first[doc_id] - added[doc_id] <= limit for doc_id in due)
    return _share(found, len(due)), bar


def _edit_recall(
    happened: Happened, versions: Mapping[str, list[tuple[datetime, datetime]]], end: datetime
) -> tuple[str, str]:
    limit = timedelta(days=30)
    due = found = 0
    for doc_id, at, until in happened.edits:
        if at + limit > end or (until is not None and until - at < limit):
            continue
        due += 1
        hour = timedelta(hours=1)  # the machine's clock may be behind the site's
        found += any(
            fetched >= at - hour and published - at <= limit for fetched, published in versions.get(doc_id, ())
        )
    return _share(found, due), "0.95"


def _share(found: int, due: int) -> str:
    return f"{found / due:.4f} of {due:,}" if due else "none was due"


def _requests(life: Year, archive: Path) -> tuple[list[int], int]:
    """Return requests by day, and how many of them were the budget's."""
    spent = 0
    for counts, event in _query(archive, "runs", "SELECT counts, event FROM rows"):
        if event in ("published", "held", "empty"):
            spent += dict(counts).get("budget/spent", 0)
    return [int(run.get("requests") or 0) for run in life.runs], spent


def _withdrawals(archive: Path, happened: Happened) -> tuple[int, int]:
    rows = _query(archive, "decisions", "SELECT DISTINCT doc_id FROM rows WHERE kind = 'withdrawn'")
    said = {row[0] for row in rows}
    return len(said - set(happened.withdrawn)), len(said)


def _asked_after(options: SimulatorOptions, withdrawn: Mapping[str, datetime], days: int, end: datetime) -> str:
    """Return the share of the withdrawn documents whose page was asked for in time afterwards."""
    limit = timedelta(days=days)
    due = {doc_id: at for doc_id, at in withdrawn.items() if at + limit <= end}
    asked: dict[str, datetime] = {}
    assert options.log is not None
    with options.log.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            doc_id = row["doc_id"] or row["path"].rpartition("/")[2].partition(".")[0]
            at = datetime.fromisoformat(row["time"])
            if doc_id in due and doc_id not in asked and at >= due[doc_id]:
                asked[doc_id] = at
    return _share(sum(asked[doc_id] - due[doc_id] <= limit for doc_id in asked), len(due))


# -- baselines, on the simulator's model ----------------------------------------------------------------------------


def _baselines(life: Year, options: SimulatorOptions) -> Iterator[Row]:
    total = sum(int(run.get("requests") or 0) for run in life.runs[1:])
    yield from _baseline(life, options, "full crawl every day", every=1)
    yield from _baseline(life, options, f"{KNOWN_IN_A_ROW} known in a row", every=None)
    new = max(FEWEST_NEW, life.documents * NEW_SHARE)
    whole = (life.documents + new * life.days / 2) * 1.05  # pages of documents, and of the listing
    every = max(1, round(whole * life.days / max(1, total)))
    yield from _baseline(life, options, f"full crawl every {every} days", every=every)


def _baseline(life: Year, options: SimulatorOptions, name: str, every: int | None) -> Iterator[Row]:
    """Crawl the model: what a run asks for is seen as it is then; on days of outage or CAPTCHA nothing is."""
    now = [OPENED]
    site = Site(options, lambda: now[0], OPENED)
    (catalogue,) = site.catalogues.values()
    known: dict[int, tuple[datetime, int]] = {}
    found_new: dict[int, datetime] = {}
    found_edits: dict[tuple[int, int], datetime] = {}
    requests = 0
    down = _down(life, options)
    for day in range(life.days):
        now[0] = life.run_at(day)
        catalogue.advance(now[0])
        if any(begin <= now[0] < end for begin, end in down) or (every is not None and day % every):
            continue
        line = catalogue.line(0)
        per_page = catalogue.family.per_page
        newest_first = range(len(line) - 1, -1, -1)
        looked, in_a_row = 0, 0
        for place in newest_first:
            number = line[place]
            looked += 1
            is_new = number not in known
            in_a_row = 0 if is_new else in_a_row + 1
            if is_new or every is not None:
                entry = catalogue.entry(number)
                revision = len(entry.changes) if entry else 0
                if is_new:
                    found_new[number] = now[0]
                for edit in range(known.get(number, (now[0], 0))[1], revision):
                    found_edits[number, edit] = now[0]
                known[number] = (now[0], revision)
                requests += day > 0
            if every is None and in_a_row >= KNOWN_IN_A_ROW and day > 0:
                break
        requests += -(-looked // per_page) if day > 0 else 0
    yield from _baseline_rows(life, catalogue, name, found_new, found_edits, requests)


def _down(life: Year, options: SimulatorOptions) -> list[tuple[datetime, datetime]]:
    spells = []
    for row in options.events:
        if row["action"] in ("failing", "captcha"):
            begin = instant(row["at"], OPENED)
            spells.append((begin, begin + timedelta(days=float(row["duration"].removesuffix("d")))))
    return spells


def _baseline_rows(
    life: Year,
    catalogue: Catalogue,
    name: str,
    found_new: Mapping[int, datetime],
    found_edits: Mapping[tuple[int, int], datetime],
    requests: int,
) -> Iterator[Row]:
    end = life.run_at(life.days - 1)
    new = [0, 0]
    edits = [0, 0]
    changes = 0
    for number in range(catalogue.count):
        entry = catalogue.entry(number)
        if entry is None:
            continue
        gone = entry.withdrawn_at or end
        changes += (entry.added_at is not None) + len(entry.changes) + (entry.withdrawn_at is not None)
        if entry.added_at is not None and min(gone, end) - entry.added_at >= timedelta(days=2):
            new[1] += 1
            new[0] += number in found_new and found_new[number] - entry.added_at <= timedelta(days=2)
        for place, change in enumerate(entry.changes):
            if min(gone, end) - change.at >= timedelta(days=30):
                edits[1] += 1
                at = found_edits.get((number, place))
                edits[0] += at is not None and at - change.at <= timedelta(days=30)
    measured = f"{_share(new[0], new[1])}; {_share(edits[0], edits[1])}; {requests / max(1, changes):.1f}"
    yield f"baseline, {name}: new in 2 days; edits in 30; requests a change", measured, ""
