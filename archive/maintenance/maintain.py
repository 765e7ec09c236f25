"""Keeps an archive of many runs quick: few files instead of many, short logs, nothing left over; no answer changes.

Safe at any time: readers and runs go on beside it, a second maintenance is told so. It may be killed at any instant. In
this order each step is durable before the next:

1. The new files are written beside the old ones: rows of closed runs only, none changed, neighbouring sightings folded
   into intervals that name their members (`archive.published.intervals`).
2. A row `compacted` joins the ledger, in WARC first: which file, with which digest, stands for which.
3. Each table's log takes the new file in and the old ones out, in one entry.
4. views.sql names the new files. What was replaced `cleaning.REPLACED_KEPT` ago, and leftovers, are deleted.

Killed between 2 and 3, the next maintenance goes on with 3.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from archive import durable, exclusion
from archive.clock import Clock
from archive.errors import MachineTrouble, SiteBusy
from archive.layout import MAINTENANCE_FOLDER, TABLES, Layout
from archive.maintenance import cleaning, compaction
from archive.maintenance.compaction import Batch
from archive.published import delta_log, ledger, tables, views
from archive.published.ledger import HAS_PARTS, Event
from archive.published.table_files import COMPACTED, REBUILT, Replacement, TableFiles
from archive.published.tables import OpenTables
from archive.publishing.publish import file_digest, keep_ledger_rows
from archive.warc.recovery import recover
from archive.warc.writing import WarcWriter

PROGRAM = "maintain/1"
"""Stands as the reader in the ledger's rows of maintenance."""

DUE_FILES = 256
"""Table files of single runs, in use, from which maintenance is due after a crawl: some 80 runs of small sites. Below
it a question takes 0.1 s longer and a publish writes 30 KB more than right after maintenance."""

_FILE_OF_A_RUN = re.compile(rb"-\d{5,}-[a-z]+\.parquet'")


@dataclass(slots=True)
class Maintained:
    """What was done."""

    compacted: dict[str, int] = field(default_factory=dict)
    """Table -> how many files became fewer."""
    written: int = 0
    """Files in their place."""
    deleted: int = 0
    """Files that nobody needed any more."""
    freed_bytes: int = 0


def maintain_if_due(layout: Layout, clock: Clock) -> Maintained | None:
    """Do maintenance if it is due, and nobody is at it; None where nothing was done.

    Takes well under a millisecond where it is not due: to be called behind every publish. Raises as `maintain`.
    """
    if not is_due(layout):
        return None
    try:
        return maintain(layout, clock)
    except SiteBusy:
        return None


def is_due(layout: Layout) -> bool:
    """Whether so many files of runs have come since the last maintenance that it is worth its while.

    views.sql names them all; some, being large already, maintenance leaves as they are.
    """
    return _files_of_runs(layout) - _files_left(layout) >= DUE_FILES


def _files_of_runs(layout: Layout) -> int:
    try:
        return len(_FILE_OF_A_RUN.findall(layout.views_sql.read_bytes()))
    except FileNotFoundError:
        return 0


def _left(layout: Layout) -> Path:
    """Where it is noted how many files of runs the last maintenance left as they were; may be deleted."""
    return layout.root / "state" / "maintenance.left"


def _files_left(layout: Layout) -> int:
    try:
        return int(_left(layout).read_bytes())
    except (FileNotFoundError, ValueError):
        return 0


def maintain(layout: Layout, clock: Clock) -> Maintained:
    """Compact, clean and vacuum the archive, and return what was done.

    Raises SiteBusy while another maintenance or a rebuild is at work, DamagedFile for a file that cannot be read
    (nothing is replaced then), MachineTrouble when the disk is full.
    """
    with exclusion.maintaining(layout):
        if not (layout.table("runs") / "_delta_log").is_dir():
            return Maintained()  # nothing was ever published
        recover(layout, MAINTENANCE_FOLDER)
        return _Maintenance(layout, clock).run()


