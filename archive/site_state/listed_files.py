"""What listings say of documents that are files themselves, held against what is kept with each file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

TABLE = """
CREATE TABLE IF NOT EXISTS listed_files(canonical_url TEXT PRIMARY KEY, said TEXT NOT NULL) WITHOUT ROWID
"""


class ListedFiles:
    """What the newest listing says of each file, as JSON. Every write happens inside the open transaction.

    It may be lost with the state file: what was said of a file is kept with its capture, too.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def note(self, said: Mapping[str, str]) -> None:
        """Note what a listing says: canonical URL of a file -> JSON."""
        self._db.executemany(
            "INSERT INTO listed_files VALUES (?, ?) "
            "ON CONFLICT(canonical_url) DO UPDATE SET said = excluded.said WHERE said <> excluded.said",
            said.items(),
        )

    def of(self, canonical_url: str) -> str | None:
        """Return what a listing says of the file at a URL; None where none says anything."""
        row = self._db.execute("SELECT said FROM listed_files WHERE canonical_url = ?", (canonical_url,)).fetchone()
        return row[0] if row else None

    def move(self, canonical_url: str, to: str) -> None:
        """Note that the file which a listing names is at another URL: what is said of it holds there."""
        self._db.execute(
            "INSERT OR REPLACE INTO listed_files SELECT ?, said FROM listed_files WHERE canonical_url = ?",
            (to, canonical_url),
        )
