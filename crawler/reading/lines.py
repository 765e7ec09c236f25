"""One walk over the page: block lines in document order, with their links and the elements around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_NODES = 200_000
"""Elements and texts looked at; a page of 36 KB has about 450."""

MAX_LINES = 15_000
MAX_DEPTH = 100
"""Blocks around one line that are told apart; what is nested deeper counts as part of the hundredth."""

BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt",
     "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "li",
     "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
     "summary", "caption"}
)  # fmt: skip
SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "select", "textarea", "svg", "math",
     "iframe", "object", "video", "audio", "canvas", "button")
)  # fmt: skip
NAVIGATION = frozenset(("nav", "footer"))
_LEAVES = BLOCKS - NAVIGATION - {"tr"}
"""Blocks that tell nothing of the lines in them but their own name."""

MAX_SCRIPT = 300
"""Characters of a link's script that are looked at."""

_ESCAPED = re.compile(r"\\(?:u0026|x26)", re.IGNORECASE)
"""An ampersand, as scripts write it."""

_TELLING = frozenset(("title", "aria-label", "class", "rel"))
"""Attributes that say something of a link besides where it leads."""

LONGEST_ARROW = 24
_ARROW = re.compile(
    r"(?:next|prev(?:ious)?)(?: page)?\Z|(?:nächste|vorherige)(?: seite)?\Z|(?:page )?(?:suivante|précédente)\Z|"
    r"(?:página )?(?:siguiente|anterior)\Z|[下上前后後]一?[页頁]\Z",
    re.IGNORECASE,
)

_QUOTED_URL = re.compile(
    r"""['"]((?:https?:/)?/[^'"\s]+|[\w\-./]{1,200}\.(?:s?html?|php|aspx?|jsp|do)(?:\?[^'"\s]*)?|\?[\w]+=[^'"\s]*)['"]"""
)
"""A URL inside a script, absolute or relative."""

SEPARATOR = "\x01"
"""Stands between two inline elements of a line."""

_EMPTY = SEPARATOR * 2

_LEAF, _OPEN, _BREAK, _INLINE, _ANCHOR, _SKIP, _TEXT = range(7)
"""Kinds of elements; those up to _OPEN are blocks, those up to _BREAK end the line before them."""

_KINDS = (
    dict.fromkeys(BLOCKS, _OPEN)
    | dict.fromkeys(_LEAVES, _LEAF)
    | dict.fromkeys(SKIPPED, _SKIP)
    | {"-comment": _SKIP, "head": _SKIP, "br": _BREAK, "hr": _BREAK, "a": _ANCHOR, "-text": _TEXT}
    | dict.fromkeys(
        ("img", "input", "wbr", "area", "col", "embed", "source", "track", "param", "meta", "link", "base"), _SKIP
    )
)


@dataclass(slots=True)
class Anchor:
    """A link."""

    href: str
    text: str
    title: str
    """What stands in its title or aria-label, else its class if that names it: what an icon shows."""
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


class Lines(NamedTuple):
    """The lines of a page."""

    lines: list[Line]
    passed_over: frozenset[str]
    """Tags of the elements that are no text: input, script, ..."""
    cut: bool
    """Whether the page was cut short because it has too many nodes or is too deep."""


