"""Documents as JSON lines."""

from __future__ import annotations

from archive.asking.plain import json_line
from archive.export.contents import Contents
from archive.export.output_file import OutputFile
from archive.snapshot.rows import dicts


def write(contents: Contents, file: OutputFile) -> None:
    """Write an object a line, the same as `records --json`."""
    for batch in contents.rows.batches():
        file.write(b"".join(map(json_line, dicts(batch))))
