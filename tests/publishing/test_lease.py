"""One run a site."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.clock import ManualClock, SystemClock
from archive.errors import LeaseLost, NotAnArchive, SiteBusy
from archive.layout import Layout, create
from archive.site_state.state import SCHEMA_VERSION, State

HOLDER = """
import sys, time
from pathlib import Path
from archive.clock import SystemClock
from archive.layout import open_layout
from archive.site_state.state import State
state = State(open_layout(Path(sys.argv[1])), "huiwen", SystemClock())
print(state.acquire().epoch, flush=True)
time.sleep(60)
"""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return create(tmp_path / "data")


@pytest.fixture
def holder(layout: Layout):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(layout.root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_run_is_refused_and_told_the_process(layout: Layout, holder: subprocess.Popen[str]) -> None:
    state = State(layout, "huiwen", SystemClock())
    with pytest.raises(SiteBusy, match=f"process {holder.pid} "):
        state.acquire()
    state.abandon()


def test_another_site_is_not_held(layout: Layout, holder: subprocess.Popen[str]) -> None:
    state = State(layout, "renrendoc", SystemClock())
    assert state.acquire().epoch == 1
    state.close()


def test_a_dead_holder_is_taken_over_with_a_higher_epoch(layout: Layout, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    state = State(layout, "huiwen", SystemClock())
    assert state.acquire().epoch == 2
    state.close()


def test_a_lease_given_back_is_free(layout: Layout) -> None:
    for epoch in (1, 2, 3):
        state = State(layout, "huiwen", SystemClock())
        assert state.acquire().epoch == epoch
        state.close()


def test_after_a_takeover_nothing_more_is_written(layout: Layout) -> None:
    """A holder silent for longer than the lease lasts finds its token gone at its next transaction."""
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    old = State(layout, "huiwen", clock)
    old.acquire()
    old.db.execute("UPDATE lease SET pid = 1, process_start = NULL, host = 'elsewhere'")
    clock.advance(119)
    new = State(layout, "huiwen", clock)
    with pytest.raises(SiteBusy):
        new.acquire()
    clock.advance(2)
    assert new.acquire().epoch == 2
    with pytest.raises(LeaseLost, match="taken over"), old.transaction():
        pytest.fail("the transaction must not begin")
    with pytest.raises(LeaseLost):
        old.begin_group()
    old.abandon()
    new.close()


def test_a_reused_process_id_is_no_holder(layout: Layout) -> None:
    state = State(layout, "huiwen", SystemClock())
    state.acquire()
    state.db.execute("UPDATE lease SET pid = ?, process_start = '1', token = 'x'", (os.getppid(),))
    state.abandon()
    other = State(layout, "huiwen", SystemClock())
    assert other.acquire().epoch == 2
    other.close()


def test_state_of_a_newer_program_is_refused(layout: Layout) -> None:
    state = State(layout, "huiwen", SystemClock())
    state.db.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    state.abandon()
    with pytest.raises(NotAnArchive, match="upgrade docarchive"):
        State(layout, "huiwen", SystemClock())


def test_a_holder_that_only_waits_keeps_its_lease(layout: Layout) -> None:
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    waiting = State(layout, "huiwen", clock)
    waiting.acquire()
    for _ in range(5):
        clock.advance(100)
        waiting.keep_lease()
        waiting.db.execute("UPDATE lease SET host = 'elsewhere'")
        other = State(layout, "huiwen", clock)
        with pytest.raises(SiteBusy):
            other.acquire()
        other.abandon()
    waiting.close()
