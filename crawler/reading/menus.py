"""Lists of words alone: menus, tabs, the fields that a search looks into."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.reading.inline import LONGEST_LABEL
from crawler.reading.lines import Line

MENU = 5
"""Items of a list from which on it is a menu or a row of tabs, if each is a word: 关键词, 篇名, 全文, 作者, 摘要."""

_OF_VALUES = re.compile(r"[\d:：]")


def is_of_a_menu(lines: Sequence[Line], index: int, *, heads_links: bool) -> bool:
    """Whether an item that is a known label stands in a list of words alone: there are no values among them.

    *heads_links*: links behind the first item are its values, as keywords are.
    """
    around = lines[index].path[:-1]
    first = last = index
    while first and lines[first - 1].tag == "li" and lines[first - 1].path[:-1] == around:
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].tag == "li" and lines[last + 1].path[:-1] == around:
        last += 1
    if heads_links and first == index < last and lines[index + 1].anchors:
        return False
    items = lines[first : last + 1]
    return len(items) >= MENU and all(
        len(item.plain) <= LONGEST_LABEL and _OF_VALUES.search(item.plain) is None for item in items
    )
