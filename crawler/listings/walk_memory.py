"""Which walks each run made through the listings of a site, how they ended, and which page belongs to which walk.

Two tables in the site's state file: `listing_walks`, each walk of each run; `listing_steps`, the pages of the walks. A
listing is known by the number of its first page. No decision is made here: see `walker.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from archive.site_state.state import State

TABLES = """
CREATE TABLE IF NOT EXISTS listing_walks(
  listing INTEGER NOT NULL, run_no INTEGER NOT NULL, purpose TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT,
  first_position INTEGER NOT NULL, pages_wanted INTEGER, PRIMARY KEY(listing, run_no, purpose)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS listing_walks_run ON listing_walks(run_no, outcome);
CREATE TABLE IF NOT EXISTS listing_steps(
  url_id INTEGER PRIMARY KEY, run_no INTEGER NOT NULL, listing INTEGER NOT NULL, position INTEGER NOT NULL,
  purpose TEXT NOT NULL)
"""


class Purpose(StrEnum):
    """What a walk is for."""

    HEAD = "head"
    """From the first page, for what is new; the whole listing where its order is not known."""
    TAIL = "tail"
    """From the remembered end onwards, for what is new in a listing that puts it last."""
    SWEEP = "sweep"
    """A stretch of the rest, for what came or changed deep in the list."""


class WalkOutcome(StrEnum):
    """How a walk stands."""

    OPEN = "open"
    PROVEN = "proven"
    """It stopped on ground that earlier walks have covered."""
    ENDED = "ended"
    """It came to the end of the listing."""
    LOOKED = "looked"
    """It did what it was for without reaching either: the first page of a listing whose new documents stand elsewhere,
    a stretch of a sweep."""
    BROKEN = "broken"
    """A page in the middle failed, the listing was a trap, or its end came far too soon: nothing is claimed."""


class Step(NamedTuple):
    """A page's part in a walk."""

    listing: int
    position: int
    """From 1, along the links from page to page."""
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk of a run."""

    listing: int
    purpose: Purpose
    outcome: WalkOutcome
    first_position: int
    pages_wanted: int | None
    reason: str | None
    """Why it is broken."""


class WalkMemory:
    """The tables above. Every write happens inside the state's open transaction."""

    def __init__(self, state: State) -> None:
        self.db = state.db
        with state.transaction() as db:
            for statement in TABLES.split(";"):
                db.execute(statement)

    def begin(
        self, run_no: int, listing: int, purpose: Purpose, first_position: int, pages_wanted: int | None = None
    ) -> None:
        """Note that a walk begins; one that began already goes on."""
        self.db.execute(
            "INSERT OR IGNORE INTO listing_walks VALUES (?, ?, ?, ?, NULL, ?, ?)",
            (listing, run_no, purpose, WalkOutcome.OPEN, first_position, pages_wanted),
        )

    def end(self, run_no: int, listing: int, purpose: Purpose, outcome: WalkOutcome, reason: str | None) -> None:
        """Note how a walk ended."""
        self.db.execute(
            "UPDATE listing_walks SET outcome = ?, reason = ? WHERE listing = ? AND run_no = ? AND purpose = ?",
            (outcome, reason, listing, run_no, purpose),
        )

    def reopen(self, run_no: int, listing: int) -> None:
        """Note that a walk goes on whose first page did not come."""
        self.db.execute(
            "UPDATE listing_walks SET outcome = ?, reason = NULL WHERE listing = ? AND run_no = ? AND purpose = ?",
            (WalkOutcome.OPEN, listing, run_no, Purpose.HEAD),
        )

    def move(self, run_no: int, listing: int, purpose: Purpose, first_position: int) -> None:
        """Note that a walk begins further ahead in the listing than it was begun."""
        self.db.execute(
            "UPDATE listing_walks SET first_position = ? WHERE listing = ? AND run_no = ? AND purpose = ?",
            (first_position, listing, run_no, purpose),
        )

    def find(self, run_no: int, listing: int, purpose: Purpose) -> Walk | None:
        """Return a walk of a run, or None."""
        row = self.db.execute(
            f"{_WALK} WHERE listing = ? AND run_no = ? AND purpose = ?", (listing, run_no, purpose)
        ).fetchone()
        return _walk(row) if row else None

    def of_run(self, run_no: int) -> list[Walk]:
        """Return the walks of a run."""
        return [_walk(row) for row in self.db.execute(f"{_WALK} WHERE run_no = ? ORDER BY listing", (run_no,))]

    def are_open(self, run_no: int) -> bool:
        """Whether a walk of the run has not come to its end. Asked after each page."""
        row = self.db.execute(
            "SELECT 1 FROM listing_walks WHERE run_no = ? AND outcome = ? LIMIT 1", (run_no, WalkOutcome.OPEN)
        ).fetchone()
        return row is not None

    def last_ended(self, listing: int) -> int | None:
        """Return the last run that walked a listing from its first page to its end; None: no run that is kept did."""
        row = self.db.execute(
            "SELECT MAX(run_no) FROM listing_walks WHERE listing = ? AND purpose = ? AND outcome = ?",
            (listing, Purpose.HEAD, WalkOutcome.ENDED),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def take_step(self, run_no: int, url_id: int, step: Step) -> None:
        """Note which walk a page that was queued belongs to."""
        self.db.execute(
            "INSERT OR REPLACE INTO listing_steps VALUES (?, ?, ?, ?, ?)",
            (url_id, run_no, step.listing, step.position, step.purpose),
        )

    def step(self, run_no: int, url_id: int) -> Step | None:
        """Return which walk of the run a page belongs to; None: to none."""
        row = self.db.execute(
            "SELECT listing, position, purpose FROM listing_steps WHERE url_id = ? AND run_no = ?", (url_id, run_no)
        ).fetchone()
        return Step(row[0], row[1], Purpose(row[2])) if row else None

    def forget_before(self, run_no: int) -> None:
        """Forget the walks of older runs."""
        for table in ("listing_walks", "listing_steps"):
            self.db.execute(f"DELETE FROM {table} WHERE run_no < ?", (run_no,))


_WALK = "SELECT listing, purpose, outcome, first_position, pages_wanted, reason FROM listing_walks"


def _walk(row: tuple[Any, ...]) -> Walk:
    return Walk(row[0], Purpose(row[1]), WalkOutcome(row[2]), *row[3:])
