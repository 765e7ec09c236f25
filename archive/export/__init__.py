"""A selection of documents handed on as one file."""

from __future__ import annotations

from archive.export.captured import captured
from archive.export.contents import Contents
from archive.export.formats import FORMATS, NEED_ALL_FIELDS, format_of, writer
from archive.export.formula_guard import guarded, unguarded
from archive.export.output_file import check_target, new_file

__all__ = [
    "FORMATS",
    "NEED_ALL_FIELDS",
    "Contents",
    "captured",
    "check_target",
    "format_of",
    "guarded",
    "new_file",
    "unguarded",
    "writer",
]
