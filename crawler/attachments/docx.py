"""What a DOCX says: text, tables, headings, properties.

python-docx opens the package; the body is walked once here, since its `cells` and `style` look up again for every cell
and paragraph (a table of 20,000 rows never ended).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from lxml import etree

from crawler.attachments.facts import FileFacts
from crawler.attachments.limits import Limits
from crawler.attachments.office import open_package, properties_of, related
from crawler.attachments.plain import Lines, one_line
from crawler.attachments.refusal import FileRefused, Refusal

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_HEADING_NAME = re.compile(r"(?:heading|标题|標題|見出し|überschrift|titre)\s*[1-9]|title|标题|標題", re.IGNORECASE)
_LONGEST_CHAIN = 11
"""Styles based on styles that are followed: Word allows eleven."""

_CHARACTERS_A_PAGE = 6_000
"""More than a page holds: Word's stated page count is older than the text where every page would have more."""


def read_docx(data: bytes, limits: Limits) -> FileFacts:
    """Return what the document says.

    Raises whatever python-docx and lxml raise on damaged packages; time and memory are for the child to limit.
    """
    package = open_package(data)
    stated = properties_of(package, "docx", limits)
    part = related(package, RELATIONSHIP_TYPE.OFFICE_DOCUMENT)
    if part is None:
        raise FileRefused(Refusal.DAMAGED, "the package has no main document")
    body = _Body(limits, _heading_styles(part))
    body.walk(part.element)
    text = body.lines.text()
    flags = ["file_text_cut"] if body.lines.is_cut else []
    if stated.pages and body.lines.characters > stated.pages * _CHARACTERS_A_PAGE:
        flags.append("file_pages_doubtful")
    return FileFacts(
        size_bytes=len(data),
        format="docx",
        pages=stated.pages,
        pages_stated_by="app.xml" if stated.pages else None,
        title=stated.title,
        author=stated.author,
        created=stated.created,
        modified=stated.modified,
        headings=tuple(body.headings),
        text=text,
        tables=body.tables,
        flags=tuple(flags),
    )


def _heading_styles(part: Any) -> frozenset[str]:
    """Return the ids of paragraph styles that make headings: by name, by outline level, or by what they build on."""
    styles = getattr(related(part, RELATIONSHIP_TYPE.STYLES), "element", None)
    if styles is None:
        return frozenset()
    bases: dict[str, str | None] = {}
    found: set[str] = set()
    for style in styles.iter(f"{_W}style"):
        style_id = style.get(f"{_W}styleId")
        if style_id is None or style.get(f"{_W}type", "paragraph") != "paragraph":
            continue
        bases[style_id] = _value(style.find(f"{_W}basedOn"))
        name = _value(style.find(f"{_W}name")) or ""
        level = _value(style.find(f"{_W}pPr/{_W}outlineLvl"))
        if _HEADING_NAME.fullmatch(name.strip()) or _is_level(level):
            found.add(style_id)
    return frozenset(style_id for style_id in bases if _leads_to(style_id, bases, found))


def _leads_to(style_id: str, bases: Mapping[str, str | None], found: set[str]) -> bool:
    at: str | None = style_id
    for _ in range(_LONGEST_CHAIN):
        if at is None or at in found:
            break
        at = bases.get(at)
    return at in found


def _value(element: Any) -> str | None:
    return element.get(f"{_W}val") if element is not None else None


def _is_level(text: str | None) -> bool:
    """Whether an outline level is a heading's: 0 to 8; 9 is body text."""
    return text is not None and len(text) == 1 and text in "012345678"


@dataclass(slots=True)
class _Paragraph:
    """A paragraph that is being read."""

    pieces: list[str] = field(default_factory=list)
    is_heading: bool = False


class _Body:
    """One walk over the main part, in document order, text boxes and nested tables where they stand."""

    def __init__(self, limits: Limits, heading_styles: frozenset[str]) -> None:
        self.lines = Lines(limits.text_characters)
        self.headings: list[str] = []
        self.tables = 0
        self._limits = limits
        self._heading_styles = heading_styles
        self._paragraphs: list[_Paragraph] = []
        self._rows: list[list[list[str]]] = []
        """Each table row that is open, the innermost last: its cells, their paragraphs."""

    def walk(self, root: Any) -> None:
        for event, name, element in _events(root):
            if event == "start":
                self._start(name, element)
            else:
                self._end(name)

    def _start(self, name: str, element: Any) -> None:
        if name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "tbl":
            self.tables += 1
        elif name == "tr":
            self._rows.append([])
        elif name == "tc":
            if self._rows:
                self._rows[-1].append([])
        elif self._paragraphs:
            self._inside(self._paragraphs[-1], name, element)

    def _inside(self, paragraph: _Paragraph, name: str, element: Any) -> None:
        if name == "t":
            paragraph.pieces.append(element.text or "")
        elif name == "pStyle":
            paragraph.is_heading = paragraph.is_heading or _value(element) in self._heading_styles
        elif name == "outlineLvl":
            paragraph.is_heading = paragraph.is_heading or _is_level(_value(element))
        elif name == "noBreakHyphen":
            paragraph.pieces.append("-")
        elif name in ("br", "cr"):
            paragraph.pieces.append("\n")
        elif name == "tab" and element.get(f"{_W}val") is None:
            paragraph.pieces.append("\t")

    def _end(self, name: str) -> None:
        if name == "p" and self._paragraphs:
            paragraph = self._paragraphs.pop()
            text = "".join(paragraph.pieces)
            if paragraph.is_heading and len(self.headings) < self._limits.headings:
                heading = one_line(text, self._limits.heading_characters)
                self.headings += [heading] if heading else []
            self._told(text)
        elif name == "tr" and self._rows:
            cells = self._rows.pop()
            self._told("\t".join(" ".join(cell) for cell in cells))

    def _told(self, text: str) -> None:
        """Take a paragraph or a row: into the cell that it stands in, else as a line."""
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] += [text.strip()] if text.strip() else []
        else:
            self.lines.add(text)


_READ = ("p", "t", "tab", "br", "cr", "noBreakHyphen", "pStyle", "outlineLvl", "tbl", "tr", "tc")
_CONTAINERS = frozenset(("p", "tr", "tbl", "tc"))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def _events(root: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield ("start" or "end", local name, element); a text box told twice for older programs only once."""
    tags = [space + name for space in (_W, _STRICT) for name in _READ]
    walker = etree.iterwalk(root, events=("start", "end"), tag=[*tags, _FALLBACK])
    for event, element in walker:
        if element.tag == _FALLBACK:
            if event == "start":
                walker.skip_subtree()
            continue
        name = element.tag.rpartition("}")[2]
        if event == "start" or name in _CONTAINERS:
            yield event, name, element
