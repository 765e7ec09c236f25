"""What is the matter with a site, as far as a person has to know, with the command that comes next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from archive.published.run_history import HeldApart, SiteHistory
from archive.site_state.glance import Glance
from crawler.telling.last_end import BLOCKED, FAILED, Ended
from crawler.telling.rhythm import Rhythm
from crawler.telling.silence import Silence


class Condition(StrEnum):
    """What a person is told of, the most urgent first."""

    FAILED = "failed"
    """The last run could not go on: this machine, or a bug."""
    HELD = "held"
    """A run waits for a person's judgement."""
    EMPTY = "empty"
    """The last run found no document at all."""
    BLOCKED = "blocked"
    """The site could not be reached, or does not let us in."""
    OVERDUE = "overdue"
    """No run came to its end for much longer than usual."""
    SILENT = "silent"
    """Nothing new for longer than the site's own rhythm explains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One condition of one site."""

    condition: Condition
    reason: str
    """A sentence without its closing stop; what comes from a site may stand in it."""
    run_id: str | None = None
    words: tuple[str, ...]
    """The command to type next, without `docarchive`."""

    @property
    def command(self) -> str:
        """The command as a shell takes it."""
        return shlex.join(("docarchive", *self.words))

    def command_anywhere(self, archive: Path) -> str:
        """The command for whoever reads of the trouble elsewhere, in a mail or a report: it names the archive."""
        return shlex.join(("docarchive", *self.words, "--archive", str(archive.absolute())))


def troubles(
    *,
    start: Sequence[str],
    history: SiteHistory | None,
    ended: Ended | None,
    glance: Glance,
    rhythm: Rhythm,
    silence: Silence | None,
    paused: bool,
    now: datetime,
) -> tuple[Trouble, ...]:
    """Return what is the matter with a site, the most urgent first.

    *start* are the words that `crawl` takes for this site. A paused site is left in peace; what waits for a person goes
    on to.
    """
    found = [*_of_last_end(start, history, ended), *_of_ledger(start, history)]
    if not glance.readable:
        reason = "its state file cannot be read"
        found.append(Trouble(condition=Condition.FAILED, reason=reason, words=("verify", "--quick")))
    if history is not None and rhythm.is_overdue(now) and glance.at_work is None:
        found.append(_overdue(start, history, rhythm, now))
    if silence is not None and silence.is_unexplained:
        found.append(_silent(start, silence))
    if paused:
        found = [trouble for trouble in found if trouble.condition is Condition.HELD]
    order = list(Condition)
    return tuple(sorted(found, key=lambda trouble: order.index(trouble.condition)))


def held_apart(run: HeldApart) -> Trouble:
    """Return what there is to do about a held run that asked no site anything."""
    what = "an import" if run.site is None else f"a reread of {run.site}"
    return Trouble(
        condition=Condition.HELD,
        reason=f"{what} waits for you: {run.reason or 'it was held back'}",
        run_id=run.run_id,
        words=("runs", "show", run.run_id),
    )


def _of_last_end(start: Sequence[str], history: SiteHistory | None, ended: Ended | None) -> list[Trouble]:
    if ended is None or (history is not None and ended.at < history.last.finished_at):
        return []
    reason = ended.reason or "the last run ended without saying why"
    if ended.event == BLOCKED:
        words: tuple[str, ...] = ("crawl", *start)
        return [Trouble(condition=Condition.BLOCKED, reason=reason, run_id=ended.run_id, words=words)]
    if ended.event == FAILED:
        words = ("runs", "log", ended.run_id) if ended.run_id else ("crawl", *start)
        return [Trouble(condition=Condition.FAILED, reason=reason, run_id=ended.run_id, words=words)]
    return []


def _of_ledger(start: Sequence[str], history: SiteHistory | None) -> list[Trouble]:
    if history is None:
        return []
    found = []
    if history.held:
        waiting = history.held[-1]
        count = len(history.held)
        many = f"{count} runs wait for you, the last one" if count > 1 else "a run waits for you"
        found.append(
            Trouble(
                condition=Condition.HELD,
                reason=f"{many}: {history.held_reason or 'it was held back'}",
                run_id=waiting,
                words=("runs", "show", waiting),
            )
        )
    if history.last.event == "empty" and not history.last.partial:
        found.append(
            Trouble(
                condition=Condition.EMPTY,
                reason="the last run found no document",
                run_id=history.last.run_id,
                words=("sites", "try", *start),
            )
        )
    return found


def _overdue(start: Sequence[str], history: SiteHistory, rhythm: Rhythm, now: datetime) -> Trouble:
    assert rhythm.interval is not None
    since, usual = in_words(now - history.starts[-1]), in_words(rhythm.interval)
    reason = f"the last whole run began {since} ago; usually one begins every {usual}"
    return Trouble(condition=Condition.OVERDUE, reason=reason, words=("crawl", *start))


def _silent(start: Sequence[str], silence: Silence) -> Trouble:
    reason = (
        f"nothing new for {silence.days} days, since {silence.since}; the longest pause before had "
        f"{silence.longest_gap_days}, and by the site's own rhythm {_one_in(silence.probability)} is as long as this"
    )
    return Trouble(condition=Condition.SILENT, reason=reason, words=("sites", "try", *start))


def _one_in(probability: float) -> str:
    return "less than one in a million" if probability < 1e-6 else f"one in {round(1 / probability):,}"


def in_words(span: timedelta) -> str:
    """Return a length of time as people say it, in the largest unit that fits.

    >>> [in_words(timedelta(seconds=s)) for s in (40, 3_000, 93_600, 86_400, 400_000)]
    ['40 seconds', '50 minutes', '26 hours', '24 hours', '4.6 days']
    """
    seconds = max(0.0, span.total_seconds())
    for unit, length, until in (("second", 1, 100), ("minute", 60, 100 * 60), ("hour", 3_600, 48 * 3_600)):
        if seconds < until:
            return _counted(round(seconds / length), unit)
    days = seconds / 86_400
    return f"{days:.1f} days" if days < 10 else f"{round(days)} days"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
