"""A place in the ledger, from which a reader of changes goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import pyarrow as pa

from archive.errors import UsageError
from archive.partial_date import days_covered
from archive.snapshot.duckdb_session import Session, arrow, close
from archive.snapshot.rows import first_row
from archive.snapshot.selection import run_or_instant

DIGEST_CHARACTERS = 16
"""Of a row's digest: 64 bits tell two ledgers apart."""

NO_ROW = "0" * DIGEST_CHARACTERS
"""Stands for the digest before the first row."""

_TEXT = re.compile(rf"(\d{{1,18}})-([0-9a-f]{{{DIGEST_CHARACTERS}}})(?:\+(\d{{1,18}}))?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to a ledger row, and some of what follows it, has been told.

    As text `SEQ-DIGEST`, or `SEQ-DIGEST+TOLD` where some of what follows was told, too. The digest is the beginning of
    the row's own, which stands for the whole ledger before it.

    >>> Cursor.parse("12-00ff00ff00ff00ff+3")
    Cursor(run_seq=12, digest='00ff00ff00ff00ff', told=3)
    >>> str(Cursor.parse("12-00ff00ff00ff00ff"))
    '12-00ff00ff00ff00ff'
    """

    run_seq: int = 0
    digest: str = NO_ROW
    told: int = 0
    """Changes behind the row that have been told, whatever the question was."""

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Return the cursor that *text* is; None where it is no cursor."""
        match = _TEXT.fullmatch(text)
        return cls(int(match[1]), match[2], int(match[3] or 0)) if match else None

    def __str__(self) -> str:
        return f"{self.run_seq}-{self.digest}{f'+{self.told}' if self.told else ''}"


BEGINNING = Cursor()


def cursor_at(session: Session, run_seq: int, told: int = 0) -> Cursor:
    """Return the cursor behind row *run_seq* of the ledger, which must be there, or be 0."""
    return Cursor(run_seq, _digest(session, run_seq) or NO_ROW, told)


def cursor_of(session: Session, since: str | datetime | date | Cursor | None) -> Cursor:
    """Return the place that *since* names: a cursor, a run's id, an instant or a day; None: the beginning.

    Behind a run is behind the row that made it visible. An instant, and a day as its first one, leaves out what was
    published before it. Raises UsageError for what names no place, and for a cursor of another ledger.
    """
    if since is None:
        return BEGINNING
    cursor = since if isinstance(since, Cursor) else Cursor.parse(since) if isinstance(since, str) else None
    if cursor is not None:
        return _checked(session, cursor)
    if isinstance(since, date) and not isinstance(since, datetime):
        since = since.isoformat()
    if isinstance(since, str) and _DAY.fullmatch(since) and days_covered(since):
        since = datetime.combine(date.fromisoformat(since), time.min, UTC)
    moment = run_or_instant("since", since)
    return cursor_at(
        session, _row_before(session, moment) if isinstance(moment, datetime) else _row_of(session, moment)
    )


def _checked(session: Session, cursor: Cursor) -> Cursor:
    if cursor.run_seq == 0 and cursor.digest == NO_ROW:
        return cursor
    digest = _digest(session, cursor.run_seq)
    if digest != cursor.digest:
        raise UsageError(
            f"cursor {cursor} is not of this archive's ledger as it stands; begin anew without it, or at an instant: "
            "docarchive changes --since 2026-03-01T03:00:00Z"
        )
    return cursor


def _digest(session: Session, run_seq: int) -> str | None:
    """Return the beginning of a ledger row's digest; None where there is no such row."""
    row = first_row(_asked(session, "SELECT digest FROM raw_runs WHERE run_seq = $asked", run_seq))
    return row["digest"].removeprefix("sha256:")[:DIGEST_CHARACTERS] if row else None


def _row_of(session: Session, run_id: str) -> int:
    seen = "min(run_seq) FILTER (WHERE event IN ('published', 'accepted'))"
    row = first_row(
        _asked(session, f"SELECT coalesce({seen}, max(run_seq)) AS seq FROM ledger_rows WHERE run_id = $asked", run_id)
    )
    if row is None or row["seq"] is None:
        raise UsageError(
            f"{run_id!r} is no cursor, no run of this archive and no instant; list runs with: docarchive runs"
        )
    return int(row["seq"])


def _row_before(session: Session, moment: datetime) -> int:
    row = first_row(
        _asked(session, 'SELECT coalesce(max(run_seq), 0) AS seq FROM ledger_rows WHERE "at" < $asked', moment)
    )
    assert row is not None
    return int(row["seq"])


def _asked(session: Session, sql: str, value: object) -> pa.Table:
    connection = session.cursor()
    try:
        return arrow(connection, sql, {"asked": value})
    finally:
        close(connection)
