"""The day of the official journal in which an act appeared, as it is cited below the act's title."""

from __future__ import annotations

import re
from collections.abc import Callable

from crawler.reading.ground import Fact, Ground

NEXT_LINES = 6
"""Lines below the heading in which the journal is cited: title, whether the act is in force, where it appeared."""

LONGEST_CITATION = 300

_CITED = re.compile(
    r"(?i:publicado en|publié (?:au|dans)|veröffentlicht in|published in|pubblicato in)?[:\s]{0,2}[«\"“(]?"
    r"(?:ABl|OJ|JO|DO|GU|PB|JOUE|DOUE|BOE|BGBl)\b\.?[»\"”]?,?\s"
    r"(?:[LCS]{1,2}\s|(?i:núm|num|nr|no|n)\b[.º°]{0,2}\s?){0,2}\d{1,4}[^\d\n]{1,12}(\d{1,2}[^;\n]{6,24})"
)
"""ABl. L 257 vom 9.10.2003, S. 37–38; OJ L 119, 4.5.2016, p. 1; Publicado en: «BOE» núm. 134, de 02/06/2010."""


def gazetted(ground: Ground, published: Callable[[str], str | None]) -> Fact[str] | None:
    """Return the day of the official journal that is cited right below the heading, None where none is.

    It goes before the day of the act, which is in its title, and that of its last amendment.
    """
    if ground.heading is None:
        return None
    for line in ground.lines[ground.heading + 1 : ground.heading + 1 + NEXT_LINES]:
        cited = _CITED.match(line.plain) if len(line.plain) <= LONGEST_CITATION else None
        found = published(cited[1]) if cited is not None else None
        if cited is not None and found is not None and len(found) == len("2020-01-01"):
            return Fact(found, cited[1].strip(), "below heading")
    return None
