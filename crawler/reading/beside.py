"""What stands without a label beside the value of one: pages behind a size, the format in its brackets."""

from __future__ import annotations

import re

from crawler.reading.ground import LONG_ATTRIBUTE, LONG_LINE, Fact, Ground
from crawler.reading.labels import Pairs
from crawler.reading.lines import SEPARATOR
from crawler.reading.unlabelled import COUNT_OF_PAGES
from crawler.reading.values import FORMATS, format_of, page_count


def pages_beside(pairs: Pairs) -> Fact[int]:
    """Return the pages that stand without a label behind labelled size or format: type: application/pdf, 9 pages."""
    for value in pairs.values("size", "format"):
        for piece in _PIECES.split(value.whole[:LONG_LINE])[1:]:
            if COUNT_OF_PAGES.fullmatch(piece := piece.strip(" ()")):
                return Fact(page_count(piece, labelled=True), piece, f"label:{value.label}")
    return Fact()


def format_beside_size(ground: Ground, pairs: Pairs) -> Fact[str]:
    """Return the format in the brackets of a labelled size, or alone in an element of its line: zip, 大小：3.6MB."""
    for value in pairs.values("size"):
        named = _IN_BRACKETS.search(value.text[:LONG_ATTRIBUTE])
        if named is not None and named[1].lower() in FORMATS:
            return Fact(FORMATS[named[1].lower()], named[1], f"label:{value.label}")
        line = ground.lines[value.block - 1]
        pieces = line.text.split(SEPARATOR) if len(line.plain) <= LONG_LINE else []
        for piece in pieces if len(pieces) > 1 else ():
            if piece.lower() in FORMATS and not piece.istitle() and (called := format_of(piece)) is not None:
                return Fact(called, piece, "attributes")
    return Fact()


_IN_BRACKETS = re.compile(r"[KMG]i?B\s?[(（]\s?([A-Za-z]{3,5})\s?[)）]$")
"""A size, and of what: 512 KB (PDF)."""

_PIECES = re.compile(f"[{SEPARATOR},，;；|]")
