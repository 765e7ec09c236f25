"""The elements that together are one text: its pages, one beside the other, or its lines as they were printed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from crawler.reading.inline import LONGEST_LABEL, begins_with_label
from crawler.reading.lines import SEPARATOR, Line, width
from crawler.reading.meaning import known_meaning
from crawler.reading.zones import HEADINGS, IN_NOTICE, IN_TEXT, Zone

SHORTEST_TEXT = 60
"""Characters below which a page has no text of the document, only attributes and notices."""

SHORT_LINE = 12
"""Characters of a line between the parts of a text, such as a page's number."""

BETWEEN_PAGES = 2
"""Lines between the texts of two pages, at the most."""

LINES_OF_A_TEXT, SHORTEST_PRINTED = 3, 12
"""Lines from which on elements of one line are a text, and characters that they have on the average."""

SHALLOWEST, PAGE_DEPTH = 3, 4
"""Elements around a printed line, at least, and between it and what holds its page and the next one, at the most."""

PAGE_CHARACTERS = 150
"""A page of a text has at least so much; what stands beside a text and has less is a notice."""

MANY_PAGES = 4
"""Pages side by side, each in elements of its own, from which on they are as short as they are, if not all are."""

SLIDE_NUMBER = re.compile(r"(?:slide |page |第)?\d{1,4}(?:[.)、:]|页)?\Z", re.IGNORECASE)
_SLIDE_HEADING = re.compile(r"(?:slide|page|第|(?=\d{1,3}\.\Z))\s?(\d{1,4})\s?(?:[页頁.:：])?", re.IGNORECASE)
SLIDES = 3
"""Numbered headings from which on a text is a transcript of slides."""

PAGE_COUNT = re.compile(r"(?:第|page )?\s?\d{1,4}\s?(?:[/／]|of|页\s?[/／,，]?\s?共)\s?\d{1,4}\s?页?", re.IGNORECASE)
"""The number of a page and of all: 2 / 14."""
PAGE_NUMBER = re.compile(rf"{PAGE_COUNT.pattern}|第\s?\d{{1,4}}\s?[页頁]|page \d{{1,4}}", re.IGNORECASE)
"""The same, or the number of the page alone: 第3页."""
_SHEET_END = re.compile(r"[。！？!?.;；…”）)]")


def join_parts(lines: Sequence[Line], containers: dict[int, list[int]], zones: Sequence[Zone]) -> None:
    """Join the *containers* (element -> numbers of the lines it holds) that are parts of one text."""
    _join_articles(lines, containers, zones)
    _join_pages(lines, containers, zones)
    _join_lines(lines, containers)
    _join_sheets(lines, containers, zones)


def _join_articles(lines: Sequence[Line], containers: dict[int, list[int]], zones: Sequence[Zone]) -> None:
    """Join the articles of a law, each in elements of its own, with the chapters that they stand in.

    What is found to an article, cases and comments, may be linked between it and the next one.
    """
    articles = [
        index
        for index, line in enumerate(lines)
        if line.plain[:1] in _ARTICLES_BEGIN and not line.navigation and _is_article(line) and not zones[index].foreign
    ]
    if len(articles) < LINES_OF_A_TEXT:
        return
    around = frozenset(lines[articles[0]].path).intersection(*(lines[index].path for index in articles))
    if not around:
        return
    home = max(around, key=lines[articles[0]].path.index)
    first, last = articles[0], articles[-1]
    while first and CHAPTER.match(lines[first - 1].plain) and home in lines[first - 1].path:
        first -= 1
    part = next(iter(lines[last].path[lines[last].path.index(home) + 1 :]), lines[last].element)
    """The part of the law that the last article stands in."""
    end = last
    """Last line of what stands below the last article's heading."""
    while lines[last].tag in HEADINGS and end + 1 < len(lines) and _is_below(lines[end + 1], home, zones[end + 1]):
        end += 1
    text: list[int] = []
    left: dict[int, list[int]] = {}
    for element, indexes in containers.items():
        until = max(indexes) if last in indexes else end
        inside = [
            index
            for index in indexes
            if first <= index and home in lines[index].path and (index <= until or part in lines[index].path)
        ]
        if inside:
            text += inside
            taken = frozenset(inside)
            left[element] = [i for i in indexes if i not in taken]
    if len(left) < 2:
        return
    for element, indexes in left.items():
        if indexes:
            containers[element] = indexes
        else:
            del containers[element]
    containers[lines[first].element] = sorted(text)


