"""Which part of the page each line stands in: related documents, notices, files, the document's own text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from itertools import takewhile

from crawler.reading.lines import Line, width
from crawler.reading.phrases import Phrases
from crawler.reading.values import file_ending
from crawler.reading.vocabulary import ADVERT, FILES, KNOWN, NOTICE, POPULAR, RELATED, TEXT_HEADING, normal_label

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_OTHERS_MAY_HEAD = frozenset(("fieldset", "div", "p", "dt", "summary", "caption", "header", "th", "td", "li"))
MAY_HEAD = HEADINGS | _OTHERS_MAY_HEAD
"""What may head a part of a page."""
_CELLS = frozenset(("td", "th"))
_OF_DOCUMENTS = frozenset(("size", "pages", "format", "published", "uploaded", "deposited"))
_LABELS = frozenset(("td", "th", "dt"))
_ENDS = frozenset(".。!?！？…”")
_SENTENCE = re.compile(r"[。，,:：]\s*\S{6}")

_STATED = re.compile(r"[^:：\s][:：]\s?[^:：\s]")
"""A colon with something on both sides."""

_LIKE_THIS = re.compile(r"similar to |more like ", re.IGNORECASE)
"""Similar to Harbour Pilots: A Briefing."""

_WORDS = Phrases("", f"{RELATED.signs}|{POPULAR.signs}|{NOTICE.signs}")
"""One look for the signs of all words that open a zone."""

LONGEST_TEXT_HEADING = 12
"""Characters of a line that heads the document's text without being h1 to h6."""

_FORMATS = re.compile(r"(?:available |download |file )?formats(?: available)?|下载格式|可用格式", re.IGNORECASE)
"""A heading over the files that a document is offered as."""

_ADVERT_BEGINS = frozenset("广推赞廣AaSsPp")
"""What the words of `ADVERT` begin with: a look before the expression."""

LONGEST_ADVERT = 6
"""Lines of an advert below the word that calls it one."""

LONGEST_CLAIM = 100
"""Characters that one line of an advert has outside its links; more is the document's text around it."""

LONGEST_COUNT = 8
WIDEST_CONTROL = 10
CHAPTER_LINES = 12
SHORTEST_PARAGRAPH = 120
"""Lines below a heading that are looked at, and width of one that is a paragraph of a text."""

MOST_PARAGRAPHS = 60
"""Paragraphs of a text below a list of files that are looked at."""

FIRST_WORDS = 16
"""Characters from its beginning within which a line that is no h1 to h6 has the word that makes it a heading."""

WRAPPERS = 2
"""Elements around a heading alone, between it and the element that holds what it heads."""

DEEPEST = 7
"""Level of what heads a part of a page without being h1 to h6."""

HEADING_CHARACTERS = 60
SHORT_HEADING_CHARACTERS = 24
"""An element that is no h1 to h6 may still head what follows, if it is as short as a heading."""


class Zone(Enum):
    """A part of a page."""

    PLAIN = ("", False)
    TEXT = ("text", False)
    FILES = ("files", False)
    RELATED = ("related", True)
    POPULAR = ("popular", True)
    NOTICE = ("notice", True)

    def __init__(self, label: str, foreign: bool) -> None:
        self.label = label
        self.foreign = foreign
        """Whether lines here say nothing of the page's own document."""


# By these names a zone is at hand at once: to look it up in its class costs as much as five comparisons.
IN_PLAIN, IN_TEXT, IN_FILES = Zone.PLAIN, Zone.TEXT, Zone.FILES
IN_RELATED, IN_POPULAR, IN_NOTICE = Zone.RELATED, Zone.POPULAR, Zone.NOTICE


