"""Writes into the table `works` which documents are copies of which others now."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from archive import exclusion
from archive.clock import Clock, instant_text
from archive.layout import MAINTENANCE_FOLDER, TABLES, Layout
from archive.near_duplicates.pairs import Pair
from archive.near_duplicates.store import Document, Store
from archive.near_duplicates.work_ids import Change, Member, changes
from archive.published import delta_log, ledger, tables, views
from archive.published.ledger import CLUSTERED, Event
from archive.published.tables import OpenTables
from archive.publishing.publish import PART_TABLES, file_digest, keep_ledger_rows, part_uri
from archive.snapshot.change_index import insert
from archive.snapshot.duckdb_session import Session, arrow, close, execute
from archive.warc.recovery import recover
from archive.warc.writing import WarcWriter

PROGRAM = "duplicates/1"
"""Stands as the reader in the ledger's rows of clustering."""

PAIR = "pair"
"""Kind of a row that says which word stands for which (`previous_work_id`), not what work a document is."""

_COLUMNS = tuple(name for name in tables.SCHEMAS["works"].names if name != "run_id")

STEP = 10_000
"""Documents whose works are looked at in one step, at least where there are so many."""


def settle_loose(layout: Layout, store: Store, clock: Clock, pairs_version: str, session: Session) -> int:
    """Take one step: give some documents the ids of their works; return of how many, 0 when none is left.

    *session*: sees what the step before wrote. What is written is durable in WARC, then in the table, then in the
    ledger, which makes it visible; killed in between, the next step finds the same anew.
    """
    rows = store.db.execute("SELECT number FROM loose_documents ORDER BY number LIMIT ?", (STEP,)).fetchall()
    numbers = [int(row[0]) for row in rows]
    if not numbers:
        return 0
    connection = session.cursor()
    try:
        looked_at = _LookedAt(store, connection, numbers)
        found = looked_at.changes()
    finally:
        close(connection)
    if found:
        _publish(layout, clock, [asdict(change) for change in found], pairs_version)
    done = looked_at.numbers | set(numbers)
    with store.transaction():
        store.db.executemany("DELETE FROM loose_documents WHERE number = ?", [(number,) for number in done])
    return len(done)


class _LookedAt:
    """Whole clusters, and with each id that a document in them had until now all other documents that had it."""

    def __init__(self, store: Store, connection: duckdb.DuckDBPyConnection, numbers: Sequence[int]) -> None:
        self._store = store
        self._connection = connection
        self._clusters: dict[int, list[Document]] = {}
        self.numbers: set[int] = set()
        self._work_ids: dict[tuple[str, str], str] = {}
        execute(self._connection, "CREATE TEMP TABLE looked_at(site VARCHAR, doc_id VARCHAR)")
        while numbers:
            self._add(numbers)
            numbers = [number for number in self._sharing() if number not in self.numbers]

    def _add(self, numbers: Sequence[int]) -> None:
        new = [d for d in _whole_clusters(self._store, numbers) if d.number not in self.numbers]
        self.numbers.update(document.number for document in new)
        insert(self._connection, "looked_at", [_named((d.site, d.doc_id) for d in new)] if new else [])
        of_text = self._store.clusters_of_texts(sorted({d.text for d in new if d.text is not None}))
        for document in new:
            # Without a text a document is alone; numbers of clusters are above 0.
            cluster = -document.number if document.text is None else of_text[document.text]
            self._clusters.setdefault(cluster, []).append(document)
        found = arrow(
            self._connection, "SELECT site, doc_id, work_id FROM works SEMI JOIN looked_at USING (site, doc_id)"
        )
        self._work_ids = _by_document(found)

    def _sharing(self) -> list[int]:
        """Return the documents outside that have, or gave, one of the ids."""
        ids = sorted(set(self._work_ids.values()))
        if not ids:
            return []
        found = arrow(
            self._connection,
            "SELECT site, doc_id FROM works WHERE list_contains($ids, work_id) "
            "AND (site, doc_id) NOT IN (SELECT (site, doc_id) FROM looked_at)",
            {"ids": ids},
        )
        names = list(zip(found["site"].to_pylist(), found["doc_id"].to_pylist(), strict=True))
        names += [(site, doc_id) for site, _, doc_id in (work_id.partition("/") for work_id in ids)]
        documents = (self._store.document(site, doc_id) for site, doc_id in names)
        return [document.number for document in documents if document is not None]

    def changes(self) -> list[Change]:
        """Return which of the documents get which other work."""
        clusters = [[self._member(document) for document in cluster] for cluster in self._clusters.values()]
        ids = sorted({work_id for cluster in clusters for m in cluster for work_id in (m.work_id, m.own_id)})
        if not ids:
            return []
        execute(self._connection, "CREATE TEMP TABLE ids(work_id VARCHAR)")
        insert(self._connection, "ids", [pa.table({"work_id": ids})])
        outside = (
            "SELECT DISTINCT work_id FROM works SEMI JOIN ids USING (work_id) ANTI JOIN looked_at USING (site, doc_id)"
        )
        taken = set(arrow(self._connection, outside)["work_id"].to_pylist())
        return changes(clusters, taken.__contains__)

    def _member(self, document: Document) -> Member:
        name = (document.site, document.doc_id)
        return Member(*name, (document.published, document.seen, *name), self._work_ids.get(name, "/".join(name)))


