"""The parts of a run: what is staged, frozen in pieces that never change again and are published one by one."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from archive.clock import parse_instant
from archive.errors import DamagedFile

PART_PAGES = 1000
"""Pages in one part at most: what a publish holds in memory at a time."""

TABLE = """
CREATE TABLE IF NOT EXISTS frozen_parts(
  run_id TEXT NOT NULL, part INTEGER NOT NULL, first_id INTEGER NOT NULL, last_id INTEGER NOT NULL,
  digest TEXT NOT NULL, published INTEGER NOT NULL DEFAULT 0, files TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY(run_id, part))
"""


@dataclass(slots=True)
class Part:
    """A frozen part: the rows it adds to each table."""

    run_id: str
    number: int
    digest: str
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


class Parts:
    """The frozen parts of the runs in a state file. Every write is in the open transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def freeze(self, run_id: str) -> int:
        """Divide the run's pages into parts that never change again; return how many there are.

        Call inside a lasting transaction. A run that is frozen already keeps its parts.
        """
        number, last_id = self.db.execute(
            "SELECT COALESCE(MAX(part), 0), COALESCE(MAX(last_id), -1) FROM frozen_parts WHERE run_id = ?", (run_id,)
        ).fetchone()
        while True:
            rows = self.db.execute(
                "SELECT id, page, sighting, version, decision FROM staged WHERE run_id = ? AND id > ? "
                "ORDER BY id LIMIT ?",
                (run_id, last_id, PART_PAGES),
            ).fetchall()
            if not rows:
                return int(number)
            number, last_id = number + 1, rows[-1][0]
            self.db.execute(
                "INSERT INTO frozen_parts(run_id, part, first_id, last_id, digest) VALUES (?, ?, ?, ?, ?)",
                (run_id, number, rows[0][0], last_id, _digest(rows)),
            )

    def frozen(self, run_id: str) -> Iterator[Part]:
        """Yield the run's frozen parts in order, one in memory at a time.

        Raises DamagedFile when a part's rows are not those that were frozen.
        """
        for number, first_id, last_id, digest in self.db.execute(
            "SELECT part, first_id, last_id, digest FROM frozen_parts WHERE run_id = ? ORDER BY part", (run_id,)
        ).fetchall():
            rows = self.db.execute(
                "SELECT id, page, sighting, version, decision FROM staged "
                "WHERE run_id = ? AND id BETWEEN ? AND ? ORDER BY id",
                (run_id, first_id, last_id),
            ).fetchall()
            if _digest(rows) != digest:
                raise DamagedFile(
                    f"part {number} of run {run_id} is not what was frozen; drop the run with: "
                    f"docarchive runs reject {run_id}"
                )
            yield _part(run_id, number, digest, rows)

    def note_published(self, run_id: str, number: int, files: Mapping[str, str]) -> None:
        """Note that a part is in the tables, and the digests of the files it became."""
        self.db.execute(
            "UPDATE frozen_parts SET published = 1, files = ? WHERE run_id = ? AND part = ?",
            (orjson.dumps(files).decode(), run_id, number),
        )

    def files(self, run_id: str) -> dict[str, str]:
        """Return path -> digest of the files of the run's published parts."""
        files: dict[str, str] = {}
        for (text,) in self.db.execute("SELECT files FROM frozen_parts WHERE run_id = ? ORDER BY part", (run_id,)):
            files.update(orjson.loads(text))
        return files

    def count(self, run_id: str) -> int:
        """Return how many frozen parts the run has."""
        return int(self.db.execute("SELECT COUNT(*) FROM frozen_parts WHERE run_id = ?", (run_id,)).fetchone()[0])

    def unpublished(self, run_id: str) -> set[int]:
        """Return the numbers of the run's parts that are not noted as published."""
        rows = self.db.execute("SELECT part FROM frozen_parts WHERE run_id = ? AND published = 0", (run_id,))
        return {row[0] for row in rows}


def _digest(rows: list[tuple[Any, ...]]) -> str:
    """Return the digest of a part's rows: of their bytes, so that no later program can read them otherwise."""
    digest = hashlib.sha256()
    for row in rows:
        for blob in row[1:]:
            data = blob or b""
            digest.update(len(data).to_bytes(8, "big"))
            digest.update(data)
    return "sha256:" + digest.hexdigest()


_INSTANTS = frozenset({"fetched_at", "seen_from", "seen_until", "at"})
_DAYS = frozenset({"published_from", "published_until"})


def table_row(row: Mapping[str, Any], run_id: str) -> dict[str, Any]:
    """Return a JSON row as the tables take it: instants and days as such, the run's id added."""
    typed: dict[str, Any] = {"run_id": run_id}
    for name, value in row.items():
        if name == "run_id":
            continue
        if value is not None and name in _INSTANTS:
            value = parse_instant(value)
        elif value is not None and name in _DAYS:
            value = date.fromisoformat(value)
        typed[name] = value
    return typed


def _part(run_id: str, number: int, digest: str, rows: list[tuple[Any, ...]]) -> Part:
    part = Part(run_id, number, digest, {"versions": [], "sightings": [], "captures": [], "decisions": []})
    for _, page_blob, sighting_blob, version_blob, decision_blob in rows:
        sighting = orjson.loads(sighting_blob) if sighting_blob else None
        if page_blob:
            page = orjson.loads(page_blob)
            page["doc_id"] = sighting["doc_id"] if sighting else None
            page["reader"] = sighting["reader"] if sighting else None
            part.rows["captures"].append(page)
        if sighting:
            part.rows["sightings"].append(sighting)
        if version_blob:
            part.rows["versions"].append(orjson.loads(version_blob))
        if decision_blob:
            part.rows["decisions"].append(orjson.loads(decision_blob))
    return part
