"""Label/value pairs, in the forms pages print them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile, zip_longest
from typing import NamedTuple

from crawler.reading.columns import LONGEST_HEAD, cell_of, tables_of
from crawler.reading.inline import LONGEST_LABEL, begins_with_label, labels_in
from crawler.reading.keywords import keywords_below
from crawler.reading.lines import SEPARATOR, Line
from crawler.reading.meaning import known_meaning
from crawler.reading.menus import is_of_a_menu
from crawler.reading.values import format_of
from crawler.reading.vocabulary import BADGES, FILES, normal_label
from crawler.reading.zones import HEADINGS, IN_FILES, Zone

LONG_LINE = 3000
"""Longer lines are text, not attributes."""

SHORT_LINE = 300
"""Characters up to which a line may be a row of labels and values, each in an element of its own."""

LONGEST_DATED = 60
_DATES = frozenset(("published", "uploaded", "deposited", "never"))
_DATED = re.compile(r"([^\W\d_][^\d:：]{1,24}?)\s{0,3}((?:\d|(?:[A-Z][a-z]{2,8}\.? )(?:\d|$)).*)\Z", re.DOTALL)
"""A label and a date behind it without a colon: "Published on May 2019", "发布于2020-01-02"."""

_BY_LINE = re.compile(
    r"\b(uploaded|posted|published|added|shared|submitted|contributed) by [^\d:]{2,60}?[,;·|\s–-]\s?(?:on )?"
    r"(\d{1,4}[-/. ].{4,24}|(?:[A-Z][a-z]{2,8}\.? )\d.{3,20})\Z",
    re.IGNORECASE,
)
"""Uploaded by D. Lindqvist, 3/25/16 10:22 AM."""

_BRACKETED = re.compile(r"[【［\[]([^】］\]]{1,12})[】］\]]\s?([^:：\s].*)\Z", re.DOTALL)
"""【页数】12."""

_DIGIT = re.compile(r"\d")

LONG_VALUE = 20_000
_LONG_MEANINGS = frozenset(("abstract", "tags"))
VALUE_LINES = 60
"""Lines that the value of one label may have: an abstract in paragraphs, a list of keywords."""

BLOCKS_AROUND = 3
"""Elements outwards, from a heading that is a label, up to the one that holds its value as well."""

ATTRIBUTE_LINES = 60
"""Lines below the heading that state something of a document without a text."""

_PAIR = 2
_MAY_LABEL = frozenset(("td", "th", "dt", "div", "span", "li", "p", "h2", "h3", "h4", "h5", "h6"))
_CELLS = frozenset(("td", "th", "dt"))
_COLON = re.compile(r"[:：]")

_PIECES = re.compile(f"[{SEPARATOR}|]")
_ANY_PAIR = re.compile(r"\s{0,3}([^\s:：][^:：]{0,29})[:：]\s{0,3}(\S.{0,199})\Z", re.DOTALL)
_SENTENCE = re.compile(r"[,，。;；!！?？]|(?:\S{1,30} ){4}|[\u3400-\u9fff]{13}")
"""What no label has: marks of a sentence, five words, thirteen Chinese characters."""


class Value(NamedTuple):
    """What stands behind a label."""

    label: str
    text: str
    """The first piece of it: what one field takes."""
    whole: str
    block: int = 0
    """Number of the label on the page: a label has several values, and one label may stand on a page twice."""


@dataclass(slots=True)
class Pairs:
    """The pairs of a page, by what their labels mean, in the page's order."""

    extra: Mapping[str, str] = field(default_factory=dict)
    """Labels of one site's profile, in normal form, and what they mean."""
    known: dict[str, list[Value]] = field(default_factory=lambda: defaultdict(list))
    other: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Labels that nobody knows -> their places on the page and values."""
    block: int = 0
    notes_any: bool = False
    """Whether what is read now may state something with labels that nobody knows."""

    def add(self, meaning: str, label: str, whole: str) -> None:
        """Note a value; empty ones and whole texts are none."""
        text = whole if meaning == "tags" else _first_piece(whole)
        if meaning == "title" and text.isdecimal() and SEPARATOR in whole:
            text = next((named for piece in whole.split(SEPARATOR) if not (named := piece.strip()).isdecimal()), text)
        if text and len(whole) <= LONG_VALUE:
            self.known[meaning].append(Value(label.strip(" :：\xa0\u3000" + SEPARATOR), text, whole, self.block))

    def note(self, label: str, whole: str) -> None:
        """Note the value of a label that means nothing to us."""
        label = label.strip(" :：\xa0\u3000*" + SEPARATOR)
        if label and whole and not label.isdecimal():
            self.other.setdefault(label, []).append((self.block, whole))

    def meaning(self, label: str) -> str | None:
        """Return what *label* means, None where nobody knows."""
        if self.extra and (own := self.extra.get(normal_label(label))) is not None:
            return own
        return known_meaning(label)

    def values(self, *meanings: str) -> list[Value]:
        """Return the values of *meanings*, the first meaning's first."""
        if len(meanings) == 1:
            return list(self.known.get(meanings[0], ()))
        return [value for meaning in meanings for value in self.known.get(meaning, ())]


