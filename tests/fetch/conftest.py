"""Servers on 127.0.0.1 that answer as badly as servers can, and a handler to fetch from them."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scrapy.settings import Settings

from archive.clock import Clock, ManualClock
from archive.warc.record import Exchange
from archive.warc.writing import Stored
from crawler.fetching.transport import CaptureDownloadHandler

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)

Behaviour = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Called with the bytes of one request's head."""


class RecordingSink:
    """A run that only remembers what it was given."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or ManualClock(START)
        self.counts: Counter[str] = Counter()
        self.on_stop: list[Callable[[], None]] = []
        self.exchanges: list[Exchange] = []

    def sent(self, meta: dict[str, Any]) -> None:
        """Nothing to note."""

    def store(self, exchange: Exchange, meta: dict[str, Any]) -> Stored:
        self.exchanges.append(exchange)
        number = len(self.exchanges)
        return Stored(f"<urn:uuid:{number}>", "warc/s/r-1-00000.warc.gz", number, 1, "response", None, None)

    def stop(self) -> None:
        for call in self.on_stop:
            call()


class FakeSpider:
    def __init__(self, session: RecordingSink) -> None:
        self.session = session


class FakeCrawler:
    """What the handler and the middleware need of Scrapy's Crawler."""

    def __init__(self, sink: RecordingSink, **settings: Any) -> None:
        defaults = {
            "CONCURRENT_REQUESTS": 4,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "CRAWL_DELAY_SECONDS": 0,
            "CRAWL_TLS_STRICT": True,
            "DOWNLOAD_TIMEOUT": 5,
            "DOWNLOAD_MAXSIZE": 32 * 1024 * 1024,
        }
        self.settings = Settings(defaults | settings)
        self.spider = FakeSpider(sink)
        self.engine: Any = None


@dataclass
class Server:
    """A server that is up."""

    port: int
    heads: list[bytes] = field(default_factory=list)
    """Each request's head as it came."""
    connections: int = 0

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server that leaves what it answers to *behaviour*, and keeps connections open until that closes them."""
    tasks: set[asyncio.Task[Any]] = set()
    state = Server(0)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        state.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                state.heads.append(head)
                await behaviour(head, reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(raw: bytes, *, close: bool = False) -> Behaviour:
    """Always answer these bytes."""

    async def behaviour(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        if close:
            writer.close()

    return behaviour


@asynccontextmanager
async def fetching(
    sink: RecordingSink, *allowed: Server, resolver: Any = None, **settings: Any
) -> AsyncIterator[CaptureDownloadHandler]:
    """A handler that may reach the *allowed* servers."""
    settings.setdefault("CRAWL_ALLOW_HOSTS", [f"127.0.0.1:{server.port}" for server in allowed])
    crawler = FakeCrawler(sink, **settings)
    handler = CaptureDownloadHandler(crawler, resolver=resolver)  # type: ignore[arg-type]
    try:
        yield handler
    finally:
        await handler.close()
