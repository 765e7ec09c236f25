"""An archive of many made-up records, with a small crawled site among them, to ask the web page of it."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.archive import Archive
from archive.layout import TABLES, Layout, create
from archive.published import delta_log, ledger, tables
from archive.record import DocumentRecord, content_digest, text_digest, to_json
from archive.site_state.parts import table_row
from simulator import SimulatorOptions, running

SITE = "made"
RUN_RECORDS = 10_000
"""A file of each table for so many, as maintenance leaves them."""
CHANGED_SHARE, COPIED_SHARE, WITHDRAWN_SHARE = 0.02, 0.01, 0.01
BEGAN = datetime(2026, 1, 1, 3, tzinfo=UTC)
FORMATS = ("pdf", "docx", "doc", "xls", "ppt")

_CHARACTERS = [chr(c) for c in range(0x4E00, 0x4E00 + 3_000)]


def make_archive(folder: Path, records: int, seed: int = 5) -> tuple[Layout, Path]:
    """Make an archive of *records* documents in *folder*; return its layout. A tenth of a millisecond each."""
    layout = create(folder / "data")
    _crawl(folder, layout)
    chance = random.Random(seed)
    words = ["".join(chance.choices(_CHARACTERS, k=chance.choice((2, 2, 2, 3, 4)))) for _ in range(8_000)]
    texts = [_text(chance, words) for _ in range(2_000)]
    books = _Books(layout)
    known: list[DocumentRecord] = []
    for number, first in enumerate(range(0, records, RUN_RECORDS)):
        at = BEGAN + timedelta(days=number)
        count = min(RUN_RECORDS, records - first)
        new = [_record(chance, words, texts, first + each, at) for each in range(count)]
        copied = chance.sample(new, int(count * COPIED_SHARE))
        new += [replace(each, doc_id=f"{each.doc_id}-copy", url=f"{each.url}-copy", canonical_url=f"{each.url}-copy")
                for each in copied]  # fmt: skip
        before = chance.sample(known, min(len(known), int(count * CHANGED_SHARE)))
        changed = [_changed(each, at) for each in before]
        gone = chance.sample(known, min(len(known), int(count * WITHDRAWN_SHARE)))
        books.publish(f"{at:%Y%m%dT%H%M%SZ}-{number:06x}", [*new, *changed], gone, at)
        known = new
    return layout, folder


def _crawl(folder: Path, layout: Layout) -> None:
    """Crawl twelve documents, whose pages can then be looked at."""
    with running(SimulatorOptions(documents=12, lost_documents=False, clock_start=BEGAN, clock_speed=0.0)) as site:
        words = ["crawl", "huiwen", "--start", site.start_urls[0], "--allow-host", site.host, "--delay", "0"]
        command = [sys.executable, "-m", "docarchive", *words, "--archive", str(layout.root)]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)


def _text(chance: random.Random, words: list[str]) -> str:
    sentences = (
        "，".join("".join(chance.choices(words, k=5)) for _ in range(3)) + "。" for _ in range(chance.randint(8, 24))
    )
    return "".join(sentences)


def _record(chance: random.Random, words: list[str], texts: list[str], number: int, at: datetime) -> DocumentRecord:
    text = "\n".join(("".join(chance.choices(words, k=6)) + "。", chance.choice(texts), chance.choice(words)))
    day = date(2005, 1, 1) + timedelta(days=chance.randrange(7_600))
    url = f"https://docs.example/doc/{number}"
    return DocumentRecord(
        site=f"{SITE}{number % 7}",
        doc_id=str(number),
        url=url,
        canonical_url=url,
        title="".join(chance.choices(words, k=5)),
        size_bytes=chance.randrange(10_000, 9_000_000),
        pages=chance.randrange(1, 200),
        format=chance.choice(FORMATS),
        published_on=day.isoformat(),
        published_text=day.isoformat(),
        published_from=day,
        published_until=day,
        tags=tuple(chance.sample(words[:300], 4)),
        preview_text=text,
        text_digest=text_digest(text),
        fetched_at=at + timedelta(milliseconds=number % RUN_RECORDS),
        reader="general/4",
        capture=f"<urn:uuid:{number:032x}>",
        provenance={"pages": "label:页数"},
    )


def _changed(before: DocumentRecord, at: datetime) -> DocumentRecord:
    text = (before.preview_text or "").replace("。", "，又。", 3)
    return replace(
        before, preview_text=text, text_digest=text_digest(text), pages=(before.pages or 0) + 1, fetched_at=at,
        capture=f"{before.capture[:-1]}-2>" if before.capture else None,
    )  # fmt: skip


class _Books:
    """Publishes runs as a crawl would have left them."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        with Archive.open(layout.root) as opened:
            last = opened.runs().to_list()[-1]
        self._run_seq, self._digest = last["run_seq"], last["digest"]

    def publish(self, run_id: str, seen: list[DocumentRecord], gone: list[DocumentRecord], at: datetime) -> None:
        rows = [{**to_json(each), "content_digest": content_digest(each)} for each in seen]
        instant = rows[0]["fetched_at"]
        written = {
            "versions": rows,
            "sightings": [{**row, "seen_from": row["fetched_at"], "seen_until": row["fetched_at"]} for row in rows],
            "captures": [{**row, **_CAPTURE, "warc_file": f"warc/{run_id}.warc.gz"} for row in rows],
            "decisions": [
                {"site": each.site, "doc_id": each.doc_id, "kind": "withdrawn", "at": instant} for each in gone
            ],
        }
        for name in TABLES:
            if written.get(name):
                columns = tables.SCHEMAS[name].names
                kept = ({n: row.get(n) for n in columns} for row in written[name])
                self._write(name, f"{run_id}-00001-{name}.parquet", [table_row(row, run_id) for row in kept])
        self._run_seq += 1
        counts = {"documents": len(seen), "new": len(seen), "requests": len(seen) + 10, "withdrawn": len(gone)}
        row: dict[str, Any] = {
            "run_id": run_id, "run_seq": self._run_seq, "site": f"{SITE}0", "event": "published", "at": at,
            "reader": "general/4", "started_at": at, "finished_at": at, "parts": 1, "counts": counts, "files": {},
            "options": "{}", "reason": None, "previous_digest": self._digest,
        }  # fmt: skip
        row["digest"] = self._digest = ledger.row_digest(row)
        self._write("runs", f"{run_id}-{self._run_seq:08d}-runs.parquet", [row], {ledger.CHAIN: self._run_seq})

    def _write(
        self, name: str, file: str, rows: list[dict[str, Any]], transactions: dict[str, int] | None = None
    ) -> None:
        path = self.layout.table(name) / file
        table = tables.OpenTables(self.layout).newest(name)
        tables.write_parquet(path, name, rows)
        assert delta_log.commit(table, path, tables.SCHEMAS[name], len(rows), transactions or {})


_CAPTURE = {
    "http_status": 200, "content_type": "text/html", "record_type": "response", "warc_offset": 17, "warc_length": 100,
    "page_type": "document", "reason": "labels",
}  # fmt: skip


def some_documents(layout: Layout, count: int) -> Iterator[tuple[str, str]]:
    """Yield some of the made-up documents, of which one has changed and one has a copy."""
    with Archive.open(layout.root) as opened:
        for condition in (
            "doc_id LIKE '%-copy'",
            "content_digest IN (SELECT content_digest FROM raw_versions LIMIT 1)",
        ):
            row = next(iter(opened.query(f"SELECT site, doc_id FROM raw_versions WHERE {condition} LIMIT 1")))
            yield row["site"], row["doc_id"]
        rows = opened.query(
            f"SELECT site, doc_id FROM raw_versions WHERE site LIKE '{SITE}%' "
            f"GROUP BY ALL HAVING count(*) > 1 LIMIT {count}"
        )
        for row in rows:
            yield row["site"], row["doc_id"]
