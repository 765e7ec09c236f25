"""What stands beside an attribute and says more of it: a list's other items, a pager's records, a file's ending."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from crawler.reading.ground import PAGE_ENDINGS, Fact, Facts, Ground
from crawler.reading.labels import Value
from crawler.reading.lines import Line
from crawler.reading.phrases import Phrases
from crawler.reading.values import file_ending, page_count

OF_RECORDS = re.compile(
    r"\d\s?(?:筆|笔|条|條|則|则)\s?(?:資料|资料|數據|数据|记录|記錄|紀錄|信息|訊息|結果|结果)|"
    r"\d (?:items?|results?|records?|entries|entry|rows?|hits?|matches|match|resultados|résultats|treffer|risultati)\b",
    re.IGNORECASE,
)
"""What a pager counts beside its pages: 共66筆資料，第1/7頁; 19 items in 1 pages."""

OF_COLLECTION = Phrases(
    r"收[录錄][^\d。]{0,6}\d[\d,]{0,7}\s?[份篇]|\b[1-9]\d[\d,]{0,7} (?:documents|papers|publications|reports)\b",
    "收录|收錄|documents|papers|publications|reports",
)
"""What a collection says of all it holds, beside their pages and sizes: 收录文档 35 份，共 812 页."""

_LEADING_PUBLICATION = re.compile(
    r"(?:first )?(?:published|posted|uploaded|released|issued|filed)(?: online)?(?: on| in| at)?:? "
    r"\S{0,12}[ .]?\d{0,2},? ?(?:19|20)\d\d\b",
    re.IGNORECASE,
)
"""Published on May 2019."""

_MONTH = re.compile(r"[A-Z][a-z]{2,8}\.? (?:19|20)\d\d|(?:19|20)\d\d年\d{1,2}月")
"""A month, and nothing else."""

_OF_PROGRAMS = frozenset(("doc", "docx", "xls", "xlsx", "ppt", "pptx"))
"""Formats of which there are two by the name of one program."""

_WORDS = re.compile(r"[a-z0-9]+")

ITEMS_BELOW = 4
LONGEST_COUNT = 16
"""Items of a list below one that are looked at, and characters of one that counts pages; a question has more."""


def is_of_publication(found: str, text: str, lines: Sequence[Line], index: int) -> bool:
    """Whether the date *found* in the *text* of a line without a label is exact, or said to be of the publication."""
    if len(found) == len("2020-01-01") or _LEADING_PUBLICATION.match(text):
        return True
    return _is_month_of_a_document(lines, index)


def _is_month_of_a_document(lines: Sequence[Line], index: int) -> bool:
    """Whether an item of a list is a month, and one of the next ones a number of pages: a document's attributes."""
    line = lines[index]
    if line.tag != "li" or _MONTH.fullmatch(line.plain) is None:
        return False
    home = line.path[:-1]
    below = takewhile(lambda other: other.path[:-1] == home, lines[index + 1 : index + 1 + ITEMS_BELOW])
    return any(len(other.plain) <= LONGEST_COUNT and page_count(other.plain, labelled=False) for other in below)


CITED = frozenset(
    ("footnotes", "endnotes", "references", "bibliography", "works cited", "参考文献", "參考文獻", "注释")
)
"""Headings of what a document cites, of which others' pages and days are told."""


def is_in_title_block(ground: Ground, index: int) -> bool:
    """Whether a line is a month alone, in the heading's own element or right below it beside the text's paragraphs."""
    line = ground.lines[index]
    heading = ground.lines[ground.heading] if ground.heading is not None else line
    is_near = line.element == heading.element or (
        index == (ground.heading or 0) + 1 and line.tag == "p" and line.path[:-1] == heading.path[:-1]
    )
    return line is not heading and is_near and _MONTH_ALONE.fullmatch(line.plain) is not None


_MONTH_ALONE = re.compile(r"[A-Z][a-z]{2,8},? (?:19|20)\d\d|(?:19|20)\d\d\s?年\s?\d{1,2}\s?月")


OF_FIGURE = re.compile(
    r"\b(?:hi(?:gh)?-?res(?:olution)?|full-?size|large|larger|original)[ -](?:image|figure|picture)", re.IGNORECASE
)
"""A figure inside the document that is offered as well: Download high-res image (50KB)."""


def is_asked(text: str) -> bool:
    """Whether the value of a label asks: it is a comment's. 大小：3.5MB的那份在哪里下？"""
    return len(text) > LONGEST_COUNT and text[-1] in "?？"


def unknown(values: Sequence[Value]) -> Fact[int]:
    """Return the value in which a page says that it does not know; a number elsewhere on it is of something else."""
    value = next((value for value in values if _UNKNOWN.fullmatch(value.text)), None)
    return Fact() if value is None else Fact(None, value.text, f"label:{value.label}")


_UNKNOWN = re.compile(r"[(（]?(?:未知|不[详詳]|不明|unknown|not (?:known|stated|available)|n/a)[)）]?", re.IGNORECASE)


def as_its_file_ends(ground: Ground, facts: Facts) -> None:
    """A format that is only called by its program, Word document, is that of the first file where it says which."""
    named = facts.format.value
    if named not in _OF_PROGRAMS or named in _WORDS.findall((facts.format.text or "").lower()):
        return
    for index in ground.around:
        for anchor in ground.lines[index].anchors:
            ending = file_ending(anchor.href) if "." in anchor.href else None
            if ending is not None and ending not in PAGE_ENDINGS:
                if ending[:3] == named[:3]:
                    facts.format = Fact(ending, facts.format.text, facts.format.place)
                return
