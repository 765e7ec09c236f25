"""Captured pages, shown so that they can do nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from archive.archive import Archive
from archive.errors import NotFound, UsageError
from archive.warc.reading import StoredRecord
from archive.web.opened import SharedArchive
from archive.web.view import render

INERT_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
"""Of the captured page itself: no scripts, no origin, no forms, nothing is loaded; its own inline styles stay."""

INERT_HEADERS = {
    "content-security-policy": INERT_POLICY,
    "x-dns-prefetch-control": "off",
    "cache-control": "private, no-store",
}

_HTML = ("text/html", "application/xhtml+xml")
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")

_ASKS_AHEAD = re.compile(r"<(?=(?:link|i?frame|object|embed)[\s/>])", re.IGNORECASE)
"""Elements for which a browser may connect to another host before its policy forbids to load anything: Chromium does
for frames. They are shown under names that mean nothing."""


def captured_page(request: Request) -> Response:
    """Show a captured page in a frame, with where its bytes lie."""
    shared: SharedArchive = request.app.state.shared
    with shared.asked() as (archive, _):
        row, stored = _capture(request, archive)
        body = stored.body()
    return render(
        request,
        "captured.html",
        {
            "capture": row,
            "content_type": stored.content_type,
            "size": len(body.body),
            "flags": body.flags,
            "original": stored.original.capture if stored.original is not None else None,
            "shown": _kind(stored) is not None,
        },
    )


def captured_bytes(request: Request) -> Response:
    """Answer with a captured page as text that a frame may show; with `raw` as the very bytes, to be saved."""
    shared: SharedArchive = request.app.state.shared
    with shared.asked() as (archive, _):
        row, stored = _capture(request, archive)
        body = stored.body().body
    kind = _kind(stored)
    if kind is None or "raw" in request.query_params:
        headers = {**INERT_HEADERS, "content-disposition": 'attachment; filename="captured.bin"'}
        return Response(body, media_type="application/octet-stream", headers=headers)
    if kind in _IMAGES:
        return Response(body, media_type=kind, headers=INERT_HEADERS)
    text = request.app.state.handed.text_of(body, stored.content_type, row["site"])
    if kind == "text/html":
        text = _ASKS_AHEAD.sub("<x-", text)
    # Said again in UTF-8: what the reader decided goes before what the page says of itself.
    encoded = text.encode("utf-8", "replace")
    return Response(encoded, headers={**INERT_HEADERS, "content-type": f"{kind}; charset=utf-8"})


def _capture(request: Request, archive: Archive) -> tuple[Mapping[str, Any], StoredRecord]:
    name = request.query_params.get("capture", "")
    if not name:
        raise UsageError("name a capture: capture=WARC-RECORD-ID")
    name = name if name.startswith("<") else f"<{name}>"
    row = next(iter(archive.query("FROM captures WHERE capture = $capture LIMIT 1", {"capture": name})), None)
    if row is None:
        raise NotFound(f"no capture {name} in this archive")
    return row, archive.stored(name)


def _kind(stored: StoredRecord) -> str | None:
    """Return as what a frame shows it; None: not at all."""
    kind = (stored.content_type or "").partition(";")[0].strip().lower()
    if kind in _HTML or not kind:
        return "text/html"
    if kind in _IMAGES:
        return kind
    return "text/plain" if kind.startswith("text/") or kind.endswith(("json", "xml")) else None
