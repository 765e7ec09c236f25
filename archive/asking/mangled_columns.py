"""The columns that say whether a text is mangled, beside the rows of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from archive.snapshot.change_index import insert
from archive.snapshot.duckdb_session import Session, arrow, execute
from archive.snapshot.mangled_rows import content_sql
from archive.snapshot.selection import MANGLED_FIELDS

if TYPE_CHECKING:
    from archive.text_index.ordering import Found


def mangled_join(site: str, doc_id: str, content_digest: str) -> str:
    """Return what is joined, as `m`, for `MANGLED_FIELDS`: only of the very content that was looked at."""
    return (
        f"memory.main.mangled m ON m.site = {site} AND m.doc_id = {doc_id} "
        f"AND m.content = {content_sql(content_digest)}"
    )


def with_mangled(session: Session, rows: pa.Table, found: Sequence[Found]) -> pa.Table:
    """Return *rows*, those of *found*, with `MANGLED_FIELDS` filled in as far as they are among the columns."""
    wanted = [name for name in MANGLED_FIELDS if name in rows.column_names]
    if not wanted or not found:
        return rows
    session.make_mangled()
    if not session.has_mangled:
        return rows
    page = [
        {"position": at, "site": each.site, "doc_id": each.doc_id, "digest": each.row["content_digest"]}
        for at, each in enumerate(found)
    ]
    connection = session.cursor()
    execute(connection, "CREATE TEMP TABLE page(position BIGINT, site VARCHAR, doc_id VARCHAR, digest VARCHAR)")
    insert(connection, "page", [pa.Table.from_pylist(page)])
    known = arrow(
        connection,
        f"SELECT {', '.join('m.' + name for name in wanted)} FROM page p "
        f"LEFT JOIN {mangled_join('p.site', 'p.doc_id', 'p.digest')} ORDER BY position",
    )
    connection.close()
    for name in wanted:
        rows = rows.set_column(rows.column_names.index(name), name, known[name])
    return rows
