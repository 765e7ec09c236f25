"""Maintenance behind a run that is published: whatever becomes of it, the run stands."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from archive.clock import ManualClock
from archive.errors import MachineTrouble
from bench.direct import OPENED_AT
from crawler.run import _maintain
from docarchive import Archive
from tests.crawl.days import Days


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_maintenance_and_fails_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    days = Days(tmp_path / "data", {"documents": 3})
    days.crawl()

    def long_maintenance(*_: object) -> None:
        os.kill(os.getpid(), number)
        raise AssertionError("the signal did not stop it")

    monkeypatch.setattr("archive.maintenance.maintain.maintain_if_due", long_maintenance)
    with Archive.open(days.archive) as archive:
        _maintain(archive.layout, ManualClock(OPENED_AT), of_many=False)
    assert "the run is published; maintenance was stopped" in caplog.text


def test_what_hinders_maintenance_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    days = Days(tmp_path / "data", {"documents": 3})
    days.crawl()

    def hindered(*_: object) -> None:
        raise MachineTrouble("the disk is full")

    monkeypatch.setattr("archive.maintenance.maintain.maintain_if_due", hindered)
    with Archive.open(days.archive) as archive:
        _maintain(archive.layout, ManualClock(OPENED_AT), of_many=False)
    assert "the run is published; maintenance was not done: the disk is full" in caplog.text