def zones_of(lines: Sequence[Line]) -> list[Zone]:
    """Return the zone of each line.

    A heading opens a zone, which lasts to the next heading of its level, or to the end of the element that the heading
    stands in: the titles of recommended documents are headings themselves.
    """
    zones: list[Zone] = []
    zone = IN_PLAIN
    level = DEEPEST
    home: int | None = None
    for index, line in enumerate(lines):
        if home is not None and home not in line.path:
            zone, home = IN_PLAIN, None
        opened = None
        text = line.plain
        # An item of a menu, which is all link, heads nothing.
        if (
            not (line.linked and line.tag == "li" and line.linked >= len(text) - 2)
            and line.tag in MAY_HEAD
            and 0 < len(text) <= HEADING_CHARACTERS
            and (line.tag in HEADINGS or len(line.anchors) <= 1)
            and not (line.row and _is_beside(lines, index))
        ):
            opened = _opened(lines, index)
            if opened is IN_PLAIN and _goes_on(lines, index, zone, level):
                opened = None
        if zone is IN_NOTICE and opened is None and home is not None and _is_label(line):
            opened = IN_PLAIN  # Copyright stands among the labels of a list
        is_tab = line.tag == "li" and opened is not None and opened.foreign and _is_tab(lines, index)
        if is_tab and (opened is IN_NOTICE or zone is IN_TEXT):
            opened = None  # the last of the tabs over the parts of a document: abstract, references, similar papers
        if opened is not None and line.tag not in HEADINGS and _is_of_an_item(lines, index, opened, zone):
            opened = None
        if (
            zone is IN_FILES
            and opened is None
            and line.tag == "p"
            and home is not None
            and _is_body(lines, index, home)
        ):
            opened = IN_PLAIN  # below the files stands what the document says
        if opened is not None:
            zone, level = opened, _level(line)
            home = None if zone is IN_PLAIN else _home(lines, index)
        elif home is None and text[:1] in _ADVERT_BEGINS and ADVERT.match(text):
            # An advert says so itself; what follows belongs to it only inside its own element.
            home = _advert(lines, index)
            if home is None:
                zones.append(IN_NOTICE)
                continue
            zone, level = IN_NOTICE, DEEPEST
        zones.append(zone)
    return zones


def _is_tab(lines: Sequence[Line], index: int) -> bool:
    """Whether an item ends its list: what follows is not the item's, but of the tab that is shown."""
    path = lines[index].path
    if len(path) < 2 or not 0 < index < len(lines) - 1:
        return False
    return path[-2] in lines[index - 1].path and path[-2] not in lines[index + 1].path


def _advert(lines: Sequence[Line], index: int) -> int | None:
    """Return the element of the advert that *index* heads: its own, or a small one around; None for the line alone."""
    path = lines[index].path
    if index + 1 < len(lines) and path[-1] in lines[index + 1].path:
        return path[-1]
    if len(path) <= WRAPPERS:
        return None
    around = path[-2]
    inside = list(takewhile(lambda line: around in line.path, lines[index + 1 : index + 2 + LONGEST_ADVERT]))
    small = 0 < len(inside) <= LONGEST_ADVERT and not any(
        line.tag in ("h1", "h2") or len(line.plain) - line.linked > LONGEST_CLAIM for line in inside
    )
    return around if small else None


def _is_beside(lines: Sequence[Line], index: int) -> bool:
    """Whether the line, of a table's row, is a cell with another one behind it in its row: no heading."""
    line = lines[index]
    if line.tag not in _CELLS or index + 1 >= len(lines):
        return False
    before = lines[index - 1]
    if line.tag == "th" == before.tag and before.row == line.row and before.path[-1] not in line.path:
        return True  # the last of the heads of columns
    following = lines[index + 1]
    return following.row == line.row and line.path[-1] not in following.path


def _goes_on(lines: Sequence[Line], index: int, zone: Zone, level: int) -> bool:
    """Whether a heading without words of a zone belongs to *zone*, which one of *level* opened, as an item's title."""
    if zone is IN_PLAIN or zone is IN_TEXT:
        return False
    return _is_inside(lines[index], level) or (
        zone is IN_RELATED and level == DEEPEST and _is_under_picture(lines, index)
    )


