"""Documents as a Parquet file."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from archive.export.contents import Contents
from archive.export.output_file import OutputFile

ROW_GROUP_BYTES = 32 << 20
"""Rows come together until they are this much before they are compressed: what is in memory at a time."""


def write(contents: Contents, file: OutputFile) -> None:
    """Write the answer's columns with their types, compressed with zstd."""
    waiting: list[pa.Table] = []
    writer: pq.ParquetWriter | None = None
    try:
        for batch in contents.rows.batches():
            table = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
            if writer is None:
                writer = pq.ParquetWriter(file, table.schema, compression="zstd")
            waiting.append(table)
            if sum(each.nbytes for each in waiting) >= ROW_GROUP_BYTES:
                writer.write_table(pa.concat_tables(waiting))
                waiting.clear()
        if writer is not None and waiting:
            writer.write_table(pa.concat_tables(waiting))
    finally:
        if writer is not None:
            writer.close()
