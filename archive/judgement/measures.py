"""What the documents and pages of a run were like, counted as they pass by.

Three kinds of numbers: shares (how many of how many), spreads (a logarithmic histogram), mixes (how often each value).
They are small, add up, and are compared with those of other runs of the same site (archive/judgement/gates.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

FIELDS = (
    "title",
    "size_bytes",
    "pages",
    "format",
    "published_on",
    "tags",
    "issuer",
    "document_number",
    "other_labels",
    "text_digest",
)
"""Record fields that are measured: what was understood, not how it was printed."""

LOST_ANY = "known/lost/any"
"""Measure of the known documents that have one of these no more."""

PRINTED = {"size_bytes": "size_text", "pages": "pages_text", "published_on": "published_text"}
"""Field -> its printed form: with the one and without the other it is unreadable."""

BINS_AN_OCTAVE = 4
"""Bins of a spread for each doubling: neighbours differ by 19 %, small counts have a bin each."""

VALUES_KEPT = 24
"""Values of a mix that are counted by name; a site could send as many as it likes."""
VALUE_CHARACTERS = 24
REST = "(other)"

SCRIPT_CHARACTERS = 300
"""Of the beginning of a text, which tell its script."""

REPEATS_FOLLOWED = 512
"""Texts whose repetition is followed at a time (Misra and Gries): a group larger than 1/513 of all is never missed."""

UNREMARKABLE_GROUP = 2
"""Documents that may share one text without a word: a copy is nothing remarkable."""

LATE_DAYS = 14
"""A new document that is no older is simply new: a site or its crawl may lag behind by a failed page or a holiday."""

GARBLED_FLAG = "mojibake"
"""Flag of a record whose text was decoded wrongly and could not be mended."""


@dataclass(slots=True)
class Measures:
    """The numbers of one run."""

    shares: dict[str, list[int]] = field(default_factory=dict)
    """Name -> [cases, of how many]."""
    spreads: dict[str, dict[int, int]] = field(default_factory=dict)
    """Name -> bin (see `bin_of`) -> how many."""
    mixes: dict[str, dict[str, int]] = field(default_factory=dict)
    """Name -> value -> how many."""

    def share(self, name: str, cases: int, of: int = 1) -> None:
        """Add *cases* among *of*."""
        if of:
            counted = self.shares.setdefault(name, [0, 0])
            counted[0] += cases
            counted[1] += of

    def spread(self, name: str, value: float) -> None:
        """Add one value."""
        bins = self.spreads.setdefault(name, {})
        place = bin_of(value)
        bins[place] = bins.get(place, 0) + 1

    def mix(self, name: str, value: str) -> None:
        """Add one value, which may be anything a site sends."""
        values = self.mixes.setdefault(name, {})
        value = value[:VALUE_CHARACTERS]
        if value not in values and len(values) >= VALUES_KEPT:
            value = REST
        values[value] = values.get(value, 0) + 1

    def to_json(self) -> dict[str, Any]:
        """Return the numbers as JSON types."""
        spreads = {name: {str(place): n for place, n in bins.items()} for name, bins in self.spreads.items()}
        return {"shares": self.shares, "spreads": spreads, "mixes": self.mixes}

    @classmethod
    def from_json(cls, numbers: Mapping[str, Any]) -> Measures:
        """Return the measures that `to_json` wrote; what is missing is empty."""
        return cls(
            {name: list(counted) for name, counted in numbers.get("shares", {}).items()},
            {name: {int(p): n for p, n in bins.items()} for name, bins in numbers.get("spreads", {}).items()},
            {name: dict(values) for name, values in numbers.get("mixes", {}).items()},
        )


class Repeats:
    """How large the largest group of equal values is, in bounded memory; never more than it is."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, value: str) -> None:
        """Add one value."""
        counts = self._counts
        if value in counts or len(counts) < REPEATS_FOLLOWED:
            counts[value] = counts.get(value, 0) + 1
            return
        self._counts = {other: n - 1 for other, n in counts.items() if n > 1}

    def beyond_unremarkable(self) -> int:
        """Return by how many the largest group exceeds what copies explain."""
        return max(0, max(self._counts.values(), default=0) - UNREMARKABLE_GROUP)

    def is_largest(self, value: str | None) -> bool:
        """Whether *value* is that of the largest group, and that group remarkable."""
        return self.beyond_unremarkable() > 0 and value == max(self._counts, key=self._counts.__getitem__)


def bin_of(value: float) -> int:
    """Return the bin of a spread that *value* falls in; bins are in the order of values.

    >>> bin_of(0), bin_of(19), bin_of(20), bin_of(-20)
    (0, 17, 17, -17)
    """
    return int(math.copysign(math.floor(BINS_AN_OCTAVE * math.log2(1 + abs(value))), value))


