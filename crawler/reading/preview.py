"""The document's own text on the page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from crawler.reading.inline import LONGEST_LABEL, begins_with_label, leading_label
from crawler.reading.lines import SEPARATOR, Line, width
from crawler.reading.meaning import known_meaning
from crawler.reading.page_texts import (
    CHAPTER,
    LINES_OF_A_TEXT,
    OFFER_HEADING,
    PAGE_NUMBER,
    SECTION,
    SHORT_LINE,
    SHORTEST_PRINTED,
    SHORTEST_TEXT,
    SLIDE_NUMBER,
    join_parts,
    join_slides,
)
from crawler.reading.sections import (
    PRINTED_LINE,
    SHORTEST_PARAGRAPH,
    SHORTEST_WRITTEN,
    abstract_before,
    description_before,
    lead_of,
    sections_behind,
)
from crawler.reading.text_lines import LONG_CELL, LONGEST_NOTICE, SENTENCE_END, may_be_text
from crawler.reading.vocabulary import STANDING_NOTICE, TEXT_HEADING
from crawler.reading.zones import HEADINGS, IN_TEXT, Zone

MOST_ROWS = 400
"""Cells of a table below the text that belongs to it."""

LAYOUT_LINES = 5
"""Lines of a table's row from which on the table is there to lay the page out."""

PRINTED_LINES = 3
"""Elements of a line from which on they are printed lines of a page, if they are long."""

LABELS_OF_A_LIST = 3
"""Lines with a known label from which on an element holds a list of attributes."""

SENTENCES = 0.7
"""Share of a text's paragraphs that end as sentences do, at least, where all are short."""

MOST_HEADS = 4
"""Lines of headings that a text begins with, at the most."""

SHORTEST_IN_CELL = 120
"""Width of a text in a table's cell, at least, whose lines all end as sentences do."""

SLIDES = 3
"""Lines with the number of a slide from which on a text is a transcript."""

LONGEST_PRINTED = 60
LOOSE = 2
"""Characters of a printed line of Chinese, at the most, and those that a full one may lack: a mark begins no line."""

_PARAGRAPHS = frozenset(("p", "li", "pre", "blockquote", "td"))

_ABSTRACT_LABEL = re.compile(r"(?:abstract|summary|摘要|(?:内容|文档|资料)(?:简介|介绍))\s*[:：]\s*", re.IGNORECASE)
_STATES = re.compile(
    r"\d{4} ?[-/.年] ?\d|[A-Za-z]{3,9}\.?,? (?:\d{1,2}(?:st|nd|rd|th)?,? )?(?:19|20)\d\d\b|"
    r"\b(?:PDF|DOCX?|XLSX?|PPTX?)\b|\d ?(?:[KMG]B?\b|页|頁|次|人|pages?\b|views?\b|likes?\b)|[:：|@©]|^\W*\d+\W*$",
    re.IGNORECASE,
)
"""What a line states of the document, and no heading inside it has."""

_UNFOLDS = re.compile(r"(?:see|read|show|view) (?:more|less|all)|展开(?:全文|全部|更多)?|收起|显示更多", re.IGNORECASE)
"""A control behind a text of which a part is hidden."""

_CHINESE = re.compile(r"[\u3400-\u9fff\uff0c\u3001]")
_NUMBER_BEFORE = re.compile(rf"(?:[Ss]lide )?(\d{{1,3}})[.):]?{SEPARATOR}")
_SENTENCE = re.compile(r"[。！？；，]|[.!?;…][\"'”’)]?(?:\s|\Z)")


class Preview(NamedTuple):
    """The text, and where it was found."""

    text: str | None
    lines: frozenset[int]
    place: str | None
    """"section" below a heading such as 文档简介 or Abstract, "container" for the element with most text."""