def _whole_clusters(store: Store, numbers: Sequence[int]) -> list[Document]:
    """Return all documents of the clusters that *numbers* are in."""
    documents = store.documents_by_number(numbers)
    texts = sorted({document.text for document in documents if document.text is not None})
    together = store.documents_of_texts(store.texts_clustered_with(texts))
    return [*together, *(document for document in documents if document.text is None)]


def _named(names: Iterable[tuple[str, str]]) -> pa.Table:
    return pa.Table.from_pylist([{"site": site, "doc_id": doc_id} for site, doc_id in names])


def _by_document(found: pa.Table) -> dict[tuple[str, str], str]:
    columns = [found.column(number).to_pylist() for number in range(3)]
    return {(site, doc_id): work_id for site, doc_id, work_id in zip(*columns, strict=True)}


def publish_pairs(layout: Layout, clock: Clock, pairs: Sequence[Pair], pairs_version: str) -> None:
    """Note pairs of words that were learned; whoever makes the index anew compares under them."""
    found = [
        {"work_id": p.replacement, "previous_work_id": p.original, "kind": PAIR, "evidence": p.evidence} for p in pairs
    ]
    _publish(layout, clock, found, pairs_version)


def _publish(layout: Layout, clock: Clock, found: Sequence[Mapping[str, Any]], pairs_version: str) -> None:
    with exclusion.publishing(layout):
        recover(layout, MAINTENANCE_FOLDER)
        opened = OpenTables(layout)
        for name in TABLES:
            opened.newest(name)
        at = clock.now()
        run_id = f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        given = {"at": instant_text(at), "pairs_version": pairs_version}
        rows = [{**dict.fromkeys(_COLUMNS), **row, **given} for row in found]
        digest = "sha256:" + hashlib.sha256(orjson.dumps(rows)).hexdigest()
        part = {"run_id": run_id, "part": 1, "digest": digest, **{name: [] for name in PART_TABLES}, "works": rows}
        info = {"description": "Documents were found to be copies of one work: restores the table"}
        writer = WarcWriter(layout, MAINTENANCE_FOLDER, run_id, 1, clock, info=info)
        writer.write_metadata(part_uri(run_id, 1), orjson.dumps(part), "application/json")
        path = layout.table("works") / f"{run_id}-00001-works.parquet"
        tables.write_parquet(path, "works", ({**row, "run_id": run_id} for row in rows), part_digest=digest)
        while not delta_log.commit(
            opened.newest("works"), path, tables.SCHEMAS["works"], len(rows), {run_id: 1}, at=at
        ):
            continue
        event = Event(
            run_id=run_id,
            site=None,
            event=CLUSTERED,
            reader=PROGRAM,
            started_at=at,
            finished_at=clock.now(),
            parts=1,
            counts={"documents": len(rows)},
            files={str(path.relative_to(layout.root)): file_digest(path)},
            options={"pairs_version": pairs_version},
        )

        def keep(ledger_rows: Sequence[Mapping[str, Any]]) -> None:
            keep_ledger_rows(writer, ledger_rows)

        ledger.append(opened, [event], clock, keep=keep)
        views.keep_views_current(layout, opened)
