"""How every site is at this moment: from the ledger, the state files, the profiles and how the last runs ended."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.clock import Clock
from archive.layout import IMPORT_FOLDER, Layout
from archive.published.run_history import RECENT, RunHistory, SiteHistory
from archive.site_state.glance import Glance, glance
from crawler.profile import SiteProfile, profile_by_name
from crawler.telling.conditions import Trouble, held_apart, troubles
from crawler.telling.last_end import Ended, last_end
from crawler.telling.pauses import paused_sites
from crawler.telling.rhythm import Rhythm, rhythm
from crawler.telling.silence import Silence, silence

LEAST_FREE_BYTES = 1 << 30
"""Below this a person has to make room: publishing writes files anew before it deletes old ones."""
SHORTEST_LEFT = timedelta(days=14)
"""Below this a person has to make room: as long as someone may be away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStatus:
    """One site now."""

    site: str
    history: SiteHistory | None
    """None: no run of it came to an end."""
    glance: Glance
    rhythm: Rhythm
    silence: Silence | None
    paused: str | None
    """Why a person paused it; None: it is not paused."""
    troubles: tuple[Trouble, ...]

    @property
    def state(self) -> str:
        """One word for all of it."""
        if self.troubles:
            return self.troubles[0].condition.value
        if self.glance.at_work is not None:
            return "running"
        if self.paused is not None:
            return "paused"
        if self.history is None:
            return "unfinished" if self.glance.unfinished else "never crawled"
        return "well"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The disk that the archive lies on."""

    free_bytes: int
    total_bytes: int
    days_left: float | None
    """How long the room will do if as much is received as in the last 30 days; None: nothing was."""

    @property
    def is_short(self) -> bool:
        """Whether a person has to make room."""
        short = self.days_left is not None and self.days_left < SHORTEST_LEFT.days
        return self.free_bytes < LEAST_FREE_BYTES or short


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole archive now."""

    at: datetime
    sites: tuple[SiteStatus, ...]
    disk: Disk
    apart: tuple[Trouble, ...] = ()
    """Runs of no site that wait for a person: imports; and rereads, whatever their site."""

    @property
    def needs_person(self) -> bool:
        """Whether someone has to do something."""
        return self.disk.is_short or bool(self.apart) or any(site.troubles for site in self.sites)


def overview(
    layout: Layout,
    ledger: RunHistory,
    profiles: Mapping[str, SiteProfile],
    clock: Clock,
    just_ended: Mapping[str, Ended] | None = None,
) -> Overview:
    """Return how every site is now: those that were ever crawled, and those whose profile has a schedule.

    *just_ended*: how a run ended, noted or not: a full disk must not keep a person from hearing of it.
    """
    now = clock.now()
    known = ledger.sites(now)
    scheduled = {name for name, profile in profiles.items() if profile.schedule is not None}
    names = sorted((known.keys() | set(layout.sites_with_state()) | scheduled) - {IMPORT_FOLDER})
    paused = paused_sites(layout, now)
    sites = [
        _status(
            layout,
            name,
            known.get(name),
            (just_ended or {}).get(name) or last_end(layout, name),
            profile_by_name(name, profiles),
            paused.get(name),
            clock,
        )
        for name in names
    ]
    apart = tuple(map(held_apart, ledger.held_apart()))
    return Overview(at=now, sites=tuple(sites), disk=_disk(layout, known), apart=apart)


def _status(
    layout: Layout,
    site: str,
    history: SiteHistory | None,
    ended: Ended | None,
    profile: SiteProfile | None,
    paused: str | None,
    clock: Clock,
) -> SiteStatus:
    now = clock.now()
    own_rhythm = rhythm(profile, history.starts if history is not None else ())
    own_silence = (
        silence(history.first_published_on, history.new_days, history.last_published_on)
        if history is not None
        else None
    )
    looked = glance(layout, site, clock)
    return SiteStatus(
        site=site,
        history=history,
        glance=looked,
        rhythm=own_rhythm,
        silence=own_silence,
        paused=paused,
        troubles=troubles(
            start=_start(site, profile, history, looked),
            history=history,
            ended=ended,
            glance=looked,
            rhythm=own_rhythm,
            silence=own_silence,
            paused=paused is not None,
            now=now,
        ),
    )


def _start(site: str, profile: SiteProfile | None, history: SiteHistory | None, looked: Glance) -> tuple[str, ...]:
    """Return the words by which a site is crawled as it was before: by its profile's name, or by where it starts."""
    options = looked.options or (history.last.options if history is not None else {})
    start_urls = options.get("start_urls")
    start = site if profile is not None else str(start_urls[0]) if start_urls else f"https://{site}/"
    allowed = [word for host in options.get("allow_hosts") or () for word in ("--allow-host", str(host))]
    return (start, *allowed)


def _disk(layout: Layout, known: Mapping[str, SiteHistory]) -> Disk:
    """Return how much room is left. What a page takes in all is less than it has bytes: WARC files are compressed."""
    usage = shutil.disk_usage(layout.root)
    received = sum(history.recent["bytes_received"] for history in known.values())
    days_left = usage.free / (received / RECENT.days) if received else None
    return Disk(free_bytes=usage.free, total_bytes=usage.total, days_left=days_left)
