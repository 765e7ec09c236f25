"""A publish under a power cut: only what was made lasting is there afterwards, and that is enough."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import durable
from archive.clock import ManualClock
from archive.layout import create
from tests.warc.conftest import Killed
from tests.warc.power import PowerCut

from .conftest import Site

STRIDE = 11
"""In the short form every fifth operation is the last; `make bench` tries all."""


class ArchivePowerCut(PowerCut):
    """Knows besides that SQLite makes its file lasting at commits of that kind, and at no other."""

    def _finish_last(self) -> None:
        if self._pending is not None and self._pending[0] == "sqlite-commit:lasting:after":
            self._keep_state()
        super()._finish_last()

    def _keep_state(self) -> None:
        folder = self._root / "state"
        for path in folder.glob("*.sqlite*"):
            self._keep_file(path)
        self._keep_folder(folder)


def _publish_with_a_cut_at(folder: Path, at: int) -> bool:
    """Publish with the power cut at an operation, restore, publish again; return whether the cut came at all."""
    site = Site(create(folder), ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))
    site.stage("r0", ("1", "甲"), ("2", "乙"))
    site.publisher.publish("r0")
    site.stage("r1", ("1", "丙"), ("2", "丁"), ("3", "戊"))
    site.state.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    cut = ArchivePowerCut(folder, at)
    durable.fault_hook = cut
    came = False
    try:
        site.publisher.publish("r1")
    except Killed:
        came = True
    finally:
        durable.fault_hook = None
    site.state.abandon()
    cut.restore()
    site.open()
    for run in site.staging.runs():
        site.publisher.publish(run.run_id)
    for table, numbers in (("versions", (2, 3)), ("sightings", (2, 3)), ("captures", (2, 3)), ("runs", (1, 1))):
        for run_id, number in zip(("r0", "r1"), numbers, strict=True):
            assert len(site.rows(table, run_id)) == number, (at, table, run_id)
    known = site.staging.known_document("huiwen", "3")
    assert known is not None
    site.state.abandon()
    return came


def _cut_everywhere(folder: Path, first: int, stride: int) -> int:
    at = first
    while _publish_with_a_cut_at(folder / str(at), at):
        at += stride
    return at


def test_a_power_cut_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert _cut_everywhere(tmp_path, 1, STRIDE) > 40


@pytest.mark.long
@pytest.mark.parametrize("first", range(2, STRIDE + 1))
def test_a_power_cut_anywhere(tmp_path: Path, first: int) -> None:
    _cut_everywhere(tmp_path, first, STRIDE)
