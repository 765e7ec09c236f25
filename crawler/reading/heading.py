"""Which line of the page is its main heading: most pages say it twice, there and in the window's title."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

from crawler.reading.ground import STANDARD
from crawler.reading.inline import labels_in
from crawler.reading.lines import SEPARATOR, Line
from crawler.reading.meaning import known_meaning
from crawler.reading.nodes import short_text
from crawler.reading.values import file_ending
from crawler.reading.vocabulary import BADGES, ENDING, FILES, KNOWN, normal_label

SHORTEST_NAMED = 4
"""Characters of the shortest text that is found in the window's title by more than chance."""

LONGEST_HEADING = 300
LONGEST_BADGE = 20
"""Characters of what `BADGES` matches, and a few more."""

WORDS_OF_A_BADGE = 2

NAMED_SHARE = 0.5
"""Share of the best line's part of the window's title that one nearer to h1 must have to go before it."""

MOST = 0.4
"""Share of the window's title that a line must have to go before an h1."""

MOST_BEHIND = 2
"""A line that begins with a part of the window's title is at most so many times as long: a version, a badge follow."""

_RANKS = (
    {"h1": 0, "h2": 1, "h3": 2, "h4": 3}
    | dict.fromkeys(("div", "p", "td", "th", "dt", "header", "section", "center"), 4)
    | dict.fromkeys(("li", "dd"), 5)
)
"""Tag -> how far back it stands behind h1 as the heading of a page."""
LOWEST_HEADING = 3
"""Rank of h4; what stands behind it is no heading by its element."""

_PARTS = re.compile(r"\s{1,3}[-|–—·•:»«>/]{1,3}\s{1,3}|[_|｜»«]+|\s?[–—]{1,2}\s?|(?<=[^\x00-\x7f])-|-(?=[^\x00-\x7f])")
_MARKED = (
    "#title, #doc_title, #docTitle, .doc-title, .doc_title, .docTitle, .document-title, .article-title, .page-title, "
    ".title, [itemprop=headline], [itemprop=name]"
)
_TOLD = "meta[property='og:title'], meta[name=citation_title], meta[name='DC.title']"
"""What tells machines the title."""

_MARKED_SO = "div[class$=_title], div[class$=-title], h1[class*=title], h2[class*=title], p[class*=title]"
_OF_HOSTS = frozenset(("www", "com", "org", "net", "edu", "gov", "the", "and"))
_OF_SITES = (
    "网", "网站", "網", "網站", "平台", "门户", "中心", "文库", "图书馆", "图书館", "局", "署", "部", "厅", "处", "會",
    "会", "司", "院", "政府", "online", "library", "portal", "archive", "archives", "repository", "department",
    "university", "council", "ministry", "agency",
)  # fmt: skip
"""How names of sites end, in lower case."""

_STEP = re.compile(r"\S\s?[>›»]\s?\S")
_LATIN_WORD = re.compile(r"[a-z0-9]{3,}")
_CUT = re.compile(r"(?:\.{2,}|…+)$")


def marked_title(tree: LexborHTMLParser) -> str:
    """Return the text of the first element that the page calls a title, "" without one."""
    element = tree.css_first(_MARKED)
    if element is None and tree.css_first(_TOLD) is None:
        element = tree.css_first(_MARKED_SO)
    return short_text(element, LONGEST_HEADING) if element is not None else ""


def heading_of(
    lines: Sequence[Line], item_lines: Sequence[bool], head_title: str, host: str, marked: Callable[[], str]
) -> int | None:
    """Return the line of the main heading, the first where it is broken into lines; None where there is none.

    *head_title* is what stands in the window's title, *host* that of the page's URL; *item_lines* tells the lines of
    list items; *marked* is asked for what the page calls its title where nothing else tells.
    """
    index = _best_line(lines, item_lines, _WindowTitle(head_title, host), marked)
    if index is not None and lines[index].tag in ("h1", "h2"):
        while index and lines[index - 1].element == lines[index].element:
            index -= 1
    return index