def _first_piece(whole: str) -> str:
    pieces = [piece for part in whole.split(SEPARATOR) if (piece := part.strip(" |/·,;，；、"))]
    if not pieces:
        return ""
    unit = pieces[1] if len(pieces) > 1 and pieces[0][-1].isdecimal() and len(pieces[1]) <= 3 else ""
    if unit and (_COLON.search(unit) or BADGES.match(unit)):
        unit = ""
    return pieces[0] + unit


_MEANINGS = {"size_bytes": "size", "published_on": "published", "preview_text": "abstract"}
"""Record fields whose labels go by another name here."""


def pairs_of(
    lines: Sequence[Line],
    zones: Sequence[Zone],
    passed_over: Collection[int],
    heading: int | None,
    labels: Mapping[str, str] | None = None,
    text: Collection[int] = (),
) -> Pairs:
    """Return the pairs of *lines*, without those of foreign zones, navigation and the lines *passed_over*.

    What stands below the main *heading* goes before what stands above it: there are search forms, filters, news of the
    site. *labels* are those a site words differently: record field -> label. *text* are the lines of the document's own
    text: below it, as above the heading, stands the site's small print, whose labels count only in tables and lists.
    """
    extra = {normal_label(label): _MEANINGS.get(name, name) for name, label in (labels or {}).items()}
    pairs = Pairs(extra)
    tables = tables_of(lines, zones)
    silent = [
        index in passed_over
        or line.navigation
        or zone.foreign
        or index in tables
        or (len(line.anchors) > 1 and _is_pager(line))
        for index, (line, zone) in enumerate(zip(lines, zones, strict=True))
    ]
    first = heading or 0
    last = max(text, default=first + ATTRIBUTE_LINES) + 1
    pairs.notes_any = heading is not None
    _read_lines(lines, range(first, min(last, len(lines))), silent, pairs, passed_over)
    pairs.notes_any = False
    _read_lines(lines, range(last, len(lines)), silent, pairs, passed_over)
    for index, row in tables.items():
        pairs.block = index + 1
        for meaning, label, whole in row:
            pairs.add(meaning, label, whole)
    for meaning in ("pages", "size") if tables else ():
        if len(pairs.known.get(meaning, ())) > 1:
            pairs.known[meaning].sort(key=lambda value: _is_of_all(value, zones))
    above = Pairs(extra)
    _read_lines(lines, range(first), silent, above, passed_over)
    for meaning, values in above.known.items():
        if meaning not in _LONG_MEANINGS or meaning not in pairs.known:
            pairs.known[meaning] += values
    pairs.other = above.other | pairs.other
    for meaning, values in pairs.known.items():
        pairs.known[meaning] = [value for value in values if not _is_facet(meaning, value.whole)]
    return pairs


