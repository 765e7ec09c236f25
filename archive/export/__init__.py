"""A selection of documents handed on as one file, or as one folder."""

from __future__ import annotations

from archive.export.captured import captured
from archive.export.contents import Contents
from archive.export.formats import FOLDERS, FORMATS, NEED_ALL_FIELDS, format_of
from archive.export.formula_guard import guarded, unguarded
from archive.export.writing import check_path, write

__all__ = [
    "FOLDERS",
    "FORMATS",
    "NEED_ALL_FIELDS",
    "Contents",
    "captured",
    "check_path",
    "format_of",
    "guarded",
    "unguarded",
    "write",
]
