"""One walk over the page: block lines in document order, with their links and the elements around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from selectolax.lexbor import LexborHTMLParser

MAX_CHARACTERS = 4_000_000
"""Characters of a page's body looked at."""

MAX_TOKENS = 150_000
"""Tags looked at; a page of 36 KB has about 500."""

MAX_LINES = 15_000
MAX_DEPTH = 100
"""Blocks around one line that are told apart; what is nested deeper counts as part of the hundredth."""

BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt",
     "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "li",
     "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
     "summary", "caption"}
)  # fmt: skip
SKIPPED = "script style noscript template select textarea svg math iframe object video audio canvas button"
NAVIGATION = frozenset(("nav", "footer"))
SEPARATOR = "\x01"
"""Stands between two inline elements of a line."""

_AROUND_SEPARATOR = re.compile(f" *{SEPARATOR}[ {SEPARATOR}]*")
_TOKEN = re.compile(
    r"<(?:!--(?s:.*?)(?:-->|\Z)"
    rf"|({SKIPPED.replace(' ', '|')})(?=[\s>])(?s:.*?)(?:</\1\s*>|\Z)"
    r'|(/?[a-z][^\s>]*+)([^">]*+(?:"[^"]*+"[^">]*+)*+)(?:>|"[^"]*+\Z|\Z)'
    r"|)([^<]*+)"
)
"""A tag, or an element that is passed over, and the text up to the next one. Every branch takes what it has looked at,
so that reading is linear whatever the page holds."""

_VOID, _CLOSE, _OPEN, _BREAK, _INLINE, _ANCHOR, _ANCHOR_END = range(7)
_KINDS = (
    dict.fromkeys(BLOCKS, _OPEN)
    | {"/" + tag: _CLOSE for tag in BLOCKS}
    | {"br": _BREAK, "hr": _BREAK, "a": _ANCHOR, "/a": _ANCHOR_END, "": _VOID, "/body": _VOID, "body": _VOID}
    | dict.fromkeys(
        ["img", "input", "wbr", "area", "col", "embed", "source", "track", "param", "meta", "link", "base"], _VOID
    )
)


@dataclass(slots=True)
class Anchor:
    """A link."""

    href: str
    text: str
    title: str
    rel: str


@dataclass(slots=True)
class Line:
    """The text of one block element up to the next block or line break."""

    tag: str
    element: int
    path: tuple[int, ...]
    """Numbers of the block elements around, outermost first, its own last."""
    row: int
    """Number of the table row around, 0 outside of tables."""
    navigation: bool
    text: str = ""
    """White space collapsed; SEPARATOR where one inline element ends and another begins."""
    anchors: list[Anchor] = field(default_factory=list)
    linked: int = 0
    """Characters inside links."""
    plain: str = ""
    """The text without separators."""
    spaced: str = ""
    """The text with spaces in the place of separators."""


def lines_of(tree: LexborHTMLParser) -> tuple[list[Line], bool]:
    """Return the page's lines, and whether the page was cut short because it has too many tags or is too deep.

    The parsed page is written out again by the parser and read as a row of tags and texts: tags are closed and
    attributes quoted then, and reading 500 tags is quicker than visiting 800 nodes from Python.
    """
    body = tree.body
    html = (body.html or "") if body is not None else ""
    cut = len(html) > MAX_CHARACTERS
    if len(html) < MAX_TOKENS:
        lines, stopped = _read(_TOKEN.findall(html))
    else:
        found = list(islice(_TOKEN.finditer(html, 0, MAX_CHARACTERS), MAX_TOKENS))
        cut = cut or len(found) == MAX_TOKENS
        lines, stopped = _read([(m[1] or "", m[2] or "", m[3] or "", m[4]) for m in found])
    return lines, cut or stopped


def _read(tokens: Sequence[tuple[str, str, str, str]]) -> tuple[list[Line], bool]:
    """Read all tokens, each (skipped element, tag, attributes, text behind it), in one loop without recursion.

    One function, because calls would cost more than what they do: this is the hot path of reading.
    """
    lines: list[Line] = []
    outer: list[tuple[str, tuple[int, ...], int, bool]] = []
    block, row, navigation = "body", 0, False
    path: tuple[int, ...] = (0,)
    too_deep = 0
    cut = False
    pieces: list[str] = []
    anchors: list[Anchor] = []
    linked = 0
    anchor: Anchor | None = None
    kind_of = _KINDS.get
    for number, (_, tag, attributes, text) in enumerate(tokens, 1):
        kind = kind_of(tag, _INLINE)
        if kind is not _VOID:
            if kind >= _INLINE:
                if kind is _ANCHOR:
                    if anchor is None and ' href="' in attributes:
                        anchor = _anchor(attributes)
                        anchors.append(anchor)
                elif kind is _ANCHOR_END and anchor is not None:
                    anchor.text = " ".join(anchor.text.split())
                    anchor = None
                if pieces and pieces[-1] is not SEPARATOR:
                    pieces.append(SEPARATOR)
            else:
                if pieces or anchors:
                    _end_line(lines, block, path, row, navigation, pieces, anchors, linked)
                    pieces = []
                    anchors = [anchor] if anchor is not None else []
                    linked = 0
                if kind is _OPEN:
                    if len(outer) < MAX_DEPTH:
                        outer.append((block, path, row, navigation))
                        block = tag
                        path = (*path, number)
                        if tag == "tr":
                            row = number
                        elif tag in NAVIGATION:
                            navigation = True
                    else:
                        too_deep += 1
                        cut = True
                elif kind is _BREAK:
                    pass
                elif too_deep:
                    too_deep -= 1
                elif outer:
                    block, path, row, navigation = outer.pop()
                    if len(lines) >= MAX_LINES:
                        return lines, True
        if text and (pieces or not text.isspace()):
            if "&" in text:
                text = _unescaped(text)
            pieces.append(text)
            if anchor is not None:
                anchor.text += text
                linked += len(text)
    if pieces or anchors:
        _end_line(lines, block, path, row, navigation, pieces, anchors, linked)
    return lines, cut


def _anchor(attributes: str) -> Anchor:
    href, title, rel = _attribute(' href="', attributes), "", ""
    if ' title="' in attributes:
        title = _attribute(' title="', attributes)
    if ' rel="' in attributes:
        rel = _attribute(' rel="', attributes)
    if "&" in attributes:
        href, title = _unescaped(href), _unescaped(title)
    return Anchor(href, "", title, rel)


def _attribute(start: str, attributes: str) -> str:
    return attributes.partition(start)[2].partition('"')[0]


def _end_line(
    lines: list[Line],
    block: str,
    path: tuple[int, ...],
    row: int,
    navigation: bool,
    pieces: list[str],
    anchors: list[Anchor],
    linked: int,
) -> None:
    if pieces and pieces[-1] is SEPARATOR:
        pieces.pop()
    if len(pieces) == 1:
        text = plain = spaced = " ".join(pieces[0].split())
    else:
        text = " ".join("".join(pieces).split())
        plain = spaced = text
        if SEPARATOR in text:
            text = _AROUND_SEPARATOR.sub(SEPARATOR, text).strip(SEPARATOR + " ")
            plain = text.replace(SEPARATOR, "")
            spaced = text.replace(SEPARATOR, " ")
    if text or anchors:
        lines.append(Line(block, path[-1], path, row, navigation, text, anchors, linked, plain, spaced))


def _unescaped(text: str) -> str:
    """Undo what the parser escapes when it writes a page out."""
    return (
        text.replace("&nbsp;", "\xa0")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", '"')
        .replace("&amp;", "&")
    )
