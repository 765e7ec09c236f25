"""Documents as a folder for `datasets.load_dataset`: a text once, in Parquet files with a card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive.export.contents import Contents
from archive.export.dataset_card import Counted, card
from archive.export.exact_copies import PLACE_FIELDS, ExactCopies, exact_copies
from archive.export.output_folder import OutputFolder

CARD = "README.md"
DATA = "data"
MADE_OF = frozenset({CARD, DATA})
"""What the folder consists of."""

COPIES = "copies"
"""The column that says where else a text stands."""

DEFAULT_SHARD_BYTES = 500_000_000
"""Before compression, as `push_to_hub` of `datasets` cuts its files."""

ROW_GROUP_BYTES = 32 << 20
"""Rows come together until they are this much before they are compressed: what is in memory at a time."""


def write(contents: Contents, folder: OutputFolder) -> int:
    """Write the documents but the exact copies, then the card; return how many were written."""
    copies = exact_copies(contents.narrow)
    if copies.left_out:
        number = len(copies.left_out)
        what = "1 exact copy is" if number == 1 else f"{number:,} exact copies are"
        contents.tell(f"{what} left out: the column `{COPIES}` says where the same text stands")
    counted = Counted(left_out=len(copies.left_out), with_copies=len(copies.places))
    shards = _Shards(folder, contents.shard_bytes or DEFAULT_SHARD_BYTES)
    with shards:
        for table in _tables(contents, copies, counted):
            shards.add(table)
    if not counted.documents:
        contents.tell("the folder holds no document: load_dataset refuses an empty one")
    counted.stored_bytes, counted.shards = shards.stored_bytes, shards.number
    with folder.new_file(CARD) as file:
        file.write(card(contents, shards.schema, counted).encode("utf-8", "replace"))
    return counted.documents


def _tables(contents: Contents, copies: ExactCopies, counted: Counted) -> Iterator[pa.Table]:
    """Yield the documents that are kept, with the fields asked for."""
    for batch in contents.rows.batches():
        table = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
        named = list(zip(table["site"].to_pylist(), table["doc_id"].to_pylist(), strict=True))
        keep = [document not in copies.left_out for document in named]
        places = [copies.places.get(document, []) for document, kept in zip(named, keep, strict=True) if kept]
        table = table.filter(pa.array(keep, pa.bool_()))
        counted.add(table)
        shown = table.select(list(contents.fields))
        shown = pa.Table.from_arrays([_without_maps(column) for column in shown.columns], shown.column_names)
        yield shown.append_column(COPIES, pa.array(places, _copies_type(table.schema)))


def _copies_type(schema: pa.Schema) -> pa.DataType:
    return pa.list_(pa.struct([(name, schema.field(name).type) for name in PLACE_FIELDS]))


def _without_maps(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return *column* as it is, or a map as a list of {"key", "value"}: `datasets` has no maps."""
    kind = column.type
    if not pa.types.is_map(kind):
        return column
    return column.cast(pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)])))


class _Shards:
    """The Parquet files, one after the other."""

    def __init__(self, folder: OutputFolder, shard_bytes: int) -> None:
        self._folder = folder
        self._shard_bytes = shard_bytes
        self._group_bytes = min(ROW_GROUP_BYTES, shard_bytes)
        self._waiting: list[pa.Table] = []
        self._stack = ExitStack()
        self._writer: pq.ParquetWriter | None = None
        self._file: Any = None
        self._written = 0
        self.number = 0
        """How many files there are."""
        self.stored_bytes = 0
        """How large they are together."""
        self.schema: pa.Schema = pa.schema([])

    def __enter__(self) -> _Shards:
        return self

    def __exit__(self, *failure: Any) -> None:
        if failure[0] is None:
            self._write_group()
            if self.number == 0:  # no document: a file without rows still says what the columns are
                self._begin()
            self._end()
        else:
            self._stack.__exit__(*failure)

    def add(self, table: pa.Table) -> None:
        """Take rows; write what has come together."""
        self.schema = table.schema
        while table.num_rows:
            room = self._group_bytes - sum(each.nbytes for each in self._waiting)
            rows = max(1, min(table.num_rows, table.num_rows * room // max(1, table.nbytes)))
            self._waiting.append(table.slice(0, rows))
            table = table.slice(rows)
            if table.num_rows or sum(each.nbytes for each in self._waiting) >= self._group_bytes:
                self._write_group()

    def _write_group(self) -> None:
        if not self._waiting:
            return
        group = pa.concat_tables(self._waiting).combine_chunks()
        self._waiting.clear()
        if self._writer is None:
            self._begin()
        assert self._writer is not None
        self._writer.write_table(group, row_group_size=group.num_rows)
        self._written += group.nbytes
        if self._written >= self._shard_bytes:
            self._end()

    def _begin(self) -> None:
        name = f"{DATA}/train-{self.number:05d}.parquet"
        self._file = self._stack.enter_context(self._folder.new_file(name))
        self._writer = self._stack.enter_context(pq.ParquetWriter(self._file, self.schema, compression="zstd"))
        self.number += 1
        self._written = 0

    def _end(self) -> None:
        if self._writer is None:
            return
        self._stack.close()
        self.stored_bytes += self._file.tell()
        self._writer = None
        self._stack = ExitStack()