def lines_of(tree: LexborHTMLParser) -> Lines:
    """Return the lines of the page's body.

    One loop without recursion: this is the hot path of reading, and a page may be nested deep.
    """
    lines: list[Line] = []
    body = tree.body
    node = body.first_child if body is not None else None
    outer: list[tuple[LexborNode, int, str, tuple[int, ...], int, bool]] = []
    block, row, navigation = "body", 0, False
    path: tuple[int, ...] = (0,)
    cut = False
    footers = 0
    pieces: list[str] = []
    anchors: list[Anchor] = []
    linked = 0
    anchor: Anchor | None = None
    passed_over: set[str] = set()
    kind_of = _KINDS.get
    for number in range(1, MAX_NODES):
        if node is None:
            while node is None and outer:
                node, kind, tag, before, row_before, navigation_before = outer.pop()
                if kind <= _OPEN:
                    if pieces or anchors:
                        _end_line(lines, block, path, row, navigation, pieces, anchors, linked)
                        pieces, anchors, linked = [], [] if anchor is None else [anchor], 0
                    block, path, row, navigation = tag, before, row_before, navigation_before
                else:
                    if kind == _ANCHOR and anchor is not None:
                        anchor.text = " ".join(anchor.text.split())
                        if not anchor.text and not anchor.title:
                            anchor.title = _pictured(node)
                        anchor = None
                    if pieces and pieces[-1] is not SEPARATOR:
                        pieces.append(SEPARATOR)
                node = node.next
            if node is None:
                break
        tag = node.tag or ""
        kind = kind_of(tag, _INLINE)
        if kind >= _SKIP:
            if kind == _SKIP:
                passed_over.add(tag)
            elif (text := node.text_content) and (pieces or not text.isspace()):
                pieces.append(text)
                if anchor is not None:
                    anchor.text += text
                    linked += len(text)
            node = node.next
            continue
        child = node.first_child
        if kind <= _BREAK:
            if pieces or anchors:
                _end_line(lines, block, path, row, navigation, pieces, anchors, linked)
                pieces, anchors, linked = [], [] if anchor is None else [anchor], 0
        elif pieces and pieces[-1] is not SEPARATOR:
            pieces.append(SEPARATOR)
        if child is None:
            if kind == _ANCHOR and anchor is None:  # laid over what it links
                empty = _anchor(node)
                if empty is not None and (empty.title or empty.href[:1] != "#"):
                    anchors.append(empty)
            node = node.next
            continue
        # Most cells, items, links and spans hold a text, or a link, and nothing else: they need no step into them and
        # out again.
        if anchor is None and child.next is None:
            if (text := child.text_content) is not None:
                if kind == _ANCHOR:
                    if (alone := _anchor(node, " ".join(text.split()))) is not None:
                        anchors.append(alone)
                    if pieces or not text.isspace():
                        pieces += (text, SEPARATOR)
                        if alone is not None:
                            linked += len(text)
                    node = node.next
                    continue
                if kind > _OPEN:
                    if pieces or not text.isspace():
                        pieces += (text, SEPARATOR)
                    node = node.next
                    continue
                if kind == _LEAF and len(path) <= MAX_DEPTH and len(lines) < MAX_LINES:
                    plain = " ".join(text.split())
                    if SEPARATOR in plain:
                        _end_line(lines, tag, (*path, number), row, navigation, [text], [], 0)
                    elif plain:
                        lines.append(Line(tag, number, (*path, number), row, navigation, plain, [], 0, plain, plain))
                    node = node.next
                    continue
            elif kind == _LEAF and child.tag == "a" and (only := child.first_child) is not None and only.next is None:
                text = only.text_content
                if text is not None and len(path) <= MAX_DEPTH and len(lines) < MAX_LINES:
                    plain = " ".join(text.split())
                    alone = _anchor(child, plain)
                    anchors = [] if alone is None else [alone]
                    said = len(text) if anchors and plain else 0
                    if SEPARATOR in plain:
                        _end_line(lines, tag, (*path, number), row, navigation, [text], anchors, said)
                    elif plain or anchors:
                        lines.append(
                            Line(tag, number, (*path, number), row, navigation, plain, anchors, said, plain, plain)
                        )
                    anchors = []
                    node = node.next
                    continue
        outer.append((node, kind, block, path, row, navigation))
        if kind <= _OPEN:
            if len(lines) >= MAX_LINES:
                break
            if len(path) <= MAX_DEPTH:
                block = tag
                path = (*path, number)
            else:
                cut = True
            if kind == _OPEN and tag == "tr":
                row = number
            elif kind == _OPEN:
                footers += tag == "footer"
                if tag != "footer" or footers > MOST_FOOTERS or not _is_of_article(node):
                    navigation = True
        elif kind == _ANCHOR and anchor is None:
            anchor = _anchor(node)
            if anchor is not None:
                anchors.append(anchor)
        node = child
    if pieces or anchors:
        _end_line(lines, block, path, row, navigation, pieces, anchors, linked)
    return Lines(lines, frozenset(passed_over), cut or node is not None)