def _is_below(line: Line, home: int, zone: Zone) -> bool:
    return home in line.path and line.tag not in HEADINGS and not zone.foreign


def _is_article(line: Line) -> bool:
    """Whether a line begins an article of a law, or heads it, and is no link to it."""
    if line.linked * 2 > len(line.plain):
        return False
    if ARTICLE.match(line.plain):
        return True
    heads = line.tag in HEADINGS or (line.tag in ("p", "div") and len(line.plain) <= LONGEST_HEADING)
    return heads and SECTION.match(line.plain) is not None


_ARTICLES_BEGIN = frozenset("第AS§")
ARTICLE = re.compile(
    r"第[〇零一二三四五六七八九十百千\d]{1,8}[条條](?:之[一二三四五六七八九十]{1,3})?(?:\s|$|[^的规規])"
)
SECTION = re.compile(r"(?:Article|Section|Artikel|Artículo|Articolo|Art\.|§) ?(?:\d{1,3}[a-z]?|[IVX]{1,5})\b")
LONGEST_HEADING = 60
CHAPTER = re.compile(r"第[〇零一二三四五六七八九十百\d]{1,6}[编編章节節](?:\s|$|[^的])")
"""How the articles and chapters of a law begin."""


def join_slides(lines: Sequence[Line], containers: dict[int, list[int]]) -> None:
    """Join what stands below headings that number the slides of a transcript: Slide 1, Slide 2."""
    numbered = {
        index: int(match[1])
        for index, line in enumerate(lines)
        if line.tag in HEADINGS and (match := _SLIDE_HEADING.fullmatch(line.plain)) is not None
    }
    if len(numbered) < SLIDES or list(numbered.values()) != list(range(1, len(numbered) + 1)):
        return
    if lines[min(numbered)].plain[:1] == "1" and len({lines[index].path[-2:-1] for index in numbered}) < len(numbered):
        return  # the sections of one text
    said: list[int] = []
    slide: int | None = None
    """Element around the heading of the slide that is read."""
    for index in range(min(numbered), len(lines)):
        path = lines[index].path
        if index in numbered:
            slide = path[-2] if len(path) > 1 else None
        elif slide in path and lines[index].plain and lines[index].tag not in HEADINGS:
            said.append(index)
    of_slides = frozenset(said)
    for element, indexes in list(containers.items()):
        if not of_slides.isdisjoint(indexes):
            del containers[element]
    if said:
        containers[lines[said[0]].element] = said


def _join_lines(lines: Sequence[Line], containers: dict[int, list[int]]) -> None:
    """Join elements of one line each that follow each other inside one element: a text drawn line by line.

    The lines of the next page stand in an element beside it.
    """
    runs: list[list[int]] = []
    for element, indexes in list(containers.items()):
        line = lines[indexes[0]]
        if len(indexes) > 1 or element != line.path[-1] or line.tag != "div" or len(line.path) < SHALLOWEST:
            continue
        if runs and _goes_on(lines, runs[-1][-1], indexes[0]):
            runs[-1].append(indexes[0])
        else:
            runs.append([indexes[0]])
    for run in runs:
        said = sum(len(lines[i].plain) for i in run)
        if len(run) >= LINES_OF_A_TEXT and said >= SHORTEST_PRINTED * len(run) and _labels(lines, run) <= 1:
            first = lines[run[0]].path[-1]
            for index in run:
                containers.pop(lines[index].path[-1], None)
            containers[first] = run


def _join_sheets(lines: Sequence[Line], containers: dict[int, list[int]], zones: Sequence[Zone]) -> None:
    """Join elements of several paragraphs that are as deep as each other and follow each other: a text's pages.

    Pages that are numbered, 2 / 14, may be as short as they are, and have an advert between them.
    """
    before: int | None = None
    for element, indexes in sorted(containers.items(), key=lambda item: item[1][0]):
        follows = before is not None and (
            _is_counted_page(lines, containers[before], indexes, zones)
            or _is_locked(lines, containers[before][-1], indexes)
            or _is_titled_page(lines, zones, containers[before][-1], indexes[0])
            or _are_headed_pages(lines, containers[before], indexes)
        )
        if not (follows or _is_headed_page(lines, indexes)) and (
            len(indexes) < 2 or sum(width(lines[i].plain) for i in indexes) < PAGE_CHARACTERS
        ):
            if before is None and indexes[-1] + 1 < len(lines) and PAGE_COUNT.fullmatch(lines[indexes[-1] + 1].plain):
                before = element
            continue
        if before is not None and (follows or _goes_on(lines, containers[before][-1], indexes[0])):
            containers[before] += containers.pop(element)
        else:
            before = element


