"""The versions of one document: what changed, why, when first and last seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.duckdb_session import Session, arrow
from archive.record import VERSION_FIELDS
from archive.rows import dicts
from archive.scope import NOW, Moment, Scope

SHOWN_FIELDS = tuple("preview_text" if name == "text_digest" else name for name in VERSION_FIELDS)
"""What a change is told of: a changed text as itself, not as its digest."""


def history(session: Session, site: str, doc_id: str, moment: Moment = NOW) -> list[dict[str, Any]]:
    """Return the document's versions, oldest first; [] for a document the archive does not have.

    Each has `version` (from 1), `cause`, `first_seen`, `last_seen`, `changes` (a list of {"field", "from", "to"}, empty
    for the first) and the record's fields. A changed text is told as `preview_text`.
    """
    scope = Scope(session, documents=[(site, doc_id)], moment=moment)
    try:
        rows = list(dicts(arrow(scope.connection, "SELECT * EXCLUDE (exact_copy_of) FROM versions ORDER BY version")))
    finally:
        scope.close()
    before: Mapping[str, Any] | None = None
    versions = []
    for row in rows:
        versions.append({"changes": changes_between(before, row) if before else [], **row})
        before = row
    return versions


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what differs between two records, as {"field", "from", "to"}."""
    changes = []
    for compared, shown in zip(VERSION_FIELDS, SHOWN_FIELDS, strict=True):
        if before[compared] != after[compared]:
            changes.append({"field": shown, "from": before[shown], "to": after[shown]})
    return changes
