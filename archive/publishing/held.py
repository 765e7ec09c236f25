"""What a person says about a run that was held back, or cannot be published: release it, or drop it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from archive.clock import Clock
from archive.errors import NotFound, UsageError
from archive.layout import IMPORT_FOLDER, Layout
from archive.publishing.publish import Publisher
from archive.site_state.reread_staging import is_reread
from archive.site_state.staging import ACCEPTING, FETCHED, HELD, PUBLISHING, Staging
from archive.site_state.state import State
from archive.warc.recovery import recover


def accept_run(layout: Layout, run_id: str, clock: Clock) -> None:
    """Publish a held run; what was published meanwhile stays newer.

    Raises NotFound when no site holds such a run, SiteBusy while a run of its site is going on.
    """
    with _staged_run(layout, run_id, clock, (HELD, ACCEPTING)) as publisher:
        imported = "import" in publisher.staging.run(run_id).options
        publisher.publish(run_id, accepted=True, preface="import" if imported else None)


def reject_run(layout: Layout, run_id: str, reason: str, clock: Clock) -> None:
    """Drop the records of a run that is held, or that cannot be published because a file of it is damaged.

    Its captures stay in WARC, its event stays in the ledger. Raises UsageError for a run that is visible already: it
    was killed at its very end, and goes on to it.
    """
    with _staged_run(layout, run_id, clock, (HELD, ACCEPTING, FETCHED, PUBLISHING)) as publisher:
        if publisher.is_visible(run_id):
            publisher.publish(run_id)
            raise UsageError(f"run {run_id} is published already; nothing was rejected")
        publisher.close_without_publishing(run_id, "rejected", reason)


@contextmanager
def _staged_run(layout: Layout, run_id: str, clock: Clock, statuses: tuple[str, ...]) -> Iterator[Publisher]:
    for site in layout.sites_with_state():
        state = State(layout, site, clock)
        try:
            if not Staging.holds(state, run_id):
                continue
            state.acquire()
            recover(layout, site)
            staging = Staging(state)
            run = staging.run(run_id)
            if run.status not in statuses:
                again = "import" if site == IMPORT_FOLDER else f"crawl {site}"
                if is_reread(run):
                    again = f"reread --site {site} --apply"
                raise UsageError(f"run {run_id} is not held but unfinished; go on with it by: docarchive {again}")
            yield Publisher(layout, state, staging, clock)
            return
        finally:
            state.close()
    raise NotFound(f"no held run {run_id}; list runs with: docarchive runs")