def _is_body(lines: Sequence[Line], index: int, home: int) -> bool:
    """Whether a paragraph below a list of files begins a text: there are sentences alone in it up to the next heading.

    They stand in the element that holds the files' heading, or in one of their own there, not in one of a file.
    """
    path, before = lines[index].path, lines[index - 1].path
    around = path[-2] if len(path) > 1 else None
    if around == home:
        if before[-2:-1] == (home,):
            return False
    elif path[-3:-2] != (home,) or around in before:
        return False
    wide = 0
    for line in lines[index : index + MOST_PARAGRAPHS]:
        if home not in line.path or line.tag in HEADINGS:
            break
        if line.tag != "p" or line.path[-2] != around or line.plain[-1:] not in _ENDS:
            return False
        if line.linked * 3 > len(line.plain):
            return False
        wide += width(line.plain)
    return wide >= SHORTEST_PARAGRAPH


def _is_of_an_item(lines: Sequence[Line], index: int, opened: Zone, zone: Zone) -> bool:
    """Whether a line that is no h1 to h6 has the word of a heading for another reason.

    It is the name of a counter whose number stands in an element of its own, 88 Downloads, 3 Comments, or the kind of a
    related document. The last number of a pager above a heading counts nothing.
    """
    if opened is IN_FILES and zone is IN_RELATED:
        return True
    return index > 0 and _is_count(lines[index - 1]) and not _ends_a_pager(lines, index)


def _ends_a_pager(lines: Sequence[Line], index: int) -> bool:
    """Whether the two lines above *index* are the numbers of pages that follow each other, in a list of their own."""
    if index < _PAIR:
        return False
    before, last = lines[index - _PAIR], lines[index - 1]
    if (
        not before.plain.isdecimal()
        or not last.plain.isdecimal()
        or last.tag != "li"
        or before.path[:-1] != last.path[:-1]
    ):
        return False
    return int(last.plain) == int(before.plain) + 1 and last.path[-2] not in lines[index].path


_PAIR = 2


def _is_inside(line: Line, level: int) -> bool:
    """Whether a heading belongs to the zone that one of *level* opened: it is lower, or the title of an item."""
    return _level(line) > level or (_level(line) == level and line.linked * 2 > len(line.plain))


def _is_under_picture(lines: Sequence[Line], index: int) -> bool:
    """Whether a heading is the title of an item whose link is the picture above it."""
    above = lines[index - 1]
    return index > 0 and bool(above.anchors) and not above.plain


def _is_label(line: Line) -> bool:
    """Whether the line is a label of a value below it, of those that only documents have."""
    return KNOWN.get(normal_label(line.plain)) in _OF_DOCUMENTS


def _level(line: Line) -> int:
    return int(line.tag[1]) if line.tag in HEADINGS else DEEPEST


def _opened(lines: Sequence[Line], index: int) -> Zone | None:
    """Return the zone that a line, whose element may head something, opens as a heading; None when it is none."""
    line = lines[index]
    text = line.plain
    if line.tag == "h1":  # of the page or of the site, whatever words it has
        return IN_PLAIN
    heading = line.tag in HEADINGS
    if not heading:
        if len(text) > SHORT_HEADING_CHARACTERS and line.anchors:
            return None
        if not line.anchors and _STATED.search(text):
            return None  # a label and its value: 推荐等级：★★★
        if line.tag in _LABELS and text.endswith((":", "：")) and not RELATED.search(text):
            return None  # a label: Comments: 14 pages
        if text[-1] in "。；" and (line.tag == "p" or (index > 0 and lines[index - 1].element == line.element)):
            return None  # a sentence: 相關規定請參閱施行細則第3條。
    zone = _zone_named(text, heading)
    if zone is IN_FILES and RELATED.search(text) and not _leads_to_files(lines, index):
        return IN_RELATED
    if zone is IN_RELATED and heading and _heads_a_text(lines, index):
        return IN_PLAIN
    if zone is IN_FILES and not heading and _COUNTER.fullmatch(text) and _counts(lines, index + 1):
        return None  # a counter: Downloads: 651 x
    return None if zone is IN_FILES and line.anchors and not heading else zone


