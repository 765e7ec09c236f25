"""The notify command is called once when something begins, and once when it is over."""

from __future__ import annotations

import errno
import json
import os
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archive import durable
from archive.layout import site_folder
from archive.publishing.held import reject_run
from crawler.telling import notify
from crawler.telling.last_end import BLOCKED, Ended, note_end
from crawler.telling.memory import recall
from crawler.telling.notify import call, tell
from tests.telling.conftest import Watched

LISTENER = """
import json, os, sys
event = json.load(sys.stdin)
event["environment"] = [os.environ[f"DOCARCHIVE_{name}"] for name in ("EVENT", "SITE", "RUN")]
with open(sys.argv[1], "a", encoding="utf-8") as file:
    file.write(json.dumps(event) + "\\n")
sys.exit(int(sys.argv[2]))
"""


@dataclass
class Listener:
    """A command that writes down what it is told."""

    folder: Path
    exit_code: int = 0

    @property
    def command(self) -> str:
        script = self.folder / "listener.py"
        script.write_text(LISTENER, encoding="utf-8")
        return shlex.join([sys.executable, str(script), str(self.folder / "heard"), str(self.exit_code)])

    def heard(self) -> list[dict[str, Any]]:
        path = self.folder / "heard"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def events(self) -> list[str]:
        return [event["event"] for event in self.heard()]


@pytest.fixture
def listener(tmp_path: Path) -> Listener:
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    return Listener(folder)


def block(watched: Watched) -> None:
    ended = Ended(run_id="r", event=BLOCKED, exit_code=4, reason="the site is down", at=watched.clock.now())
    note_end(watched.layout, "huiwen", ended)


def test_once_a_change_of_condition(watched: Watched, listener: Listener) -> None:
    watched.run(new=5)
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    assert listener.heard() == []
    held = watched.run(event="held").run_id
    for _ in range(3):
        tell(watched.layout, watched.status(), listener.command, watched.clock)
    watched.run(event="held")  # the same matter still
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    (event,) = listener.heard()
    assert event["environment"] == ["held", "huiwen", held]
    assert event["reason"].endswith("pages was read on 2% of the documents")
    assert event["next"] == f"docarchive runs show {held} --archive {watched.layout.root}"
    for run_id in watched.status().history.held:  # type: ignore[union-attr]
        reject_run(watched.layout, run_id, "no", watched.clock)
    for _ in range(2):
        tell(watched.layout, watched.status(), listener.command, watched.clock)
    assert listener.events() == ["held", "recovered"]
    assert listener.heard()[1]["was"] == ["held"]
    assert recall(watched.layout, "huiwen") == {}


def test_several_things_at_a_time(watched: Watched, listener: Listener) -> None:
    watched.many(*[1] * 5)
    block(watched)
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    watched.clock.advance(10 * 86_400)
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    assert listener.events() == ["blocked", "overdue"]
    watched.run(new=1)
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    assert listener.events() == ["blocked", "overdue", "recovered"]
    assert sorted(listener.heard()[2]["was"]) == ["blocked", "overdue"]


