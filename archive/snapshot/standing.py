"""What nearly every question about one snapshot computes, computed once for who asks many."""

from __future__ import annotations

from archive.snapshot.duckdb_session import Session, execute

VERSIONS, WITHDRAWALS = "standing_versions", "standing_withdrawals"

HOT_COLUMNS = (
    *("format", "pages", "size_bytes", "published_on", "published_from", "published_until", "tags", "flags"),
    *("issuer", "document_number", "text_digest", "fetched_at"),
)
"""Columns of a record by which people select, sort and count: small, and kept in memory; some 300 bytes a record."""

_MAKE = f"""
CREATE TABLE {VERSIONS} AS
SELECT i.*, {", ".join(f"r.{name}" for name in HOT_COLUMNS)},
  list_distinct(r.tags) AS different_tags, list_distinct(r.flags) AS different_flags
FROM version_index i JOIN raw_versions r
ON r.row_file = i.row_file AND r.file_row_number = i.file_row_number AND r.site = i.site AND r.doc_id = i.doc_id;
CREATE TABLE {WITHDRAWALS} AS FROM withdrawals;
"""


def make_standing(session: Session) -> None:
    """Compute, and keep with the session, which versions there are now and what is withdrawn.

    Answers are the same with and without it. It costs as much as a few questions: for a page that is served, not for a
    command that asks one. Questions about another moment than now do not use it.
    """
    session.make_views()
    execute(session.connection, _MAKE)
    session.has_standing = True
