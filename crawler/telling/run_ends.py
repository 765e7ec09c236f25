"""Telling how a run ended, whoever ran it: a command, Scrapy's own, a worker of `crawl --due`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.clock import Clock
from archive.errors import ArchiveError, LeaseLost, NotAnArchive, SiteBusy, UsageError
from archive.layout import Layout
from archive.site_state.attempts import INTERRUPTED
from crawler.telling.last_end import BLOCKED, FAILED, note_end
from crawler.telling.run_end import RunEnd

if TYPE_CHECKING:
    from crawler.order import CrawlOutcome, CrawlRequest
    from crawler.run import CrawlRun


logger = logging.getLogger(__name__)

Later = Callable[[RunEnd], None]
"""Takes the end of a run that another process is to tell of (`crawler.telling.after_run`)."""


class Telling:
    """What is known of a run at its end."""

    def __init__(self, request: CrawlRequest, clock: Clock, later: Later | None = None) -> None:
        self.request = request
        self.clock = clock
        self.later = later
        self.begun: CrawlRun | None = None
        self.outcome: CrawlOutcome | None = None

    def tell(self, error: BaseException | None = None) -> None:
        """Write the run's report and tell a person, if a person is to be told, or leave that to others."""
        request, outcome = self.request, self.outcome
        if request.whom is None or not (request.archive / "archive.json").exists():
            return
        session = self.begun.session if self.begun is not None else None
        run = getattr(session, "run", None)
        event, code, reason = FAILED, getattr(error, "exit_code", 5), _sentence(error)
        if outcome is not None:
            event, code, reason = outcome.event or BLOCKED, outcome.exit_code, outcome.reason or ""
        end = RunEnd(
            site=request.site,
            run=replace(run, counts=dict(session.counts)) if session is not None and run is not None else None,
            event=event,
            exit_code=code,
            reason=reason or None,
            at=self.clock.now(),
            resumed=outcome.resumed if outcome is not None else False,
            failures=tuple(outcome.failures) if outcome is not None else (),
        )
        layout = Layout(request.archive.absolute())
        if self.later is None:
            from crawler.telling.after_run import after_run  # DuckDB comes with it: not while fetching

            after_run(layout, end, request.whom, self.clock)
            return
        try:
            note_end(layout, end.site, end.ended())
        except ArchiveError as error:  # a full disk: whoever tells of it knows nevertheless
            logger.warning("how the run ended could not be noted: %s", error)
        self.later(end)


def _sentence(error: BaseException | None) -> str:
    return str(error) if isinstance(error, ArchiveError) else f"this is a bug ({type(error).__name__}: {error})"


@contextmanager
def told_afterwards(request: CrawlRequest, clock: Clock, later: Later | None = None) -> Iterator[Telling]:
    """Tell how the run in the block ended, whether well or by an error. One that was interrupted has not ended.

    With *later* the end is noted and handed to it instead, so that this process needs neither DuckDB nor the time.
    """
    telling = Telling(request, clock, later)
    try:
        yield telling
    except (UsageError, NotAnArchive, SiteBusy, LeaseLost):  # nothing ran, or another one goes on
        raise
    except Exception as error:
        telling.tell(error)
        raise
    if telling.outcome is not None and telling.outcome.exit_code != INTERRUPTED:
        telling.tell()
