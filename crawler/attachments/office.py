"""What an Office Open XML package says of itself: core properties, and the counts of the program that wrote it.

python-docx opens the package: its lower layer knows parts and relationships, and nothing of Word alone.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.package import Package
from lxml import etree

from crawler.attachments.facts import FileFacts, in_utc
from crawler.attachments.limits import Limits
from crawler.attachments.plain import one_line

STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
"""How relationships begin in the strict form of ISO/IEC 29500, which Word can write."""

_COUNTED = {"docx": "Pages", "pptx": "Slides"}
_LONGEST_PROPERTY = 300


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties of a package; absent ones are None."""

    title: str | None = None
    author: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    pages: int | None = None


def open_package(data: bytes) -> Any:
    """Return python-docx's package; raises whatever that raises on damaged ones."""
    return Package.open(io.BytesIO(data))


def read_pptx(data: bytes, limits: Limits) -> FileFacts:
    """Return the properties of a presentation, slides for pages; its text is not read."""
    return _properties_alone(data, "pptx", limits)


def read_xlsx(data: bytes, limits: Limits) -> FileFacts:
    """Return the properties of a workbook; its text is not read."""
    return _properties_alone(data, "xlsx", limits)


def _properties_alone(data: bytes, file_format: str, limits: Limits) -> FileFacts:
    stated = properties_of(open_package(data), file_format, limits)
    return FileFacts(
        size_bytes=len(data),
        format=file_format,
        pages=stated.pages,
        pages_stated_by="app.xml" if stated.pages else None,
        title=stated.title,
        author=stated.author,
        created=stated.created,
        modified=stated.modified,
    )


def properties_of(package: Any, file_format: str, limits: Limits) -> Properties:
    """Return what the package states of itself."""
    core = getattr(related(package, RELATIONSHIP_TYPE.CORE_PROPERTIES), "core_properties", None)
    return Properties(
        title=one_line(_stated(core, "title"), _LONGEST_PROPERTY),
        author=one_line(_stated(core, "author"), _LONGEST_PROPERTY),
        created=_instant(_stated(core, "created")),
        modified=_instant(_stated(core, "modified")),
        pages=_pages(related(package, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES), _COUNTED.get(file_format), limits),
    )


def related(source: Any, kind: str) -> Any:
    """Return the part to which a package or part has the relationship *kind*, None where there is none.

    python-docx's own properties make an absent part, with the time of today in it.
    """
    for name in (kind, STRICT + kind.rpartition("/")[2]):
        try:
            return source.part_related_by(name)
        except (KeyError, ValueError):
            continue
    return None


def _stated(core: Any, name: str) -> Any:
    """Return one property, None where it is absent or makes python-docx fail ("created" without text)."""
    try:
        return getattr(core, name, None)
    except (TypeError, ValueError, OverflowError):
        return None


def _instant(value: Any) -> datetime | None:
    try:
        return in_utc(value) if isinstance(value, datetime) else None
    except ValueError:
        return None


def _pages(part: Any, counted: str | None, limits: Limits) -> int | None:
    if part is None or counted is None:
        return None
    root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
    text = (root.findtext(f"{{*}}{counted}") or "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        return None
    return int(text) if 0 < int(text) <= limits.pages else None
