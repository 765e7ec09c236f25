"""What a reread has read and not yet published, in the site's state file, and how far it has got."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from archive.clock import Clock, instant_text, parse_instant
from archive.judgement.past_measures import JUDGEMENT
from archive.site_state.planned import NO_PAGES, Place
from archive.site_state.staging import FETCHED, HELD, PUBLISHING, BodySource, CapturedPage, Change, Run, Staging

TABLE = """
CREATE TABLE IF NOT EXISTS rereads(
  run_id TEXT PRIMARY KEY, last_seq INTEGER NOT NULL, every INTEGER NOT NULL, file TEXT, offset INTEGER, capture TEXT)
WITHOUT ROWID
"""

OPTION = "reread"
"""Option of a run that read archived captures again and fetched nothing."""

HEALED_BY = "healed_by"
"""Option of a run that was held and read again: by which reader."""

HEALING = "+healing"
"""Behind the id of a held run: where its pages are staged as they are read again, until all are."""


def is_reread(run: Run) -> bool:
    """Whether a run only read what was archived."""
    return bool(run.options.get(OPTION))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an unfinished reread has got."""

    last_seq: int
    every: bool
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgain:
    """A document as today's reader reads one capture of it."""

    doc_id: str
    capture: str
    fetched_at: datetime
    reader: str
    content_digest: str
    counters: Mapping[str, int]
    version: bytes | None
    """The row of `versions` as JSON; None: the sighting before has one of this content."""
    begins: bool
    """Whether the sighting before has, read today, another content: a version begins here."""


