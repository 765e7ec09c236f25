"""The download handler: one guarded, polite, limited exchange with a site, kept in WARC before anyone reads it.

A subclass of the aiohttp handler that Scrapy ships (marked experimental there): raw header lines, the reason phrase and
the peer's address exist only in it. To go back to Scrapy's own, remove DOWNLOAD_HANDLERS from the settings: pages are
then fetched, but neither guarded nor captured.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Headers, HtmlResponse, Response, TextResponse

from archive.clock import Clock
from archive.errors import UsageError
from archive.warc.content_coding import decode_content
from archive.warc.record import EXCESS, EXCESS_LINE, Exchange
from archive.warc.writing import Stored
from crawler.errors import CertificateInvalid, Refused, Stopped
from crawler.fetching.connection import Connector, PeerResponse
from crawler.fetching.guard import AllowedHosts, check_address, check_url
from crawler.fetching.politeness import Politeness, Turn, retry_after

if TYPE_CHECKING:
    from aiohttp.connector import AddrInfoType
    from scrapy import Request
    from scrapy.crawler import Crawler

MAX_STATUS_LINE_BYTES = 8190
MAX_HEADER_LINE_BYTES = 16 * 1024
MAX_HEADER_LINES = 256
"""A response with more, or longer, header lines is not read: no page needs them, and they cost memory."""

READ_BUFFER_BYTES = 256 * 1024
"""What aiohttp may hold before it lets the server wait; a page of 36 KB comes in one piece."""

KEEP_ALIVE_SECONDS = 75.0
"""nginx closes idle connections after as long by default; a polite delay of some seconds must not cost a handshake."""

MAX_NAMES_CACHED = 1000
NAME_SECONDS = 300
"""How long a name server's answer is used."""

STOP_SECONDS = 0.5
"""What a response under way is given to end when the run is stopped."""

LEGACY_SERVER_CONNECT = 0x4
"""`ssl.OP_LEGACY_SERVER_CONNECT`, which Python names since 3.12: servers without secure renegotiation."""

NO_RESPONSE = (CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError)
"""What the handler raises when no response came, for reasons that may pass."""

PROXY_SCHEMES = frozenset({"http", "https"})


class CaptureSink(Protocol):
    """The run, as this module knows it: keeps exchanges, has the clock, says when to stop."""

    clock: Clock
    counts: Counter[str]
    """What happened how often, by name: `robots/disallowed`."""
    on_stop: list[Callable[[], None]]
    """Called without arguments when the run is to be stopped."""

    def sent(self, meta: dict[str, Any]) -> None:
        """Note that a request goes out now; *meta* is its own."""

    def store(self, exchange: Exchange, meta: dict[str, Any]) -> Stored:
        """Keep an exchange; *meta* is that of the request it answers."""


class RefusedRequest(Refused, IgnoreRequest):
    """`Refused`, as Scrapy understands it: the request is dropped, not retried."""

    def __init__(self, error: Refused) -> None:
        Refused.__init__(self, str(error), error.reason)


_politeness: WeakKeyDictionary[Crawler, Politeness] = WeakKeyDictionary()


def sink_of(crawler: Crawler) -> CaptureSink:
    """Return the run that *crawler* works for: its spider's `session`."""
    return cast(CaptureSink, crawler.spider.session)  # type: ignore[union-attr]


def politeness_of(crawler: Crawler) -> Politeness:
    """Return the one Politeness of a crawl, which the handlers of all schemes and robots.txt share."""
    politeness = _politeness.get(crawler)
    if politeness is None:
        settings = crawler.settings
        delay = settings.get("CRAWL_DELAY_SECONDS")
        sink = sink_of(crawler)
        politeness = Politeness(
            sink.clock,
            delay_seconds=None if delay is None else float(delay),
            concurrency_per_host=settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"),
        )
        sink.on_stop.append(politeness.stop)
        _politeness[crawler] = politeness
    return politeness


@dataclass(slots=True)
class _Connecting:
    """What the request that is just connecting may do, and what it was refused."""

    any_address: bool
    """Its host and port, or its proxy, were named by a person."""
    refusals: list[Refused] = field(default_factory=list)


