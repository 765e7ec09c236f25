"""The captures that documents were read from, as they lie in the archive's WARC files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archive.layout import Layout
from archive.snapshot.duckdb_session import Session, arrow
from archive.snapshot.rows import dicts
from archive.warc.reading import MAX_REVISITS, Position, read_member

_COLUMNS = (
    "capture, url, fetched_at, http_status, content_type, record_type, refers_to, payload_digest, "
    "warc_file, warc_offset, warc_length"
)


class Captured(NamedTuple):
    """One capture."""

    row: Mapping[str, Any]
    """What the view `captures` says of it."""
    member: bytes
    """Its WARC record as a gzip member."""


def captured(session: Session, layout: Layout, captures: Sequence[str]) -> Iterator[Captured]:
    """Yield *captures* that the archive has, and what revisits among them repeat, in the order of the WARC files.

    Raises DamagedFile for a file that does not hold what it should.
    """
    rows: dict[str, Mapping[str, Any]] = {}
    wanted = list(dict.fromkeys(captures))
    for _ in range(MAX_REVISITS + 1):
        found = arrow(
            session.connection,
            f"SELECT {_COLUMNS} FROM captures SEMI JOIN (SELECT unnest($wanted::VARCHAR[]) AS capture) USING (capture)",
            {"wanted": wanted},
        )
        rows |= {row["capture"]: row for row in dicts(found)}
        wanted = [row["refers_to"] for row in rows.values() if row["refers_to"] and row["refers_to"] not in rows]
        if not wanted:
            break
    for row in sorted(rows.values(), key=lambda row: (row["warc_file"], row["warc_offset"])):
        yield Captured(row, read_member(layout, Position(row["warc_file"], row["warc_offset"], row["warc_length"])))
