"""A repository: item pages as tables of labels, dates as precise as the depositor was, some pages in Latin-1."""
# ruff: noqa: E501 - markup is read by the line

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape

from simulator.document import Document
from simulator.draw import Draw
from simulator.families.family import Family, Listing, Printing, Route
from simulator.families.markup import date_in_other_order, slug
from simulator.wording.english import ENGLISH

PREFIX = "20.500.11998"
_ITEM = re.compile(rf"/handle/{re.escape(PREFIX)}/(\d+)")
_BROWSE = re.compile(rf"/handle/{re.escape(PREFIX)}/(\d+)/browse")
_FIXED = {"/": "home", "/help": "help", "/login": "login", "/search": "search"}
_FIRST_COLLECTION = 7
_FIRST_ITEM = 1000
_RENUMBERED = 1_000_000
_FORMAT_NAMES = {"pdf": "Adobe PDF", "docx": "Microsoft Word XML", "ppt": "Microsoft Powerpoint", "txt": "Text"}


class Dspace(Family):
    """A table of labels, or every third item a table of Dublin Core names; no page counts."""

    name = "dspace"
    wording = ENGLISH
    language = "en"
    formats = ("pdf", "pdf", "docx", "ppt", "txt")
    text_sentences = (6, 24)

    def doc_id(self, number: int, generation: int) -> str:
        return f"{PREFIX}/{_FIRST_ITEM + generation * _RENUMBERED + number}"

    def number(self, doc_id: str, generation: int) -> int | None:
        prefix, _, item = doc_id.rpartition("/")
        if prefix != PREFIX or not item.isdigit():
            return None
        return int(item) - _FIRST_ITEM - generation * _RENUMBERED

    def document_path(self, doc_id: str, number: int) -> str:
        return f"/handle/{doc_id}"

    def listing_path(self, category: int, page: int) -> str:
        offset = (page - 1) * self.per_page
        return f"{self.root}/handle/{PREFIX}/{category + _FIRST_COLLECTION}/browse?type=title&offset={offset}"

    def route(self, path: str, query: Mapping[str, str]) -> Route | None:
        if path in _FIXED:
            return Route(_FIXED[path])
        if match := _BROWSE.fullmatch(path):
            offset = query.get("offset", "0")
            page = int(offset) // self.per_page + 1 if offset.isdigit() else 0
            return Route("listing", category=int(match.group(1)) - _FIRST_COLLECTION, page=page)
        if match := _ITEM.fullmatch(path):
            return Route("document", doc_id=f"{PREFIX}/{match.group(1)}")
        return Route("download") if path.startswith("/download/") else None

    def encoded(self, number: int, text: str) -> tuple[str, bytes, str]:
        if number % 9 != 4:
            return "utf-8", text.encode(), "text/html; charset=utf-8" if number % 2 else "text/html"
        said = text.replace(
            '<meta charset="utf-8">', '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'
        )
        return "iso-8859-1", said.encode("iso-8859-1", "xmlcharrefreplace"), "text/html"

    def size_text(self, draw: Draw) -> str:
        return (
            f"{draw.between(1, 9)}.{draw.between(1, 99):02d} MB" if draw.chance(0.4) else f"{draw.between(15, 980)} kB"
        )

    def shown_format(self, document: Document) -> str | None:
        return _FORMAT_NAMES.get(document.format, document.format)

    def shown_pages(self, document: Document) -> str | None:
        return None

    def shown_date(self, document: Document, now: datetime) -> str | None:
        day = document.published
        if self._as_core(document):
            return self.stated_date(document, now)
        return (f"{day.day}-{day:%b-%Y}", f"{day:%b-%Y}", str(day.year))[self._vagueness(document)]

    def stated_date(self, document: Document, now: datetime) -> str | None:
        return document.published.isoformat()[: (10, 7, 4)[self._vagueness(document)]]

    @staticmethod
    def _vagueness(document: Document) -> int:
        """Return how vague the date is: 0 a day, 1 a month, 2 a year."""
        return (0, 0, 0, 1, 2)[document.number % 5]

    @staticmethod
    def _as_core(document: Document) -> bool:
        return document.number % 3 == 2

    def frame(self, title: str, body: str, printing: Printing) -> str:
        css = printing.look.css
        return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} | Tarn Valley Repository</title></head><body>
