"""What happens once a run has ended: its report is written, the figures are, and a person is told what has changed.

Nothing of it can fail the run: what goes wrong is logged, in the run's log as well.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.clock import Clock, parse_instant
from archive.errors import ArchiveError
from archive.layout import Layout
from archive.run_history import RunHistory, RunRow
from archive.staging import Run
from crawler.errors import ProfileError
from crawler.profile import SiteProfile, load_profile, profile_files
from crawler.telling.conditions import Trouble
from crawler.telling.last_end import Ended, note_end
from crawler.telling.metrics import metrics_path, write_metrics
from crawler.telling.notify import tell
from crawler.telling.overview import overview
from crawler.telling.report import RUNS_SHOWN, Report, report_paths, write_report
from crawler.telling.whom import Whom

logger = logging.getLogger(__name__)

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
"""As in the rest of a run's log."""


@dataclass(frozen=True, kw_only=True)
class RunEnd:
    """How a run ended."""

    site: str
    run: Run | None
    """As the state had it, its counts up to date; None: it did not come so far as to be one."""
    event: str
    """As in the ledger, else `BLOCKED` or `FAILED`."""
    exit_code: int
    reason: str | None
    resumed: bool = False
    failures: tuple[tuple[str, str], ...] = ()
    """Some of the URLs that were given up, with the reason."""


def after_run(layout: Layout, end: RunEnd, whom: Whom, clock: Clock) -> None:
    """Write the report and the figures, and tell a person. Call it when the site's lease has been given back."""
    run_id = end.run.run_id if end.run is not None else None
    ended = Ended(run_id=run_id, event=end.event, exit_code=end.exit_code, reason=end.reason, at=clock.now())
    with _logged_too(layout, run_id):
        with _logging("how the run ended could not be noted"):
            note_end(layout, end.site, ended)
        with _logging("what the archive says of its sites could not be read"), RunHistory(layout) as ledger:
            seen = overview(layout, ledger, readable_profiles(whom.sites), clock, {end.site: ended})
            status = next((each for each in seen.sites if each.site == end.site), None)
            with _logging("the report of the run could not be written"):
                _write_reports(layout, ledger, end, status.troubles if status is not None else (), clock)
            with _logging(f"{metrics_path(layout)} could not be written"):
                write_metrics(layout, seen)
            with _logging("what the notify command was called for could not be noted"):
                if status is not None:
                    tell(layout, status, whom.notify, clock, run_id)


def _write_reports(layout: Layout, ledger: RunHistory, end: RunEnd, now: Sequence[Trouble], clock: Clock) -> None:
    """Write the run's report; that of the run before too, where that was killed between its commit and its report."""
    before = ledger.runs(end.site, RUNS_SHOWN + 1)
    own = end.run.run_id if end.run is not None else None
    earlier = next((row for row in reversed(before) if row.run_id != own), None)
    if earlier is not None and not report_paths(layout, earlier.run_id)[0].exists():
        write_report(layout, report_of_ledger(ledger, earlier), clock.now())
    if end.run is None:
        return
    report = Report(
        run=_row(end.run, end, clock.now()),
        exit_code=end.exit_code,
        reason=end.reason,
        resumed=end.resumed,
        failures=end.failures,
        before=before,
        troubles=now,
    )
    write_report(layout, report, clock.now())


def report_of_ledger(ledger: RunHistory, run: RunRow) -> Report:
    """Return the report of an earlier run, as far as the ledger knows."""
    return Report(
        run=run,
        exit_code=None,
        reason=run.reason,
        resumed=False,
        failures=None,
        before=ledger.runs(run.site, RUNS_SHOWN, until=run.run_id),
        troubles=(),
    )


def readable_profiles(folder: Path | None) -> dict[str, SiteProfile]:
    """Return every profile that is sound: one that is not must not hide how the other sites are."""
    found = {}
    for name, path in profile_files(folder).items():
        try:
            found[name] = load_profile(path)
        except ProfileError as error:
            logger.warning("%s", error)
    return found


def _row(run: Run, end: RunEnd, now: datetime) -> RunRow:
    started = parse_instant(run.started_at)
    return RunRow(
        run_id=run.run_id,
        site=end.site,
        event=end.event,
        started_at=started,
        finished_at=parse_instant(run.finished_at) if run.finished_at else max(started, now),
        counts=run.counts,
        options=run.options,
        reason=end.reason,
    )


@contextmanager
def _logging(sentence: str) -> Iterator[None]:
    """Log what goes wrong in the block, and go on behind it."""
    try:
        yield
    except ArchiveError as error:
        logger.warning("%s: %s", sentence, error)
    except Exception:
        logger.exception("%s; this is a bug, please report it", sentence)


@contextmanager
def _logged_too(layout: Layout, run_id: str | None) -> Iterator[None]:
    """Send what is logged here to the run's own log as well."""
    ours = logging.getLogger("crawler.telling")
    handlers: list[logging.Handler] = []
    if run_id is not None and layout.logs.is_dir():
        handlers.append(logging.FileHandler(layout.logs / f"{run_id}.log", encoding="utf-8", delay=True))
        handlers[0].setFormatter(logging.Formatter(LOG_FORMAT))
        if not ours.hasHandlers() and logging.lastResort is not None:
            handlers.append(logging.lastResort)  # what nobody takes goes to standard error, and goes on to
    for handler in handlers:
        ours.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            ours.removeHandler(handler)
        if handlers:
            handlers[0].close()
