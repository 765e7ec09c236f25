"""The notify command: called once when something begins to be the matter with a site, and once when it is over.

It gets the event as JSON on standard input, and its name in the environment. What a site sent never becomes a word of
a command: the words are those of `notify` in docarchive.toml, split as a shell would, and no shell runs.
"""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from archive.clock import Clock, instant_text
from archive.layout import Layout
from crawler.telling.conditions import Trouble
from crawler.telling.memory import Told, recall, remember, remembering
from crawler.telling.overview import SiteStatus

logger = logging.getLogger(__name__)

LIMIT_SECONDS = 30.0
"""A mail or a web hook takes seconds; a command that hangs must not keep the next site from being crawled."""

TRIES = 5
"""Calls that fail after which a thing is let be: what half works must not call a person at every run."""

LOGGED_BYTES = 2_000
"""Of what a failing command prints."""

RECOVERED = "recovered"


def tell(layout: Layout, status: SiteStatus, notify: str | None, clock: Clock, run_id: str | None = None) -> int:
    """Tell what has changed about a site since a person was last told; return how many calls failed.

    Killed between a call and the note that it was made, the next one tells it again. While another process tells about
    this site, nothing is done: what remains is told the next time. Raises MachineTrouble.
    """
    if notify is None:
        return 0
    with remembering(layout, status.site) as ours:
        return _tell(layout, status, notify, clock, run_id) if ours else 0


def _tell(layout: Layout, status: SiteStatus, notify: str, clock: Clock, run_id: str | None) -> int:
    told = recall(layout, status.site)
    before = dict(told)
    now = clock.now()
    failed = 0
    current = {trouble.condition.value: trouble for trouble in status.troubles}
    for name, trouble in current.items():
        note = told.get(name)
        if note is None or note.is_over:
            note = Told(since=now, run_id=trouble.run_id or run_id)
        if not note.reached and note.tries < TRIES:
            event = _event(layout, status.site, name, now, note.since, note.run_id, trouble=trouble)
            note, went_wrong = _called(note, notify, event)
            failed += went_wrong
        told[name] = note
        if told != before:
            remember(layout, status.site, told)
            before = dict(told)
    failed += _tell_recovered(layout, status, notify, told, current, now, run_id)
    return failed


def _tell_recovered(
    layout: Layout,
    status: SiteStatus,
    notify: str,
    told: dict[str, Told],
    current: Mapping[str, Trouble],
    now: datetime,
    run_id: str | None,
) -> int:
    """Tell, in one call, of all that is over. Of what no person heard of, its end is no news."""
    over = [name for name in told if name not in current]
    news = [name for name in over if told[name].reached or told[name].is_over]
    if not over:
        return 0
    failed = 0
    for name in over:
        if name not in news or status.paused is not None:  # paused: nobody knows whether it is over
            del told[name]
    news = [name for name in news if name in told]
    if news:
        first = told[news[0]]
        over_since = first if first.is_over else Told(since=now, is_over=True)
        event = _event(layout, status.site, RECOVERED, now, min(told[n].since for n in news), run_id, was=news)
        note, went_wrong = _called(over_since, notify, event)
        failed += went_wrong
        for name in news:
            if note.reached or note.tries >= TRIES:
                del told[name]
            else:
                told[name] = note
    remember(layout, status.site, told)
    return failed


def _called(note: Told, notify: str, event: Mapping[str, Any]) -> tuple[Told, bool]:
    """Call the command; return the note with what became of it, and whether it failed."""
    trouble = call(notify, event)
    if trouble is None:
        return replace(note, reached=True), False
    logger.warning("the notify command failed (%s) on %s of %s", trouble, event["event"], event["site"])
    return replace(note, tries=note.tries + 1), True


def _event(
    layout: Layout,
    site: str,
    name: str,
    now: datetime,
    since: datetime,
    run_id: str | None,
    *,
    trouble: Trouble | None = None,
    was: list[str] | None = None,
) -> dict[str, Any]:
    report = layout.root / "reports" / f"{run_id}.html"
    return {
        "event": name,
        "site": site,
        "run_id": run_id,
        "at": instant_text(now),
        "since": instant_text(since),
        "reason": trouble.reason if trouble is not None else f"no longer {' or '.join(was or ())}",
        "was": was,
        "next": trouble.command if trouble is not None else None,
        "archive": str(layout.root),
        "report": str(report) if run_id is not None and report.is_file() else None,
    }


def call(notify: str, event: Mapping[str, Any]) -> str | None:
    """Call the command *notify* with *event*; return why it failed, or None.

    After `LIMIT_SECONDS` it is ended with all that it started.
    """
    environment = {
        **os.environ,
        "DOCARCHIVE_EVENT": event["event"],
        "DOCARCHIVE_SITE": event["site"].replace("\0", ""),
        "DOCARCHIVE_RUN": event["run_id"] or "",
    }
    data = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
    with tempfile.TemporaryFile() as heard:
        try:
            process = subprocess.Popen(
                shlex.split(notify),
                stdin=subprocess.PIPE,
                stdout=heard,
                stderr=heard,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return str(error)
        try:
            process.communicate(data, timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            return f"it had not ended after {LIMIT_SECONDS:g} s"
        finally:
            _end_all(process)
        if process.returncode == 0:
            return None
        heard.seek(0)
        said = " ".join(heard.read(LOGGED_BYTES).decode("utf-8", "replace").split())
        return f"exit code {process.returncode}{': ' + said if said else ''}"


def _end_all(process: subprocess.Popen[bytes]) -> None:
    """End the command if it still runs, and what it started with it."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        process.wait()
