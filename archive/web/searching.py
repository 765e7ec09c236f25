"""The search page: form, facets, hits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from archive.archive import Archive
from archive.errors import UsageError
from archive.web.asked import LISTED, SEVERAL, Asked, asked, whole_number
from archive.web.figures import everything
from archive.web.opened import Opened, SharedArchive
from archive.web.view import render
from archive.words.snippet import Piece, Snippet, marked, snippet
from archive.words.text_query import TextQuery

HITS = 20
"""On a page."""
MOST_PAGES = 50
"""Of hits that are shown one by one; who wants more asks for less, or exports."""
FACET_VALUES = 8
"""Of each facet, at first."""

FIELDS = (
    *("site", "doc_id", "title", "preview_text", "format", "pages", "size_bytes", "published_on", "fetched_at"),
    *("withdrawn_at", "flags"),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found, with where the words stand."""

    row: Mapping[str, Any]
    title: tuple[Piece, ...]
    snippet: Snippet


@dataclass(slots=True, kw_only=True)
class Found:
    """What a search found."""

    total: int = 0
    first: int = 0
    hits: list[Hit] = field(default_factory=list)
    facets: Mapping[str, list[tuple[str, int]]] = field(default_factory=dict)


def search_page(request: Request) -> Response:
    """Show what the address asks for."""
    question, trouble, status = Asked(()), None, 200
    found, number, whole = Found(), 1, None
    shared: SharedArchive = request.app.state.shared
    try:
        question = asked(request.query_params)
        number = page_number(request)
        with shared.asked() as (archive, opened):
            whole = everything(archive, opened)
            found = find(archive, opened, question, number)
    except UsageError as error:
        trouble, status = str(error), 400
    pages = min(MOST_PAGES, -(-found.total // HITS))
    return render(
        request,
        "search.html",
        {
            "question": question,
            "found": found,
            "page": number,
            "pages": pages,
            "whole": whole,
            "trouble": trouble,
            "chips": [pair for pair in question.values if pair[0] in (*SEVERAL, *LISTED)],
            "years": _years(question),
            "facet_values": FACET_VALUES,
        },
        status,
    )


def page_number(request: Request) -> int:
    """Return which page of hits is asked for, from 1. Raises UsageError."""
    number = whole_number("page", request.query_params.get("page") or "1")
    if not 1 <= number <= MOST_PAGES:
        raise UsageError(f"hits are shown on {MOST_PAGES} pages at most; ask for less, or use: docarchive export")
    return number


def find(archive: Archive, opened: Opened, question: Asked, page: int) -> Found:
    """Return one page of what is asked for, and how all of it is spread."""
    keywords = question.keywords()
    words = archive.words(**keywords)
    rows = archive.records(**keywords, fields=FIELDS, limit=page * HITS)
    total = rows.total
    hits = [_hit(row, words) for row in islice(rows, (page - 1) * HITS, None)]
    if question.narrows:
        keywords.pop("sort", None)
        counted: Mapping[str, list[tuple[str, int]]] = archive.facets(most=FACET_VALUES * 3, **keywords)
    else:
        counted = all_facets(archive, opened)
    return Found(total=total, first=(page - 1) * HITS + 1, hits=hits, facets=counted)


def all_facets(archive: Archive, opened: Opened) -> Mapping[str, list[tuple[str, int]]]:
    """Return how all documents are spread, counted once a publish."""
    return opened.remembered("facets", lambda: archive.facets(most=FACET_VALUES * 3))


def first_words(archive: Archive, opened: Opened) -> int:
    """Ask for words once: what the text index lacks of this snapshot is found out then."""
    return archive.search("一", fields="doc_id", limit=1).total


def _hit(row: Mapping[str, Any], words: TextQuery | None) -> Hit:
    return Hit(row, marked(row["title"] or "", words), snippet(row["preview_text"] or "", words))


def _years(question: Asked) -> str | None:
    """Return the year that the question is about, where it is about one."""
    first, last = question.one("published_from"), question.one("published_to")
    return first if first == last and len(first) == 4 else None
