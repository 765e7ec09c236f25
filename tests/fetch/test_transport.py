"""One exchange: what is kept of it, and what hostile servers can not do."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Headers, HtmlResponse, Response, TextResponse

from archive.clock import SystemClock
from archive.errors import MachineTrouble, UsageError
from archive.warc.record import Exchange
from archive.warc.writing import Stored
from crawler.errors import CertificateInvalid, Refused, Stopped
from crawler.fetching.guard import redirect_target
from crawler.fetching.transport import NO_RESPONSE, _headers
from tests.fetch.conftest import RecordingSink, answering, fetching, serving

try:
    import uvloop
except ImportError:  # it does not install on Windows and PyPy
    uvloop = None

PAGE = "<html><head><title>计生</title></head></html>".encode()
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE


def run(coroutine: Any) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
        return runner.run(asyncio.wait_for(coroutine, 30))


def get(raw: bytes, *, close: bool = False, **settings: Any) -> tuple[Response, RecordingSink]:
    """Fetch one page from a server that answers *raw*."""
    sink = RecordingSink()

    async def fetch() -> Response:
        async with serving(answering(raw, close=close)) as server, fetching(sink, server, **settings) as handler:
            return await handler.download_request(Request(server.url("/a?b=1#c")))

    return run(fetch()), sink


class TestWhatIsKept:
    def test_exchange_is_kept_as_it_went_over_the_wire(self) -> None:
        raw = (
            b"HTTP/1.1 200 All Right\r\nx-Odd: 1\r\nContent-Type: text/html; charset=utf-8\r\nSET-cookie: a=1\r\n"
            b"set-Cookie: b=2\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE
        )
        sink = RecordingSink()

        async def fetch() -> tuple[Response, bytes]:
            async with serving(answering(raw)) as server, fetching(sink, server) as handler:
                request = Request(
                    server.url("/%E7%94%B2?q=%2f#x"), headers={"User-Agent": "docarchive/1", "Accept": "text/html"}
                )
                response = await handler.download_request(request)
                assert request.meta["stored"].offset == 1
                assert request.meta["fetched_at"] == sink.clock.now()
                assert request.meta["truncated"] is None
                assert request.meta["payload_bytes"] == len(PAGE)
                return response, server.heads[0]

        response, head = run(fetch())
        (exchange,) = sink.exchanges
        assert exchange.request_lines == head
        assert head.startswith(b"GET /%E7%94%B2?q=%2f HTTP/1.1\r\n")
        assert exchange.status_line == b"HTTP/1.1 200 All Right"
        assert exchange.header_lines == (
            (b"x-Odd", b"1"),
            (b"Content-Type", b"text/html; charset=utf-8"),
            (b"SET-cookie", b"a=1"),
            (b"set-Cookie", b"b=2"),
            (b"Content-Length", b"%d" % len(PAGE)),
        )
        assert exchange.body == PAGE
        assert exchange.ip_address == "127.0.0.1"
        assert exchange.truncated is None
        assert isinstance(response, HtmlResponse)
        assert response.body == PAGE
        assert response.headers.getlist("Set-Cookie") == [b"a=1", b"b=2"]

    def test_url_without_path_asks_for_the_root(self) -> None:
        sink = RecordingSink()

        async def fetch() -> bytes:
            async with serving(answering(OK)) as server, fetching(sink, server) as handler:
                await handler.download_request(Request(f"http://127.0.0.1:{server.port}?a=1"))
                return server.heads[0]

        assert run(fetch()).startswith(b"GET /?a=1 HTTP/1.1\r\n")

    def test_content_coding_is_kept_in_warc_and_undone_for_reading(self) -> None:
        packed = gzip.compress(PAGE)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n"
        response, sink = get(head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed)
        assert sink.exchanges[0].body == packed
        assert (b"Content-Encoding", b"gzip") in sink.exchanges[0].header_lines
        assert response.body == PAGE
        assert b"Content-Encoding" not in response.headers
        assert isinstance(response, TextResponse)

    def test_chunks_are_joined(self) -> None:
        response, sink = get(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX: y\r\n\r\n"
        )
        assert response.body == sink.exchanges[0].body == b"hello world"
        assert (b"Transfer-Encoding", b"chunked") in sink.exchanges[0].header_lines

    def test_body_until_close(self) -> None:
        response, sink = get(b"HTTP/1.0 404 Not Found\r\n\r\ngone", close=True)
        assert (response.status, response.body) == (404, b"gone")
        assert sink.exchanges[0].status_line == b"HTTP/1.0 404 Not Found"
        assert sink.exchanges[0].truncated is None

    @pytest.mark.parametrize("raw", [b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", b"HTTP/1.1 204 \r\n\r\n"])
    def test_no_body(self, raw: bytes) -> None:
        response, sink = get(raw)
        assert response.body == sink.exchanges[0].body == b""

    def test_interim_responses_are_passed_over(self) -> None:
        response, _ = get(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK)
        assert response.status == 200

    def test_one_connection_serves_many_pages(self) -> None:
        sink = RecordingSink()

        async def fetch() -> int:
            async with serving(answering(OK)) as server, fetching(sink, server) as handler:
                await asyncio.gather(*(handler.download_request(Request(server.url(f"/{n}"))) for n in range(20)))
                return server.connections

        assert run(fetch()) == 1
        assert len(sink.exchanges) == 20

    def test_connection_that_the_server_closed_meanwhile_is_no_failure(self) -> None:
        """Servers close idle connections while we wait politely; whether they did shows only when we ask."""
        answered: set[asyncio.StreamWriter] = set()

        async def behaviour(head: bytes, reader: Any, writer: asyncio.StreamWriter) -> None:
            if writer in answered:
                writer.close()
            else:
                answered.add(writer)
                writer.write(OK)

        sink = RecordingSink()

        async def fetch() -> int:
            async with serving(behaviour) as server, fetching(sink, server) as handler:
                for n in range(3):
                    await handler.download_request(Request(server.url(f"/{n}")))
                return server.connections

        assert run(fetch()) == 3
        assert [exchange.url[-1] for exchange in sink.exchanges] == ["0", "1", "2"]

    def test_header_lines_are_as_scrapy_would_have_them(self) -> None:
        lines = ((b"set-cookie", b"a"), (b"X-ODD", b"\xe9"), (b"Set-Cookie", b"b"), (b"etag", b""))
        expected = Headers()
        for name, value in lines:
            expected.appendlist(name, value)
        assert dict(_headers(lines)) == dict(expected)

    def test_text_that_is_not_ascii_goes_out_in_a_header(self) -> None:
        sink = RecordingSink()

        async def fetch() -> bytes:
            async with serving(answering(OK)) as server, fetching(sink, server) as handler:
                await handler.download_request(Request(server.url(), headers={"X-From": "计生", "ETag": b"\xff"}))
                return server.heads[0]

        head = run(fetch())
        assert "X-From: 计生".encode() in head
        assert sink.exchanges[0].request_lines == head

    def test_redirect_is_an_answer_like_any_other(self) -> None:
        response, sink = get(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
        assert response.status == 302
        assert len(sink.exchanges) == 1

    def test_a_failing_archive_is_no_missing_page(self) -> None:
        class FullDisk(RecordingSink):
            def store(self, exchange: Exchange, meta: dict[str, Any]) -> Stored:
                raise MachineTrouble("the disk is full; make room")

        async def fetch() -> None:
            async with serving(answering(OK)) as server, fetching(FullDisk(), server) as handler:
                await handler.download_request(Request(server.url()))

        with pytest.raises(MachineTrouble):
            run(fetch())


PAGE_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n" % len(PAGE)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)
WRONG = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"
LATE_408 = b"HTTP/1.0 408 Request Time-out\r\nConnection: close\r\n\r\n"


class TestOneAnswerToOneRequest:
    """What comes beyond a response is no answer to the next request, and does not cost the response itself."""

    @pytest.mark.parametrize("apart", [True, False])
    @pytest.mark.parametrize("excess", [WRONG, LATE_408, WRONG[:20], b"</html>\n", b"\x00" * 9])
    @pytest.mark.parametrize("first", [OK, CHUNKED, b"HTTP/1.1 204 No Content\r\n\r\n"])
    def test_answers_do_not_shift_to_the_next_url(self, first: bytes, excess: bytes, apart: bool) -> None:
        sink = RecordingSink()

        async def behaviour(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            path = head.split(b" ")[1]
            if path != b"/0":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + path)
                return
            writer.write(first)
            await writer.drain()
            if apart:
                await asyncio.sleep(0.02)
            writer.write(excess)

        async def fetch() -> list[Response]:
            async with serving(behaviour) as server, fetching(sink, server) as handler:
                answers = []
                for number in range(3):
                    answers.append(await handler.download_request(Request(server.url(f"/{number}"))))
                    await asyncio.sleep(0.05)
                assert server.connections == 2
                return answers

        begun, *others = run(fetch())
        assert [answer.body for answer in others] == [b"/1", b"/2"]
        assert begun.body == (b"" if begun.status == 204 else PAGE)

    @pytest.mark.parametrize("close", [True, False])
    @pytest.mark.parametrize("excess", [b"<!-- cached by X -->", b"\0" * 9, WRONG, b"HTTP/1.1 200"])
    @pytest.mark.parametrize("head", [PAGE_LENGTH, PAGE_LENGTH + b"Connection: close\r\n"])
    def test_bytes_behind_the_length_cost_no_page(self, head: bytes, excess: bytes, close: bool) -> None:
        response, sink = get(head + b"\r\n" + PAGE + excess, close=close)
        assert response.body == sink.exchanges[0].body == PAGE
        assert response.flags == ["excess_bytes"]
        assert sink.exchanges[0].truncated is None

    def test_bytes_behind_the_last_chunk_cost_no_page(self) -> None:
        response, sink = get(CHUNKED + b"<!-- cached by X -->", close=True)
        assert response.body == sink.exchanges[0].body == PAGE
        assert response.flags == ["excess_bytes"]

    @pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
    @pytest.mark.parametrize("length", [b"", b"Content-Length: 6\r\n", b"Content-Type: text/html\r\n"])
    @pytest.mark.parametrize("last", [b"", b"Connection: close\r\n"])
    def test_a_body_where_none_belongs_costs_no_answer(self, status: bytes, length: bytes, last: bytes) -> None:
        response, sink = get(b"HTTP/1.1 " + status + b"\r\n" + length + last + b"\r\n<html>", close=True)
        assert response.status == int(status[:3])
        assert response.body == sink.exchanges[0].body == b""
        assert response.flags == ["excess_bytes"]

    def test_headers_that_come_in_pieces_are_read(self) -> None:
        raw = b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"more"

        async def behaviour(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for at in range(len(raw)):
                writer.write(raw[at : at + 1])
                await asyncio.sleep(0)

        async def fetch() -> Response:
            sink = RecordingSink()
            async with serving(behaviour) as server, fetching(sink, server) as handler:
                return await handler.download_request(Request(server.url()))

        assert run(fetch()).body == PAGE


class TestCutShort:
    """What had come is kept and marked; nothing is taken for whole that is not."""

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(b"Content-Length: 100\r\n\r\nhalf", id="length that lies"),
            pytest.param(b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", id="no last chunk"),
            pytest.param(b"Transfer-Encoding: chunked\r\n\r\n64\r\nhalf", id="cut within a chunk"),
        ],
    )
    def test_lost_connection(self, raw: bytes) -> None:
        response, sink = get(b"HTTP/1.1 200 OK\r\n" + raw, close=True)
        assert sink.exchanges[0].truncated == "disconnect"
        assert sink.exchanges[0].body == response.body == b"half"
        assert response.flags == ["truncated"]

    def test_broken_chunk_after_good_ones(self) -> None:
        async def behaviour(head: bytes, reader: Any, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
            await asyncio.sleep(0.1)
            writer.write(b"zz\r\nmore")

        sink = RecordingSink()

        async def fetch() -> None:
            async with serving(behaviour) as server, fetching(sink, server) as handler:
                await handler.download_request(Request(server.url()))

        run(fetch())
        assert (sink.exchanges[0].truncated, sink.exchanges[0].body) == ("disconnect", b"half")

    @pytest.mark.parametrize("size", [50_000_000, None], ids=["50 MB", "endless"])
    def test_large_body_is_cut(self, size: int | None) -> None:
        limit = 1_000_000
        sent = 0

        async def behaviour(head: bytes, reader: Any, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            writer.write(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: %d\r\n" % size if size else b"") + b"\r\n")
            while size is None or sent < size:
                writer.write(b"x" * 65536)
                sent += 65536
                await writer.drain()

        sink = RecordingSink()

        async def fetch() -> Response:
            async with serving(behaviour) as server, fetching(sink, server, DOWNLOAD_MAXSIZE=limit) as handler:
                return await handler.download_request(Request(server.url()))

        response = run(fetch())
        assert len(response.body) == len(sink.exchanges[0].body) == limit
        assert sink.exchanges[0].truncated == "length"
        assert sent < 30_000_000  # the server was not drained

    def test_body_of_just_the_limit_is_whole(self) -> None:
        _, sink = get(OK, DOWNLOAD_MAXSIZE=len(PAGE))
        assert sink.exchanges[0].truncated is None

    def test_slow_body_is_kept_as_far_as_it_came(self) -> None:
        async def behaviour(head: bytes, reader: Any, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.05)

        sink = RecordingSink()

        async def fetch() -> None:
            async with serving(behaviour) as server, fetching(sink, server, DOWNLOAD_TIMEOUT=0.4) as handler:
                request = Request(server.url())
                response = await handler.download_request(request)
                assert request.meta["truncated"] == "time"
                assert response.flags == ["truncated"]

        run(fetch())
        assert sink.exchanges[0].truncated == "time"
        assert 3 <= len(sink.exchanges[0].body) <= 10

    def test_slow_header_is_no_response(self) -> None:
        async def behaviour(head: bytes, reader: Any, writer: asyncio.StreamWriter) -> None:
            for byte in OK:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)

        sink = RecordingSink()

        async def fetch() -> None:
            async with serving(behaviour) as server, fetching(sink, server, DOWNLOAD_TIMEOUT=0.3) as handler:
                await handler.download_request(Request(server.url()))

        with pytest.raises(DownloadTimeoutError):
            run(fetch())
        assert sink.exchanges == []


class TestNoResponse:
    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(b"", id="closed at once"),
            pytest.param(b"220 smtp.example ESMTP\r\n", id="another protocol"),
            pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n", id="flood of header lines"),
            pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", id="endless header line"),
            pytest.param(b"HTTP/1.1 200 " + b"y" * 100_000 + b"\r\n\r\n", id="endless status line"),
            pytest.param(b"HTTP/1.1 200 OK\r\nX: y\r\n", id="closed within the header"),
        ],
    )
    def test_broken_header(self, raw: bytes) -> None:
        with pytest.raises(DownloadFailedError):
            get(raw, close=True)

    def test_endless_header_does_not_fill_the_memory(self) -> None:
        sent = 0

        async def behaviour(head: bytes, reader: Any, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                writer.write(b"X-Flood: yes\r\n" * 1000)
                sent += 14_000
                await writer.drain()

        async def fetch() -> None:
            async with serving(behaviour) as server, fetching(RecordingSink(), server) as handler:
                await handler.download_request(Request(server.url()))

        with pytest.raises(DownloadFailedError):
            run(fetch())
        assert sent < 20_000_000

    def test_interim_responses_without_end_do_not_fill_the_memory(self) -> None:
        interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 1_000
        sent = 0

        async def behaviour(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            for _ in range(2_000):
                writer.write(interim)
                await writer.drain()
                sent += len(interim)

        async def fetch() -> None:
            sink = RecordingSink()
            async with serving(behaviour) as server, fetching(sink, server) as handler:
                await handler.download_request(Request(server.url()))

        with pytest.raises(DownloadFailedError, match="interim"):
            run(fetch())
        assert sent < 16_000_000  # what the two sockets hold, and no more

    def test_nobody_listens(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        async def fetch() -> None:
            async with fetching(RecordingSink(), CRAWL_ALLOW_HOSTS=[f"127.0.0.1:{port}"]) as handler:
                await handler.download_request(Request(f"http://127.0.0.1:{port}/"))

        with pytest.raises(DownloadConnectionRefusedError):
            run(fetch())

    def test_tls_spoken_to_a_plain_server(self) -> None:
        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        async def fetch() -> None:
            server = await asyncio.start_server(plain, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            async with server, fetching(RecordingSink(), CRAWL_ALLOW_HOSTS=[f"127.0.0.1:{port}"]) as handler:
                await handler.download_request(Request(f"https://127.0.0.1:{port}/"))

        with pytest.raises(NO_RESPONSE):
            run(fetch())


class TestCertificates:
    def fetch(self, folder: Path, **settings: Any) -> Response:
        async def fetch() -> Response:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(self_signed(folder))
            async with (
                serving(answering(OK), tls=tls) as server,
                fetching(RecordingSink(), server, **settings) as handler,
            ):
                return await handler.download_request(Request(f"https://127.0.0.1:{server.port}/"))

        response: Response = run(fetch())
        return response

    def test_certificate_that_nobody_vouches_for(self, tmp_path: Path) -> None:
        with pytest.raises(CertificateInvalid, match="tls_strict"):
            self.fetch(tmp_path)

    def test_relaxed_by_the_profile(self, tmp_path: Path) -> None:
        assert self.fetch(tmp_path, CRAWL_TLS_STRICT=False).body == PAGE


def self_signed(folder: Path) -> Path:
    """Return a PEM file with a fresh key and a certificate of its own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1))
        .not_valid_after(datetime(2100, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


class FakeResolver(AbstractResolver):
    """A name server that says what it is told, each time the next."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not addresses:
            raise OSError("no such name")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


class TestGuard:
    """Every connection is judged by the address that is really connected."""

    def fetch(self, url: str, *answers: list[str], allowed: tuple[str, ...] = ()) -> Response:
        async def fetch() -> Response:
            async with serving(answering(OK)) as server:
                sink = RecordingSink()
                hosts = [text.replace("PORT", str(server.port)) for text in allowed]
                resolver = FakeResolver(*answers) if answers else None
                async with fetching(sink, resolver=resolver, CRAWL_ALLOW_HOSTS=hosts) as handler:
                    try:
                        return await handler.download_request(Request(url.replace("PORT", str(server.port))))
                    finally:
                        if not hosts:
                            assert server.connections == 0

        response: Response = run(fetch())
        return response

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:PORT/",
            "http://127.1:PORT/",
            "http://2130706433:PORT/",
            "http://localhost:PORT/",
            "http://[::1]:PORT/",
            "http://[::ffff:127.0.0.1]:PORT/",
            "http://169.254.169.254/latest/meta-data/",
        ],
    )
    def test_literal_addresses(self, url: str) -> None:
        with pytest.raises(Refused) as caught:
            self.fetch(url)
        assert isinstance(caught.value, IgnoreRequest)
        assert caught.value.reason == "address_refused"
        assert "--allow-host" in str(caught.value)

    def test_name_that_resolves_to_this_machine(self) -> None:
        with pytest.raises(Refused, match=r"127\.0\.0\.1:"):
            self.fetch("http://docs.example:PORT/", ["127.0.0.1"])

    def test_name_whose_addresses_are_all_private(self) -> None:
        with pytest.raises(Refused):
            self.fetch("http://docs.example:PORT/", ["10.0.0.1", "::1", "fd00::1", "127.0.0.1"])

    def test_other_address_of_a_name_is_tried(self) -> None:
        """One private address among a name's does not make the others unreachable; it is only never connected."""
        response = self.fetch("http://docs.example:PORT/", ["10.0.0.1", "127.0.0.1"], allowed=("127.0.0.1:PORT",))
        assert response.status == 200

    def test_rebinding(self) -> None:
        """A name that was public when first asked is judged again at each connection."""

        async def fetch() -> None:
            async with serving(answering(OK, close=True)) as server:
                resolver = FakeResolver(["127.0.0.1"], ["127.0.0.2"])
                sink = RecordingSink()
                hosts = [f"127.0.0.1:{server.port}"]
                async with fetching(sink, resolver=resolver, CRAWL_ALLOW_HOSTS=hosts) as handler:
                    handler._session.connector._use_dns_cache = False  # type: ignore[union-attr]
                    url = f"http://docs.example:{server.port}/"
                    await handler.download_request(Request(url))
                    with pytest.raises(Refused, match=r"127\.0\.0\.2"):
                        await handler.download_request(Request(url))

        run(fetch())

    def test_named_host_may_resolve_to_any_address(self) -> None:
        response = self.fetch("http://docs.example:PORT/", ["127.0.0.1"], allowed=("docs.example:PORT",))
        assert response.status == 200

    def test_localhost_is_reached_where_its_address_is_allowed(self) -> None:
        response = self.fetch("http://localhost:PORT/", ["::1", "127.0.0.1"], allowed=("127.0.0.1:PORT",))
        assert response.status == 200

    @pytest.mark.parametrize("target", ["http://169.254.169.254/latest/", "http://[::1]:PORT/", "//localhost:1/"])
    def test_redirects_are_judged_like_any_url(self, target: str) -> None:
        async def fetch() -> None:
            async def behaviour(head: bytes, reader: Any, writer: asyncio.StreamWriter) -> None:
                location = target.replace("PORT", str(server.port)).encode()
                writer.write(b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % location)

            async with serving(behaviour) as server, fetching(RecordingSink(), server) as handler:
                response = await handler.download_request(Request(server.url()))
                hop = redirect_target(response.status, response.headers.get("Location"), response.url)
                assert hop is not None
                with pytest.raises(Refused):
                    await handler.download_request(Request(hop))
                assert server.connections == 1

        run(fetch())

    def test_allowed_address_on_another_port(self) -> None:
        with pytest.raises(Refused):
            self.fetch("http://127.0.0.1:1/", allowed=("127.0.0.1:PORT",))

    def test_unknown_name(self) -> None:
        with pytest.raises(CannotResolveHostError):
            self.fetch("http://docs.example:PORT/", [])

    def test_proxy_from_the_environment_is_ignored(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        response = self.fetch("http://127.0.0.1:PORT/", allowed=("127.0.0.1:PORT",))
        assert response.status == 200


class TestProxy:
    def fetch(self, url: str, proxy: str | None = None) -> tuple[list[bytes], RecordingSink]:
        sink = RecordingSink()

        async def fetch() -> list[bytes]:
            async with serving(answering(OK)) as server, fetching(sink) as handler:
                meta = {"proxy": proxy or f"http://me:secret@127.0.0.1:{server.port}"}
                await handler.download_request(Request(url, meta=meta))
                return server.heads

        return run(fetch()), sink

    def test_named_proxy_is_reached_wherever_it_is(self) -> None:
        heads, sink = self.fetch("http://docs.example/a?b")
        assert heads[0].startswith(b"GET http://docs.example/a?b HTTP/1.1\r\n")
        assert b"Proxy-Authorization" in heads[0]
        assert sink.exchanges[0].request_lines.startswith(b"GET http://docs.example/a?b HTTP/1.1\r\n")
        assert b"Proxy-Authorization" not in sink.exchanges[0].request_lines  # a secret of ours
        assert sink.exchanges[0].ip_address is None

    def test_target_is_still_judged(self) -> None:
        with pytest.raises(Refused):
            self.fetch("http://169.254.169.254/")

    def test_unusable_proxy(self) -> None:
        with pytest.raises(UsageError):
            self.fetch("http://docs.example/", "socks5://127.0.0.1:1080")


class TestStopping:
    def test_stop_ends_what_is_under_way_and_what_waits(self) -> None:
        async def behaviour(head: bytes, reader: Any, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx")
            await asyncio.sleep(60)

        sink = RecordingSink(SystemClock())

        async def fetch() -> list[Any]:
            async with serving(behaviour) as server, fetching(sink, server, CRAWL_DELAY_SECONDS=30) as handler:
                tasks = [asyncio.create_task(handler.download_request(Request(server.url(f"/{n}")))) for n in range(3)]
                await asyncio.sleep(0.1)
                began = asyncio.get_running_loop().time()
                sink.stop()
                results = await asyncio.gather(*tasks, return_exceptions=True)
                assert asyncio.get_running_loop().time() - began < 1
                return results

        assert [type(result) for result in run(fetch())] == [Stopped] * 3
        assert sink.exchanges == []  # half a page that we cut ourselves says nothing about the site


def test_aiohttp_still_has_what_we_use_of_its_inside() -> None:
    async def factory() -> Any:
        connector = aiohttp.TCPConnector()
        try:
            return connector._factory()
        finally:
            await connector.close()

    assert hasattr(run(factory()), "_payload")
    assert callable(aiohttp.StreamReader._read_nowait)
