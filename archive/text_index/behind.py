"""Which documents the index does not know as they are now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import tantivy

from archive.published.views import raw_table, sql_text
from archive.snapshot.change_index import insert
from archive.snapshot.duckdb_session import Session, arrow, execute, one
from archive.snapshot.rows import dicts
from archive.snapshot.scope import Scope
from archive.snapshot.touched import Touched
from archive.text_index.fields import kept_of, key_of
from archive.text_index.generation import Generation, guarded

FEW_DOCUMENTS = 5_000
"""So many are looked for by name; more of them among all."""

BATCH_ROWS = 1000
"""Rows read at a time: with their texts some 10 MB."""

KEYS_ASKED = 1000

STANDINGS_READ = 20_000


@dataclass(frozen=True, slots=True)
class Changed:
    """A document that the index does not know, or knows otherwise."""

    key: str
    place: str
    row: Mapping[str, Any]
    """Of the table `versions`: the newest version's."""


def last_row(session: Session) -> tuple[int, str] | None:
    """Return number and digest of the newest ledger row that *session* sees; None of an empty ledger."""
    found = arrow(session.connection, "SELECT run_seq, digest FROM ledger_rows ORDER BY run_seq DESC LIMIT 1")
    return (found["run_seq"][0].as_py(), found["digest"][0].as_py()) if found.num_rows else None


def digest_of_row(session: Session, run_seq: int) -> str | None:
    """Return the digest of a ledger row, None where there is no such row."""
    found = arrow(session.connection, f"SELECT digest FROM ledger_rows WHERE run_seq = {run_seq:d}")
    return str(found["digest"][0].as_py()) if found.num_rows else None


def was_rebuilt(session: Session, run_seq: int) -> bool:
    """Whether the tables were made again behind that ledger row: any value may be another."""
    found = f"SELECT 1 FROM ledger_rows WHERE event = 'rebuilt' AND run_seq > {run_seq:d} LIMIT 1"
    return bool(arrow(session.connection, found).num_rows)


class Differences:
    """How the documents differ from what the index knows of them."""

    def __init__(self, session: Session, generation: Generation | None, further: Touched | None) -> None:
        """*further*: only its documents are looked at; None: all, and the index knows nothing."""
        self._session = session
        self._further = further
        self._documents = None if further is None else further.documents
        self._known = {} if further is None or generation is None else _known(generation, further.documents)
        there = [(row["site"], row["doc_id"]) for row in (known["row"] for known in self._known.values())]
        few = further is not None and len(there) <= FEW_DOCUMENTS
        self._is_narrow = few
        self._scope = Scope(
            session,
            documents=there if few else None,
            all_views=False,
            beside=further.beside(there) if few and further is not None else None,
        )
        execute(self._scope.connection, f"CREATE TEMP TABLE newest AS {self._newest()}")

    def close(self) -> None:
        """Let go of what was found out."""
        self._scope.close()

    @property
    def looked_at(self) -> int:
        """How many documents are looked at, where not all are."""
        return len(self._documents or ())

    @property
    def outdated(self) -> set[str]:
        """Keys of what the index knows otherwise, or that is gone; right when all of `changed` was taken."""
        return set(self._known)

    def changed(self) -> Iterator[Changed]:
        """Yield the documents that are there and that the index must know otherwise, file by file of the table."""
        for name in self._files():
            file = name.rpartition("/")[2]
            numbers = [number for number, key in self._rows_of(name) if not self._is_known(key, f"{file}#{number}")]
            for start in range(0, len(numbers), BATCH_ROWS):
                yield from self._differing(name, file, numbers[start : start + BATCH_ROWS])

    def standings(self) -> Iterator[dict[str, Any]]:
        """Yield how each document looked at stands, as `archive.text_index.standings` keeps it."""
        connection = self._scope.connection
        execute(connection, _LOCATED.format(versions=self._scan("versions", self._files())))
        if self._further is not None:
            execute(connection, _LYING.format(captures=self._scan("captures", self._further.files["captures"])))
        if self._further is None or one(connection, _LACKING):
            execute(connection, _LYING.format(captures="memory.main.raw_captures"))
        execute(connection, _STANDINGS)
        total = one(connection, "SELECT count(*) FROM standings")
        for start in range(0, total, STANDINGS_READ):
            some = f"number >= {start} AND number < {start + STANDINGS_READ}"
            yield from dicts(arrow(connection, f"SELECT * EXCLUDE (number) FROM standings WHERE {some}"))
        execute(connection, "DROP TABLE standings; DROP TABLE lying; DROP TABLE located")

    def gone(self) -> list[tuple[str, str]]:
        """Return the documents looked at that are not there any more."""
        there = arrow(self._scope.connection, "SELECT site, doc_id FROM newest")
        present = set(zip(there["site"].to_pylist(), there["doc_id"].to_pylist(), strict=True))
        return [document for document in self._documents or () if document not in present]

    def _files(self) -> list[str]:
        """Return the files in which the newest versions of the documents looked at lie."""
        found = arrow(self._scope.connection, "SELECT DISTINCT row_file FROM newest ORDER BY ALL")
        return [str(name) for name in found["row_file"].to_pylist()]

    def _scan(self, table: str, files: Sequence[str]) -> str:
        return f"({raw_table(table, files, self._session.snapshot.names)})"

    def _newest(self) -> str:
        """SQL: where the newest version of each document looked at lies."""
        newest = (
            "SELECT site, doc_id, version, cause, document_first_seen AS first_seen, last_seen, row_file, "
            "file_row_number FROM version_index WHERE is_newest"
        )
        if self._documents is None or self._is_narrow:
            return newest
        rows = [{"site": site, "doc_id": doc_id} for site, doc_id in self._documents]
        connection = self._scope.connection
        execute(connection, "CREATE TEMP TABLE looked_at(site VARCHAR, doc_id VARCHAR)")
        insert(connection, "looked_at", [pa.Table.from_pylist(rows)])
        return f"SELECT n.* FROM ({newest}) n SEMI JOIN looked_at USING (site, doc_id)"

    def _rows_of(self, name: str) -> list[tuple[int, str]]:
        found = arrow(
            self._scope.connection,
            f"SELECT file_row_number, site, doc_id FROM newest WHERE row_file = {sql_text(name)} ORDER BY ALL",
        )
        columns = [found.column(i).to_pylist() for i in range(3)]
        return [(number, key_of(site, doc_id)) for number, site, doc_id in zip(*columns, strict=True)]

    def _is_known(self, key: str, place: str) -> bool:
        """Whether the index knows the document by the row that lies at *place*: files never change."""
        if key not in self._known or self._known[key]["place"] != place:
            return False
        del self._known[key]
        return True

    def _differing(self, name: str, file: str, numbers: Collection[int]) -> Iterator[Changed]:
        scan = raw_table("versions", [name], self._session.snapshot.names)
        wanted = ", ".join(map(str, numbers))
        found = arrow(self._scope.connection, f"SELECT * FROM ({scan}) WHERE file_row_number IN ({wanted})")
        for row in dicts(found):
            del row["row_file"]
            number = row.pop("file_row_number")
            key = key_of(row["site"], row["doc_id"])
            before = self._known.get(key)
            if before is not None and _identity(before["row"]) == _identity(row):
                del self._known[key]  # a compaction moved it
                continue
            yield Changed(key, f"{file}#{number}", row)


