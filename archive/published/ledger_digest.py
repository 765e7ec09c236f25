"""What the ledger says, without opening each of its many small files again: what was read is kept in one file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from archive import durable
from archive.errors import MachineTrouble
from archive.layout import Layout
from archive.published.tables import OpenTables
from archive.published.views import parquet_scan, raw_table, sql_text
from archive.site_state.names import in_sql, present_names

KEPT_FROM_ROWS = 256
"""Rows read from the ledger's own files from which on they are worth keeping: reading so many files takes 30 ms."""

GROUP_ROWS = 4_096
"""Rows of a group in the kept file: who asks for a few rows' counts unpacks a few groups."""

SUMMED = ("documents", "new", "changed", "withdrawn", "failed", "requests", "bytes_received")
"""Counts that have a column of their own: unpacking the whole of a year's counts takes a second."""

_COLUMNS = (
    *("run_seq", "run_id", "site", "event", '"at"', "started_at", "finished_at"),
    *(f"coalesce(counts['{name}'], 0)::BIGINT AS {name}" for name in SUMMED),
    "coalesce(TRY_CAST(json_extract_string(options, '$.partial') AS BOOLEAN), false) AS partial",
    "coalesce(TRY_CAST(json_extract_string(options, '$.reread') AS BOOLEAN), false) AS is_reread",
    *("counts", "options", "reason"),
)
_SHAPE = b"2"
"""Raised when the columns change."""

_TABLE_ID, _LAST_SEQ, _SHAPE_KEY = b"docarchive.table_id", b"docarchive.last_seq", b"docarchive.shape"
_NAMED_BY_SEQ = re.compile(r"-(\d{8,})-runs\.parquet")
"""A file that a publish wrote carries the `run_seq` of its last row."""


def open_ledger(layout: Layout, connection: duckdb.DuckDBPyConnection) -> None:
    """Make the view `ledger` in *connection*: every row of the ledger; an archive without runs has none.

    What was read is kept in `index/runs.parquet`, which may be deleted at any time. Raises DamagedFile where the
    ledger's log cannot be read.
    """
    connection.execute("SET TimeZone = 'UTC'")
    if not (layout.table("runs") / "_delta_log").is_dir():
        connection.register("ledger", _read(connection, ()))
        return
    table = OpenTables(layout).newest("runs")
    table_id = str(table.metadata().id).encode()
    folder = layout.table("runs")
    paths = [f"{folder}/{uri.rsplit('/', 1)[-1]}" for uri in table.file_uris()]
    kept = _path(layout)
    last = _kept_until(kept, table_id)
    rows = _read(connection, [path for path in paths if not _is_kept(path, last)], after=last)
    if rows.num_rows >= KEPT_FROM_ROWS:
        if last:
            rows = pa.concat_tables([pq.ParquetFile(kept).read().replace_schema_metadata(None), rows])
        _keep(kept, table_id, rows)
        last = 0
    connection.register("ledger_tail", rows)
    earlier = f"SELECT * FROM read_parquet({sql_text(str(kept))}, hive_partitioning = false) UNION ALL " if last else ""
    names = present_names(layout)  # what is kept has the names that the rows were written with
    shown = f"* REPLACE ({in_sql('site', names)} AS site)" if names else "*"
    connection.execute(f"CREATE TEMP VIEW ledger AS SELECT {shown} FROM ({earlier}SELECT * FROM ledger_tail)")


def _is_kept(path: str, last_seq: int) -> bool:
    """Whether all rows of a file are known; of one with another name (compacted) that cannot be told without it."""
    named = _NAMED_BY_SEQ.search(path)
    return named is not None and int(named[1]) <= last_seq


def _read(connection: duckdb.DuckDBPyConnection, paths: Sequence[str], after: int = 0) -> pa.Table:
    source = parquet_scan("runs", sorted(paths)) if paths else f"({raw_table('runs', ())})"
    sql = f"SELECT {', '.join(_COLUMNS)} FROM {source} WHERE run_seq > {after} ORDER BY run_seq"
    return connection.sql(sql).to_arrow_table()


def _path(layout: Layout) -> Path:
    return layout.root / "index" / "runs.parquet"


def _kept_until(path: Path, table_id: bytes) -> int:
    """Return the last `run_seq` that was kept of this very table, 0 for none: a rebuilt table has another id."""
    try:
        metadata = pq.read_schema(path).metadata or {}
        if metadata.get(_TABLE_ID) != table_id or metadata.get(_SHAPE_KEY) != _SHAPE:
            return 0
        return int(metadata[_LAST_SEQ])
    except (OSError, pa.ArrowInvalid, KeyError, ValueError):  # not there, or damaged: it can be made again
        return 0


def _keep(path: Path, table_id: bytes, rows: pa.Table) -> None:
    last = str(rows.column("run_seq")[-1].as_py()).encode()
    kept = rows.replace_schema_metadata({_TABLE_ID: table_id, _LAST_SEQ: last, _SHAPE_KEY: _SHAPE})
    sink = pa.BufferOutputStream()
    pq.write_table(kept, sink, compression="zstd", row_group_size=GROUP_ROWS)
    with suppress(MachineTrouble, OSError):  # a reader need not be allowed to write, nor the disk have room
        durable.make_folder(path.parent)
        durable.write_file(path, sink.getvalue().to_pybytes())
