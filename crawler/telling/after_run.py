"""What happens once runs have ended: their reports are written, the figures are, a person is told what has changed.

Nothing of it can fail a run: what goes wrong is logged, in the run's log as well.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from archive.clock import Clock, parse_instant
from archive.errors import ArchiveError
from archive.layout import Layout
from archive.published.run_history import RunHistory, RunRow
from archive.site_state.staging import Run
from crawler.errors import ProfileError
from crawler.profile import SiteProfile, load_profile, profile_files
from crawler.telling.conditions import Trouble
from crawler.telling.last_end import Ended, last_end, note_end
from crawler.telling.metrics import metrics_path, write_metrics
from crawler.telling.notify import tell
from crawler.telling.overview import overview
from crawler.telling.report import RUNS_SHOWN, Report, write_report
from crawler.telling.report_files import report_paths
from crawler.telling.run_end import RunEnd
from crawler.telling.whom import Whom

logger = logging.getLogger(__name__)

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
"""As in the rest of a run's log."""


def after_run(layout: Layout, end: RunEnd, whom: Whom, clock: Clock) -> None:
    """Note how a run ended, and do the rest. Call it when the site's lease has been given back."""
    with _logged_too(layout, end), _logging("how the run ended could not be noted"):
        note_end(layout, end.site, end.ended())
    after_runs(layout, (end,), whom, clock)


def after_runs(layout: Layout, ends: Sequence[RunEnd], whom: Whom, clock: Clock) -> None:
    """Write the reports and the figures, and tell a person of runs whose ends are noted.

    The ledger and every site are looked at once for all of them: of a hundred sites that takes a quarter of a second.
    """
    with ExitStack() as logs:
        for end in ends:
            logs.enter_context(_logged_too(layout, end))
        with _logging("what the archive says of its sites could not be read"), RunHistory(layout) as ledger:
            logs.close()  # from here on each end has its own log
            _tell_of(layout, ledger, ends, whom, clock)


def _tell_of(layout: Layout, ledger: RunHistory, ends: Sequence[RunEnd], whom: Whom, clock: Clock) -> None:
    seen = overview(layout, ledger, readable_profiles(whom.sites), clock, _just_ended(layout, ends))
    statuses = {each.site: each for each in seen.sites}
    for end in ends:
        status = statuses.get(end.site)
        with _logged_too(layout, end), _logging("the report of the run could not be written"):
            _write_reports(layout, ledger, end, status.troubles if status is not None else (), clock)
    with _logged_too(layout, ends[-1]), _logging(f"{metrics_path(layout)} could not be written"):
        write_metrics(layout, seen)
    for end in {end.site: end for end in ends}.values():  # last, for the command may take its time
        with _logged_too(layout, end), _logging("what the notify command was called for could not be noted"):
            if end.site in statuses:
                run_id = end.run.run_id if end.run is not None else None
                tell(layout, statuses[end.site], whom.notify, clock, run_id)


def _just_ended(layout: Layout, ends: Sequence[RunEnd]) -> dict[str, Ended]:
    """Return how the sites' last runs ended, where that could not be noted."""
    found: dict[str, Ended] = {}
    for end in ends:
        noted = last_end(layout, end.site)
        if noted is None or noted.at < end.at:
            found[end.site] = end.ended()
    return found


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
        run=_row(end.run, end),
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


def _row(run: Run, end: RunEnd) -> RunRow:
    started = parse_instant(run.started_at)
    return RunRow(
        run_id=run.run_id,
        site=end.site,
        event=end.event,
        started_at=started,
        finished_at=parse_instant(run.finished_at) if run.finished_at else max(started, end.at),
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
def _logged_too(layout: Layout, end: RunEnd) -> Iterator[None]:
    """Send what is logged here to the run's own log as well."""
    run_id = end.run.run_id if end.run is not None else None
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
