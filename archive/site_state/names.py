"""Sites that are called otherwise now: what was published under the former name goes on under the present one.

Tables keep the name that a row was written with; readers see the present one (`archive.published.views`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from archive import durable
from archive.clock import Clock
from archive.errors import DamagedFile, UsageError
from archive.layout import Layout, site_of_folder
from archive.site_state.state import State

FILE = "names.json"

BESIDE_STATE = (".attempts.json", ".ended.json", ".told.json")
"""Files beside the state: what became of the last runs, how the last one ended, what a person was told of the site."""


def present_names(layout: Layout) -> dict[str, str]:
    """Return former name -> present name of every site that was renamed.

    Raises DamagedFile when the file cannot be read: without it two names would be two sites.
    """
    path = layout.root / FILE
    try:
        names = json.loads(path.read_bytes())
        if not all(isinstance(old, str) and isinstance(new, str) for old, new in names.items()):
            raise TypeError("names are texts")
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, TypeError) as error:
        raise DamagedFile(
            f"{path} cannot be read; put it back from a backup, or write it anew: "
            'a JSON object such as {"former name": "present name"}'
        ) from error
    return dict(names)


def rename(layout: Layout, former: str, present: str, clock: Clock) -> bool:
    """Let what is known of *former* go on as *present*; return whether there was anything to do.

    State, pause and attempts go with it. It may be killed at any instant and called again. Raises SiteBusy while a run
    of either is going on, UsageError where both have runs that are neither published nor dropped.
    """
    names = present_names(layout)
    joined = layout.state(present).exists() and layout.state(former).exists()
    left = [layout.state(former), *(before for before, _ in _moves(layout, former, present))]
    if former == present or (names.get(former) == present and not any(path.exists() for path in left)):
        return False
    if present in names:
        raise UsageError(f"{present} is a former name of {names[present]}; give the profile another name")
    state = State(layout, former, clock) if layout.state(former).exists() else None
    try:
        if state is not None:
            state.acquire()
        if joined and state is not None:
            other = State(layout, present, clock)
            try:
                other.acquire()
                unfinished = [one.site for one in (state, other) if _has_runs(one.db)]
            finally:
                other.close()
            if unfinished:
                raise UsageError(
                    f"{former} and {present} were both crawled, and {' and '.join(unfinished)} has a run that has not "
                    f"ended; drop it (docarchive runs reject RUN) before {former} becomes {present}"
                )
        changed = {old: present if new == former else new for old, new in names.items()} | {former: present}
        durable.write_file(layout.root / FILE, json.dumps(changed, ensure_ascii=False, indent=1).encode() + b"\n")
        if state is not None:
            with state.transaction(lasting=True) as db:
                _rename_rows(db, present)
    finally:
        if state is not None:
            state.close()
    _move_files(layout, former, present, joined=joined)
    return True


def _has_runs(db: sqlite3.Connection) -> bool:
    table = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone()
    return bool(table and db.execute("SELECT 1 FROM runs").fetchone())


def _rename_rows(db: sqlite3.Connection, present: str) -> None:
    """Every table of the state that names the site names it by its present name."""
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        columns = {row[1] for row in db.execute(f'PRAGMA table_info("{table}")')}
        if "site" in columns:
            db.execute(f'UPDATE "{table}" SET site = ?', (present,))


def _moves(layout: Layout, former: str, present: str) -> list[tuple[Path, Path]]:
    """Return what else bears the name, and how it is to be called."""
    old, new = layout.state(former), layout.state(present)
    beside = [(old.with_suffix(suffix), new.with_suffix(suffix)) for suffix in BESIDE_STATE]
    return [*beside, (layout.pause(former), layout.pause(present))]


def _move_files(layout: Layout, former: str, present: str, *, joined: bool) -> None:
    """Give all that bears the name the present one, the state last; of two states one is made anew from the tables."""
    for before, after in _moves(layout, former, present):
        if before.exists():
            if after.exists():
                durable.unlink(before)
            else:
                durable.make_folder(after.parent)
                durable.rename(before, after)
    old, new = layout.state(former), layout.state(present)
    if joined:
        for path in (new, new.with_name(new.name + "-wal"), new.with_name(new.name + "-shm"), old):
            durable.unlink(path)
    elif old.exists():
        durable.rename(old, new)
    durable.fsync_folder(new.parent)


def known_names(layout: Layout) -> frozenset[str]:
    """Return every name the archive has a state file or WARC folder of."""
    folders = (path.name for path in layout.warc.iterdir()) if layout.warc.is_dir() else ()
    return frozenset((*layout.sites_with_state(), *(site_of_folder(name) for name in folders)))


def in_sql(column: str, names: Mapping[str, str]) -> str:
    """Return the SQL expression for the present name of the site that *column* holds.

    >>> in_sql("site", {"old": "new"})
    "CASE site WHEN 'old' THEN 'new' ELSE site END"
    """
    cases = " ".join(f"WHEN {_quoted(old)} THEN {_quoted(new)}" for old, new in names.items())
    return f"CASE {column} {cases} ELSE {column} END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