def _best_line(
    lines: Sequence[Line], item_lines: Sequence[bool], title: _WindowTitle, marked: Callable[[], str]
) -> int | None:
    """Return the line that has most of the window's title, or is a heading by its element."""
    for index, line in enumerate(lines):
        if line.tag == "h1" and line.plain and not line.navigation and 2 * title.share_of(line) >= title.characters:
            return index  # most of the window's title: nothing has more
    first: int | None = None
    """The first h1 that is not the site's name, one that leads nowhere else before one that does."""
    first_is_linked = False
    best: dict[int, tuple[int, int]] = {}
    """Rank of tag -> (characters of the title that the line has, line)."""
    for index, line in enumerate(lines):
        rank = _RANKS.get(line.tag)
        if rank is None or line.navigation or not line.plain or len(line.plain) > LONGEST_HEADING:
            continue
        if rank and not title.may_have(line):
            continue
        if rank and item_lines[index] and (rank > LOWEST_HEADING or 2 * title.share_of(line) < title.characters):
            continue
        if rank > LOWEST_HEADING and line.anchors and _STEP.search(line.plain):
            continue  # the path to the page
        if rank > LOWEST_HEADING and (line.plain.endswith((":", "：")) or _is_of_a_label(lines, index)):
            continue
        if line.anchors and (
            _leads_home(line)
            or (rank > LOWEST_HEADING and line.linked * 2 > len(line.plain) and not title.is_of_file(line))
        ):
            continue  # the site's name, or a link to where the document is listed
        text = bare(line)
        if rank > LOWEST_HEADING and (_is_a_number(text) or text.lower() in FILES):
            continue
        if rank == 0 and not title.is_site(text):
            linked = line.linked * 2 > len(line.plain)
            if first is None or (first_is_linked and not linked):
                first, first_is_linked = index, linked
        if rank <= LOWEST_HEADING:
            named = title.share_of(line)
        else:
            named = max(title.share(text), title.share(_first(line)), title.share(_behind_day(line)))
        if named > best.get(rank, (0, 0))[0]:
            best[rank] = named, index
    named_h1, h1 = best.get(0, (0, first))
    others = max((named for rank, (named, _) in best.items() if rank), default=0)
    below = best.get(1)
    if h1 is not None and below is not None and 0 < below[1] - h1 <= 2 and below[0] > named_h1 > 0:
        # The kind of page, and below it the document's title: the window's has both.
        both = lines[h1].plain, lines[below[1]].plain
        return h1 if title.joins(*both) or title.explains(*both) else below[1]
    # An h1 that the window's title does not know may be the site's name, or a name that all its pages have.
    if h1 is not None and (others < title.characters * MOST or others <= 2 * named_h1):
        return h1
    best.pop(0, None)
    if not best and first is None:
        named_site = (index for index, line in enumerate(lines) if line.tag in _RANKS and title.is_site(bare(line)))
        site = next((index for index in named_site if _RANKS[lines[index].tag] <= LOWEST_HEADING), None)
        if site is None and title.number:
            site = _above_number(lines, item_lines, title.number)
        if site is None:
            site = _line_of(lines, squeezed(marked()))
        return site if site is not None else _above_labels(lines, item_lines)
    if not best:
        return first
    most = max(named for named, _ in best.values())
    chosen = next(index for _, (named, index) in sorted(best.items()) if named >= most * NAMED_SHARE)
    if first is not None and chosen < first and not named_h1 and squeezed(lines[chosen].plain) in title.all_parts:
        return first  # the name of all the site's pages stands above
    return chosen


def _above_number(lines: Sequence[Line], item_lines: Sequence[bool], number: str) -> int | None:
    """Return the first line above the document's *number* that is a heading by its element and leads nowhere.

    A page that the window's title calls by a number prints its title above, and the number among the attributes;
    or it heads the list of these with the title and a colon.
    """
    found: int | None = None
    for index, line in enumerate(lines):
        if number in line.plain and not line.navigation:
            return found if found is not None or not _heads_next(lines, index) else index - 1
        if found is None and line.tag in _HEADINGS and SHORTEST_NAMED <= len(line.plain) <= LONGEST_HEADING:
            found = None if line.anchors or line.navigation or item_lines[index] else index
    return None


