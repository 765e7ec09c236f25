"""Rows on standard output: a table for people, JSON lines, CSV or Parquet for programs."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from archive.clock import instant_text
from archive.errors import UsageError

FORMATS = ("table", "jsonl", "csv", "parquet")
CELL_CHARACTERS = 60
"""A table shows this much of a value; every other form shows all."""


def chosen_format(name: str | None, json: bool, output: Path | None = None) -> str:
    """Return the form of the output: the one asked for, else the one that *output*'s ending names.

    Without either, a table on a terminal and JSON lines in a pipe. Raises UsageError for an unknown form.
    """
    if json:
        name = "jsonl"
    if name is None and output is not None:
        ending = output.suffix.removeprefix(".").lower()
        return ending if ending in ("csv", "parquet") else "jsonl"
    if name is None:
        return "table" if sys.stdout.isatty() else "jsonl"
    if name not in FORMATS:
        raise UsageError(f"--format {name} is unknown; choose one of {', '.join(FORMATS)}")
    return name


def plain(value: Any) -> Any:
    """Return *value* as JSON types: instants and days as ISO text, maps as objects, other kinds as their text.

    >>> plain({"sum": Decimal(7), "days": (date(2023, 4, 16),), "raw": b"\\x01"})
    {'sum': 7, 'days': ['2023-04-16'], 'raw': '01'}
    """
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):  # sums come as these
        return int(value) if value == value.to_integral_value() and abs(value) < 2**63 else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def printable(text: str) -> str:
    """Return *text* with control characters replaced: what a site prints may steer a terminal.

    >>> printable("a\\x1b[2Jb\\u202ec")
    'a\ufffd[2Jb\ufffdc'
    """
    return "".join(c if c.isprintable() or c == "\u3000" else "\ufffd" for c in text)


def json_line(row: Mapping[str, Any]) -> bytes:
    """Return *row* as one line of JSON."""
    return orjson.dumps(plain(row)) + b"\n"


def write_rows(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str, output: Path | None = None
) -> None:
    """Write *rows* in *form* to *output* or standard output."""
    if output is not None:
        with output.open("wb") as file:
            _write(rows, columns, form, file)
        return
    if form == "table":
        _print_table(rows, columns)
        return
    if form == "parquet" and sys.stdout.isatty():
        raise UsageError("Parquet is no text; name a file with --output FILE")
    _write(rows, columns, form, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _write(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str, file: BinaryIO) -> None:
    if form == "jsonl":
        for row in rows:
            file.write(json_line(row))
    elif form == "csv":
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row.get(name)) for name in columns])
        text.detach()
    elif form == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = rows.arrow() if hasattr(rows, "arrow") else pa.Table.from_pylist([plain(row) for row in rows])
        pq.write_table(table, file, compression="zstd")
    else:
        raise UsageError("a table is for the terminal; with --output choose jsonl, csv or parquet")


def _cell(value: Any) -> str:
    value = plain(value)
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _print_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_short(row.get(name))) for name in columns))
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "160"))
    Console(width=width, highlight=False, emoji=False).print(table)


def _short(value: Any) -> str:
    text = " ".join(_cell(value).split())
    text = printable(text)
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"
