"""Which documents of a site are withdrawn, as published: what the next run holds against what it finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

WITHDRAWN, RETURNED = "withdrawn", "returned"
"""Kinds of decisions."""


class Expected(StrEnum):
    """What a run expects of a known document's page before it asks for it, so that the gates do not wonder."""

    ABSENCE = "absence"
    """It was none before, or its listing does not name it any more."""
    CHANGE = "change"
    """Its listing shows a change."""


TABLE = """
CREATE TABLE IF NOT EXISTS withdrawn_documents(
  site TEXT NOT NULL, doc_id TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY(site, doc_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expected(
  run_id TEXT NOT NULL, canonical_url TEXT NOT NULL, what TEXT NOT NULL,
  PRIMARY KEY(run_id, canonical_url, what)) WITHOUT ROWID
"""


class WithdrawnDocuments:
    """The documents that are withdrawn, and what a run expects of pages. Writes are in the open transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __contains__(self, document: tuple[str, str]) -> bool:
        """Whether (site, doc_id) is withdrawn."""
        row = self._db.execute("SELECT 1 FROM withdrawn_documents WHERE site = ? AND doc_id = ?", document).fetchone()
        return row is not None

    def count(self, site: str) -> int:
        """Return how many documents of *site* are withdrawn."""
        row = self._db.execute("SELECT COUNT(*) FROM withdrawn_documents WHERE site = ?", (site,)).fetchone()
        return int(row[0])

    def remember(self, decision: Mapping[str, Any]) -> None:
        """Take up a published decision; others than withdrawals and returns say nothing here.

        Nor does a withdrawal that is published late, of a document that was seen since.
        """
        document = (decision["site"], decision["doc_id"])
        if decision["kind"] == WITHDRAWN:
            self._db.execute(
                "INSERT OR IGNORE INTO withdrawn_documents SELECT ?1, ?2, ?3 WHERE NOT EXISTS("
                "SELECT 1 FROM known_documents WHERE site = ?1 AND doc_id = ?2 AND seen_at >= ?3)",
                (*document, decision["at"]),
            )
        elif decision["kind"] == RETURNED:
            self._db.execute(
                "DELETE FROM withdrawn_documents WHERE site = ? AND doc_id = ? AND at <= ?", (*document, decision["at"])
            )

    def expect(self, run_id: str, canonical_url: str, what: Expected) -> None:
        """Note that nobody will wonder if *what* became of a known document's page in this run."""
        self._db.execute("INSERT OR IGNORE INTO expected VALUES (?, ?, ?)", (run_id, canonical_url, what))

    def is_expected(self, run_id: str, canonical_url: str, what: Expected) -> bool:
        """Whether the run expected that of the page."""
        found = self._db.execute(
            "SELECT 1 FROM expected WHERE run_id = ? AND canonical_url = ? AND what = ?", (run_id, canonical_url, what)
        ).fetchone()
        return found is not None

    def forget_run(self, run_id: str) -> None:
        """Forget what an ended run expected."""
        self._db.execute("DELETE FROM expected WHERE run_id = ?", (run_id,))