_COUNTED = re.compile(r"[(（]\s{0,2}\d[\d,.]{0,12}\s{0,2}[)）]$")
_COUNTED_FORMAT = re.compile(r"^[A-Z]{2,5}\s{1,3}\d[\d,.]{0,12}$")


def _is_facet(meaning: str, whole: str) -> bool:
    """Whether a value is what the results of a search may be narrowed to, each with its count: 2021 (14), 2020 (9)."""
    parts = [part for piece in whole.split(SEPARATOR) if (part := piece.strip())] if SEPARATOR in whole else ()
    if len(parts) < 2:
        return False
    return all(map(_COUNTED.search, parts)) or (meaning == "format" and all(map(_COUNTED_FORMAT.match, parts)))


def _is_of_all(value: Value, zones: Sequence[Zone]) -> bool:
    """Whether a value sums up a list of files, of which the first counts: Total pages: 38."""
    return zones[value.block - 1] is IN_FILES and value.label.lower().startswith(("total", "总", "總", "合计", "合計"))


def _is_pager(line: Line) -> bool:
    """Whether the line is a row of links to pages: 1 2 3 ..."""
    return sum(anchor.text.isdecimal() for anchor in line.anchors) > 1


def _read_lines(
    lines: Sequence[Line], numbers: range, silent: Sequence[bool], pairs: Pairs, passed_over: Collection[int]
) -> None:
    following = numbers.start
    for index in numbers:
        if silent[index] or index < following:
            continue
        pairs.block = index + 1
        tags = len(pairs.known["tags"]) if "tags" in pairs.known else 0
        following = index + _read_line(lines, index, pairs, passed_over)
        if "tags" in pairs.known and len(pairs.known["tags"]) > tags:
            if lines[following - 1].anchors:
                following += _further_tags(lines, following, pairs)
            elif lines[index].tag in HEADINGS and following == index + _PAIR:
                for text in (further := keywords_below(lines, index)):
                    pairs.add("tags", lines[index].plain, text)
                following += len(further)


def _further_tags(lines: Sequence[Line], index: int, pairs: Pairs) -> int:
    """Read the links that follow a labelled one in elements like its own; return how many lines they are."""
    first = lines[index - 1]
    at = index
    while at < min(len(lines), index + VALUE_LINES):
        line = lines[at]
        alike = (
            line.tag == first.tag != "td" and len(line.path) == len(first.path) and line.path[:-1] == first.path[:-1]
        )
        if not alike or not line.anchors or line.linked < len(line.plain) - 2 or pairs.meaning(line.plain) is not None:
            break
        pairs.add("tags", pairs.known["tags"][-1].label, line.text)
        at += 1
    return at - index


def _read_line(lines: Sequence[Line], index: int, pairs: Pairs, passed_over: Collection[int]) -> int:
    """Read the pairs of one line, or of a label and the lines of its value; return how many lines that took."""
    line = lines[index]
    text, plain = line.text, line.plain
    if len(text) > LONG_LINE:
        return 1
    meaning = pairs.meaning(plain) if len(plain) <= LONGEST_LABEL else None
    if meaning is not None and line.tag in _MAY_LABEL:
        if (above := _value_above(lines, index, pairs)) is not None:
            pairs.add(meaning, plain, above)
            return 1
        taken = _label_line(lines, index, meaning, pairs, passed_over)
        if taken:
            return taken
    elif (line.row and meaning is None and (taken := _event(lines, index, pairs))) or (
        meaning is None and line.tag in _CELLS and (taken := _unknown_label_line(lines, index, pairs, passed_over))
    ):
        return taken
    is_short = len(plain) <= SHORT_LINE
    if is_short and plain[:1] in "【［[" and (bracketed := _BRACKETED.match(plain)) is not None:
        meaning = pairs.meaning(bracketed[1])
        if meaning is not None:
            pairs.add(meaning, bracketed[1], bracketed[2])
    has_digit = is_short and _DIGIT.search(plain) is not None
    if has_digit and " by " in plain.lower() and (by := _BY_LINE.search(plain)) is not None:
        pairs.add("published" if by[1].lower() == "published" else "uploaded", f"{by[1]} by", by[2])
    if ":" in text or "：" in text:
        _inline_pairs(text, pairs)
    if has_digit and len(plain) <= LONGEST_DATED:
        dated = _DATED.match(line.spaced)
        meaning = pairs.meaning(dated[1]) if dated is not None else None
        if dated is not None and meaning in _DATES:
            pairs.add(meaning, dated[1], dated[2])
    if SEPARATOR in text and len(text) <= SHORT_LINE:
        _side_by_side(text.split(SEPARATOR), {anchor.text for anchor in line.anchors}, pairs)
    return 1