def value_of_bin(place: int) -> float:
    """Return the least value (by size) that falls in a bin.

    >>> round(value_of_bin(8)), bin_of(value_of_bin(40))
    (3, 40)
    """
    return float(math.copysign(2 ** (abs(place) / BINS_AN_OCTAVE) - 1, place))


def measure_new(measures: Measures, record: Mapping[str, Any], *, backlog: bool) -> None:
    """Add a document that the archive did not know (a `versions` row as JSON).

    *backlog*: the site's documents are taken in for the first time; they are older than those that come later.
    """
    for name in FIELDS:
        measures.share(f"new/lacking/{name}", not record[name])
    for name, printed in PRINTED.items():
        if record[printed]:
            measures.share(f"new/unreadable/{name}", record[name] is None)
    measures.share("new/garbled", is_garbled(record))
    for name in ("size_bytes", "pages"):
        if record[name] is not None:
            measures.spread(f"new/{name}", record[name])
    measures.spread("new/title_characters", len(record["title"] or ""))
    measures.spread("new/tags", len(record["tags"] or ()))
    measures.spread("new/labels", len(record["other_labels"] or {}))
    if record["preview_text"]:
        measures.spread("new/text_characters", len(record["preview_text"]))
        measures.mix("new/text_script", script_of(record["preview_text"]))
    measures.mix("new/title_script", script_of(record["title"] or ""))
    measures.mix("new/format", record["format"] or "")
    if record["published_on"]:
        measures.mix("new/date_precision", str(len(record["published_on"])))
        age = _age_days(record)
        if age is not None:
            measures.spread("backlog/age_days" if backlog else "new/age_days", 0 if 0 <= age <= LATE_DAYS else age)
            measures.share("new/dated_ahead", age < 0)
    if record["published_text"]:
        measures.mix("new/date_form", _SHAPE.sub("9", record["published_text"].strip()))


def measure_known(
    measures: Measures,
    before: Mapping[str, object],
    now: Mapping[str, object],
    *,
    garbled: bool,
    expected: bool = False,
) -> None:
    """Add a document that the archive knew: marks of its fields (`archive/judgement/known_values.py`) before and now.

    *garbled*: its text is decoded wrongly now and was not before. *expected*: that it changed is no wonder, for a newer
    reader reads it otherwise, or its listing had said so; then only what is lost counts. What is gained replaces
    nothing, and a site that recovers gains.
    """
    measures.share("known/garbled", garbled)
    lost_any = False
    for name in FIELDS:
        was, is_now = before.get(name), now.get(name)
        if not was:
            continue
        lost_any = lost_any or not is_now
        measures.share(f"known/lost/{name}", not is_now)
        if not expected:
            measures.share(f"known/changed/{name}", bool(is_now) and is_now != was)
    measures.share(LOST_ANY, lost_any)


def measure_page(measures: Measures, *, known: bool, page_type: str, reason: str) -> None:
    """Add what became of a URL that a document was expected at; *known*: one that a document was published from."""
    measures.share("known/no_document" if known else "new/no_document", page_type != "document")
    if page_type != "document":
        measures.mix("pages/no_document_because", reason)


def is_garbled(record: Mapping[str, Any]) -> bool:
    """Whether the text of a record was decoded wrongly."""
    return GARBLED_FLAG in (record["flags"] or ()) or "\ufffd" in (record["title"] or "")


def script_of(text: str) -> str:
    """Return what most of the letters of a text are: cjk, latin, accented, lost, other, or none for no letters.

    >>> script_of("计生长效机制 2023"), script_of("Annual report"), script_of("ÎÄ¼þ"), script_of("12")
    ('cjk', 'latin', 'accented', 'none')
    """
    beginning = text[:SCRIPT_CHARACTERS]
    counts = {script: sum(map(len, letters.findall(beginning))) for script, letters in _LETTERS.items()}
    most = max(counts, key=counts.__getitem__)
    return most if counts[most] else "none"


_LETTERS = {
    "lost": re.compile("\ufffd+"),
    "latin": re.compile("[A-Za-z]+"),
    "cjk": re.compile("[\u3400-\u9fff]+"),
    "accented": re.compile("[\x80-\u024f]+"),
    "other": re.compile(r"[^\W\d_\x00-\u024f\u3400-\u9fff]+"),
}
"""Script -> runs of its letters."""

_SHAPE = re.compile(r"\d+")


def _age_days(record: Mapping[str, Any]) -> int | None:
    """Return how many days before it was fetched a document was published; a time zone makes no day ahead."""
    until = record.get("published_until")
    if until is None:
        return None
    day = until if isinstance(until, date) else date.fromisoformat(until)
    fetched = record["fetched_at"]
    days = (date.fromisoformat(str(fetched)[:10]) - day).days
    return 0 if days == -1 else days
