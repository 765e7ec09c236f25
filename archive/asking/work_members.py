"""The copies of one work, as a list to choose from."""

from __future__ import annotations

from typing import Any

from archive.asking.best_copy import WORTH_SQL
from archive.snapshot.duckdb_session import Session, arrow, close
from archive.snapshot.scope import Scope

EARLIEST, LONGEST, BEST = "earliest", "longest", "best"

MOST_MEMBERS = 100


def work_members(session: Session, work_id: str, most: int = MOST_MEMBERS) -> list[dict[str, Any]]:
    """Return the documents of a work, the earliest first, `most` of them at most.

    Each has `site`, `doc_id`, `title`, `url`, `published_on`, `first_seen`, `last_seen`, `withdrawn_at`, `characters`
    of its text, `text_digest`, and `marks`: which of them is the earliest, has the longest text, is the best one. Of a
    work that has no copies it is the one document, without marks.
    """
    connection = session.cursor()
    try:
        named = arrow(
            connection,
            "SELECT site, doc_id FROM works WHERE work_id = $work ORDER BY ALL",
            {"work": work_id},
        )
        names = list(zip(named["site"].to_pylist(), named["doc_id"].to_pylist(), strict=True))
        # The one that gave the id stands in no row, unless it went to another work.
        site, _, doc_id = work_id.partition("/")
        given = arrow(
            connection, "SELECT 1 FROM works WHERE site = $site AND doc_id = $doc_id", {"site": site, "doc_id": doc_id}
        )
    finally:
        close(connection)
    if not given.num_rows:
        names.append((site, doc_id))
    scope = Scope(session, documents=list(dict.fromkeys(names))[: most + 1], all_views=False)
    try:
        found = arrow(
            scope.connection,
            "SELECT site, doc_id, title, url, published_on, document_first_seen AS first_seen, last_seen, "
            f"withdrawn_at, coalesce(length(preview_text), 0) AS characters, text_digest, {WORTH_SQL} AS worth "
            "FROM located_versions LEFT JOIN withdrawals USING (site, doc_id) "
            "WHERE is_newest ORDER BY first_seen, site, doc_id",
        )
    finally:
        scope.close()
    rows: list[dict[str, Any]] = found.to_pylist()[:most]
    marked = {
        EARLIEST: 0,
        LONGEST: max(range(len(rows)), key=lambda n: rows[n]["characters"], default=0),
        BEST: max(range(len(rows)), key=lambda n: rows[n]["worth"], default=0),
    }
    for number, row in enumerate(rows):
        del row["worth"]
        row["marks"] = [mark for mark, at in marked.items() if at == number] if len(rows) > 1 else []
    return rows