def _value_above(lines: Sequence[Line], index: int, pairs: Pairs) -> str | None:
    """Return the value of a label that stands below it, both in an element of their own, as others do; else None."""
    path = lines[index].path
    if index == 0 or len(path) < _PAIR:
        return None
    cell, value = path[-2], lines[index - 1]
    is_last = index + 1 == len(lines) or cell not in lines[index + 1].path
    alone = is_last and cell in value.path and (index < _PAIR or cell not in lines[index - _PAIR].path)
    if not alone or value.tag in HEADINGS or not value.plain or pairs.meaning(value.plain) is not None:
        return None
    beside = (lines[at] for at in (index - _PAIR, index + _PAIR) if 0 <= at < len(lines))
    alike = any(
        line.tag == lines[index].tag and len(line.path) == len(path) and pairs.meaning(line.plain) is not None
        for line in beside
    )
    return value.text if alike else None


def _event(lines: Sequence[Line], index: int, pairs: Pairs) -> int:
    """Read a row of two cells, a day and what happened then: 12 March 2021 | Published; return how many lines."""
    line = lines[index]
    if len(line.plain) > LONGEST_DATED or not _DIGIT.search(line.plain) or index + 1 >= len(lines):
        return 0
    event = lines[index + 1]
    around = (lines[at].row for at in (index - 1, index + 2) if 0 <= at < len(lines))
    if event.row != line.row or line.row in around or not event.plain or _COLON.search(event.plain):
        return 0
    meaning = pairs.meaning(event.plain)
    if meaning not in _DATES:
        return 0
    pairs.add(meaning, event.plain, line.text)
    return 2


def _side_by_side(pieces: Sequence[str], linked: Collection[str], pairs: Pairs) -> None:
    """Read labels without a colon, each in an element of its own in front of its value's, or alone behind it.

    What is *linked* is no label: a menu has such words.
    """
    if len(pieces) == _PAIR and pairs.meaning(pieces[0]) is None and _DIGIT.search(pieces[0]):
        meaning = pairs.meaning(pieces[1])
        if meaning is not None and not _COLON.search(pieces[1]):
            pairs.add(meaning, pieces[1], pieces[0])
    for at, (label, value) in enumerate(pairwise(pieces)):
        meaning = pairs.meaning(label) if len(label) <= LONGEST_LABEL and label not in linked else None
        if meaning is None or _COLON.search(label) or _COLON.match(value) or pairs.meaning(value) is not None:
            continue
        if begins_with_label(value) and meaning in _DATES:
            continue  # 于 2011-08-23 上传, and the next label
        if meaning == "tags":
            value = SEPARATOR.join(takewhile(lambda piece: pairs.meaning(piece) is None, pieces[at + 1 :]))
        if meaning in _WHO and at + 3 < len(pieces) and pieces[at + 2] in ("on", "于", "am", "le", "el"):
            value = SEPARATOR.join(pieces[at + 1 : at + 4])  # Uploaded by scan_desk on October 30, 2014
        pairs.add(meaning, label, value)


