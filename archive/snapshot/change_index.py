"""Which changes there are behind a row of the ledger: a table with where the record of each lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

import duckdb
import pyarrow as pa

from archive.snapshot.duckdb_session import arrow_batches, execute
from archive.snapshot.replay import Fact, Step, replay
from archive.snapshot.rows import dicts

FACT_ROWS = 20_000
"""Sightings and decisions read at a time."""

STEP_ROWS = 50_000
"""Steps that are handed to the engine at a time."""

_INSTANT = pa.timestamp("us", "UTC")

_STEPS = pa.schema(
    [
        ("run_seq", pa.int64()),
        ("site", pa.string()),
        ("doc_id", pa.string()),
        ("ordinal", pa.int64()),
        ("event", pa.string()),
        ("version", pa.int64()),
        ("content_digest", pa.string()),
        ("first_seen", _INSTANT),
        ("last_seen", _INSTANT),
        ("before_digest", pa.string()),
        ("before_first_seen", _INSTANT),
        ("before_last_seen", _INSTANT),
        ("is_newest", pa.bool_()),
        ("at", _INSTANT),
        ("reason", pa.string()),
    ]
)


def make_told(connection: duckdb.DuckDBPyConnection, since: int) -> None:
    """Make the table `told` of every change behind ledger row *since*, as the runs visible in *connection* have it.

    `position` counts them from 1 in their order. `row_file`, `row_number` and `before_file`, `before_number` are where
    in `raw_versions` the records lie that are told as being there and as having been.
    """
    execute(connection, _ADDED.format(since=since))
    rows = (dicts(batch) for batch in arrow_batches(connection, _FACTS, None, FACT_ROWS))
    # Taken whole before any is added: the engine answers one question at a time.
    insert(connection, "steps", list(_tables(_steps((row for batch in rows for row in batch), since))))
    execute(connection, _TOLD)


def insert(connection: duckdb.DuckDBPyConnection, table: str, tables: Iterable[pa.Table]) -> None:
    """Add rows of ours to a temporary table of *connection*."""
    for rows in tables:
        connection.register("_rows", rows)
        try:
            execute(connection, f"INSERT INTO {table} SELECT * FROM _rows")
        finally:
            connection.unregister("_rows")


def _steps(rows: Iterable[dict[str, Any]], since: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of `steps` that *rows* of facts make: document by document, each in the order of the ledger."""
    for (site, doc_id), group in groupby(rows, key=lambda row: (row["site"], row["doc_id"])):
        facts = (
            Fact(row["visible_seq"], row["at"], row["content_digest"], row["decision"], row["reason"]) for row in group
        )
        for ordinal, step in enumerate(replay(facts, since)):
            yield {"site": site, "doc_id": doc_id, "ordinal": ordinal, **_row(step)}


def _row(step: Step) -> dict[str, Any]:
    before = step.before
    return {
        "run_seq": step.visible_seq,
        "event": step.kind,
        "version": step.number,
        "content_digest": step.version.content,
        "first_seen": step.version.first_seen,
        "last_seen": step.version.last_seen,
        "before_digest": before.content if before else None,
        "before_first_seen": before.first_seen if before else None,
        "before_last_seen": before.last_seen if before else None,
        "is_newest": step.is_newest,
        "at": step.at,
        "reason": step.reason,
    }


def _tables(rows: Iterator[dict[str, Any]]) -> Iterator[pa.Table]:
    while some := list(islice(rows, STEP_ROWS)):
        yield pa.Table.from_pylist(some, schema=_STEPS)


