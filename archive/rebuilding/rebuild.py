"""The tables made again from the WARC files: runs, captures, sightings and decisions as they were, values reread."""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb

from archive import durable, exclusion
from archive.clock import Clock, instant_text, parse_instant
from archive.errors import DamagedFile
from archive.layout import IMPORT_FOLDER, MAINTENANCE_FOLDER, TABLES, Layout
from archive.published import delta_log, ledger, tables, views
from archive.published.ledger import Event
from archive.published.tables import OpenTables
from archive.publishing.importing import import_records
from archive.publishing.publish import PART_TABLES, file_digest, keep_ledger_rows
from archive.rebuilding.kept_runs import KeptPart, KeptRuns, kept_runs, read_part, true_chain
from archive.record import DocumentRecord, content_digest, to_json
from archive.site_state.parts import table_row
from archive.site_state.staging import Staging
from archive.site_state.state import State
from archive.snapshot.rows import dicts
from archive.verifying.verify import REBUILT
from archive.warc.reading import Position, read_capture, read_records
from archive.warc.recovery import recover, write_index
from archive.warc.writing import WarcWriter

UNREADABLE = "unreadable"
"""Flag of a restored record that today's reader finds no document in; its title is empty."""


class ReadResult(Protocol):
    """What reading a page gives, as far as a rebuild needs it."""

    @property
    def record(self) -> DocumentRecord | None:
        """The document's record; None for a page that is none."""


class PageReader(Protocol):
    """Today's reader (`docarchive.read_page`); given as an argument, for the archive knows no parser."""

    def __call__(
        self,
        body: bytes,
        *,
        url: str,
        fetched_at: datetime,
        content_type: str | None,
        http_status: int,
        site: str | None,
        metadata: str | None,
    ) -> ReadResult:
        """Read a page from the bytes that were stored; *metadata*: what is kept beside them in WARC."""


@dataclass(slots=True)
class Rebuilt:
    """What was restored."""

    runs: int = 0
    parts: int = 0
    versions: int = 0
    unreadable: int = 0
    """Versions whose page today's reader cannot read; they are there, without values."""
    missing_parts: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    """Sentences about WARC files that break off: what came after is not restored."""
    old_tables: Path | None = None
    """Where the tables that were there before lie now; they may be deleted."""


def rebuild_tables(layout: Layout, clock: Clock, read_page: PageReader, reader: str) -> Rebuilt:
    """Make all tables of the archive again from its WARC files and return what was restored.

    Runs, captures, sightings and decisions come back as they were; the values of versions are read again by *read_page*
    (whose name and version is *reader*) and carry the flag `rebuilt`; imported records come back exactly. The new
    tables take the old ones' place at the end, in one rename; the old ones are kept beside them. A ledger row `rebuilt`
    says so. Missing indexes beside WARC files are written, too.

    Raises SiteBusy while a run is going on, DamagedFile when no ledger can be restored.
    """
    with ExitStack() as stack:
        stack.enter_context(exclusion.rebuilding(layout))
        held, lease_epoch, unfinished = _hold_all_sites(layout, clock, stack)
        recover(layout, MAINTENANCE_FOLDER)
        for folder in layout.warc.glob("*"):
            _write_indexes(folder)
        kept = kept_runs(layout)
        chain = true_chain(kept.rows, unfinished)
        if not chain:
            raise DamagedFile(
                f"the WARC files of {layout.root} keep no ledger; put the tables back from a backup, or crawl again"
            )
        rebuild = _Rebuild(layout, clock, kept, chain, read_page, reader)
        for _ in rebuild.write_tables():
            for state in held:
                state.keep_lease()
        rebuild.swap()
        rebuild.note(lease_epoch)
        views.write_views(layout, tables.snapshot(layout))
        return rebuild.done


def _hold_all_sites(layout: Layout, clock: Clock, stack: ExitStack) -> tuple[Sequence[State], int, frozenset[str]]:
    """Take the lease of every site until *stack* is left; return them, the epoch to write under, unfinished runs."""
    epoch = 0
    held: list[State] = []
    unfinished: set[str] = set()
    for site in dict.fromkeys((*layout.sites_with_state(), IMPORT_FOLDER)):
        state = State(layout, site, clock)
        stack.callback(state.close)
        lease = state.acquire()
        held.append(state)
        recover(layout, site)
        unfinished.update(run.run_id for run in Staging(state).runs())
        if site == IMPORT_FOLDER:
            epoch = lease.epoch
    return held, epoch, frozenset(unfinished)


