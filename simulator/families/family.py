"""What every family of sites has in common: documents drawn from numbers, addresses, and the record a page prints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from html import escape
from typing import Any, ClassVar

from simulator.document import Document
from simulator.draw import Draw
from simulator.families.markup import options_text
from simulator.families.phrases import PHRASES, Phrases
from simulator.look import Look
from simulator.noise import Noise
from simulator.wording import Wording

FIRST_DAY = date(2012, 1, 1)
LAST_DAY = date(2026, 1, 31)
"""A site opens with documents published between these days, the same whatever day it is run on."""

ID_COUNT = 98_999_987
"""A prime: IDs are 1,000,000 + (A x number + B) modulo it, so that an ID leads back to its number without a table."""
ID_FACTOR = 61_803_389
ID_STEP = 27_182_819
ID_LOWEST = 1_000_000
COPY_EVERY, COPY_PLACE = 50, 17
"""Documents whose number leaves this remainder carry an earlier document's text."""
FACTS_KEPT = 65_536
"""Documents whose facts are kept once they are drawn: listings show each again and again. 0.6 KB each."""
_ID_INVERSE = pow(ID_FACTOR, -1, ID_COUNT)


@dataclass(frozen=True, slots=True)
class Route:
    """What a path asks for."""

    kind: str
    """document, listing, home, help, login, profile, search, download or file."""
    doc_id: str = ""
    category: int = 0
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a document says of itself beside its text and its date."""

    title: str
    format: str
    size_text: str | None
    pages: int | None
    tags: tuple[str, ...]
    issuer: str | None = None
    document_number: str | None = None


@dataclass(frozen=True, slots=True)
class Printing:
    """What a page is made with beside its documents."""

    look: Look
    noise: Noise
    now: datetime
    related: Sequence[Document] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing."""

    category: int
    page: int
    pages: int
    total: int
    """How many documents the site says the listing has."""
    documents: Sequence[Document]