def test_a_command_that_fails_is_called_again_but_not_for_ever(
    watched: Watched, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    watched.run(event="held")
    listener.exit_code = 3
    for number in range(notify.TRIES + 3):
        assert tell(watched.layout, watched.status(), listener.command, watched.clock) == (number < notify.TRIES)
    assert listener.events() == ["held"] * notify.TRIES
    assert "exit code 3" in caplog.text


def test_what_comes_back_is_told_anew(watched: Watched, listener: Listener) -> None:
    watched.run(new=1)
    for _ in range(2):
        block(watched)
        tell(watched.layout, watched.status(), listener.command, watched.clock)
        watched.run(new=1)
        tell(watched.layout, watched.status(), listener.command, watched.clock)
    assert listener.events() == ["blocked", "recovered"] * 2


def test_killed_between_call_and_note_it_is_told_again(watched: Watched, listener: Listener) -> None:
    watched.run(event="held")

    def die(operation: str, subject: object) -> None:
        raise KeyboardInterrupt

    status = watched.status()
    durable.fault_hook = die
    try:
        with pytest.raises(KeyboardInterrupt):
            tell(watched.layout, status, listener.command, watched.clock)
    finally:
        durable.fault_hook = None
    tell(watched.layout, status, listener.command, watched.clock)
    tell(watched.layout, status, listener.command, watched.clock)
    assert listener.events() == ["held", "held"]


def test_a_site_named_like_a_command_stays_a_name(watched: Watched, listener: Listener, tmp_path: Path) -> None:
    site = f"$(touch {tmp_path}/x);`touch {tmp_path}/y`\n--help"
    watched.run(site, event="held", reason="'; touch z; '")
    tell(watched.layout, watched.status(site), listener.command, watched.clock)
    (event,) = listener.heard()
    assert event["site"] == event["environment"][1] == site
    assert not (tmp_path / "x").exists()
    assert not (tmp_path / "y").exists()
    assert (tmp_path / "data/state" / f"{site_folder(site)}.told.json").exists()


def test_a_command_that_hangs_is_ended_with_what_it_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(notify, "LIMIT_SECONDS", 0.5)
    child = tmp_path / "child"
    code = (
        "import pathlib, subprocess, sys, time; "
        "started = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        f"pathlib.Path({str(child)!r}).write_text(str(started.pid)); time.sleep(60)"
    )
    event = {"event": "held", "site": "s", "run_id": None}
    began = time.monotonic()
    assert "had not ended" in str(call(shlex.join([sys.executable, "-c", code]), event))
    assert time.monotonic() - began < 10
    for _ in range(100):
        if not _lives(int(child.read_text())):
            break
        time.sleep(0.05)
    else:
        raise AssertionError("what the command started lives on")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("command", ["/nowhere/at/all", "'open quote", "true"])
def test_a_command_that_is_not_there_or_does_not_listen(command: str) -> None:
    event = {"event": "held", "site": "s", "run_id": None, "reason": "x" * 500_000}
    assert (call(command, event) is None) == (command == "true")


def test_what_is_remembered_may_be_damaged(watched: Watched, listener: Listener) -> None:
    watched.run(event="held")
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    for text in ("", "[]", '{"held": 7}', '{"held": {"since": "x"}}'):
        watched.layout.state("huiwen").with_suffix(".told.json").write_text(text)
        assert recall(watched.layout, "huiwen") == {}
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    assert listener.events() == ["held", "held"]


def test_nobody_to_tell(watched: Watched) -> None:
    watched.run(event="held")
    assert tell(watched.layout, watched.status(), None, watched.clock) == 0
    assert not watched.layout.state("huiwen").with_suffix(".told.json").exists()


def test_a_full_disk_keeps_nobody_from_hearing_of_it(
    watched: Watched, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    watched.many(*[1] * 5)
    block(watched)
    watched.clock.advance(10 * 86_400)
    status = watched.status()

    def full(operation: str, subject: object) -> None:
        if operation in durable.FAILING_OPERATIONS:
            raise OSError(errno.ENOSPC, "No space left on device")

    durable.fault_hook = full
    try:
        tell(watched.layout, status, listener.command, watched.clock)
    finally:
        durable.fault_hook = None
    assert listener.events() == ["blocked", "overdue"]
    assert "could not be noted" in caplog.text


def test_what_was_seen_before_a_run_ended_is_looked_at_again(watched: Watched, listener: Listener) -> None:
    watched.run(new=1)
    block(watched)
    aged = watched.status()
    watched.run(new=1)
    tell(watched.layout, aged, listener.command, watched.clock, look_again=watched.status)
    assert listener.events() == []


def test_a_recovery_that_nobody_heard_of_is_told_again(watched: Watched, listener: Listener) -> None:
    watched.run(new=1)
    block(watched)
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    watched.run(new=1)
    listener.exit_code = 1
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    listener.exit_code = 0
    for _ in range(2):
        tell(watched.layout, watched.status(), listener.command, watched.clock)
    assert listener.events() == ["blocked", "recovered", "recovered"]


def test_a_pause_is_no_recovery(watched: Watched, listener: Listener) -> None:
    watched.run(new=1)
    block(watched)
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    (watched.layout.root / "paused").mkdir()
    (watched.layout.root / "paused/huiwen.json").write_text('{"reason": "moving", "until": null}')
    tell(watched.layout, watched.status(), listener.command, watched.clock)
    assert listener.events() == ["blocked"]