class _Maintenance:
    def __init__(self, layout: Layout, clock: Clock) -> None:
        self.layout = layout
        self.clock = clock
        self.tables = OpenTables(layout)
        self.began = clock.now()
        self.run_id = f"{self.began:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.done = Maintained()

    def run(self) -> Maintained:
        told = self._told()
        for name in TABLES:
            pending = told.pending(self.tables.relative_files())
            self._take_effect(name, [each for each in pending if each.file.startswith(f"tables/{name}/")])
        self._compact()
        views.keep_views_current(self.layout, self.tables)
        cleaned = cleaning.clean(self.layout, self.tables, self._told(), self.clock)
        self.done.deleted, self.done.freed_bytes = cleaned.files, cleaned.bytes
        durable.write_file(_left(self.layout), b"%d" % _files_of_runs(self.layout))
        return self.done

    def _told(self) -> TableFiles:
        """What the ledger says of earlier compactions; what was published is not needed here."""
        rows = self._ledger_rows(("run_seq", "event", "at", "files", "options"), (COMPACTED, REBUILT))
        return TableFiles.of(row if row["event"] == COMPACTED else {**row, "files": None} for row in rows)

    def _ledger_rows(self, columns: Sequence[str], events: Sequence[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for path in self.tables.snapshot().files["runs"]:
            with pq.ParquetFile(path) as file:
                table = file.read(columns=list(columns), use_threads=False)
            rows += table.filter(pc.is_in(table.column("event"), pa.array(events))).to_pylist()
        return sorted(rows, key=lambda row: int(row["run_seq"]))

    # Compaction

    def _compact(self) -> None:
        done = self._ledger_rows(("run_id", "run_seq", "event"), HAS_PARTS)
        closed = {row["run_id"]: row["run_seq"] for row in reversed(done)}
        batches = [b for name in TABLES for b in compaction.batches(self.tables.newest(name), name, closed)]
        if not batches:
            return
        written = {name: [self._write(b, n) for n, b in enumerate(batches) if b.table == name] for name in TABLES}
        self._note([each for replacements in written.values() for each in replacements])
        for name, replacements in written.items():
            self._take_effect(name, replacements)

    def _write(self, batch: Batch, number: int) -> Replacement:
        folder = self.layout.table(batch.table)
        target = folder / f"{tables.COMPACTED}{self.run_id}-{number:04d}-{batch.table}.parquet"
        compaction.write(folder, batch, target)
        names = tuple(f"tables/{batch.table}/{name}" for name in batch.names)
        return Replacement(f"tables/{batch.table}/{target.name}", file_digest(target), names, self.began)

    def _note(self, replacements: Iterable[Replacement]) -> None:
        """Say in the ledger what stands for what, before it does."""
        replaced = {each.file: each.stands_for for each in replacements}
        event = Event(
            run_id=self.run_id,
            site=None,
            event=COMPACTED,
            reader=PROGRAM,
            started_at=self.began,
            finished_at=self.clock.now(),
            counts={"files": sum(map(len, replaced.values())), "written": len(replaced)},
            files={each.file: each.digest for each in replacements},
            options={"replaced": replaced},
        )

        def keep(rows: Sequence[Mapping[str, Any]]) -> None:
            info = {"description": "Small files of the tables were written again as few: the ledger's row of it"}
            keep_ledger_rows(WarcWriter(self.layout, MAINTENANCE_FOLDER, self.run_id, 1, self.clock, info=info), rows)

        ledger.append(self.tables, [event], self.clock, keep=keep)

    def _take_effect(self, name: str, replacements: Sequence[Replacement]) -> None:
        """Put the replacements of one table into its log, all in one entry; those whose file is not whole are void."""
        folder = self.layout.table(name)
        sound = [each for each in replacements if self._is_whole(each)]
        if not sound:
            return
        old = [path.rpartition("/")[2] for each in sound for path in each.stands_for]
        new = [
            (self.layout.root / each.file, pq.read_metadata(self.layout.root / each.file).num_rows) for each in sound
        ]
        for _ in range(ledger.ATTEMPTS):
            table = self.tables.newest(name)
            listed = delta_log.names_in(table)
            if new[0][0].name in listed:  # below a checkpoint, and above it all the same
                break
            assert listed.issuperset(old), "nobody else takes files out of the tables"
            if delta_log.replace(table, folder, old, new, self.clock.now()):
                break
        else:
            raise MachineTrouble(f"{folder} is written to without a pause; run the same command again later")
        self.done.compacted[name] = self.done.compacted.get(name, 0) + len(old)
        self.done.written += len(new)

    def _is_whole(self, replacement: Replacement) -> bool:
        path = self.layout.root / replacement.file
        return path.exists() and file_digest(path) == replacement.digest