<!-- {printing.noise.token()} --><nav class="{css("crumbs")}"><a href="{self.root}/">Tarn Valley Repository</a><ul>{self.menu()}</ul></nav>
{body}
<footer><a href="{self.root}/help">Depositing</a> Items are protected by copyright.</footer></body></html>
"""

    def document_page(self, document: Document, printing: Printing) -> str:
        look, css = printing.look, printing.look.css
        rows = self._core_rows(document, printing) if self._as_core(document) else self._label_rows(document, printing)
        table = f'<table class="{css("item")}"><tbody>' + "".join(
            f'<tr><th scope="row">{label}</th><td>{value}</td></tr>' for label, value in rows
        ) + "</tbody></table>"  # fmt: skip
        files = self._files(document, printing)
        body = f"""<main><p>To cite this item, use <code>https://hdl.handle.invalid/{document.doc_id}</code></p>
{files + table if look.moved_label else table + files}
<p>Views: {printing.noise.views(document.number)}</p></main>"""
        return self.frame(document.title, body, printing)

    def _day(self, document: Document, printing: Printing) -> str:
        if printing.look.date_format:
            return date_in_other_order(document.published)
        return self.shown_date(document, printing.now) or ""

    def _abstract(self, document: Document, printing: Printing) -> str:
        if printing.look.same_text:
            return "The abstract of this item is being reviewed."
        return "<br><br>".join(escape(paragraph) for paragraph in document.paragraphs)

    def _label_rows(self, document: Document, printing: Printing) -> list[tuple[str, str]]:
        tags = () if printing.look.empty_tag else document.tags
        rows = [("Title:", escape(document.title)), ("Authors:", _author(document))]
        if tags:
            rows.append(("Keywords:", "<br>".join(map(escape, tags))))
        return [
            *rows,
            ("Issue Date:", self._day(document, printing)),
            ("Abstract:", self._abstract(document, printing)),
            ("URI:", f"https://hdl.handle.invalid/{document.doc_id}"),
        ]

    def _core_rows(self, document: Document, printing: Printing) -> list[tuple[str, str]]:
        tags = () if printing.look.empty_tag else document.tags
        return [
            ("dc.contributor.author", _author(document)),
            ("dc.date.accessioned", f"{document.changed_at:%Y-%m-%dT%H:%M:%SZ}"),
            ("dc.date.issued", self._day(document, printing)),
            ("dc.identifier.uri", f"https://hdl.handle.invalid/{document.doc_id}"),
            ("dc.description.abstract", self._abstract(document, printing)),
            *[("dc.subject", escape(tag)) for tag in tags],
            ("dc.title", escape(document.title)),
        ]

    def _files(self, document: Document, printing: Printing) -> str:
        css = printing.look.css
        size, kind = document.size_text or "", self.shown_format(document)
        if printing.look.swapped_fields:
            size, kind = kind or "", size
        name = f"{slug(document.title)[:24].strip('-')}.{document.format}"
        link = f'<a href="/bitstream/{document.doc_id}/1/{name}">{name}</a>'
        return f"""<section class="{css("files")}"><h4>Files in This Item:</h4><table><thead><tr><th>File</th><th>Description</th><th>Size</th><th>Format</th></tr></thead>
<tbody><tr><td>{link}</td><td>Full text</td><td>{size}</td><td>{kind}</td></tr></tbody></table></section>"""

    def listing_page(self, listing: Listing, printing: Printing) -> str:
        css = printing.look.css
        rows = "".join(
            f'<tr><td>{one.published.year}</td><td><a href="{one.path}">{escape(one.title)}</a></td><td>{_author(one)}</td></tr>'
            for one in listing.documents
        )
        begin = (listing.page - 1) * self.per_page
        links = []
        if listing.page > 1:
            links.append(f'<a href="{escape(self.listing_path(listing.category, listing.page - 1))}">&lt; previous</a>')
        if listing.page < listing.pages and not printing.look.next_gone:
            links.append(f'<a href="{escape(self.listing_path(listing.category, listing.page + 1))}">next &gt;</a>')
        body = f"""<main><h2>{self.category_name(listing.category)}</h2><p>Showing results {begin + 1} to {begin + len(listing.documents)} of {listing.total} {" ".join(links)}</p>
<table class="{css("browse")}"><thead><tr><th>Issue Date</th><th>Title</th><th>Author(s)</th></tr></thead><tbody>{rows}</tbody></table></main>"""
        return self.frame("Browsing by title", body, printing)


def _author(document: Document) -> str:
    return ("Marlow, Ines", "Sandys, Rhoda", "Okafor, Ben", "Tveit, Liv")[document.number % 4]
