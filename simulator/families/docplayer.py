"""A document-sharing site in English: relative dates, viewer controls that look like labels, a transcription."""
# ruff: noqa: E501 - markup is read by the line

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from simulator.document import Document
from simulator.draw import Draw
from simulator.families.family import Family, Listing, Printing, Route
from simulator.families.markup import date_in_other_order, slug
from simulator.wording.english import ENGLISH

_DOCUMENT = re.compile(r"/(\d+)-[a-z0-9-]+\.html")
_LISTING = re.compile(r"/category/(\d+)-[A-Za-z-]+")
_FIXED = {"/": "home", "/upload-help": "help", "/login": "login", "/search": "search"}
_FIRST_CATEGORY = 41
DAYS_STATED = 30
"""An age in days states the date; one in months or years is too coarse to."""


class Docplayer(Family):
    """Neither size nor format is printed; half the pages state a page count; ages instead of dates."""

    name = "docplayer"
    wording = ENGLISH
    language = "en"
    per_page = 16
    formats = ("pdf",)

    def document_path(self, doc_id: str, number: int) -> str:
        return f"/{doc_id}-{slug(self.facts(number).title)}.html"

    def listing_path(self, category: int, page: int) -> str:
        name = self.category_name(category).split(" ")[0]
        return f"{self.root}/category/{category + _FIRST_CATEGORY}-{name}{f'?page={page}' if page > 1 else ''}"

    def route(self, path: str, query: Mapping[str, str]) -> Route | None:
        if path in _FIXED:
            return Route(_FIXED[path])
        if match := _DOCUMENT.fullmatch(path):
            return Route("document", doc_id=match.group(1))
        page = query.get("page", "1")
        if (match := _LISTING.fullmatch(path)) and page.isdigit():
            return Route("listing", category=int(match.group(1)) - _FIRST_CATEGORY, page=int(page))
        return Route("download") if path.startswith("/download/") else None

    def size_text(self, draw: Draw) -> str:
        return f"{draw.between(40, 990)} KB"

    def shown_size(self, document: Document) -> str | None:
        return None

    def shown_format(self, document: Document) -> str | None:
        return None

    def shown_tags(self, document: Document) -> tuple[str, ...]:
        return ()

    def shown_pages(self, document: Document) -> str | None:
        return None if document.pages is None or document.number % 2 else f"{document.pages} pages"

    def shown_date(self, document: Document, now: datetime) -> str | None:
        days = max(1, (now.astimezone(UTC).date() - document.published).days)
        count, unit = (
            (days, "day") if days < DAYS_STATED else (days // 30, "month") if days < 365 else (days // 365, "year")
        )
        return f"{count} {unit}{'s' if count > 1 else ''} ago"

    def stated_date(self, document: Document, now: datetime) -> str | None:
        today = now.astimezone(UTC).date()
        days = max(1, (today - document.published).days)
        return (today - timedelta(days=days)).isoformat() if days < DAYS_STATED else None

    def record(self, document: Document, base_url: str, now: datetime) -> dict[str, Any]:
        record = super().record(document, base_url, now)
        if record["published_on"] is None:
            record["published_text"] = None  # an age in years says nothing of a date, and would change by itself
        return record

    def frame(self, title: str, body: str, printing: Printing) -> str:
        css = printing.look.css
        return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} | PaperStand</title>
<script>window.__s="{printing.noise.token()}"</script></head><body>
<div class="{css("strip")}"><a href="{self.root}/">PaperStand</a><ul>{self.menu()}</ul><a href="{self.root}/login">Log in</a></div>
{body}
<div class="{css("foot")}"><a href="{self.root}/upload-help">Uploading</a> PaperStand, a simulated site</div></body></html>
"""

    def document_page(self, document: Document, printing: Printing) -> str:
        look, noise, css = printing.look, printing.noise, printing.look.css
        age = date_in_other_order(document.published) if look.date_format else self.shown_date(document, printing.now)
        owner = ("Ines Marlow", "tobyk", "The Copy Desk", "R. Sandys")[document.number % 4]
        pages = self.shown_pages(document)
        count = f"<div>{pages}</div>" if pages else ""
        facts = f'<div class="{css("byline")}"><strong>{owner}</strong> <span>{age}</span> <span>Views: {noise.views(document.number)}</span>{count}</div>'
        paragraphs = (
            ("The text of this document is being prepared. Please come back later.",)
            if look.same_text
            else document.paragraphs
        )
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
        similar = "".join(
            f'<li><a href="{one.path}">{escape(one.title)}</a> <span>Version: 1.{one.number % 9}</span></li>'
            for one in printing.related
        )
        body = f"""<div class="{css("work")}"><h1>{escape(document.title)}</h1>
{"" if look.moved_label else facts}
<form class="{css("panel")}"><label>Size: <select><option>fit</option><option>100 %</option></select></label> <label>Go to page: <input size="3"></label></form>
<p><a href="{self.root}/download/{document.doc_id}">Download "{escape(document.title)}"</a></p>
<h2>Transcription</h2><div class="{css("words")}">{text}</div>
{facts if look.moved_label else ""}
<h2>Similar documents</h2><ul class="{css("similar")}">{similar}</ul></div>"""
        return self.frame(document.title, body, printing)

    def listing_page(self, listing: Listing, printing: Printing) -> str:
        css = printing.look.css
        rows = "".join(
            f'<article class="{css("hit")}"><a href="{one.path}">{escape(one.title)}</a><div>{self.shown_date(one, printing.now)}, views: {printing.noise.views(one.number)}</div></article>'
            for one in listing.documents
        )
        links = []
        if listing.page > 1:
            links.append(f'<a href="{self.listing_path(listing.category, listing.page - 1)}">Previous</a>')
        if listing.page < listing.pages and not printing.look.next_gone:
            links.append(f'<a rel="next" href="{self.listing_path(listing.category, listing.page + 1)}">Next</a>')
        name = self.category_name(listing.category)
        body = f'<h1>{name}</h1><p>{listing.total} documents</p><div class="{css("hits")}">{rows}</div><div class="{css("pager")}">{" ".join(links)}</div>'
        return self.frame(name, body, printing)