class RereadStaging:
    """Stages what was read again. Every write happens inside the state's open transaction."""

    def __init__(self, staging: Staging) -> None:
        self.staging = staging
        self.state = staging.state
        self.db = staging.db
        with self.state.transaction() as db:
            db.execute(TABLE)

    # A reread of what is published

    def unfinished(self) -> Run | None:
        """Return the reread that was stopped before its end, or None."""
        return next((run for run in self.staging.runs() if is_reread(run) and run.status != HELD), None)

    def start(self, run_id: str, clock: Clock, reader: str, last_seq: int, *, every: bool) -> Run:
        """Begin a reread of what the ledger had made visible by row *last_seq*."""
        options: dict[str, Any] = {OPTION: True, "last_seq": last_seq}
        if every:
            options["every"] = True
        if clock.replay_start is not None:
            options["clock"] = instant_text(clock.replay_start)
        with self.state.transaction():
            self.db.execute("DELETE FROM rereads WHERE run_id NOT IN (SELECT run_id FROM runs)")
            run = self.staging.start_run(run_id, started_at=clock.now(), reader=reader, options=options)
            self.db.execute("INSERT INTO rereads VALUES (?, ?, ?, NULL, NULL, NULL)", (run_id, last_seq, int(every)))
        return run

    def progress(self, run_id: str) -> Progress:
        """Return how far the reread *run_id* has got."""
        last_seq, every, *place = self.db.execute(
            "SELECT last_seq, every, file, offset, capture FROM rereads WHERE run_id = ?", (run_id,)
        ).fetchone()
        return Progress(last_seq, bool(every), Place(*place) if place[0] is not None else None)

    def reached(self, run_id: str, place: Place) -> None:
        """Note that everything up to *place* is staged."""
        self.db.execute("UPDATE rereads SET file = ?, offset = ?, capture = ? WHERE run_id = ?", (*place, run_id))

    def stage(self, run_id: str, site: str, read: ReadAgain) -> None:
        """Stage a reading that differs from what was published of its capture."""
        known = self.staging.known_document(site, read.doc_id)
        version = read.version
        if version is not None and not read.begins and self._is_staged(run_id, site, read):
            version = None
        sighting = {
            "site": site,
            "doc_id": read.doc_id,
            "content_digest": read.content_digest,
            "seen_from": instant_text(read.fetched_at),
            "seen_until": instant_text(read.fetched_at),
            "capture": read.capture,
            "reader": read.reader,
            "counters": dict(read.counters),
        }
        change = Change.NEW if known is None else Change.CHANGED
        self._insert(run_id, site, read.doc_id, read.capture, read.content_digest, change, sighting, version)

    def stage_same(self, run_id: str, site: str, doc_id: str, capture: str, content_digest: str) -> None:
        """Stage a document that is read as it was: nothing is published of it, but the gates count it."""
        self._insert(run_id, site, doc_id, capture, content_digest, Change.SAME, None, None)

    def _is_staged(self, run_id: str, site: str, read: ReadAgain) -> bool:
        return (
            self.db.execute(
                "SELECT 1 FROM staged WHERE doc_id = ? AND content_digest = ? AND run_id = ? AND site = ? "
                "AND version IS NOT NULL",
                (read.doc_id, read.content_digest, run_id, site),
            ).fetchone()
            is not None
        )

    def _insert(
        self,
        run_id: str,
        site: str,
        doc_id: str,
        capture: str,
        digest: str,
        change: Change,
        sighting: Mapping[str, Any] | None,
        version: bytes | None,
    ) -> None:
        self.db.execute(
            "INSERT INTO staged(run_id, capture, site, doc_id, content_digest, change, sighting, version) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (run_id, capture, site, doc_id, digest, change, orjson.dumps(sighting) if sighting else None, version),
        )

    def differs(self, run_id: str) -> bool:
        """Whether anything is staged that was not published just so."""
        row = self.db.execute(
            "SELECT 1 FROM staged WHERE run_id = ? AND (sighting IS NOT NULL OR decision IS NOT NULL) LIMIT 1",
            (run_id,),
        ).fetchone()
        return row is not None

    def freeze(self, run_id: str) -> None:
        """Make what differs the run's parts, ready to be published; what does not was for the gates alone."""
        with self.state.transaction(lasting=True):
            self.drop_same(run_id)
            self._name_pages(run_id)
            self.staging.parts.freeze(run_id)
            self.staging.set_status(run_id, PUBLISHING)

    def drop_same(self, run_id: str) -> None:
        """Forget the documents that are read as they were. Call inside a transaction."""
        self.db.execute(
            "DELETE FROM staged WHERE run_id = ? AND page IS NULL AND sighting IS NULL AND decision IS NULL", (run_id,)
        )

    def _name_pages(self, run_id: str) -> None:
        """Give the pages that turned out to be documents' the IDs they are published with."""
        rows = self.db.execute(
            "SELECT version FROM staged WHERE run_id = ? AND change = ? AND version IS NOT NULL", (run_id, Change.NEW)
        )
        for (version,) in rows.fetchall():
            row = orjson.loads(version)
            self.db.execute(
                "UPDATE known_pages SET doc_id = ? WHERE canonical_url = ? AND doc_id IS NULL",
                (row["doc_id"], row["canonical_url"]),
            )

    def forget(self, run_id: str) -> None:
        """Drop a reread as if it had never begun; nothing of it is visible."""
        with self.state.transaction():
            self.staging.forget_run(run_id, published=False)

    # A held run

    def pages(self, run_id: str) -> Iterator[dict[str, Any]]:
        """Yield the exchanges that a held run staged."""
        after = -1
        while True:
            rows = self.db.execute(
                "SELECT id, page FROM staged WHERE run_id = ? AND page IS NOT NULL AND id > ? ORDER BY id LIMIT 500",
                (run_id, after),
            ).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            yield from (orjson.loads(page) for _, page in rows)

    def begin_healing(self, run_id: str) -> None:
        """Make room for the pages of a held run as they are read again; what a killed try left is dropped."""
        with self.state.transaction() as db:
            db.execute("DELETE FROM staged WHERE run_id = ?", (run_id + HEALING,))
            self.staging.identities.forget_run(run_id + HEALING)
            db.execute("DROP TABLE IF EXISTS temp.held")
            db.execute("CREATE TEMP TABLE held(capture TEXT PRIMARY KEY, id INTEGER NOT NULL, healed INTEGER NOT NULL)")
            db.execute(
                "INSERT OR IGNORE INTO temp.held SELECT capture, id, 0 FROM staged "
                "WHERE run_id = ? AND page IS NOT NULL ORDER BY id",
                (run_id,),
            )

    def take_page(self, capture: str, page_type: str, reason: str) -> tuple[CapturedPage, int | None]:
        """Return a page of the held run, with what it is read as now, and the queue's id of its URL."""
        page, url_id = self.db.execute(
            "SELECT page, url_id FROM staged WHERE id = (SELECT id FROM temp.held WHERE capture = ?)", (capture,)
        ).fetchone()
        self.db.execute("UPDATE temp.held SET healed = 1 WHERE capture = ?", (capture,))
        row = orjson.loads(page)
        source = BodySource(**row["source"]) if row["source"] else None
        row |= {"source": source, "page_type": page_type, "reason": reason}
        return CapturedPage(**(row | {"fetched_at": parse_instant(row["fetched_at"])})), url_id

    def end_healing(self, run_id: str, reader: str, counts: Mapping[str, int]) -> None:
        """Put the healed pages in the place of those that were held; the others stay as they are.

        *counts* are those of the healed pages. The run then waits to be judged.
        """
        new_id = run_id + HEALING
        with self.state.transaction(lasting=True) as db:
            db.execute(
                f"INSERT INTO staged(run_id, {_COPIED}) SELECT ?, {_COPIED} FROM staged WHERE run_id = ? "
                "AND id NOT IN (SELECT id FROM temp.held WHERE healed) "
                "AND (decision IS NULL OR json_extract(CAST(decision AS TEXT), '$.kind') <> 'identity') ORDER BY id",
                (new_id, run_id),
            )
            db.execute("DELETE FROM staged WHERE run_id = ?", (run_id,))
            db.execute("UPDATE staged SET run_id = ? WHERE run_id = ?", (run_id, new_id))
            for ended in (run_id, new_id):
                self.staging.identities.forget_run(ended)
            db.execute("UPDATE runs SET reader = ? WHERE run_id = ?", (reader, run_id))
            all_counts = Counter(self._counts_kept(run_id))
            all_counts.update(counts)
            all_counts.update(self.staging.document_counts(run_id))
            self.staging.save_counts(run_id, all_counts)
            self.staging.note_option(run_id, HEALED_BY, reader)
            self._forget_judgement(run_id)
            self.staging.set_status(run_id, FETCHED)
            db.execute("DROP TABLE temp.held")

    def _forget_judgement(self, run_id: str) -> None:
        """What was odd about the run, and which pages wait with it, is told by its next judgement."""
        self.staging.held_pages.release(run_id)
        self.db.execute(
            "UPDATE runs SET options = json_remove(options, ?) WHERE run_id = ?", (f"$.{JUDGEMENT}", run_id)
        )

    def _counts_kept(self, run_id: str) -> dict[str, int]:
        """Return the run's counts without those of documents and of what healed pages were read as."""
        before = self.staging.run(run_id).counts
        kept = Counter({name: n for name, n in before.items() if not name.startswith(_OF_READING)})
        for name in self.staging.document_counts(run_id):
            kept.pop(name, None)
        rows = self.db.execute(
            "SELECT page FROM staged WHERE run_id = ? AND page IS NOT NULL "
            "AND capture IN (SELECT capture FROM temp.held WHERE NOT healed)",
            (run_id,),
        )
        for (blob,) in rows:
            page = orjson.loads(blob)
            if page["reason"] not in NO_PAGES:
                kept.update([f"pages/{page['page_type']}", *_why(page)])
        return kept


def _why(page: Mapping[str, Any]) -> list[str]:
    return [f"other/{page['reason']}"] if page["page_type"] == "other" else []


_COPIED = (
    "url_id, capture, warc_file, warc_offset, warc_length, payload_digest, site, doc_id, content_digest, change, page, "
    "sighting, version, decision"
)

_OF_READING = ("pages/", "other/", "filled/")
"""Counts of what pages were read as."""