_WHO = ("issuer", "uploader")


def _label_line(lines: Sequence[Line], index: int, meaning: str, pairs: Pairs, passed_over: Collection[int]) -> int:
    """Read a line that is a label alone, and the lines of the cell that follows; return how many lines.

    The cell is the outermost element around the value that is not around the label.
    """
    line = lines[index]
    if line.tag == "li" and is_of_a_menu(lines, index, heads_links=meaning == "tags"):
        return 0
    unmarked = line.tag == "p" and not line.plain.endswith((":", "："))
    if unmarked and not _is_pair_of_paragraphs(lines, index, meaning, pairs):
        return 0
    if meaning == "abstract" and line.tag in HEADINGS and not _has_cell_beside(lines, index):
        return 0  # it heads a zone: the text may have more elements than one
    values: list[str] = []
    around = frozenset(line.path)
    cell: int | None = None
    last = index
    for at in range(index + 1, min(len(lines), index + 1 + VALUE_LINES)):
        value = lines[at]
        if cell is None and value.row and value.row == line.row and value.plain in _COLONS:
            continue  # in a cell of its own
        if at in passed_over and meaning not in _LONG_MEANINGS:
            break
        if cell is None:
            cell = next((element for element in value.path if element not in around), value.element)
        elif cell not in value.path:
            break
        if (
            begins_with_label(value.text)
            or _is_label(value, pairs)
            or _is_pair(value, pairs)
            or (line.row and value.row != line.row)
        ):
            break
        if values and line.tag in HEADINGS and value.tag in HEADINGS and value.tag <= line.tag:
            break  # the head of what comes next
        if line.tag in HEADINGS and len(line.path) > BLOCKS_AROUND and line.path[-BLOCKS_AROUND] not in value.path:
            break  # what follows a block without a value is another part of the page
        is_linked = line.tag in HEADINGS and value.linked * 2 > len(value.plain)
        if is_linked and meaning not in ("tags", "doc_id") and not _has_cell_beside(lines, index):
            return 0  # a filter of a search: Date: today, this week
        values.append(value.text)
        last = at
    if not values:
        return 0
    if meaning == "tags":
        for whole in values:
            pairs.add(meaning, line.plain, whole)
    elif meaning == "abstract":
        pairs.add(meaning, line.plain, "\n".join(values))
    else:
        pairs.add(meaning, line.plain, SEPARATOR.join(values))
        for text in values:  # "Format": "Medium: ED; Pages: 34"
            for labelled in labels_in(text) if len(text) <= SHORT_LINE else ():
                pairs.add(labelled.meaning, labelled.label, text[labelled.end :])
    return 1 + last - index


_COLONS = frozenset(":：")


