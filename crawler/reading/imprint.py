"""What one label says of when and where a document appeared, and how long it is: Lund: Press, 2020. , s. 186.

Or a journal, its issue and the pages in it: 《镇域治理研究》2014年第7期18-22,共5页.
"""

from __future__ import annotations

import re

from crawler.reading.ground import LONG_LINE, Fact, Facts, Ground
from crawler.reading.labels import Pairs

_YEAR = re.compile(r"(?<![\d/-])(?:1[4-9]|20)\d\d(?![\d/-])")

_PAGES = re.compile(
    r"\b(?:sidor|sider|pp?|s)\.? ?(\d{1,5})(?!\s?[-–—]|\d)|(?<![\d-])(\d{1,5}) (?:sidor|sider|pp?\b\.?|s\.)|"
    r"共\s?(\d{1,5})\s?[页頁]",
    re.IGNORECASE,
)
"""How many pages, in front of the number or behind it; a range, s. 311-326, is the place in a journal."""


def from_imprint(ground: Ground, pairs: Pairs, facts: Facts) -> None:
    """Take year and pages from a label that names both, where no label of their own has them."""
    for value in pairs.values("imprint"):
        line = ground.lines[value.block - 1].spaced  # the value may be several elements of it
        text = (line.partition(value.label)[2] if value.whole in line else value.whole)[:LONG_LINE]
        found = _PAGES.search(text)
        if found is not None and facts.pages.text is None:
            facts.pages = Fact(int(found[1] or found[2] or found[3]), found[0].strip(), f"label:{value.label}")
        year = _YEAR.search(text[: found.start()] if found is not None else text)
        if year is not None and not pairs.known.get("published"):
            facts.published = Fact(year[0], year[0], f"label:{value.label}")
            return
