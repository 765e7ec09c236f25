"""Which files of the tables stand for which: what was published, and what a compaction put in its place.

A row `compacted` of the ledger names the files that a compaction wrote, with their digests, and in its options which
files each of them stands for. It is written before the tables' logs change, so that for a moment, and after a kill
until the next maintenance, it may name files that are not in use yet: what counts is that each published file is in
use, or one that stands for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from archive.published.ledger import HAS_PARTS

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
    """By the file, in the order of the ledger."""
    replaced: set[str] = field(default_factory=set)
    """Files for which others stand, or will."""

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> TableFiles:
        """Return what the ledger's *rows*, in order, say: `event`, `at`, `files` (path -> digest), `options`."""
        told = cls()
        for row in rows:
            if row["event"] == REBUILT:
                told = cls()
            if row["event"] in (*HAS_PARTS, REBUILT):
                told.published.update(path for path in dict(row["files"] or ()) if path.startswith("tables/"))
            elif row["event"] == COMPACTED:
                told._add(row)
        return told

    def _add(self, row: Mapping[str, Any]) -> None:
        digests = dict(row["files"] or ())
        for file, names in orjson.loads(row["options"] or "{}").get("replaced", {}).items():
            self.replacements[file] = Replacement(file, digests.get(file, ""), tuple(names), row["at"])
            self.replaced.update(names)

    def kept(self, listed: Collection[str]) -> set[str]:
        """Return the files whose rows are in those that the tables' logs name (*listed*)."""
        kept = set(listed)
        for each in reversed(self.replacements.values()):  # what stands for a compaction's file came after it
            if each.file in kept:
                kept.update(each.stands_for)
        return kept

    def holding(self, names: Iterable[str], listed: Collection[str]) -> set[str]:
        """Return the files of *listed* in which the rows of the files *names* lie."""
        put_in_place = {name: each.file for each in self.replacements.values() for name in each.stands_for}
        found = set()
        for name in names:
            holder: str | None = name
            while holder is not None and holder not in listed:
                holder = put_in_place.get(holder)  # what stood for it may have been replaced itself
            found.add(name if holder is None else holder)
        return found

    def lost(self, listed: Collection[str]) -> set[str]:
        """Return the published files whose rows are in no file of *listed*."""
        return self.published - self.kept(listed)

    def doubled(self, listed: Collection[str]) -> set[str]:
        """Return the files of *listed* whose rows are in another file of *listed*, too."""
        kept = self.kept(listed)
        stood_for = {name for each in self.replacements.values() if each.file in kept for name in each.stands_for}
        return stood_for & set(listed)

    def pending(self, listed: Collection[str]) -> list[Replacement]:
        """Return the replacements that were written and did not take effect, and still can."""
        return [
            each
            for each in self.replacements.values()
            if each.file not in listed and all(name in listed for name in each.stands_for)
        ]

    def replaced_before(self, moment: datetime, listed: Collection[str]) -> set[str]:
        """Return the files in whose place another is in use since before *moment*."""
        kept = self.kept(listed)
        return {
            name
            for each in self.replacements.values()
            if each.at < moment and each.file in kept
            for name in each.stands_for
            if name not in listed
        }
