"""How a finished run becomes visible: frozen parts into the tables, then one row in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from archive import exclusion
from archive.clock import Clock, instant_text, parse_instant
from archive.errors import DamagedFile
from archive.layout import TABLES, Layout
from archive.published import delta_log, ledger, tables, views
from archive.published.ledger import Event
from archive.published.tables import OpenTables
from archive.site_state.parts import Part
from archive.site_state.staging import ACCEPTING, HELD, PUBLISHING, Run, Staging
from archive.site_state.state import State
from archive.warc.writing import WarcWriter

PART_TABLES = ("versions", "sightings", "captures", "decisions")
"""What the parts of a run of a site have rows of."""


def part_uri(run_id: str, number: int) -> str:
    """Return the target URI of the WARC metadata record that restores a part."""
    return f"urn:docarchive:run:{run_id}:part:{number}"


def event_uri(run_id: str, event: str) -> str:
    """Return the target URI of the WARC metadata record that restores a ledger row."""
    return f"urn:docarchive:run:{run_id}:event:{event}"


@dataclass(slots=True)
class Publisher:
    """Publishes runs of one site whose lease we hold. Every step may be killed and is done again by the next try."""

    layout: Layout
    state: State
    staging: Staging
    clock: Clock
    progress: Callable[[int, int], None] | None = None
    """Called with parts done and parts in all."""
    opened: OpenTables | None = None
    """The tables, where an earlier run was published by this process."""
    _tables: OpenTables = field(init=False)

    def __post_init__(self) -> None:
        self._tables = self.opened or OpenTables(self.layout)

    def publish(self, run_id: str, *, accepted: bool = False, preface: str | None = None) -> None:
        """Make the run visible and take it out of the state.

        *accepted*: a person released a run that was held. *preface*: an event to write before it in the same commit
        (`import`, `reread`). Raises DamagedFile when a part in the tables is not the part that was frozen.
        """
        with exclusion.publishing(self.layout):
            self._publish(run_id, accepted=accepted, preface=preface)

    def _publish(self, run_id: str, *, accepted: bool, preface: str | None) -> None:
        run = self.staging.run(run_id)
        if run.status not in (PUBLISHING, ACCEPTING):
            with self.state.transaction(lasting=True):
                self.staging.parts.freeze(run_id)
                self.staging.set_status(run_id, ACCEPTING if accepted else PUBLISHING)
            run = self.staging.run(run_id)
        event = "accepted" if run.status == ACCEPTING else "published"
        if not ledger.has_event(self._tables, run_id, event):
            self._make_tables()
            files = self._publish_parts(run)
            events = [self._event(run, name, files) for name in ([preface] if preface else []) + [event]]
            self._append(run, events)
        self._write_views()  # before the run is forgotten: whoever is killed here comes back to do it
        with self.state.transaction(lasting=True):
            self.staging.forget_run(run_id, published=True)

    def is_visible(self, run_id: str) -> bool:
        """Whether the ledger says that readers see the run, whatever the state says."""
        return any(ledger.has_event(self._tables, run_id, event) for event in ledger.MAKES_VISIBLE)

    def close_without_publishing(self, run_id: str, event: str, reason: str) -> None:
        """Note in the ledger that a run was `empty` or `rejected`, and drop its staged records.

        Its captures stay in the WARC files.
        """
        run = self.staging.run(run_id)
        with exclusion.publishing(self.layout):
            self._append(run, [self._event(run, event, self._warc_digests(run), reason)])
            self._write_views()
            with self.state.transaction(lasting=True):
                self.staging.forget_run(run_id, published=False)

    def hold(self, run_id: str, reason: str) -> None:
        """Note in the ledger that a run is held back; its records stay in the state for a person to judge."""
        run = self.staging.run(run_id)
        with exclusion.publishing(self.layout):
            self._append(run, [self._event(run, "held", self._warc_digests(run), reason)])
            self._write_views()
            with self.state.transaction(lasting=True):
                self.staging.set_status(run_id, HELD, reason=reason)
                self.staging.held_pages.hold(run_id)

    def _make_tables(self) -> None:
        """Make the tables that are not there yet: whoever reads the files finds all or none, empty or not."""
        for name in TABLES:
            if not (self.layout.table(name) / "_delta_log").is_dir():
                self._tables.newest(name)

    def _write_views(self) -> None:
        views.keep_views_current(self.layout, self._tables)

    def _publish_parts(self, run: Run) -> dict[str, str]:
        """Put every frozen part into the tables and into WARC; return the digests of all files of the run."""
        done: dict[int, dict[str, str]] = {}
        writer = self._writer(run)
        waiting = self.staging.parts.unpublished(run.run_id)
        for part in self.staging.parts.frozen(run.run_id):
            if part.number in waiting:
                writer.write_metadata(part_uri(run.run_id, part.number), _part_metadata(part), "application/json")
                done[part.number] = self._publish_part(part)
                self.state.keep_lease()
            if self.progress is not None:
                self.progress(part.number, len(waiting))
        writer.close()
        with self.state.transaction():
            for number, files in done.items():
                self.staging.parts.note_published(run.run_id, number, files)
        return self.staging.parts.files(run.run_id) | self._warc_digests(run)

    def _publish_part(self, part: Part) -> dict[str, str]:
        """Commit one part's rows to each table that it has rows for; return path -> digest of the files."""
        files: dict[str, str] = {}
        for name in PART_TABLES:
            rows = part.rows[name]
            if not rows:
                continue
            path = self.layout.table(name) / f"{part.run_id}-{part.number:05d}-{name}.parquet"
            self._commit_rows(part, name, path, rows)
            files[str(path.relative_to(self.layout.root))] = file_digest(path)
        return files

    def _commit_rows(self, part: Part, name: str, path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
        while True:
            table = self._tables.newest(name)
            version = table.transaction_version(part.run_id)
            # The log forgets ids of a run that was killed long ago; its files it names until the run is published.
            if (version is not None and version >= part.number) or path.name in delta_log.names_in(table):
                if tables.part_digest_of(path) != part.digest:
                    raise DamagedFile(
                        f"{path} is not part {part.number} of run {part.run_id} as it was frozen; "
                        "run: docarchive verify"
                    )
                return
            own = ({**row, "run_id": part.run_id} for row in rows)
            tables.write_parquet(path, name, own, part_digest=part.digest)
            versions = {part.run_id: part.number}
            if delta_log.commit(table, path, tables.SCHEMAS[name], len(rows), versions, at=self.clock.now()):
                return

    def _append(self, run: Run, events: Sequence[Event]) -> None:
        def keep(rows: Sequence[Mapping[str, Any]]) -> None:
            keep_ledger_rows(self._writer(run), rows)

        self._make_tables()
        self.state.keep_lease()  # nothing may become visible after a takeover
        ledger.append(self._tables, events, self.clock, keep=keep)

    def _event(self, run: Run, event: str, files: Mapping[str, str], reason: str | None = None) -> Event:
        started = parse_instant(run.started_at)
        return Event(
            run_id=run.run_id,
            site=None if run.options.get("import") else self.state.site,
            event=event,
            reader=run.reader,
            started_at=started,
            finished_at=parse_instant(run.finished_at) if run.finished_at else started,
            parts=self.staging.parts.count(run.run_id),
            counts=run.counts,
            files=files,
            options=run.options,
            reason=reason if reason is not None else run.reason,
        )

    def _writer(self, run: Run) -> WarcWriter:
        assert self.state.lease is not None, "publishing needs the site's lease"
        return WarcWriter(
            self.layout,
            self.state.site,
            run.run_id,
            self.state.lease.epoch,
            self.clock,
            info={"description": "What was published of this run: restores the tables"},
        )

    def _warc_digests(self, run: Run) -> dict[str, str]:
        folder = self.layout.warc_folder(self.state.site)
        names = self.layout.warc_names(self.state.site, f"{run.run_id}-")
        return {
            str(path.relative_to(self.layout.root)): file_digest(path)
            for path in (folder / name for name in names if name.endswith(".warc.gz"))
        }


def file_digest(path: Path) -> str:
    """Return "sha256:..." of a file's bytes."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def keep_ledger_rows(writer: WarcWriter, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of the ledger into WARC, where they can be restored from, and close the file."""
    for row in rows:
        writer.write_metadata(event_uri(row["run_id"], row["event"]), _ledger_metadata(row), "application/json")
    writer.close()


def _part_metadata(part: Part) -> bytes:
    version_keys = ("capture", "site", "doc_id", "content_digest", "previous_reread_digest")
    return orjson.dumps(
        {
            "run_id": part.run_id,
            "part": part.number,
            "digest": part.digest,
            "captures": part.rows["captures"],
            "sightings": part.rows["sightings"],
            "decisions": part.rows["decisions"],
            "versions": [{key: row[key] for key in version_keys} for row in part.rows["versions"]],
        }
    )


def _ledger_metadata(row: Mapping[str, Any]) -> bytes:
    return orjson.dumps(row, default=instant_text, option=orjson.OPT_PASSTHROUGH_DATETIME)
