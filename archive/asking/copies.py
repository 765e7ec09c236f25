"""Which documents have one and the same text now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.snapshot.duckdb_session import Session, arrow, close
from archive.snapshot.scope import Scope

MOST_COPIES = 100


def exact_copies(session: Session, row: Mapping[str, Any], most: int = MOST_COPIES) -> list[dict[str, Any]]:
    """Return the other documents whose newest version has the text of *row* (`text_digest`), seen first first.

    Each has `site`, `doc_id`, `title`, `url`, `first_seen`, `withdrawn_at`.
    """
    if row["text_digest"] is None:
        return []
    source = "standing_versions" if session.has_standing else "raw_versions SEMI JOIN visible_runs USING (run_id)"
    connection = session.cursor()
    try:
        found = arrow(
            connection,
            f"SELECT DISTINCT site, doc_id FROM {source} "
            f"WHERE text_digest = $digest AND (site, doc_id) <> ($site, $doc_id) ORDER BY ALL LIMIT {most}",
            {"digest": row["text_digest"], "site": row["site"], "doc_id": row["doc_id"]},
        )
    finally:
        close(connection)
    candidates = [(each["site"], each["doc_id"]) for each in found.to_pylist()]
    if not candidates:
        return []
    scope = Scope(session, documents=candidates, all_views=False)
    try:
        # The text may have been theirs once and be another now.
        copies = arrow(
            scope.connection,
            "SELECT site, doc_id, title, url, document_first_seen AS first_seen, withdrawn_at "
            "FROM located_versions LEFT JOIN withdrawals USING (site, doc_id) "
            "WHERE is_newest AND text_digest = $digest ORDER BY first_seen, site, doc_id",
            {"digest": row["text_digest"]},
        )
        return list(copies.to_pylist())
    finally:
        scope.close()
