"""Whether the text index is as it was written."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from archive.errors import DamagedFile
from archive.layout import Layout
from archive.site_state.names import present_names
from archive.text_index import generation
from archive.text_index.generation import IndexOutdated, IndexUnusable
from archive.text_index.standings import FILE
from archive.verifying.finding import DAMAGE, Finding, note

_READ_BYTES = 1 << 20
_LENGTH_AND_MAGIC = 8


def check_text_index(layout: Layout, *, quick: bool) -> Iterator[Finding]:
    """Yield what is wrong with the index; *quick*: whether it opens, else every byte as well."""
    try:
        folder = generation.current_folder(layout, present_names(layout))
        if folder is None:
            return
        generation.opened_folder(folder)
    except IndexOutdated as error:
        file = str(layout.text_index.relative_to(layout.root))
        yield note(file, f"the text index {error}", "it is made again by whoever publishes or searches next")
        return
    except (IndexUnusable, DamagedFile) as error:
        yield _damaged(layout, layout.text_index, f"the text index {error}")
        return
    if quick:
        return
    for path in sorted(folder.iterdir()):
        if (
            path.suffix
            and path.suffix != ".json"
            and path.name != FILE
            and not path.name.startswith(".")
            and _differs(path)
        ):
            yield _damaged(layout, path, "it is not what was written")
    if (folder / FILE).exists() and not _is_sound(folder / FILE):
        yield _damaged(layout, folder / FILE, "it is not what was written")


def _differs(path: Path) -> bool:
    """Whether a file of the index has another checksum than the one at its end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _LENGTH_AND_MAGIC))
        length = int.from_bytes(file.read(4), "little")
        body = size - _LENGTH_AND_MAGIC - length
        if body < 0:
            return True
        file.seek(body)
        try:
            expected = json.loads(file.read(length))["crc"]
        except (ValueError, KeyError, TypeError):
            return True
        file.seek(0)
        found, left = 0, body
        while left and (data := file.read(min(left, _READ_BYTES))):
            found = zlib.crc32(data, found)
            left -= len(data)
    return bool(found != expected)


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False


def _damaged(layout: Layout, path: Path, problem: str) -> Finding:
    return Finding(
        severity=DAMAGE,
        file=str(path.relative_to(layout.root)),
        problem=problem,
        remedy="it is made of the tables; make it again",
        command="docarchive rebuild text",
    )
