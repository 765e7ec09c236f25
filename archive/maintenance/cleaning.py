"""What nobody needs any more, found and deleted: replaced table files, leftovers of killed processes, old logs."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq

from archive import durable
from archive.clock import Clock
from archive.errors import MachineTrouble, SiteBusy
from archive.layout import TABLES, Layout
from archive.published import tables
from archive.published.table_files import TableFiles, is_only_of_maintenance
from archive.published.tables import OpenTables
from archive.site_state import lease
from archive.site_state.state import State
from archive.warc.recovery import recover
from archive.warc.writing import OPEN_SUFFIX

REPLACED_KEPT = timedelta(days=2)
"""A file that a compaction replaced stays this long: for whoever opened the archive, or read views.sql, before."""

LOGS_KEPT = timedelta(days=90)
"""Logs of runs older than this are deleted."""

ENDLESS_LOGS = ("due.log", "cron.log")
"""Logs that every start of `crawl --due` appends to."""

LONGEST_LOG, LOG_TAIL = 8 * 2**20, 2**20
"""Bytes that such a log may have, and those of its end that are left when it has more."""

_OF_A_RUN = re.compile(r"(?P<run>.+?)-(?:[0-9a-f]{8}-)?(?P<number>\d{5,})-[a-z]+\.parquet")
_LOG = re.compile(r"(?P<at>\d{8}T\d{6}Z)-.*\.log")
_SCRATCH = re.compile(r"\..+\.(?P<pid>\d+)\.tmp")


@dataclass(slots=True)
class Cleaned:
    """What was deleted."""

    files: int = 0
    bytes: int = 0


def clean(layout: Layout, opened: OpenTables, told: TableFiles, clock: Clock) -> Cleaned:
    """Delete what nobody needs any more. To be called by the one maintenance at work; may be killed and called again.

    *told*: what the ledger says was replaced by what.
    """
    cleaned = Cleaned()
    _close_abandoned_captures(layout, clock)
    present = [path for name in TABLES for path in sorted(layout.table(name).glob("*.parquet"))]
    unfinished = unfinished_runs(layout)  # asked before the tables' logs: what a run commits it forgets afterwards
    for path in _dead_table_files(layout, opened, told, present, unfinished, clock.now() - REPLACED_KEPT):
        _delete(path, cleaned)
    for folder in (layout.root, *(layout.table(name) for name in TABLES)):
        for path in folder.glob(".*.tmp"):
            match = _SCRATCH.fullmatch(path.name)
            if match and not _runs(int(match["pid"])):
                _delete(path, cleaned)
    oldest = clock.now() - LOGS_KEPT
    for path in layout.logs.glob("*.log"):
        if _begun(path) < oldest and path.stem not in unfinished:
            _delete(path, cleaned)
    for name in ENDLESS_LOGS:
        _shorten(layout.logs / name, cleaned)
    shutil.rmtree(layout.root / "tables.rebuilding", ignore_errors=True)  # of a killed rebuild: none is at work now
    return cleaned


def _shorten(log: Path, cleaned: Cleaned) -> None:
    """Leave the end of a log that grew too long; what is appended meanwhile may be lost."""
    if not log.is_file() or log.stat().st_size <= LONGEST_LOG:
        return
    with log.open("r+b") as file:
        file.seek(-LOG_TAIL, os.SEEK_END)
        file.readline()  # the rest of a line
        kept = file.read()
        cleaned.bytes += file.seek(0, os.SEEK_END) - len(kept)
        file.seek(0)
        file.write(kept)
        file.truncate()


def unfinished_runs(layout: Layout) -> set[str]:
    """Return the runs that a state file still goes on with."""
    found: set[str] = set()
    for site in layout.sites_with_state():
        path = layout.state(site)
        try:
            database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
            try:
                if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone():
                    found.update(row[0] for row in database.execute("SELECT run_id FROM runs"))
            finally:
                database.close()
        except sqlite3.Error as error:
            raise MachineTrouble(f"{path} cannot be read ({error}); run: docarchive verify") from error
    return found


def _dead_table_files(
    layout: Layout,
    opened: OpenTables,
    told: TableFiles,
    present: Collection[Path],
    unfinished: Collection[str],
    replaced_before: datetime,
) -> Iterator[Path]:
    listed = opened.relative_files()
    replaced = told.replaced_before(replaced_before, listed)
    waiting = {each.file for each in told.pending(listed)}
    orphans = []
    for path in present:
        name = path.relative_to(layout.root).as_posix()
        if name in listed or name in waiting:
            continue
        if name in replaced or (path.name.startswith(tables.COMPACTED) and name not in told.replaced):
            yield path
        elif name not in told.replaced:
            match = _OF_A_RUN.fullmatch(path.name)
            if match and match["run"] not in unfinished:
                orphans.append((path, match["run"], int(match["number"])))
    if orphans:
        yield from _left_by_killed_publishes(layout, opened, orphans)


def _left_by_killed_publishes(
    layout: Layout, opened: OpenTables, orphans: Collection[tuple[Path, str, int]]
) -> Iterator[Path]:
    """Those of *orphans* of which the ledger shows that they never counted; what it says was published is damage."""
    columns = ["run_id", "run_seq", "files"]
    published: dict[str, set[str]] = {}
    last_seq = 0
    for file in opened.snapshot().files["runs"]:
        for row in pq.read_table(file, columns=columns, partitioning=None).to_pylist():
            published.setdefault(row["run_id"], set()).update(dict(row["files"] or ()))
            last_seq = max(last_seq, row["run_seq"])
    for path, run, number in orphans:
        if path.parent == layout.table("runs"):
            if number <= last_seq or is_only_of_maintenance(path):
                yield path
        elif run in published and path.relative_to(layout.root).as_posix() not in published[run]:
            yield path


def _close_abandoned_captures(layout: Layout, clock: Clock) -> None:
    """Close WARC files that a killed run left open, for a site may never be crawled again."""
    folders = {path.parent for path in layout.warc.glob(f"*/*.warc.gz{OPEN_SUFFIX}")}
    for site in layout.sites_with_state():
        if layout.warc_folder(site) not in folders:
            continue
        state = State(layout, site, clock)
        try:
            holder = lease.holder(state.db)
            if holder is None or not _runs(holder):  # one that sleeps may go on: its lease is not ours to take
                state.acquire()
                recover(layout, site)
        except SiteBusy:
            continue  # a run has begun there, and has seen to it
        finally:
            state.close()


def _begun(log: Path) -> datetime:
    match = _LOG.fullmatch(log.name)
    if match is None:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.strptime(match["at"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _runs(pid: int) -> bool:
    """Whether there is such a process, other than this one."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()


def _delete(path: Path, cleaned: Cleaned) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return
    durable.unlink(path)
    cleaned.files += 1
    cleaned.bytes += size
