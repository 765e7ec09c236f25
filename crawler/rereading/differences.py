"""What today's reader reads otherwise, told field by field: what a person approves before it is applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.record import VERSION_FIELDS

EXAMPLES = 3
"""Documents shown for each difference."""

VALUE_CHARACTERS = 200
"""A text in an example is cut to so many."""

LEAD_CHARACTERS = 20
"""Of a long text, shown before the place where the readings part."""

FIELDS = tuple("preview_text" if name == "text_digest" else name for name in VERSION_FIELDS)

CHANGED, BECOMES, NO_MORE = "field", "becomes_document", "no_document"
"""Kinds of differences: a field's value; a page that is a document now; one that is none any more."""


@dataclass(slots=True)
class Difference:
    """One kind of difference, with how many documents show it."""

    kind: str
    name: str
    """The field; of a page that is no document any more the reason."""
    bit: int
    """Which bit stands for it where documents are noted."""
    documents: int = 0
    gained: int = 0
    """Documents that had no value and have one now."""
    lost: int = 0
    """Documents that had a value and have none now."""
    examples: list[dict[str, Any]] = field(default_factory=list)
    """{"doc_id", "url", "capture", "before", "after"}."""


class Differences:
    """The differences of one site, added up as captures are read."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Difference] = {}
        self._seen: dict[str, int] = {}
        """Document -> which differences it was counted for, a bit each: of several captures of it one counts."""

    def __len__(self) -> int:
        """How many documents differ."""
        return len(self._seen)

    def __iter__(self) -> Iterator[Difference]:
        """Yield the differences: fields that most documents show first, then pages that changed their kind."""
        order = (CHANGED, BECOMES, NO_MORE)
        yield from sorted(self._found.values(), key=lambda d: (order.index(d.kind), -d.documents, d.name))

    def documents(self, kind: str) -> int:
        """Return how many documents show differences of a kind, those of several names counted for each."""
        return sum(one.documents for one in self._found.values() if one.kind == kind)

    def changed(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Add a document: the row that was published, and the one that is read now."""
        for compared, shown in zip(VERSION_FIELDS, FIELDS, strict=True):
            if before[compared] == after[compared]:
                continue
            old, new = before[shown], after[shown]
            found = self._counted(CHANGED, shown, after["doc_id"])
            if found is None:
                continue
            found.gained += _is_absent(old) and not _is_absent(new)
            found.lost += _is_absent(new) and not _is_absent(old)
            _add_example(found, after, *_parting(old, new))

    def becomes_document(self, after: Mapping[str, Any]) -> None:
        """Add a page that is read as a document for the first time."""
        found = self._counted(BECOMES, "", after["doc_id"])
        if found is not None:
            _add_example(found, after, None, _shown(after["title"]))

    def no_document(self, doc_id: str, url: str, capture: str, title: str | None, reason: str) -> None:
        """Add a document whose page is read as none."""
        found = self._counted(NO_MORE, reason, doc_id)
        if found is not None:
            _add_example(found, {"doc_id": doc_id, "url": url, "capture": capture}, _shown(title), None)

    def _counted(self, kind: str, name: str, doc_id: str) -> Difference | None:
        """Return the difference with the document counted, None where it was before."""
        found = self._found.get((kind, name))
        if found is None:
            found = self._found[kind, name] = Difference(kind, name, 1 << len(self._found))
        seen = self._seen.get(doc_id, 0)
        if seen & found.bit:
            return None
        self._seen[doc_id] = seen | found.bit
        found.documents += 1
        return found


def _add_example(found: Difference, row: Mapping[str, Any], before: Any, after: Any) -> None:
    if len(found.examples) < EXAMPLES:
        names = {name: row[name] for name in ("doc_id", "url", "capture")}
        found.examples.append({**names, "before": before, "after": after})


def _is_absent(value: Any) -> bool:
    return value is None or value in ([], {})


def _parting(old: Any, new: Any) -> tuple[Any, Any]:
    """Return both values; of long texts the part where they begin to differ.

    >>> _parting("甲" * 300 + "乙", "甲" * 300 + "丙") == ("…" + "甲" * 20 + "乙", "…" + "甲" * 20 + "丙")
    True
    """
    if not (isinstance(old, str) and isinstance(new, str)) or max(len(old), len(new)) <= VALUE_CHARACTERS:
        return _shown(old), _shown(new)
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    start = max(0, start - LEAD_CHARACTERS)
    lead = "…" if start else ""
    return lead + _shown(old[start:]), lead + _shown(new[start:])


def _shown(value: Any) -> Any:
    if isinstance(value, str) and len(value) > VALUE_CHARACTERS:
        return value[:VALUE_CHARACTERS] + "…"
    return value
