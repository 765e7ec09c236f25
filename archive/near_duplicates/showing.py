"""One work: its copies, what ties them together, how their texts differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import TYPE_CHECKING, Any

from archive.asking.best_copy import best_copy
from archive.asking.work_members import BEST, EARLIEST, LONGEST
from archive.near_duplicates.canonical import Canonicalizer
from archive.near_duplicates.pairs import PairTable
from archive.near_duplicates.pairs_in_force import LEARNED_SQL, with_learned
from archive.near_duplicates.verification import Prepared, compare
from archive.near_duplicates.weight import UNIT, weight
from archive.snapshot.selection import MANGLED_FIELDS
from archive.words.copy_difference import SAME, Piece, copy_difference

if TYPE_CHECKING:
    from archive.archive import Archive

MAX_MEMBERS = 60
"""Copies that are compared each with each: 1,770 pairs, a second."""

_MEMBER_FIELDS = ("site", "doc_id", "url", "title", "published_on", "first_seen", "last_seen", *MANGLED_FIELDS)


def shown_work(archive: Archive, work_id: str, *, text: bool = False) -> dict[str, Any]:
    """Return `members` (the earliest first), `edges` (pairs that say anything for or against) and `differences`.

    The evidence of a pair depends on its two texts alone, so it is found anew. *text*: how the texts of the others
    differ from the best copy's, word by word, what filters did told apart from edits.
    """
    rows = archive.query(
        "SELECT site, doc_id, url, title, preview_text, flags, published_on, first_seen, last_seen, "
        "mangled_by, mangled_score, is_garbage FROM documents "
        "WHERE work_id = $work ORDER BY first_seen, site, doc_id",
        {"work": work_id},
    ).to_list()
    best = best_copy(rows)
    longest = max(rows, key=lambda row: len(row["preview_text"] or ""))
    marked: Mapping[str, Mapping[str, Any]] = {EARLIEST: rows[0], LONGEST: longest, BEST: best}
    members = [
        {
            **{name: row[name] for name in _MEMBER_FIELDS},
            "characters": len(row["preview_text"] or ""),
            "marks": [mark for mark, marked_row in marked.items() if marked_row is row] if len(rows) > 1 else [],
        }
        for row in rows
    ]
    pairs = with_learned(archive.query(LEARNED_SQL))
    differences = [_difference(best, row, pairs) for row in rows if row is not best] if text else []
    return {
        "work_id": work_id,
        "members": members,
        "edges": _edges(rows[:MAX_MEMBERS], pairs),
        "differences": differences,
    }


def _edges(rows: Sequence[Mapping[str, Any]], pairs: PairTable) -> list[dict[str, Any]]:
    canonicalizer = Canonicalizer(pairs)
    prepared = [(_name(row), Prepared(canonicalizer.canonical(row["preview_text"] or ""))) for row in rows]
    edges = []
    for (one, text), (other, other_text) in combinations(prepared, 2):
        evidence = compare(text, other_text)
        pull = weight(evidence)
        if evidence is not None and pull:
            edges.append({"one": one, "other": other, "weight": pull / UNIT, "evidence": asdict(evidence)})
    return edges


def _difference(best: Mapping[str, Any], row: Mapping[str, Any], pairs: PairTable) -> dict[str, Any]:
    pieces = copy_difference(
        best["preview_text"] or "",
        row["preview_text"] or "",
        [(pair.original, pair.replacement) for pair in pairs.pairs],
    )
    return {
        "field": f"{_name(best)} -> {_name(row)}",
        "level": "words",
        "segments": [segment for piece in pieces for segment in _segments(piece)],
    }


def _segments(piece: Piece) -> list[dict[str, str]]:
    """Return a piece as `history` shows differences, with its kind: what a filter did, or an edit."""
    if piece.kind == SAME:
        return [{"op": "equal", "text": piece.old}]
    both = (("delete", piece.old), ("insert", piece.new))
    return [{"op": op, "text": text, "kind": piece.kind} for op, text in both if text]


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['site']}/{row['doc_id']}"
