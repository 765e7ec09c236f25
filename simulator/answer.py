"""One request and the answer it gets, before it becomes bytes on a connection."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Request:
    """One request as received; header names in lower case, the last of several lines of one name."""

    method: str
    target: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Answer:
    """What is sent: `form` and `gzip` say how, `lie` what is wrong with it."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    kind: str = "other"
    """What the page is, for the log: document, listing, home, missing, captcha, ..."""
    doc_id: str | None = None
    form: str = "length"
    """length (Content-Length), chunked, or close (ends with the connection)."""
    gzip: bool = False
    """Compress if the client accepts it."""
    delay_seconds: float = 0.0
    lie: str | None = None
    """truncated (the connection ends early), longer or shorter (a Content-Length that does not fit)."""
    stream: Callable[[], AsyncIterator[bytes]] | None = None
    """Raw bytes to send after the head in place of a body: for traps."""
    raw: bool = False
    """The stream sends the whole answer, head included."""


def http_date(instant: datetime) -> str:
    """Return *instant* as HTTP writes it.

    >>> http_date(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    'Fri, 20 Nov 2026 08:00:00 GMT'
    """
    return format_datetime(instant.astimezone(UTC).replace(microsecond=0), usegmt=True)


_OPAQUE = re.compile(r'(?:W/)?("[^"]*")')


def unchanged(request: Request, etag: str, modified: datetime | None) -> bool:
    """Return whether the client's copy is still good (RFC 9110 section 13.2.2: If-None-Match goes first)."""
    asked = request.headers.get("if-none-match")
    if asked is not None:
        return asked.strip() == "*" or _OPAQUE.findall(etag)[0] in _OPAQUE.findall(asked)
    since = request.headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        known = parsedate_to_datetime(since)
    except ValueError:
        return False  # an unreadable date is no condition (RFC 9110 section 13.1.3)
    if known.tzinfo is None:
        known = known.replace(tzinfo=UTC)
    return modified.replace(microsecond=0) <= known
