"""The versions of one document: what changed, why, when first and last seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from archive.duckdb_session import Session, arrow
from archive.errors import UsageError
from archive.record import VERSION_FIELDS
from archive.rows import dicts
from archive.scope import NOW, Moment, Scope
from archive.text_difference import text_difference

SHOWN_FIELDS = tuple("preview_text" if name == "text_digest" else name for name in VERSION_FIELDS)
"""What a change is told of: a changed text as itself, not as its digest."""


def history(
    session: Session,
    site: str,
    doc_id: str,
    moment: Moment = NOW,
    *,
    fields: Collection[str] | None = None,
    text: bool = False,
) -> list[dict[str, Any]]:
    """Return the document's versions, oldest first; [] for a document the archive does not have.

    Each has `version` (from 1), `cause`, `first_seen`, `last_seen`, `changes` (a list of {"field", "from", "to"}, empty
    for the first) and the record's fields. A changed text is told as `preview_text`. *fields*: only changes of these
    are told, and only versions that changed one of them, with the first. *text*: a change of the text has `segments`, a
    list of {"op": "equal", "delete" or "insert", "text"}, and `level` (`archive.text_difference`), too.
    """
    scope = Scope(session, documents=[(site, doc_id)], moment=moment)
    try:
        rows = list(dicts(arrow(scope.connection, "SELECT * EXCLUDE (exact_copy_of) FROM versions ORDER BY version")))
    finally:
        scope.close()
    before: Mapping[str, Any] | None = None
    versions = []
    for row in rows:
        changes = changes_between(before, row) if before else []
        if fields is not None:
            changes = [change for change in changes if change["field"] in fields]
        if text:
            changes = [_with_segments(change) for change in changes]
        if changes or before is None or fields is None:
            versions.append({"changes": changes, **row})
        before = row
    return versions


def check_fields(fields: str | Collection[str] | None) -> list[str] | None:
    """Return the fields whose changes are asked for. Raises UsageError for one that makes no version."""
    named = [fields] if isinstance(fields, str) else list(fields or ())
    for name in named:
        if name not in SHOWN_FIELDS:
            raise UsageError(f"a change of {name!r} makes no version; choose among {', '.join(SHOWN_FIELDS)}")
    return named or None


def _with_segments(change: dict[str, Any]) -> dict[str, Any]:
    if change["field"] != "preview_text":
        return change
    found = text_difference(change["from"] or "", change["to"] or "")
    return {**change, "level": found.level, "segments": [{"op": s.op, "text": s.text} for s in found.segments]}


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what differs between two records, as {"field", "from", "to"}."""
    changes = []
    for compared, shown in zip(VERSION_FIELDS, SHOWN_FIELDS, strict=True):
        if before[compared] != after[compared]:
            changes.append({"field": shown, "from": before[shown], "to": after[shown]})
    return changes
