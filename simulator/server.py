"""An HTTP/1.1 server that sends each answer in exactly the form asked for: chunked, gzipped, cut, or without end.

No server library can be made to send a wrong length or a body that ends with the connection at will, which is what a
crawler has to be tried on. It reads GET, HEAD and bodies with a Content-Length, keeps connections, does not pipeline.
"""

from __future__ import annotations

import asyncio
import errno
import zlib
from http import HTTPStatus

from simulator.answer import Answer, Request, http_date
from simulator.errors import PortTaken
from simulator.request_log import RequestLog
from simulator.site import Site

HEAD_LIMIT_BYTES = 64 * 1024
"""Longest request head that is read; a longer one ends the connection."""
CHUNK_BYTES = 3000
"""Size of the chunks of a chunked body: several a page."""
GZIP_LEVEL = 1
"""Cheapest level: the simulator must not be what a crawl waits for."""
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class Server:
    """Serves one `Site` on one port."""

    def __init__(self, site: Site, log: RequestLog | None = None) -> None:
        self.site = site
        self.port = 0
        self._log = log
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where the site is, without a slash at the end."""
        return f"http://{self.site.options.host}:{self.port}"

    async def start(self) -> None:
        """Listen; PortTaken when another program has the port."""
        options = self.site.options
        try:
            self._server = await asyncio.start_server(
                self._connected, options.host, options.port, limit=HEAD_LIMIT_BYTES, backlog=512
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(
                f"port {options.port} of {options.host} is in use; choose another, or 0 for a free one"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            while (request := await _read_request(reader)) is not None and await self._serve(request, writer):
                pass
        except (ConnectionError, TimeoutError):
            pass  # the client went away in the middle: its business
        except asyncio.CancelledError:
            writer.transport.abort()  # the server stops
        finally:
            writer.close()

    async def _serve(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Send the answer to *request*; return whether the connection goes on."""
        answer = self.site.answer(request, self.port)
        wait = self.site.options.latency_seconds + answer.delay_seconds
        if wait:
            await asyncio.sleep(wait)
        head, body, stays = _framed(request, answer, self.site)
        if self._log is not None:
            self._log.add(self.site.now(), request, answer, len(body))
        if answer.raw:
            head = b""
        if request.method == "HEAD":
            writer.write(head)
        elif answer.form == "chunked":
            writer.write(head + _chunks(body))
        else:
            writer.write(head + body)
        await writer.drain()
        if answer.stream is not None and request.method != "HEAD":
            async for block in answer.stream():
                writer.write(block)
                await writer.drain()
        return stays


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        return None
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.lower()] = value.strip()
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > HEAD_LIMIT_BYTES:
        return None
    await reader.readexactly(int(length))
    if words[2] == "HTTP/1.0":
        headers["connection"] = "close"
        headers["x-simulator-http"] = "1.0"
    return Request(words[0], words[1], headers)


def _framed(request: Request, answer: Answer, site: Site) -> tuple[bytes, bytes, bool]:
    """Return head, body after content coding, and whether the connection stays."""
    body = answer.body
    headers = [("Date", http_date(site.now())), ("Server", "docsite")]
    if answer.content_type is not None:
        headers.append(("Content-Type", answer.content_type))
    headers += answer.headers
    if answer.gzip and "gzip" in request.headers.get("accept-encoding", ""):
        body = _gzip(body)
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    if answer.form == "chunked" and "x-simulator-http" in request.headers:
        answer.form = "close"  # HTTP/1.0 has no chunks
    stays = request.headers.get("connection", "").lower() != "close"
    length = len(body)
    if answer.lie is not None:
        stays = False
        if answer.lie == "truncated":
            body = body[: length // 2]
        else:
            length += 1000 if answer.lie == "longer" else -min(1000, length // 2)
    if answer.status in (204, 304):
        pass
    elif answer.form == "chunked":
        headers.append(("Transfer-Encoding", "chunked"))
    elif answer.form == "close" or answer.stream is not None:
        stays = False
    else:
        headers.append(("Content-Length", str(length)))
    if not stays:
        headers.append(("Connection", "close"))
    reason = _REASONS.get(answer.status, "Unknown")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {answer.status} {reason}\r\n{lines}\r\n".encode("latin-1"), body, stays


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def _chunks(body: bytes) -> bytes:
    parts = []
    for begin in range(0, len(body), CHUNK_BYTES):
        part = body[begin : begin + CHUNK_BYTES]
        parts.append(b"%x\r\n%b\r\n" % (len(part), part))
    return b"".join(parts) + b"0\r\n\r\n"
