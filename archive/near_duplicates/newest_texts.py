"""The newest version of each document and its text, read file by file from the tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from archive.change_index import insert
from archive.duckdb_session import Session, arrow, execute
from archive.errors import DamagedFile
from archive.scope import Beside, Scope
from archive.views import parquet_scan, sql_text

FEW_DOCUMENTS = 5_000
"""So many are looked for by name; more of them among all."""

BATCH_ROWS = 500
"""Rows whose texts are in memory at a time."""


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

    def files(self) -> list[str]:
        """Return the files in which any of them lies."""
        found = arrow(self._connection, "SELECT DISTINCT row_file FROM newest ORDER BY ALL")
        return [str(name) for name in found["row_file"].to_pylist()]

    def in_file(self, name: str) -> list[Found]:
        """Return what lies in one file, in its order."""
        found = arrow(
            self._connection,
            "SELECT n.site, n.doc_id, n.file_row_number, n.published, n.seen, "
            "('0x' || substr(r.content_digest, 8, 15))::BIGINT AS content "
            f"FROM (SELECT * FROM newest WHERE row_file = {sql_text(name)}) n "
            f"JOIN {parquet_scan('versions', [name])} r ON r.file_row_number = n.file_row_number ORDER BY 3",
        )
        columns = [
            found.column(each).to_pylist()
            for each in ("site", "doc_id", "file_row_number", "content", "published", "seen")
        ]
        return [Found(*row) for row in zip(*columns, strict=True)]

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


def texts_in_file(path: str, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield (row, preview text) of *rows* (sorted) of one file of `versions`; of an absent text an empty one.

    Raises DamagedFile.
    """
    wanted = list(rows)
    try:
        with pq.ParquetFile(path) as file:
            start = 0
            for group in range(file.num_row_groups):
                end = start + file.metadata.row_group(group).num_rows
                here = [row for row in wanted if start <= row < end]
                if here:
                    column = file.read_row_group(group, columns=["preview_text"], use_threads=False).column(0)
                    for first in range(0, len(here), BATCH_ROWS):
                        some = here[first : first + BATCH_ROWS]
                        taken = column.take(pa.array([row - start for row in some]))
                        yield from zip(some, (text or "" for text in taken.to_pylist()), strict=True)
                    wanted = wanted[len(here) :]
                start = end
    except (OSError, pa.ArrowInvalid) as error:
        raise DamagedFile(f"{path} cannot be read; run: docarchive verify") from error
