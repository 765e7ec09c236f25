"""What every answer of the web page must be: asked for by its own name, read-only, inert."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from another host, nothing inline."""

HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "cache-control": "no-cache",
}
"""Of every answer that does not say otherwise."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
READING = ("GET", "HEAD")

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^:/@\s]+)(?::\d{1,5})?")


def host_name(header: str) -> str | None:
    """Return the name in a Host header without its port, lower-case; None where it is none.

    >>> host_name("LocalHost:8080"), host_name("[::1]:80"), host_name("a@b")
    ('localhost', '[::1]', None)
    """
    found = _HOST.fullmatch(header)
    return found["name"].lower().rstrip(".") if found else None


class Guard:
    """Refuses what does not only read, and what came by another name than ours; says in each answer what it may do.

    A page of another site can make a name of its own mean 127.0.0.1 and ask us by it (DNS rebinding): its browser says
    that name as Host.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in (*LOOPBACK, *hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if "content-security-policy" in headers and "sandbox" in headers["content-security-policy"]:
                    del headers["x-frame-options"]  # our own page shows it in a frame: its policy says so
            await send(message)

        answer: ASGIApp = self._app
        if scope["method"] not in READING:
            answer = PlainTextResponse(
                "This archive is only read: GET and HEAD.\n", status_code=405, headers={"allow": ", ".join(READING)}
            )
        elif host_name(Headers(scope=scope).get("host", "")) not in self._hosts:
            answer = PlainTextResponse(
                "This archive does not answer to that name; start it with --allow-host NAME.\n", status_code=421
            )
        await answer(scope, receive, send_guarded)
