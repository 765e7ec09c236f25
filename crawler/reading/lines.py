"""One walk over the page: block lines in document order, with their links and the elements around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_NODES = 60_000
"""Nodes looked at; a page of 36 KB has about 800."""

MAX_DEPTH = 400

BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "summary", "caption"]
)
SKIPPED = frozenset(
    ["script", "style", "noscript", "template", "select", "textarea", "svg", "math", "iframe", "object", "video", "audio", "canvas", "head", "button"]
)
NAVIGATION = frozenset(("nav", "footer"))
LINE_BREAKS = frozenset(("br", "hr"))
SEPARATOR = "\x01"
"""Stands between two inline elements of a line."""

_AROUND_SEPARATOR = re.compile(f" *{SEPARATOR}[ {SEPARATOR}]*")


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
    """Identities of the block elements around, outermost first, its own last."""
    row: int
    """Identity of the table row around, 0 outside of tables."""
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
    """Return the page's lines, and whether the page was cut short because it has too many nodes or is too deep."""
    body = tree.body
    if body is None:
        return [], False
    return _Walk().run(body)


class _Walk:
    """The state of one walk: which elements are open, what has been collected of the present line."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.cut = False
        self._blocks: list[tuple[str, int]] = [("body", 0)]
        self._path: tuple[int, ...] = ()
        self._rows: list[int] = [0]
        self._navigation = 0
        self._pieces: list[str] = []
        self._anchors: list[Anchor] = []
        self._linked = 0
        self._in_anchor = False

    def run(self, body: LexborNode) -> tuple[list[Line], bool]:
        """Walk without recursion: a page may be nested 200,000 levels deep."""
        open_elements: list[tuple[LexborNode, str]] = []
        node = body.child
        for _ in range(MAX_NODES):
            while node is None:
                if not open_elements:
                    self._end_line()
                    return self.lines, self.cut
                parent, tag = open_elements.pop()
                self._leave(tag)
                node = parent.next
            tag = node.tag
            if tag == "-text":
                self._text(node.text_content)
            elif tag in LINE_BREAKS:
                self._end_line()
            elif tag not in SKIPPED and tag != "-comment" and tag is not None:
                child = node.child
                if child is not None and len(open_elements) < MAX_DEPTH:
                    self._enter(node, tag)
                    open_elements.append((node, tag))
                    node = child
                    continue
                self.cut = self.cut or child is not None
                self._empty(tag)
            node = node.next
        self._end_line()
        return self.lines, True

    def _text(self, text: str | None) -> None:
        if text:
            self._pieces.append(text)
            if self._in_anchor:
                self._anchors[-1].text += text
                self._linked += len(text)

    def _enter(self, node: LexborNode, tag: str) -> None:
        if tag in BLOCKS:
            self._end_line()
            identity = node.mem_id
            self._blocks.append((tag, identity))
            self._path = (*self._path, identity)
            if tag == "tr":
                self._rows.append(identity)
            elif tag in NAVIGATION:
                self._navigation += 1
            return
        if self._pieces:
            self._pieces.append(SEPARATOR)
        if tag == "a" and not self._in_anchor:
            attributes = node.attributes
            href = attributes.get("href")
            if href:
                self._anchors.append(Anchor(href, "", attributes.get("title") or "", attributes.get("rel") or ""))
                self._in_anchor = True

    def _leave(self, tag: str) -> None:
        if tag in BLOCKS:
            self._end_line()
            self._blocks.pop()
            self._path = self._path[:-1]
            if tag == "tr":
                self._rows.pop()
            elif tag in NAVIGATION:
                self._navigation -= 1
            return
        if tag == "a" and self._in_anchor:
            self._anchors[-1].text = " ".join(self._anchors[-1].text.split())
            self._in_anchor = False
        self._pieces.append(SEPARATOR)

    def _empty(self, tag: str) -> None:
        if tag in BLOCKS:
            self._end_line()

    def _end_line(self) -> None:
        pieces, anchors = self._pieces, self._anchors
        if not pieces and not anchors:
            return
        text = " ".join("".join(pieces).split())
        plain = spaced = text
        if SEPARATOR in text:
            text = _AROUND_SEPARATOR.sub(SEPARATOR, text).strip(SEPARATOR + " ")
            plain = text.replace(SEPARATOR, "")
            spaced = text.replace(SEPARATOR, " ")
        if text or anchors:
            tag, element = self._blocks[-1]
            self.lines.append(
                Line(
                    tag,
                    element,
                    self._path,
                    self._rows[-1],
                    self._navigation > 0,
                    text,
                    anchors,
                    self._linked,
                    plain,
                    spaced,
                )
            )
        self._pieces = []
        self._anchors = anchors[-1:] if self._in_anchor and anchors else []
        self._linked = 0
