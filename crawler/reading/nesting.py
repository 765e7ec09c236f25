"""Bounds on the markup that reaches the parser.

The parser's time grows with the square of the depth (200,000 nested divs take 80 s), and a formatting element left open
is opened again in every paragraph behind it, so that a small page can become a large tree.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import count

MAX_CHARACTERS = 4_000_000
"""Characters of a page that are read."""

SMALL_PAGE_TAGS = 2_000
SMALL_PAGE_CHARACTERS = 60_000
"""A page with less of both, and no long tag, cannot cost much; a page of 36 KB has about 500 tags."""

MAX_NESTING = 256
"""Elements open at a time; pages of this field stay below 60."""

MAX_TAGS = 400_000
"""Tags of a page that reach the parser, whose tree takes half a kilobyte an element: those of all nodes that are looked
at, a beginning and an end each."""

MAX_FORMATTING = 8
"""Formatting elements open at a time; one dropped costs no text."""

LONG_TAG = 8_000
MAX_ATTRIBUTES = 1_000
"""Attributes of one tag; the parser compares each with all before it. Only tags longer than LONG_TAG characters have
more."""

_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{LONG_TAG}}}")
_TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s/>]*+)"
    r"""(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+)*+>?+"""
)
"""A tag as the parser delimits it (HTML standard, section 13.2.5)."""

_TOKEN = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+>?+|</[^a-zA-Z>][^>]*+>?+|" + _TAG.pattern, re.DOTALL)
"""A comment, what the parser takes for one (section 13.2.5.41), or a tag."""

_TEXT_ONLY = {
    name: re.compile(rf"</{name}(?=[\s/>]|\Z)", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "iframe", "xmp", "noembed", "noframes", "plaintext")
}
"""Elements in which `<` begins no tag, and where each ends; in drawings and formulas they are elements like others."""

_LIST_ITEMS = {"li": "list", "dd": "terms", "dt": "terms"}
"""Elements that end each other, of one kind of list: those of two kinds in turn nest."""

MAX_OPTIONS = 4_000
"""Choices of all lists of a page; for each the parser looks through those before."""

MAX_HIDDEN = 2_000
"""Tags inside scripts, comments and the like up to which it does not matter if the parser sees them otherwise."""

_DRAWN = frozenset(
    {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "use", "g", "svg", "stop", "image", "symbol"}
)
"""Elements of drawings: ended in their own tag they hold no text, but outside of a drawing they would nest."""

_ATTRIBUTE = re.compile(r"""(?<![\s/"'])[\s/"']++[^\s/"']""")
_FORMATTING = frozenset(
    {"b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)  # fmt: skip
_SELF_ENDING = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
     "p", "li", "dt", "dd", "option", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup",
     "a", "html", "head", "body"}
)  # fmt: skip
"""Void elements, and those that end where the next one of their kind begins: they do not nest by themselves."""


def bounded(text: str) -> tuple[str, bool]:
    """Return *text* such that the parser reads it in time linear in its length, and whether anything was taken out.

    Only tags are taken out, never text, unless the page is longer than MAX_CHARACTERS.
    """
    cut = len(text) > MAX_CHARACTERS
    if cut:
        text = text[:MAX_CHARACTERS]
    if len(text) < SMALL_PAGE_CHARACTERS and text.count("<") < SMALL_PAGE_TAGS and not _has_long_tag(text):
        return text, cut
    return _flattened(text, cut)


def _has_long_tag(text: str) -> bool:
    """Whether a tag is longer than LONG_TAG: then half as long a stretch of the text has neither `<` nor `>`."""
    half = LONG_TAG // 2
    return any(
        text.find("<", start, start + half) < 0
        and text.find(">", start, start + half) < 0
        and _is_long_tag(text, text.rfind("<", 0, start))
        for start in range(0, len(text) - half, half)
    )


def _is_long_tag(text: str, start: int) -> bool:
    """Whether the `<` at *start*, -1 for none, begins a tag that is longer than LONG_TAG."""
    return start >= 0 and _LONG_TAG.match(text, start) is not None


def _flattened(text: str, cut: bool) -> tuple[str, bool]:
    """Return *text* without what nests too deep; once more, believing no script or comment, if they hide much.

    Which elements hold text only depends on where they stand, and the parser knows that better.
    """
    flattener = _Flattener(text, MAX_NESTING, believing=True)
    flat = flattener.run()
    cut = cut or flattener.cut
    if flattener.hidden > MAX_HIDDEN:
        flattener = _Flattener(flat, MAX_HIDDEN, believing=False)
        flat = flattener.run()
        cut = cut or flattener.cut
    return flat, cut


class _Flattener:
    """One pass over the tags of a page."""

    def __init__(self, text: str, max_nesting: int, *, believing: bool) -> None:
        self.text = text
        self.max_nesting = max_nesting
        self.believing = believing
        """Whether what stands in scripts, comments and the like is passed over."""
        self.cut = False
        self.hidden = 0
        """Tags that were passed over."""
        self._open: Counter[str] = Counter()
        self._nesting = self._formatting = self._options = 0
        self._items: str | None = None
        """The kind of list that the last item belongs to, until another element begins or ends."""
        self._kept: list[str] = []
        self._start = 0

    def run(self) -> str:
        """Return the text with the tags taken out that are too many."""
        at = 0
        token = _TOKEN if self.believing else _TAG
        for number in count(1):
            match = token.search(self.text, at)
            if match is None:
                break
            at = match.end()
            if number > MAX_TAGS:
                self.text, self.cut = self.text[: match.start()], True
                break
            if match[2] is None:  # a comment
                self.hidden += match[0].count("<") - 1
                continue
            name = match[2].lower()
            if match.end() - match.start() > LONG_TAG and len(_ATTRIBUTE.findall(match[0])) > MAX_ATTRIBUTES:
                self._take_out(match)
                self.cut = True
            elif self._is_text_only(name) and not match[1]:
                end = _TEXT_ONLY[name].search(self.text, at)
                stop = end.start() if end is not None else len(self.text)
                self.hidden += self.text.count("<", at, stop)
                at = stop
            elif name in _SELF_ENDING and not self._nests(name, match):
                continue
            elif match[1]:
                self._end(name)
            else:
                self._begin(name, match)
        self._kept.append(self.text[self._start :])
        return "".join(self._kept)

    def _is_text_only(self, name: str) -> bool:
        return self.believing and name in _TEXT_ONLY and not self._open["svg"] and not self._open["math"]

    def _nests(self, name: str, match: re.Match[str]) -> bool:
        """Whether an element that ends by itself does not here: an item of another list than the last one."""
        if name == "option" and not match[1]:
            self._options += 1
            if self._options > MAX_OPTIONS:
                self._take_out(match)
                self.cut = True
        kind = _LIST_ITEMS.get(name)
        if kind is None or match[1]:
            return False
        nests = self._items is not None and self._items != kind
        self._items = kind
        return nests

    def _end(self, name: str) -> None:
        self._items = None
        if self._open[name]:
            self._open[name] -= 1
            if name in _FORMATTING:
                self._formatting -= 1
            else:
                self._nesting -= 1

    def _begin(self, name: str, match: re.Match[str]) -> None:
        if name not in _LIST_ITEMS:
            self._items = None
        if match[0].endswith("/>") and name in _DRAWN:
            self._take_out(match)
        elif name in _FORMATTING:
            if self._formatting >= MAX_FORMATTING:
                self._take_out(match)
            else:
                self._open[name] += 1
                self._formatting += 1
        elif self._nesting >= self.max_nesting:
            self._take_out(match)
            self.cut = True
        else:
            self._open[name] += 1
            self._nesting += 1

    def _take_out(self, match: re.Match[str]) -> None:
        self._kept.append(self.text[self._start : match.start()])
        self._start = match.end()