_connecting: ContextVar[_Connecting | None] = ContextVar("connecting", default=None)


@dataclass(slots=True)
class _Incoming:
    """A response while it comes in: once there is a status line, whatever has come is kept."""

    response: PeerResponse
    fetched_at: datetime
    pieces: list[bytes] = field(default_factory=list)
    truncated: str | None = None
    has_excess: bool = False
    """Whether more came than the response's own length says, by the time that it was read."""

    async def read(self, max_bytes: int) -> None:
        """Read the body; sets `truncated` where it is cut at *max_bytes* or the connection is lost."""
        if self.response.status == 101:
            return  # another protocol would follow, which nobody asked for
        await self._read(max_bytes)
        self.has_excess = self.response.came_by is not None and self.response.came_by.had_excess

    async def _read(self, max_bytes: int) -> None:
        content = self.response.content
        room = max_bytes
        try:
            while piece := await content.readany():
                if len(piece) > room:
                    self.pieces.append(piece[:room])
                    self.truncated = "length"
                    return
                self.pieces.append(piece)
                room -= len(piece)
        except (aiohttp.ClientError, aiohttp.http.HttpProcessingError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            # What arrived together with the error is still in the reader, which gives nothing more out.
            self.pieces.append(content._read_nowait(-1)[:room])
            self.truncated = "disconnect"

    def body(self) -> bytes:
        """Return what came, after transfer decoding."""
        return self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)


