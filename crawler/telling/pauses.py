"""Which sites a person paused, and why."""

from __future__ import annotations

from datetime import datetime

import orjson

from archive.clock import parse_instant
from archive.layout import Layout, site_of_folder

UNREADABLE = "its pause cannot be read"


def paused_sites(layout: Layout, now: datetime) -> dict[str, str]:
    """Return the reason of every pause that holds at *now*, by site: of the files `paused/SITE.json`.

    One that cannot be read holds: it is a person's word.
    """
    found: dict[str, str] = {}
    for path in sorted((layout.root / "paused").glob("*.json")):
        try:
            row = orjson.loads(path.read_bytes())
            reason, until = str(row["reason"]), row["until"] and parse_instant(row["until"])
        except (OSError, ValueError, KeyError, TypeError):
            reason, until = UNREADABLE, None
        if until is None or now < until:
            found[site_of_folder(path.stem)] = reason
    return found
