"""What says itself what it is: identifiers without a label, a month beside its year."""

from __future__ import annotations

import re
from collections.abc import Callable

from crawler.reading.ground import Fact, Ground
from crawler.reading.labels import Pairs

NEXT_LINES = 4
"""Lines below the heading in which a document's identifier stands."""


def names_itself(ground: Ground) -> bool:
    """Whether right below the heading stands an identifier that says what it is: ECLI:EU:C:2016:841.

    That of legislation may stand anywhere, for it is a URL of its own kind.
    """
    start = 0 if ground.heading is None else ground.heading + 1
    if any(_ECLI.fullmatch(line.plain) for line in ground.lines[start : start + NEXT_LINES]):
        return True
    return "/eli/" in ground.text and sum(_ELI.fullmatch(line.plain) is not None for line in ground.lines) == 1


_ELI = re.compile(r"ELI ?: ?https?://\S{4,60}/eli/\S{4,80}", re.IGNORECASE)


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


def is_about(printed: Fact[str]) -> bool:
    """Whether a day is printed, labelled, that is known about: [vers 1860], ca. 1900."""
    return printed.value is None and _ABOUT.match(printed.text or "") is not None


_ABOUT = re.compile(
    r"[\[(]?(?:ca?\.|circa|vers|um|hacia|about|around|avant|après|vor|nach)\s?1[4-9]\d\d\b", re.IGNORECASE
)

_MONTH = re.compile(r"[A-Z][a-z]{2,8}")
