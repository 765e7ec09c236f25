"""Which archived captures are read again, and what was published of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from archive.layout import Layout
from archive.published.tables import snapshot
from archive.published.views import sql_text, temporary_visible_runs
from archive.record import VERSION_FIELDS
from archive.site_state.planned import NO_PAGES, Body, Earlier, Place, Planned
from archive.snapshot.duckdb_session import Session, arrow, arrow_batches, execute, one
from archive.snapshot.rows import dicts

BATCH_ROWS = 2000
"""Captures of a plan in memory as Python objects at a time."""

NOT_MODIFIED = 304
"""HTTP status of an answer that has the body of an earlier one, which came with 200."""

SHOWN_FIELDS = ("preview_text", "flags", "provenance")
"""Columns of a published version that are looked at beside those that make versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What of a site is read again."""

    site: str
    every: bool = False
    """Every capture; else the newest of each document and of each page that is none."""
    last_seq: int
    """Only what the ledger had made visible by this row: a plan that is gone on with stays the same."""


class Readings:
    """What a snapshot of the archive holds to be read again."""

    def __init__(self, layout: Layout) -> None:
        self._scratch = TemporaryDirectory(prefix="docarchive-")
        self._session = Session(snapshot(layout), spill_to=self._scratch.name)
        self.last_seq = int(one(self._session.connection, "SELECT coalesce(max(run_seq), 0) FROM ledger_rows"))

    def close(self) -> None:
        """Let go of memory and files."""
        self._session.close()
        self._scratch.cleanup()

    def sites(self) -> list[str]:
        """Return the sites that have captures, sorted."""
        return list(arrow(self._session.connection, _SITES)["site"].to_pylist())

    def plan(self, extent: Extent) -> Plan:
        """Return what is to be read of the published captures of a site."""
        return Plan(self._session, extent)

    def plan_of_held(self, extent: Extent, pages: Iterator[Mapping[str, Any]]) -> Plan:
        """Return what is to be read of a run that is held: of its staged *pages*, which are not in the tables."""
        return Plan(self._session, extent, staged=(_staged(page) for page in pages if _is_page(page)))


class Plan:
    """Captures in the order in which they lie in the WARC files."""

    def __init__(self, session: Session, extent: Extent, staged: Iterator[Sequence[Any]] | None = None) -> None:
        """*staged*: pages of a held run (see `_STAGED_COLUMNS`), in the place of published ones."""
        self._connection = session.cursor()
        source = f"(FROM memory.main.ledger_rows WHERE run_seq <= {extent.last_seq} OR event = 'takedown')"
        execute(self._connection, temporary_visible_runs(source))
        execute(self._connection, _published(extent.site))
        if staged is not None:
            execute(self._connection, f"CREATE TEMP TABLE chosen({_STAGED_COLUMNS})")
            _fill(self._connection, staged)
        else:
            execute(self._connection, "CREATE TEMP TABLE chosen AS " + (_EVERY if extent.every else _NEWEST))
        execute(self._connection, _plan(extent.site))
        self.pages = int(one(self._connection, "SELECT count(*) FROM plan"))
        self.lost: list[str] = arrow(self._connection, _LOST)["capture"].to_pylist()
        """Captures whose body no record holds."""

    def close(self) -> None:
        """Let go of the temporary tables."""
        self._connection.close()

    def after(self, place: Place | None = None) -> Iterator[Planned]:
        """Yield the captures behind *place*; None: all."""
        behind = ""
        if place is not None:
            at = f"({sql_text(place.file)}, {place.offset}, {sql_text(place.capture)})"
            behind = f"AND (warc_file, warc_offset, capture) > {at}"
        sql = f"SELECT * FROM plan WHERE warc_file IS NOT NULL {behind} ORDER BY warc_file, warc_offset, capture"
        for batch in arrow_batches(self._connection, sql, None, BATCH_ROWS):
            yield from (_planned(row) for row in batch.to_pylist())


class PublishedValues:
    """Rows of `versions`, fetched by where they lie."""

    def __init__(self) -> None:
        self._path = ""
        self._file: Any = None

    def of(self, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
        """Return the rows at *places*: `VERSION_FIELDS` and `SHOWN_FIELDS`."""
        found: dict[tuple[str, int], dict[str, Any]] = {}
        by_file: dict[str, list[int]] = {}
        for path, number in places:
            by_file.setdefault(path, []).append(number)
        for path, numbers in by_file.items():
            if path != self._path:  # the rows of one WARC file lie in few files
                columns = [*dict.fromkeys((*VERSION_FIELDS, *SHOWN_FIELDS))]
                self._path, self._file = path, pq.read_table(path, columns=columns, partitioning=None)
            for number, row in zip(numbers, dicts(self._file.take(numbers)), strict=True):
                found[path, number] = row
        return found


def _planned(row: dict[str, Any]) -> Planned:
    earlier = None
    if row["earlier_digest"] is not None:
        file = row["earlier_file"]
        earlier = Earlier(
            row["earlier_url"] or row["url"],
            row["earlier_at"],
            row["earlier_status"] or 200,
            row["earlier_digest"],
            row["earlier_reader"],
            Body(file, row["earlier_offset"], row["earlier_length"]) if file is not None else None,
        )
    return Planned(
        row["capture"],
        row["url"],
        row["fetched_at"],
        row["http_status"],
        row["payload_digest"],
        Body(row["warc_file"], row["warc_offset"], row["warc_length"]),
        row["doc_id"],
        row["content_digest"],
        (row["row_file"], row["file_row_number"]) if row["row_file"] is not None else None,
        earlier,
    )


def _is_page(row: Mapping[str, Any]) -> bool:
    """Whether a staged exchange is a page of the site that can be read; the tables' are chosen so in `_published`."""
    status = row["http_status"]
    answered = status in (200, 203) or (status == NOT_MODIFIED and row["source"] is not None)
    return answered and row["reason"] not in NO_PAGES and not row["reason"].startswith("truncated_")


