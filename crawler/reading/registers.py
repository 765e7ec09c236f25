"""Registers whose entries are the files themselves: a court's opinions, minutes of meetings, notices, as rows.

A document's page offers files as well. What tells the two apart is what stands in the rows: entries of a register have
titles, and days of their own; the files of one document have names, sizes and formats.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from crawler.reading.lines import Line, width
from crawler.reading.links import leads_to_file
from crawler.reading.urls import Base
from crawler.reading.values import file_ending
from crawler.reading.zones import Zone

FEWEST = 3
"""Rows from which on files are taken for the entries of a register, if they have days and not all the same one."""

MANY = 8
"""Rows from which on their days may be one and the same: what a court decided today."""

LONGEST_DAY = 60
"""Characters of a line between rows that says of which day the next ones are."""

LONGEST_LOOK = 400
ABOVE = 8
"""Lines above the first row in which its day may stand."""

MANY_FILES = 6
"""Files of different names from which on a link to one of them says nothing of a document."""

SHARE = 0.6
"""Rows of a register that have a day, at the least, and that say what no other says."""

NARROWEST = 8
"""Width of what the rows say on the average, days left out."""

UNDATED = 10
"""Rows from which on files without days are listed, where a page lists nothing else."""

WIDEST_NAME = 16
"""Width that titles of them have on the average: a file's name is shorter."""

MOST_IN_A_ROW = 6
"""Lines with files that a row of a table has at the most: a judgment, its dissents, its corrections."""

ROW_AND_CELL = 3
"""Elements from a line of a table up to what its rows stand in: paragraph or cell, row, body."""

_SERVED = re.compile(
    r"/(?:[\w-]{0,40}(?:download|retrieve|viewer|show_public_doc|attachment|bitstream)[\w-]{0,40}|"
    r"(?:view|show|open|get|display|read)[-_]?(?:public[-_]?)?(?:doc|file|pdf|opinion|decision|order)[\w-]{0,40}|"
    r"(?:documents?|documentcenter|docs?|files?)/(?:view|download|get|show|open)|files?)"
    r"(?:\.[a-z]{2,5})?(?:\?|/(?:\w{1,20}/)?_?\d)",
    re.IGNORECASE,
)
"""What hands out files without their endings: RetrieveDocument.aspx?id=7, /DocumentCenter/View/7, file.jsp?id=7."""

LONGEST_ACTION = 20
"""Characters of the word by which all rows of a table call what they lead to."""

_OF_PAGES = (".html", ".htm", ".shtml", "/")
"""How links end that lead to pages: a look before the expressions."""

_PICTURES = frozenset(("jpg", "png", "gif", "svg", "bmp"))

_ANSWERS = frozenset(
    ("reply", "quote", "report", "share", "like", "edit", "permalink", "回复", "回覆", "引用", "举报", "编辑")
)
"""Such words of a forum's posts."""

DAY = re.compile(
    r"(?<!\d)(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}(?!\d)|"
    r"(?<![\d.])\d{1,2}([-/.])\d{1,2}\1(?:(?:19|20)\d\d|\d\d)(?![\d.])|"
    r"\b[A-Za-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d\b|"
    r"(?<!\d)\d{1,2}(?:st|nd|rd|th)?[ -][A-Za-z]{3,9}\.?,?[ -](?:19|20)\d\d\b"
)
"""A day in figures or with the month's name, as rows state it."""


_SIZE = re.compile(r"\d\s?[KMG]i?B\b|\d\s?(?:bytes|字节)", re.IGNORECASE)


class Row(NamedTuple):
    """A row of a register."""

    lines: tuple[int, ...]
    """Its lines on the page."""
    own: int
    """The one in which the link to the file stands."""
    day_above: str
    """The day that stands above this row and others, "" where none does."""


class Register(NamedTuple):
    """Rows of files."""

    urls: tuple[str, ...]
    """What the rows lead to, in the page's order; of one file in several formats the first."""
    first: int
    """Line in which they begin, their table's header among them."""
    last: int
    rows: int
    dated: int
    """Rows in which, or above which, a day stands."""
    days: int
    """Different ones of these days."""
    sized: int
    """Rows that state a size: few files with sizes are those of one document, whatever their days."""
    are_titled: bool
    """Whether most rows say what no other says."""
    are_wide: bool
    """Whether they say more than a file's name."""
    rows_of: Mapping[str, Row]
    """What is listed -> the row it stands in."""
    leads_to_files: bool = True
    """Whether the rows lead to files; else to pages that all rows call by one word: View."""

    @property
    def may_be_listed(self) -> bool:
        """Whether the rows are what a page lists that lists nothing else."""
        return self.is_certain or (self.rows >= UNDATED and self.are_titled and self.are_wide)

    @property
    def is_certain(self) -> bool:
        """Whether the rows are entries, each of its own day or many of one."""
        if self.rows < FEWEST or self.dated < SHARE * self.rows or not self.are_titled:
            return False
        return self.rows >= MANY or (self.days > 1 and self.sized < SHARE * self.rows)


