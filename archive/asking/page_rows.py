"""The rows of documents that were found, read from the files in which they lie, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import duckdb
import pyarrow as pa

from archive.asking.mangled_columns import mangled_join
from archive.asking.original_texts import originals, pairs
from archive.published.tables import SCHEMAS
from archive.published.views import parquet_scan, raw_table, sql_text
from archive.snapshot.duckdb_session import arrow, execute
from archive.snapshot.scope import Moment, Scope, listed, named_rows
from archive.snapshot.selection import CAPTURE_FIELDS, COMPUTED_FIELDS, MANGLED_FIELDS

FEW_ROWS = 100
"""So many rows are named one by one: a scan then leaves out all row groups that hold none of them."""

_PART_FILE = re.compile(r"-\d{5,}-captures\.parquet$")
"""As a publish names them: a version's capture is in the file of its own part. Files of a compaction hold any part."""


class PageRows:
    """Reads pages of the documents that the table `hits` of a scope names, in its order (`position`, from 1)."""

    def __init__(self, scope: Scope, columns: Sequence[str], moment: Moment, *, in_one_page: bool) -> None:
        """*columns*: fields of records. *in_one_page*: the whole answer is one page."""
        self._scope = scope
        self._columns = columns
        self._moment = moment
        self._in_one_page = in_one_page

    def rows(self, start: int, end: int) -> pa.Table:
        """Return the rows at positions *start* to *end*, both counted from 0, the second left out."""
        scope = self._scope
        connection = scope.connection
        execute(
            connection,
            f"CREATE OR REPLACE TEMP TABLE page AS SELECT * FROM hits WHERE position > {start} AND position <= {end}",
        )
        files = arrow(connection, "SELECT DISTINCT row_file FROM page ORDER BY ALL").column(0).to_pylist()
        fields = [n for n in self._columns if n not in COMPUTED_FIELDS + CAPTURE_FIELDS]
        needed = dict.fromkeys((*fields, "text_digest", "capture", "run_id", "content_digest"))
        scan = raw_table("versions", files, self._scope.session.snapshot.names)
        if files and end - start <= FEW_ROWS:
            rows = arrow(connection, "SELECT row_file, list(file_row_number) FROM page GROUP BY ALL ORDER BY row_file")
            scan = named_rows(rows, self._scope.session.snapshot.names)
        execute(
            connection,
            f"CREATE OR REPLACE TEMP TABLE page_rows AS SELECT {', '.join('r.' + n for n in needed)}, "
            "p.position, p.version, p.cause, p.first_seen, p.last_seen, p.site AS _site, p.doc_id AS _doc_id "
            f"FROM page p JOIN ({scan}) r "
            "ON r.row_file = p.row_file AND r.file_row_number = p.file_row_number",
        )
        joins = "LEFT JOIN withdrawals w ON w.site = r._site AND w.doc_id = r._doc_id"
        if "exact_copy_of" in self._columns:
            self._find_originals(scope)
            joins += " LEFT JOIN page_originals o ON o.text_digest = r.text_digest"
        if "work_id" in self._columns:
            joins += f" LEFT JOIN ({WORKS_OF_PAGE}) k ON k.site = r._site AND k.doc_id = r._doc_id"
        if any(name in self._columns for name in MANGLED_FIELDS):
            self._scope.session.make_mangled()
            joins += f" LEFT JOIN {mangled_join('r._site', 'r._doc_id', 'r.content_digest')}"
        if any(name in self._columns for name in CAPTURE_FIELDS):
            self._find_captures(scope)
            joins += " LEFT JOIN page_captures c ON c.capture = r.capture"
        columns = ", ".join(_COMPUTED.get(name, f"r.{name}") for name in self._columns)
        return arrow(connection, f"SELECT {columns} FROM page_rows r {joins} ORDER BY r.position")

    def _find_originals(self, scope: Scope) -> None:
        """Make `page_originals`: which document was first seen with each text of the page."""
        connection = scope.connection
        execute(
            connection,
            "CREATE TEMP TABLE IF NOT EXISTS page_originals(text_digest VARCHAR, original VARCHAR); "
            "DELETE FROM page_originals",
        )
        digests = arrow(connection, "SELECT DISTINCT text_digest FROM page_rows WHERE text_digest IS NOT NULL")
        wanted = digests.column(0).to_pylist()
        if not self._in_one_page:
            found = [(digest, self._all_originals[digest]) for digest in wanted if digest in self._all_originals]
        else:
            found = originals(scope, wanted)
        if found:
            values = ", ".join(f"({sql_text(digest)}, {sql_text(original)})" for digest, original in found)
            execute(connection, f"INSERT INTO page_originals VALUES {values}")

    @cached_property
    def _all_originals(self) -> dict[str, str]:
        """For an answer of many pages: text digest -> "site/doc_id" seen first with it, of all the archive."""
        scope = self._scope
        whole = scope if scope.whole else Scope(scope.session, moment=self._moment, all_views=False)
        return dict(pairs(arrow(whole.connection, "SELECT text_digest, original FROM original_texts")))

    def _find_captures(self, scope: Scope) -> None:
        """Make `page_captures`: where each capture of the page lies.

        The part of the version is looked at first, and what files of compactions hold of the page's sites; the rest
        only where something is still missing.
        """
        connection = scope.connection
        execute(
            connection,
            "CREATE OR REPLACE TEMP TABLE page_captures(capture VARCHAR, warc_file VARCHAR, warc_offset BIGINT)",
        )
        names = arrow(connection, "SELECT DISTINCT parse_filename(row_file) FROM page").column(0).to_pylist()
        parts = {name.replace("-versions.parquet", "-captures.parquet") for name in names}
        own: list[str] = []
        compacted: list[str] = []
        others: list[str] = []
        for path in scope.session.snapshot.files["captures"]:
            (own if _name(path) in parts else others if _PART_FILE.search(path) else compacted).append(path)
        sites = arrow(connection, "SELECT DISTINCT _site FROM page_rows").column(0).to_pylist()
        self._look_for_captures(connection, own)
        self._look_for_captures(connection, compacted, sites)
        missing = "SELECT DISTINCT run_id FROM page_rows WHERE capture NOT IN (SELECT capture FROM page_captures)"
        runs = tuple(f"{run_id}-" for run_id in arrow(connection, missing).column(0).to_pylist())
        if runs:
            rest = [path for path in others if _name(path).startswith(runs)]
            self._look_for_captures(connection, rest + compacted)

    @staticmethod
    def _look_for_captures(
        connection: duckdb.DuckDBPyConnection, files: Sequence[str], sites: Sequence[str] | None = None
    ) -> None:
        if files:
            execute(
                connection,
                "INSERT INTO page_captures SELECT capture, any_value(warc_file), any_value(warc_offset) "
                f"FROM {parquet_scan('captures', files)} WHERE capture IN (SELECT capture FROM page_rows) "
                f"{f'AND site IN ({listed(sites)}) ' if sites else ''}"
                "AND capture NOT IN (SELECT capture FROM page_captures) GROUP BY capture",
            )


def _name(path: str) -> str:
    return path.rpartition("/")[2]


WORKS_OF_PAGE = """
SELECT site, doc_id, arg_max(work_id, run_seq) AS work_id
FROM raw_works JOIN work_runs USING (run_id) SEMI JOIN page USING (site, doc_id) GROUP BY site, doc_id"""
"""As the view `works`, of the page's documents alone."""

_COMPUTED = {
    "version": "r.version",
    "cause": "r.cause",
    "first_seen": "r.first_seen",
    "last_seen": "r.last_seen",
    "withdrawn_at": "w.withdrawn_at",
    "work_id": "coalesce(k.work_id, r._site || '/' || r._doc_id) AS work_id",
    "exact_copy_of": "nullif(o.original, r._site || '/' || r._doc_id) AS exact_copy_of",
    "mangled_by": "m.mangled_by",
    "mangled_score": "m.mangled_score",
    "is_garbage": "m.is_garbage",
    "warc_file": "c.warc_file",
    "warc_offset": "c.warc_offset",
}
assert set(_COMPUTED) == {*COMPUTED_FIELDS, *CAPTURE_FIELDS}
assert {"text_digest", "capture", "run_id"} <= set(SCHEMAS["versions"].names)
