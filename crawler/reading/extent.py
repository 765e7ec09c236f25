"""How much of the document the text on its page is, where the page says so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from crawler.reading.lines import Line
from crawler.reading.phrases import Phrases
from crawler.reading.values import PAGES_LEFT, pages_left

LONGEST_STATEMENT = 120
"""Characters of a line that says how far the preview goes."""

_FIRST_PAGES = Phrases(
    r"(?:预览|预读|试读|阅读|免费看|預覽|試閱)(?:了|到)?前?\s?(\d{1,5})\s?[页頁]|"
    r"(?:预览|试读|預覽)[页頁][数數]\s?[:：]\s?(\d{1,5})|"
    r"\bpreview(?:ing)?(?: of)?(?: the)?(?: first)? (\d{1,5}) (?:of \d{1,5} )?pages?\b|"
    r"\b(?:the )?first (\d{1,5}) (?:of \d{1,5} )?pages? (?:only|shown|are shown|of this|can be)|"
    r"\bshowing (?:pages? )?1\s?(?:-|–|to)\s?(\d{1,5}) (?:of|out of) \d{1,5}(?: pages)?\b",
    "预览|预读|试读|阅读|免费看|預覽|試閱|preview|first|showing",
)
_STATES = re.compile("|".join((_FIRST_PAGES.signs, PAGES_LEFT.signs, "部内容")))
"""What a statement has besides its pages: most lines with a number of pages are related documents."""

_ALL_PAGES = re.compile(r"[可能](?:免费)?(?:阅读|预览|浏览)全部内容")


class Extent(NamedTuple):
    """How far the text goes."""

    pages: int | None = None
    """Pages that the text covers; None where the page does not say."""
    share: float | None = None
    """Share of the document that it is, 0 to 1; None where one of the numbers is not known."""


def extent_of(lines: Iterable[Line], pages: int | None) -> Extent:
    """Return what *lines* say of the preview of a document of *pages* pages.

    "已阅读5页,还剩55页" and "可阅读前5页内容" cover 5 pages.
    """
    # Each statement has one of these, and few lines have.
    stating = [
        line
        for line in lines
        if ("页" in (text := line.plain) or "page" in text or "頁" in text or "部内容" in text)
        and len(text) <= LONGEST_STATEMENT
        and _STATES.search(text.lower())
    ]
    for line in stating:
        text = line.plain
        left = pages_left(text)
        if left is not None:
            return _extent(left[0] - left[2], pages)
        first = _FIRST_PAGES.search(line.spaced)
        if first is not None:
            return _extent(int(next(group for group in first.groups() if group)), pages)
        if "部内容" in text and _ALL_PAGES.search(text):
            return _extent(pages, pages)
    return Extent()


_SAID = re.compile(
    r"[本这這此][套份个個](?:幻灯片|幻燈片|课件|模板|PPT|文档|演示文稿)[^，。；]{0,4}?共(?:有|计|計)?\s?(\d{1,4})\s?(?:张|張|页|頁)"
)


def pages_said(text: str | None) -> re.Match[str] | None:
    """Return where a document's text says how many pages it has, as what describes slides does: 本套幻灯片共有24张.

    >>> pages_said("山水风格。本套幻灯片共有24张，采用宋体。")[1]
    '24'
    """
    return _SAID.search(text) if text and "共" in text else None


def _extent(covered: int | None, pages: int | None) -> Extent:
    if covered is None or (pages is not None and covered > pages):
        return Extent()
    return Extent(covered, round(covered / pages, 4) if pages else None)
