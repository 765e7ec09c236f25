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
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from archive.clock import Clock, instant_text
from archive.errors import MachineTrouble
from archive.layout import Layout
from crawler.telling.conditions import Trouble
from crawler.telling.event import event
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


def tell(
    layout: Layout,
    status: SiteStatus,
    notify: str | None,
    clock: Clock,
    run_id: str | None = None,
    *,
    look_again: Callable[[str], SiteStatus | None] | None = None,
) -> int:
    """Tell what has changed about a site since a person was last told; return how many calls failed.

    *look_again* returns how the site is by now. Where *status* may have aged, for a run may have ended meanwhile, it is
    asked before anyone is called. Killed between a call and the note that it was made, the next one tells it again.
    While another process tells about this site, nothing is done: what remains is told the next time.
    """
    if notify is None:
        return 0
    with remembering(layout, status.site) as ours:
        if not ours:
            return 0
        call = _Call(layout, status, notify, clock.now(), run_id)
        if look_again is not None and call.has_news():
            newer = look_again(status.site)
            if newer is None:
                return 0
            call = _Call(layout, newer, notify, clock.now(), run_id)
        call.tell_troubles()
        call.tell_recovered()
        return call.failed


class _Call:
    """What is to be told about one site now."""

    def __init__(self, layout: Layout, status: SiteStatus, notify: str, now: datetime, run_id: str | None) -> None:
        self.layout = layout
        self.status = status
        self.notify = notify
        self.now = now
        self.run_id = run_id
        self.troubles = {trouble.condition.value: trouble for trouble in status.troubles}
        self.told = recall(layout, status.site)
        self.failed = 0

    def has_news(self) -> bool:
        """Whether anything is to be told, or to be forgotten."""
        return self.told.keys() != self.troubles.keys() or any(self._is_waiting(note) for note in self.told.values())

    @staticmethod
    def _is_waiting(note: Told) -> bool:
        return note.is_over or not (note.reached or note.tries >= TRIES)

    def tell_troubles(self) -> None:
        """Tell of each condition that no person has heard of."""
        for name, trouble in self.troubles.items():
            note = self.told.get(name)
            if note is None or note.is_over:
                note = Told(since=self.now, run_id=trouble.run_id or self.run_id)
            if self._is_waiting(note):
                self.told[name] = self._called(note, self._of_trouble(name, trouble, note))
                self._remember()

    def tell_recovered(self) -> None:
        """Tell, in one call, of all that is over.

        Of what no person heard of, the end is no news; and of a paused site nobody knows whether it is over.
        """
        over = [name for name in self.told if name not in self.troubles]
        if not over:
            return
        notes = {name: self.told.pop(name) for name in over}
        news = {name: note for name, note in notes.items() if note.reached or note.is_over}
        if news and self.status.paused is None:
            since = min(note.since for note in news.values())
            tries = max(note.tries if note.is_over else 0 for note in news.values())
            over_now = event(
                self.layout,
                RECOVERED,
                site=self.status.site,
                at=self.now,
                since=instant_text(since),
                reason=f"no longer {' or '.join(news)}",
                run_id=self.run_id,
                was=list(news),
            )
            note = self._called(Told(since=since, tries=tries, is_over=True), over_now)
            if not note.reached and note.tries < TRIES:
                self.told.update(dict.fromkeys(news, note))
        self._remember()

    def _of_trouble(self, name: str, trouble: Trouble, note: Told) -> dict[str, Any]:
        return event(
            self.layout,
            name,
            site=self.status.site,
            at=self.now,
            since=instant_text(note.since),
            reason=trouble.reason,
            run_id=note.run_id,
            next_command=trouble.command_anywhere(self.layout.root),
        )

    def _called(self, note: Told, told: Mapping[str, Any]) -> Told:
        """Call the command; return the note with what became of it."""
        trouble = call(self.notify, told)
        if trouble is None:
            return replace(note, reached=True)
        logger.warning("the notify command failed (%s) on %s of %s", trouble, told["event"], told["site"])
        self.failed += 1
        return replace(note, tries=note.tries + 1)

    def _remember(self) -> None:
        """Note what was told; where that cannot be, it will be told again, and what comes next is told all the same."""
        try:
            remember(self.layout, self.status.site, self.told)
        except MachineTrouble as error:
            logger.warning("it could not be noted that a person was told of %s: %s", self.status.site, error)


def call(notify: str, told: Mapping[str, Any]) -> str | None:
    """Call the command *notify* with the event *told*; return why it failed, or None.

    After `LIMIT_SECONDS` it is ended with all that it started.
    """
    environment = {
        **os.environ,
        "DOCARCHIVE_EVENT": told["event"],
        "DOCARCHIVE_SITE": told["site"].replace("\0", ""),
        "DOCARCHIVE_RUN": told["run_id"] or "",
    }
    data = orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
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
