"""The newest version of each document and its text, read file by file from the tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive import durable
from archive.errors import DamagedFile
from archive.published.tables import Snapshot
from archive.snapshot.change_index import insert
from archive.snapshot.duckdb_session import Session, arrow, arrow_batches, execute
from archive.snapshot.scope import Beside, Scope

FEW_DOCUMENTS = 5_000
"""So many are looked for by name; more of them among all."""

BATCH_ROWS = 500
"""Rows whose texts are in memory at a time."""

ROWS_AT_ONCE = 5_000
"""Rows whose places are in memory at a time."""

_PLACES = pa.schema(
    [
        ("row_file", pa.string()),
        ("file_row_number", pa.int64()),
        ("site", pa.string()),
        ("doc_id", pa.string()),
        ("published", pa.int64()),
        ("seen", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Found:
    """The newest version of a document."""

    site: str
    doc_id: str
    file_row: int
    content: int
    """The beginning of its content digest."""
    published: int
    seen: int


class NewestTexts:
    """Where the newest versions lie that a session sees, of some documents or of all."""

    def __init__(
        self,
        session: Session,
        documents: Collection[tuple[str, str]] | None,
        beside: Beside | None = None,
    ) -> None:
        """*documents*: only of these; None: of all. *beside*: and of these."""
        few = documents is not None and len(documents) <= FEW_DOCUMENTS
        self._scope = Scope(
            session, documents=documents if few else None, all_views=False, beside=beside if few else None
        )
        self._connection = self._scope.connection
        narrowed = ""
        if documents is not None and not few:
            self._name_wanted([*documents, *(beside.documents if beside is not None else ())])
            narrowed = "SEMI JOIN wanted USING (site, doc_id)"
        execute(
            self._connection,
            f"""CREATE TEMP TABLE newest AS
            WITH published AS (
              SELECT site, doc_id, min(visible_seq) AS published
              FROM raw_sightings JOIN visible_runs USING (run_id) GROUP BY site, doc_id)
            SELECT site, doc_id, row_file, file_row_number, epoch_us(document_first_seen) AS seen, published
            FROM version_index JOIN published USING (site, doc_id) {narrowed} WHERE is_newest""",
        )

    def close(self) -> None:
        """Let go of the temporary tables."""
        self._scope.close()

    def _name_wanted(self, documents: Collection[tuple[str, str]]) -> None:
        execute(self._connection, "CREATE OR REPLACE TEMP TABLE wanted(site VARCHAR, doc_id VARCHAR)")
        rows = [{"site": site, "doc_id": doc_id} for site, doc_id in documents]
        if rows:
            insert(self._connection, "wanted", [pa.Table.from_pylist(rows)])

    def by_file(self) -> Iterator[tuple[str, list[Found]]]:
        """Yield what lies in each file, in its order, so many rows at a time. Raises DamagedFile."""
        yield from _by_file(self._batches())

    def write(self, file: IO[bytes]) -> None:
        """Write what `read_by_file` reads."""
        batches = self._batches()
        with pa.ipc.new_stream(file, _PLACES, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
            for batch in batches:
                writer.write_batch(batch.cast(_PLACES))

    def _batches(self) -> Iterator[pa.RecordBatch]:
        sql = f"SELECT {', '.join(_PLACES.names)} FROM newest ORDER BY row_file, file_row_number"
        return arrow_batches(self._connection, sql, None, ROWS_AT_ONCE)

    def places(self, documents: Collection[tuple[str, str]]) -> Mapping[str, list[tuple[int, tuple[str, str]]]]:
        """Return file -> (row, document) of *documents*, as far as they are there."""
        self._name_wanted(documents)
        found = arrow(
            self._connection,
            "SELECT site, doc_id, row_file, file_row_number FROM newest "
            "SEMI JOIN wanted USING (site, doc_id) ORDER BY row_file, file_row_number",
        )
        places: dict[str, list[tuple[int, tuple[str, str]]]] = {}
        columns = [found.column(number).to_pylist() for number in range(4)]
        for site, doc_id, name, row in zip(*columns, strict=True):
            places.setdefault(name, []).append((row, (site, doc_id)))
        return places


def every_newest(snapshot: Snapshot, folder: Path) -> Iterator[tuple[str, list[Found]]]:
    """Yield file by file the newest version of each document of an archive. Raises DamagedFile, MachineTrouble.

    They are many: they wait in a file without a name in *folder*, and what was taken for finding them is given back
    before the first one comes.
    """
    with TemporaryFile(dir=folder) as file:
        with TemporaryDirectory(prefix="docarchive-") as spill, closing(Session(snapshot, spill_to=spill)) as session:
            newest = NewestTexts(session, None)
            with durable.translated(folder):
                newest.write(file)
            newest.close()
        file.seek(0)
        yield from _by_file(iter(pa.ipc.open_stream(file)))


def _by_file(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[str, list[Found]]]:
    for batch in batches:
        rows = zip(*(batch.column(name).to_pylist() for name in _PLACES.names), strict=True)
        for name, some in groupby(rows, key=itemgetter(0)):
            places = list(some)
            digests = _column_in_file(name, [row for _, row, *_ in places], "content_digest")
            yield (
                name,
                [
                    Found(site, doc_id, row, int(digest[7:22], 16), published, seen)
                    for (_, row, site, doc_id, published, seen), (_, digest) in zip(places, digests, strict=True)
                ],
            )


def texts_in_file(path: str, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield (row, preview text) of *rows* (sorted) of one file of `versions`; of an absent text an empty one.

    Raises DamagedFile.
    """
    return ((row, text or "") for row, text in _column_in_file(path, rows, "preview_text"))


def _column_in_file(path: str, rows: Sequence[int], name: str) -> Iterator[tuple[int, Any]]:
    wanted = list(rows)
    try:
        with pq.ParquetFile(path) as file:
            start = 0
            for group in range(file.num_row_groups):
                end = start + file.metadata.row_group(group).num_rows
                here = [row for row in wanted if start <= row < end]
                if here:
                    column = file.read_row_group(group, columns=[name], use_threads=False).column(0)
                    for first in range(0, len(here), BATCH_ROWS):
                        some = here[first : first + BATCH_ROWS]
                        taken = column.take(pa.array([row - start for row in some]))
                        yield from zip(some, taken.to_pylist(), strict=True)
                    wanted = wanted[len(here) :]
                start = end
    except (OSError, pa.ArrowInvalid) as error:
        raise DamagedFile(f"{path} cannot be read; run: docarchive verify") from error
