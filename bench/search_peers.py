"""What others take for the same questions over the same records: SQLite FTS5 over pairs, LanceDB, a DuckDB scan."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa

from archive.archive import Archive
from archive.text_index.tokens import joined, pairs
from archive.words.folding import fold
from bench.search import SPEED_SAMPLE, p95
from bench.search_records import words
from bench.sizes import Row

BATCH = 2_000

_TEXTS = pa.schema([("number", pa.int64()), ("text", pa.string())])


def rows(folder: Path, archive: Archive) -> Iterator[Row]:
    """Yield size and speed of each peer."""
    terms = [words()[rank] for rank in range(0, 3 * SPEED_SAMPLE, 3)][:20]
    yield from _fts5(folder, archive, terms)
    yield from _lancedb(folder, archive, terms)
    scans = [
        lambda t=t: archive.query(
            "SELECT count(*) FROM raw_versions WHERE contains(preview_text, $t)", {"t": t}
        ).to_list()
        for t in terms[:5]
    ]
    yield "DuckDB scan, count of a word: ms, p95", f"{p95(scans)[0]:.0f}", "neither folded nor by version"


def _fts5(folder: Path, archive: Archive, terms: Sequence[str]) -> Iterator[Row]:
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


def _lancedb(folder: Path, archive: Archive, terms: Sequence[str]) -> Iterator[Row]:
    """Its tokenizer makes pairs itself; a word is asked for as a phrase of them, as it is of FTS5."""
    name = "LanceDB over pairs"
    try:
        import lancedb
        from lancedb.index import FTS
        from lancedb.query import PhraseQuery
    except ImportError:
        yield f"{name}: not installed", "-", "pip install -e '.[peers]'"
        return
    path = folder / "lance"
    began = time.process_time()
    table = lancedb.connect(path).create_table("texts", _folded_texts(archive), schema=_TEXTS)
    pairs_of = FTS(
        with_position=True,
        base_tokenizer="ngram",
        ngram_min_length=2,
        ngram_max_length=2,
        stem=False,
        remove_stop_words=False,
        ascii_folding=False,
        max_token_length=None,
    )
    table.create_index("text", config=pairs_of)
    count = table.count_rows()
    yield f"{name}: records indexed a CPU second", f"{count / (time.process_time() - began):.0f}", ""
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    yield f"{name}: bytes a record", f"{size / count:,.0f}", "with the texts"

    def found(term: str, most: int) -> int:
        return (
            table.search(PhraseQuery(term, "text"), query_type="fts")
            .select(["number", "_score"])
            .limit(most)
            .to_arrow()
            .num_rows
        )

    yield (
        f"{name}, all of a word: ms, p95",
        f"{p95([partial(found, t, count) for t in terms])[0]:.1f}",
        "it does not count",
    )
    yield f"{name}, BM25 top 10: ms, p95", f"{p95([partial(found, t, 10) for t in terms])[0]:.1f}", ""
    there = [archive.records(search=t, limit=0).total for t in terms]
    got = [found(t, count) for t in terms]
    yield f"{name}: documents found of those that have the word", f"{sum(got):,} of {sum(there):,}", ""


def _folded_texts(archive: Archive) -> Iterator[pa.RecordBatch]:
    first = 0
    for batch in archive.query("SELECT title, tags, preview_text FROM raw_versions").batches():
        texts = [
            "\n".join(fold(t or "") for t in (row["title"], *(row["tags"] or ()), row["preview_text"]))
            for row in batch.to_pylist()
        ]
        numbers = range(first, first + len(texts))
        yield pa.record_batch([pa.array(numbers, pa.int64()), pa.array(texts, pa.string())], schema=_TEXTS)
        first += len(texts)


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
