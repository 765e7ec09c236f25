"""Whether the archive knows what it knew, and what the sites said, at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import process_time

from archive.archive import Archive
from bench.as_of import lived, wrong_answers, wrong_lists
from bench.sizes import Row, Sizes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Random questions about documents and moments, against a replay of the runs in plain Python."""
    runs, documents, times = sizes.runs or 80, sizes.documents or 40, sizes.times or 1_000
    life = lived(folder, runs=runs, documents=documents)
    events = len(life.replay.ledger)
    with Archive.open(life.archive.layout.root) as archive:
        before = process_time()
        wrong = sum(1 for _ in wrong_answers(archive, life, times))
        spent = (process_time() - before) / times * 1000
        lists = max(1, times // 20)
        wrong_whole = sum(1 for _ in wrong_lists(archive, life, lists))
    what = f"{times:,} questions about a document and a moment, {events:,} events of {runs:,} runs"
    yield f"{what}: answers unlike a replay", f"{wrong:,}", "0"
    yield f"{lists:,} questions about all {documents:,} documents at a moment: unlike", f"{wrong_whole:,}", "0"
    yield "as-of answer for one document, with the replay", f"{spent:,.0f} CPU ms", "-"
