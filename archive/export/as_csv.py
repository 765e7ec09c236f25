"""Documents as comma-separated values that Excel shows rightly."""

from __future__ import annotations

import codecs
import csv
import io
from typing import Any

from archive.asking.plain import cell_text
from archive.export.contents import Contents
from archive.export.formula_guard import guarded
from archive.export.output_file import OutputFile
from archive.snapshot.rows import dicts


def write(contents: Contents, file: OutputFile) -> None:
    """Write a line of names, then a document a line (RFC 4180): UTF-8 with a byte order mark, lists and maps as JSON.

    Texts are `guarded`; numbers are not, a negative one is no formula.
    """
    file.write(codecs.BOM_UTF8)  # without it Excel takes the file for one of the machine's old code page
    columns = contents.rows.columns
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for batch in contents.rows.batches():
        writer.writerows([_cell(row[name]) for name in columns] for row in dicts(batch))
        file.write(text.getvalue().encode("utf-8", "replace"))
        text.seek(0)
        text.truncate()


def _cell(value: Any) -> str:
    return cell_text(value) if isinstance(value, (int, float)) else guarded(cell_text(value))
