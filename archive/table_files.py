"""Which files of the tables stand for which: what was published, and what a compaction put in its place.

A row `compacted` of the ledger names the files that a compaction wrote, with their digests, and in its options which
files each of them stands for. It is written before the tables' logs change, so that for a moment, and after a kill
until the next maintenance, it may name files that are not in use yet: what counts is that each published file is in
use, or one that stands for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from archive.ledger import MAKES_VISIBLE

COMPACTED, REBUILT = "compacted", "rebuilt"
"""Events: files were put in the place of others; the tables were made again."""


def is_only_of_maintenance(ledger_file: Path) -> bool:
    """Whether a file of the ledger's table says nothing but `compacted`: nothing is lost where no log names it."""
    try:
        with pq.ParquetFile(ledger_file) as file:
            events = file.read(columns=["event"], use_threads=False).column("event").to_pylist()
    except (OSError, pa.ArrowInvalid):
        return False
    return set(events) == {COMPACTED}


@dataclass(frozen=True, slots=True)
class Replacement:
    """One file of a compaction."""

    file: str
    """Relative to the archive, as all names here."""
    digest: str
    stands_for: tuple[str, ...]
    at: datetime


@dataclass(slots=True)
class TableFiles:
    """What the ledger says of the tables' files since they were last made again."""

    published: set[str] = field(default_factory=set)
    replacements: dict[str, Replacement] = field(default_factory=dict)
    replaced_by: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> TableFiles:
        """Return what the ledger's *rows*, in order, say: `event`, `at`, `files` (path -> digest), `options`."""
        told = cls()
        for row in rows:
            if row["event"] == REBUILT:
                told = cls()
            if row["event"] in (*MAKES_VISIBLE, REBUILT):
                told.published.update(path for path in dict(row["files"] or ()) if path.startswith("tables/"))
            elif row["event"] == COMPACTED:
                told._add(row)
        return told

    def _add(self, row: Mapping[str, Any]) -> None:
        digests = dict(row["files"] or ())
        for file, names in orjson.loads(row["options"] or "{}").get("replaced", {}).items():
            self.replacements[file] = Replacement(file, digests.get(file, ""), tuple(names), row["at"])
            for name in names:
                self.replaced_by.setdefault(name, []).append(file)

    def is_kept(self, path: str, listed: Collection[str]) -> bool:
        """Whether the rows of *path* are in a file that the tables' logs name (*listed*)."""
        return path in listed or any(self.is_kept(file, listed) for file in self.replaced_by.get(path, ()))

    def lost(self, listed: Collection[str]) -> Iterator[str]:
        """Yield the published files whose rows are in no file of *listed*."""
        kept: dict[str, bool] = {}
        for path in self.published:
            if path in listed:
                continue
            files = self.replaced_by.get(path, ())
            for file in files:
                if file not in kept:
                    kept[file] = self.is_kept(file, listed)
            if not any(kept[file] for file in files):
                yield path

    def doubled(self, listed: Collection[str]) -> Iterator[str]:
        """Yield the files of *listed* whose rows are in another file of *listed*, too."""
        for path in listed:
            if any(self.is_kept(file, listed) for file in self.replaced_by.get(path, ())):
                yield path

    def pending(self, listed: Collection[str]) -> list[Replacement]:
        """Return the replacements that were written and did not take effect, and still can."""
        return [
            each
            for each in self.replacements.values()
            if each.file not in listed and all(name in listed for name in each.stands_for)
        ]

    def replaced_before(self, moment: datetime, listed: Collection[str]) -> set[str]:
        """Return the files in whose place another is in use since before *moment*."""
        return {
            name
            for each in self.replacements.values()
            if each.at < moment and self.is_kept(each.file, listed)
            for name in each.stands_for
            if name not in listed
        }