def preview_of(
    lines: Sequence[Line], zones: Sequence[Zone], item_lines: Sequence[bool], heading: int | None
) -> Preview:
    """Return the text in the element that holds most of it, whole and in order, paragraphs parted by newlines.

    *heading* is the line of the main heading: what stands before it is not the document's text.
    """
    containers: dict[int, list[int]] = defaultdict(list)
    rows: Mapping[int, int] = Counter([line.row for line in lines if line.row])
    cells = _long_cells(lines) if rows else frozenset()
    layout = _layout_rows(lines, rows)
    for index in range(heading or 0, len(lines)):
        line = lines[index]
        if not item_lines[index] and may_be_text(line, zones[index], line.row in layout, cells):
            in_parent = line.tag in _PARAGRAPHS and len(line.path) > 1
            containers[line.path[-2] if in_parent else line.path[-1] if line.path else 0].append(index)
    _drop_attributes(lines, containers)
    _drop_references(lines, containers)
    join_parts(lines, containers, zones)
    join_slides(lines, containers)
    best: list[int] = []
    best_size = 0
    for indexes in containers.values():
        size = sum(len(lines[i].plain) for i in indexes if len(lines[i].plain) >= SHORT_LINE)
        if zones[indexes[0]] is IN_TEXT:
            size *= 2
        if size > best_size:
            best, best_size = indexes, size
    best = _rather_the_abstract(lines, zones, containers.values(), best)
    titled = [i for i in best if zones[i] is IN_TEXT]
    if sum(len(lines[i].plain) for i in titled) * 2 > sum(len(lines[i].plain) for i in best):
        best = titled
    best = _between_attributes(lines, best)
    are_written = bool(best) and (zones[best[0]] is IN_TEXT or _are_sentences(lines, best))
    sizes = [width(lines[i].plain) if are_written else len(lines[i].plain) for i in best]
    if sum(sizes) < SHORTEST_TEXT or max(sizes) < SHORTEST_PARAGRAPH:
        return Preview(None, frozenset(), None)
    if _are_values(lines, best) or (sum(sizes) < LONG_CELL and _states_only(lines, best)):
        return Preview(None, frozenset(), None)
    place = "section" if zones[best[0]] is IN_TEXT else "container"
    best = _before_attributes(lines, _without_what_goes_before(lines, best))
    best = _with_what_is_between(lines, zones, item_lines, best)
    best = [*best, *sections_behind(lines, zones, item_lines, best)]
    best = [*abstract_before(lines, zones, item_lines, heading, best), *best]
    if place == "container":
        best = [*description_before(lines, zones, item_lines, heading, best), *best]
    best = [i for i in best if PAGE_NUMBER.fullmatch(lines[i].plain) is None]
    chosen = [*lead_of(lines, zones, item_lines, heading, best), *best]
    texts = [_flowing(lines[i]) for i in chosen]
    if sum(_is_slide(lines[i]) for i in chosen if lines[i].anchors) >= SLIDES:
        texts = [_spoken(lines[i]) if _is_slide(lines[i]) else text for i, text in zip(chosen, texts, strict=True)]
    texts = list(_without_numbers([lines[i] for i in chosen], texts))
    text = _paragraphs(texts)
    label = _ABSTRACT_LABEL.match(text)
    return Preview(text[label.end() :] if label else text, frozenset(chosen), place)


def _rather_the_abstract(
    lines: Sequence[Line], zones: Sequence[Zone], containers: Iterable[list[int]], best: list[int]
) -> list[int]:
    """Return the abstract where the *best* text is a paper's introduction, and the rest of it is not there to read."""
    if not best or zones[best[0]] is not IN_TEXT or not _is_headed(lines, best, _INTRODUCTION):
        return best
    size = sum(len(lines[i].plain) for i in best)
    for indexes in containers:
        if zones[indexes[0]] is IN_TEXT and indexes[0] < best[0] and _is_headed(lines, indexes, _ABSTRACT):
            abstract = sum(len(lines[i].plain) for i in indexes)
            return indexes if abstract >= SHORTEST_TEXT and size < WHOLE_PAPER * abstract else best
    return best


def _is_headed(lines: Sequence[Line], text: Sequence[int], words: frozenset[str]) -> bool:
    """Whether right above a text stands one of *words* alone, as its heading."""
    above = lines[text[0] - 1] if text[0] else None
    return above is not None and above.tag in HEADINGS and above.plain.strip(" .:：").lower() in words


_INTRODUCTION = frozenset(("introduction", "1. introduction", "1 introduction", "引言", "前言"))
_ABSTRACT = frozenset(("abstract", "summary", "摘要", "内容摘要"))

WHOLE_PAPER = 8
"""How many times as long as its abstract a paper is that stands on the page whole."""


def _layout_rows(lines: Sequence[Line], rows: Mapping[int, int]) -> frozenset[int]:
    """Return the rows that are there to lay the page out: of many lines, or with a table in one of their cells."""
    found = {row for row, count in rows.items() if count >= LAYOUT_LINES}
    inner = 0
    for line in lines:
        if line.row != inner and line.row:
            inner = line.row
            found.update(element for element in line.path if element in rows and element != inner)
    return frozenset(found)


