"""Answers that try a crawler's patience and its memory; served below /trap/ only when asked for.

calendar/YYYY-MM   a month, with links to the next and the one before, without end
session/N          a page whose every link carries another session id
loop, loop2        redirects in a circle
to-metadata        redirect to 169.254.169.254
to-port/P          redirect to another port of 127.0.0.1
to-file            redirect to file:///etc/passwd
infinite           a body without end
big                50 MB of HTML
bomb               1 GB of zeros behind 1 MB of gzip
headers            100,000 header lines
slow               one byte a second
slow-head          a head that comes one byte a second, without end
longer, shorter    a Content-Length that says more, or less, than is sent
truncated          a gzip body cut in the middle
reset              the connection ends after the head
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator

from simulator.answer import Answer, Request
from simulator.draw import Draw

NAMES = (
    "calendar/2026-01", "session/1", "loop", "to-metadata", "to-file", "infinite", "big", "bomb",
    "headers", "slow", "slow-head", "longer", "shorter", "truncated", "reset",
)  # fmt: skip
BIG_BYTES = 50 * 1024 * 1024
BOMB_BYTES = 1024 * 1024 * 1024
HEADER_LINES = 100_000

_PAGE = "<!DOCTYPE html><html lang=en><title>{title}</title><h1>{title}</h1>{body}"


def trap_links() -> str:
    """Return links to every trap."""
    return "<ul>" + "".join(f'<li><a href="/trap/{name}">{name}</a></li>' for name in NAMES) + "</ul>"


def trap(path: str, query: str, request: Request, own_port: int) -> Answer:
    """Return the trap at *path*; 404 for one that does not exist."""
    name, _, rest = path.removeprefix("/trap/").partition("/")
    match name:
        case "":
            return _html("Traps", trap_links())
        case "calendar":
            return _calendar(rest)
        case "session":
            return _session(rest, request)
        case "loop" | "loop2":
            return _redirect("/trap/loop2" if name == "loop" else "/trap/loop")
        case "to-metadata":
            return _redirect("http://169.254.169.254/latest/meta-data/")
        case "to-port":
            return _redirect(f"http://127.0.0.1:{rest or own_port + 1}/")
        case "to-file":
            return _redirect("file:///etc/passwd")
        case "infinite" | "big" | "slow" | "slow-head" | "bomb" | "headers" | "reset":
            return _streamed(name)
        case "longer" | "shorter" | "truncated":
            answer = _html("A length that does not fit", "<p>" + "text " * 2000 + "</p>")
            answer.lie, answer.gzip = name, name == "truncated"
            return answer
        case _:
            return Answer(404, b"no such trap\n", "text/plain", kind="trap")


def _html(title: str, body: str) -> Answer:
    return Answer(200, _PAGE.format(title=title, body=body).encode(), "text/html; charset=utf-8", kind="trap")


def _redirect(location: str) -> Answer:
    return Answer(302, b"", "text/html", [("Location", location)], kind="trap")


def _calendar(month: str) -> Answer:
    match = re.fullmatch(r"(\d{1,6})-(\d{1,2})", month)
    if match is None:
        return Answer(404, b"no such month\n", "text/plain", kind="trap")
    count = int(match.group(1)) * 12 + int(match.group(2)) - 1
    links = " ".join(
        f'<a href="/trap/calendar/{other // 12:04d}-{other % 12 + 1:02d}">{text}</a>'
        for other, text in ((count - 1, "Previous"), (count + 1, "Next"))
        if other >= 0
    )
    return _html(f"Events in {month}", f"<p>No events.</p>{links}")


def _session(number: str, request: Request) -> Answer:
    draw = Draw("session", number, request.target)
    links = "".join(
        f'<li><a href="/trap/session/{draw.below(10**9)};sessionid={draw.token(16)}?sid={draw.token(9)}">File</a></li>'
        for _ in range(20)
    )
    return _html("Documents", f"<ul>{links}</ul>")


def _streamed(name: str) -> Answer:
    kind = "text/html; charset=utf-8"
    match name:
        case "bomb":
            headers = [("Content-Encoding", "gzip")]
            return Answer(200, b"", kind, headers, kind="trap", form="close", stream=_bomb)
        case "headers":
            return Answer(200, kind="trap", stream=_header_flood, raw=True)
        case "reset":
            return Answer(200, kind="trap", stream=_head_only, raw=True)
        case "slow-head":
            return Answer(200, kind="trap", stream=_slow_head, raw=True)
        case "slow":
            return Answer(200, b"", kind, kind="trap", form="close", stream=_slow)
        case "big":
            return Answer(200, b"", kind, kind="trap", form="close", stream=_big)
        case _:
            return Answer(200, b"", kind, kind="trap", form="close", stream=_infinite)


async def _infinite() -> AsyncIterator[bytes]:
    block = b"<p>and so on</p>\n" * 4000
    while True:
        yield block


async def _big() -> AsyncIterator[bytes]:
    block = b"<p>one of very many lines</p>\n" * 2048
    for _ in range(BIG_BYTES // len(block) + 1):
        yield block


async def _slow() -> AsyncIterator[bytes]:
    while True:
        yield b"x"
        await asyncio.sleep(1)


async def _slow_head() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Slow: "
    while True:
        yield b"x"
        await asyncio.sleep(1)


async def _bomb() -> AsyncIterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1024 * 1024)
    for _ in range(BOMB_BYTES // len(zeros)):
        packed = packer.compress(zeros)
        if packed:
            yield packed
        await asyncio.sleep(0)
    yield packer.flush()


async def _header_flood() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    for number in range(HEADER_LINES):
        yield f"X-Flood-{number}: {'a' * 100}\r\n".encode()
    yield b"Content-Length: 0\r\n\r\n"


async def _head_only() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n"
