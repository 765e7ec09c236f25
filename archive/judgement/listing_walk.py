"""What the listing pages of a run named, and which documents they name no more."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

KEY_BYTES = 8
"""Bytes that stand for a URL: two of a site's documents sharing them is beyond any site's size."""

WHOLE_WALK = "whole_walk_run_no"
"""Counter: the last published run whose walk of the listings came to their ends."""

TABLE = """
CREATE TABLE IF NOT EXISTS listing_pages(
  run_id TEXT NOT NULL, page BLOB NOT NULL, start INTEGER NOT NULL, next BLOB, documents BLOB NOT NULL,
  PRIMARY KEY(run_id, page)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listed_documents(page BLOB PRIMARY KEY, run_no INTEGER NOT NULL) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One listing page of a run."""

    documents: int
    """Documents it lists."""
    leads_on: bool
    """Whether it has a next page."""


class ListingWalk:
    """The listing pages of runs that are staged, and what was listed when. Every write is in the open transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def note(
        self, run_id: str, canonical_url: str, documents: Iterable[str], next_url: str | None, *, is_start: bool
    ) -> None:
        """Note what a listing page names: canonical URLs of its documents and of the next page."""
        keys = b"".join(dict.fromkeys(_key(url) for url in documents))
        following = _key(next_url) if next_url is not None else None
        self._db.execute(
            "INSERT OR REPLACE INTO listing_pages VALUES (?, ?, ?, ?, ?)",
            (run_id, _key(canonical_url), is_start, following, keys),
        )

    def page(self, run_id: str, canonical_url: str) -> ListingPage | None:
        """Return what was noted of a listing page, None where nothing was."""
        row = self._db.execute(
            "SELECT next, documents FROM listing_pages WHERE run_id = ? AND page = ?", (run_id, _key(canonical_url))
        ).fetchone()
        return ListingPage(len(row[1]) // KEY_BYTES, row[0] is not None) if row else None

    def is_whole(self, run_id: str, starts: int) -> bool:
        """Whether the run walked the listings from their *starts* to where they say that they end."""
        begun, cut = self._db.execute(
            "SELECT COALESCE(SUM(start), 0), COALESCE(SUM(next IS NOT NULL AND next NOT IN "
            "(SELECT page FROM listing_pages WHERE run_id = ?1)), 0) FROM listing_pages WHERE run_id = ?1",
            (run_id,),
        ).fetchone()
        return bool(begun >= starts > 0 and not cut)

    def unlisted(self, run_id: str, run_no: int) -> tuple[int, int]:
        """Return (how many are named no more, of how many) of the documents listed since the last whole walk."""
        now = self._listed(run_id)
        missing = of = 0
        for key in self._listed_before(run_no):
            of += 1
            missing += key not in now
        return missing, of

    def names_known(self, run_id: str) -> bool:
        """Whether the run's listings name a document that a published run has listed."""
        known = "SELECT 1 FROM listed_documents WHERE page = ?"
        return any(self._db.execute(known, (key,)).fetchone() for key in self._listed(run_id))

    def was_listed(self, canonical_url: str) -> bool:
        """Whether a published run has listed a document at that URL."""
        row = self._db.execute("SELECT 1 FROM listed_documents WHERE page = ?", (_key(canonical_url),)).fetchone()
        return row is not None

    def among_unlisted(self, run_id: str, run_no: int, canonical_urls: Iterable[str]) -> Iterator[str]:
        """Yield those URLs that were listed and that the run's listings name no more."""
        gone = set(self._listed_before(run_no)) - self._listed(run_id)
        return (url for url in canonical_urls if _key(url) in gone)

    def _listed_before(self, run_no: int) -> Iterator[bytes]:
        """Yield what was listed in the last whole walk or since, and last by a run before *run_no*.

        A run that was held is judged again when later ones have been published: what those have listed came after it,
        or is there still.
        """
        row = self._db.execute("SELECT value FROM counters WHERE name = ?", (WHOLE_WALK,)).fetchone()
        if row is not None:
            for (key,) in self._db.execute(
                "SELECT page FROM listed_documents WHERE run_no >= ? AND run_no < ?", (*row, run_no)
            ):
                yield key

    def remember(self, run_id: str, run_no: int, *, whole: bool) -> None:
        """Note what a published run listed."""
        self._db.executemany(
            "INSERT INTO listed_documents VALUES (?, ?) ON CONFLICT(page) DO UPDATE SET "
            "run_no = MAX(run_no, excluded.run_no)",
            ((key, run_no) for key in self._listed(run_id)),
        )
        if whole:
            self._db.execute(
                "INSERT INTO counters VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = MAX(value, excluded.value)",
                (WHOLE_WALK, run_no),
            )

    def forget(self, run_id: str) -> None:
        """Forget the listing pages of a run that has ended."""
        self._db.execute("DELETE FROM listing_pages WHERE run_id = ?", (run_id,))

    def _listed(self, run_id: str) -> set[bytes]:
        rows = self._db.execute("SELECT documents FROM listing_pages WHERE run_id = ?", (run_id,))
        return {key for (keys,) in rows for key in _split(keys)}


def _key(url: str) -> bytes:
    return hashlib.blake2b(url.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def _split(keys: bytes) -> Sequence[bytes]:
    return [keys[place : place + KEY_BYTES] for place in range(0, len(keys), KEY_BYTES)]