def _long_cells(lines: Sequence[Line]) -> frozenset[int]:
    """Return the cells of tables, and elements in them, that hold a text broken into lines: old pages are tables."""
    parts: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.row and line.tag in ("td", "div"):
            parts[line.element].append(line)
    return frozenset(
        e
        for e, inside in parts.items()
        if (len(inside) >= LINES_OF_A_TEXT or _are_two_paragraphs(inside)) and _is_long_text(inside)
    )


def _are_two_paragraphs(lines: Sequence[Line]) -> bool:
    """Whether the lines of a cell are two, each longer than labels and values are, that end as sentences do."""
    return len(lines) == 2 and all(
        width(line.plain) >= SHORTEST_IN_CELL and SENTENCE_END.match(line.plain[-1:]) for line in lines
    )


def _is_long_text(lines: Sequence[Line]) -> bool:
    """Whether the lines of a cell are a text: sentences, most of them, and no links or labels among them."""
    wide = sum(width(line.plain) for line in lines)
    if wide < SHORTEST_IN_CELL or any(line.anchors for line in lines):
        return False
    said = sum(len(line.plain) for line in lines)
    ended = sum(len(line.plain) for line in lines if SENTENCE_END.match(line.plain[-1:]))
    if wide < LONG_CELL and ended < said:
        return False
    return ended * 3 >= said * 2 and not any(begins_with_label(line.text) for line in lines)


def _between_attributes(lines: Sequence[Line], text: list[int]) -> list[int]:
    """Return the lines of a text without the attributes above it and the labels below it."""
    first, end = 0, len(text)
    while first < end and _is_attribute(lines[text[first]]) and not _heads(lines, text[first : first + 1 + MOST_HEADS]):
        first += 1
    while first < end and len((last := lines[text[end - 1]]).plain) < LONGEST_NOTICE and begins_with_label(last.text):
        end -= 1
    return text[first:end]


def _are_sentences(lines: Sequence[Line], text: Sequence[int]) -> bool:
    """Whether paragraphs are short sentences, one each, without links: a notice that appoints somebody."""
    if len(text) < LINES_OF_A_TEXT or sum(width(lines[i].plain) for i in text) < SHORTEST_WRITTEN:
        return False
    ended = sum(lines[i].plain[-1:] in "。；：.;:" for i in text)  # who signs, and when, ends no sentence
    first = lines[text[0]]
    alike = all(lines[i].tag == first.tag and not lines[i].anchors for i in text)
    beside = (
        first.tag == "div" and len(text) > LINES_OF_A_TEXT and all(lines[i].path[:-1] == first.path[:-1] for i in text)
    )
    return alike and (first.tag == "p" or beside) and ended >= SENTENCES * len(text)


def _before_attributes(lines: Sequence[Line], text: list[int]) -> list[int]:
    """Return the lines of a text up to a table of attributes, where little stands below it: the site's small print."""
    if len(text) < 2:
        return text
    first = last = 0
    for index in range(text[0] + 1, text[-1]):
        line = lines[index]
        if line.row and line.row != lines[index - 1].row and _is_row_label(line):
            last, first = index, first or index
    if len({lines[i].row for i in range(first, last + 1) if lines[i].row}) < LABELS_OF_A_LIST:
        return text
    before = [i for i in text if i < first]
    below = sum(len(lines[i].plain) for i in text if i > last and lines[i].row == 0)
    return before if sum(len(lines[i].plain) for i in before) >= max(below, SHORTEST_TEXT) else text


def _is_row_label(line: Line) -> bool:
    if line.tag not in ("th", "td") or len(line.plain) > LONGEST_LABEL or line.anchors:
        return False
    return line.plain.endswith((":", "：")) or known_meaning(line.plain) is not None


def _is_labelled(line: Line) -> bool:
    """Whether a line is no sentence, but a label and its value, whatever it says: SIC: 2033 Canned Fruits."""
    text = line.plain
    return _is_pair(line) or ((": " in text or "：" in text or text.endswith(":")) and _SENTENCE.search(text) is None)


def _are_values(lines: Sequence[Line], text: Sequence[int]) -> bool:
    """Whether lines are no sentences, each right below a heading, one of which is a known label: facts of a record."""
    if len(text) < LABELS_OF_A_LIST or not all(i and lines[i - 1].tag in HEADINGS for i in text):
        return False
    if any(SENTENCE_END.match(lines[i].plain[-1:]) for i in text):
        return False
    return any(known_meaning(lines[i - 1].plain) is not None for i in text)