def register_of(
    lines: Sequence[Line], zones: Sequence[Zone], base: Base, heading: int | None, *, by_endings: bool = False
) -> Register | None:
    """Return the rows of files of a page, None where there are less than `FEWEST`.

    *by_endings*: what scripts hand out is left aside, for there is little doubt that the page is a document's.
    """
    files: dict[str, int] = {}
    served: dict[str, int] = {}
    called: dict[str, dict[str, int]] = defaultdict(dict)
    for index, line in enumerate(lines):
        if line.anchors and not line.navigation and not zones[index].foreign:
            for anchor in line.anchors:
                href = anchor.href
                is_page = href.endswith(_OF_PAGES)
                if not is_page and ("." in href[-6:] or "?" in href) and leads_to_file(href):
                    if file_ending(href) in _PICTURES:
                        continue  # of a document's pages
                    named = files
                elif by_endings:
                    continue
                elif not is_page and _SERVED.search(href):
                    named = served
                elif line.row and _is_action(anchor.text):
                    named = called[anchor.text.casefold()]
                else:
                    continue
                if (url := base.absolute(href)) is not None:
                    named.setdefault(url, index)
    found = _register(lines, files, heading) if len(files) >= FEWEST else None
    for others in (served, max(called.values(), key=len, default={})):
        if len(others) >= MANY and (found is None or not found.is_certain):
            of_others = _register(lines, others, heading)
            found = found if of_others is None else of_others._replace(leads_to_files=others is served)
    return found


def offers_many(lines: Sequence[Line], zones: Sequence[Zone]) -> bool:
    """Whether a page leads to so many files that they are not one document's in several formats, nor its annexes."""
    files = {
        anchor.href.rpartition(".")[0]
        for line, zone in zip(lines, zones, strict=True)
        if line.anchors and not line.navigation and not zone.foreign
        for anchor in line.anchors
        if leads_to_file(anchor.href)
    }
    return len(files) >= MANY_FILES


def _is_action(text: str) -> bool:
    """Whether a link may be what each row of a table has to be looked at: View, 查看, Détail."""
    return 0 < len(text) <= LONGEST_ACTION and not text.isdecimal() and text.casefold() not in _ANSWERS


def _register(lines: Sequence[Line], files: Mapping[str, int], heading: int | None) -> Register | None:
    row_of = _rows(lines, files)
    if heading is not None and heading in row_of:  # the page's own file stands beside its title
        own = row_of[heading]
        row_of = {index: row for index, row in row_of.items() if row != own}
        files = {url: index for url, index in files.items() if index in row_of}
    places = [index for index in range(len(lines)) if index in row_of]
    if len({row_of[index] for index in places}) < FEWEST:
        return None
    texts: dict[Hashable, list[str]] = {}
    places_of: dict[Hashable, list[int]] = defaultdict(list)
    above: dict[Hashable, str] = {}
    day = ""
    for index in range(max(0, places[0] - ABOVE), places[-1] + 1):
        line = lines[index]
        row = row_of.get(index)
        if row is not None:
            texts.setdefault(row, []).append(line.spaced[:LONGEST_LOOK])
            places_of[row].append(index)
            above.setdefault(row, day)
        elif len(line.plain) <= LONGEST_DAY and (found := DAY.search(line.spaced)) is not None:
            day = found[0]
    said = {row: "\n".join(parts) for row, parts in texts.items()}
    days = {row: found[0] if (found := DAY.search(text)) else above[row] for row, text in said.items()}
    dated = [number for number, day in enumerate(days.values()) if day]
    kept = list(days)
    if len(dated) >= FEWEST:  # what stands above and below is of the site: its forms, its rules
        kept = kept[dated[0] : dated[-1] + 1]
    among = frozenset(kept)
    inside = [index for index in places if row_of[index] in among]
    titles = [DAY.sub("", said[row]) for row in kept]
    urls = _one_of_each([url for url, index in files.items() if row_of[index] in among])
    rows = {url: row_of[files[url]] for url in urls}
    return Register(
        urls=urls,
        first=_begin(lines, inside[0]),
        last=inside[-1],
        rows=len(kept),
        dated=len(dated),
        days=len({days[row] for row in kept if days[row]}),
        sized=sum(_SIZE.search(said[row]) is not None for row in kept),
        are_titled=len(set(titles)) >= SHARE * len(titles) and sum(map(width, titles)) >= NARROWEST * len(titles),
        are_wide=sum(map(width, titles)) >= WIDEST_NAME * len(titles),
        rows_of={url: Row(tuple(places_of[row]), files[url], above[row]) for url, row in rows.items()},
    )


def _rows(lines: Sequence[Line], files: Mapping[str, int]) -> dict[int, Hashable]:
    """Return line -> row for the lines of rows: a table's row, else the largest element around one line's files."""
    places = frozenset(files.values())
    in_table = Counter(lines[index].row for index in places)
    # A row of very many files is one of a table that lays out the page.
    tables = {row for row, number in in_table.items() if row and number <= MOST_IN_A_ROW}
    sole: dict[int, int | None] = {}
    for index in places:
        if lines[index].row not in tables:
            for element in lines[index].path:
                sole[element] = index if element not in sole else None
    found: dict[int, Hashable] = {}
    for index, line in enumerate(lines):
        if line.row in tables:
            found[index] = ("row", line.row)
        elif sole:
            around = next((sole[element] for element in line.path if sole.get(element) is not None), None)
            if around is not None:
                found[index] = around
    for index in places:  # lines of one element, parted by line breaks
        found.setdefault(index, index)
    return found


def _begin(lines: Sequence[Line], first: int) -> int:
    """Return the line in which the table of the first row begins: its header is none of the page's labels."""
    cell = lines[first].path
    table = cell[: max(1, len(cell) - ROW_AND_CELL)]
    while first and lines[first].row and lines[first - 1].row and lines[first - 1].path[: len(table)] == table:
        first -= 1
    return first


def _one_of_each(files: Iterable[str]) -> tuple[str, ...]:
    """Return the files without those that differ from one before in their ending alone: opinion.pdf, opinion.doc."""
    known: dict[str, str] = {}
    for url in files:
        known.setdefault(url.rpartition(".")[0] if "?" not in url and file_ending(url) else url, url)
    return tuple(known.values())
