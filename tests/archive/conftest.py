"""An archive whose tables are written row by row, without a crawl."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.archive import Archive
from archive.layout import TABLES, Layout, create, open_layout
from archive.published import delta_log, ledger, tables
from archive.publishing.publish import file_digest
from archive.record import DocumentRecord, content_digest, text_digest, to_json
from archive.site_state.parts import table_row

START = datetime(2026, 3, 1, tzinfo=UTC)


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


def record(
    doc_id: str, title: str = "", *, site: str = "huiwen", at: datetime = START, **values: Any
) -> DocumentRecord:
    url = f"https://docs.example/{doc_id}"
    if "preview_text" in values:
        values["text_digest"] = text_digest(values["preview_text"])
    defaults = {"reader": "general/1", "capture": f"<urn:uuid:{site}-{doc_id}-{at:%d%H%M%S}>"}
    return DocumentRecord(
        site=site,
        doc_id=doc_id,
        url=url,
        canonical_url=url,
        title=title or f"文档{doc_id}",
        fetched_at=at,
        **(defaults | values),
    )


@dataclass
class WrittenArchive:
    """Runs are published in the order in which they are written here."""

    layout: Layout
    run_seq: int = 0
    last_digest: str | None = None
    parts: dict[str, int] = field(default_factory=dict)
    files: dict[str, dict[str, str]] = field(default_factory=dict)
    """Run -> path -> digest, as the ledger names the files of a run that readers see."""

    def __post_init__(self) -> None:
        opened = tables.OpenTables(self.layout)
        for name in TABLES:
            opened.newest(name)

    def rows(self, run_id: str, name: str, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        part = self.parts[run_id] = self.parts.get(run_id, 0) + 1
        path = self.layout.table(name) / f"{run_id}-{part:05d}-{name}.parquet"
        table = tables.OpenTables(self.layout).newest(name)
        tables.write_parquet(path, name, [table_row(row, run_id) for row in rows])
        assert delta_log.commit(table, path, tables.SCHEMAS[name], len(rows), {})
        self.files.setdefault(run_id, {})[str(path.relative_to(self.layout.root))] = file_digest(path)

    def event(self, run_id: str, event: str, at: datetime, site: str | None = "huiwen", **values: Any) -> int:
        self.run_seq += 1
        row: dict[str, Any] = {
            "run_id": run_id,
            "run_seq": self.run_seq,
            "site": site,
            "event": event,
            "at": at,
            "reader": "general/1",
            "started_at": at,
            "finished_at": at,
            "parts": 1,
            "counts": {},
            "files": self.files.get(run_id, {}) if event in ledger.HAS_PARTS else {},
            "options": "{}",
            "reason": None,
            "previous_digest": self.last_digest,
            **values,
        }
        row["digest"] = self.last_digest = ledger.row_digest(row)
        path = self.layout.table("runs") / f"{run_id}-{self.run_seq:08d}-runs.parquet"
        table = tables.OpenTables(self.layout).newest("runs")
        tables.write_parquet(path, "runs", [row])
        assert delta_log.commit(table, path, tables.SCHEMAS["runs"], 1, {ledger.CHAIN: self.run_seq})
        return self.run_seq

    def run(
        self,
        run_id: str,
        *records: DocumentRecord,
        at: datetime,
        events: tuple[str, ...] = ("published",),
        previous: dict[str, str] | None = None,
        without_versions: tuple[str, ...] = (),
    ) -> None:
        """Write a run that saw *records*, each a sighting, a capture and a version.

        *previous*: doc_id -> previous_reread_digest. *without_versions*: doc_ids whose content was known.
        """
        before = previous or {}
        versions = [
            {**to_json(r), "content_digest": content_digest(r), "previous_reread_digest": before.get(r.doc_id)}
            for r in records
            if r.doc_id not in without_versions
        ]
        self.rows(run_id, "versions", versions)
        self.rows(run_id, "sightings", [sighting(r) for r in records])
        self.rows(run_id, "captures", [capture(r) for r in records])
        for event in events:
            self.event(run_id, event, at)

    def copied(self, root: Path) -> WrittenArchive:
        """Return a copy in the new folder *root* that lives its own life."""
        shutil.copytree(self.layout.root, root)
        return replace(self, layout=open_layout(root), parts=dict(self.parts))

    def open(self) -> Archive:
        return Archive.open(self.layout.root)


def sighting(seen: DocumentRecord, until: datetime | None = None) -> dict[str, Any]:
    row = to_json(seen)
    return {
        **{name: row[name] for name in ("site", "doc_id", "capture", "reader", "counters")},
        "content_digest": content_digest(seen),
        "seen_from": row["fetched_at"],
        "seen_until": row["fetched_at"] if until is None else to_json(record("x", at=until))["fetched_at"],
    }


def capture(seen: DocumentRecord) -> dict[str, Any]:
    row = to_json(seen)
    return {
        **{name: row[name] for name in ("capture", "site", "url", "canonical_url", "fetched_at", "doc_id", "reader")},
        "http_status": 200,
        "content_type": "text/html",
        "record_type": "response",
        "warc_file": f"warc/{seen.site}/made.warc.gz",
        "warc_offset": 17,
        "warc_length": 100,
        "page_type": "document",
        "reason": "labels",
    }


@pytest.fixture
def written(tmp_path: Path) -> WrittenArchive:
    return WrittenArchive(create(tmp_path / "data"))