def _states_only(lines: Sequence[Line], text: Sequence[int]) -> bool:
    """Whether lines are labels and values, most of them, and what else stands there is no sentence: a name."""
    others = [lines[i].plain for i in text if not _is_labelled(lines[i])]
    if 2 * len(others) >= len(text):
        return False
    return not any(len(other) > LONGEST_LABEL or SENTENCE_END.match(other[-1:]) for other in others)


def _is_slide(line: Line) -> bool:
    """Whether a line begins with the number of a slide, which is a link to it."""
    if not line.anchors or not line.anchors[0].href.startswith("#"):
        return False
    number, parted, _ = line.text.partition(SEPARATOR)
    return bool(parted) and line.anchors[0].text == number and SLIDE_NUMBER.match(number) is not None


def _without_numbers(lines: Sequence[Line], texts: Sequence[str]) -> Sequence[str]:
    """Return the texts of slides without the numbers that stand before them in elements of their own: 1. 2. 3."""
    numbers = [_NUMBER_BEFORE.match(line.text) for line in lines]
    if len(lines) < SLIDES or [int(n[1]) for n in numbers if n is not None] != list(range(1, len(lines) + 1)):
        return texts
    return [line.text.partition(SEPARATOR)[2].replace(SEPARATOR, " ") for line in lines]


def _spoken(line: Line) -> str:
    """Return what a slide says, without its number."""
    return line.text.partition(SEPARATOR)[2].replace(SEPARATOR, " ")


def _drop_attributes(lines: Sequence[Line], containers: dict[int, list[int]]) -> None:
    """Take the rows of a list of attributes out of the element that holds the text as well: several labels in a row.

    One label alone may begin a paragraph of the text.
    """
    for element, indexes in list(containers.items()):
        if len(indexes) < LABELS_OF_A_LIST:
            continue
        labelled = [i for i in indexes if len(lines[i].plain) < LONGEST_NOTICE and begins_with_label(lines[i].text)]
        if len(labelled) >= LABELS_OF_A_LIST:
            rest = [i for i in indexes if i not in labelled]
            containers[element] = rest
            if not rest:
                del containers[element]


def _drop_references(lines: Sequence[Line], containers: dict[int, list[int]]) -> None:
    """Take out the elements that hold nothing but what a paper refers to: [1] A. Person. A title[J]. Journal, 2015."""
    for element, indexes in list(containers.items()):
        if len(indexes) >= LINES_OF_A_TEXT and all(
            lines[i].plain[:1] == "[" and _REFERENCE.match(lines[i].plain) for i in indexes
        ):
            del containers[element]


_REFERENCE = re.compile(r"\[\d{1,3}\].{4,300}?\[(?:[A-Z]|EB|DB|CP)(?:/OL)?\]")


def _without_what_goes_before(lines: Sequence[Line], text: list[int]) -> list[int]:
    """Return the lines of an abstract that is labelled as such, up to the next label: authors stand around it."""
    for place, index in enumerate(text):
        if leading_label(lines[index].text) == "abstract":
            rest = [i for i in text[place + 1 :] if begins_with_label(lines[i].text)]
            until = text.index(rest[0]) if rest else len(text)
            return text[place:until]
    return text


def _with_what_is_between(
    lines: Sequence[Line], zones: Sequence[Zone], item_lines: Sequence[bool], text: list[int]
) -> list[int]:
    """Return the lines of the text with the headings and tables that stand inside it."""
    if len(text) < 2:
        return text
    first, last = text[0], text[-1]
    around = frozenset(lines[first].path) & frozenset(lines[last].path)
    innermost = max((e for e in lines[first].path if e in around), key=lines[first].path.index, default=None)
    if innermost is None:
        return text
    inside = set(text)
    for index in range(first + 1, last):
        line = lines[index]
        is_part = line.tag in HEADINGS or line.row > 0
        if is_part and innermost in line.path and not (item_lines[index] or zones[index].foreign or line.navigation):
            is_own = line.linked * 2 <= len(line.plain) and not (begins_with_label(line.text) or _is_marked_pair(line))
            if (
                is_own
                and line.tag in HEADINGS
                and (SLIDE_NUMBER.match(line.plain) or OFFER_HEADING.fullmatch(line.plain))
            ):
                continue
            if is_own and not STANDING_NOTICE.search(line.plain):
                inside.add(index)
    before = lines[first - 1]
    is_head = before.tag in HEADINGS and before.tag != "h1" and innermost in before.path
    if (
        is_head
        and not TEXT_HEADING.fullmatch(before.plain.strip(" :："))
        and before.tag in {lines[i].tag for i in inside}
    ):
        inside.add(first - 1)
    cells: list[int] = []
    for index in range(last + 1, min(len(lines), last + 1 + MOST_ROWS)):
        line = lines[index]
        if line.row == 0 or innermost not in line.path or item_lines[index] or zones[index].foreign:
            break
        cells.append(index)
    if not any(_states(lines[index]) for index in cells):
        inside.update(cells)
    return sorted(inside)


