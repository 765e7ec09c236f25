"""A document of python-docx written with more content than fits into memory."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from typing import IO, Any, cast
from zipfile import ZipFile

from docx.oxml import OxmlElement
from lxml import etree

from archive.export.dated_zip import dated_entry
from archive.export.output_file import OutputFile
from archive.export.word_elements import Element

_SECTION = b"<w:sectPr"


def save(document: Any, content: Iterable[list[Element]], made_at: datetime, file: OutputFile) -> None:
    """Write *document* to *file*, with *content* behind what it holds: the elements of each list are let go of at once.

    python-docx keeps a document whole in memory, some 200 kB an entry of a dossier. The content may add relations to
    `document.part`, to the outside alone.
    """
    saved = io.BytesIO()
    document.save(saved)
    part = document.part
    with ZipFile(saved) as made, ZipFile(cast(IO[bytes], file), "w") as package:
        # Word looks for the first of them first, and the relations are known once the content is written.
        for name in made.namelist():
            if name == part.partname.rels_uri.membername:
                continue
            with package.open(dated_entry(name, made_at, compressed=True), "w", force_zip64=True) as entry:
                if name != part.partname.membername:
                    entry.write(made.read(name))
                    continue
                # Text has no bare < in it, so that this is the last section and no word of a title.
                head, tag, tail = made.read(name).rpartition(_SECTION)
                entry.write(head)
                for elements in content:
                    entry.write(_inner(elements))
                entry.write(tag + tail)
        name = part.partname.rels_uri.membername
        with package.open(dated_entry(name, made_at, compressed=True), "w") as entry:
            relations = part.rels.xml
            entry.write(relations if isinstance(relations, bytes) else relations.encode())


def _inner(elements: list[Element]) -> bytes:
    """Return *elements* as XML that stands inside of a document's body."""
    body = OxmlElement("w:body")
    body.extend(elements)
    told = cast(bytes, etree.tostring(body, encoding="UTF-8"))
    return told[told.index(b">") + 1 : told.rindex(b"<")] if elements else b""
