"""The page of one document, and that of where its values come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from archive.archive import Archive
from archive.asking.absence import absent
from archive.errors import UsageError
from archive.web.asked import truth
from archive.web.opened import SharedArchive
from archive.web.view import render
from archive.web.work import other_members
from archive.words.snippet import marked
from archive.words.text_query import TextQuery

METADATA = (
    *("doc_id", "size_bytes", "pages", "format", "published_on", "issuer", "document_number", "tags", "other_labels"),
)
"""What the site says of it, in this order."""

PRINTED = {
    "size_bytes": "size_text",
    "pages": "pages_text",
    "format": "format_text",
    "published_on": "published_text",
    "title": "title_text",
}
"""Field -> the field that holds it as the page prints it."""

LONGEST_EQUAL = 160
"""Characters of a text that stayed the same that are shown between two changes."""


def named_document(request: Request, archive: Archive) -> dict[str, Any]:
    """Return the document that the address names. Raises NotFound, UsageError."""
    parameters = request.query_params
    site, doc_id = parameters.get("site", ""), parameters.get("doc_id", "")
    if not site or not doc_id:
        raise UsageError("name a document: site=SITE&doc_id=ID")
    then = {name: parameters[name] for name in ("as_of", "as_published") if parameters.get(name)}
    row = archive.get(site, doc_id, **then)
    if row is None:
        raise absent(archive, (site, doc_id), then)
    return row


def document_page(request: Request) -> Response:
    """Show one document: what the site says of it, its text, its history, its copies."""
    shared: SharedArchive = request.app.state.shared
    with shared.asked() as (archive, _):
        row = named_document(request, archive)
        versions = archive.history(row["site"], row["doc_id"], text=True)
        copies = archive.copies_of(row)
        members = other_members(archive.work_members(row["work_id"]), row)
        words = _words(archive, request.query_params)
    search = request.query_params.get("search", "")
    return render(
        request,
        "document.html",
        {
            "row": row,
            "metadata": [_value(row, name) for name in METADATA if row[name] not in (None, (), [], {}, "")],
            "paragraphs": _paragraphs(row["preview_text"] or "", words),
            "versions": [_shown(version) for version in reversed(versions)],
            "copies": copies,
            "members": members,
            "search": search,
        },
    )


def source_page(request: Request) -> Response:
    """Show where each value of a document was read, and what today's reader reads there."""
    shared: SharedArchive = request.app.state.shared
    with shared.asked() as (archive, _):
        row = named_document(request, archive)
        sources = request.app.state.handed.sources(archive, row)
    return render(request, "source.html", {"row": row, "sources": sources})


def _value(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    printed = row[PRINTED[name]] if name in PRINTED else None
    return {
        "name": name,
        "value": row[name],
        "printed": printed if printed not in (None, row[name]) else None,
        "place": dict(row["provenance"] or {}).get(name),
    }


def _words(archive: Archive, parameters: QueryParams) -> TextQuery | None:
    """Return the words that the visitor came with; what is no question marks nothing."""
    search = parameters.get("search", "")[:2000]
    if not search.strip():
        return None
    try:
        return archive.words(search=search, like_original=truth("like_original", parameters.get("like_original", "")))
    except UsageError:
        return None


def _paragraphs(text: str, words: TextQuery | None) -> list[list[Any]]:
    """Return the text's paragraphs, each in pieces with the hits of *words*."""
    paragraphs: list[list[Any]] = [[]]
    for piece in marked(text, words):
        for number, line in enumerate(piece.text.split("\n")):
            if number:
                paragraphs.append([])
            if line:
                paragraphs[-1].append((line, piece.hit))
    return paragraphs


def _shown(version: Mapping[str, Any]) -> dict[str, Any]:
    """Return a version with long stretches that stayed the same cut."""
    changes = [
        {**change, "segments": _shortened(change["segments"])} if "segments" in change else change
        for change in version["changes"]
    ]
    return {**version, "changes": changes}


def _shortened(segments: list[dict[str, str]]) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    for number, segment in enumerate(segments):
        text = segment["text"]
        if segment["op"] != "equal" or len(text) <= LONGEST_EQUAL:
            shown.append(segment)
            continue
        half = LONGEST_EQUAL // 2
        if number:
            shown.append({"op": "equal", "text": text[:half]})
        shown.append({"op": "cut", "text": ""})
        if number < len(segments) - 1:
            shown.append({"op": "equal", "text": text[-half:]})
    return shown