class Family(ABC):
    """One family of sites: how documents are drawn and numbered, where they stand, what their pages look like."""

    name: ClassVar[str]
    wording: ClassVar[Wording]
    language: ClassVar[str]
    per_page: ClassVar[int] = 20
    """Documents on one listing page."""
    formats: ClassVar[Sequence[str]] = ("docx", "doc", "pdf", "ppt", "pptx", "xls")
    text_sentences: ClassVar[tuple[int, int]] = (10, 60)
    """Least and most sentences of a text."""

    def __init__(self, *, seed: int, count: int, categories: int, root: str = "") -> None:
        self.seed = seed
        self.count = count
        """Documents at the opening."""
        self.categories = categories
        self.root = root
        """What every path begins with: empty, or "/huiwen"."""
        self._facts = lru_cache(maxsize=FACTS_KEPT)(self.facts)

    # -- numbers, IDs, addresses --------------------------------------------------------------------------------

    @property
    def pinned(self) -> tuple[int, ...]:
        """Documents that stand at the top of the first page of their listing instead of at their place."""
        return ()

    def category(self, number: int) -> int:
        """Return the listing a document stands in."""
        return number % self.categories

    def published(self, number: int) -> date:
        """Return the day a document of the opening was published; later numbers are never earlier."""
        return FIRST_DAY + timedelta(days=number * ((LAST_DAY - FIRST_DAY).days + 1) // max(1, self.count))

    def doc_id(self, number: int, generation: int) -> str:
        """Return the ID of a document after that many renumberings."""
        return str(ID_LOWEST + (ID_FACTOR * number + ID_STEP * (self.seed + 1 + 1009 * generation)) % ID_COUNT)

    def number(self, doc_id: str, generation: int) -> int | None:
        """Return the number behind an ID, whether or not there is such a document; None for what is no ID."""
        if not (doc_id.isascii() and doc_id.isdigit()) or len(doc_id) > 8 or str(int(doc_id)) != doc_id:
            return None
        shifted = int(doc_id) - ID_LOWEST - ID_STEP * (self.seed + 1 + 1009 * generation)
        return shifted * _ID_INVERSE % ID_COUNT

    @abstractmethod
    def document_path(self, doc_id: str, number: int) -> str:
        """Return the path of a document's page, without root or moves."""

    @abstractmethod
    def listing_path(self, category: int, page: int) -> str:
        """Return the path and query of a listing page (from 1), with the root."""

    @abstractmethod
    def route(self, path: str, query: Mapping[str, str]) -> Route | None:
        """Return what *path* (without root or moves) asks for; None for nothing."""

    def moved_path(self, doc_id: str, number: int, moves: int) -> str:
        """Return the path of a document's page after that many moves, with the root."""
        return self.root + (f"/m{moves}" if moves else "") + self.document_path(doc_id, number)

    # -- documents ----------------------------------------------------------------------------------------------

    def document(
        self,
        number: int,
        generation: int = 0,
        *,
        published: date | None = None,
        copy_of: int | None = None,
        moves: int = 0,
        changed: Mapping[str, Any] | None = None,
        revision: int = 0,
        changed_at: datetime | None = None,
        with_text: bool = True,
    ) -> Document:
        """Return document *number* with what events have made of it; equal arguments give equal documents.

        *copy_of* names the document whose text it carries; without *with_text* it has no paragraphs (for listings).
        """
        day = published or self.published(number)
        doc_id = self.doc_id(number, generation)
        facts = self._facts(number)
        drawn = Document(
            number=number,
            doc_id=doc_id,
            path=self.moved_path(doc_id, number, moves),
            category=self.category(number),
            title=facts.title,
            format=facts.format,
            size_text=facts.size_text,
            pages=facts.pages,
            published=day,
            tags=facts.tags,
            paragraphs=self.text(self.text_of(number) if copy_of is None else copy_of) if with_text else (),
            issuer=facts.issuer,
            document_number=facts.document_number,
            revision=revision,
            changed_at=changed_at or datetime.combine(day, time(8 + number % 10, number % 60, number % 59), UTC),
        )
        if not changed:
            return drawn
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in changed.items()
        }
        if not with_text:
            fields.pop("paragraphs", None)
        return replace(drawn, **fields)

    def facts(self, number: int) -> Facts:
        """Return what a document first said of itself, without its text."""
        draw = Draw(self.seed, self.name, number)
        work = self.wording.work(draw)
        size_text, pages, tags = self.size_text(draw), draw.between(1, 120), work.tags
        left_out = draw.share()
        return Facts(
            title=work.title,
            format=draw.pick(self.formats),
            size_text=None if left_out < 0.02 else size_text,
            pages=None if 0.02 <= left_out < 0.05 else pages,
            tags=() if 0.05 <= left_out < 0.09 else tags,
            issuer=self.issuer(number),
            document_number=self.document_number(number, work.year),
        )

    def text(self, number: int) -> tuple[str, ...]:
        """Return the paragraphs of the text that was written for document *number*."""
        draw = Draw(self.seed, self.name, number, "text")
        work = self.wording.work(Draw(self.seed, self.name, number))
        return self.wording.paragraphs(work, draw, draw.between(*self.text_sentences))

    def text_of(self, number: int) -> int:
        """Return the number whose text a document carries: one in fifty is an exact copy under another title."""
        if number % COPY_EVERY != COPY_PLACE:
            return number
        source = Draw(self.seed, self.name, number, "copy").below(number)
        return source if source % COPY_EVERY != COPY_PLACE else source - 1

    def drawn_change(self, document: Document, revision: int, draw: Draw) -> dict[str, Any]:
        """Return what an edit without given fields changes: always the size, and one or more things beside it."""
        fields: dict[str, Any] = {"size_text": self.size_text(draw)}
        what = draw.share()
        if what < 0.4:
            fields["title"] = self.facts(document.number).title + self.wording.revision.format(n=revision)
        if what > 0.3:
            work = self.wording.work(Draw(self.seed, self.name, document.number))
            fields["paragraphs"] = (*document.paragraphs, *self.wording.paragraphs(work, draw, 3))
        if document.pages is not None:
            fields["pages"] = document.pages + draw.below(3)
        return fields

    @abstractmethod
    def size_text(self, draw: Draw) -> str:
        """Return a drawn file size as this family prints it."""

    def issuer(self, number: int) -> str | None:
        """Return the body that issued a document; None where the family does not print one."""
        return None

    def document_number(self, number: int, year: int) -> str | None:
        """Return a document's official number; None where the family does not print one."""
        return None

    # -- what a page prints -------------------------------------------------------------------------------------

    @abstractmethod
    def document_page(self, document: Document, printing: Printing) -> str:
        """Return the page of a document."""

    @abstractmethod
    def listing_page(self, listing: Listing, printing: Printing) -> str:
        """Return one page of a listing."""

    @abstractmethod
    def frame(self, title: str, body: str, printing: Printing) -> str:
        """Return a whole page around *body*: head, menu, footer, token."""

    @property
    def phrases(self) -> Phrases:
        """Return what the site says on pages that are no documents."""
        return PHRASES[self.language]

    def category_name(self, category: int) -> str:
        """Return the name of a listing."""
        names = self.phrases.categories
        return (
            names[category] if category < len(names) else f"{names[category % len(names)]} {category // len(names) + 1}"
        )

    def menu(self) -> str:
        """Return links to every listing, as list items."""
        return "".join(
            f'<li><a href="{escape(self.listing_path(category, 1))}">{self.category_name(category)}</a></li>'
            for category in range(self.categories)
        )

    def home_page(self, printing: Printing) -> str:
        """Return the front page: a way to every listing, and no document."""
        return self.frame(
            self.name, f"<main><h1>{self.name}</h1><h2>{self.phrases.home}</h2><ul>{self.menu()}</ul></main>", printing
        )

    def help_page(self, printing: Printing) -> str:
        """Return a page that speaks of sizes, pages and formats and is no document."""
        rows = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in self.phrases.help_rows)
        return self.frame(self.phrases.help, f"<main><h1>{self.phrases.help}</h1><dl>{rows}</dl></main>", printing)

    def missing_page(self, printing: Printing) -> str:
        """Return the page for what is not there; as a soft 404 it is sent with status 200."""
        phrases = self.phrases
        body = f"<main><h1>{phrases.missing}</h1><p>{phrases.missing_text}</p></main>"
        return self.frame(phrases.missing, body, printing)

    def notice_page(self, document: Document, printing: Printing) -> str:
        """Return the notice that a document was deleted; it prints the ID, the title and recommendations."""
        phrases = self.phrases
        more = "".join(f"<li>{self.card_text(one)}</li>" for one in printing.related)
        notice = escape(phrases.removed.format(doc_id=document.doc_id))
        body = f"""<main><h1>{escape(document.title)}</h1><div class="{printing.look.css("removed")}">{notice}</div>
<h3>{phrases.related}</h3><ol>{more}</ol></main>"""
        return self.frame(document.title, body, printing)

    def card_text(self, document: Document) -> str:
        """Return a document as a list of recommendations names it."""
        phrases = self.phrases
        pages = None if document.pages is None else phrases.page_count.format(pages=document.pages)
        about = options_text((phrases.size, document.size_text), (phrases.pages, pages))
        return f'<a href="{document.path}">{escape(document.title)}</a> {about}'

    def login_page(self, printing: Printing) -> str:
        """Return a login wall."""
        phrases = self.phrases
        body = f"""<main><h2>{phrases.login}</h2><p>{phrases.login_text}</p>
<form method="post" action="{self.root}/login">
<label>{phrases.login_fields[0]}<input name="user"></label>
<label>{phrases.login_fields[1]}<input name="password" type="password"></label>
<button>{phrases.login}</button></form></main>"""
        return self.frame(phrases.login, body, printing)

    def captcha_page(self, printing: Printing) -> str:
        """Return a challenge."""
        phrases = self.phrases
        picture = f"{self.root}/captcha.png?{printing.noise.token()}"
        body = f"""<main><h2>{phrases.captcha}</h2><p>{phrases.captcha_text}</p>
<form method="post"><img src="{picture}" alt="captcha"><input name="captcha"><button>OK</button></form></main>"""
        return self.frame(phrases.captcha, body, printing)

    def encoded(self, number: int, text: str) -> tuple[str, bytes, str]:
        """Return a page's real encoding, its bytes and its Content-Type: some in GBK, some of those without saying so.

        One in ten is GBK and says so in header and meta, in meta alone or in the header alone; one in twenty-five is
        GBK and says nothing; one in twenty is UTF-8 with a header that names no charset.
        """
        kind = number * 37 % 100
        if self.language != "zh-CN":
            return "utf-8", text.encode(), "text/html; charset=utf-8" if kind < 60 else "text/html"
        if kind < 8:
            said = text.replace('<meta charset="utf-8">', '<meta charset="gbk">')
            return "gbk", said.encode("gbk"), "text/html; charset=GBK" if kind < 5 else "text/html"
        if kind < 14:
            said = text.replace('<meta charset="utf-8">', "")
            return "gbk", said.encode("gbk"), "text/html; charset=GBK" if kind < 10 else "text/html"
        return "utf-8", text.encode(), "text/html" if kind < 19 else "text/html; charset=utf-8"

    def shown_size(self, document: Document) -> str | None:
        """Return the size as the page prints it."""
        return document.size_text

    def shown_pages(self, document: Document) -> str | None:
        """Return the page count as the page prints it; None where it prints none."""
        return None if document.pages is None else str(document.pages)

    def shown_format(self, document: Document) -> str | None:
        """Return the format as the page prints it."""
        return document.format.upper()

    def shown_date(self, document: Document, now: datetime) -> str | None:
        """Return the date as the page prints it at *now*."""
        return document.published.isoformat()

    def stated_date(self, document: Document, now: datetime) -> str | None:
        """Return the ISO date that the printed one states, cut to its precision; None: too vague."""
        return document.published.isoformat()

    def shown_tags(self, document: Document) -> tuple[str, ...]:
        """Return the tags as the page prints them."""
        return document.tags

    def shown_text(self, document: Document) -> tuple[str, ...]:
        """Return the paragraphs of the text on the page."""
        return document.paragraphs

    def record(self, document: Document, base_url: str, now: datetime) -> dict[str, Any]:
        """Return what a perfect reader finds on the document's page at *now*, by record field; absent is None."""
        printed_size = self.shown_size(document)
        printed_pages = self.shown_pages(document)
        text = self.shown_text(document)
        return {
            "site": self.name,
            "doc_id": document.doc_id,
            "url": base_url + document.path,
            "title": document.title,
            "size_bytes": None if printed_size is None else document.size_bytes,
            "size_text": printed_size,
            "pages": None if printed_pages is None else document.pages,
            "pages_text": printed_pages,
            "format": None if self.shown_format(document) is None else document.format,
            "format_text": self.shown_format(document),
            "published_on": self.stated_date(document, now),
            "published_text": self.shown_date(document, now),
            "tags": list(self.shown_tags(document)),
            "issuer": document.issuer,
            "document_number": document.document_number,
            "preview_text": "\n".join(text) or None,
        }
