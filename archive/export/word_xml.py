"""The elements of a Word document (ECMA-376, WordprocessingML) as text, any string being fit to stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote
from xml.sax.saxutils import escape

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets)."""

_BREAKS = re.compile("(\t|\r\n|\r|\n)")

_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?([/?#][!-~]*)?")
_LINK_CHARACTERS = 2000
"""Word takes a file for damaged that links to what is no URL, or to one of more than 2,079 characters."""


def text_of(value: str) -> str:
    """Return *value* as XML text, U+FFFD for what XML forbids.

    >>> text_of("a<b\\x00")
    'a&lt;b\ufffd'
    """
    return escape(_FORBIDDEN.sub("\ufffd", value), {'"': "&quot;"})


def run(value: str, style: str | None = None) -> str:
    """Return *value* in one run; tabs and line breaks of it are those of the document."""
    properties = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    return f"<w:r>{properties}{''.join(map(_part, filter(None, _BREAKS.split(value))))}</w:r>"


def _part(part: str) -> str:
    if part == "\t":
        return "<w:tab/>"
    if _BREAKS.fullmatch(part):
        return "<w:br/>"
    return f'<w:t xml:space="preserve">{text_of(part)}</w:t>'


def paragraph(style: str, *content: str) -> str:
    """Return a paragraph of runs and links."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{"".join(content)}</w:p>'


def bookmarked(number: int, name: str, content: str) -> str:
    """Return *content* with a bookmark around it; *number* and *name* stand nowhere else in the document."""
    start = f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>'
    return f'{start}{content}<w:bookmarkEnd w:id="{number}"/>'


def link_inside(bookmark: str, content: str) -> str:
    """Return *content* as a link to a bookmark."""
    return f'<w:hyperlink w:anchor="{bookmark}" w:history="1">{content}</w:hyperlink>'


def field_begin(instruction: str) -> str:
    """Return the runs before the shown content of a field; `FIELD_END` stands behind it."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {text_of(instruction)} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )


FIELD_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def table(widths: Sequence[int], rows: Iterable[Sequence[str]], *, names_first: bool = False) -> str:
    """Return a table of cells that are paragraphs; *widths* in twentieths of a point.

    *names_first*: the first row names the columns, and is repeated on each page.
    """
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    first, look = (1, "0620") if names_first else (0, "0600")
    lines = []
    for number, row in enumerate(rows):
        header = "<w:tblHeader/>" if names_first and number == 0 else ""
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{cell}</w:tc>'
            for width, cell in zip(widths, row, strict=True)
        )
        lines.append(f"<w:tr><w:trPr>{header}</w:trPr>{cells}</w:tr>")
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="DossierTable"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        f'<w:tblLook w:val="{look}" w:firstRow="{first}" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        f'w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(lines)}</w:tbl>'
    )


def linkable(url: str) -> str | None:
    """Return *url* as a link may have it, None where it is no web address.

    >>> linkable("https://docs.example/文 档?a=[1]"), linkable("javascript:alert(1)")
    ('https://docs.example/%E6%96%87%20%E6%A1%A3?a=%5B1%5D', None)
    """
    quoted = quote(url, safe="!#$%&'()*+,/:;=?@~", errors="replace")
    return quoted if len(quoted) <= _LINK_CHARACTERS and _LINK.fullmatch(quoted) else None


class Links:
    """The links of a document to the outside, which Word keeps in a file of their own."""

    def __init__(self) -> None:
        self._targets: list[str] = []

    def link(self, url: str) -> str:
        """Return *url* as a link, or as plain text where it is no web address."""
        target = linkable(url)
        if target is None:
            return run(url)
        self._targets.append(target)
        return f'<w:hyperlink r:id="link{len(self._targets)}" w:history="1">{run(url, "Hyperlink")}</w:hyperlink>'

    def relationships(self) -> Iterable[str]:
        """Yield a relationship for each link."""
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
        for number, target in enumerate(self._targets, 1):
            yield f'<Relationship Id="link{number}" Type="{kind}" Target="{text_of(target)}" TargetMode="External"/>'
