"""An archive of several runs of two sites, and everything that can be asked of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import durable
from archive.archive import Archive
from archive.clock import ManualClock
from archive.layout import TABLES, Layout, create, open_layout
from archive.published import tables
from archive.verifying.verify import verify
from tests.archive.test_verify import CrawledSite
from tests.publishing.conftest import Site

START = datetime(2026, 1, 30, tzinfo=UTC)
DAY = 86_400.0
RAW = ("versions", "sightings", "captures", "decisions")


@dataclass
class Years:
    """Two sites crawled day by day; titles change as *CHANGES* say."""

    layout: Layout
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    runs: list[str] = field(default_factory=list)
    instants: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sites = [CrawledSite(self.layout, self.clock, name) for name in ("docs", "acts")]

    def day(self, number: int) -> None:
        self.clock.advance(DAY)
        for site in self.sites:
            run_id = f"{self.clock.now():%Y%m%dT%H%M%SZ}-{site.name}"
            pages = {"1": "甲", "2": "乙改" if number == 3 else "乙", "3": f"丙{number // 3}"}
            site.crawl(run_id, pages | ({"4": "丁"} if number else {}))
            self.runs.append(run_id)
            self.instants.append(self.clock.now())

    def copied(self, root: Path) -> Years:
        """Return a copy in the new folder *root* that lives its own life."""
        shutil.copytree(self.layout.root, root)
        return Years(open_layout(root), ManualClock(self.clock.now()), [*self.runs], [*self.instants])

    def answers(self) -> dict[str, Any]:
        return answers(self.layout, self.runs, self.instants)

    def files(self, name: str) -> list[str]:
        return [Path(path).name for path in tables.snapshot(self.layout).files[name]]


def answers(layout: Layout, runs: list[str], instants: list[datetime]) -> dict[str, Any]:
    """What the archive answers to every kind of question, about now and about before."""
    with Archive.open(layout.root) as opened:
        found: dict[str, Any] = {"now": opened.records().to_list()}
        columns = "* EXCLUDE (row_file, file_row_number)"
        for name in RAW:
            chosen = columns if name == "versions" else "*"
            found[name] = opened.query(f"SELECT {chosen} FROM raw_{name} ORDER BY ALL").to_list()
        found["all versions"] = opened.query("SELECT * FROM versions ORDER BY site, doc_id, version").to_list()
        found["history"] = opened.history("docs", "2")
        found["as published"] = [opened.records(as_published=run).to_list() for run in runs[1::4]]
        found["as of"] = [opened.records(as_of=instant).to_list() for instant in instants[::4]]
        found["ledger"] = [r for r in opened.runs().to_list() if r["event"] not in ("compacted", "rebuilt")]
    for row in found["ledger"]:  # a row of maintenance or of a rebuild in between
        for name in ("run_seq", "previous_digest", "digest"):
            row.pop(name)
    return found


def light_answers(layout: Layout, run: str) -> dict[str, Any]:
    """The rows of every table, all versions, and what readers saw when *run* was published."""
    with Archive.open(layout.root) as opened:
        found: dict[str, Any] = {
            name: sorted(map(str, opened.query(f"SELECT * EXCLUDE ({hidden}) FROM raw_{name}").to_list()))
            for name, hidden in (
                ("sightings", "reader"),
                ("captures", "reader"),
                ("versions", "row_file, file_row_number"),
            )
        }
        found["as published"] = opened.records(as_published=run).to_list()
    return found


def problems(layout: Layout, **keywords: Any) -> list[str]:
    return [str(finding) for finding in verify(layout, **keywords)]


def small_files(layout: Layout) -> int:
    names = [Path(path).name for paths in tables.snapshot(layout).files.values() for path in paths]
    return sum(not name.startswith(tables.COMPACTED) for name in names)


@pytest.fixture(scope="session")
def five_days(tmp_path_factory: pytest.TempPathFactory) -> Years:
    """Five days of two sites; to be copied."""
    made = Years(create(tmp_path_factory.mktemp("five-days") / "data"))
    for number in range(5):
        made.day(number)
    return made


@pytest.fixture
def years(five_days: Years, tmp_path: Path) -> Any:
    yield five_days.copied(tmp_path / "data")
    durable.fault_hook = None


@pytest.fixture
def site(tmp_path: Path) -> Any:
    opened = Site(create(tmp_path / "data"), ManualClock(START))
    yield opened
    durable.fault_hook = None
    opened.state.abandon()


__all__ = ["DAY", "TABLES", "Years", "answers", "problems", "small_files"]
