"""Archived pages read again with today's readers: what would differ, and its publication as a run."""

from __future__ import annotations

from collections.abc import Iterator

from archive.clock import Clock
from archive.errors import NotFound, SiteBusy, UsageError
from archive.layout import IMPORT_FOLDER, Layout
from archive.publishing.reread_plan import Extent, Readings
from archive.site_state.reread_staging import is_reread
from archive.site_state.staging import HELD, Staging
from archive.site_state.state import State
from crawler.rereading.comparing import Comparing, Readers, RereadOutcome, RereadRequest, lost
from crawler.rereading.run import RereadRun, can_be_healed, open_site

__all__ = ["RereadOutcome", "RereadRequest", "heal", "reread"]


def reread(request: RereadRequest, clock: Clock) -> Iterator[RereadOutcome]:
    """Read archived captures again, site by site, and yield what became of each.

    Without `apply` nothing is stored. With it, held runs are healed, and what differs of the published captures becomes
    one run a site, judged by the gates. Killed, the same command goes on where it stopped. Raises UsageError for a site
    without captures, SiteBusy while a run holds one.
    """
    readings = Readings(request.layout)
    try:
        with Readers(request) as pools:
            for site in _sites(request, readings):
                if request.apply:
                    yield from _applied(request, pools, site, clock)
                else:
                    yield _Comparison(request, pools, readings, site, clock).outcome()
    finally:
        readings.close()


def _applied(request: RereadRequest, pools: Readers, site: str, clock: Clock) -> Iterator[RereadOutcome]:
    """Apply a reread to one site; of several, one that is busy keeps no other waiting."""
    try:
        with open_site(request, site, clock) as opened:
            yield from RereadRun(request, pools, opened, clock).run()
    except SiteBusy as error:
        if len(request.sites) == 1:
            raise
        yield RereadOutcome(site=site, busy=True, reason=str(error))


def heal(request: RereadRequest, run_id: str, clock: Clock) -> RereadOutcome:
    """Read the captures of a held run again, judge it anew, and publish it if it passes; nothing is fetched.

    Raises NotFound where no site holds such a run, UsageError for one that is not held or that only read again.
    """
    site = _site_of_held(request.layout, run_id, clock)
    with Readers(request) as pools, open_site(request, site, clock) as opened:
        run = opened.staging.run(run_id)
        if is_reread(run):
            raise UsageError(
                f"run {run_id} is a reread itself; read again with: docarchive reread --site {site} --apply"
            )
        if not can_be_healed(run):
            raise UsageError(f"run {run_id} is not held; list runs with: docarchive runs")
        return RereadRun(request, pools, opened, clock).heal(run)


def _sites(request: RereadRequest, readings: Readings) -> list[str]:
    """Return the sites to be read; with `apply` also those of which only a held run has captures."""
    known = readings.sites()
    if request.apply or request.sites:
        known = sorted({*known, *request.layout.sites_with_state()} - {IMPORT_FOLDER})
    for site in request.sites:
        if site not in known:
            raise UsageError(f"no captures of {site} in this archive; list its sites with: docarchive runs")
    return list(request.sites or known)


def _site_of_held(layout: Layout, run_id: str, clock: Clock) -> str:
    for site in layout.sites_with_state():
        state = State(layout, site, clock)
        try:
            if Staging.holds(state, run_id) and site != IMPORT_FOLDER:
                return site
        finally:
            state.abandon()
    raise NotFound(f"no held run {run_id} of a crawled site; list runs with: docarchive runs")


class _Comparison:
    """A reread that stores nothing."""

    def __init__(self, request: RereadRequest, pools: Readers, readings: Readings, site: str, clock: Clock) -> None:
        self._request = request
        self._pools = pools
        self._readings = readings
        self._site = site
        self._clock = clock

    def outcome(self) -> RereadOutcome:
        began = self._clock.monotonic()
        outcome = RereadOutcome(site=self._site)
        comparing = Comparing(self._request, outcome)
        extent = Extent(site=self._site, every=self._request.every, last_seq=self._readings.last_seq)
        plan = self._readings.plan(extent)
        try:
            outcome.damaged += map(lost, plan.lost)
            for pages, done in self._pools.read(self._site, plan, plan.after()):
                comparing.compare(pages, done)
                comparing.tell(plan.pages)
        finally:
            plan.close()
        outcome.held_runs = _held_runs(self._request.layout, self._site, self._clock)
        outcome.elapsed_seconds = self._clock.monotonic() - began
        return outcome


def _held_runs(layout: Layout, site: str, clock: Clock) -> list[str]:
    if not layout.state(site).exists():
        return []
    state = State(layout, site, clock)
    try:
        rows = state.db.execute("SELECT name FROM sqlite_master WHERE name = 'runs'").fetchone()
        found = state.db.execute("SELECT run_id FROM runs WHERE status = ? ORDER BY run_no", (HELD,)) if rows else ()
        return [row[0] for row in found]
    finally:
        state.abandon()
