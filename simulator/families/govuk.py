"""A government's publications: attachment facts without labels, several dates, sometimes several files."""
# ruff: noqa: E501 - markup is read by the line

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from html import escape

from simulator.document import Document
from simulator.draw import Draw
from simulator.families.family import Family, Listing, Printing, Route
from simulator.families.markup import date_in_other_order, slug
from simulator.wording.english import ENGLISH

_DOCUMENT = re.compile(r"/government/publications/([a-z0-9-]+)")
_FIXED = {"/": "home", "/help/files": "help", "/login": "login", "/search": "search"}
_TOPICS = "/government/policy-papers-and-consultations"  # not below /search, which robots.txt closes
_FORMAT_NAMES = {
    "pdf": "Portable Document Format",
    "odt": "OpenDocument Text",
    "docx": "Word document",
    "xlsx": "Excel workbook",
}
_BODIES = (
    "Office for Parish Affairs",
    "Department for Harbours and Ferries",
    "Rural Housing Board",
    "National Records Council",
)
_MARK = "k"
"""What the number at a slug's end begins with, so that it is never digits alone."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def long_date(day: date) -> str:
    """Return *day* as the family prints it.

    >>> long_date(date(2019, 3, 5))
    '5 March 2019'
    """
    return f"{day.day} {day:%B %Y}"


def base36(number: int) -> str:
    """Return *number* in digits and letters.

    >>> int(base36(98_999_999), 36)
    98999999
    """
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


class Govuk(Family):
    """The slug is the ID; size, pages and format of the first attachment count; a later update is no publication."""

    name = "govuk"
    wording = ENGLISH
    language = "en"
    formats = ("pdf", "pdf", "odt", "docx", "xlsx")
    text_sentences = (8, 36)

    def doc_id(self, number: int, generation: int) -> str:
        return f"{slug(self.facts(number).title)}-{_MARK}{base36(int(super().doc_id(number, generation)))}"

    def number(self, doc_id: str, generation: int) -> int | None:
        last = doc_id.rpartition("-")[2]
        if not re.fullmatch(_MARK + r"[0-9a-z]{1,6}", last):
            return None
        number = super().number(str(int(last[1:], 36)), generation)
        return number if number is not None and self.doc_id(number, generation) == doc_id else None

    def document_path(self, doc_id: str, number: int) -> str:
        return f"/government/publications/{doc_id}"

    def listing_path(self, category: int, page: int) -> str:
        topic = f"/{category + 1}" if category else ""
        return f"{self.root}{_TOPICS}{topic}{f'?page={page}' if page > 1 else ''}"

    def route(self, path: str, query: Mapping[str, str]) -> Route | None:
        if path in _FIXED:
            return Route(_FIXED[path])
        if match := _DOCUMENT.fullmatch(path):
            return Route("document", doc_id=match.group(1))
        page, topic = query.get("page", "1"), path.removeprefix(_TOPICS).removeprefix("/") or "1"
        if path.startswith(_TOPICS) and page.isdigit() and topic.isdigit():
            return Route("listing", category=int(topic) - 1, page=int(page))
        return Route("download") if path.startswith("/download/") else None

    def size_text(self, draw: Draw) -> str:
        return (
            f"{draw.between(1, 9)}.{draw.between(1, 99):02d} MB" if draw.chance(0.4) else f"{draw.between(15, 980)} KB"
        )

    def issuer(self, number: int) -> str | None:
        return _BODIES[number % len(_BODIES)]

    def shown_tags(self, document: Document) -> tuple[str, ...]:
        return ()

    def shown_pages(self, document: Document) -> str | None:
        return (
            None
            if document.pages is None or document.format == "xlsx"
            else f"{document.pages} page{'s' if document.pages > 1 else ''}"
        )

    def shown_date(self, document: Document, now: datetime) -> str | None:
        return long_date(document.published)

    def _lead(self, document: Document) -> str:
        return f"What {document.issuer} asks of those who take part, and where to turn with questions."

    def shown_text(self, document: Document) -> tuple[str, ...]:
        return (self._lead(document), *document.paragraphs)

    def frame(self, title: str, body: str, printing: Printing) -> str:
        css = printing.look.css
        return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - Public papers</title><meta name="request-id" content="{printing.noise.token()}"></head><body>
<header class="{css("crest")}"><a href="{self.root}/">Public papers</a><ul>{self.menu()}</ul></header>
{body}
<footer class="{css("base")}"><a href="{self.root}/help/files">About our files</a></footer></body></html>
"""

    def document_page(self, document: Document, printing: Printing) -> str:
        look, css = printing.look, printing.look.css
        day = date_in_other_order(document.published) if look.date_format else long_date(document.published)
        updated = f"<dt>Last updated:</dt><dd>{long_date(document.changed_at.date())}</dd>" if document.revision else ""
        facts = f'<dl class="{css("about")}"><dt>From:</dt><dd><a href="{self.root}/government/organisations/{document.number % 4}">{document.issuer}</a></dd><dt>Published:</dt><dd>{day}</dd>{updated}</dl>'
        paragraphs = ("This text will be published shortly.",) if look.same_text else document.paragraphs
        lead = "" if look.same_text else f'<p class="{css("lead")}">{escape(self._lead(document))}</p>'
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
        related = "".join(f'<li><a href="{one.path}">{escape(one.title)}</a></li>' for one in printing.related)
        body = f"""<main class="{css("publication")}"><p class="{css("kind")}">Guidance</p><h1>{escape(document.title)}</h1>{lead}
{"" if look.moved_label else facts}
<h2>Documents</h2>{self._attachments(document, printing)}
<h2>Details</h2><div class="{css("body")}">{text}</div>
{facts if look.moved_label else ""}</main>
<aside class="{css("alike")}"><h2>Related content</h2><ul>{related}</ul></aside>"""
        return self.frame(document.title, body, printing)

    def _attachments(self, document: Document, printing: Printing) -> str:
        css = printing.look.css
        size, pages = document.size_text, self.shown_pages(document)
        if printing.look.swapped_fields:
            size, pages = pages, size
        name = f'<abbr title="{_FORMAT_NAMES.get(document.format, document.format)}">{document.format.upper()}</abbr>'
        facts = ", ".join(f"<span>{fact}</span>" for fact in (name, size, pages) if fact)
        files = f'<div class="{css("file")}"><h3><a href="/media/{document.number}/main.{document.format}">{escape(document.title)}</a></h3><p class="{css("file-facts")}">{facts}</p></div>'
        if document.number % 5 == 0:
            files += f'<div class="{css("file")}"><h3><a href="/media/{document.number}/annex.pdf">Annex: summary of replies</a></h3><p class="{css("file-facts")}"><span><abbr title="Portable Document Format">PDF</abbr></span>, <span>77 KB</span>, <span>3 pages</span></p></div>'
        return files

    def listing_page(self, listing: Listing, printing: Printing) -> str:
        css = printing.look.css
        rows = "".join(
            f'<li class="{css("result")}"><a href="{one.path}">{escape(one.title)}</a><p>Document type: Guidance</p><p>Updated: <time datetime="{one.changed_at.date().isoformat()}">{long_date(one.changed_at.date())}</time></p></li>'
            for one in listing.documents
        )
        links = []
        if listing.page > 1:
            links.append(
                f'<a rel="prev" href="{self.listing_path(listing.category, listing.page - 1)}">Previous page</a>'
            )
        if listing.page < listing.pages and not printing.look.next_gone:
            links.append(
                f'<a rel="next" href="{self.listing_path(listing.category, listing.page + 1)}">Next page <span>{listing.page + 1} of {listing.pages}</span></a>'
            )
        name = self.category_name(listing.category)
        body = f'<main><h1>Policy papers and consultations: {name}</h1><p>{listing.total} results</p><ol class="{css("results")}">{rows}</ol><nav>{" ".join(links)}</nav></main>'
        return self.frame(name, body, printing)
