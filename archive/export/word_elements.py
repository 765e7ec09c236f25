"""The elements of a Word document, any string being fit to stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from docx.oxml import OxmlElement
from docx.oxml.ns import nspfxmap, qn

Element = Any
"""What python-docx calls a BaseOxmlElement; it has no types of its own."""

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets)."""

_BREAKS = re.compile("(\t|\r\n|\r|\n)")

_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?([/?#][!-~]*)?")
_LINK_CHARACTERS = 2000
"""Word takes a file for damaged that links to what is no URL, or to one of more than 2,079 characters."""

_VAL, _SPACE, _ID, _NAME = qn("w:val"), qn("xml:space"), qn("w:id"), qn("w:name")
_ANCHOR, _HISTORY, _RELATION, _FIELD_TYPE = qn("w:anchor"), qn("w:history"), qn("r:id"), qn("w:fldCharType")
_WIDTH, _TYPE = qn("w:w"), qn("w:type")
_WITH_RELATIONS = nspfxmap("w", "r")


def storable(value: str) -> str:
    """Return *value* with U+FFFD for what XML forbids.

    >>> storable("a<b\\x00")
    'a<b\ufffd'
    """
    return _FORBIDDEN.sub("\ufffd", value)


def element(name: str, /, *children: Element, **attributes: str) -> Element:
    """Return an element of WordprocessingML; attributes are of it, too.

    >>> element("tab", val="left").attrib.values()
    ['left']
    """
    made = OxmlElement(f"w:{name}")
    for attribute, value in attributes.items():
        made.set(qn(f"w:{attribute}"), value)
    made.extend(children)
    return made


def run(value: str, style: str | None = None) -> Element:
    """Return *value* in one run; tabs and line breaks of it are those of the document."""
    made = OxmlElement("w:r")
    if style is not None:
        made.append(element("rPr", element("rStyle", val=style)))
    for part in _BREAKS.split(storable(value)):
        if part == "\t":
            made.append(OxmlElement("w:tab"))
        elif part in ("\r\n", "\r", "\n"):
            made.append(OxmlElement("w:br"))
        elif part:
            text = OxmlElement("w:t")
            text.set(_SPACE, "preserve")
            text.text = part
            made.append(text)
    return made


def paragraph(style: str, *content: Element) -> Element:
    """Return a paragraph of runs and links; *style* is the style's id."""
    made, properties, named = OxmlElement("w:p"), OxmlElement("w:pPr"), OxmlElement("w:pStyle")
    named.set(_VAL, style)
    properties.append(named)
    made.append(properties)
    made.extend(content)
    return made


def bookmarked(number: int, name: str, content: Element) -> list[Element]:
    """Return *content* with a bookmark around it; *number* and *name* stand nowhere else in the document."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    start.set(_ID, str(number))
    start.set(_NAME, name)
    end.set(_ID, str(number))
    return [start, content, end]


def link_inside(bookmark: str, content: Element) -> Element:
    """Return *content* as a link to a bookmark."""
    made = OxmlElement("w:hyperlink")
    made.set(_ANCHOR, bookmark)
    made.set(_HISTORY, "1")
    made.append(content)
    return made


def link_outside(relation: str, content: Element) -> Element:
    """Return *content* as a link to what the document's relation of that id names."""
    made = OxmlElement("w:hyperlink", nsdecls=_WITH_RELATIONS)
    made.set(_RELATION, relation)
    made.set(_HISTORY, "1")
    made.append(content)
    return made


def field_begin(instruction: str) -> list[Element]:
    """Return the runs before the shown content of a field; `field_end` stands behind it."""
    told = OxmlElement("w:instrText")
    told.set(_SPACE, "preserve")
    told.text = f" {instruction} "
    return [_field("begin"), element("r", told), _field("separate")]


def field_end() -> Element:
    """Return the run behind a field."""
    return _field("end")


def _field(kind: str) -> Element:
    made = OxmlElement("w:fldChar")
    made.set(_FIELD_TYPE, kind)
    return element("r", made)


def table(
    style: str, widths: Sequence[int], rows: Iterable[Sequence[Iterable[Element]]], *, names_first: bool = False
) -> Element:
    """Return a table of cells that are paragraphs; *widths* in twentieths of a point.

    *names_first*: the first row names the columns, and is repeated on each page.
    """
    grid = element("tblGrid", *(element("gridCol", w=str(width)) for width in widths))
    look = {"val": "0620" if names_first else "0600", "firstRow": str(int(names_first)), "lastRow": "0"}
    properties = element(
        "tblPr",
        element("tblStyle", val=style),
        element("tblW", w=str(sum(widths)), type="dxa"),
        element("tblLayout", type="fixed"),
        element("tblLook", **look, firstColumn="0", lastColumn="0", noHBand="1", noVBand="1"),
    )
    made = element("tbl", properties, grid)
    for number, cells in enumerate(rows):
        line = OxmlElement("w:tr")
        # A line is kept on one page where it fits: its label without its value says nothing.
        kept = element("trPr", element("cantSplit"))
        if names_first and number == 0:
            kept.append(element("tblHeader"))
        line.append(kept)
        for width, paragraphs in zip(widths, cells, strict=True):
            cell, about, measured = OxmlElement("w:tc"), OxmlElement("w:tcPr"), OxmlElement("w:tcW")
            measured.set(_WIDTH, str(width))
            measured.set(_TYPE, "dxa")
            about.append(measured)
            cell.append(about)
            cell.extend(paragraphs)
            line.append(cell)
        made.append(line)
    return made


def linkable(url: str) -> str | None:
    """Return *url* as a link may have it, None where it is no web address.

    >>> linkable("https://docs.example/文 档?a=[1]"), linkable("javascript:alert(1)")
    ('https://docs.example/%E6%96%87%20%E6%A1%A3?a=%5B1%5D', None)
    """
    quoted = quote(url, safe="!#$%&'()*+,/:;=?@~", errors="replace")
    return quoted if len(quoted) <= _LINK_CHARACTERS and _LINK.fullmatch(quoted) else None
