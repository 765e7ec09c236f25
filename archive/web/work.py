"""The copies of a work side by side: two of them, and how their texts differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from archive.errors import NotFound, UsageError
from archive.web.opened import SharedArchive
from archive.web.view import render
from archive.words.copy_difference import LONGEST, SAME, Piece, copy_difference

ROW_CHARACTERS = 90
"""Of a row of the two texts, from which on it ends with the sentence."""

LONGEST_ROW = 240
"""It ends then in any case."""

LONGEST_EDIT = 300
"""Characters of a passage that only one of the two has, before it is cut: most copies are shorter than others."""

KEPT_ROWS = 1
"""Rows that are the same in both are shown so many before and behind one that is not."""

_SENTENCE_ENDS = "。！？；\n"


@dataclass(slots=True)
class SideRow:
    """A stretch of both texts, beside each other."""

    pieces: list[Piece] = field(default_factory=list)
    skipped: int = 0
    """It stands for so many rows that are the same in both."""

    @property
    def is_same(self) -> bool:
        """Whether both say the same here."""
        return all(piece.kind == SAME for piece in self.pieces)


def compare_page(request: Request) -> Response:
    """Show two documents' texts beside each other, with every difference and its kind."""
    shared: SharedArchive = request.app.state.shared
    parameters = request.query_params
    names = [(parameters.get(f"{side}site", ""), parameters.get(f"{side}doc_id", "")) for side in ("", "with_")]
    if not all(part for name in names for part in name):
        raise UsageError("name two documents: site=SITE&doc_id=ID&with_site=SITE&with_doc_id=ID")
    with shared.asked() as (archive, _):
        found = [archive.get(*name) for name in names]
        for name, row in zip(names, found, strict=True):
            if row is None:
                raise NotFound(f"no document {name[0]} {name[1]} in this archive")
        one, other = (row for row in found if row is not None)
        members = archive.work_members(one["work_id"])
        pairs = archive.word_pairs()
    text, other_text = one["preview_text"] or "", other["preview_text"] or ""
    pieces = copy_difference(text, other_text, pairs)
    counts = Counter(piece.kind for piece in pieces)
    return render(
        request,
        "compare.html",
        {
            "one": one,
            "other": other,
            "rows": _shortened(list(side_rows(pieces))),
            "counts": counts,
            "is_cut": max(len(text), len(other_text)) > LONGEST,
            "longest": LONGEST,
            "longest_edit": LONGEST_EDIT,
            "of_one_work": one["work_id"] == other["work_id"],
            "members": members,
        },
    )


def side_rows(pieces: Sequence[Piece]) -> Iterator[SideRow]:
    """Yield the pieces in rows that end where sentences of both texts do."""
    row, length = SideRow(), 0
    for piece in pieces:
        for part in _parts(piece):
            row.pieces.append(part)
            length += max(len(part.old), len(part.new))
            ends = part.kind == SAME and part.old[-1:] in _SENTENCE_ENDS
            if length >= LONGEST_ROW or (length >= ROW_CHARACTERS and ends):
                yield row
                row, length = SideRow(), 0
    if row.pieces:
        yield row


def _parts(piece: Piece) -> Iterator[Piece]:
    """Yield a piece that is the same in both sentence by sentence."""
    if piece.kind != SAME:
        yield piece
        return
    start = 0
    for at, character in enumerate(piece.old):
        if character in _SENTENCE_ENDS or at - start >= LONGEST_ROW:
            yield Piece(SAME, piece.old[start : at + 1], piece.new[start : at + 1])
            start = at + 1
    if start < len(piece.old):
        yield Piece(SAME, piece.old[start:], piece.new[start:])


def _shortened(rows: Sequence[SideRow]) -> list[SideRow]:
    """Return the rows with long stretches that are the same as one that says how many they are."""
    near = {
        close
        for number, row in enumerate(rows)
        if not row.is_same
        for close in range(number - KEPT_ROWS, number + KEPT_ROWS + 1)
    }
    shown: list[SideRow] = []
    for number, row in enumerate(rows):
        if number in near or not near:
            shown.append(row)
        elif shown and shown[-1].skipped:
            shown[-1].skipped += 1
        else:
            shown.append(SideRow(skipped=1))
    return shown


def other_members(members: Sequence[dict[str, Any]], row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the members of a work of several, [] of one that stands alone."""
    return list(members) if len(members) > 1 and any(_is(member, row) for member in members) else []


def _is(member: dict[str, Any], row: dict[str, Any]) -> bool:
    return (member["site"], member["doc_id"]) == (row["site"], row["doc_id"])
