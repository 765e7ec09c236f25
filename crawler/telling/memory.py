"""What a person was told about each site: one small file a site, which may be lost without harm.

What still is so is then told once more.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from archive import durable
from archive.clock import instant_text, parse_instant
from archive.durable import translated
from archive.errors import MachineTrouble
from archive.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A condition that a person was told of, or that it was tried to tell."""

    since: datetime
    """When it was first seen."""
    run_id: str | None = None
    tries: int = 0
    """Times that the notify command failed."""
    reached: bool = False
    """Whether the notify command ended well."""
    is_over: bool = False
    """It is to be told that it is over."""


def recall(layout: Layout, site: str) -> dict[str, Told]:
    """Return condition -> what was told of it; nothing, where the file is not there or makes no sense."""
    try:
        row: dict[str, Any] = orjson.loads(_path(layout, site).read_bytes())
        return {name: Told(**{**told, "since": parse_instant(told["since"])}) for name, told in row.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def remember(layout: Layout, site: str, told: Mapping[str, Told]) -> None:
    """Keep what was told; call it inside `remembering`. Raises MachineTrouble."""
    data = orjson.dumps(
        {name: asdict(each) for name, each in told.items()},
        default=instant_text,
        option=orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE,
    )
    durable.write_file(_path(layout, site), data)


@contextmanager
def remembering(layout: Layout, site: str) -> Iterator[bool]:
    """Keep other processes from telling about *site* meanwhile; yields False where one is just doing that.

    The lock is the operating system's: it ends with the process, however that ends.
    """
    path = _path(layout, site).with_suffix(".lock")
    try:
        with translated(path):
            path.parent.mkdir(exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except MachineTrouble:  # a full disk is what a person has to hear of: better twice than never
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def _path(layout: Layout, site: str) -> Path:
    return layout.state(site).with_suffix(".told.json")