_COUNTER = re.compile(r"(?:downloads?|.{0,4}下[载載])[:：]?", re.IGNORECASE)
_COUNTED = re.compile(r"\d[\d,.]{0,9}\s?(?:[x×次]|times)?", re.IGNORECASE)


def _counts(lines: Sequence[Line], index: int) -> bool:
    """Whether a line, if there is one, is the number of a counter whose word stands before it."""
    return index < len(lines) and not lines[index].anchors and _COUNTED.fullmatch(lines[index].plain) is not None


@lru_cache(maxsize=8192)
def _zone_named(text: str, heading: bool) -> Zone | None:
    """Return the zone that a heading, or a line as short as one, opens by its words."""
    bare = text.strip(" :：")
    if bare.lower() in FILES or (heading and _FORMATS.fullmatch(bare)):
        return IN_FILES
    if not heading and not _WORDS.may_be_in(text):
        return IN_TEXT if len(text) <= LONGEST_TEXT_HEADING and TEXT_HEADING.fullmatch(bare) else None
    related = RELATED.search(text)
    if (
        related is not None
        and (not _SENTENCE.search(text) or _LIKE_THIS.match(text))
        and (heading or _may_begin(text, related.start()))
    ):
        return IN_RELATED
    if not heading and len(text) > SHORT_HEADING_CHARACTERS:
        return None
    if POPULAR.search(text) and len(text) <= (30 if heading else 20):
        return IN_POPULAR
    notice = NOTICE.search(text)
    if notice is not None and (heading or (len(text) <= 16 and notice.start() == 0)):
        return IN_NOTICE
    if (heading or len(text) <= LONGEST_TEXT_HEADING) and TEXT_HEADING.fullmatch(bare):
        return IN_TEXT
    return IN_PLAIN if heading else None


def _heads_a_text(lines: Sequence[Line], index: int) -> bool:
    """Whether a heading such as "Further reading" is of a chapter: up to the next one there is a text without links."""
    level = _level(lines[index])
    has_paragraph = False
    for line in lines[index + 1 : index + 1 + CHAPTER_LINES]:
        if line.tag in HEADINGS and _level(line) <= level:
            break
        if line.anchors:
            return False
        has_paragraph = has_paragraph or width(line.plain) >= SHORTEST_PARAGRAPH
    return has_paragraph


def _is_count(line: Line) -> bool:
    return len(line.plain) <= LONGEST_COUNT and line.plain[:1].isdecimal() and not line.anchors


def _leads_to_files(lines: Sequence[Line], index: int) -> bool:
    """Whether the first link below a heading such as "related files" leads to a file, and not to another page."""
    anchors = (anchor for line in lines[index + 1 : index + 1 + LONGEST_ADVERT] for anchor in line.anchors)
    first = next(anchors, None)
    if first is None or not first.href:
        return True
    named = file_ending(first.href) or file_ending(first.text)
    return "down" in first.href.lower() or named not in (None, "html")


def _may_begin(text: str, start: int) -> bool:
    """Whether a line with a word of a heading at *start* is one: it begins with it, and not in a sentence's middle."""
    return start <= FIRST_WORDS and not text[:1].islower()


def _is_control(line: Line) -> bool:
    """Whether the line is a link beside a heading: more, all."""
    return width(line.plain) <= WIDEST_CONTROL and line.linked >= len(line.plain)


def _home(lines: Sequence[Line], index: int) -> int | None:
    """Return the element whose end ends the zone: the innermost around the heading that holds what follows, too.

    A heading may stand in an element or two of its own; further out it is not looked for.
    """
    path = lines[index].path
    if len(path) < 2 or index + 1 >= len(lines):
        return path[-1] if path else None
    after = index + 1
    while after < min(index + 3, len(lines) - 1) and _is_control(lines[after]):
        after += 1
    following = lines[after].path
    for outward in range(1, min(WRAPPERS + 2, len(path)) + 1):
        if path[-outward] in following:
            return path[-outward]
    return path[-2]