def _heads_next(lines: Sequence[Line], index: int) -> bool:
    """Whether right above a line, in the same element, stands a text with a colon behind it, part of it set off."""
    above, line = lines[index - 1], lines[index]
    if not index or above.anchors or above.row or not above.plain.endswith((":", "：")) or SEPARATOR not in above.text:
        return False
    return 2 * SHORTEST_NAMED <= len(above.plain) <= LONGEST_HEADING and above.path[:-1] == line.path[:-1]


_LAST_NUMBER = re.compile(r"\s(\d{4,14}(?:-\d{2,14}){2,3})$")
"""A number in groups behind what the page is: Filing Documents for 0000990017-19-000012."""

_HEADINGS = frozenset(("h2", "h3", "h4"))

_SHORT_NUMBER = re.compile(r"[\d.,/-]*|.{1,4}")
"""A year, a part of a list: what more than one page is called by."""


def _is_a_number(text: str) -> bool:
    """Whether *text* is a number that documents go by: GB/T 45123-2024, CN307741903S."""
    return _is_code(text) or STANDARD.fullmatch(text) is not None


def _is_of_a_label(lines: Sequence[Line], index: int) -> bool:
    """Whether a table's cell is the value of a label beside it, other than the title's; so with a list's entries."""
    if index and lines[index].tag == "dd" and lines[index - 1].tag == "dt":
        return KNOWN.get(normal_label(lines[index - 1].plain), "title") != "title"
    if not (index and lines[index].row and lines[index - 1].row == lines[index].row):
        return False
    label = lines[index - 1].plain
    meaning = KNOWN.get(normal_label(label))
    is_label = meaning is not None or lines[index - 1].tag == "th" or label.endswith((":", "："))
    return meaning != "title" and is_label


def _leads_home(line: Line) -> bool:
    """Whether the line is a link to the front page, or begins with one."""
    href = line.anchors[0].href.strip().rstrip("/")
    if href and not (href.count("/") == 2 and "://" in href):
        return False
    text = line.anchors[0].text
    return line.linked * 2 > len(line.plain) or (len(text) > SHORTEST_NAMED and line.plain.startswith(text))


def _line_of(lines: Sequence[Line], title: str) -> int | None:
    """Return the line that *title* begins with, if it is long enough to be one."""
    for index, line in enumerate(lines):
        text = squeezed(line.plain)
        if len(text) > 2 * SHORTEST_NAMED and title.startswith(text) and not line.navigation:
            return index
    return None


def _above_labels(lines: Sequence[Line], item_lines: Sequence[bool]) -> int | None:
    """Return the line right above the first list of labels and values: old pages print the title in a row of it."""
    for index in range(1, len(lines) - ROWS_OF_A_LIST):
        line = lines[index - 1]
        below = lines[index : index + 2 * ROWS_OF_A_LIST]
        if line.tag not in _RANKS or not (_is_row_of_labels(lines[index]) or _begins_a_list(lines, index)):
            continue
        text = line.plain
        if any(known_meaning(label.plain) == "title" for label in below if _is_label_alone(label)):
            return None
        if line.anchors or line.navigation or item_lines[index - 1] or _STEP.search(text) or ":" in text[-1:]:
            return None
        return index - 1 if SHORTEST_NAMED <= len(text) <= LONGEST_HEADING else None
    return None


