"""Cursors that the archive remembers by name, each with the question it belongs to: one small file a name.

They can be lost without harm to the archive: what was told is then told again.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from archive import durable
from archive.errors import DamagedFile, SiteBusy, UsageError
from archive.layout import Layout
from archive.over_time.cursor import Cursor

FOLDER = "cursors"

_NAME = re.compile(r"\w[\w.-]{0,59}")
"""A file name on any system, with no way out of the folder."""


@dataclass(frozen=True, slots=True)
class NamedCursor:
    """The cursor of one name; use it inside `held`."""

    name: str
    path: Path

    def recall(self, question: Mapping[str, Any]) -> Cursor | None:
        """Return where *question* goes on; None under a name that is new.

        Raises UsageError where the name belongs to another question: what was not told of this one would be lost.
        """
        try:
            row = orjson.loads(self.path.read_bytes())
            cursor, asked = Cursor.parse(row["cursor"]), dict(row["question"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedFile(
                f"{self.path} cannot be read; say where to go on with --since, and it is written anew"
            ) from error
        if cursor is None:
            raise DamagedFile(f"{self.path} holds no cursor; say where to go on with --since, and it is written anew")
        if asked != orjson.loads(orjson.dumps(question)):
            raise UsageError(
                f"cursor {self.name} belongs to another question ({_words(asked)}); choose another name, or say where "
                "to begin with --since"
            )
        return cursor

    def remember(self, cursor: Cursor, question: Mapping[str, Any]) -> None:
        """Keep where *question* goes on. Call it when what was told has reached whom it is for.

        Raises MachineTrouble; what was remembered before then stays.
        """
        durable.make_folder(self.path.parent)
        row = {"cursor": str(cursor), "question": question}
        durable.write_file(self.path, orjson.dumps(row, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@contextmanager
def held(layout: Layout, name: str) -> Iterator[NamedCursor]:
    """Yield the cursor called *name*, which no other process asks with meanwhile.

    The lock is the operating system's and ends with the process. Raises UsageError for what can be no name, SiteBusy
    while another process asks with it.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} can be no cursor's name; write letters, digits, - _ and ., at most 60")
    folder = layout.root / FOLDER
    durable.make_folder(folder)
    lock = folder / f".{name}.lock"
    with durable.translated(lock):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SiteBusy(f"another process asks with cursor {name}; try again when it has ended") from error
        yield NamedCursor(name, folder / f"{name}.json")
    finally:
        os.close(descriptor)


def _words(question: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in question.items()) or "all changes"
