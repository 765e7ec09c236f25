"""One record by its position; whole files of ours and of other tools."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.errors import DamagedFile
from archive.layout import Layout
from archive.warc.reading import BrokenMember, Position, StoredRecord, read_capture, read_records, scan
from archive.warc.record import SERVER_NOT_MODIFIED, Earlier
from archive.warc.writing import Stored, WarcWriter
from tests.warc.conftest import NOW, PAGE, exchange

NewWriter = Callable[..., WarcWriter]


def positions(*stored: Stored) -> Callable[[str], Position | None]:
    places = {s.capture: Position(s.file, s.offset, s.length) for s in stored}
    return places.get


def test_read_back(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    stored = writer.write_exchange(exchange(1))
    writer.write_exchange(exchange(2))
    for closed in (False, True):
        if closed:
            writer.close()
        for length in (stored.length, None):
            record = read_capture(layout, stored.file, stored.offset, length)
            assert (record.capture, record.url, record.status) == (stored.capture, exchange(1).url, 200)
            assert record.fetched_at == exchange(1).fetched_at
            assert record.payload == exchange(1).body
            assert record.payload_digest == stored.payload_digest
            assert record.body().body == PAGE + b"1"
            assert record.body(100).flags == ("content_too_large",)
            assert record.content_type == "text/html; charset=utf-8"
            assert record.header("SERVER") == "nginx"
            assert record.length == stored.length


def test_large_body(layout: Layout, new_writer: NewWriter) -> None:
    body = bytes(range(256)) * 20_000
    writer = new_writer()
    stored = writer.write_exchange(exchange(1, body, header_lines=()))
    writer.close()
    assert read_capture(layout, stored.file, stored.offset, stored.length).payload == body
    assert [r.capture for r in scan(layout.root / stored.file)][-1] == stored.capture


def test_revisit_comes_with_its_original(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    first = writer.write_exchange(exchange(1))
    earlier = Earlier(first.capture, exchange(1).url, NOW, first.payload_digest, SERVER_NOT_MODIFIED)
    unmodified = exchange(1, b"", status_line=b"HTTP/1.1 304 Not Modified", header_lines=((b"ETag", b"x"),))
    second = writer.write_exchange(unmodified, revisit_of=earlier)
    third = writer.write_exchange(
        unmodified, revisit_of=Earlier(second.capture, exchange(1).url, NOW, None, SERVER_NOT_MODIFIED)
    )
    find = positions(first, second, third)
    for stored in (second, third):
        record = read_capture(layout, stored.file, stored.offset, find=find)
        assert record.status == 304
        assert record.body().body == PAGE + b"1"
        assert record.content_type == "text/html; charset=utf-8"
        assert record.original is not None
        assert record.original.capture == first.capture
    plain = read_capture(layout, second.file, second.offset)
    assert plain.original is None
    assert plain.payload == b""
    with pytest.raises(DamagedFile, match="verify"):
        read_capture(layout, second.file, second.offset, find=positions())
    with pytest.raises(DamagedFile, match="verify"):
        read_capture(layout, second.file, second.offset, find=lambda _: Position(second.file, second.offset, None))
    writer.abandon()


@pytest.mark.parametrize(
    ("file", "offset"),
    [
        pytest.param("warc/huiwen/absent.warc.gz", 0, id="no file"),
        pytest.param(None, 10**9, id="behind the end"),
        pytest.param(None, 3, id="inside a member"),
    ],
)
def test_position_without_record(layout: Layout, new_writer: NewWriter, file: str | None, offset: int) -> None:
    writer = new_writer()
    stored = writer.write_exchange(exchange(1))
    writer.close()
    with pytest.raises(DamagedFile, match="docarchive verify"):
        read_capture(layout, file or stored.file, offset)


def repacked(member: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return gzip.compress(change(gzip.decompress(member)))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda plain: plain.replace(b"nginx", b"apach"), id="block changed"),
        pytest.param(lambda plain: plain[:-4], id="no end"),
        pytest.param(lambda plain: plain + b"more", id="more than stated"),
        pytest.param(lambda plain: plain.replace(b"Content-Length:", b"Content-Size:"), id="no length"),
        pytest.param(lambda plain: b"something else", id="no WARC"),
    ],
)
def test_scan_stops_at_the_first_bad_record(
    layout: Layout, new_writer: NewWriter, change: Callable[[bytes], bytes]
) -> None:
    writer = new_writer()
    first, second = (writer.write_exchange(exchange(number)) for number in range(2))
    writer.close()
    path = layout.root / first.file
    data = path.read_bytes()
    path.write_bytes(data[: second.offset] + repacked(data[second.offset :], change) + data[first.offset :])
    seen: list[StoredRecord] = []
    with pytest.raises(BrokenMember, match="docarchive verify") as caught:
        seen.extend(scan(path))  # extend keeps what came before the error
    assert caught.value.offset == second.offset
    assert first.capture in {r.capture for r in seen}


def foreign(path: Path, *, compressed: bool, chunked: bool = False) -> Path:
    """A file as older tools write it: WARC/1.0, no digests, URL in angle brackets, chunked bodies left chunked."""
    body = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n" if chunked else b"hello world"
    coding = b"Transfer-Encoding: chunked\r\n" if chunked else b""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + coding + b"\r\n" + body
    records = [(b"warcinfo", b"", b"application/warc-fields", b"software: Other/1.0\r\n")]
    for number in range(3):
        target = b"WARC-Target-URI: <http://other.example/%d>\r\n" % number
        records.append((b"response", target, b"application/http; msgtype=response", block))
    with path.open("wb") as file:
        for number, (kind, target, content_type, content) in enumerate(records):
            record = (
                b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:x:%d>\r\nWARC-Date: 2020-01-02T03:04:05Z\r\n%s"
                b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
            ) % (kind, number, target, content_type, len(content), content)
            file.write(gzip.compress(record) if compressed else record)
    return path


@pytest.mark.parametrize("compressed", [True, False], ids=["gzip", "plain"])
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "whole"])
def test_files_of_other_tools(tmp_path: Path, compressed: bool, chunked: bool) -> None:
    path = foreign(tmp_path / "x.warc", compressed=compressed, chunked=chunked)
    records = list(read_records(path))
    assert [r.url for r in records] == [f"http://other.example/{number}" for number in range(3)]
    assert {r.body().body for r in records} == {b"hello world"}
    assert {(r.status, r.content_type, r.fetched_at.tzinfo is not None) for r in records} == {(200, "text/plain", True)}
    assert len(list(read_records(path, ("warcinfo",)))) == 1
    with path.open("rb") as file:
        assert len(list(read_records(file))) == 3


def test_our_files_read_the_same_both_ways(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    for number in range(5):
        writer.write_exchange(exchange(number))
    path = layout.root / (writer.close() or "")
    strict = [(r.offset, r.block, r.warc_headers) for r in scan(path) if r.record_type == "response"]
    assert [(r.offset, r.block, r.warc_headers) for r in read_records(path, ("response",))] == strict


@pytest.mark.parametrize("compressed", [True, False], ids=["gzip", "plain"])
def test_torn_files_of_other_tools_are_told(tmp_path: Path, compressed: bool) -> None:
    """FastWARC itself says nothing of many of these: no record may be taken for whole that is not."""
    path = foreign(tmp_path / "x.warc", compressed=compressed)
    data = path.read_bytes()
    whole = [(r.url, r.block) for r in read_records(path)]
    for size in range(0, len(data), 7):
        path.write_bytes(data[:size])
        read: list[tuple[str, bytes]] = []
        try:
            for record in read_records(path):
                read.append((record.url, record.block))
        except DamagedFile as error:
            assert "whole copy" in str(error)
        assert read == whole[: len(read)]


@pytest.mark.parametrize(
    "content",
    [b"<html>" * 100, gzip.compress(b"<html>" * 100), b"PK\x03\x04" + b"\0" * 100, b"\0" * 1000],
    ids=["html", "gzipped html", "zip", "zeros"],
)
def test_no_warc_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match=r"x\.warc\.gz"):
        list(read_records(path))


@pytest.mark.parametrize("compressed", [True, False])
def test_of_a_large_record_no_more_than_wanted_is_read(tmp_path: Path, compressed: bool) -> None:
    """A gzip member of half a megabyte may hold half a gigabyte."""
    block = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000
    head = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: %d\r\n\r\n"
    record = head % len(block) + block + b"\r\n\r\n"
    data = gzip.compress(record) if compressed else record
    path = tmp_path / "large.warc"
    path.write_bytes(data * 2)
    first, second = read_records(path, max_bytes=1_000)
    for read in (first, second):
        assert (len(read.block), read.truncated, read.body().flags) == (1_000, "length", ("truncated",))
    path.write_bytes(data + data[: len(data) * 9 // 10])
    with pytest.raises(DamagedFile):
        list(read_records(path, max_bytes=1_000))
