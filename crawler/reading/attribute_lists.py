"""What stands beside an attribute and says more of it: a list's other items, a pager's records, a file's ending."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from crawler.reading.ground import LONG_LINE, PAGE_ENDINGS, Fact, Facts, Ground
from crawler.reading.labels import Value
from crawler.reading.lines import Line
from crawler.reading.phrases import Phrases
from crawler.reading.values import file_ending, page_count
from crawler.reading.vocabulary import normal_label

OF_RECORDS = re.compile(
    r"\d\s?(?:筆|笔|条|條|則|则)\s?(?:資料|资料|數據|数据|记录|記錄|紀錄|信息|訊息|結果|结果)|"
    r"\d (?:items?|results?|records?|entries|entry|rows?|hits?|matches|match|resultados|résultats|treffer|risultati)\b",
    re.IGNORECASE,
)
"""What a pager counts beside its pages: 共66筆資料，第1/7頁; 19 items in 1 pages."""

OF_COLLECTION = Phrases(
    r"收[录錄][^\d。]{0,6}\d[\d,]{0,7}\s?[份篇]|[每各][期册冊卷輯辑](?:售|定|约|約|共|[为為]|刊)|"
    r"\b[1-9]\d[\d,]{0,7} (?:documents|papers|publications|reports)\b",
    "收录|收錄|每|各|documents|papers|publications|reports",
)
"""What a collection says of all it holds, beside their pages and sizes: 收录文档 35 份，共 812 页; 每期約 200 頁."""

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


_SIZE_OF_A_PROGRAM = re.compile(
    r"(?:APP|客[户戶]端|[阅閱][读讀]器|播放器|[浏瀏][览覽]器|插件|viewer(?: \d[\d.]{0,5})?)"
    r"[\s\x01]{0,3}[(（]?大小(?:[:：]| \d)",
    re.IGNORECASE,
)

OF_A_PROGRAM = re.compile(
    r"(?:下[载載]|扫码|掃碼|安[装裝])[^。]{0,16}?(?:APP|客[户戶]端|[阅閱][读讀]器|播放器|浏览器|安[装裝]包)|"
    r"(?:APP|客[户戶]端|[阅閱][读讀]器|播放器)[^。]{0,8}?(?:下[载載]|扫码|掃碼|安[装裝])|"
    rf"{_SIZE_OF_A_PROGRAM.pattern}|"
    r"(?:APP|客[户戶]端|[阅閱][读讀]器|播放器|[浏瀏][览覽]器)[\s\x01]?[(（]\d|安[装裝]\s?(?:WinRAR|WinZip|7-?zip)|"
    r"(?:download|get|install)\s(?:our|the)\s(?:\w{1,20}\s){0,3}?(?:app|reader|viewer|plug-?in)\b|"
    r"\b(?:adobe|acrobat) (?:acrobat )?reader|\bpdf[- ](?:reader|plug-?in)\b",
    re.IGNORECASE,
)
"""A program that the site offers beside its documents, and its size: 豆叮APP（安装包 35M）, 安装WinRAR（3.1MB）."""


def without_programs(lines: Sequence[Line], values: Sequence[Value]) -> list[Value]:
    """Return the sizes that are not of a program, which stands before the label: PDF阅读器 大小：38.5MB."""
    return [
        v
        for v in values
        if not v.label.endswith("大小") or not _SIZE_OF_A_PROGRAM.search(lines[v.block - 1].plain[:LONG_LINE])
    ]


def counts_first(values: Sequence[Value]) -> list[Value]:
    """Return the values with those behind that may say at which page of an issue a paper begins: 页码：40, 页数：1."""
    return sorted(values, key=lambda value: normal_label(value.label) in _NUMBERS_OF_PAGES)


_NUMBERS_OF_PAGES = frozenset(("页码", "頁码", "頁碼", "page numbers"))


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
