"""How well copies are found, and what that costs; beside it what common pipelines do.

`DOCARCHIVE_COPIES` names a folder with `docs.jsonl` and `truth.jsonl` (`bench.copies`); without it documents are made.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from archive.clock import SystemClock
from archive.layout import create
from archive.maintenance.looking_for_copies import command
from archive.publishing.held import accept_run
from archive.publishing.import_run import import_file
from archive.site_state.staging import HELD
from bench import copies, minhash
from bench.measure import cost_of
from bench.sizes import Row, Sizes

DOCUMENTS = 4_000
SEED = 77

A_RUN = 1_000


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Quality, CPU and disk of `duplicates`, and of MinHash."""
    given = os.environ.get("DOCARCHIVE_COPIES")
    made = copies.read(Path(given)) if given else copies.make(sizes.documents or DOCUMENTS, SEED)
    archive = folder / "data"
    records = folder / "records.jsonl"
    _write(records, made)
    docarchive = [sys.executable, "-m", "docarchive", "--archive", str(archive)]
    cost_of([*docarchive, "import", str(records)], log=folder / "log")
    cost = cost_of([*docarchive, "rebuild", "duplicates"], log=folder / "log")
    cost_of([*docarchive, "duplicates", "--json"], log=folder / "answer")
    answer = [json.loads(line) for line in (folder / "answer").read_text("utf-8").splitlines() if line.startswith("{")]
    found = copies.score(made, {int(row["doc_id"]): row["work_id"] for row in answer})
    yield from _quality("duplicates", found)
    size = sum(path.stat().st_size for path in (archive / "index/duplicates").rglob("*") if path.is_file())
    yield "duplicates: CPU ms a document, whole archive", f"{cost.cpu_seconds / len(made) * 1e3:.2f}", "2.86; 2.0"
    yield "duplicates: bytes of index a document", f"{size / len(made):.0f}", "900; 700"
    yield "duplicates: peak MB", f"{cost.peak_megabytes:.0f}", "flat"
    yield from _streaming(folder, made)
    began = time.process_time()
    clusters = minhash.clusters([each.text for each in made])
    milliseconds = (time.process_time() - began) / len(made) * 1e3
    peer = copies.score(made, {each.number: str(cluster) for each, cluster in zip(made, clusters, strict=True)})
    yield from _quality("MinHash (peer)", peer)
    yield "MinHash (peer): CPU ms a document", f"{milliseconds:.2f}", "-"


def _streaming(folder: Path, made: Sequence[copies.Made]) -> Iterator[Row]:
    """The same documents, a run of `A_RUN` at a time, copies looked for behind each in a process of its own."""
    layout = create(folder / "streamed")
    clock = SystemClock()
    costs = []
    for number, start in enumerate(range(0, len(made), A_RUN)):
        records = folder / f"{number}.jsonl"
        _write(records, made[start : start + A_RUN])
        run = import_file(layout, records, clock, new_run_id=lambda number=number: f"20260301T{number:06d}Z-aaaaaa")
        if run.status == HELD:  # many copies of what is there: gates take them for documents numbered anew
            accept_run(layout, run.run_id, clock)
        costs.append(cost_of([*command(layout)], log=folder / "log"))
    milliseconds = sum(cost.cpu_seconds for cost in costs) / len(made) * 1e3
    yield (
        f"duplicates: CPU ms a document, runs of {A_RUN:,}, processes' starts with it",
        f"{milliseconds:.2f}",
        "2.86; 2.0",
    )
    peak = max(cost.peak_megabytes for cost in costs)
    yield f"duplicates: peak MB, runs of {A_RUN:,}", f"{peak:.0f}", "flat"


def _write(path: Path, made: Sequence[copies.Made]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for each in made:
            row = {"site": each.site, "doc_id": str(each.number), "title": each.title or "-", "preview_text": each.text}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _quality(name: str, score: copies.Score) -> Iterator[Row]:
    worst, kind = score.worst_kind
    yield f"{name}: pair F1", f"{score.pair_f1:.4f}", ".975; .985"
    yield f"{name}: B-cubed F1", f"{score.b_cubed:.4f}", ".992; .995"
    yield f"{name}: worst kind of copy ({kind})", f"{worst:.4f}", ".975; .98"
    yield f"{name}: precision among siblings of a template", f"{score.siblings:.4f}", ".97; .98"