def _write_indexes(folder: Path) -> None:
    for path in sorted(folder.glob("*.warc.gz")):
        try:
            write_index(path)
        except DamagedFile:
            continue  # `verify` names the file; its index stays


class _Rebuild:
    def __init__(
        self,
        layout: Layout,
        clock: Clock,
        kept: KeptRuns,
        chain: Sequence[Mapping[str, Any]],
        read_page: PageReader,
        reader: str,
    ) -> None:
        self.layout = layout
        self.clock = clock
        self.kept = kept
        self.chain = chain
        self.read_page = read_page
        self.reader = reader
        self.scratch = Layout(layout.root / "tables.rebuilding")
        self.tables = OpenTables(self.scratch)
        self.done = Rebuilt(damaged=kept.damaged)
        self.positions: dict[str, Position] = {}
        """Of every response seen so far: what a revisit may stand for."""
        self.files: dict[str, str] = {}
        self.imports = {row["run_id"] for row in chain if row["event"] == "import"}

    # Tables

    def write_tables(self) -> Iterator[None]:
        """Write all tables into the scratch folder, a part a step; one left by a killed rebuild is begun anew."""
        _remove(self.scratch.root)
        durable.make_folder(self.scratch.root)
        for name in TABLES:
            self.tables.newest(name)
        parts = Counter({row["run_id"]: row["parts"] for row in self.chain if row["event"] in ledger.HAS_PARTS})
        for run_id, number in parts.items():
            for part in range(1, number + 1):
                self._write_part(run_id, part)
                yield
        for row in self.chain:
            self._write_ledger_row(row)

    def _write_part(self, run_id: str, number: int) -> None:
        part = self.kept.parts.get((run_id, number))
        if part is None:
            self.done.missing_parts.append(f"part {number} of run {run_id}")
            return
        kept = read_part(self.layout, part)
        for row in kept["captures"]:
            if row["record_type"] == "response":
                self.positions[row["capture"]] = Position(row["warc_file"], row["warc_offset"], row["warc_length"])
        kept["versions"] = list(self._versions(run_id, kept))
        for name in (*PART_TABLES, "works"):
            if kept.get(name):
                self._write_rows(part, name, [table_row(row, run_id) for row in kept[name]])
        self.done.parts += 1

    def _write_rows(self, part: KeptPart, name: str, rows: list[dict[str, Any]]) -> None:
        path = self.scratch.table(name) / f"{part.run_id}-{part.number:05d}-{name}.parquet"
        tables.write_parquet(path, name, rows, part_digest=part.digest)
        table = self.tables.newest(name)
        versions = {part.run_id: part.number}
        delta_log.commit(table, path, tables.SCHEMAS[name], len(rows), versions, at=self.clock.now())
        self.files[f"tables/{name}/{path.name}"] = file_digest(path)

    def _write_ledger_row(self, row: Mapping[str, Any]) -> None:
        path = self.scratch.table("runs") / f"{row['run_id']}-{row['run_seq']:08d}-runs.parquet"
        tables.write_parquet(path, "runs", [row])
        event_id = f"{row['run_id']}:{row['event']}"
        chain = {ledger.CHAIN: row["run_seq"]}
        table = self.tables.newest("runs")
        delta_log.commit(table, path, tables.SCHEMAS["runs"], 1, {event_id: 1}, at=row["at"], lasting=chain)
        self.done.runs += row["event"] in ledger.MAKES_VISIBLE

    # Values

    def _versions(self, run_id: str, kept: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        captures = {row["capture"]: row for row in kept["captures"]}
        if run_id not in self.imports:
            captures |= self._earlier_captures({row["capture"] for row in kept["versions"]} - captures.keys())
        seen = {
            (row["site"], row["doc_id"], row["content_digest"], row["capture"]): row
            for row in reversed(kept["sightings"])
        }
        imported = self._imported(run_id) if run_id in self.imports and kept["versions"] else {}
        for identity in kept["versions"]:
            key = (identity["site"], identity["doc_id"], identity["content_digest"])
            sighting = seen[(*key, identity["capture"])]
            record = imported.get(key) or self._reread(captures.get(identity["capture"]), identity["site"])
            yield self._version(identity, sighting, captures.get(identity["capture"]), record)
            self.done.versions += 1

    def _earlier_captures(self, wanted: set[str | None]) -> dict[str, dict[str, Any]]:
        """Return those captures that runs before this one stored: what a reread read."""
        names = [name for name in wanted if name is not None]
        files = tables.snapshot(self.scratch).files["captures"]
        if not names or not files:
            return {}
        with duckdb.connect() as connection:
            found = connection.sql(
                f"SELECT * FROM {views.parquet_scan('captures', files)} WHERE capture IN (SELECT unnest(?))",
                params=[names],
            ).to_arrow_table()
        return {row["capture"]: self._as_kept(row) for row in dicts(found)}

    @staticmethod
    def _as_kept(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"fetched_at": instant_text(row["fetched_at"])}

    def _version(
        self,
        identity: Mapping[str, Any],
        sighting: Mapping[str, Any],
        capture: Mapping[str, Any] | None,
        record: DocumentRecord | None,
    ) -> dict[str, Any]:
        if record is None:
            self.done.unreadable += 1
            record = self._without_values(identity, sighting, capture)
        record = replace(
            record,
            site=identity["site"],
            doc_id=identity["doc_id"],
            capture=identity["capture"],
            fetched_at=parse_instant(sighting["seen_from"]),
            payload_digest=capture["payload_digest"] if capture else record.payload_digest,
        )
        if content_digest(record) != identity["content_digest"] or capture is not None:
            record = replace(record, flags=tuple(dict.fromkeys((*record.flags, REBUILT))))
        digests = {name: identity[name] for name in ("content_digest", "previous_reread_digest")}
        return to_json(record) | digests

    def _reread(self, capture: Mapping[str, Any] | None, site: str) -> DocumentRecord | None:
        if capture is None:
            return None
        try:
            stored = read_capture(
                self.layout,
                capture["warc_file"],
                capture["warc_offset"],
                capture["warc_length"],
                find=self.positions.get,
            )
        except DamagedFile:
            return None  # counted as unreadable; `verify` names the file
        page = self.read_page(
            stored.body().body,
            url=capture["url"],
            fetched_at=parse_instant(capture["fetched_at"]),
            content_type=stored.content_type,
            http_status=200 if stored.original is not None else capture["http_status"],
            site=site,
            metadata=stored.metadata,
        )
        return page.record

    def _without_values(
        self, identity: Mapping[str, Any], sighting: Mapping[str, Any], capture: Mapping[str, Any] | None
    ) -> DocumentRecord:
        return DocumentRecord(
            site=identity["site"],
            doc_id=identity["doc_id"],
            url=capture["url"] if capture else "",
            canonical_url=capture["canonical_url"] if capture else "",
            title="",
            flags=(UNREADABLE,),
            fetched_at=parse_instant(sighting["seen_from"]),
            reader=self.reader,
        )

    def _imported(self, run_id: str) -> dict[tuple[str, str, str], DocumentRecord]:
        """The records of the imported file, which its run's WARC file holds whole."""
        uri = f"urn:docarchive:run:{run_id}:file"
        for name in self.layout.warc_names(IMPORT_FOLDER, f"{run_id}-"):
            path = self.layout.warc_folder(IMPORT_FOLDER) / name
            body = next((r.block for r in read_records(path, types=("resource",)) if r.url == uri), None)
            if body is not None:
                records = import_records(body.split(b"\n"), path.name, fetched_at=self.clock.now())
                return {(r.site, r.doc_id, content_digest(r)): r for r in records}
        return {}

    # The end

    def swap(self) -> None:
        """Put the new tables in the place of the old ones, which stay beside them under another name."""
        old = self.layout.root / f"tables.before-{self.clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        current = self.layout.root / "tables"
        if current.exists():
            durable.rename(current, old)
            self.done.old_tables = old
        durable.rename(self.scratch.root / "tables", current)
        durable.fsync_folder(self.layout.root)
        _remove(self.scratch.root)

    def note(self, epoch: int) -> None:
        """Say in the ledger what was done, with the digests of the files as they are now."""
        now = self.clock.now()
        run_id = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        event = Event(
            run_id=run_id,
            site=None,
            event="rebuilt",
            reader=self.reader,
            started_at=now,
            finished_at=now,
            counts={"parts": self.done.parts, "versions": self.done.versions, "unreadable": self.done.unreadable},
            files=self.files,
            reason="; ".join(self.done.missing_parts)[:1000] or None,
        )

        def keep(rows: Sequence[Mapping[str, Any]]) -> None:
            info = {"description": "The tables were made again from the WARC files"}
            keep_ledger_rows(WarcWriter(self.layout, IMPORT_FOLDER, run_id, epoch, self.clock, info=info), rows)

        ledger.append(OpenTables(self.layout), [event], self.clock, keep=keep)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
