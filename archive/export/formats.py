"""The forms in which documents are handed on, by name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from archive.errors import UsageError
from archive.export.contents import Contents
from archive.export.output_file import OutputFile
from archive.export.output_folder import OutputFolder

FOLDERS = ("datasets",)
"""Forms that are a folder of files; they are asked for by name, for a folder has no ending."""

FORMATS = ("docx", "csv", "xlsx", "parquet", "jsonl", "wacz", *FOLDERS)

NEED_ALL_FIELDS = frozenset({"docx", "wacz", "datasets"})
"""A dossier names each document and tells its history, pages are found by their captures, and copies by their texts,
whatever fields are asked for."""


class Writer(Protocol):
    """What each module `as_FORMAT` has as its `write`."""

    def __call__(self, contents: Contents, file: OutputFile) -> None:
        """Write *contents* to *file*, from the beginning to the end, a batch of documents at a time."""


class FolderWriter(Protocol):
    """What each module `as_FORMAT` of `FOLDERS` has as its `write`."""

    def __call__(self, contents: Contents, folder: OutputFolder) -> int:
        """Fill *folder* with *contents*, a batch of documents at a time, and return how many documents are in it."""


def format_of(path: Path, name: str | None) -> str:
    """Return the form called *name*, else the one that the ending of *path* names. Raises UsageError for none."""
    ending = path.suffix.removeprefix(".").lower()
    if name is None and ending in FORMATS and ending not in FOLDERS:
        return ending
    if name is None:
        raise UsageError(
            f"the ending of {path.name} names no format; add --format (format=...) and one of {', '.join(FORMATS)}"
        )
    if name not in FORMATS:
        raise UsageError(f"--format {name} is unknown; choose one of {', '.join(FORMATS)}")
    return name


def writer(name: str) -> Writer:
    """Return what writes the form called *name*; its libraries are imported only now."""
    return cast(Writer, import_module(f"archive.export.as_{name}").write)


def folder_writer(name: str) -> tuple[FolderWriter, frozenset[str]]:
    """Return what writes the form of `FOLDERS` called *name*, and what such a folder consists of."""
    module = import_module(f"archive.export.as_{name}")
    return cast(FolderWriter, module.write), cast(frozenset[str], module.MADE_OF)
