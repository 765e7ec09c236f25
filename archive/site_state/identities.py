"""Which document each page of a run is of, from when it is staged until the run ends; and what documents state.

An identity is fixed for a URL when it is first published. Until then it is fixed here: a run may meet a URL more than
once (captures of many years that are imported, or read again), and goes on after a crash.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

from archive.judgement.known_values import KnownValues, marks_of

TABLE = """
CREATE TABLE IF NOT EXISTS run_identities(
  run_id TEXT NOT NULL, canonical_url TEXT NOT NULL, doc_id TEXT NOT NULL, PRIMARY KEY(run_id, canonical_url))
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS staged_versions ON staged(doc_id) WHERE version IS NOT NULL
"""

STATEMENTS_COMPARED = 16
"""Contents of one document in runs that have not ended; more of them is a history that is imported, or read again."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a document was found to state."""

    marks: Mapping[str, bytes] | None
    """Field -> mark of its value (`archive/judgement/known_values.py`); None: a document of which this is not known."""
    canonical_url: str | None = None
    """Where, for what is staged."""


class Identities:
    """The identities of the pages of one state file's runs. Every write happens inside the open transaction."""

    def __init__(self, db: sqlite3.Connection, known_values: KnownValues) -> None:
        self._db = db
        self._known_values = known_values

    def of(self, run_id: str, canonical_url: str) -> str | None:
        """Return the document that the run has found at a URL, or None."""
        row = self._db.execute(
            "SELECT doc_id FROM run_identities WHERE run_id = ? AND canonical_url = ?", (run_id, canonical_url)
        ).fetchone()
        return row[0] if row else None

    def fix(self, run_id: str, canonical_url: str, doc_id: str) -> None:
        """Note which document the page at a URL is of."""
        self._db.execute("INSERT OR REPLACE INTO run_identities VALUES (?, ?, ?)", (run_id, canonical_url, doc_id))

    def lose(self, run_id: str, canonical_url: str) -> None:
        """Forget a page that the run has to fetch again: what it was staged as is gone."""
        self._db.execute("DELETE FROM run_identities WHERE run_id = ? AND canonical_url = ?", (run_id, canonical_url))

    def forget_run(self, run_id: str) -> None:
        """Forget a run that ended."""
        self._db.execute("DELETE FROM run_identities WHERE run_id = ?", (run_id,))

    def is_published(self, site: str, doc_id: str) -> bool:
        """Whether a document of that id was published."""
        row = self._db.execute("SELECT 1 FROM known_documents WHERE site = ? AND doc_id = ?", (site, doc_id))
        return row.fetchone() is not None

    def statements(self, site: str, doc_id: str, apart_from: str | None) -> Iterator[Statement]:
        """Yield what is published of a document, then what is staged by unfinished and held runs; nothing: it is none.

        *apart_from*: a run that does not count, since it is being replaced.
        """
        known = self._known_values.marks(site, doc_id)
        if known is not None:
            yield Statement(known[0])
        elif self._db.execute("SELECT 1 FROM known_documents WHERE site = ? AND doc_id = ?", (site, doc_id)).fetchone():
            yield Statement(None)
        staged = self._db.execute(
            "SELECT version FROM staged WHERE doc_id = ? AND site = ? AND run_id IS NOT ? AND version IS NOT NULL "
            "ORDER BY id DESC LIMIT ?",
            (doc_id, site, apart_from, STATEMENTS_COMPARED),
        )
        for (version,) in staged.fetchall():
            row = orjson.loads(version)
            yield Statement(marks_of(row), row["canonical_url"])