class CaptureDownloadHandler(AiohttpDownloadHandler):
    """Fetches for the crawl.

    Sets in `request.meta`: `stored` (where in WARC), `fetched_at`, `truncated` (None, "length", "time", "disconnect"),
    `elapsed` (seconds from the turn to the last byte) and `payload_bytes` (of the body as received). The Response has
    the body with its content coding undone, and in `flags` what reading should know.

    Raises RefusedRequest for a URL or address that is not fetched, Stopped when the run is stopped, Scrapy's download
    errors when no response came; what `CaptureSink.store` raises goes through.
    """

    experimental: ClassVar[bool] = False  # keeps Scrapy's warning, meant for those who choose settings, from users

    def __init__(self, crawler: Crawler, *, resolver: AbstractResolver | None = None) -> None:
        # Not the parent's own, which opens a session with a connector that connects anywhere.
        super(AiohttpDownloadHandler, self).__init__(crawler)
        settings = crawler.settings
        self._sink = sink_of(crawler)
        self._clock = self._sink.clock
        self._politeness = politeness_of(crawler)
        self._allowed = AllowedHosts.parse(settings.getlist("CRAWL_ALLOW_HOSTS"))
        self._timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._max_bytes = settings.getint("DOWNLOAD_MAXSIZE")
        self._limits: set[asyncio.Timeout] = set()
        self._sink.on_stop.append(self._hurry)
        self._session = aiohttp.ClientSession(
            connector=Connector(
                resolver=resolver,
                local_addr=self._bind_address,
                limit=self._pool_size_total,
                limit_per_host=self._pool_size_per_host,
                ttl_dns_cache=NAME_SECONDS,
                dns_cache_max_size=MAX_NAMES_CACHED,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                ssl=tls_context(strict=settings.getbool("CRAWL_TLS_STRICT", True)),
                socket_factory=self._guarded_socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,  # a proxy from the environment would void the address guard
            response_class=PeerResponse,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # ours is around the whole try
            read_bufsize=READ_BUFFER_BYTES,
            max_line_size=MAX_STATUS_LINE_BYTES,
            max_field_size=MAX_HEADER_LINE_BYTES,
            max_headers=MAX_HEADER_LINES,
        )

    def _guarded_socket(self, address_info: AddrInfoType) -> socket.socket:
        """Return the socket for an address about to be connected, if that may be.

        The error is an OSError so that aiohttp goes on to a name's next address.
        """
        family, kind, protocol, _, address = address_info
        connecting = _connecting.get()
        if connecting is None or not connecting.any_address:
            try:
                check_address(str(address[0]), int(address[1]), self._allowed)
            except Refused as error:
                if connecting is not None:
                    connecting.refusals.append(error)
                raise OSError(errno.EACCES, str(error)) from error
        return socket.socket(family, kind, protocol)

    def _hurry(self) -> None:
        """Give what is under way little time to end."""
        soon = asyncio.get_running_loop().time() + STOP_SECONDS
        for limit in self._limits:
            if not limit.expired() and (limit.when() or soon) >= soon:
                limit.reschedule(soon)

    async def download_request(self, request: Request) -> Response:
        """Return the response to *request*, once it is its host's turn."""
        try:
            host, port = check_url(request.url, self._allowed)
            proxy = _proxy(request)
        except Refused as error:
            raise RefusedRequest(error) from error
        async with self._politeness.turn(host) as turn:
            self._sink.sent(request.meta)
            named = proxy is not None or self._allowed.allows_name(host, port)
            incoming = await self._receive(request, proxy, _Connecting(any_address=named))
            return self._kept(request, incoming, turn, proxied=proxy is not None)

    async def _receive(self, request: Request, proxy: str | None, connecting: _Connecting) -> _Incoming:
        """Return what came within the time that a try may take; raises where nothing came."""
        incoming: _Incoming | None = None
        limit = asyncio.timeout(self._timeout)
        self._limits.add(limit)
        token = _connecting.set(connecting)
        try:
            async with limit:
                response = await self._ask(request, proxy)
                incoming = _Incoming(response, self._clock.now())
                await incoming.read(self._max_bytes)
        except TimeoutError as error:
            if self._politeness.stopped:
                raise Stopped("the run is being stopped; run the same command again to go on") from error
            if incoming is None:
                raise DownloadTimeoutError(f"{request.url} did not answer within {self._timeout:g} s") from error
            incoming.truncated = "time"
        except (aiohttp.ClientError, aiohttp.http.HttpProcessingError, OSError) as error:
            raise _no_response(request.url, error, connecting.refusals) from error
        finally:
            _connecting.reset(token)
            self._limits.discard(limit)
            if incoming is not None and not incoming.response.closed:
                incoming.response.close()
        return incoming

    async def _ask(self, request: Request, proxy: str | None) -> PeerResponse:
        """Send the request; return the response when its header is there."""
        response = await self._session.request(
            request.method,
            # Without yarl's own percent-encoding: the URL goes out as the frontier knows it.
            yarl.URL(request.url, encoded=True),
            data=request.body or None,
            headers=[
                (name.decode("latin-1"), value.decode("utf-8", "replace"))
                for name, values in dict.items(request.headers)  # Headers.items() builds every list again
                for value in values
            ],
            allow_redirects=False,
            proxy=proxy,
        )
        return cast(PeerResponse, response)

    def _kept(self, request: Request, incoming: _Incoming, turn: Turn, *, proxied: bool) -> Response:
        """Hand the exchange to WARC; return it as Scrapy knows it."""
        response = incoming.response
        headers = _headers(response.raw_headers)
        wait = retry_after(headers.get(b"Retry-After"), incoming.fetched_at)
        elapsed = turn.finished(response.status, wait)
        exchange = _exchange(request, incoming, proxied=proxied)
        meta = request.meta
        meta["fetched_at"] = exchange.fetched_at
        meta["truncated"] = incoming.truncated
        meta["elapsed"] = meta["download_latency"] = elapsed
        meta["payload_bytes"] = len(exchange.body)
        meta["stored"] = self._sink.store(exchange, meta)
        return _response(request.url, exchange, headers)

    async def close(self) -> None:
        await self._session.close()


@cache
def tls_context(*, strict: bool) -> ssl.SSLContext:
    """Return the TLS settings; not *strict*: any certificate, and the old protocols that such sites often speak.

    One for all crawls of a process: reading the machine's certificates takes 46 ms and 0.7 MB.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not strict:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.options |= LEGACY_SERVER_CONNECT
    return context


def check_proxy(proxy: str) -> str:
    """Return *proxy* if it is a proxy URL that can be used; UsageError if not."""
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{proxy!r} is no proxy that can be used; write it like http://127.0.0.1:8080")
    return proxy


def _proxy(request: Request) -> str | None:
    proxy = request.meta.get("proxy")
    return check_proxy(proxy) if proxy else None


def _no_response(url: str, error: Exception, refusals: list[Refused]) -> Exception:
    """Return the error that says why no response came."""
    if refusals:
        return RefusedRequest(refusals[0])
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return CertificateInvalid(
            f"the certificate of {error.host} does not hold ({error.certificate_error}); "
            "look at it in a browser, and set tls_strict = false in the site's profile if you still want to go there"
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return CannotResolveHostError(f"{url}: {error}")
    if isinstance(error, aiohttp.ClientConnectorError):
        return DownloadConnectionRefusedError(f"{url}: {error}")
    return DownloadFailedError(f"{url}: {type(error).__name__}: {error}")


def why_no_response(error: BaseException) -> str:
    """Return a word for why no response came, where *error* is not our own."""
    if isinstance(error, CannotResolveHostError):
        return "host_unknown"
    if isinstance(error, DownloadConnectionRefusedError):
        return "no_connection"
    if isinstance(error, DownloadTimeoutError):
        return "no_answer"
    if isinstance(error, DownloadFailedError):
        is_nonsense = isinstance(error.__cause__, (aiohttp.ClientResponseError, aiohttp.http.HttpProcessingError))
        return "answer_is_no_http" if is_nonsense else "connection_lost"
    return "could_not_be_fetched"


def _exchange(request: Request, incoming: _Incoming, *, proxied: bool) -> Exchange:
    response = incoming.response
    version = response.version
    protocol = f"HTTP/{version.major}.{version.minor}" if version else "HTTP/1.1"
    reason = (response.reason or "").encode("utf-8", "surrogateescape")
    return Exchange(
        url=request.url,
        fetched_at=incoming.fetched_at,
        method=request.method,
        request_lines=_request_lines(response, proxied=proxied),
        request_body=request.body,
        status_line=b"%s %d %s" % (protocol.encode(), response.status, reason),
        header_lines=(*response.raw_headers, EXCESS_LINE) if incoming.has_excess else response.raw_headers,
        body=incoming.body(),
        # Through a proxy the server's address is not known.
        ip_address=str(response.peer[0]) if response.peer and not proxied else None,
        truncated=incoming.truncated,
        protocol=protocol.lower(),
    )


def _request_lines(response: PeerResponse, *, proxied: bool) -> bytes:
    """Return the request line and header lines as aiohttp wrote them, without what was for the proxy alone."""
    sent = response.request_info
    target = str(sent.url) if proxied and sent.url.scheme == "http" else sent.url.raw_path_qs
    lines = [f"{sent.method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in sent.headers.items() if name.lower() != "proxy-authorization"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def _response(url: str, exchange: Exchange, headers: Headers) -> Response:
    """Return Scrapy's Response; its class by Content-Type alone, since sniffing costs more than anyone gains here."""
    coding = headers.pop(b"Content-Encoding", None)
    decoded = decode_content(exchange.body, b", ".join(coding).decode("latin-1") if coding else None)
    flags = list(decoded.flags)
    if exchange.truncated and "truncated" not in flags:
        flags.append("truncated")
    if EXCESS_LINE in exchange.header_lines:
        flags.append(EXCESS)
    response = _response_class(headers)(
        url, status=exchange.status, body=decoded.body, flags=flags, protocol=exchange.protocol
    )
    response.headers = headers  # the constructor would copy every line once more
    return response


def _headers(lines: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return Scrapy's Headers for *lines*, at a third of what `appendlist` costs: they are bytes already."""
    headers = Headers()
    for name, value in lines:
        name = name.title()
        values = dict.get(headers, name)
        if values is None:
            dict.__setitem__(headers, name, [value])
        else:
            values.append(value)
    return headers


def _response_class(headers: Headers) -> type[Response]:
    content_type = (headers.get(b"Content-Type") or b"").lower()
    if b"html" in content_type:
        return HtmlResponse
    if content_type.startswith(b"text/") or b"xml" in content_type or b"json" in content_type:
        return TextResponse
    return Response