def _is_marked_pair(line: Line) -> bool:
    """Whether a cell is any label, in an element of its own and with a colon, and its value."""
    label, parted, _ = line.text.partition(SEPARATOR)
    return bool(parted) and line.tag == "td" and len(label) <= LONGEST_LABEL and label.endswith((":", "："))


def _states(line: Line) -> bool:
    """Whether a table's cell is of a table of attributes or files, not of the text."""
    if line.anchors or line.plain.endswith((":", "：")):
        return True
    return len(line.plain) <= LONGEST_LABEL and known_meaning(line.plain) is not None


def _paragraphs(texts: Sequence[str]) -> str:
    """Return the lines of a text, those that a page breaks in the middle of a sentence made whole again.

    >>> _paragraphs(["The council closed the", "scheme in 1996.", "Nobody knew."])
    'The council closed the scheme in 1996.\\nNobody knew.'
    """
    joined: list[str] = []
    full = _printed_width(texts)
    before = ""
    for text in texts:
        goes_on = bool(before) and not SENTENCE_END.match(before[-1])
        if goes_on and text[:1].islower():
            joined[-1] = f"{joined[-1]} {text}"
        elif goes_on and full is not None and len(before) >= full - LOOSE and _CHINESE.match(text):
            joined[-1] += text
        else:
            joined.append(text)
        before = text
    return "\n".join(joined)


def _printed_width(texts: Sequence[str]) -> int | None:
    """Return how many characters a full line has, where a Chinese text stands as it was printed, line by line."""
    longest = max(map(len, texts), default=0)
    if not SHORTEST_PRINTED < longest <= LONGEST_PRINTED:
        return None
    full = sum(len(text) >= longest - LOOSE for text in texts)
    return longest if full >= LINES_OF_A_TEXT and full * 2 >= len(texts) else None


def _flowing(line: Line) -> str:
    """Return the text of a line, with blanks between a page's printed lines where each is an element of its own.

    A label such as Summary in an element in front of the text is none of it.
    """
    if SEPARATOR not in line.text:
        return line.plain
    label, _, rest = line.text.partition(SEPARATOR)
    if len(label) <= LONGEST_LABEL and known_meaning(label) == "abstract":
        return rest.replace(SEPARATOR, "")
    pieces = line.text.split(SEPARATOR)
    if _UNFOLDS.fullmatch(pieces[-1]):
        return "".join(pieces[:-1])
    if len(pieces) < PRINTED_LINES or len(line.plain) < PRINTED_LINE * len(pieces) or not line.plain.isascii():
        return line.plain
    return line.spaced


def _is_pair(line: Line) -> bool:
    """Whether a line is a known label and its value, each in an element of its own."""
    label, parted, _ = line.text.partition(SEPARATOR)
    return bool(parted) and len(label) <= LONGEST_LABEL and known_meaning(label) not in (None, "abstract")


def _heads(lines: Sequence[Line], text: Sequence[int]) -> bool:
    """Whether a text's first lines are its headings, in elements as its own: a title, the first chapter."""
    first = lines[text[0]]
    body = next((lines[i] for i in text[1 : 1 + MOST_HEADS] if not _is_attribute(lines[i])), None)
    if body is None or body.tag != first.tag or body.path[:-1] != first.path[:-1] or first.row:
        return False
    is_plain = not first.anchors and SEPARATOR not in first.text and not begins_with_label(first.text)
    return is_plain and len(first.plain) > 1 and not _STATES.search(first.plain)


def _is_attribute(line: Line) -> bool:
    """Whether a line above the text states something of the document instead of being its first."""
    text = line.plain
    if len(text) < 80 and begins_with_label(line.text):
        return True
    if text[:1] in "第AS§" and (CHAPTER.match(text) or SECTION.match(text)):
        return False
    return len(text) < SHORTEST_PARAGRAPH and not SENTENCE_END.match(text[-1:]) and text[-1:] not in ",，:："
