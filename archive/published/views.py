"""The views that make tables readable, as plain SQL over the files of one snapshot."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from archive import durable
from archive.layout import TABLES, Layout
from archive.published import tables
from archive.published.tables import OpenTables, Snapshot
from archive.site_state.names import in_sql

HEADING = """\
-- Written at every publish; do not edit. In the folder of this file:  duckdb -init views.sql
-- or in Python:  duckdb.sql(open("views.sql").read()); duckdb.sql("SELECT site, doc_id, title FROM documents")
-- From elsewhere, first:  SET file_search_path = 'the folder of this file';

"""

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.int32(): "INTEGER",
    pa.date32(): "DATE",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
    pa.list_(pa.string()): "VARCHAR[]",
    pa.map_(pa.string(), pa.string()): "MAP(VARCHAR, VARCHAR)",
    pa.map_(pa.string(), pa.int64()): "MAP(VARCHAR, BIGINT)",
    pa.map_(pa.string(), pa.list_(pa.string())): "MAP(VARCHAR, VARCHAR[])",
    tables.MEMBERS: (
        "STRUCT(seen_from TIMESTAMP WITH TIME ZONE[], seen_until TIMESTAMP WITH TIME ZONE[], capture VARCHAR[], "
        "reader VARCHAR[], run_id VARCHAR[], counters MAP(VARCHAR, BIGINT)[])"
    ),
}

_RAW_SIGHTINGS = """\
CREATE OR REPLACE VIEW stored_sightings AS {stored};

-- Each sighting; a compaction makes neighbouring ones of one content into an interval that names its members.
CREATE OR REPLACE VIEW raw_sightings AS
{each};
"""

_EACH_SIGHTING = """\
SELECT site, doc_id, content_digest, seen_from, seen_until, capture, reader, run_id, counters
FROM {stored} WHERE members IS NULL
UNION ALL
SELECT site, doc_id, content_digest, unnest(members.seen_from) AS seen_from, unnest(members.seen_until) AS seen_until,
  unnest(members.capture) AS capture, unnest(members.reader) AS reader, unnest(members.run_id) AS run_id,
  unnest(members.counters) AS counters
FROM {stored} WHERE members IS NOT NULL"""


def sql_text(text: str) -> str:
    """Return *text* as an SQL string.

    >>> sql_text("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """Return *name* as an SQL identifier.

    >>> sql_name("at")
    '"at"'
    """
    return '"' + name.replace('"', '""') + '"'


def parquet_scan(name: str, paths: Iterable[str]) -> str:
    """Return the table function that reads the files *paths* of table *name*.

    `versions` comes with where each row lies: `row_file`, `file_row_number`.
    """
    listed = ",\n  ".join(sql_text(path) for path in paths)
    located = ", filename = 'row_file', file_row_number = true" if name == "versions" else ""
    return f"read_parquet([\n  {listed}], hive_partitioning = false{located})"


def raw_table(name: str, paths: Sequence[str], names: Mapping[str, str] | None = None) -> str:
    """Return a SELECT over all rows of table *name*; of no files, one without rows but with the columns' types.

    *names*: former name -> present name of sites; every row is shown under the present one.
    """
    if paths:
        shown = f"* REPLACE ({in_sql('site', names)} AS site)" if names else "*"
        return f"SELECT {shown} FROM {parquet_scan(name, paths)}"
    columns = [f"CAST(NULL AS {_SQL_TYPES[field.type]}) AS {sql_name(field.name)}" for field in tables.SCHEMAS[name]]
    if name == "versions":
        columns += ["CAST(NULL AS VARCHAR) AS row_file", "CAST(NULL AS BIGINT) AS file_row_number"]
    return "SELECT " + ", ".join(columns) + " WHERE false"


def sightings_of(stored: str) -> str:
    """Return a SELECT over each sighting in *stored*: a view over files of the table, or a SELECT in brackets."""
    return _EACH_SIGHTING.format(stored=stored)


def raw_views(snapshot: Snapshot, *, relative_to: Path | None = None) -> str:
    """Return the statements that make `raw_versions`, `raw_sightings`, ... of the snapshot's files.

    The paths are absolute, or relative to the archive's folder *relative_to*.
    """
    statements = []
    above = len(f"{relative_to}/") if relative_to else 0
    for name in TABLES:
        paths = [path[above:] for path in snapshot.files[name]]
        if name == "sightings":
            each = sightings_of("stored_sightings")
            statements.append(_RAW_SIGHTINGS.format(stored=raw_table(name, paths, snapshot.names), each=each))
        else:
            statements.append(f"CREATE OR REPLACE VIEW raw_{name} AS {raw_table(name, paths, snapshot.names)};\n")
    return "\n".join(statements)


@lru_cache(maxsize=1)
def reader_views() -> str:
    """Return the statements that make what readers see (`documents`, `versions`, ...) over the raw views."""
    return files("archive.published").joinpath("views.sql").read_text(encoding="utf-8")


_OVER_HISTORIES = (
    *("history_index", "version_index", "withdrawals", "original_texts", "located_versions", "versions", "documents"),
)
"""The readers' views that stand on many others: DuckDB takes its time to bind them."""


def quick_views() -> str:
    """Return the statements of `reader_views` that cost next to nothing: they stand on the raw views alone."""
    return "\n".join(text for name, text in _statements().items() if name not in _OVER_HISTORIES)


def views_over_histories() -> str:
    """Return the other statements of `reader_views`, to come behind `quick_views`."""
    return "\n".join(_statements()[name] for name in _OVER_HISTORIES)


def visible_runs_view(source: str) -> str:
    """Return the statements that make `visible_runs` and `work_runs` of another source than the ledger's files."""
    return "\n".join(_of_source(name, source) for name in ("visible_runs", "work_runs"))


def _of_source(name: str, source: str) -> str:
    return _statements()[name].replace("FROM raw_runs", f"FROM {source}")


def temporary_views(names: Collection[str]) -> str:
    """Return the statements that make some of the readers' views for one connection alone, over its own raw views."""
    return "".join(_temporary(statement) for name, statement in _statements().items() if name in names)


def temporary_visible_runs(source: str) -> str:
    """Return `visible_runs_view` for one connection alone."""
    return "".join(_temporary(_of_source(name, source)) for name in ("visible_runs", "work_runs"))


def _temporary(statement: str) -> str:
    return statement.replace("CREATE OR REPLACE VIEW", "CREATE OR REPLACE TEMP VIEW", 1) + "\n"


@lru_cache(maxsize=1)
def _statements() -> dict[str, str]:
    """The readers' views by name, in order."""
    return {statement.split(" ", 5)[4]: statement for statement in _STATEMENT.findall(reader_views())}


_STATEMENT = re.compile(r"^CREATE OR REPLACE VIEW .+?;$", re.MULTILINE | re.DOTALL)


def keep_views_current(layout: Layout, opened: OpenTables) -> None:
    """Write `views.sql`; again when something was committed meanwhile, whose writer may have been quicker."""
    while True:
        write_views(layout, opened.snapshot())
        if not opened.moved_on("runs"):
            return


def write_views(layout: Layout, snapshot: Snapshot) -> None:
    """Write `views.sql`, whole or not at all: any DuckDB then has the views, without our code.

    Raises MachineTrouble when it cannot be written.
    """
    text = HEADING + raw_views(snapshot, relative_to=layout.root) + "\n" + reader_views()
    durable.write_file(layout.views_sql, text.encode())
