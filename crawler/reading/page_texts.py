"""The elements that together are one text: its pages, one beside the other, or its lines as they were printed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from crawler.reading.inline import LONGEST_LABEL, begins_with_label
from crawler.reading.lines import SEPARATOR, Line, width
from crawler.reading.meaning import known_meaning
from crawler.reading.zones import HEADINGS, IN_NOTICE, Zone

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

SLIDE_NUMBER = re.compile(r"(?:slide |page |第)?\d{1,4}(?:[.)、:]|页)?\Z", re.IGNORECASE)
_SLIDE_HEADING = re.compile(r"(?:slide|page|第)\s?(\d{1,4})\s?(?:[页頁.:：])?", re.IGNORECASE)
SLIDES = 3
"""Numbered headings from which on a text is a transcript of slides."""

PAGE_COUNT = re.compile(r"(?:第|page )?\s?\d{1,4}\s?(?:[/／]|of|页\s?[/／,，]?\s?共)\s?\d{1,4}\s?页?", re.IGNORECASE)
"""The number of a page and of all: 2 / 14."""
_SHEET_END = re.compile(r"[。！？!?.;；…”）)]")


def join_parts(lines: Sequence[Line], containers: dict[int, list[int]], zones: Sequence[Zone]) -> None:
    """Join the *containers* (element -> numbers of the lines it holds) that are parts of one text."""
    _join_pages(lines, containers, zones)
    _join_lines(lines, containers)
    _join_sheets(lines, containers, zones)


def join_slides(lines: Sequence[Line], containers: dict[int, list[int]]) -> None:
    """Join what stands below headings that number the slides of a transcript: Slide 1, Slide 2."""
    numbered = {
        index: int(match[1])
        for index, line in enumerate(lines)
        if line.tag in HEADINGS and (match := _SLIDE_HEADING.fullmatch(line.plain)) is not None
    }
    if len(numbered) < SLIDES or list(numbered.values()) != list(range(1, len(numbered) + 1)):
        return
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
        counted = before is not None and _is_counted_page(lines, containers[before], indexes, zones)
        if not counted and (len(indexes) < 2 or sum(width(lines[i].plain) for i in indexes) < PAGE_CHARACTERS):
            if before is None and indexes[-1] + 1 < len(lines) and PAGE_COUNT.fullmatch(lines[indexes[-1] + 1].plain):
                before = element
            continue
        if before is not None and (counted or _goes_on(lines, containers[before][-1], indexes[0])):
            containers[before] += containers.pop(element)
        else:
            before = element


def _is_counted_page(
    lines: Sequence[Line], page: Sequence[int], following: Sequence[int], zones: Sequence[Zone]
) -> bool:
    """Whether the number of a page stands between it and the element that follows it, as deep as its own."""
    last, first = lines[page[-1]], lines[following[0]]
    between = [index for index in range(page[-1] + 1, following[0]) if zones[index] is not IN_NOTICE]
    if len(between) != 1 or PAGE_COUNT.fullmatch(lines[between[0]].plain) is None or len(last.path) != len(first.path):
        return False
    return any(last.path[:-depth] == first.path[:-depth] for depth in range(1, min(PAGE_DEPTH, len(last.path) - 1) + 1))


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
        elements = [e for e in side_by_side if sum(len(lines[i].plain) for i in containers[e]) >= PAGE_CHARACTERS]
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
    if len(between) == 1 and SLIDE_NUMBER.match(between[0].plain):
        return True
    long = lines[last].tag == "div" and min(len(lines[i].plain) for i in (last, following)) >= PAGE_CHARACTERS
    return (
        long
        and len(between) <= BETWEEN_PAGES
        and all(len(line.plain) <= SHORT_LINE and line.tag not in HEADINGS for line in between)
    )


def _are_sheets(lines: Sequence[Line], last: int, following: int) -> bool:
    """Whether two lines are sentences in elements of their own that follow each other: a few on each page."""
    if not _goes_on(lines, last, following):
        return False
    return all(
        width(lines[i].plain) >= SHORTEST_TEXT
        and SEPARATOR not in lines[i].text
        and not lines[i].anchors
        and _SHEET_END.match(lines[i].plain[-1]) is not None
        and not begins_with_label(lines[i].text)
        for i in (last, following)
    )
