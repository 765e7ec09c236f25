"""A simulated site with a few published runs behind it, to be copied and broken."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archive.layout import open_layout
from bench.direct import DirectSite
from crawler.order import CrawlOutcome
from docarchive import Archive

DOCUMENTS = 40


@dataclass
class Watched:
    """A site, and the archive that watches it."""

    site: DirectSite
    folder: Path

    def crawl(self, **options: Any) -> CrawlOutcome:
        return self.site.crawl(self.folder, **options)

    def copied(self, folder: Path) -> Watched:
        """Return a copy whose site has its own clock and lives its own life."""
        shutil.copytree(self.folder, folder)
        return Watched(copy.deepcopy(self.site), folder)

    @property
    def layout(self) -> Any:
        return open_layout(self.folder)

    def visible(self) -> dict[str, dict[str, Any]]:
        """Return doc_id -> what readers see of it."""
        with Archive.open(self.folder) as opened:
            return {row["doc_id"]: dict(row) for row in opened.records(limit=0)}

    def events(self, run_id: str) -> list[dict[str, Any]]:
        """Return the ledger's rows of a run."""
        with Archive.open(self.folder) as opened:
            return [dict(row) for row in opened.runs() if row["run_id"] == run_id]


def watched(folder: Path, documents: int = DOCUMENTS, runs: int = 2) -> Watched:
    """Return a site that was crawled *runs* times and lived a little between them."""
    site = Watched(DirectSite(documents, lost_documents=False), folder)
    for number in range(runs):
        if number:
            site.site.happen("changed", count=1)
            site.site.happen("added", count=2)
        assert site.crawl().event == "published"
    return site


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    yield watched(tmp_path_factory.mktemp("watched") / "data")
