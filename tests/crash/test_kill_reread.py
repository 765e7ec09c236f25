"""A reread killed at every kind of step, gone on with by the same command: all of it is visible, once, or nothing."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from archive.archive import Archive
from archive.clock import ManualClock
from archive.layout import create, open_layout
from archive.verifying.verify import verify
from crawler.reading import read_page
from tests.reread.conftest import START, ReadSite, document, first_reader

from .reread_with import apply

DOCUMENTS = 24
SHORT_FORM_FAULTS = (9, 15, 40, 82, 91)
"""Steps of a reread of 24 documents that the short form dies at: begun, reading, frozen, published, forgotten.

The long form dies at each."""
PUBLISHED, HELD = range(1, 13), range(9, 33)
"""Documents of the archive whose held run is healed."""
HEALING_FAULTS = (9, 58, 103)
"""Steps of the healing of a held run of 24: begun, frozen, forgotten; the long form dies at each."""


def pages(numbers: range) -> dict[str, str]:
    return {f"/doc/{n}.html": document(str(n)) for n in numbers}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with one published run."""
    site = ReadSite(create(tmp_path_factory.mktemp("crawled") / "data"), ManualClock(START))
    site.crawl(pages(range(1, DOCUMENTS + 1)), read=read_page)
    return site.layout.root


@pytest.fixture(scope="module")
def with_held_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An archive with a published run and one that was held, and that one's id."""
    site = ReadSite(create(tmp_path_factory.mktemp("held") / "data"), ManualClock(START))
    site.crawl(pages(PUBLISHED), read=read_page)
    held = site.crawl(pages(HELD), read=first_reader, hold="sizes jumped")
    return site.layout.root, held


def titles(archive: Path) -> list[str]:
    with Archive.open(archive) as opened:
        return [row["title"] for row in opened.records(limit=0)]


def check(archive: Path, numbers: Sequence[int]) -> None:
    """Every document is there, read again once, nothing of the archive is damaged, the state holds no leftovers."""
    assert sorted(titles(archive)) == sorted(f"计划{number} *" for number in numbers)
    with Archive.open(archive) as opened:
        for table in ("versions", "sightings"):
            read = opened.query(f"SELECT doc_id FROM {table} WHERE reader = 'general/99'")
            assert sorted(row["doc_id"] for row in read) == sorted(map(str, numbers)), table
        events = Counter((row["run_id"], row["event"]) for row in opened.runs())
        assert set(events.values()) == {1}
    layout = open_layout(archive)
    assert [str(finding) for finding in verify(layout) if finding.severity == "damage"] == []
    for path in (layout.root / "state").glob("*.sqlite"):
        with sqlite3.connect(path) as db:
            assert db.execute("SELECT count(*) FROM staged").fetchone() == (0,)
            assert db.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def reread_dies(archive: Path, fault: int) -> bool:
    """Let a reread die at a step, look at what readers see, go on; return whether it got to the step."""
    died = apply(archive, fault=fault) == -signal.SIGKILL
    assert len({title.endswith(" *") for title in titles(archive)}) == 1, "a part of a run is visible"
    assert apply(archive) == 0
    check(archive, range(1, DOCUMENTS + 1))
    return died


def healing_dies(archive: Path, held: str, fault: int) -> bool:
    """Let the healing of a held run die at a step, look at what readers see, go on."""
    died = apply(archive, fault=fault, held=held) == -signal.SIGKILL
    seen = titles(archive)
    assert len(seen) in (len(PUBLISHED), HELD.stop - 1), "a part of a run is visible"
    assert sum(title.endswith(" *") for title in seen) == (len(HELD) if len(seen) > len(PUBLISHED) else 0)
    assert apply(archive) == 0
    check(archive, range(1, HELD.stop))
    return died


@pytest.mark.timeout(400)
def test_a_reread_killed_at_chosen_steps(crawled: Path, tmp_path: Path) -> None:
    for fault in SHORT_FORM_FAULTS:
        archive = tmp_path / str(fault)
        shutil.copytree(crawled, archive)
        assert reread_dies(archive, fault), "a reread has fewer steps: choose others"


@pytest.mark.timeout(400)
def test_a_reread_killed_again_and_again(crawled: Path, tmp_path: Path) -> None:
    """Every start of the command dies after some more steps, until one gets to the end."""
    archive = tmp_path / "archive"
    shutil.copytree(crawled, archive)
    kills = 0
    while apply(archive, fault=4 + 9 * kills) == -signal.SIGKILL:
        kills += 1
    assert kills > 2
    check(archive, range(1, DOCUMENTS + 1))


@pytest.mark.timeout(400)
def test_healing_killed_at_chosen_steps(with_held_run: tuple[Path, str], tmp_path: Path) -> None:
    crawled, held = with_held_run
    for fault in HEALING_FAULTS:
        archive = tmp_path / str(fault)
        shutil.copytree(crawled, archive)
        assert healing_dies(archive, held, fault), "healing has fewer steps: choose others"


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_reread_killed_at_every_step(crawled: Path, tmp_path: Path) -> None:
    fault = 1
    while reread_dies(Path(shutil.copytree(crawled, tmp_path / str(fault))), fault):
        fault += 1
    assert fault > 80


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_healing_killed_at_every_step(with_held_run: tuple[Path, str], tmp_path: Path) -> None:
    crawled, held = with_held_run
    fault = 1
    while healing_dies(Path(shutil.copytree(crawled, tmp_path / str(fault))), held, fault):
        fault += 1
    assert fault > 80