def _staged(row: Mapping[str, Any]) -> Sequence[Any]:
    """Return the `_STAGED_COLUMNS` of a staged page."""
    body = row["source"] or row
    return (
        row["capture"],
        row["url"],
        row["canonical_url"],
        row["fetched_at"],
        200 if row["http_status"] == NOT_MODIFIED else row["http_status"],
        row["payload_digest"],
        body["warc_file"],
        body["warc_offset"],
        body["warc_length"],
    )


def _fill(connection: Any, staged: Iterator[Sequence[Any]]) -> None:
    """Put *staged* into `chosen`, some at a time."""
    while rows := list(islice(staged, BATCH_ROWS)):
        values = ", ".join("(" + ", ".join(_constant(value) for value in row) + ")" for row in rows)
        execute(connection, f"INSERT INTO chosen VALUES {values}")


def _constant(value: Any) -> str:
    if value is None:
        return "NULL"
    return sql_text(value) if isinstance(value, str) else str(value)


_SITES = "SELECT DISTINCT site FROM captures WHERE site IS NOT NULL ORDER BY site"

_STAGED_COLUMNS = (
    "capture VARCHAR, url VARCHAR, canonical_url VARCHAR, fetched_at TIMESTAMPTZ, http_status INTEGER, "
    "payload_digest VARCHAR, warc_file VARCHAR, warc_offset BIGINT, warc_length BIGINT"
)


def _published(site: str) -> str:
    """Return the statements that make `readings` (what was last published of each document's capture) and `pages`."""
    name = sql_text(site)
    reasons = ", ".join(map(sql_text, NO_PAGES))
    return f"""
    CREATE TEMP TABLE readings AS
    SELECT doc_id, capture, content_digest, reader, seen_from, seen_until, visible_seq
    FROM raw_sightings JOIN visible_runs USING (run_id)
    WHERE site = {name}
    QUALIFY row_number() OVER (
      PARTITION BY doc_id, capture ORDER BY visible_seq DESC, content_digest DESC) = 1;
    CREATE TEMP TABLE pages AS
    SELECT capture, url, canonical_url, fetched_at, doc_id, payload_digest, coalesce(refers_to, capture) AS body,
      CASE http_status WHEN {NOT_MODIFIED} THEN 200 ELSE http_status END AS http_status
    FROM raw_captures SEMI JOIN visible_runs USING (run_id)
    WHERE site = {name} AND (http_status IN (200, 203) OR (http_status = {NOT_MODIFIED} AND refers_to IS NOT NULL))
      AND reason NOT IN ({reasons}) AND NOT starts_with(reason, 'truncated_');
    CREATE TEMP VIEW bodies AS
    SELECT capture, warc_file, warc_offset, warc_length FROM raw_captures
    WHERE site = {name} AND record_type <> 'revisit';
    """


