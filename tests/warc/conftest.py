"""A small archive to write WARC files into, and what all tests of them need."""

from __future__ import annotations

import gzip
import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import durable
from archive.clock import ManualClock
from archive.layout import Layout, create
from archive.warc.record import Exchange
from archive.warc.writing import WarcWriter

NOW = datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)
PAGE = "<html><body><h1>计生证明</h1><p>大小:32.74KB</p></body></html>".encode() * 20
REQUEST = b"GET /p/1.html HTTP/1.1\r\nHost: docs.example\r\nUser-Agent: docarchive (+mailto:a@b.example)\r\n\r\n"
HEADERS = (
    (b"Server", b"nginx"),
    (b"Content-Type", b"text/html; charset=utf-8"),
    (b"content-encoding", b"gzip"),
    (b"Transfer-Encoding", b"chunked"),
    (b"Set-Cookie", b"a=1"),
    (b"Set-Cookie", b"b=2"),
)


class Killed(BaseException):
    """The process dies here: nothing in the program may catch it."""


def exchange(number: int = 1, body: bytes | None = None, **changes: Any) -> Exchange:
    """Return a chunked, gzipped answer to a plain request."""
    values: dict[str, Any] = {
        "url": f"http://docs.example/p/{number}.html",
        "fetched_at": NOW,
        "method": "GET",
        "request_lines": REQUEST,
        "request_body": b"",
        "status_line": b"HTTP/1.1 200 OK",
        "header_lines": HEADERS,
        "body": gzip.compress(PAGE + b"%d" % number, mtime=0) if body is None else body,
        "ip_address": "192.0.2.7",
    }
    return Exchange(**(values | changes))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return create(tmp_path / "data")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def new_writer(layout: Layout, clock: ManualClock) -> Callable[..., WarcWriter]:
    """Make writers whose record ids count up, so that two of them write the same bytes."""

    def make(run_id: str = "RUN", epoch: int = 1, **options: Any) -> WarcWriter:
        numbers = itertools.count(epoch << 32)
        info = options.pop("info", {"operator": "tests", "robots": "obey"})
        options.setdefault("new_id", lambda: uuid.UUID(int=next(numbers)))
        return WarcWriter(layout, "huiwen", run_id, epoch, clock, info=info, **options)

    return make


@pytest.fixture(autouse=True)
def no_fault_left() -> Iterator[None]:
    """Take any fault hook of a test away again."""
    yield
    durable.fault_hook = None