def _has_cell_beside(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is alone in its cell, with another behind it in the row."""
    if index + 1 >= len(lines) or not lines[index].row or lines[index + 1].row != lines[index].row:
        return False
    return cell_of(lines[index]) != cell_of(lines[index + 1])


def _is_pair_of_paragraphs(lines: Sequence[Line], index: int, meaning: str, pairs: Pairs) -> bool:
    """Whether a paragraph that is a known label, without a colon, has its value in the next: each says so of the other.

    One label alone may be a short paragraph of a text; two of them in turn with values are a list. The value may be
    what else is in the element around the label.
    """
    if meaning in _LONG_MEANINGS or index + 1 >= len(lines) or pairs.meaning(lines[index + 1].plain) is not None:
        return False
    value = lines[index + 1]
    if (value.tag != "p" and value.path != lines[index].path[:-1]) or len(value.plain) > LONGEST_HEAD * 4:
        return False
    return any(
        0 <= other < len(lines) and lines[other].tag == "p" and pairs.meaning(lines[other].plain) is not None
        for other in (index - 4, index - 2, index + 2, index + 4)
    )


def _is_pair(line: Line, pairs: Pairs) -> bool:
    """Whether a line is a label and its value, each in an element of its own."""
    label, parted, _ = line.text.partition(SEPARATOR)
    return bool(parted) and len(label) <= LONGEST_LABEL and not line.anchors and pairs.meaning(label) is not None


def _is_label(line: Line, pairs: Pairs) -> bool:
    """Whether what stands in the place of a value is the next label: the value before it is empty."""
    if len(line.plain) > LONGEST_LABEL or pairs.meaning(line.plain) is None:
        return False
    return line.tag in _CELLS or line.tag in HEADINGS or line.plain.endswith((":", "："))


def _inline_pairs(text: str, pairs: Pairs) -> None:
    """Read the pairs inside one line: one, or several parted by blanks, pipes, slashes or elements."""
    found = labels_in(text)
    if found and (found[0].start <= LONGEST_LABEL or len(text) < 200):
        for labelled, following in zip_longest(found, found[1:]):
            label = labelled.label if labelled.label.isascii() else "".join(labelled.label.split())
            pairs.add(labelled.meaning, label, text[labelled.end : following.start if following else len(text)])
    if SEPARATOR in text and "format" not in pairs.known:
        for piece in text.split(SEPARATOR):
            alone = _TYPE_ALONE.match(piece)
            if alone is not None and format_of(alone[1]) is not None:
                pairs.add("format", piece.partition(":")[0], alone[1])
    if len(text) < SHORT_LINE and (pairs.notes_any or pairs.extra):
        _unknown_pairs(text, pairs)


_TYPE_ALONE = re.compile(r"(?:type|类型|typ|tipo)[:：]\s?([A-Za-z.]{2,6})\Z", re.IGNORECASE)
"""A label too common to be one in sentences, with a format behind it in an element of their own."""


def _unknown_pairs(text: str, pairs: Pairs) -> None:
    """Note what a line states with labels that nobody else knows: "价格:5元 | 上传者:老周"."""
    pieces = [piece.strip() for piece in _PIECES.split(text)]
    for at, piece in enumerate(pieces):
        if piece.endswith((":", "：")) and at + 1 < len(pieces):
            piece = f"{piece} {pieces[at + 1]}"
        pair = _ANY_PAIR.match(piece)
        if pair is None:
            continue
        own = pairs.extra.get(normal_label(pair[1])) if pairs.extra else None
        if own is None and (not pairs.notes_any or known_meaning(pair[1]) is not None):
            continue
        if pair[1].isdigit() or pair[1].lower() in ("http", "https") or _SENTENCE.search(pair[1]):
            continue
        if own is not None:
            pairs.add(own, pair[1], pair[2])
        else:
            pairs.note(pair[1], pair[2])


def _unknown_label_line(lines: Sequence[Line], index: int, pairs: Pairs, passed_over: Collection[int]) -> int:
    """Note the value of a label that nobody knows but whose element says that it is one; return how many lines."""
    line = lines[index]
    if line.anchors or not 1 < len(line.plain) <= LONGEST_LABEL or index + 1 >= len(lines):
        return 0
    value = lines[index + 1]
    if index + 1 in passed_over or not value.plain or len(value.plain) > SHORT_LINE or value.tag not in _VALUES:
        return 0
    if line.tag == "dt":
        is_pair = value.tag == "dd"
    else:
        in_row = line.row > 0 and line.row == value.row and line.tag in _CELLS and cell_of(line) != cell_of(value)
        is_pair = in_row and (line.tag == "th" or line.plain.endswith((":", "："))) and value.tag == "td"
    if not is_pair or _SENTENCE.search(line.plain):
        return 0
    pairs.note(line.plain, value.text)
    if line.plain.strip(" :：").lower() in FILES:
        _inline_pairs(value.text, pairs)  # 附件下載 | 研究報告本文 檔案大小：1,236KB
    return 2


_VALUES = frozenset(("td", "dd"))
