"""Documents as an Excel workbook: values with their types, text never calculated."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from math import isfinite
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from archive import durable
from archive.asking.plain import cell_text
from archive.errors import UsageError
from archive.export.contents import Contents
from archive.export.formula_guard import looks_like_formula
from archive.export.output_file import OutputFile
from archive.snapshot.rows import dicts

MAX_DOCUMENTS = 1_048_575
"""A sheet has 2^20 rows, the first of which names the columns."""

MAX_CELL = 32_767
"""UTF-16 units that a cell holds (https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3)."""

CUT = "… [cut: the cell is full]"

EXACT = 10**15
"""Excel keeps 15 digits of a number; a larger one is written as text."""

FIRST_DAY = date(1900, 3, 1)
"""Excel has a 29 February 1900: what lies before it would be a day off."""

WIDTHS = {
    "title": 48,
    "title_text": 48,
    "preview_text": 60,
    "url": 40,
    "canonical_url": 40,
    "tags": 24,
    "issuer": 24,
    "other_labels": 24,
    "related_urls": 24,
    "document_number": 18,
    "size_bytes": 11,
    "pages": 8,
    "format": 8,
    "version": 8,
    "fetched_at": 24,
    "first_seen": 24,
    "last_seen": 24,
    "withdrawn_at": 24,
    "run_id": 24,
    "warc_file": 40,
}
OTHER_WIDTH = 14
"""Characters."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SURROGATES = re.compile("[\ud800-\udfff]")


def write(contents: Contents, file: OutputFile) -> None:
    """Write one sheet: names of fields in a frozen row with a filter, then a document a row.

    Raises UsageError for more documents than a sheet has rows.
    """
    if len(contents.rows) > MAX_DOCUMENTS:
        raise UsageError(
            f"{len(contents.rows):,} documents are more than the {MAX_DOCUMENTS:,} rows of a sheet; "
            "export to .csv or .parquet, or select fewer with a limit"
        )
    # The rows wait in a file of their own until their number is known: beside the target, where room is needed anyway.
    with durable.translated(file.path), TemporaryDirectory(prefix=f".{file.path.name}.", dir=file.path.parent) as near:
        sheet = _Sheet(xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": near}), contents)
        try:
            sheet.write()
        finally:
            sheet.close()
    if sheet.cut:
        texts = "1 text was" if sheet.cut == 1 else f"{sheet.cut:,} texts were"
        contents.tell(f"{texts} cut at the {MAX_CELL:,} characters of a cell; export to .csv or .parquet for the whole")


class _Sheet:
    def __init__(self, workbook: xlsxwriter.Workbook, contents: Contents) -> None:
        self.cut = 0
        self._contents = contents
        self._workbook = workbook
        self._sheet: Worksheet = workbook.add_worksheet("documents")
        text = {"num_format": "@"}  # so that 007 stays what it is when somebody edits the cell
        self._text: Format = workbook.add_format(text)
        self._quoted: Format = workbook.add_format({**text, "quote_prefix": True})
        self._day: Format = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._instant: Format = workbook.add_format({"num_format": 'yyyy-mm-dd hh:mm:ss "UTC"'})
        self._name: Format = workbook.add_format({"bold": True, "bottom": 1})
        self._write_value: dict[type, Callable[[int, int, Any], None]] = {
            bool: lambda row, column, value: self._check(self._sheet.write_boolean(row, column, value)),
            int: self._write_number,
            float: self._write_number,
            datetime: self._write_instant,
            date: self._write_day,
        }

    def write(self) -> None:
        columns = self._contents.rows.columns
        self._workbook.set_properties({"created": self._contents.made_at.replace(tzinfo=None)})
        self._sheet.freeze_panes(1, 0)
        for number, name in enumerate(columns):
            self._sheet.set_column(number, number, WIDTHS.get(name, OTHER_WIDTH))
            self._check(self._sheet.write_string(0, number, name, self._name))
        row_number = 0
        for batch in self._contents.rows.batches():
            for row in dicts(batch):
                row_number += 1
                for number, name in enumerate(columns):
                    self._write_cell(row_number, number, name, row[name])
        self._sheet.autofilter(0, 0, row_number, len(columns) - 1)
        self._workbook.close()

    def close(self) -> None:
        """Let go of the waiting rows where `write` failed before its end."""
        self._workbook.fileclosed = True
        waiting = self._sheet.row_data_fh
        if waiting is not None and not waiting.closed:
            waiting.close()

    def _write_cell(self, row: int, column: int, name: str, value: Any) -> None:
        if value is None:
            return
        if name == "published_on" and _DAY.fullmatch(value):
            value = _as_day(value)
        self._write_value.get(type(value), self._write_text)(row, column, value)

    def _write_number(self, row: int, column: int, value: float) -> None:
        if isfinite(value) and abs(value) < EXACT:
            self._check(self._sheet.write_number(row, column, value))
        else:
            self._write_text(row, column, value)

    def _write_day(self, row: int, column: int, value: date) -> None:
        if value >= FIRST_DAY:
            self._check(self._sheet.write_datetime(row, column, value, self._day))
        else:
            self._write_text(row, column, value)

    def _write_instant(self, row: int, column: int, value: datetime) -> None:
        if value.date() >= FIRST_DAY:
            self._check(self._sheet.write_datetime(row, column, value.replace(tzinfo=None), self._instant))
        else:
            self._write_text(row, column, value)

    def _write_text(self, row: int, column: int, value: Any) -> None:
        text = _SURROGATES.sub("\ufffd", cell_text(value))
        shown = fitting(text)
        if shown != text:
            self.cut += 1
        if shown:
            form = self._quoted if looks_like_formula(shown) else self._text
            self._check(self._sheet.write_string(row, column, shown, form))

    @staticmethod
    def _check(refused: int) -> None:
        """The library says by a number, not an error, that it left a cell out."""
        assert refused == 0


def _as_day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def fitting(text: str) -> str:
    """Return *text* as far as a cell holds it, with `CUT` at its end where it holds no more.

    >>> len(fitting("字" * 40_000)), fitting("字" * 40_000)[-26:]
    (32767, '字… [cut: the cell is full]')
    """
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MAX_CELL:
        return text
    return units[: 2 * (MAX_CELL - len(CUT))].decode("utf-16-le", "ignore") + CUT
