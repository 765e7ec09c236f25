"""Killed, or the power cut, at any step: every answer stays, and the next maintenance finishes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from archive import durable
from archive.layout import create
from archive.maintenance import maintain
from tests.publishing.test_power import ArchivePowerCut
from tests.warc.conftest import Killed
from tests.warc.power import PowerCut

from .conftest import DAY, Years, light_answers, problems

STRIDE = 53
"""In the short form some operations are the last; the long form tries all."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Years:
    years = Years(create(tmp_path_factory.mktemp("made") / "data"))
    for number in range(3):
        years.day(number)
    maintain.maintain(years.layout, years.clock)
    years.day(3)
    years.day(4)  # what the first maintenance replaced is old enough to be deleted
    return years


def _end_at(made: Years, before: dict[str, Any], folder: Path, at: int, kind: str) -> bool:
    """Do maintenance that ends at an operation, then look and do it again; return whether it ended early at all."""
    root = folder / str(at)
    years = made.copied(root)
    cut = ArchivePowerCut(root, at) if kind == "power cut" else PowerCut(root, at)
    durable.fault_hook = cut
    came = False
    try:
        maintain.maintain(years.layout, years.clock)
    except Killed:
        came = True
    finally:
        durable.fault_hook = None
    if kind == "power cut":
        cut.restore()
    assert not [text for text in problems(years.layout, quick=True) if text.startswith("damage")], at
    assert light_answers(years.layout, made.runs[4]) == before, at
    years.clock.advance(DAY)
    maintain.maintain(years.layout, years.clock)
    assert light_answers(years.layout, made.runs[4]) == before, at
    assert problems(years.layout) == [], at
    shutil.rmtree(root)
    return came


@pytest.mark.parametrize("kind", [pytest.param("kill", marks=pytest.mark.long), "power cut"])
def test_killed_now_and_then(made: Years, tmp_path: Path, kind: str) -> None:
    at, before = 1, light_answers(made.layout, made.runs[4])
    while _end_at(made, before, tmp_path, at, kind):
        at += STRIDE
    assert at > 3 * STRIDE


@pytest.mark.long
@pytest.mark.parametrize("kind", ["kill", "power cut"])
@pytest.mark.parametrize("first", range(2, STRIDE + 1))
def test_killed_anywhere(made: Years, tmp_path: Path, kind: str, first: int) -> None:
    at, before = first, light_answers(made.layout, made.runs[4])
    while _end_at(made, before, tmp_path, at, kind):
        at += STRIDE
