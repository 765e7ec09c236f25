"""The ledger of runs: every event a row, each row chained to the one before by digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
from deltalake import DeltaTable

from archive import durable
from archive.clock import Clock, instant_text
from archive.errors import DamagedFile, MachineTrouble
from archive.layout import Layout
from archive.published import delta_log, tables
from archive.published.tables import OpenTables

CHAIN = "runs"
"""Application id whose version is the last `run_seq`: two writers that saw the same last row cannot both commit."""

MAKES_VISIBLE = ("published", "accepted")
"""Events that make a run's rows visible to readers."""

CLUSTERED = "clustered"
"""Event: documents were found to be copies of one work, or not any more; its rows are in the table `works`."""

HAS_PARTS = (*MAKES_VISIBLE, CLUSTERED)
"""Events whose files hold rows of the tables."""

ATTEMPTS = 200
"""Commits tried before giving up; each failure means that another site's run committed meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a run."""

    run_id: str
    site: str | None
    event: str
    reader: str
    started_at: datetime
    finished_at: datetime
    parts: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """Path relative to the archive -> "sha256:..." of every closed file of the run."""
    options: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None


def row_digest(row: Mapping[str, Any]) -> str:
    """Return "sha256:..." over the ledger row without its own digest: canonical JSON, keys sorted, instants as text."""
    values = {name: row[name] for name in tables.SCHEMAS["runs"].names if name != "digest"}
    for name, value in values.items():
        if isinstance(value, datetime):
            values[name] = instant_text(value)
        elif isinstance(value, (list, tuple)):  # a map column as Parquet readers give it
            values[name] = dict(value)
    return "sha256:" + hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def has_event(opened: OpenTables, run_id: str, event: str) -> bool:
    """Whether the ledger holds this event of this run."""
    return _is_there(opened.layout, opened.newest("runs"), run_id, event)


def _is_there(layout: Layout, table: DeltaTable, run_id: str, event: str) -> bool:
    """The log names what was written lately; a run that was killed long ago is looked for in the rows."""
    if table.transaction_version(_event_id(run_id, event)) is not None:
        return True
    names = delta_log.names_in(table)
    return any(
        _is_in_file(layout.table("runs") / name, run_id, event)
        for name in names
        if name.startswith((run_id, tables.COMPACTED))
    )


def _is_in_file(path: Path, run_id: str, event: str) -> bool:
    """Run ids begin with the time, and the rows are in its order: nearly all of a long ledger is passed over unread."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            group = file.metadata.row_group(number)
            bounds = group.column(_RUN_ID_COLUMN).statistics
            if bounds is not None and bounds.has_min_max and not bounds.min <= run_id <= bounds.max:
                continue
            rows = file.read_row_group(number, columns=["run_id", "event"], use_threads=False).to_pylist()
            if {"run_id": run_id, "event": event} in rows:
                return True
    return False


_RUN_ID_COLUMN = tables.SCHEMAS["runs"].names.index("run_id")
"""Of the leaf columns of a file, as its statistics count them; no nested column stands before it."""


def append(
    opened: OpenTables,
    events: Sequence[Event],
    clock: Clock,
    *,
    keep: Callable[[Sequence[Mapping[str, Any]]], None],
) -> list[dict[str, Any]]:
    """Append *events* as one commit and return their rows; an event that is there already is not written twice.

    *keep* is given the finished rows before they are committed, to write them where they can be restored from.
    """
    layout = opened.layout
    for _ in range(ATTEMPTS):
        table = opened.newest("runs")
        missing = [e for e in events if not _is_there(layout, table, e.run_id, e.event)]
        if not missing:
            return []
        rows = _chained(layout, table, missing, clock)
        keep(rows)
        first, last = rows[0], rows[-1]
        # A name of its own each time: a holder that was stopped here, taken over and woken must not write over, or
        # clear away, the row that the other one committed for the same run.
        name = f"{first['run_id']}-{secrets.token_hex(4)}-{last['run_seq']:08d}-runs.parquet"
        path = layout.table("runs") / name
        tables.write_parquet(path, "runs", rows)
        versions = {_event_id(e.run_id, e.event): 1 for e in missing}
        chain = {CHAIN: last["run_seq"]}
        if delta_log.commit(table, path, tables.SCHEMAS["runs"], len(rows), versions, at=last["at"], lasting=chain):
            return rows
        durable.unlink(path)
    raise MachineTrouble(f"the ledger of {layout.root} is written to without a pause; run the same command again later")


def _chained(layout: Layout, table: DeltaTable, events: Sequence[Event], clock: Clock) -> list[dict[str, Any]]:
    last = _last_row(layout, table)
    run_seq = last["run_seq"] if last else 0
    digest = last["digest"] if last else None
    at = clock.now()
    if last and last["at"] > at:  # a machine's clock may be set back; the ledger's order may not
        at = last["at"]
    rows = []
    for event in events:
        run_seq += 1
        row: dict[str, Any] = {
            "run_id": event.run_id,
            "run_seq": run_seq,
            "site": event.site,
            "event": event.event,
            "at": at,
            "reader": event.reader,
            "started_at": event.started_at,
            "finished_at": event.finished_at,
            "parts": event.parts,
            "counts": dict(event.counts),
            "files": dict(event.files),
            "options": orjson.dumps(event.options).decode(),
            "reason": event.reason,
            "previous_digest": digest,
        }
        digest = row["digest"] = row_digest(row)
        rows.append(row)
    return rows


def _last_row(layout: Layout, table: DeltaTable) -> dict[str, Any] | None:
    """Return the newest ledger row, or None in an empty ledger.

    The file name carries the sequence number, so that one small file is read however long the ledger is.
    """
    last_seq = table.transaction_version(CHAIN)
    if last_seq is None:
        return None
    names = delta_log.names_in(table)
    wanted = f"-{last_seq:08d}-runs.parquet"
    for name in sorted(names, key=lambda name: not name.endswith(wanted)):
        with pq.ParquetFile(layout.table("runs") / name) as file:  # `read_table` brings 17 MB of code for data sets
            rows = file.read().to_pylist()
        for row in rows:
            if row["run_seq"] == last_seq:
                return dict(row)
    raise DamagedFile(f"row {last_seq} of the ledger of {layout.root} is missing; run: docarchive rebuild tables")


def _event_id(run_id: str, event: str) -> str:
    return f"{run_id}:{event}"
