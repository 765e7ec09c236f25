"""What became of the runs of a site, in one small file a site: when it is to be crawled next follows from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import durable
from archive.clock import Clock, instant_text, parse_instant
from archive.layout import Layout

FAILED = (4, 5)
"""Exit codes after which the run is tried again soon: the site did not let us in, or this machine was in the way."""

INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The last run that was begun, and what those before it leave to know."""

    started_at: datetime
    ended_at: datetime | None = None
    """None: it is under way, or its process died."""
    exit_code: int | None = None
    failures: int = 0
    """Runs in a row that failed; one that is under way counts until it says otherwise."""
    anchor: datetime | None = None
    """From which instant on the next interval counts."""
    succeeded_at: datetime | None = None
    """When the last run ended that walked the site to its end, published or held."""


def last_attempts(layout: Layout, site: str) -> Attempts | None:
    """Return what is known of the runs of *site*; None when there was none, or the file is unreadable.

    What the file says can be lost without harm: the site is then crawled once more than it need be.
    """
    try:
        row: dict[str, Any] = json.loads(_path(layout, site).read_bytes())
        instants = {name: row[name] and parse_instant(row[name]) for name in _INSTANTS}
        code = row["exit_code"]
        return Attempts(exit_code=None if code is None else int(code), failures=int(row["failures"]), **instants)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def begin(layout: Layout, site: str, clock: Clock) -> Attempts:
    """Note that a run begins; call it while holding the site's lease. A run that dies now has failed."""
    before = last_attempts(layout, site)
    started_at = clock.now()
    attempts = (
        Attempts(started_at=started_at, failures=1)
        if before is None
        else replace(before, started_at=started_at, ended_at=None, exit_code=None, failures=before.failures + 1)
    )
    _write(layout, site, attempts)
    return attempts


def end(
    layout: Layout, site: str, begun: Attempts, exit_code: int, clock: Clock, *, anchor: datetime | None = None
) -> None:
    """Note how the run *begun* ended. *anchor*: from which instant on the next interval counts, if it was whole."""
    ended = replace(begun, ended_at=clock.now(), exit_code=exit_code)
    if exit_code == INTERRUPTED:
        ended = replace(ended, failures=begun.failures - 1)
    elif exit_code not in FAILED:
        ended = replace(ended, failures=0, anchor=anchor, succeeded_at=ended.ended_at)
    _write(layout, site, ended)


def _path(layout: Layout, site: str) -> Path:
    return layout.state(site).with_suffix(".attempts.json")


_INSTANTS = ("started_at", "ended_at", "anchor", "succeeded_at")


def _write(layout: Layout, site: str, attempts: Attempts) -> None:
    row = asdict(attempts)
    for name in _INSTANTS:
        row[name] = row[name] and instant_text(row[name])
    durable.write_file(_path(layout, site), json.dumps(row, indent=1).encode() + b"\n")