def _is_counted_page(
    lines: Sequence[Line], page: Sequence[int], following: Sequence[int], zones: Sequence[Zone]
) -> bool:
    """Whether the number of a page stands between it and the element that follows it, as deep as its own."""
    last, first = lines[page[-1]], lines[following[0]]
    if following[0] - page[-1] > LONGEST_BREAK:
        return False
    between = [index for index in range(page[-1] + 1, following[0]) if zones[index] is not IN_NOTICE]
    if len(between) != 1 or PAGE_COUNT.fullmatch(lines[between[0]].plain) is None or len(last.path) != len(first.path):
        return False
    return any(last.path[:-depth] == first.path[:-depth] for depth in range(1, min(PAGE_DEPTH, len(last.path) - 1) + 1))


def _is_headed_page(lines: Sequence[Line], page: Sequence[int]) -> bool:
    """Whether an element begins with the number of a page, and of all, and has its text: 第2页 / 共29页."""
    return len(page) > 1 and PAGE_COUNT.fullmatch(lines[page[0]].plain) is not None and _is_sheet(lines[page[1]])


def _are_headed_pages(lines: Sequence[Line], page: Sequence[int], following: Sequence[int]) -> bool:
    """Whether two elements side by side are such pages; adverts may stand between them."""
    before, after = lines[page[0]].path, lines[following[0]].path
    if len(before) != len(after) or before[:-1] != after[:-1] or following[0] - page[-1] > LONGEST_OFFER:
        return False
    return _is_headed_page(lines, page) and _is_headed_page(lines, following)


def _is_titled_page(lines: Sequence[Line], zones: Sequence[Zone], last: int, following: int) -> bool:
    """Whether paragraphs follow each other in elements side by side, all below one heading of a text: its last page."""
    if following != last + 1 or zones[last] is not IN_TEXT or zones[following] is not IN_TEXT:
        return False
    before, after = lines[last], lines[following]
    return before.tag == after.tag == "p" and len(before.path) > 2 and before.path[:-2] == after.path[:-2]


LONGEST_BREAK = 60
"""Lines from the end of a page to the next one, with an advert between them, at the most."""


def _labels(lines: Sequence[Line], run: Sequence[int]) -> int:
    """Return how many lines of *run* begin with an element that is a known label."""
    first = (lines[index].text.partition(SEPARATOR)[0] for index in run)
    return sum(len(text) <= LONGEST_LABEL and known_meaning(text) is not None for text in first)


def _goes_on(lines: Sequence[Line], last: int, following: int) -> bool:
    """Whether a printed line follows another: in the same element, or at the top of the next page."""
    before, after = lines[last].path, lines[following].path
    if len(before) != len(after) or following - last > BETWEEN_PAGES + 1:
        return False
    gap = lines[last + 1 : following]
    if any(len(line.plain) > SHORT_LINE or line.tag in HEADINGS or line.anchors for line in gap):
        return False
    return any(before[:-depth] == after[:-depth] for depth in range(1, min(PAGE_DEPTH, len(before) - 1) + 1))


def _join_pages(lines: Sequence[Line], containers: dict[int, list[int]], zones: Sequence[Zone]) -> None:
    """Join containers of paragraphs that stand side by side: a text printed page by page."""
    parents: dict[int, list[int]] = defaultdict(list)
    for element, indexes in containers.items():
        path = lines[indexes[0]].path
        if lines[indexes[0]].tag == "p" and len(path) > 3 and path[-2] == element:
            parents[path[-3]].append(element)
    around: dict[int, list[int]] = defaultdict(list)
    """Element around pages that stand in one more element each -> these."""
    for alone in [elements for elements in parents.values() if len(elements) == 1]:
        path = lines[containers[alone[0]][0]].path
        around[path[-4]] += alone
    for side_by_side in (*parents.values(), *around.values()):
        said = {e: sum(len(lines[i].plain) for i in containers[e]) for e in side_by_side}
        are_pages = len(said) >= MANY_PAGES and sum(said.values()) >= SHORTEST_TEXT * len(said)
        least = 0 if are_pages and side_by_side in around.values() else PAGE_CHARACTERS
        elements = [element for element, characters in said.items() if characters >= least]
        if len(elements) > 1:
            containers[elements[0]] = [index for element in elements for index in containers[element]]
            for element in elements[1:]:
                del containers[element]
    _join_printed_pages(lines, containers, zones)


