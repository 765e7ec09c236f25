"""What an archive must answer about any moment, by replaying its runs in plain Python, one after the other.

It knows what was written when, and nothing of tables, views or SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Document = tuple[str, str]
"""Site, doc_id."""

VISIBLE = ("published", "accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A run saw a document with this content, from one instant until another."""

    document: Document
    content: tuple[Any, ...]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A run found a document withdrawn, or returned."""

    document: Document
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known of a document at a moment."""

    content: tuple[Any, ...]
    version: int
    first_seen: datetime
    last_seen: datetime
    withdrawn_at: datetime | None


@dataclass(slots=True)
class Replay:
    """The diary of an archive."""

    ledger: list[tuple[datetime, str, str]] = field(default_factory=list)
    """When, run_id, event: in order, the first being row 1 of the ledger."""
    runs: dict[str, list[Seen | Decided]] = field(default_factory=dict)

    def row_at(self, moment: datetime) -> int:
        """Return the last row of the ledger that was there at *moment*, 0 for none."""
        return max((row for row, (at, _, _) in enumerate(self.ledger, 1) if at <= moment), default=0)

    def row_of(self, run_id: str) -> int | None:
        """Return the row that made a run visible, None for one that never was."""
        rows = (row for row, (_, run, event) in enumerate(self.ledger, 1) if run == run_id and event in VISIBLE)
        return next(rows, None)

    def answer(self, document: Document, *, as_of: datetime | None = None, row: int | None = None) -> Answer | None:
        """Return what readers were told of *document* when the ledger ended with *row*, of the time up to *as_of*."""
        contents: dict[datetime, tuple[Any, ...]] = {}
        last_seen: datetime | None = None
        gone: list[datetime] = []
        back: list[datetime] = []
        for entry in self._visible_entries(row):
            if entry.document != document:
                continue
            if isinstance(entry, Decided):
                if as_of is None or entry.at <= as_of:
                    (gone if entry.kind == "withdrawn" else back).append(entry.at)
                continue
            if as_of is not None and entry.since > as_of:
                continue
            until = entry.since if as_of is not None and entry.until > as_of else entry.until
            contents[entry.since] = contents[until] = entry.content  # what a later run reads of an instant counts
            last_seen = until if last_seen is None else max(last_seen, until)
        if not contents:
            return None
        versions: list[tuple[tuple[Any, ...], datetime, datetime]] = []
        for instant in sorted(contents):
            if versions and versions[-1][0] == contents[instant]:
                versions[-1] = (versions[-1][0], versions[-1][1], instant)
            else:
                versions.append((contents[instant], instant, instant))
        still = [at for at in gone if (not back or at > max(back)) and (last_seen is None or at > last_seen)]
        return Answer(
            content=versions[-1][0],
            version=len(versions),
            first_seen=versions[0][1],
            last_seen=versions[-1][2],
            withdrawn_at=min(still, default=None),
        )

    def _visible_entries(self, row: int | None) -> Iterator[Seen | Decided]:
        """Yield what the runs saw that readers may see, in the order in which the runs became visible."""
        hidden = {run for _, run, event in self.ledger if event == "takedown"}
        shown: set[str] = set()
        for _, run, event in self.ledger[:row]:
            if event in VISIBLE and run not in hidden and run not in shown:
                shown.add(run)
                yield from self.runs[run]