_WITH_BODY = """
SELECT p.capture, p.url, p.canonical_url, p.fetched_at, p.http_status, p.payload_digest,
  b.warc_file, b.warc_offset, b.warc_length
FROM pages p LEFT JOIN bodies b ON b.capture = p.body
"""

_EVERY = _WITH_BODY

_NEWEST = f"""
{_WITH_BODY}
WHERE p.capture IN (
  SELECT capture FROM pages
  QUALIFY row_number() OVER (PARTITION BY canonical_url ORDER BY fetched_at DESC, capture DESC) = 1
) OR p.capture IN (SELECT arg_max(capture, (seen_until, visible_seq)) FROM readings GROUP BY doc_id)
"""
"""The newest capture of each page, and the one that the newest values of each document are from."""


def _plan(site: str) -> str:
    """Return the statements that make `plan` of what is `chosen`."""
    return f"""
    CREATE TEMP TABLE ids AS
    SELECT canonical_url, arg_min(doc_id, fetched_at) AS doc_id FROM (
      SELECT canonical_url, fetched_at, doc_id FROM pages WHERE doc_id IS NOT NULL
      UNION ALL
      SELECT p.canonical_url, p.fetched_at, r.doc_id FROM pages p JOIN readings r USING (capture)
    ) GROUP BY canonical_url;

    CREATE TEMP TABLE identified AS
    SELECT c.*, coalesce(r.doc_id, ids.doc_id) AS doc_id, r.content_digest
    FROM chosen c LEFT JOIN readings r USING (capture) LEFT JOIN ids USING (canonical_url);

    -- A sighting that several were made one of has the capture of one end alone.
    CREATE TEMP TABLE covered AS
    SELECT i.* REPLACE (coalesce(
      i.content_digest, CASE WHEN r.seen_until >= i.fetched_at AND p.doc_id IS NOT NULL THEN r.content_digest END
    ) AS content_digest)
    FROM identified i
    LEFT JOIN (SELECT capture, doc_id FROM pages) p ON p.capture = i.capture
    ASOF LEFT JOIN readings r ON r.doc_id = i.doc_id AND i.fetched_at >= r.seen_from;

    DROP TABLE chosen; DROP TABLE ids; DROP TABLE identified;

    CREATE TEMP TABLE plan AS
    SELECT c.*, v.row_file, v.file_row_number, p.url AS earlier_url, e.seen_until AS earlier_at,
      p.http_status AS earlier_status, e.content_digest AS earlier_digest, e.reader AS earlier_reader,
      b.warc_file AS earlier_file, b.warc_offset AS earlier_offset, b.warc_length AS earlier_length
    FROM covered c
    ASOF LEFT JOIN readings e ON e.doc_id = c.doc_id AND c.fetched_at > e.seen_until
    LEFT JOIN pages p ON p.capture = e.capture
    LEFT JOIN bodies b ON b.capture = p.body
    LEFT JOIN (
      SELECT doc_id, content_digest, min(row_file) AS row_file,
        arg_min(file_row_number, (row_file, file_row_number)) AS file_row_number
      FROM raw_versions SEMI JOIN visible_runs USING (run_id) WHERE site = {sql_text(site)} GROUP BY ALL
    ) v ON v.doc_id = c.doc_id AND v.content_digest = c.content_digest;

    DROP TABLE covered; DROP TABLE readings; DROP TABLE pages;
    """


_LOST = "SELECT capture FROM plan WHERE warc_file IS NULL ORDER BY capture"
