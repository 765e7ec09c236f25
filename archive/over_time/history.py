"""The versions of one document: what changed, why, when first and last seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from archive.errors import UsageError
from archive.record import VERSION_FIELDS
from archive.snapshot.duckdb_session import Session, arrow
from archive.snapshot.rows import dicts
from archive.snapshot.scope import NOW, Moment, Scope
from archive.words.text_difference import text_difference

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
    list of {"op": "equal", "delete" or "insert", "text"}, and `level` (`archive.words.text_difference`), too.
    """
    versions = histories(session, [(site, doc_id)], moment).get((site, doc_id), [])
    if text:
        versions = [{**row, "changes": [_with_segments(change) for change in row["changes"]]} for row in versions]
    if fields is None:
        return versions
    told = ({**row, "changes": [c for c in row["changes"] if c["field"] in fields]} for row in versions)
    return [row for row in told if row["changes"] or row["version"] == 1]


_VERSIONS = """
SELECT l.* EXCLUDE (document_first_seen, is_newest, row_file, file_row_number), w.withdrawn_at,
  coalesce(k.work_id, l.site || '/' || l.doc_id) AS work_id
FROM located_versions l
LEFT JOIN withdrawals w ON w.site = l.site AND w.doc_id = l.doc_id
LEFT JOIN works k ON k.site = l.site AND k.doc_id = l.doc_id
ORDER BY l.site, l.doc_id, version
"""
"""The view `versions` without `exact_copy_of`, which looks at other documents."""


def histories(
    session: Session, documents: Sequence[tuple[str, str]], moment: Moment = NOW
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the `history` of each of *documents* that the archive has, at the price of about one."""
    scope = Scope(session, documents=documents, moment=moment, all_views=False)
    try:
        rows = list(dicts(arrow(scope.connection, _VERSIONS)))
    finally:
        scope.close()
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        versions = found.setdefault((row["site"], row["doc_id"]), [])
        versions.append({"changes": changes_between(versions[-1], row) if versions else [], **row})
    return found


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
