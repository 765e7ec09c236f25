"""Which documents of a selection have a text that another one of it has, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from archive.snapshot.rows import Rows, dicts

Document = tuple[str, str]
"""Site, doc_id."""

PLACE_FIELDS = ("site", "doc_id", "url", "capture", "first_seen")
"""What is kept of a copy: where its document stands, and the page it was read from."""


@dataclass(slots=True)
class ExactCopies:
    """The copies, and of each text the document that is kept."""

    places: dict[Document, list[dict[str, Any]]] = field(default_factory=dict)
    """The document that was seen first -> `PLACE_FIELDS` of each of its copies, in the order they were seen first."""
    left_out: set[Document] = field(default_factory=set)
    """The copies."""


def exact_copies(narrow: Callable[[Sequence[str]], Rows]) -> ExactCopies:
    """Return the exact copies among documents; *narrow* gives the documents with the fields named.

    Exact copies have the same `text_digest`; what has no text is nobody's copy. The documents are gone through twice,
    so that memory holds 8 bytes a document, and more only of those that have copies.
    """
    several = _several(narrow)
    same: dict[str, list[dict[str, Any]]] = {}
    if several:
        for batch in narrow((*PLACE_FIELDS, "text_digest")).batches():
            for row in dicts(batch):
                digest = row.pop("text_digest")
                if digest is not None and _short(digest) in several:
                    same.setdefault(digest, []).append(row)
    found = ExactCopies()
    for rows in same.values():  # two digests may begin alike: then a list has one row alone
        kept, *copies = sorted(rows, key=lambda row: (row["first_seen"], row["site"], row["doc_id"]))
        if copies:
            found.places[kept["site"], kept["doc_id"]] = copies
            found.left_out |= {(row["site"], row["doc_id"]) for row in copies}
    return found


def _several(narrow: Callable[[Sequence[str]], Rows]) -> set[int]:
    """Return the beginnings of digests that occur more than once."""
    beginnings = [
        pa.array([_short(each) for each in batch["text_digest"].drop_null().to_pylist()], pa.uint64())
        for batch in narrow(["text_digest"]).batches()
    ]
    counted = pc.value_counts(pa.chunked_array(beginnings, pa.uint64()))
    return set(counted.filter(pc.greater(counted.field("counts"), 1)).field("values").to_pylist())


def _short(digest: str) -> int:
    """Return the first 8 bytes of "sha256:..."."""
    return int(digest.rpartition(":")[2][:16], 16)