def _begins_a_list(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is the first of a document's labels, each in a line of its own."""
    if not _is_label_alone(lines[index]) or _is_label_alone(lines[index - 1]):
        return False
    labels = sum(map(_is_label_alone, lines[index : index + 2 * ROWS_OF_A_LIST]))
    return labels >= ROWS_OF_A_LIST and any(map(_states_documents, lines[index : index + ROWS_OF_A_DOCUMENT]))


def _is_row_of_labels(line: Line) -> bool:
    """Whether a line is several labels and values, the first of them when the document was published."""
    if len(line.plain) > LONGEST_HEADING or not ("：" in line.text or ":" in line.text):
        return False
    found = labels_in(line.text)
    return len(found) >= ROWS_OF_A_LIST - 1 and found[0].start == 0 and found[0].meaning in ("published", "uploaded")


ROWS_OF_A_LIST = 3
ROWS_OF_A_DOCUMENT = 30
"""Lines of a list of attributes among which one is of documents alone."""


def _is_label_alone(line: Line) -> bool:
    return 1 < len(line.plain) <= LONGEST_BADGE * 2 and line.plain.endswith((":", "：")) and not line.anchors


def _states_documents(line: Line) -> bool:
    """Whether a label is of a document: who wrote it, when it was published, how long it is."""
    return _is_label_alone(line) and known_meaning(line.plain) is not None


_OF_DOCUMENTS = frozenset(("pdf", "doc", "docx", "ps", "rtf", "odt", "epub"))
"""Files that a document's title leads to."""


class _WindowTitle:
    """The window's title, as lines are compared with it."""

    def __init__(self, text: str, host: str) -> None:
        printed = parts_of(text)
        parts = [squeezed(part) for part in printed]
        self.whole = squeezed(text)
        self.site = parts[-1] if len(parts) > 1 and len(parts[-1]) <= max(map(len, parts[:-1])) else ""
        if len(parts) > 1 and not _is_named_like(host, printed[-1]) and _names_site(printed, host):
            self.site = parts[0]
        self.all_parts = frozenset((self.whole, *parts))
        self.parts = [part for part in parts if len(part) >= 2 * SHORTEST_NAMED and part != self.site]
        self.cut = next((_CUT.sub("", part) for part in parts if _CUT.search(part)), "")

        self.number = next((part for part in printed if _is_a_number(part) and not _SHORT_NUMBER.fullmatch(part)), "")
        if not self.number and (grouped := _LAST_NUMBER.search(text)) is not None:
            self.number = grouped[1]
        self.characters = len(self.whole)
        self.text = text.casefold()

    def may_have(self, line: Line) -> bool:
        """Whether the line begins like a part of the title, or with a badge: a cheap look before `share`."""
        return line.plain[:SHORTEST_NAMED].casefold() in self.text or SEPARATOR in line.text

    def is_site(self, text: str) -> bool:
        """Whether *text* is the name of the site."""
        return squeezed(text) == self.site

    def is_of_file(self, line: Line) -> bool:
        """Whether a line that is a link has most of the title, from its beginning, and leads to the document's file."""
        text = squeezed(line.plain)
        begins = self.whole.startswith(text) and 2 * len(text) >= self.characters
        return begins and len(line.anchors) == 1 and file_ending(line.anchors[0].href) in _OF_DOCUMENTS

    def share_of(self, line: Line) -> int:
        """Return how many characters of the title *line* has, whole or in one of its elements."""
        whole = self.share(bare(line))
        if whole or SEPARATOR not in line.text:
            return whole
        return max(map(self.share, line.text.split(SEPARATOR)))

    def share(self, heading: str) -> int:
        """Return how many characters of the title *heading* has, 0 where it is not part of it."""
        text = squeezed(heading)
        if len(text) > 2 * LONGEST_HEADING or len(text) < SHORTEST_NAMED or text == self.site:
            return 0
        if text in self.whole:
            return len(text)
        stem = squeezed(ENDING.sub("", heading))
        if len(stem) >= SHORTEST_NAMED and stem in self.whole and stem != self.site:
            return len(stem)
        if len(self.cut) > 2 * SHORTEST_NAMED and text.startswith(self.cut):
            return len(self.cut)
        begun = (len(part) for part in self.parts if text.startswith(part))
        return max((length for length in begun if len(text) <= MOST_BEHIND * length), default=0)

    def explains(self, first: str, second: str) -> bool:
        """Whether the title begins with one heading and has the other behind it, in brackets: who decided the case."""
        return self.whole.startswith(squeezed(first)) and f"({squeezed(second)}" in self.whole

    def joins(self, first: str, second: str) -> bool:
        """Whether the title has two headings as a title and its subtitle: Who pays?: A history of bridges."""
        return f"{squeezed(first)}:{squeezed(second)}" in self.whole


def titled(line: Line, head_title: str, host: str) -> str:
    """Return the text of the heading *line*: of its elements the one that is in the window's title, if one is.

    "Item preview", "Title:" or a version stand beside it in the same element.
    """
    if SEPARATOR not in line.text:
        return bare(line)
    title = _WindowTitle(head_title, host)
    pieces = line.text.split(SEPARATOR)
    named = next((piece for piece in pieces if squeezed(piece) in title.parts), None)
    if named is not None and squeezed(line.plain) not in title.whole:
        others = [piece.strip() for piece in pieces if piece is not named]
        if all(len(piece) <= LONGEST_BADGE and len(piece.split()) <= WORDS_OF_A_BADGE for piece in others):
            return named.strip()  # Deposited, Open Access
    if title.share(bare(line)):
        return bare(line)
    most, piece = max(((title.share(piece), piece) for piece in pieces), key=lambda pair: pair[0])
    rest = len(line.plain) - len(piece)
    return piece if most and rest <= len(piece) else bare(line)


def _first(line: Line) -> str:
    """Return the first element of the line: a version or a badge may stand behind it."""
    return line.text.partition(SEPARATOR)[0]


def _behind_day(line: Line) -> str:
    """Return what stands behind a day in the same element: 1 October 2015 | Delocalization of eigenvectors; else ""."""
    day, parted, rest = line.text.partition(SEPARATOR)
    return rest if parted and SEPARATOR not in rest and _DAY.fullmatch(day.strip()) else ""


_DAY = re.compile(r"(?:\d{1,2} )?(?:[A-Z][a-z]{2,8}/?){1,2}(?: \d{1,2},)? (?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d")


def _is_code(text: str) -> bool:
    """Whether *text* is an identifier: one word with a digit."""
    return text.isascii() and " " not in text and any(map(str.isdecimal, text))


def bare(line: Line) -> str:
    """Return the text of a heading without badges such as VIP and NEW."""
    if SEPARATOR not in line.text and len(line.text) > LONGEST_BADGE:
        return line.text.strip()
    pieces = [piece.strip() for piece in line.text.split(SEPARATOR)]
    pieces = [p for p in pieces if p and (len(p) > LONGEST_BADGE or not (BADGES.match(p) or _COUNTER.match(p)))]
    text = (" " if all(piece.isascii() for piece in pieces) else "").join(pieces)
    return _QUOTED.sub(r'"\1"', text) if text.count('"') == 2 else text


_QUOTED = re.compile(r'" ([^"]*) "')
"""What stands in quotation marks, a link or the like."""


_COUNTER = re.compile(r"(?:被引|引用|下载|下載|浏览|瀏覽|阅读|閱讀|点击|點閱)(?:量|次数|次數)?[:：]\s?\d{1,7}\Z")
"""How often others cited it, beside the title: 被引量：5."""


@lru_cache(maxsize=64)
def parts_of(head_title: str) -> Sequence[str]:
    """Return what the window's title is made of: the heading, the category, the site's name.

    >>> parts_of("Waste plan 2023 - Reports | Example Library")
    ('Waste plan 2023', 'Reports', 'Example Library')
    """
    return tuple(part for piece in _PARTS.split(head_title) if (part := piece.strip()))


def _names_site(parts: Sequence[str], host: str) -> bool:
    """Whether the first part of a window's title is the site's name and the last is not."""
    first, last = parts[0].lower(), parts[-1].lower()
    return _is_named_like(host, parts[0]) or (first.endswith(_OF_SITES) and not last.endswith(_OF_SITES))


def _is_named_like(host: str, name: str) -> bool:
    """Whether a site at *host* may be called *name*: the host has most of its letters, in words."""
    words = [word for word in _LATIN_WORD.findall(name.casefold()) if word not in _OF_HOSTS]
    if not words:
        return False
    named = sum(len(word) for word in words if word in host)
    begins = len(words[0]) > SHORTEST_NAMED and words[0] in host
    return begins or (2 * named > sum(map(len, words)) and named >= SHORTEST_NAMED)


def squeezed(text: str) -> str:
    """Return *text* without blanks and case, as titles are compared."""
    return "".join(text.split()).casefold()
