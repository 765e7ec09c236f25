"""How sure each value is, and what else on the page might have been it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archive.record import DocumentRecord
from crawler.reading.labels import Pairs
from crawler.reading.structured import Structured

_MEANINGS = {
    "title": ("title",),
    "doc_id": ("doc_id",),
    "size_bytes": ("size",),
    "pages": ("pages",),
    "format": ("format",),
    "published_on": ("published", "uploaded", "deposited", "never"),
    "tags": ("tags",),
    "issuer": ("issuer",),
    "document_number": ("document_number",),
    "preview_text": ("abstract",),
}
"""Record field -> what labels and data for machines call it."""

_CONFIDENCE = (
    ("label:", "high"),
    ("heading", "high"),
    ("section", "high"),
    ("json-ld", "high"),
    ("text", "high"),
    ("meta[citation", "high"),
    ("container", "medium"),
    ("attributes", "medium"),
    ("below heading", "medium"),
    ("files", "medium"),
    ("file link", "medium"),
    ("title", "medium"),
    ("links", "medium"),
    ("url", "medium"),
    ("itemprop", "medium"),
    ("script", "medium"),
)
"""Beginning of a place -> how much is to be said for a value read there."""

SHOWN = 120
"""Characters of a competing value that are shown."""


class Candidate(NamedTuple):
    """A value that a field might have had."""

    text: str
    place: str


class Reason(NamedTuple):
    """Why a field has the value it has."""

    place: str
    confidence: str
    """high: the page says what it is; medium: by where it stands; low: of the page rather than of the document."""
    others: tuple[Candidate, ...]


def confidence(place: str) -> str:
    """Return how sure a value is that was read at *place*: "high", "medium" or "low".

    >>> confidence("label:大小"), confidence("url"), confidence("window title")
    ('high', 'medium', 'low')
    """
    return next((sure for start, sure in _CONFIDENCE if place.startswith(start)), "low")


def reasons_of(record: DocumentRecord, pairs: Pairs, structured: Structured) -> Mapping[str, Reason]:
    """Return, for each field that has a value, where it was read, how sure it is and what competed."""
    reasons: dict[str, Reason] = {}
    for name, place in record.provenance.items():
        others = [
            candidate
            for candidate in _candidates(_MEANINGS.get(name, ()), pairs, structured)
            if candidate.place != place and candidate.text
        ]
        reasons[name] = Reason(place, confidence(place), tuple(dict.fromkeys(others)))
    return reasons


def _candidates(meanings: Sequence[str], pairs: Pairs, structured: Structured) -> list[Candidate]:
    labelled = [Candidate(v.text[:SHOWN], f"label:{v.label}") for v in pairs.values(*meanings)]
    return labelled + [Candidate(told.text[:SHOWN], told.place) for told in structured.values(*meanings)]
