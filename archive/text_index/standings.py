"""How each document stands: what changes about it from run to run, and is no part of any text.

A file of SQLite beside the index, with the row of the ledger up to which it is right: whoever asks at another row does
without it. It is derived like the index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive import durable
from archive.text_index.generation import IndexUnusable

FILE = "standings.sqlite"

BUSY_SECONDS = 5.0
"""A reader waits so long for the end of a commit, a writer for the end of a question."""

NAMES_ASKED = 400
"""Names in one question: SQLite takes 999 values in the oldest versions."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TABLES = """
CREATE TABLE standings(
  site TEXT NOT NULL, doc_id TEXT NOT NULL, version INTEGER NOT NULL, cause TEXT NOT NULL,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, withdrawn_at INTEGER,
  text_digest TEXT, warc_file TEXT, warc_offset INTEGER, PRIMARY KEY(site, doc_id)) WITHOUT ROWID;
CREATE INDEX by_text ON standings(text_digest) WHERE text_digest IS NOT NULL;
CREATE TABLE reached(run_seq INTEGER NOT NULL, digest TEXT NOT NULL);
"""

_COLUMNS = (
    *("site", "doc_id", "version", "cause", "first_seen", "last_seen"),
    *("withdrawn_at", "text_digest", "warc_file", "warc_offset"),
)
_INSTANTS = ("first_seen", "last_seen", "withdrawn_at")


@dataclass(frozen=True, slots=True)
class Reached:
    """Up to which row of the ledger the file is right."""

    run_seq: int
    digest: str


def reached(folder: Path) -> Reached | None:
    """Return how far the file in *folder* has come; None where there is none that can be read."""
    try:
        with closing(_opened(folder)) as db:
            row = db.execute("SELECT run_seq, digest FROM reached").fetchone()
    except sqlite3.Error:
        return None
    return Reached(*row) if row else None


def make(folder: Path, rows: Iterable[Mapping[str, Any]], now: Reached) -> None:
    """Write the file anew. Raises IndexUnusable."""
    with _translated(folder):
        for path in (folder / FILE, folder / f"{FILE}-journal"):
            path.unlink(missing_ok=True)
        with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = OFF")  # killed before the end, it is made again: nothing was reached
            db.executescript(_TABLES)
            _write(db, rows, (), now)


def bring_on(folder: Path, rows: Iterable[Mapping[str, Any]], gone: Iterable[tuple[str, str]], now: Reached) -> None:
    """Take up how some documents stand now, and that others are gone, all at once. Raises IndexUnusable."""
    with _translated(folder), closing(sqlite3.connect(folder / FILE, BUSY_SECONDS, isolation_level=None)) as db:
        _write(db, rows, gone, now)


def _write(
    db: sqlite3.Connection, rows: Iterable[Mapping[str, Any]], gone: Iterable[tuple[str, str]], now: Reached
) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.executemany("DELETE FROM standings WHERE site = ? AND doc_id = ?", gone)
    db.executemany(
        f"INSERT OR REPLACE INTO standings VALUES ({', '.join('?' * len(_COLUMNS))})",
        ([_stored(name, row[name]) for name in _COLUMNS] for row in rows),
    )
    db.execute("DELETE FROM reached")
    db.execute("INSERT INTO reached VALUES (?, ?)", (now.run_seq, now.digest))
    durable.point("standings-commit")
    db.execute("COMMIT")


def standings(
    folder: Path, run_seq: int, documents: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, Any]] | None:
    """Return how *documents* stand at that row of the ledger, by (site, doc_id); None where that is not known.

    Beside the columns each has `exact_copy_of`: which other document was seen first with the same text.
    """
    try:
        with closing(_opened(folder)) as db:
            db.execute("BEGIN")  # all of it as it is at one moment
            row = db.execute("SELECT run_seq FROM reached").fetchone()
            if row is None or row[0] != run_seq:
                return None
            found = {}
            for site, doc_id in documents:
                one = db.execute("SELECT * FROM standings WHERE site = ? AND doc_id = ?", (site, doc_id)).fetchone()
                if one is None:
                    return None
                found[site, doc_id] = _read(one)
            _add_originals(db, found)
            return found
    except sqlite3.Error:
        return None


def _add_originals(db: sqlite3.Connection, found: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    digests = list({row["text_digest"] for row in found.values() if row["text_digest"] is not None})
    first: dict[str, tuple[str, str]] = {}
    for start in range(0, len(digests), NAMES_ASKED):
        some = digests[start : start + NAMES_ASKED]
        asked = (
            f"SELECT text_digest, site, doc_id FROM standings WHERE text_digest IN ({', '.join('?' * len(some))}) "
            "ORDER BY first_seen, site, doc_id"
        )
        for digest, site, doc_id in db.execute(asked, some):
            first.setdefault(digest, (site, doc_id))
    for document, row in found.items():
        original = first.get(row["text_digest"], document)
        row["exact_copy_of"] = None if original == document else "/".join(original)


def _opened(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{(folder / FILE).as_uri()}?mode=ro", BUSY_SECONDS, isolation_level=None, uri=True)


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise IndexUnusable(f"{folder / FILE} cannot be written ({error})") from error


def _stored(name: str, value: Any) -> Any:
    if name in _INSTANTS and value is not None:
        return (value - _EPOCH) // timedelta(microseconds=1)
    return value


def _read(row: Sequence[Any]) -> dict[str, Any]:
    found = dict(zip(_COLUMNS, row, strict=True))
    for name in _INSTANTS:
        if found[name] is not None:
            found[name] = _EPOCH + timedelta(microseconds=found[name])
    return found