_LOCATED = """
CREATE TEMP TABLE located AS
SELECT n.site, n.doc_id, n.version, n.cause, n.first_seen, n.last_seen, r.text_digest, r.capture
FROM newest n JOIN {versions} r ON r.row_file = n.row_file AND r.file_row_number = n.file_row_number
"""

_LYING = """
CREATE OR REPLACE TEMP TABLE lying AS
WITH wanted AS (SELECT DISTINCT capture FROM located)
SELECT capture, any_value(warc_file) AS warc_file, any_value(warc_offset) AS warc_offset
FROM {captures} SEMI JOIN wanted USING (capture) GROUP BY capture
"""
"""Where the pages lie: looked for where the further runs put theirs, in all only where one is lacking."""

_LACKING = "SELECT count(*) FROM located ANTI JOIN lying USING (capture) WHERE capture IS NOT NULL"

_STANDINGS = """
CREATE TEMP TABLE standings AS
SELECT row_number() OVER () - 1 AS number, l.* EXCLUDE (capture), w.withdrawn_at, c.warc_file, c.warc_offset
FROM located l
LEFT JOIN withdrawals w ON w.site = l.site AND w.doc_id = l.doc_id
LEFT JOIN lying c ON c.capture = l.capture
"""


def _identity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells the rows of one document from each other."""
    return tuple(row[name] for name in ("run_id", "capture", "content_digest", "reader"))


def _known(generation: Generation, documents: Collection[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """Return what the index keeps of *documents*, by their keys."""
    keys = [key_of(site, doc_id) for site, doc_id in documents]
    found: dict[str, dict[str, Any]] = {}
    with guarded(generation.folder):
        for start in range(0, len(keys), KEYS_ASKED):
            some = keys[start : start + KEYS_ASKED]
            query = tantivy.Query.term_set_query(generation.schema, "key", some)
            for _, address in generation.searcher.search(query, limit=len(some)).hits:
                kept = kept_of(generation.searcher.doc(address))
                found[key_of(kept["row"]["site"], kept["row"]["doc_id"])] = kept
    return found
