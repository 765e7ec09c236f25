"""Many small files of a table written again as few: which ones, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable

from archive.errors import DamagedFile
from archive.published import tables
from archive.published.intervals import folded

SMALL_BYTES = 8 << 20
"""A file of this size stays as it is."""

BATCH_BYTES = 16 << 20
"""Files written into one have at most this much together: with their texts some 100 MB in memory."""

GROWTH = 4
"""A file of an earlier compaction is written again when what joins it is at least a quarter of its size: a row is then
written a few times in all, however often maintenance is done."""

FEWEST = 4
"""Fewer new files of a table than this are left for the next time: each maintenance adds a row to the ledger itself."""

GROUP_ROWS: Mapping[str, int] = {"versions": 1000, "runs": 1000, "sightings": 1000}
"""Rows that a reader who wants one site must read at least, where a row is large or stands for many; else
`OTHER_GROUP_ROWS`."""

OTHER_GROUP_ROWS = 10_000

_ORDER: Mapping[str, Sequence[str]] = {
    "runs": ("run_seq",),
    "versions": ("site", "doc_id"),
    "captures": ("site", "warc_file", "warc_offset"),
    "decisions": ("site", "doc_id", "at"),
    "works": ("site", "doc_id"),
}
"""What the rows are sorted by, so that a question about one site or file skips the rest; else they keep their order."""

_OF_A_RUN = re.compile(r"(?P<run>.+)-\d{5,}-[a-z]+\.parquet")


@dataclass(frozen=True, slots=True)
class Batch:
    """Files of one table that become one."""

    table: str
    names: tuple[str, ...]
    """In the order in which their rows are to follow each other."""


def batches(table: DeltaTable, name: str, closed_runs: Mapping[str, int]) -> list[Batch]:
    """Return what to write anew of table *name*: nothing where that would gain too little.

    *closed_runs*: run -> its place in the ledger, of the runs whose files nobody will ask for by name any more. Of a
    run all files are taken or none.
    """
    actions = pa.table(table.get_add_actions(flatten=True))
    sizes = dict(zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True))
    fresh = _fresh(sizes, closed_runs) if name != "runs" else _ledger_files(sizes)
    if sum(map(len, fresh)) < FEWEST:
        return []
    chosen = _with_compacted(fresh, sizes)
    found: list[Batch] = []
    batch: list[str] = []
    size = 0
    for names in chosen:
        added = sum(sizes[each] for each in names)
        if batch and size + added > BATCH_BYTES:
            found.append(Batch(name, tuple(batch)))
            batch, size = [], 0
        batch += names
        size += added
    found.append(Batch(name, tuple(batch)))
    return [each for each in found if len(each.names) > 1]


def _fresh(sizes: Mapping[str, int], closed_runs: Mapping[str, int]) -> list[list[str]]:
    """The small files of each closed run, the runs in the order of the ledger."""
    of_run: dict[str, list[str]] = {}
    for path in sorted(sizes):
        match = _OF_A_RUN.fullmatch(path)
        if match and match["run"] in closed_runs:
            of_run.setdefault(match["run"], []).append(path)
    small = [run for run, names in of_run.items() if all(sizes[name] < SMALL_BYTES for name in names)]
    return [of_run[run] for run in sorted(small, key=lambda run: closed_runs[run])]


def _ledger_files(sizes: Mapping[str, int]) -> list[list[str]]:
    """All but the newest: the next row of the ledger is chained to the one in it, found by its name."""
    numbered = [path for path in sizes if not path.startswith(tables.COMPACTED)]
    numbered.sort(key=lambda path: int(path.removesuffix("-runs.parquet").rpartition("-")[2]))
    return [[path] for path in numbered[:-1]]


def _with_compacted(fresh: list[list[str]], sizes: Mapping[str, int]) -> list[list[str]]:
    """*fresh*, behind the files of earlier compactions that are worth writing again with it."""
    total = sum(sizes[name] for names in fresh for name in names)
    earlier = []
    small = [path for path in sizes if path.startswith(tables.COMPACTED) and sizes[path] < SMALL_BYTES]
    for path in sorted(small, key=lambda path: sizes[path]):
        if sizes[path] > GROWTH * total:
            break
        earlier.append(path)
        total += sizes[path]
    return [[path] for path in sorted(earlier)] + fresh


def write(folder: Path, batch: Batch, target: Path) -> int:
    """Write the rows of the batch's files in *folder* to *target*, whole and durable; return how many they are.

    Raises DamagedFile when a file cannot be read, before anything is written.
    """
    rows = pa.concat_tables([_read(folder / name, batch.table) for name in batch.names])
    order = None
    if batch.table == "sightings":
        rows = folded(rows)
    else:
        order = _order(rows, batch.table)
        rows = _in_one_piece(rows)
    tables.write_groups(target, batch.table, _groups(rows, order, batch.table))
    number = int(rows.num_rows)
    del rows, order
    pa.default_memory_pool().release_unused()  # a process that publishes goes on without it
    return number


def _read(path: Path, name: str) -> pa.Table:
    try:
        with pq.ParquetFile(path) as file:  # threads cost more than they bring for files of a few rows
            return file.read(use_threads=False).cast(tables.SCHEMAS[name])
    except (OSError, pa.ArrowInvalid, ValueError) as error:
        raise DamagedFile(f"{path} cannot be read ({error}); run: docarchive verify") from error


def _order(rows: pa.Table, name: str) -> pa.Array:
    """Return where each row is to be found, sorted stably: a document's stay in the order they were published in."""
    keys = [(column, "ascending") for column in _ORDER[name]]
    return pc.sort_indices(rows.select(_ORDER[name]), sort_keys=keys)


def _in_one_piece(rows: pa.Table) -> pa.Table:
    """Return *rows* without seams, copied column by column: taking from many pieces would copy all at each take."""
    for number, name in enumerate(rows.schema.names):
        rows = rows.set_column(number, rows.schema.field(name), rows.column(number).combine_chunks())
    return rows


def _groups(rows: pa.Table, order: pa.Array | None, name: str) -> Iterator[pa.Table]:
    step = GROUP_ROWS.get(name, OTHER_GROUP_ROWS)
    for start in range(0, rows.num_rows, step):
        yield rows.slice(start, step) if order is None else rows.take(order.slice(start, step))
