"""How a page says that its own document is to be cited."""

from __future__ import annotations

import re

from crawler.reading.ground import Fact, Ground
from crawler.reading.heading import bare, squeezed

BELOW_HEADING = 4
"""Lines below the heading in which it stands."""

LONGEST_CITATION = 1_000
_YEAR = re.compile(r"\(((?:1[5-9]|20)\d\d)\)[.,:]?\s")


def cited(ground: Ground) -> Fact[str] | None:
    """Return the year behind the authors' names, before the title: Crane, Tobias (2014) Rota workbook. Working Paper.

    It is the year of publication; beside it repositories state when a copy was deposited.
    """
    if ground.heading is None:
        return None
    title = squeezed(bare(ground.lines[ground.heading]))
    for line in ground.lines[ground.heading + 1 : ground.heading + 1 + BELOW_HEADING]:
        year = _YEAR.search(line.spaced[:LONGEST_CITATION]) if "(" in line.plain[:LONGEST_CITATION] else None
        if year is not None and year.start() and squeezed(line.spaced[year.end() :]).startswith(title):
            return Fact(year[1], year[1], "citation")
    return None
