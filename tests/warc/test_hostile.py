"""Whatever a site sends, the file stays a WARC file that every tool reads."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from fastwarc import ArchiveIterator as FastIterator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.layout import Layout
from archive.warc.cdxj import read_cdxj
from archive.warc.reading import scan
from archive.warc.record import MAX_HTTP_HEADER_BYTES, MAX_URL_BYTES, Exchange, warc_uri
from archive.warc.writing import WarcWriter, cdxj_path
from tests.warc.conftest import NOW, exchange

NewWriter = Callable[..., WarcWriter]


def stored_alone(layout: Layout, new_writer: NewWriter, one: Exchange) -> tuple[bytes, WarcWriter]:
    """Write *one* between two plain exchanges; check that warcio and FastWARC see just that; return its block."""
    writer = new_writer()
    writer.write_exchange(exchange(1))
    position = writer.write_exchange(one)
    writer.write_exchange(exchange(2))
    path = layout.root / (writer.close() or "")
    with path.open("rb") as file:
        seen = []
        for record in WarcioIterator(file, check_digests="raise"):
            if record.rec_type == "response":
                seen.append((record.rec_headers.get_header("WARC-Target-URI"), record.raw_stream.read()))
    uri = warc_uri(one.url)
    assert seen == [(exchange(1).url, exchange(1).body), (uri, one.body), (exchange(2).url, exchange(2).body)]
    # In order: type, date and length are ours, whatever the site tried to add.
    fast = [
        (r.headers["WARC-Type"], r.headers.get("WARC-Target-URI"), len(r.headers.get_multiple("WARC-Type")))
        for r in FastIterator(str(path), verify_digests=True)
    ]
    kinds = ["warcinfo", *["request", "response"] * 3]
    uris = [None, *[exchange(1).url] * 2, *[uri] * 2, *[exchange(2).url] * 2]
    assert fast == list(zip(kinds, uris, [1] * 7, strict=True))
    entry = next(e for e in read_cdxj(cdxj_path(path)) if e.offset == position.offset)
    assert entry.url == uri
    record = next(r for r in scan(path) if r.capture == position.capture)
    assert record.payload == one.body
    assert record.status == one.status
    return record.block, writer


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://a.example/\r\nWARC-Type: response\r\n\r\n", id="line breaks"),
        pytest.param("http://a.example/\0\x1b[2J\x7f", id="control characters"),
        pytest.param("http://a.example/甲?q=乙 丙", id="Chinese"),
        pytest.param("http://a.example/\u2028\u0085\udc80", id="other line ends, half a surrogate"),
        pytest.param("http://a.example/<x>", id="angle brackets"),
        pytest.param("http://a.example/%0d%0aX", id="encoded already"),
        pytest.param("http://a.example/" + "x" * (MAX_URL_BYTES - 17), id="long"),
    ],
)
def test_urls(layout: Layout, new_writer: NewWriter, url: str) -> None:
    stored_alone(layout, new_writer, exchange(url=url))


def test_endless_url_is_refused(new_writer: NewWriter) -> None:
    writer = new_writer()
    with pytest.raises(ValueError, match="refuse URLs over"):
        writer.write_exchange(exchange(url="http://a.example/" + "甲" * MAX_URL_BYTES))
    assert writer.close() is None


@pytest.mark.parametrize(
    ("line", "stored"),
    [
        pytest.param((b"X", b"a\r\n\r\nHTTP/1.1 200 OK"), b"X: a HTTP/1.1 200 OK\r\n", id="end of head in a value"),
        pytest.param((b"X", b"a\rb\nc\0d"), b"X: a b c d\r\n", id="stray CR, LF, NUL"),
        pytest.param((b"X\r\n\r\nY", b"z"), b"X_Y: z\r\n", id="end of head in a name"),
        pytest.param((b" Folded", b"z"), b"Folded: z\r\n", id="name that would fold"),
        pytest.param((b"X:Y", b"z"), b"X_Y: z\r\n", id="colon in a name"),
        pytest.param((b"", b"z"), b"", id="no name"),
        pytest.param((b"X", b"\xff\xfe\x80"), b"X: \xff\xfe\x80\r\n", id="bytes that are no text"),
        pytest.param((b"transfer-ENCODING", b"gzip, chunked"), b"", id="odd spelling"),
    ],
)
def test_header_lines(layout: Layout, new_writer: NewWriter, line: tuple[bytes, bytes], stored: bytes) -> None:
    one = exchange(3, b"body", header_lines=((b"Server", b"x"), line, (b"ETag", b"y")))
    block, writer = stored_alone(layout, new_writer, one)
    if line[0].lower() == b"transfer-encoding":
        stored = b"X-Archive-Orig-transfer-ENCODING: gzip, chunked\r\n"
    else:
        assert bool(writer.counts) == (stored != b": ".join(line) + b"\r\n")
    assert block == b"HTTP/1.1 200 OK\r\nServer: x\r\n" + stored + b"ETag: y\r\n\r\nbody"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(((b"X", b"y" * 100_000),), id="one endless line"),
        pytest.param(((b"X", b"y" * 100),) * 5000, id="many lines"),
        pytest.param(((b"Transfer-Encoding", b"y"),) * 5000, id="many lines that get a longer name"),
        pytest.param(((b"Content-Length", b"1"),) * 5000, id="many lengths"),
    ],
)
def test_head_stays_readable(layout: Layout, new_writer: NewWriter, lines: tuple[tuple[bytes, bytes], ...]) -> None:
    """FastWARC gives up a whole file over one head of more than 32 KiB."""
    one = exchange(3, b"body", header_lines=(*lines, (b"Content-Type", b"text/html")))
    block, writer = stored_alone(layout, new_writer, one)
    assert len(block) < MAX_HTTP_HEADER_BYTES + 1500
    assert b"\r\nContent-Type: text/html\r\n" in block or lines[0][0] != b"X"
    assert b"\r\nX-Archive-Dropped-Header-Lines: " in block
    assert writer.counts["header/lines_dropped"] == 1


@pytest.mark.parametrize(
    ("status_line", "stored"),
    [
        pytest.param(b"HTTP/1.1 200", b"HTTP/1.1 200", id="no reason"),
        pytest.param(b"HTTP/1.0 999 \xe6\x9c\xaa", b"HTTP/1.0 999 \xe6\x9c\xaa", id="odd status and reason"),
        pytest.param(b"HTTP/1.1 200 a\r\n\r\n<html>", b"HTTP/1.1 200 a <html>", id="end of head"),
        pytest.param(b"HTTP/1.1 200 " + b"x" * 9000, b"HTTP/1.1 200 " + b"x" * 987, id="endless reason"),
    ],
)
def test_status_lines(layout: Layout, new_writer: NewWriter, status_line: bytes, stored: bytes) -> None:
    block, _ = stored_alone(layout, new_writer, exchange(3, b"body", status_line=status_line, header_lines=()))
    assert block == stored + b"\r\n\r\nbody"


@pytest.mark.parametrize("status_line", [b"", b"ICY 200 OK", b"HTTP/2 200", b"<html>"])
def test_no_status_line_is_refused(new_writer: NewWriter, status_line: bytes) -> None:
    with pytest.raises(ValueError, match="status line"):
        new_writer().write_exchange(exchange(status_line=status_line))


@pytest.mark.parametrize("size", [0, 1, 65_530, 65_531, 65_532, 200_000])
def test_bodies_that_are_stored_uncompressed(layout: Layout, new_writer: NewWriter, size: int) -> None:
    """One stored block holds 65,535 bytes, the end of the record among them."""
    one = exchange(3, bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    assert len(one.body) == size
    stored_alone(layout, new_writer, one)


@pytest.mark.parametrize("address", ["fe80::1%eth0", "192.0.2.1\r\nX: y", "", None])
def test_addresses(layout: Layout, new_writer: NewWriter, address: str | None) -> None:
    stored_alone(layout, new_writer, exchange(3, ip_address=address))


def test_a_reason_for_cutting_is_one_of_the_standard() -> None:
    with pytest.raises(ValueError, match="WARC-Truncated"):
        exchange(truncated="length\r\nX: y")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    url=st.text(max_size=60),
    lines=st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=40)), max_size=6),
    body=st.binary(max_size=200),
)
def test_anything(
    layout: Layout, new_writer: NewWriter, url: str, lines: list[tuple[bytes, bytes]], body: bytes
) -> None:
    for path in layout.warc.rglob("*.*"):
        path.unlink()
    writer = new_writer()
    writer.write_exchange(exchange(url=url, header_lines=tuple(lines), body=body))
    path = layout.root / (writer.close() or "")
    data = path.read_bytes()
    with_warcio = [(r.rec_type, r.raw_stream.read()) for r in WarcioIterator(io.BytesIO(data), no_record_parse=True)]
    with_fastwarc = [
        (r.headers["WARC-Type"], r.reader.read())
        for r in FastIterator(io.BytesIO(data), parse_http=False, verify_digests=True)
    ]
    assert with_warcio == with_fastwarc == [(r.record_type, r.block) for r in scan(path)]
    assert [kind for kind, _ in with_warcio] == ["warcinfo", "request", "response"]
    assert with_warcio[-1][1].endswith(b"\r\n\r\n" + body)
    (entry,) = read_cdxj(cdxj_path(path))
    assert entry.url == warc_uri(url)
    assert entry.timestamp == f"{NOW:%Y%m%d%H%M%S}"
