"""What the archive last published of each document, field by field, as marks: enough to tell what a page changed.

A mark is eight bytes of a digest of a field's value; no mark, no value. Beside them stands a likeness, by which a
document is recognised that comes back under another ID.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson

from archive.judgement.measures import FIELDS, is_garbled

MARK_BYTES = 8
_ABSENT = bytes(MARK_BYTES)

TABLE = """
CREATE TABLE IF NOT EXISTS known_values(
  site TEXT NOT NULL, doc_id TEXT NOT NULL, marks BLOB NOT NULL, garbled INTEGER NOT NULL, likeness BLOB,
  seen_at TEXT NOT NULL, PRIMARY KEY(site, doc_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS known_values_likeness ON known_values(likeness) WHERE likeness IS NOT NULL
"""


def marks_of(record: Mapping[str, Any]) -> dict[str, bytes]:
    """Return field -> mark of what a record (as JSON) states."""
    # Tables give a map as pairs.
    values = {**record, "other_labels": dict(record["other_labels"] or ())}
    return {name: _mark(values[name]) for name in FIELDS if values[name]}


def likeness_of(record: Mapping[str, Any]) -> bytes | None:
    """Return what a document is recognised by under another ID: title and text, or title, size, pages and date.

    None where it states too little to be told from others.
    """
    rest = record["text_digest"] or [record["size_bytes"], record["pages"], record["published_on"]]
    if not record["title"] or (isinstance(rest, list) and None in rest):
        return None
    return _mark([record["title"], rest])


class KnownValues:
    """The marks of one state file's documents. Every write happens inside the open transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def any(self) -> bool:
        """Whether anything was published yet."""
        return self._db.execute("SELECT 1 FROM known_values LIMIT 1").fetchone() is not None

    def marks(self, site: str, doc_id: str) -> tuple[dict[str, bytes], bool] | None:
        """Return (field -> mark, whether the text was garbled) of what was last published; None: nothing is noted."""
        row = self._db.execute(
            "SELECT marks, garbled FROM known_values WHERE site = ? AND doc_id = ?", (site, doc_id)
        ).fetchone()
        return (_unpacked(row[0]), bool(row[1])) if row else None

    def is_like_another(self, site: str, doc_id: str, likeness: bytes | None) -> bool:
        """Whether a document of another ID was published that is just like this one."""
        if likeness is None:
            return False
        row = self._db.execute(
            "SELECT 1 FROM known_values WHERE likeness = ? AND site = ? AND doc_id <> ?", (likeness, site, doc_id)
        ).fetchone()
        return row is not None

    def remember(self, record: Mapping[str, Any], seen_at: str) -> None:
        """Note what was published of a document, unless something newer is noted."""
        marks = marks_of(record)
        self._db.execute(
            "INSERT INTO known_values VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(site, doc_id) DO UPDATE SET "
            "marks = excluded.marks, garbled = excluded.garbled, likeness = excluded.likeness, "
            "seen_at = excluded.seen_at WHERE excluded.seen_at >= known_values.seen_at",
            (
                record["site"],
                record["doc_id"],
                b"".join(marks.get(name, _ABSENT) for name in FIELDS),
                is_garbled(record),
                likeness_of(record),
                seen_at,
            ),
        )

    def seen_again(self, site: str, doc_id: str, seen_at: str) -> None:
        """Note that a document was seen just so: what an older run says of it is no news any more."""
        self._db.execute(
            "UPDATE known_values SET seen_at = ? WHERE site = ? AND doc_id = ? AND seen_at < ?",
            (seen_at, site, doc_id, seen_at),
        )


def _mark(value: Any) -> bytes:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=MARK_BYTES).digest()


def _unpacked(blob: bytes) -> dict[str, bytes]:
    marks = (blob[place : place + MARK_BYTES] for place in range(0, len(blob), MARK_BYTES))
    return {name: mark for name, mark in zip(FIELDS, marks, strict=True) if mark != _ABSENT}
