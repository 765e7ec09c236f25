"""A look into a site's state file while a run may be at work on it: nothing is written, no lease is taken."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archive.clock import Clock
from archive.layout import Layout
from archive.site_state import lease

WAIT_SECONDS = 1.0
"""How long to wait where SQLite is just making the file ready."""

TRIES = 3
"""A run may begin, or end, at the very moment we look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a state file says at one moment."""

    at_work: int | None = None
    """The process whose run holds the site now; None: nobody's."""
    unfinished: str | None = None
    """The run that is under way, or that stopped and will be gone on with."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What that run was begun with."""
    waiting: int = 0
    """URLs that run has still to fetch."""
    readable: bool = True
    """False: the file is damaged, or may not be read."""


def glance(layout: Layout, site: str, clock: Clock) -> Glance:
    """Return what the state of *site* says now; of a site without a state file, that nothing is under way."""
    path = layout.state(site)
    if not path.is_file():
        return Glance()
    for _ in range(TRIES):
        try:
            with closing(_open(path)) as db:
                return _look(db, clock)
        except sqlite3.Error:
            continue
    return Glance(readable=False)


def _open(path: Path) -> sqlite3.Connection:
    """Open *path* for reading alone.

    SQLite makes two files beside one that it reads in WAL mode, and leaves them there. Where none are, nobody has the
    file open, and it can be read as it stands; should a run just begin, the next try sees its files.
    """
    still = "" if path.with_name(path.name + "-wal").exists() else "&immutable=1"
    name = f"file:{quote(str(path))}?mode=ro{still}"
    return sqlite3.connect(name, uri=True, timeout=WAIT_SECONDS, isolation_level=None)


def _look(db: sqlite3.Connection, clock: Clock) -> Glance:
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.execute("BEGIN")  # one moment for all that follows
    run = waiting = None
    if "runs" in tables:
        run = db.execute(_UNFINISHED).fetchone()
    if run is not None and "urls" in tables:
        waiting = db.execute("SELECT COUNT(*) FROM urls WHERE run_no = ? AND status = 0", (run[1],)).fetchone()
    return Glance(
        at_work=lease.at_work(db, clock) if "lease" in tables else None,
        unfinished=run[0] if run is not None else None,
        options=json.loads(run[2]) if run is not None else {},
        waiting=waiting[0] if waiting is not None else 0,
    )


_UNFINISHED = """
SELECT run_id, run_no, options FROM runs WHERE status <> 'held' AND json_extract(options, '$.reread') IS NULL
ORDER BY run_no LIMIT 1
"""
"""A reread asks the site nothing, and no crawl goes on with it."""
