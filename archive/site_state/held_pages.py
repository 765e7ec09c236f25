"""Which pages wait with a held run for a person's word: they are not fetched again meanwhile."""

from __future__ import annotations

import sqlite3

import orjson

TABLE = """
CREATE TABLE IF NOT EXISTS held_pages(canonical_url TEXT PRIMARY KEY, run_id TEXT NOT NULL) WITHOUT ROWID
"""


class HeldPages:
    """The pages of held runs that state something new of a document.

    Challenges, login walls and errors are not among them, nor what the run found as it was: those are asked again.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def any(self) -> bool:
        """Whether there are held pages at all."""
        return self._db.execute("SELECT 1 FROM held_pages LIMIT 1").fetchone() is not None

    def run_of(self, canonical_url: str) -> str | None:
        """Return the id of the run that a page is held with, or None."""
        row = self._db.execute("SELECT run_id FROM held_pages WHERE canonical_url = ?", (canonical_url,)).fetchone()
        return row[0] if row else None

    def hold(self, run_id: str) -> None:
        """Note the document pages that brought something new with a run. Call inside a transaction."""
        staged = self._db.execute("SELECT page FROM staged WHERE run_id = ? AND version IS NOT NULL", (run_id,))
        urls = (orjson.loads(page)["canonical_url"] for (page,) in staged if page)
        self._db.executemany("INSERT OR IGNORE INTO held_pages VALUES (?, ?)", ((url, run_id) for url in urls))

    def release(self, run_id: str) -> None:
        """Forget a run that was accepted or rejected. Call inside a transaction."""
        self._db.execute("DELETE FROM held_pages WHERE run_id = ?", (run_id,))
