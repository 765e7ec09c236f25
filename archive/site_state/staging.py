"""What a run has captured and not yet published, in the site's state file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from archive.clock import instant_text
from archive.errors import DamagedFile, NotFound
from archive.judgement import known_values, listing_walk, past_measures
from archive.layout import Layout
from archive.record import DocumentRecord, content_digest, to_json
from archive.site_state import held_pages, identities, listed_files, parts, withdrawn
from archive.site_state.state import State

ACCEPTED = 2
"""Of an ended run: it was held, and published because a person said so; 1 is published, 0 is not."""

CRAWLING, FETCHED, PUBLISHING, ACCEPTING, HELD = "crawling", "fetched", "publishing", "accepting", "held"
"""Where a run stands in the state file; a run that ended any other way is no longer there."""

TABLES = """
CREATE TABLE IF NOT EXISTS runs(
  run_id TEXT PRIMARY KEY, run_no INTEGER NOT NULL, status TEXT NOT NULL, started_at TEXT NOT NULL,
  finished_at TEXT, reader TEXT NOT NULL, options TEXT NOT NULL, counts TEXT NOT NULL DEFAULT '{}', reason TEXT);
CREATE TABLE IF NOT EXISTS counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ended_runs(run_no INTEGER PRIMARY KEY, run_id TEXT NOT NULL, published INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS staged(
  id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, url_id INTEGER,
  capture TEXT, warc_file TEXT, warc_offset INTEGER, warc_length INTEGER, payload_digest TEXT,
  site TEXT NOT NULL, doc_id TEXT, content_digest TEXT, change TEXT,
  page BLOB, sighting BLOB, version BLOB, decision BLOB);
CREATE INDEX IF NOT EXISTS staged_run ON staged(run_id, id);
CREATE INDEX IF NOT EXISTS staged_payload ON staged(payload_digest);
CREATE INDEX IF NOT EXISTS staged_document ON staged(doc_id, content_digest) WHERE doc_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS known_pages(
  canonical_url TEXT PRIMARY KEY, url TEXT NOT NULL, doc_id TEXT, capture TEXT NOT NULL, warc_file TEXT NOT NULL,
  warc_offset INTEGER NOT NULL, warc_length INTEGER NOT NULL, fetched_at TEXT NOT NULL, payload_digest TEXT,
  etag TEXT, last_modified TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS known_pages_payload ON known_pages(payload_digest);
CREATE INDEX IF NOT EXISTS known_pages_document ON known_pages(doc_id) WHERE doc_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS known_documents(
  site TEXT NOT NULL, doc_id TEXT NOT NULL, content_digest TEXT NOT NULL, reader TEXT NOT NULL, capture TEXT,
  seen_at TEXT NOT NULL, PRIMARY KEY(site, doc_id)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class BodySource:
    """A WARC record that holds a body."""

    capture: str
    warc_file: str
    warc_offset: int
    warc_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPage:
    """One stored exchange and what its page turned out to be: a row of the `captures` table before it is published."""

    site: str
    capture: str
    url: str
    canonical_url: str
    fetched_at: datetime
    http_status: int
    content_type: str | None
    record_type: str
    refers_to: str | None
    payload_digest: str | None
    payload_bytes: int
    warc_file: str
    warc_offset: int
    warc_length: int
    page_type: str
    reason: str
    etag: str | None = None
    last_modified: str | None = None
    source: BodySource | None = None
    """Where the body is that a revisit record stands for; None: in this very record."""


class Change(StrEnum):
    """What a document page brought, held against what the archive knew before the run."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class KnownPage:
    """The newest published capture of a URL; capture and position are those of the record that holds the body."""

    canonical_url: str
    url: str
    doc_id: str | None
    capture: str
    warc_file: str
    warc_offset: int
    warc_length: int
    fetched_at: str
    payload_digest: str | None
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """What the archive last published of a document."""

    content_digest: str
    reader: str
    capture: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that has a row in the state file."""

    run_id: str
    run_no: int
    status: str
    started_at: str
    finished_at: str | None
    reader: str
    options: Mapping[str, Any]
    counts: Mapping[str, int]
    reason: str | None


class Staging:
    """The staged pages of one site. Every write happens inside the state's open transaction."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.db = state.db
        self.held_pages = held_pages.HeldPages(state.db)
        self.known_values = known_values.KnownValues(state.db)
        self.identities = identities.Identities(state.db, self.known_values)
        self.listing_walk = listing_walk.ListingWalk(state.db)
        self.withdrawn = withdrawn.WithdrawnDocuments(state.db)
        self.listed_files = listed_files.ListedFiles(state.db)
        self.parts = parts.Parts(state.db)
        rooms = (parts, past_measures, held_pages, known_values, listing_walk, withdrawn, identities, listed_files)
        with state.transaction() as db:
            for tables in (TABLES, *(room.TABLE for room in rooms)):
                for statement in tables.split(";"):
                    db.execute(statement)

    # Runs

    @staticmethod
    def holds(state: State, run_id: str) -> bool:
        """Whether the state file has an unfinished or held run of that id; asked before the lease is taken."""
        tables = state.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone()
        return bool(tables and state.db.execute("SELECT 1 FROM runs WHERE run_id = ?", (run_id,)).fetchone())

    def start_run(self, run_id: str, *, started_at: datetime, reader: str, options: Mapping[str, Any]) -> Run:
        """Note a new run and return it."""
        self.db.execute("INSERT INTO counters VALUES ('run_no', 1) ON CONFLICT(name) DO UPDATE SET value = value + 1")
        self.db.execute(
            "INSERT INTO runs(run_id, run_no, status, started_at, reader, options) "
            "SELECT ?, value, ?, ?, ?, ? FROM counters WHERE name = 'run_no'",
            (run_id, CRAWLING, instant_text(started_at), reader, orjson.dumps(options).decode()),
        )
        return self.run(run_id)

    def run(self, run_id: str) -> Run:
        """Return the run of that id. Raises NotFound when the state holds none."""
        for run in self.runs():
            if run.run_id == run_id:
                return run
        raise NotFound(f"no unfinished or held run {run_id} of {self.state.site}; list runs with: docarchive runs")

    def runs(self) -> list[Run]:
        """Return the runs that are unfinished or held, oldest first."""
        rows = self.db.execute(
            "SELECT run_id, run_no, status, started_at, finished_at, reader, options, counts, reason "
            "FROM runs ORDER BY run_no"
        )
        return [
            Run(
                run_id=row[0],
                run_no=row[1],
                status=row[2],
                started_at=row[3],
                finished_at=row[4],
                reader=row[5],
                options=orjson.loads(row[6]),
                counts=orjson.loads(row[7]),
                reason=row[8],
            )
            for row in rows
        ]

    def set_status(
        self, run_id: str, status: str, *, finished_at: datetime | None = None, reason: str | None = None
    ) -> None:
        """Move the run to *status*; *finished_at* and *reason* are kept where None."""
        self.db.execute(
            "UPDATE runs SET status = ?, finished_at = COALESCE(?, finished_at), reason = COALESCE(?, reason) "
            "WHERE run_id = ?",
            (status, instant_text(finished_at) if finished_at else None, reason, run_id),
        )

    def save_counts(self, run_id: str, counts: Mapping[str, int]) -> None:
        """Keep the run's counts, so that a resumed run goes on counting."""
        self.db.execute("UPDATE runs SET counts = ? WHERE run_id = ?", (orjson.dumps(counts).decode(), run_id))

    def note_option(self, run_id: str, name: str, value: Any) -> None:
        """Add to the run's options what turned out on the way."""
        options = {**self.run(run_id).options, name: value}
        self.db.execute("UPDATE runs SET options = ? WHERE run_id = ?", (orjson.dumps(options).decode(), run_id))

    # Pages

    def stage(
        self,
        run_id: str,
        page: CapturedPage | None,
        record: DocumentRecord | None,
        *,
        url_id: int | None = None,
        reread: Callable[[DocumentRecord], str | None] | None = None,
    ) -> Change | None:
        """Stage a captured page and the record read from it; return what the record brought, None without one.

        *page* is None for a record that came from a file, *record* for a page that is no document's. *reread* returns
        the content digest that today's reader gives for the record's previous capture (None: it cannot be read); it is
        asked only when an older reader wrote what is known, and decides whether site or reader made the change.
        """
        change = digest = sighting = version = None
        if record is not None:
            digest = content_digest(record)
            change, version = self._version(run_id, record, digest, reread)
            sighting = {
                "site": record.site,
                "doc_id": record.doc_id,
                "content_digest": digest,
                "seen_from": instant_text(record.fetched_at),
                "seen_until": instant_text(record.fetched_at),
                "capture": record.capture,
                "reader": record.reader,
                "counters": dict(record.counters),
            }
        self.db.execute(
            "INSERT INTO staged(run_id, url_id, capture, warc_file, warc_offset, warc_length, payload_digest, site, "
            "doc_id, content_digest, change, page, sighting, version) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run_id,
                url_id,
                page.capture if page else record.capture if record else None,
                page.warc_file if page else None,
                page.warc_offset if page else None,
                page.warc_length if page else None,
                page.payload_digest if page else None,
                record.site if record else self.state.site,
                record.doc_id if record else None,
                digest,
                change,
                _json(page) if page else None,
                orjson.dumps(sighting) if sighting else None,
                orjson.dumps(version) if version else None,
            ),
        )
        return change

    def _version(
        self, run_id: str, record: DocumentRecord, digest: str, reread: Callable[[DocumentRecord], str | None] | None
    ) -> tuple[Change, dict[str, Any] | None]:
        """Return what the record brought and, if the archive does not hold this content yet, its `versions` row."""
        known = self.known_document(record.site, record.doc_id)
        if known is not None and known.content_digest == digest:
            return Change.SAME, None
        change = Change.NEW if known is None else Change.CHANGED
        staged = self.db.execute(
            "SELECT 1 FROM staged WHERE doc_id = ? AND content_digest = ? AND run_id = ? AND site = ?",
            (record.doc_id, digest, run_id, record.site),
        ).fetchone()
        if staged:
            return Change.SAME, None
        before = None
        if known is not None and known.reader != record.reader and reread is not None:
            before = reread(record)
        return change, {**to_json(record), "content_digest": digest, "previous_reread_digest": before}

    def decide(
        self,
        run_id: str,
        *,
        site: str,
        doc_id: str,
        kind: str,
        value: str,
        reason: str,
        at: datetime,
        evidence: str | None,
    ) -> None:
        """Stage a row of the `decisions` table."""
        decision = {
            "site": site,
            "doc_id": doc_id,
            "kind": kind,
            "value": value,
            "reason": reason,
            "at": instant_text(at),
            "evidence": evidence,
        }
        self.db.execute(
            "INSERT INTO staged(run_id, site, decision) VALUES (?, ?, ?)",
            (run_id, site, orjson.dumps(decision)),
        )

    def waiting_decisions(self, run_id: str, kind: str) -> set[str]:
        """Return the documents that runs other than *run_id* have decided so about and that wait for a person."""
        rows = self.db.execute("SELECT decision FROM staged WHERE run_id <> ? AND decision IS NOT NULL", (run_id,))
        decided = (orjson.loads(row[0]) for row in rows.fetchall())
        return {decision["doc_id"] for decision in decided if decision["kind"] == kind}

    def decisions(self, run_id: str, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the decisions of one kind that the run has staged."""
        rows = self.db.execute(
            "SELECT decision FROM staged WHERE run_id = ? AND decision IS NOT NULL ORDER BY id", (run_id,)
        )
        decided = (orjson.loads(row[0]) for row in rows.fetchall())
        return (decision for decision in decided if decision["kind"] == kind)

    def document_counts(self, run_id: str) -> dict[str, int]:
        """Return how many documents the run has seen, and how many of them were new, changed or the same."""
        changes = dict(
            self.db.execute(
                "SELECT change, COUNT(DISTINCT site || char(0) || doc_id) FROM staged "
                "WHERE run_id = ? AND doc_id IS NOT NULL AND change <> 'same' GROUP BY change",
                (run_id,),
            ).fetchall()
        )
        documents = self.db.execute(
            "SELECT COUNT(*) FROM (SELECT DISTINCT site, doc_id FROM staged WHERE run_id = ? AND doc_id IS NOT NULL)",
            (run_id,),
        ).fetchone()[0]
        new, changed = changes.get(Change.NEW, 0), changes.get(Change.CHANGED, 0)
        return {"documents": documents, "new": new, "changed": changed, "same": documents - new - changed}

    def last_document(self, run_id: str) -> int | None:
        """Return the queue's number of the page of the document that came last in a run; None: none came."""
        row = self.db.execute(
            "SELECT url_id FROM staged WHERE run_id = ? AND doc_id IS NOT NULL AND url_id IS NOT NULL "
            "ORDER BY id DESC LIMIT 1",
            (run_id,),
        ).fetchone()
        return row[0] if row else None

    def first_listing(self, run_id: str) -> int | None:
        """Return the queue's number of the first listing page that came in a run; None: none came."""
        rows = self.db.execute(
            "SELECT url_id, page FROM staged WHERE run_id = ? AND url_id IS NOT NULL AND doc_id IS NULL "
            "AND page IS NOT NULL ORDER BY id",
            (run_id,),
        )
        return next((row[0] for row in rows if orjson.loads(row[1])["page_type"] == "listing"), None)

    def earlier_body(self, run_id: str, payload_digest: str) -> KnownPage | None:
        """Return a capture that holds this very body and that readers of this run will be able to see, or None."""
        known = self.known_payload(payload_digest)
        if known is not None:
            return known
        row = self.db.execute(
            "SELECT page FROM staged WHERE payload_digest = ? AND run_id = ? AND page IS NOT NULL LIMIT 1",
            (payload_digest, run_id),
        ).fetchone()
        return _known_page(orjson.loads(row[0]), None) if row else None

    def lost_pages(self, layout: Layout) -> list[int]:
        """Forget staged pages whose WARC record did not survive; return the queue ids to fetch again.

        Raises DamagedFile when a frozen page is among them: its WARC was fsynced before the freeze.
        """
        lost: list[int] = []
        for (warc_file,) in self.db.execute(
            "SELECT DISTINCT warc_file FROM staged WHERE warc_file IS NOT NULL"
        ).fetchall():
            path = layout.root / warc_file
            size = path.stat().st_size if path.exists() else 0
            rows = self.db.execute(
                "SELECT id, url_id, run_id, page, EXISTS(SELECT 1 FROM frozen_parts f WHERE f.run_id = s.run_id "
                "AND s.id BETWEEN f.first_id AND f.last_id) "
                "FROM staged s WHERE warc_file = ? AND warc_offset + warc_length > ?",
                (warc_file, size),
            ).fetchall()
            for row_id, url_id, run_id, page, frozen in rows:
                if frozen:
                    raise DamagedFile(
                        f"{warc_file} is shorter than what was written to it; run: docarchive verify, "
                        "and put the file back from a backup"
                    )
                self.db.execute("DELETE FROM staged WHERE id = ?", (row_id,))
                self.identities.lose(run_id, orjson.loads(page)["canonical_url"])
                if url_id is not None:
                    lost.append(url_id)
        return lost

    def was_published(self, run_no: int) -> bool | None:
        """Whether an ended run was published; None for one that is unfinished or held."""
        row = self.db.execute("SELECT published FROM ended_runs WHERE run_no = ?", (run_no,)).fetchone()
        return bool(row[0]) if row else None

    def was_accepted(self, run_no: int) -> bool:
        """Whether an ended run was held, and published because a person said so."""
        row = self.db.execute("SELECT published FROM ended_runs WHERE run_no = ?", (run_no,)).fetchone()
        return row is not None and row[0] == ACCEPTED

    # What was published before

    def known_page(self, canonical_url: str) -> KnownPage | None:
        """Return the newest published capture of a URL, or None."""
        row = self.db.execute(f"{_KNOWN_PAGE} WHERE canonical_url = ?", (canonical_url,)).fetchone()
        return KnownPage(*row) if row else None

    def document_pages(self) -> Iterator[tuple[str, str, str]]:
        """Yield (canonical URL, URL, fetched at) of the newest published capture of each document's page."""
        yield from self.db.execute(
            "SELECT canonical_url, url, fetched_at FROM known_pages WHERE doc_id IS NOT NULL"
        ).fetchall()

    def document_page_count(self) -> int:
        """Return how many pages of documents are published."""
        return int(self.db.execute("SELECT COUNT(*) FROM known_pages WHERE doc_id IS NOT NULL").fetchone()[0])

    def forget_conditions(self, canonical_url: str) -> None:
        """Ask for a page whole from now on. Call inside a transaction."""
        self.db.execute(
            "UPDATE known_pages SET etag = NULL, last_modified = NULL WHERE canonical_url = ?", (canonical_url,)
        )

    def known_pages_of(self, doc_id: str) -> list[str]:
        """Return the canonical URLs of the published pages that a document of this site was read from."""
        rows = self.db.execute("SELECT canonical_url FROM known_pages WHERE doc_id = ?", (doc_id,))
        return [row[0] for row in rows]

    def is_seen(self, site: str, doc_id: str, since: datetime) -> bool:
        """Whether this run, or one that is held, has seen a document after *since*, at whatever page."""
        rows = self.db.execute(
            "SELECT sighting FROM staged WHERE doc_id = ? AND site = ? AND sighting IS NOT NULL", (doc_id, site)
        )
        return any(orjson.loads(row[0])["seen_until"] > instant_text(since) for row in rows)

    def document_count(self, site: str) -> int:
        """Return how many documents of *site* are published."""
        row = self.db.execute("SELECT COUNT(*) FROM known_documents WHERE site = ?", (site,)).fetchone()
        return int(row[0])

    def known_pages_on(self, host: str, doc_id: str) -> list[str]:
        """Return canonical URLs of published pages of a document on *host*, eight at most.

        *host* comes with its port; an import knows pages of many sites.
        """
        rows = self.db.execute(
            "SELECT canonical_url FROM known_pages WHERE doc_id = ? AND instr(canonical_url, ?) LIMIT 8",
            (doc_id, f"//{host}/"),
        )
        return [row[0] for row in rows]

    def known_payload(self, payload_digest: str) -> KnownPage | None:
        """Return a published page with this very body, or None."""
        row = self.db.execute(f"{_KNOWN_PAGE} WHERE payload_digest = ? LIMIT 1", (payload_digest,)).fetchone()
        return KnownPage(*row) if row else None

    def known_document(self, site: str, doc_id: str) -> KnownDocument | None:
        """Return what was last published of a document, or None."""
        row = self.db.execute(
            "SELECT content_digest, reader, capture FROM known_documents WHERE site = ? AND doc_id = ?",
            (site, doc_id),
        ).fetchone()
        return KnownDocument(*row) if row else None

    def remember_document(self, site: str, doc_id: str, known: KnownDocument, seen_at: str) -> None:
        """Note what was published of a document, unless something newer is noted already."""
        self.db.execute(
            "INSERT INTO known_documents VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(site, doc_id) DO UPDATE SET "
            "content_digest = excluded.content_digest, reader = excluded.reader, capture = excluded.capture, "
            "seen_at = excluded.seen_at WHERE excluded.seen_at >= known_documents.seen_at",
            (site, doc_id, known.content_digest, known.reader, known.capture, seen_at),
        )

    def remember_values(self, version: Mapping[str, Any]) -> None:
        """Note the values of a published version, if it is what is known of its document."""
        row = self.db.execute(
            "SELECT seen_at FROM known_documents WHERE site = ? AND doc_id = ? AND content_digest = ?",
            (version["site"], version["doc_id"], version["content_digest"]),
        ).fetchone()
        if row:
            self.known_values.remember(version, row[0])

    def remember_page(self, page: KnownPage) -> None:
        """Note a published capture of a URL, unless a newer one is noted; a document id once noted stays."""
        self.db.execute(
            "INSERT INTO known_pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(canonical_url) DO UPDATE SET "
            "url = excluded.url, doc_id = COALESCE(known_pages.doc_id, excluded.doc_id), capture = excluded.capture, "
            "warc_file = excluded.warc_file, warc_offset = excluded.warc_offset, warc_length = excluded.warc_length, "
            "fetched_at = excluded.fetched_at, payload_digest = excluded.payload_digest, etag = excluded.etag, "
            "last_modified = excluded.last_modified WHERE excluded.fetched_at >= known_pages.fetched_at",
            (
                page.canonical_url,
                page.url,
                page.doc_id,
                page.capture,
                page.warc_file,
                page.warc_offset,
                page.warc_length,
                page.fetched_at,
                page.payload_digest,
                page.etag,
                page.last_modified,
            ),
        )

    def restore_history(self, published: Sequence[Mapping[str, Any]]) -> None:
        """Take up counting after the ledger rows of the site's published runs, oldest first."""
        self.db.execute(
            "INSERT INTO counters VALUES ('run_no', ?) "
            "ON CONFLICT(name) DO UPDATE SET value = MAX(value, excluded.value)",
            (len(published),),
        )
        past_measures.restore(self.db, published)

    # The end

    def forget_run(self, run_id: str, *, published: bool) -> None:
        """Take an ended run out of the state; what it published becomes what the next run compares with."""
        accepted = published and past_measures.JUDGEMENT in self.run(run_id).options
        self.db.execute(
            "INSERT OR REPLACE INTO ended_runs SELECT run_no, run_id, ? FROM runs WHERE run_id = ?",
            (ACCEPTED if accepted else int(published), run_id),
        )
        if published:
            self._remember(run_id)
        self.held_pages.release(run_id)
        self.listing_walk.forget(run_id)
        self.withdrawn.forget_run(run_id)
        self.identities.forget_run(run_id)
        for table in ("staged", "frozen_parts", "runs"):
            self.db.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))

    def _remember(self, run_id: str) -> None:
        run = self.run(run_id)
        past_measures.learn(self.db, run.run_no, run.options)
        whole = self.listing_walk.is_whole(run_id, len(run.options.get("start_urls", ())))
        self.listing_walk.remember(run_id, run.run_no, whole=whole)
        cursor = self.state.db.execute(
            "SELECT page, sighting, version, decision FROM staged WHERE run_id = ? ORDER BY id", (run_id,)
        )
        for page_blob, sighting_blob, version_blob, decision_blob in cursor:
            if decision_blob:
                self.withdrawn.remember(orjson.loads(decision_blob))
            sighting = orjson.loads(sighting_blob) if sighting_blob else None
            if sighting is not None:
                self.remember_document(
                    sighting["site"],
                    sighting["doc_id"],
                    KnownDocument(sighting["content_digest"], sighting["reader"], sighting["capture"]),
                    sighting["seen_until"],
                )
                if version_blob:
                    self.known_values.remember(orjson.loads(version_blob), sighting["seen_until"])
                else:
                    self.known_values.seen_again(sighting["site"], sighting["doc_id"], sighting["seen_until"])
            page = orjson.loads(page_blob) if page_blob else None
            # A challenge or a notice in a document's place is nothing to compare with, or to ask "not modified" about.
            if page is not None and page["http_status"] in (200, 304) and page["page_type"] != "other":
                self.remember_page(_known_page(page, sighting["doc_id"] if sighting else None))


_KNOWN_PAGE = (
    "SELECT canonical_url, url, doc_id, capture, warc_file, warc_offset, warc_length, fetched_at, payload_digest, "
    "etag, last_modified FROM known_pages"
)


def _json(page: CapturedPage) -> bytes:
    return orjson.dumps(page, default=instant_text, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _known_page(page: Mapping[str, Any], doc_id: str | None) -> KnownPage:
    body = page["source"] or page
    return KnownPage(
        canonical_url=page["canonical_url"],
        url=page["url"],
        doc_id=doc_id,
        capture=body["capture"],
        warc_file=body["warc_file"],
        warc_offset=body["warc_offset"],
        warc_length=body["warc_length"],
        fetched_at=page["fetched_at"],
        payload_digest=page["payload_digest"],
        etag=page["etag"],
        last_modified=page["last_modified"],
    )
