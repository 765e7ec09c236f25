"""Keywords that stand below their heading, each in an element of its own."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.reading.lines import Line

MOST_KEYWORDS = 60
LONGEST_KEYWORD = 60


def keywords_below(lines: Sequence[Line], index: int) -> list[str]:
    """Return the keywords behind the first one below the heading of line *index*, in elements beside it."""
    first = lines[index + 1]
    found: list[str] = []
    if first.tag not in ("div", "p") or len(first.path) != len(lines[index].path):
        return found
    for line in lines[index + 2 : index + 2 + MOST_KEYWORDS]:
        alike = line.tag == first.tag and len(line.path) == len(first.path) and line.path[:-1] == first.path[:-1]
        if not alike or line.anchors or len(line.plain) > LONGEST_KEYWORD or line.plain[-1:] in ".。:：":
            break
        found.append(line.text)
    return found