def _is_of_article(footer: LexborNode) -> bool:
    """Whether a footer ends the article that the page's heading stands in: who wrote it, and when."""
    node = footer.parent
    for _ in range(MOST_AROUND):
        if node is None or node.tag == "body":
            return False
        if node.tag == "article":
            return node.css_first("h1") is not None
        node = node.parent
    return False


MOST_FOOTERS = 20
"""Footers of a page whose article is looked for."""

MOST_AROUND = 6
"""Elements around a footer in which its article is looked for."""


def _anchor(node: LexborNode, text: str = "") -> Anchor | None:
    attributes = node.attributes
    href = attributes.get("href") or ""
    if not href or href[0] in "#jJ":
        if not href or href[0] == "#" or href[:11].lower() == "javascript:":
            href = _scripted(href, attributes) or href
        if not href:
            return None
    if _TELLING.isdisjoint(attributes):
        return Anchor(href, text, "", "")
    title = attributes.get("title") or attributes.get("aria-label") or ""
    if not title and (called := attributes.get("class")) and "next" in called.lower():
        title = "next"
    return Anchor(href, text, title, attributes.get("rel") or "")


def _pictured(node: LexborNode) -> str:
    """Return what the picture that is a link's content is called, if it is an arrow of a pager: alt="next"."""
    child = node.first_child
    while child is not None and child.tag == "-text":
        child = child.next
    called = child.attributes.get("alt") or "" if child is not None and child.tag == "img" else ""
    return called if len(called) <= LONGEST_ARROW and _ARROW.match(called) else ""


def _scripted(href: str, attributes: Mapping[str, str | None]) -> str:
    """Return the URL that a script goes to when the link is followed, if the link itself says so."""
    for name in ("data-href", "data-url", "data-link", "data-downloadurl", "data-download-url"):
        if url := attributes.get(name):
            return url
    for script in (attributes.get("onclick"), href[11:]):
        if script and (url := url_in(script)):
            return url
    return ""


def url_in(script: str | None) -> str:
    """Return the first URL in quotation marks in a control's *script*, "" without one.

    >>> url_in("parent.location='/list?start=80&count=40'")
    '/list?start=80&count=40'
    """
    match = _QUOTED_URL.search(script[:MAX_SCRIPT]) if script else None
    return _ESCAPED.sub("&", match[1]) if match is not None else ""


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
    joined = pieces[0] if len(pieces) == 1 else "".join(pieces)
    words = joined.split()
    if SEPARATOR not in joined:
        text = plain = spaced = words[0] if len(words) == 1 else " ".join(words)
    elif len(words) == 1 and _EMPTY not in joined:
        text = words[0].strip(SEPARATOR)
        plain, spaced = text.replace(SEPARATOR, ""), text.replace(SEPARATOR, " ")
    else:
        text = SEPARATOR.join([part for piece in joined.split(SEPARATOR) if (part := " ".join(piece.split()))])
        plain = " ".join(joined.replace(SEPARATOR, "").split())
        spaced = " ".join(joined.replace(SEPARATOR, " ").split())
    if text or anchors:
        lines.append(Line(block, path[-1], path, row, navigation, text, anchors, linked, plain, spaced))


def width(text: str) -> int:
    """Return how much a text says: a Chinese character as much as two letters."""
    return len(text) if text.isascii() else (len(text) + len(text.encode("utf-8", "replace"))) // 2


def widths(texts: Iterable[str]) -> list[int]:
    """Return the width of each of *texts*."""
    return [len(text) if text.isascii() else (len(text) + len(text.encode("utf-8", "replace"))) // 2 for text in texts]
