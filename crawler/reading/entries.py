"""What a register says of the files it lists: the title and the day of a row.

The file often says neither: a court's opinion begins with the court's name, minutes are called 2014-06-10.pdf.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from crawler.reading.dates import MONTHS, day
from crawler.reading.lines import SEPARATOR, Line, width
from crawler.reading.registers import DAY, Register, Row
from crawler.reading.urls import Base
from crawler.reading.values import file_ending

NARROWEST_TITLE = 6
WIDEST_TITLE = 240
"""Widths of a title: State v. Rowan has 14, a summary of the case some thousand."""

LONGEST_PIECE = 400
PIECES = 60
LONGEST_ROW = 400
"""Characters of a piece of a row that are looked at, pieces of one row, and characters of it that are kept."""

MOST_ALIKE = 2
SHARE_ALIKE = 0.2
"""Files of one register, and their share of all, that may be called by one text which is a title all the same."""

OWN = 0.6
"""Share of the texts at one place in the rows that are different, at the least, where titles stand."""

_CODES = re.compile(r"[^\s\d]{0,16}\d\S{0,40}|\b[A-Z]{1,3}\b")
"""What is no word of a title: 14-1234, SC18939, ME."""

_OF_FILES = re.compile(
    r"\b(?:pdf|docx?|xlsx?|pptx?|rtf|wpd|odt|html?|zip|files?|[kmg]i?b|bytes|pages?|"
    r"download|view|open|read|full text|click here|link|opinion|order|decision|dissent|concurrence|document)s?\b|"
    r"下载|查看|打开|全文|附件|文件|详情|正文",
    re.IGNORECASE,
)
"""Words by which rows call the file itself, whatever it is about."""

_LETTERS = re.compile(r"[^\W\d_]{2}")
_EDGES = " \t\u00a0\u3000-–—:：|,;，；·•"
_WHOLLY_IN_BRACKETS = re.compile(r"[\[(（【]([^\[\]()（）【】]*)[\])）】]")
_BEHIND_A_DAY = re.compile(rf"(?:{DAY.pattern})\s{{0,3}}[-–—:：|,;]\s{{0,3}}")
"""A day at the beginning of a link's text, and what parts it from the title."""
_LABEL_BEFORE = re.compile(r"[^\W\d_][\w ]{1,30}[:：]\s*\Z")
"""What the day behind it is of: Opinion Filed:."""

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d\d)(?!\d)")
_AMERICAN = (".gov", ".mil", ".us")


class ListedFile(NamedTuple):
    """What a row says of the file it leads to."""

    title: str | None
    published_on: str | None
    """ISO date; None where the row states none, or several of which nothing says which one is meant."""
    published_text: str | None
    row: str
    """The row's words, cut at `LONGEST_ROW`: what the other values were read from."""

    @property
    def says_something(self) -> bool:
        """Whether there is anything to keep."""
        return self.title is not None or self.published_on is not None


def listed_files(
    lines: Sequence[Line],
    register: Register,
    base: Base,
    fetched_at: datetime,
    *,
    language: str,
    day_first: bool | None,
) -> Mapping[str, ListedFile]:
    """Return URL -> what its row says, for the files of *register* of which a row says something.

    *language* is the page's own (en-US), *day_first* what the profile says of 03/04/2020; where neither they nor the
    other rows tell, a day that can be read in two ways is None.
    """
    american = language.lower() == "en-us" or base.netloc.partition(":")[0].endswith(_AMERICAN)
    order = day_first if day_first is not None else _day_first(register.rows_of.values(), lines)
    found = {}
    pieces_of = {url: list(_pieces(row, lines)) for url, row in register.rows_of.items()}
    links = {url: _link(row, lines, base, url) for url, row in register.rows_of.items()}
    texts = {
        url: list(dict.fromkeys(_bare(part) for piece in pieces for part in _between_days(piece)))
        for url, pieces in pieces_of.items()
    }
    times = Counter(links.values())
    kinds = {text for text, number in times.items() if number > max(MOST_ALIKE, SHARE_ALIKE * len(links))}
    places = _said_of_each(texts.values())
    own = {url: {text for place, text in enumerate(others) if place in places} for url, others in texts.items()}
    for url, row in register.rows_of.items():
        pieces = pieces_of[url]
        printed = _day_of(pieces, row.day_above)
        iso = _iso(printed, fetched_at, False if order is None and american else order) if printed else None
        listed = ListedFile(
            title=_title(links[url], sorted(texts[url], key=lambda text: text not in own[url]), kinds),
            published_on=iso,
            published_text=printed if iso is not None else None,
            row=" | ".join(dict.fromkeys((*filter(None, [row.day_above]), *pieces)))[:LONGEST_ROW],
        )
        if listed.says_something:
            found[url] = listed
    return found


