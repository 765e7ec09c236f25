"""Which of the copies of a work to take where one is enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MARKS = ("〞", "〔", "20230%", "202223年", "效劳", "〕")
"""What the filters of document-sharing sites leave behind, and hardly anybody writes."""

LENGTH_FORGIVEN = 0.9
"""A clean copy is better than a longer one that is not, as long as it has this share of its text."""

WORTH_SQL = (
    "CASE WHEN " + " OR ".join(f"contains(preview_text, '{mark}')" for mark in MARKS) + f" THEN {LENGTH_FORGIVEN} "
    "ELSE 1 END * coalesce(length(preview_text), 0)"
)
"""How much a copy is worth: its text's length, less for one that is not clean. Of equal ones the earliest is best."""


def best_copy(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the best of *rows*: the longest clean one, of equal ones the earliest.

    >>> rows = [{"preview_text": "优质效劳" * 9}, {"preview_text": "优质服务" * 9}]
    >>> best_copy([{**row, "first_seen": 1, "site": "s", "doc_id": "d"} for row in rows])["preview_text"][:4]
    '优质服务'
    """
    return min(
        rows, key=lambda row: (-_worth(row["preview_text"] or ""), row["first_seen"], row["site"], row["doc_id"])
    )


def _name(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["site"], row["doc_id"]


def _worth(text: str) -> float:
    return len(text) * (LENGTH_FORGIVEN if any(mark in text for mark in MARKS) else 1)
