"""Rows on standard output: a table for people, JSON lines, CSV or Parquet for programs."""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from archive.asking.plain import cell_text, json_line, plain
from archive.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from archive.export.output_file import OutputFile

FORMATS = ("table", "jsonl", "csv", "parquet")
CELL_CHARACTERS = 60
"""A table shows this much of a value; every other form shows all."""
TYPED_AGAIN = frozenset({"site", "doc_id", "run_id"})
"""Columns that a person copies into the next command: never cut to make room."""
NARROW = 14
"""A column this narrow keeps its width where there is too little; wider ones give way."""


ENDINGS = {"csv": "csv", "parquet": "parquet", "jsonl": "jsonl", "ndjson": "jsonl"}
"""Form of the output by the ending of its file."""


def chosen_format(name: str | None, json: bool, output: Path | None = None, *, overwrite: bool = False) -> str:
    """Return the form of the output: the one asked for, else the one that *output*'s ending names.

    Without either, a table on a terminal and JSON lines in a pipe. Raises UsageError for an unknown form, and where
    *output* cannot be written or, without *overwrite*, is there already.
    """
    if json and name not in (None, "jsonl"):
        raise UsageError(f"--json and --format {name} are two forms; leave one of them out")
    if name is not None and name not in FORMATS:
        raise UsageError(f"--format {name} is unknown; choose one of {', '.join(FORMATS)}")
    if json:
        name = "jsonl"
    if output is None:
        return name or ("table" if sys.stdout.isatty() else "jsonl")
    if name == "table":
        raise UsageError("a table is for the terminal; with --output choose jsonl, csv or parquet")
    form = name or ENDINGS.get(output.suffix.removeprefix(".").lower())
    if form is None:
        raise UsageError(f"the ending of {output.name} names no format; add --format and one of jsonl, csv, parquet")
    from archive.export.output_file import check_target

    check_target(output, overwrite)
    return form


def printable(text: str) -> str:
    """Return *text* with control characters replaced: what a site prints may steer a terminal.

    >>> printable("a\\x1b[2Jb\\u202ec")
    'a\ufffd[2Jb\ufffdc'
    """
    return "".join(c if c.isprintable() or c == "\u3000" else "\ufffd" for c in text)


def write_rows(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str, output: Path | None = None
) -> None:
    """Write *rows* in *form* to *output*, whole or not at all, or to standard output."""
    if output is not None:
        from archive.export.output_file import new_file

        with new_file(output.resolve()) as file:
            _write(rows, columns, form, file)
        return
    if form == "table":
        _print_table(rows, columns)
        return
    if form == "parquet" and sys.stdout.isatty():
        raise UsageError("Parquet is no text; name a file with --output FILE")
    _write(rows, columns, form, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _write(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str, file: BinaryIO | OutputFile) -> None:
    if form == "jsonl":
        for row in rows:
            file.write(json_line(row))
    elif form == "csv":
        writer = csv.writer(_Encoded(file))
        coming = iter(rows)
        first = list(islice(coming, 1))  # what cannot be answered is told before there is a header
        writer.writerow(columns)
        for row in chain(first, coming):
            writer.writerow([cell_text(row.get(name)) for name in columns])
    elif form == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = rows.arrow() if hasattr(rows, "arrow") else pa.Table.from_pylist([plain(row) for row in rows])
        try:
            pq.write_table(table, file, compression="zstd")
        except pa.ArrowNotImplementedError as error:
            raise UsageError(_no_parquet(table)) from error


class _Encoded:
    """What takes the text of a CSV and writes its bytes."""

    def __init__(self, file: BinaryIO | OutputFile) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8"))


def _no_parquet(table: pa.Table) -> str:
    """Return the sentence on the columns whose types Parquet does not have: unions, intervals."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = []
    for name in table.schema.names:
        try:
            pq.write_table(table.select([name]).slice(0, 0), pa.BufferOutputStream())
        except pa.ArrowNotImplementedError:
            names.append(name)
    return f"Parquet has no type for column {', '.join(names)}; write it as text: column::VARCHAR"


def table_width() -> int:
    """Return how wide a table may be: as the terminal is, and in a pipe as $COLUMNS says, else wide."""
    return shutil.get_terminal_size((160, 50)).columns


def _print_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich.cells import cell_len, set_cell_size

    cells = [list(columns), *([_short(row.get(name)) for name in columns] for row in rows)]
    needed = [max(cell_len(row[number]) for row in cells) for number in range(len(columns))]
    widths = _fitted(needed, table_width(), [name in TYPED_AGAIN for name in columns])
    for row in cells:
        shown = [
            text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
            for text, width in zip(row, widths, strict=True)
        ]
        line = "  ".join(set_cell_size(text, width) for text, width in zip(shown, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")


def _fitted(needed: Sequence[int], width: int, whole: Sequence[bool]) -> list[int]:
    """Return the columns' widths within *width*: the widest give way first, none falls below `NARROW`.

    >>> _fitted([6, 60, 8, 40], 80, [True, False, False, False])
    [6, 30, 8, 30]
    """
    fitted = list(needed)
    loose = [number for number, kept in enumerate(whole) if not kept]
    while loose and sum(fitted) + 2 * (len(fitted) - 1) > width:
        widest = max(loose, key=fitted.__getitem__)
        if fitted[widest] <= NARROW:
            break
        fitted[widest] -= 1
    return fitted


def _short(value: Any) -> str:
    text = printable(" ".join(cell_text(value).split()))
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"
