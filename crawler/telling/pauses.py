"""Which sites a person paused, and why: for those who must not fail on a pause that cannot be read."""

from __future__ import annotations

from datetime import datetime

from archive.errors import DamagedFile
from archive.layout import Layout, site_of_folder
from archive.site_state.pauses import pause_of

UNREADABLE = "its pause cannot be read"


def paused_sites(layout: Layout, now: datetime) -> dict[str, str]:
    """Return the reason of every pause that holds at *now*, by site.

    One that cannot be read holds: it is a person's word.
    """
    found: dict[str, str] = {}
    for path in sorted((layout.root / "paused").glob("*.json")):
        site = site_of_folder(path.stem)
        try:
            paused = pause_of(layout, site, now)
        except (DamagedFile, OSError):
            found[site] = UNREADABLE
            continue
        if paused is not None:
            found[site] = paused.reason
    return found
