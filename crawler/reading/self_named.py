"""What says itself what it is: identifiers without a label, a month beside its year."""

from __future__ import annotations

import re
from collections.abc import Callable

from crawler.reading.ground import Fact, Ground
from crawler.reading.labels import Pairs

NEXT_LINES = 4
"""Lines below the heading in which a document's identifier stands."""


def names_itself(ground: Ground) -> bool:
    """Whether right below the heading stands an identifier that says what it is: ECLI:EU:C:2016:841."""
    start = 0 if ground.heading is None else ground.heading + 1
    return any(_ECLI.fullmatch(line.plain) for line in ground.lines[start : start + NEXT_LINES])


_ECLI = re.compile(r"ECLI(?::[A-Z0-9.]{1,25}){4}")

LONGEST_YEAR = 4


def with_month(pairs: Pairs, year: Fact[str], published: Callable[[str], str | None]) -> Fact[str]:
    """Return a year with the month that stands behind a label of its own: Month: June, Year: 2021."""
    if (year.place or "").lower() not in ("label:year", "label:publication year", "label:year of publication"):
        return year
    for label in ("Month", "month"):
        for _, text in pairs.other.get(label, ()):
            found = published(f"{text} {year.value}") if _MONTH.fullmatch(text) else None
            if found is not None:
                return Fact(found, f"{text} {year.text}", year.place)
    return year


_MONTH = re.compile(r"[A-Z][a-z]{2,8}")
