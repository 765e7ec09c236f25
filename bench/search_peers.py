"""What others take for the same questions over the same records: SQLite FTS5 over pairs, a DuckDB scan."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from archive.archive import Archive
from archive.folding import fold
from archive.text_index.tokens import joined, pairs
from bench.search import SPEED_SAMPLE, p95
from bench.search_records import words
from bench.sizes import Row

BATCH = 2_000


def rows(folder: Path, archive: Archive) -> Iterator[Row]:
    """Yield size and speed of each peer."""
    terms = [words()[rank] for rank in range(0, 3 * SPEED_SAMPLE, 3)][:20]
    path = folder / "fts5.sqlite"
    began = time.process_time()
    count = _fill(path, archive)
    spent = time.process_time() - began
    with sqlite3.connect(path) as db:
        hits = [
            lambda t=t: db.execute("SELECT count(*) FROM texts WHERE texts MATCH ?", (_phrase(t),)).fetchone()
            for t in terms
        ]
        tops = [
            lambda t=t: db.execute(
                "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 10", (_phrase(t),)
            ).fetchall()
            for t in terms
        ]
        yield "SQLite FTS5 over pairs: records indexed a CPU second", f"{count / spent:.0f}", ""
        yield "SQLite FTS5 over pairs: bytes a record", f"{path.stat().st_size / count:,.0f}", "without the records"
        yield "SQLite FTS5 over pairs, count of a word: ms, p95", f"{p95(hits)[0]:.1f}", ""
        yield "SQLite FTS5 over pairs, BM25 top 10: ms, p95", f"{p95(tops)[0]:.1f}", ""
    scans = [
        lambda t=t: archive.query(
            "SELECT count(*) FROM raw_versions WHERE contains(preview_text, $t)", {"t": t}
        ).to_list()
        for t in terms[:5]
    ]
    yield "DuckDB scan, count of a word: ms, p95", f"{p95(scans)[0]:.0f}", "neither folded nor by version"


def _fill(path: Path, archive: Archive) -> int:
    count = 0
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA synchronous = OFF")
        # One token is what stands between spaces: every other character belongs to a token.
        db.execute(
            "CREATE VIRTUAL TABLE texts USING "
            "fts5(pairs, content='', tokenize=\"unicode61 categories 'L* N* P* S* Co Cn M*'\")"
        )
        for batch in archive.query("SELECT title, tags, preview_text FROM raw_versions").batches():
            texts = (
                joined([fold(t or "") for t in (row["title"], *(row["tags"] or ()), row["preview_text"])])
                for row in batch.to_pylist()
            )
            db.executemany(
                "INSERT INTO texts(rowid, pairs) VALUES (?, ?)", ((count + i, pairs(t)) for i, t in enumerate(texts))
            )
            count += batch.num_rows
    return count


def _phrase(term: str) -> str:
    return '"' + pairs(term).replace('"', '""') + '"'
