"""How the last run of a site ended: the ledger knows only of runs that walked their site to the end."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import orjson

from archive import durable
from archive.clock import instant_text, parse_instant
from archive.layout import Layout

BLOCKED, FAILED = "blocked", "failed"
"""Ends that the ledger does not know: the site did not let us in; this machine, damage or a bug was in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One run's end."""

    run_id: str | None
    """None: it did not come so far as to have one."""
    event: str
    """As in the ledger: published, held, empty; else `BLOCKED` or `FAILED`."""
    exit_code: int
    reason: str | None
    at: datetime


def last_end(layout: Layout, site: str) -> Ended | None:
    """Return how the last run of *site* ended; None where there was none, or the file is lost or makes no sense."""
    try:
        row = orjson.loads(_path(layout, site).read_bytes())
        return Ended(**{**row, "at": parse_instant(row["at"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note_end(layout: Layout, site: str, ended: Ended) -> None:
    """Remember how a run of *site* ended. Raises MachineTrouble."""
    data = orjson.dumps(asdict(ended), default=instant_text, option=orjson.OPT_PASSTHROUGH_DATETIME)
    durable.write_file(_path(layout, site), data + b"\n")


def _path(layout: Layout, site: str) -> Path:
    return layout.state(site).with_suffix(".ended.json")
