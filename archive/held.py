"""What a person says about a run that the gates held back: release it, or drop it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from archive.clock import Clock
from archive.errors import NotFound, UsageError
from archive.layout import IMPORT_FOLDER, Layout
from archive.publish import Publisher
from archive.staging import ACCEPTING, HELD, Staging
from archive.state import State
from archive.warc_recovery import recover


def accept_run(layout: Layout, run_id: str, clock: Clock) -> None:
    """Publish a held run; what was published meanwhile stays newer.

    Raises NotFound when no site holds such a run, SiteBusy while a run of its site is going on.
    """
    with _held_run(layout, run_id, clock) as publisher:
        publisher.publish(run_id, accepted=True)


def reject_run(layout: Layout, run_id: str, reason: str, clock: Clock) -> None:
    """Drop a held run's records; its captures stay in WARC, its event stays in the ledger."""
    with _held_run(layout, run_id, clock) as publisher:
        publisher.close_without_publishing(run_id, "rejected", reason)


@contextmanager
def _held_run(layout: Layout, run_id: str, clock: Clock) -> Iterator[Publisher]:
    for site in layout.sites_with_state():
        state = State(layout, site, clock)
        try:
            if not Staging.holds(state, run_id):
                continue
            state.acquire()
            recover(layout, site)
            staging = Staging(state)
            run = staging.run(run_id)
            if run.status not in (HELD, ACCEPTING):
                again = "import" if site == IMPORT_FOLDER else f"crawl {site}"
                raise UsageError(f"run {run_id} is not held but unfinished; go on with it by: docarchive {again}")
            yield Publisher(layout, state, staging, clock)
            return
        finally:
            state.close()
    raise NotFound(f"no held run {run_id}; list runs with: docarchive runs")
