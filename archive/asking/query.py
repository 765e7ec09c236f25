"""One SELECT of the user's own, that can read the archive's views and do nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from archive.errors import UsageError
from archive.snapshot.duckdb_session import Parameters, Session, arrow, arrow_batches, close, one, translated

BATCH_ROWS = 2000

REFUSED_FUNCTIONS = frozenset(
    {
        # Waits where an interrupt does not reach it.
        *("pg_sleep", "sleep_ms"),
        # Run SQL from text, past what is checked here.
        *("query", "query_table", "json_execute_serialized_sql"),
        # Change the engine, its log or what it holds outside of itself.
        *("checkpoint", "force_checkpoint", "enable_logging", "disable_logging", "write_log", "truncate_duckdb_logs"),
        *("enable_profiling", "disable_profiling", "create_external_resource", "destroy_external_resource"),
        *("add_grammar_extension", "remove_grammar_extension"),
        *("register_external_resource", "register_external_resource_type", "deregister_external_resource"),
        # Take addresses in memory.
        *("arrow_scan", "arrow_scan_dumb", "pandas_scan", "python_arrow_scan", "python_map_function", "seq_scan"),
        # Read files: what may be read has a view.
        *("glob", "read_text", "read_blob", "read_csv", "read_csv_auto", "read_json", "read_json_auto", "read_duckdb"),
        *("read_json_objects", "read_json_objects_auto", "read_ndjson", "read_ndjson_auto", "read_ndjson_objects"),
        *("read_ndjson_objects_auto", "sniff_csv", "read_parquet", "parquet_scan", "parquet_metadata"),
        *("parquet_schema", "parquet_file_metadata", "parquet_full_metadata", "parquet_kv_metadata"),
        *(
            "parquet_page_index",
            "parquet_bloom_probe",
            "read_single_csv_file",
            "read_single_json_file",
            "read_single_parquet_file",
        ),
        *("duckdb_secrets", "which_secret", "getenv"),
    }
)
"""The engine is locked as well; these are refused before it sees them."""

_BOUNDLESS = frozenset(
    {
        *("repeat", "range", "generate_series", "list_resize", "array_resize", "bitstring", "histogram_values"),
        # Of a few characters doubled thirty times, or of a sample of any size, they make gigabytes.
        *("list_reduce", "array_reduce", "reduce", "reservoir_quantile"),
    }
)
"""Make a value of any size out of small ones in one step: no limit of memory and no interrupt reaches inside of it."""

_ROW_BY_ROW = frozenset({"repeat", "range", "generate_series"})
"""The same names behind FROM: rows that come as they are taken, whatever their number."""

_PADDING = frozenset({"lpad", "rpad"})
_FORMATTING = frozenset({"format", "printf"})
MOST_PADDING = 1_000
"""Characters to which a query may fill up a text: wider columns than any page shows, small for each of 2,048 rows."""
_WIDE_FORMAT = re.compile(r"\d{4}|\*|\{[^{}]*\{")
"""A width of four digits, or one that another value gives."""

_READING_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})

_ONE_SELECT = "a query is one SELECT (or WITH, VALUES, FROM, DESCRIBE, SUMMARIZE, EXPLAIN of one); leave out the rest"

_SPACE = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
_EXPLAIN = re.compile(rf"{_SPACE}explain\b{_SPACE}(?:analyze\b{_SPACE})?(?:\([^()]*\){_SPACE})?", re.I | re.S)


def check_select(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise UsageError unless *sql* is exactly one statement that reads."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error:
        with translated():
            raise
    if len(statements) != 1:
        raise UsageError(_ONE_SELECT)
    kind = statements[0].type
    if kind == duckdb.StatementType.EXPLAIN:
        check_select(connection, _EXPLAIN.sub("", sql, count=1))
        return
    if kind != duckdb.StatementType.SELECT:
        raise UsageError(_ONE_SELECT)
    for node in _tree(connection, sql):
        _check_node(node)


def check_condition(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise UsageError unless *sql* is exactly one condition, that could stand in parentheses after WHERE."""
    wrapped = f"SELECT (\n{sql}\n)"
    try:
        check_select(connection, wrapped)
        # Between other brackets as well: "a) OR (b" would pass between parentheses alone.
        check_select(connection, f"SELECT [\n{sql}\n]")
        statement = _parsed(connection, wrapped)["node"]
    except UsageError as error:
        raise UsageError(f"the condition {sql!r} cannot be read: {error}") from error
    alone = (
        len(statement["select_list"]) == 1
        and statement["from_table"]["type"] == "EMPTY"
        and statement["where_clause"] is None
        and not statement["group_expressions"]
        and not statement["modifiers"]
        and statement["having"] is None
        and statement["qualify"] is None
    )
    if not alone:
        raise UsageError(f"{sql!r} is more than one condition; write one, such as pages > 20 AND format = 'pdf'")


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    answer = orjson.loads(one(connection, "SELECT json_serialize_sql($sql::VARCHAR)", {"sql": sql}))
    if answer["error"] or len(answer["statements"]) != 1:
        raise UsageError(f"{answer.get('error_message', _ONE_SELECT).rstrip('!')}; {_ONE_SELECT}")
    return dict(answer["statements"][0])