# Most documents are seen with one content and never withdrawn: of them there is one thing to tell.
_ADDED = """
CREATE TEMP TABLE decided AS
SELECT site, doc_id, max(visible_seq) AS last_seq FROM raw_decisions JOIN visible_runs USING (run_id)
WHERE kind IN ('withdrawn', 'returned') GROUP BY site, doc_id;

CREATE TEMP TABLE lives AS
SELECT site, doc_id, s.several, s.content_digest, s.first_seq, s.first_seen, s.last_seen,
  d.last_seq IS NOT NULL AS decided
FROM (
  SELECT site, doc_id, min(content_digest) <> max(content_digest) AS several, min(content_digest) AS content_digest,
    min(visible_seq) AS first_seq, max(visible_seq) AS last_seq,
    arg_min(seen_from, (visible_seq, seen_from)) AS first_seen,
    arg_max(seen_until, (-visible_seq, seen_until)) AS last_seen
  FROM raw_sightings JOIN visible_runs USING (run_id) GROUP BY site, doc_id
) s LEFT JOIN decided d USING (site, doc_id)
WHERE s.last_seq > {since} OR d.last_seq > {since};

CREATE TEMP TABLE replayed AS SELECT site, doc_id FROM lives WHERE several OR decided;

CREATE TEMP TABLE steps AS
SELECT first_seq AS run_seq, site, doc_id, 0::BIGINT AS ordinal, 'added' AS event, 1::BIGINT AS version, content_digest,
  first_seen, last_seen, NULL::VARCHAR AS before_digest, NULL::TIMESTAMPTZ AS before_first_seen,
  NULL::TIMESTAMPTZ AS before_last_seen, true AS is_newest, first_seen AS "at", NULL::VARCHAR AS reason
FROM lives WHERE NOT (several OR decided) AND first_seq > {since};

DROP TABLE lives; DROP TABLE decided;
"""

_FACTS = """
SELECT * FROM (
  SELECT site, doc_id, visible_seq, unnest([seen_from, seen_until]) AS "at", content_digest, NULL AS decision,
    NULL AS reason
  FROM raw_sightings SEMI JOIN replayed USING (site, doc_id) JOIN visible_runs USING (run_id)
  UNION ALL
  SELECT site, doc_id, visible_seq, "at", NULL, kind, reason
  FROM raw_decisions SEMI JOIN replayed USING (site, doc_id) JOIN visible_runs USING (run_id)
  WHERE kind IN ('withdrawn', 'returned')
) ORDER BY site, doc_id, visible_seq
"""


def _rows_of(prefix: str, which: str) -> str:
    """Return SQL: which row of `raw_versions` holds a step's record, by the rules of the view `version_index`."""
    digest, first, last = (f"n.{prefix}{name}" for name in ("digest", "first_seen", "last_seen"))
    if not prefix:
        digest = "n.content_digest"
    return f"""
SELECT n.position, c.row_file AS {which}_file, c.file_row_number AS {which}_number, c.is_import, c.by_reader
FROM numbered n JOIN candidates c
  ON c.site = n.site AND c.doc_id = n.doc_id AND c.content_digest = {digest} AND c.visible_seq <= n.run_seq
QUALIFY row_number() OVER (
  PARTITION BY n.position
  ORDER BY (c.fetched_at >= {first} AND c.fetched_at <= {last}) DESC, c.fetched_at, c.visible_seq, c.row_file,
    c.file_row_number) = 1"""


# The order within a row of the ledger has no site before the document's ID: a site that is renamed changes no place.
_TOLD = f"""
CREATE TEMP TABLE numbered AS
SELECT *, row_number() OVER (ORDER BY run_seq, doc_id, site, ordinal) AS position FROM steps;
DROP TABLE steps;

CREATE TEMP TABLE told AS
WITH candidates AS MATERIALIZED (
  SELECT site, doc_id, content_digest, fetched_at, visible_seq, row_file, file_row_number, is_import,
    previous_reread_digest = content_digest AS by_reader
  FROM raw_versions SEMI JOIN numbered USING (site, doc_id) JOIN visible_runs USING (run_id)
),
rereads AS (
  SELECT DISTINCT run_id FROM raw_runs
  WHERE event IN ('published', 'accepted')
    AND coalesce(TRY_CAST(json_extract_string(options, '$.reread') AS BOOLEAN), false)
),
of_after AS ({_rows_of("", "row")}),
of_before AS ({_rows_of("before_", "before")})
SELECT n.*, v.run_id, v.published_at, a.row_file, a.row_number, b.before_file, b.before_number,
  CASE
    WHEN event IN ('withdrawn', 'returned') THEN 'site'
    WHEN v.run_id IN (SELECT run_id FROM rereads) THEN 'reader'
    WHEN a.is_import THEN 'import'
    WHEN a.by_reader AND n.version > 1 THEN 'reader'
    ELSE 'site'
  END AS cause
FROM numbered n JOIN visible_runs v ON v.visible_seq = n.run_seq
LEFT JOIN of_after a USING (position) LEFT JOIN of_before b USING (position);
DROP TABLE numbered;
"""
