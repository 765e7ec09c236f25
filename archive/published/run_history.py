"""What the ledger tells of each site's runs: when they were, how they ended, what they brought."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import orjson

from archive.layout import Layout
from archive.published.ledger_digest import SUMMED, open_ledger

RHYTHM_RUNS = 61
"""Newest whole runs whose distances make a site's rhythm: two months of daily ones."""

NEW_DAYS = 366
"""Newest days with new documents that are remembered of a site: a year of a site that has some every day."""

RECENT = timedelta(days=30)
"""What "lately" is wherever sums are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run as the ledger knows it."""

    run_id: str
    site: str
    event: str
    """The last thing that happened to it: published, held, accepted, rejected, empty, takedown."""
    started_at: datetime
    finished_at: datetime
    counts: Mapping[str, int]
    options: Mapping[str, Any]
    reason: str | None

    @property
    def partial(self) -> bool:
        """Whether a limit kept it from walking the whole site."""
        return bool(self.options.get("partial"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteHistory:
    """What the ledger knows of one site. Runs that asked the site nothing (reread, import) do not count."""

    site: str
    last: RunRow
    """The newest run, however it ended."""
    last_fill: Mapping[str, float]
    """Field -> share of documents it was read on, in the newest published run with documents."""
    published_at: datetime | None
    """When readers last got something new; None: never."""
    starts: tuple[datetime, ...]
    """When the newest whole runs began, oldest first: `RHYTHM_RUNS` at most."""
    first_published_on: date | None
    last_published_on: date | None
    """Days of the first and the newest published whole run: in between the site was watched."""
    new_days: tuple[date, ...]
    """Days (UTC) whose runs found new documents, oldest first: `NEW_DAYS` at most."""
    held: tuple[str, ...]
    """Runs that wait for a person, oldest first."""
    held_reason: str | None
    """Why the newest of them does."""
    events: Mapping[str, int]
    """How a run ended -> how many did."""
    totals: Mapping[str, int]
    """Sums over all runs: requests, bytes received, failed; new, changed and withdrawn of those that are published."""
    recent: Mapping[str, int]
    """The same over the last 30 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldApart:
    """A run that waits for a person and asked no site anything: an import, or a reread."""

    run_id: str
    site: str | None
    """None: of an import, which may be of several."""
    reason: str | None


class RunHistory:
    """The ledger as it is now."""

    def __init__(self, layout: Layout) -> None:
        # One thread: another site's run may need the other core.
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        open_ledger(layout, self._connection)
        self._connection.execute(_RUNS)

    def __enter__(self) -> RunHistory:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def sites(self, now: datetime) -> dict[str, SiteHistory]:
        """Return what is known of each site that was ever crawled to an end, sorted by name."""
        rows = self._rows(_SITES, now=now)
        wanted = (row[name] for row in rows for name in ("seq", "measured_seq", "held_seq"))
        details = self._details({seq for seq in wanted if seq is not None})
        return {row["site"]: _history(row, details) for row in rows}

    def runs(self, site: str, newest: int, until: str | None = None) -> list[RunRow]:
        """Return the newest runs of *site*, oldest first; none later than the run *until*."""
        return self._with_details(self._rows(_NEWEST, site=site, number=newest, until=until))

    def run(self, run_id: str) -> RunRow | None:
        """Return one run, None where the ledger has none of that id, or one of no single site."""
        found = self._with_details(self._rows("SELECT * FROM site_runs WHERE run_id = $run_id", run_id=run_id))
        return found[0] if found else None

    def held_apart(self) -> list[HeldApart]:
        """Return the runs that wait for a person and are none of a site's own: imports, rereads; oldest first."""
        return [HeldApart(**row) for row in self._rows(_HELD_APART)]

    def _with_details(self, rows: Sequence[Mapping[str, Any]]) -> list[RunRow]:
        details = self._details({row["seq"] for row in rows})
        return [_run(row, details) for row in rows]

    def _details(self, seqs: Collection[int]) -> dict[int, Mapping[str, Any]]:
        """Return what only a few rows are asked for: all that was counted, options, the reason."""
        if not seqs:
            return {}
        sql = "SELECT run_seq, counts, options, reason FROM ledger WHERE run_seq IN (SELECT unnest($seqs))"
        return {row["run_seq"]: row for row in self._rows(sql, seqs=sorted(seqs))}

    def _rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._connection.sql(sql, params=parameters).to_arrow_table().to_pylist()
        return rows


_RUNS = f"""
CREATE TEMP TABLE site_runs AS
SELECT run_id, any_value(site) AS site, arg_max(event, run_seq) AS event, max(run_seq) AS seq,
  min(started_at) AS started_at, max(finished_at) AS finished_at,
  min("at") FILTER (WHERE event IN ('published', 'accepted')) AS published_at,
  published_at IS NOT NULL AND arg_max(event, run_seq) <> 'takedown' AS is_visible,
  bool_or(partial) AS partial, {", ".join(f"max({name}) AS {name}" for name in SUMMED)}
FROM ledger
GROUP BY run_id
HAVING any_value(site) IS NOT NULL AND NOT bool_or(is_reread OR event IN ('import', 'rebuilt'))
"""

_HELD_APART = """
SELECT run_id, any_value(site) AS site, arg_max(reason, run_seq) AS reason
FROM ledger WHERE run_id NOT IN (SELECT run_id FROM site_runs)
GROUP BY run_id HAVING arg_max(event, run_seq) = 'held' ORDER BY max(run_seq)
"""

_NEWEST = """
SELECT * FROM (
  SELECT * FROM site_runs
  WHERE site = $site AND seq <= coalesce((SELECT seq FROM site_runs WHERE run_id = $until), 9223372036854775807)
  ORDER BY seq DESC LIMIT $number
) ORDER BY seq
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()

_OF_VISIBLE = ("new", "changed", "withdrawn")


def _sums(prefix: str, condition: str) -> str:
    return ", ".join(
        f"sum({name}) FILTER (WHERE {condition}{' AND is_visible' if name in _OF_VISIBLE else ''}) AS {prefix}{name}"
        for name in SUMMED
    )


_SITES = f"""
SELECT site, max(seq) AS seq, arg_max(run_id, seq) AS run_id, arg_max(event, seq) AS event,
  arg_max(started_at, seq) AS started_at, arg_max(finished_at, seq) AS finished_at,
  max(published_at) AS published_at,
  max(seq) FILTER (WHERE is_visible AND documents > 0) AS measured_seq,
  array_agg(epoch_ms(started_at) ORDER BY seq DESC) FILTER (WHERE NOT partial)[:{RHYTHM_RUNS}] AS starts,
  min(started_at::DATE) FILTER (WHERE is_visible AND NOT partial) AS first_published_on,
  max(started_at::DATE) FILTER (WHERE is_visible AND NOT partial) AS last_published_on,
  array_agg(DISTINCT epoch_ms(started_at) // 86400000) FILTER (WHERE is_visible AND new > 0) AS new_days,
  array_agg(run_id ORDER BY seq) FILTER (WHERE event = 'held') AS held,
  max(seq) FILTER (WHERE event = 'held') AS held_seq,
  histogram(event) AS events,
  {_sums("total_", "true")},
  {_sums("recent_", f"started_at >= $now - INTERVAL {RECENT.days} DAY")}
FROM site_runs GROUP BY site ORDER BY site
"""


def _history(row: Mapping[str, Any], details: Mapping[int, Mapping[str, Any]]) -> SiteHistory:
    measured = details.get(row["measured_seq"])
    held = details.get(row["held_seq"])
    return SiteHistory(
        site=row["site"],
        last=_run(row, details),
        last_fill=fill_shares(dict(measured["counts"] or ())) if measured is not None else {},
        published_at=row["published_at"],
        starts=tuple(_EPOCH + timedelta(milliseconds=each) for each in reversed(row["starts"] or ())),
        first_published_on=row["first_published_on"],
        last_published_on=row["last_published_on"],
        new_days=tuple(date.fromordinal(_EPOCH_DAY + day) for day in sorted(row["new_days"] or ())[-NEW_DAYS:]),
        held=tuple(row["held"] or ()),
        held_reason=held["reason"] if held is not None else None,
        events=dict(row["events"]),
        totals={name: int(row[f"total_{name}"] or 0) for name in SUMMED},
        recent={name: int(row[f"recent_{name}"] or 0) for name in SUMMED},
    )


def _run(row: Mapping[str, Any], details: Mapping[int, Mapping[str, Any]]) -> RunRow:
    more = details[row["seq"]]
    return RunRow(
        run_id=row["run_id"],
        site=row["site"],
        event=row["event"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        counts=dict(more["counts"] or ()),
        options=orjson.loads(more["options"] or "{}"),
        reason=more["reason"],
    )


def fill_shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Return on which share of a run's documents each field was read.

    >>> fill_shares({"documents": 4, "filled/pages": 3, "new": 4})
    {'pages': 0.75}
    """
    documents = counts.get("documents", 0)
    filled = ((name.removeprefix("filled/"), number) for name, number in counts.items() if name.startswith("filled/"))
    return {name: min(1.0, number / documents) for name, number in sorted(filled)} if documents else {}
