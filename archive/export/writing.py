"""A selection written in one of the forms, to the file or folder it goes to."""

from __future__ import annotations

from pathlib import Path

from archive.export.contents import Contents
from archive.export.formats import FOLDERS, folder_writer, writer
from archive.export.output_file import check_target, new_file
from archive.export.output_folder import check_folder, new_folder


def check_path(path: Path, form: str, overwrite: bool) -> Path:
    """Return *path* with links followed. Raises UsageError where the form called *form* may not be written to it."""
    if form in FOLDERS:
        return check_folder(path, overwrite, folder_writer(form)[1])
    return check_target(path, overwrite)


def write(contents: Contents, form: str, target: Path) -> int:
    """Write *contents* to *target*, that is there when it is whole, and return how many documents are in it."""
    if form in FOLDERS:
        with new_folder(target) as folder:
            return folder_writer(form)[0](contents, folder)
    length = len(contents.rows)
    with new_file(target) as file:
        writer(form)(contents, file)
    return length