def _pieces(row: Row, lines: Sequence[Line]) -> Iterator[str]:
    """Yield the texts of a row: cells, and what inline elements part in them."""
    number = 0
    for index in row.lines:
        for piece in lines[index].text.split(SEPARATOR):
            text = piece.strip()
            if text:
                yield text[:LONGEST_PIECE]
                number += 1
                if number == PIECES:
                    return


def _link(row: Row, lines: Sequence[Line], base: Base, url: str) -> str:
    """Return the text of the link to the file, bare; "" where that is an icon."""
    return next((_bare(anchor.text) for anchor in lines[row.own].anchors if base.absolute(anchor.href) == url), "")


def _said_of_each(rows: Iterable[Sequence[str]]) -> Container[int]:
    """Return the places in rows at which most say something of their own: not the court's name, not the judge's."""
    at: defaultdict[int, list[str]] = defaultdict(list)
    for texts in rows:
        for place, text in enumerate(texts):
            at[place].append(text)
    return {place for place, texts in at.items() if len(set(texts)) >= OWN * len(texts)}


def _title(link: str, texts: Sequence[str], kinds: Container[str]) -> str | None:
    """Return the text of the link to the file, if it is a title; else the first of *texts* that is one.

    A text by which many rows call a file says of what kind it is: Planning Board: Minutes.
    """
    if link not in kinds and _is_title(link):
        return link
    title = next((text for text in texts if text != link and _is_title(text)), None)
    return f"{title}: {link}" if title is not None and link in kinds and _is_title(link) else title


def _is_title(text: str) -> bool:
    return NARROWEST_TITLE <= width(text) <= WIDEST_TITLE and _says_something(text)


def _between_days(piece: str) -> Iterator[str]:
    """Yield what stands before, between and behind the days of a text, without the labels of these."""
    start = 0
    for found in DAY.finditer(piece):
        yield _LABEL_BEFORE.sub("", piece[start : found.start()])
        start = found.end()
    yield piece[start:]


def _bare(text: str) -> str:
    """Return a text without the ending of a file's name, a day before it and what stands at its edges to part it."""
    text = " ".join(text.split())
    if file_ending(text) is not None:
        text = text.rpartition(".")[0].replace("_", " ")
    dated = _BEHIND_A_DAY.match(text)
    text = (text[dated.end() :] if dated is not None else text).strip(_EDGES)
    inside = _WHOLLY_IN_BRACKETS.fullmatch(text)
    return inside[1].strip(_EDGES) if inside is not None else text


def _says_something(text: str) -> bool:
    """Whether more than numbers, days and words for the file itself stands in a text."""
    rest = _OF_FILES.sub(" ", _CODES.sub(" ", DAY.sub(" ", text)))
    return _LETTERS.search(rest) is not None and width("".join(rest.split())) >= NARROWEST_TITLE


def _day_of(pieces: Sequence[str], day_above: str) -> str | None:
    """Return the day of a row, as printed: the one that stands alone, else the only one, else the one above the row.

    None of several.
    """
    alone = {piece for piece in pieces if DAY.fullmatch(piece)}
    days = alone or {found[0] for piece in pieces for found in DAY.finditer(piece)}
    if not days:
        return day_above or None
    return next(iter(days)) if len(days) == 1 else None


def _day_first(rows: Iterable[Row], lines: Sequence[Line]) -> bool | None:
    """Return what days that can be read in one way only tell of the others, None where they tell nothing."""
    told = set()
    for row in rows:
        texts = [row.day_above, *(lines[index].spaced[:LONGEST_PIECE] for index in row.lines)]
        for numeric in (found for text in texts for found in _NUMERIC.finditer(text)):
            first, second = int(numeric[1]), int(numeric[2])
            if max(first, second) > MONTHS and min(first, second) <= MONTHS:
                told.add(first > MONTHS)
    return told.pop() if len(told) == 1 else None


def _iso(printed: str, fetched_at: datetime, day_first: bool | None) -> str | None:
    """Return a row's day; None where it can be read in two ways, or is none."""
    numeric = _NUMERIC.search(printed) if day_first is None else None
    if numeric is not None and numeric[1] != numeric[2] and max(int(numeric[1]), int(numeric[2])) <= MONTHS:
        return None
    return day(printed, fetched_at, day_first)