def _join_printed_pages(lines: Sequence[Line], containers: dict[int, list[int]], zones: Sequence[Zone]) -> None:
    """Join elements as deep as each other, each with the text of a page, that follow each other."""
    before: int | None = None
    for element, indexes in list(containers.items()):
        line = lines[indexes[0]]
        if len(indexes) > 1 or element not in line.path[-2:] or SLIDE_NUMBER.match(line.plain):
            continue
        if before is not None and _follows(lines, containers[before][-1], indexes[0], zones):
            containers[before] += containers.pop(element)
        else:
            before = element


def _follows(lines: Sequence[Line], last: int, following: int, zones: Sequence[Zone]) -> bool:
    """Whether two lines are the texts of pages that follow each other: only a page's number or an advert is between."""
    if len(lines[last].path) != len(lines[following].path) or lines[last].tag != lines[following].tag:
        return False
    if _are_sheets(lines, last, following):
        return True
    between = [lines[i] for i in range(last + 1, following) if zones[i] is not IN_NOTICE]
    if len(between) == 1 and (SLIDE_NUMBER.match(between[0].plain) or PAGE_COUNT.fullmatch(between[0].plain)):
        return True
    long = lines[last].tag == "div" and min(len(lines[i].plain) for i in (last, following)) >= PAGE_CHARACTERS
    return (
        long
        and len(between) <= BETWEEN_PAGES
        and all(len(line.plain) <= SHORT_LINE and line.tag not in HEADINGS for line in between)
    )


def _is_locked(lines: Sequence[Line], last: int, page: Sequence[int]) -> bool:
    """Whether only an offer stands between the texts of two pages, in one element: Unlock all 5 pages.

    The number of the second *page* may stand above it.
    """
    is_numbered = len(page) > 1 and PAGE_NUMBER.fullmatch(lines[page[0]].plain) is not None
    following = page[1] if is_numbered else page[0]
    if not 1 < following - last <= LONGEST_OFFER + 1:
        return False
    between = [line for line in lines[last + 1 : following] if PAGE_NUMBER.fullmatch(line.plain) is None]
    if not between or not (_is_sheet(lines[last]) and _is_sheet(lines[following])):
        return False
    before, after = lines[last].path, lines[following].path
    if not any(before[:-depth] == after[:-depth] for depth in range(1, min(PAGE_DEPTH, len(before) - 1) + 1)):
        return False
    one = frozenset(between[0].path).difference(before).intersection(*(line.path for line in between))
    return bool(one) and any(_LOCKED.search(line.plain[:PAGE_CHARACTERS]) for line in between)


OFFER_HEADING = re.compile(
    r"this is (?:only )?(?:a|the end of (?:the|this)) preview|(?:get|unlock) (?:full )?access.{0,40}|unlock .{0,40}|"
    r"(?:开通|购买)(?:会员|VIP).{0,12}|继续阅读.{0,12}",
    re.IGNORECASE,
)
"""What heads such an offer, and no part of a document."""

LONGEST_OFFER = 8
"""Lines of what a site offers between two pages, at the most."""

_LOCKED = re.compile(
    r"\b(?:this is a preview|full access|premium|unlock|subscribe|sign up|log in to)\b|"
    r"继续阅读|開通|开通|会员|會員|VIP|付费|付費|购买",
    re.IGNORECASE,
)


def _are_sheets(lines: Sequence[Line], last: int, following: int) -> bool:
    """Whether two lines are sentences in elements of their own that follow each other: a few on each page."""
    if not _goes_on(lines, last, following):
        return False
    return _is_sheet(lines[last]) and _is_sheet(lines[following])


def _is_sheet(line: Line) -> bool:
    """Whether a line is sentences in an element of its own."""
    return (
        width(line.plain) >= SHORTEST_TEXT
        and SEPARATOR not in line.text
        and not line.anchors
        and _SHEET_END.match(line.plain[-1]) is not None
        and not begins_with_label(line.text)
    )
