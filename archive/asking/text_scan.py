"""Decides about texts that SQL found, where SQL does not fold exactly, and weighs them for the order by relevance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from archive.snapshot.change_index import insert
from archive.snapshot.duckdb_session import arrow, execute, one
from archive.snapshot.rows import dicts
from archive.snapshot.scope import Scope
from archive.words.folding import fold
from archive.words.relevance import Counted, Statistics, counted, rarity, rounded, score
from archive.words.text_query import TextQuery

ROWS_READ = 500
"""Texts in memory at a time."""


def decide(scope: Scope, query: TextQuery, *, weigh: bool) -> None:
    """Delete from the table `found` of *scope* what does not answer, of the rows marked `doubtful`.

    *weigh*: set `score` as well, which takes reading the texts of all rows.
    """
    connection = scope.connection
    terms = query.wanted_terms()
    places: list[tuple[str, int]] = []
    counts: list[Counted] = []
    refused: list[tuple[str, int]] = []
    for row in _rows(scope, "true" if weigh else "doubtful"):
        place = row["row_file"], row["file_row_number"]
        head_texts = [row["title"] or "", *(row["tags"] or ())]
        if row["doubtful"]:
            texts = [query.compared(text) for text in (*head_texts, row["preview_text"])]
            if not query.matches(texts):
                refused.append(place)
                continue
        if weigh:
            places.append(place)
            counts.append(counted(terms, list(map(fold, head_texts)), fold(row["preview_text"] or "")))
    if refused:
        _hand_over(scope, "refused", refused, [0.0] * len(refused))
        execute(connection, f"DELETE FROM found USING refused WHERE {_SAME.format('refused')}; DROP TABLE refused")
    if places:
        documents = one(connection, "SELECT count(*) FROM version_index WHERE is_newest")
        statistics = _statistics(terms, counts, documents)
        _hand_over(scope, "weighed", places, [rounded(score(terms, each, statistics)) for each in counts])
        execute(
            connection,
            f"UPDATE found SET score = weighed.score FROM weighed WHERE {_SAME.format('weighed')}; DROP TABLE weighed",
        )


_SAME = "found.row_file = {0}.row_file AND found.file_row_number = {0}.file_row_number"


def _rows(scope: Scope, which: str) -> Iterator[Mapping[str, Any]]:
    connection = scope.connection
    total = one(connection, f"SELECT count(*) FROM found WHERE {which}")
    for start in range(0, total, ROWS_READ):
        page = arrow(
            connection,
            "SELECT r.row_file, r.file_row_number, r.title, r.tags, r.preview_text, f.doubtful FROM raw_versions r "
            f"JOIN (SELECT row_file, file_row_number, doubtful FROM found WHERE {which} "
            f"ORDER BY row_file, file_row_number LIMIT {ROWS_READ} OFFSET {start}) f "
            "ON r.row_file = f.row_file AND r.file_row_number = f.file_row_number",
        )
        yield from dicts(page)


def _hand_over(scope: Scope, table: str, places: list[tuple[str, int]], scores: list[float]) -> None:
    columns = "row_file VARCHAR, file_row_number BIGINT, score DOUBLE"
    execute(scope.connection, f"CREATE TEMP TABLE {table}({columns})")
    files, numbers = zip(*places, strict=True)
    rows = pa.table({"row_file": files, "file_row_number": numbers, "score": scores})
    insert(scope.connection, table, [rows])


def _statistics(terms: list[str], counts: list[Counted], documents: int) -> Statistics:
    """What is known without an index: of all documents their number, the rest of those that answer."""
    having = {
        term: (sum(each.occurrences[i][0] > 0 for each in counts), sum(each.occurrences[i][1] > 0 for each in counts))
        for i, term in enumerate(terms)
    }
    return Statistics(
        documents=documents,
        head_length=sum(each.head_length for each in counts) / len(counts),
        length=sum(each.length for each in counts) / len(counts),
        rarity=lambda term, in_head: rarity(documents, having[term][0 if in_head else 1]),
    )
