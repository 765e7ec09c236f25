"""What the index of copies keeps of mangled texts, as rows: derived, and gone when the index is deleted."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from archive.layout import Layout

FOLDER = "mangled"

SCHEMA = pa.schema(
    [
        ("number", pa.int32()),
        ("site", pa.string()),
        ("doc_id", pa.string()),
        ("content", pa.int64()),
        ("mangled_by", pa.string()),
        ("mangled_score", pa.float32()),
        ("is_garbage", pa.bool_()),
    ]
)
"""`number` is the document's in the index; `content` the beginning of the digest of the content that was looked at."""

BUCKET = 50_000
"""Documents of one file, by their numbers: a run writes those files anew in which anything changed."""


def content_sql(content_digest: str) -> str:
    """Return the SQL that makes `content` of a content digest.

    >>> content_sql("l.content_digest")
    "('0x' || substr(l.content_digest, 8, 15))::BIGINT"
    """
    return f"('0x' || substr({content_digest}, 8, 15))::BIGINT"


def bucket_files(folder: Path) -> dict[int, Path]:
    """Return bucket -> its file; of several, as a writer puts a new one beside the old, the newest."""
    return {int(path.name.partition("-")[0]): path for path in sorted(folder.glob("*-*.parquet"))}


def folder_in_use(layout: Layout) -> Path | None:
    """Return where the rows of the index in use lie; None where there is none."""
    try:
        pointer = json.loads((layout.duplicates / "current.json").read_bytes())
        return layout.duplicates / str(pointer["folder"]) / FOLDER
    except (OSError, ValueError, KeyError, TypeError):
        return None


def rows(layout: Layout) -> pa.Table | None:
    """Return all rows of the index in use (`SCHEMA`); None where there is none, or none that can be read."""
    import pyarrow.parquet as pq

    folder = folder_in_use(layout)
    if folder is None:
        return None
    try:
        tables = [pq.read_table(path, schema=SCHEMA) for path in bucket_files(folder).values()]
    except (OSError, ValueError, pa.ArrowException):
        return None  # what is derived is made again; no answer waits for it
    return pa.concat_tables(tables) if tables else None