def _tree(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[Mapping[str, Any]]:
    waiting: list[Any] = [_parsed(connection, sql)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(_without_row_by_row(value).values())
        elif isinstance(value, list):
            waiting.extend(value)


def _without_row_by_row(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *node*, and of a function behind FROM that gives row by row only what it is given."""
    called = node.get("function")
    if node.get("type") == "TABLE_FUNCTION" and isinstance(called, dict) and _name(called) in _ROW_BY_ROW:
        return {**node, "function": called["arguments"]}
    return node


def _name(node: Mapping[str, Any]) -> str:
    name = node.get("function_name")
    return name.lower() if isinstance(name, str) else ""


def _literal(node: Mapping[str, Any], number: int) -> str:
    """Return an argument of a function as it is written, "" where it is no number or text that is written there."""
    arguments = node["arguments"]
    return str(arguments[number]["expression"].get("literal", {}).get("text", "")) if number < len(arguments) else ""


def _check_size(node: Mapping[str, Any]) -> None:
    """Raise UsageError for a function whose one value may be of any size."""
    name = _name(node)
    if name in _BOUNDLESS:
        behind = f"; as rows it is allowed: FROM {name}(...)" if name in _ROW_BY_ROW else ""
        raise UsageError(f"{name}() may make one value of any size, which no limit stops; leave it out{behind}")
    if name in _PADDING and not re.fullmatch(r"\d{1,3}", _literal(node, 1)):
        raise UsageError(f"{name}() takes its length as a number below {MOST_PADDING:,} in a query")
    if name in _FORMATTING and _WIDE_FORMAT.search(_literal(node, 0) or "*"):
        raise UsageError(f"{name}() takes its form as a text with widths below {MOST_PADDING:,} in a query")


def _check_node(node: Mapping[str, Any]) -> None:
    kind = node.get("type")
    if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _READING_NODES:
        raise UsageError(_ONE_SELECT)
    name = _name(node)
    if name in REFUSED_FUNCTIONS:
        raise UsageError(f"{name}() is not for queries; ask documents, versions, sightings, runs, captures or coverage")
    _check_size(node)


class QueryAnswer:
    """The answer to `Archive.query`, streamed; asking for its length takes it whole."""

    def __init__(self, session: Session, sql: str, parameters: Parameters) -> None:
        self._session = session
        self._sql = sql
        self._parameters = parameters
        session.make_views()
        connection = session.cursor()
        try:
            check_select(connection, sql)
        finally:
            close(connection)
        self._whole: pa.Table | None = None
        # Begun at once, so that a mistake in the SQL shows where it was made.
        self._begun: Iterator[pa.RecordBatch] | None = self._begin()
        self._first = next(self._begun)
        self.columns = tuple(self._first.schema.names)
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            raise UsageError(f"several columns are called {', '.join(twice)}; name them apart: SELECT a AS x, b AS y")

    def _begin(self) -> Iterator[pa.RecordBatch]:
        return arrow_batches(self._session.cursor(), self._sql, self._parameters, BATCH_ROWS)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self.length

    @property
    def length(self) -> int:
        """How many rows there are."""
        return int(self._table.num_rows)

    @property
    def _table(self) -> pa.Table:
        if self._whole is None:
            self._whole = pa.Table.from_batches(list(self.batches()))
        return self._whole

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows; the first time as they come, later by asking again."""
        if self._whole is not None:
            yield from self._whole.to_batches() or [self._first]
            return
        begun, self._begun = self._begun or self._begin(), None
        yield self._first
        yield from begun


class TableAnswer:
    """The answer to a question of our own that is small enough to be held whole; only the quick views are its own."""

    def __init__(self, session: Session, sql: str, parameters: Parameters = None) -> None:
        self._session = session
        self._sql = sql
        self._parameters = parameters

    @cached_property
    def _table(self) -> pa.Table:
        connection = self._session.cursor()
        try:
            return arrow(connection, self._sql, self._parameters)
        finally:
            close(connection)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names, in order."""
        return tuple(self._table.schema.names)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self.length

    @property
    def length(self) -> int:
        """How many rows there are."""
        return int(self._table.num_rows)

    def batches(self) -> Iterator[pa.Table]:
        """Yield the one table."""
        yield self._table


def named(parameters: Mapping[str, Any] | Sequence[Any] | None) -> Parameters:
    """Return *parameters* as DuckDB takes them: by name, or in order; None without any."""
    if not parameters:
        return None
    return dict(parameters) if isinstance(parameters, Mapping) else list(parameters)
