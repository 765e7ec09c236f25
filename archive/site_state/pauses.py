"""Sites that a person paused: why, since when, until when. One small file a site, so that every command sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from archive import durable
from archive.clock import instant_text, parse_instant
from archive.errors import DamagedFile
from archive.layout import Layout, site_of_folder


@dataclass(frozen=True, slots=True)
class Pause:
    """A site that is not to be crawled."""

    site: str
    reason: str
    since: datetime
    until: datetime | None
    """None: until a person says otherwise."""

    def holds(self, now: datetime) -> bool:
        """Whether the site is still paused."""
        return self.until is None or now < self.until

    def sentence(self) -> str:
        """Return why the site is not crawled, and what to do about it."""
        until = f" until {instant_text(self.until)}" if self.until else ""
        return (
            f"{self.site} is paused{until} ({self.reason}); crawl it all the same with --force, "
            f"or end the pause: docarchive sites pause {self.site} --resume"
        )


def pause(layout: Layout, site: str, reason: str, now: datetime, until: datetime | None = None) -> Pause:
    """Pause *site* from *now* on; an earlier pause is replaced."""
    paused = Pause(site, reason, now, until)
    row = {
        "site": site,
        "reason": reason,
        "since": instant_text(now),
        "until": until and instant_text(until),
    }
    path = layout.pause(site)
    durable.make_folder(path.parent)
    durable.write_file(path, json.dumps(row, ensure_ascii=False, indent=1).encode() + b"\n")
    return paused


def resume(layout: Layout, site: str) -> bool:
    """End the pause of *site*; return whether there was one."""
    path = layout.pause(site)
    if not path.exists():
        return False
    durable.unlink(path)
    durable.fsync_folder(path.parent)
    return True


def pause_of(layout: Layout, site: str, now: datetime) -> Pause | None:
    """Return the pause that holds *site* back at *now*, or None.

    Raises DamagedFile when it cannot be read: a pause is a person's word, not to be passed over.
    """
    path = layout.pause(site)
    try:
        row = json.loads(path.read_bytes())
        paused = Pause(
            site, str(row["reason"]), parse_instant(row["since"]), row["until"] and parse_instant(row["until"])
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFile(
            f"{path} cannot be read; pause the site again, or end its pause: docarchive sites pause {site} --resume"
        ) from error
    return paused if paused.holds(now) else None


def pauses(layout: Layout, now: datetime) -> dict[str, Pause]:
    """Return every pause that holds at *now*, by site."""
    sites = (site_of_folder(path.stem) for path in sorted((layout.root / "paused").glob("*.json")))
    found = ((site, pause_of(layout, site, now)) for site in sites)
    return {site: paused for site, paused in found if paused is not None}
