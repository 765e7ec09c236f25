"""A site with a staged run, and what its tables say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from archive import durable
from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.published import tables
from archive.publishing.publish import Publisher
from archive.record import DocumentRecord
from archive.site_state.staging import FETCHED, CapturedPage, Change, Staging
from archive.site_state.state import State


@dataclass
class Site:
    """One site's open state, with short ways to stage and publish."""

    layout: Layout
    clock: ManualClock
    name: str = "huiwen"

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.state = State(self.layout, self.name, self.clock)
        self.state.acquire()
        self.staging = Staging(self.state)
        self.publisher = Publisher(self.layout, self.state, self.staging, self.clock)

    def reopen(self) -> None:
        """What the next process does after this one was killed."""
        self.state.abandon()
        self.open()

    def stage(self, run_id: str, *documents: tuple[str, str]) -> list[Change | None]:
        """Stage one page a (doc_id, title)."""
        self.clock.advance(1)
        with self.state.transaction():
            self.staging.start_run(run_id, started_at=self.clock.now(), reader="general/1", options={})
            changes = [self._stage_page(run_id, number, *d) for number, d in enumerate(documents)]
            self.staging.save_counts(run_id, self.staging.document_counts(run_id))
            self.staging.set_status(run_id, FETCHED, finished_at=self.clock.now())
        return changes

    def _stage_page(self, run_id: str, number: int, doc_id: str, title: str) -> Change | None:
        url = f"https://docs.example/{doc_id}"
        capture = f"<urn:uuid:{run_id}-{number}>"
        page = CapturedPage(
            site=self.name,
            capture=capture,
            url=url,
            canonical_url=url,
            fetched_at=self.clock.now(),
            http_status=200,
            content_type="text/html",
            record_type="response",
            refers_to=None,
            payload_digest=f"sha256:{run_id}{number}",
            payload_bytes=1,
            warc_file=f"warc/{self.name}/{run_id}-1-00000.warc.gz",
            warc_offset=number * 10,
            warc_length=10,
            page_type="document",
            reason="labels",
        )
        record = DocumentRecord(
            site=self.name,
            doc_id=doc_id,
            url=url,
            canonical_url=url,
            title=title,
            fetched_at=self.clock.now(),
            run_id=run_id,
            capture=capture,
            reader="general/1",
            other_labels={"上传者": ("甲",)},
        )
        return self.staging.stage(run_id, page, record, url_id=number)

    def rows(self, table: str, run_id: str = "") -> list[dict[str, Any]]:
        """Rows of a table, published or not: all, or those in files of *run_id*."""
        files = [p for p in tables.snapshot(self.layout).files[table] if Path(p).name.startswith(run_id)]
        return [row for path in files for row in pq.read_table(path, partitioning=None).to_pylist()]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = Site(create(tmp_path / "data"), ManualClock(datetime(2026, 3, 1, 3, tzinfo=UTC)))
    yield opened
    durable.fault_hook = None
    opened.state.abandon()
