"""What is written is whole, as received, and understood by other tools."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastwarc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive import durable
from archive.errors import LeaseLost, MachineTrouble
from archive.layout import Layout
from archive.warc.cdxj import read_cdxj
from archive.warc.reading import scan
from archive.warc.record import IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED, Earlier, sha256
from archive.warc.writing import Stored, WarcWriter, cdxj_path
from tests.warc.conftest import HEADERS, NOW, PAGE, REQUEST, exchange

NewWriter = Callable[..., WarcWriter]


def earlier(stored: Stored, number: int = 1, profile: str = IDENTICAL_PAYLOAD) -> Earlier:
    return Earlier(stored.capture, f"http://docs.example/p/{number}.html", NOW, stored.payload_digest, profile)


def write_all_kinds(writer: WarcWriter) -> list[Stored]:
    """Write one record of every kind the product knows."""
    first = writer.write_exchange(exchange(1))
    return [
        first,
        writer.write_exchange(exchange(1, fetched_at=NOW + timedelta(days=1)), revisit_of=earlier(first)),
        writer.write_exchange(
            exchange(
                1,
                b"",
                status_line=b"HTTP/1.1 304 Not Modified",
                header_lines=((b"ETag", b'"1"'),),
                fetched_at=NOW + timedelta(days=2),
            ),
            revisit_of=earlier(first, profile=SERVER_NOT_MODIFIED),
        ),
        writer.write_exchange(
            exchange(2, PAGE[:100], header_lines=((b"Content-Length", b"%d" % len(PAGE)),), truncated="length")
        ),
        writer.write_exchange(exchange(3, b"", status_line=b"HTTP/1.1 404 Not Found", header_lines=())),
        writer.write_metadata("urn:docarchive:run:RUN", b'{"part": 1}', "application/json"),
        writer.write_resource("urn:docarchive:import:1", b'{"title": "x"}\n', "application/jsonl"),
    ]


def read_whole(path: Path) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return type, id, url and content of every record as warcio and as FastWARC read it."""
    by_warcio: list[dict[str, object]] = []
    with path.open("rb") as file:
        for record in WarcioIterator(file, no_record_parse=True):
            headers = record.rec_headers
            by_warcio.append(
                {
                    "type": record.rec_type,
                    "id": headers.get_header("WARC-Record-ID"),
                    "url": headers.get_header("WARC-Target-URI"),
                    "block": record.raw_stream.read(),
                }
            )
    by_fastwarc = []
    for record in FastIterator(str(path), parse_http=False, verify_digests=True):
        by_fastwarc.append(
            {
                "type": record.headers["WARC-Type"],
                "id": record.record_id,
                "url": record.headers.get("WARC-Target-URI"),
                "block": record.reader.read(),
            }
        )
    return by_warcio, by_fastwarc


def test_other_tools_read_every_record(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    stored = write_all_kinds(writer)
    path = layout.root / (writer.close() or "")
    by_warcio, by_fastwarc = read_whole(path)
    ours = [{"type": r.record_type, "id": r.capture, "url": r.url or None, "block": r.block} for r in scan(path)]
    assert by_warcio == by_fastwarc == ours
    assert [r["type"] for r in ours] == [
        "warcinfo",
        *["request", "response"],
        *["request", "revisit"] * 2,
        *["request", "response"] * 2,
        "metadata",
        "resource",
    ]
    assert {s.capture for s in stored} == {r["id"] for r in ours if r["type"] not in ("request", "warcinfo")}


def test_warcio_check_passes(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    write_all_kinds(writer)
    path = layout.root / (writer.close() or "")
    result = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", str(path)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("digest pass") == 11, result.stdout  # all but the two revisits, which have no payload


def test_http_as_other_tools_parse_it(layout: Layout, new_writer: NewWriter) -> None:
    """A body that came chunked is not taken apart a second time; its content coding is undone once."""
    writer = new_writer()
    writer.write_exchange(exchange(1))
    path = layout.root / (writer.close() or "")
    with path.open("rb") as file:
        response = next(r for r in WarcioIterator(file) if r.rec_type == "response")
        assert response.content_stream().read() == PAGE + b"1"
        assert response.http_headers.get_header("X-Archive-Orig-Transfer-Encoding") == "chunked"
    fast = next(r for r in FastIterator(str(path), auto_decode="all") if r.headers["WARC-Type"] == "response")
    assert fast.http_headers.status_code == 200
    assert fast.reader.read() == PAGE + b"1"


def test_block_is_as_received(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    writer.write_exchange(exchange(1, b"body"))
    path = layout.root / (writer.close() or "")
    request, response = list(scan(path))[1:]
    assert request.block == REQUEST
    assert response.block == (
        b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\ncontent-encoding: gzip\r\n"
        b"X-Archive-Orig-Transfer-Encoding: chunked\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nbody"
    )
    assert response.warc_headers["warc-payload-digest"] == "sha256:" + hashlib.sha256(b"body").hexdigest()
    assert response.warc_headers["warc-ip-address"] == "192.0.2.7"
    assert response.warc_headers["warc-date"] == "2026-11-20T08:00:00.123Z"
    assert response.warc_headers["warc-concurrent-to"] == request.capture
    assert request.warc_headers["warc-concurrent-to"] == response.capture
    assert response.fetched_at == exchange(1).fetched_at


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        pytest.param(b"4", b"Content-Length: 4\r\n", id="fits"),
        pytest.param(
            b"999",
            b"X-Archive-Orig-Content-Length: 999\r\nContent-Length: 4\r\n",
            id="of a body that was cut",
        ),
        pytest.param(b"4, 4", b"X-Archive-Orig-Content-Length: 4, 4\r\nContent-Length: 4\r\n", id="doubled"),
    ],
)
def test_content_length_fits_the_body(layout: Layout, new_writer: NewWriter, sent: bytes, stored: bytes) -> None:
    writer = new_writer()
    writer.write_exchange(exchange(1, b"body", header_lines=((b"Content-Length", sent),)))
    *_, response = scan(layout.root / (writer.close() or ""))
    assert response.block == b"HTTP/1.1 200 OK\r\n" + stored + b"\r\nbody"


def test_positions(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    stored = write_all_kinds(writer)
    path = layout.root / (writer.close() or "")
    data = path.read_bytes()
    found = {r.capture: (r.offset, r.length) for r in scan(path)}
    for one in stored:
        assert one.file == "warc/huiwen/RUN-1-00000.warc.gz"
        assert found[one.capture] == (one.offset, one.length)
        member = gzip.decompress(data[one.offset : one.offset + one.length])
        assert f"WARC-Record-ID: {one.capture}\r\n".encode() in member
    assert writer.bytes_written == len(data)


def test_revisit_points_back(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    first, identical, unmodified, *_ = write_all_kinds(writer)
    records = {r.capture: r for r in scan(layout.root / (writer.close() or ""))}
    for stored, profile in ((identical, IDENTICAL_PAYLOAD), (unmodified, SERVER_NOT_MODIFIED)):
        record = records[stored.capture]
        assert record.profile == profile
        assert record.refers_to == stored.refers_to == first.capture
        assert record.warc_headers["warc-refers-to-target-uri"] == records[first.capture].url
        assert record.warc_headers["warc-refers-to-date"] == records[first.capture].warc_headers["warc-date"]
        assert record.payload == b""
        assert record.payload_digest == first.payload_digest == stored.payload_digest
    assert records[identical.capture].status == 200
    assert records[unmodified.capture].status == 304


def test_revisit_of_another_payload_is_refused(new_writer: NewWriter) -> None:
    writer = new_writer()
    first = writer.write_exchange(exchange(1))
    with pytest.raises(ValueError, match="another payload"):
        writer.write_exchange(exchange(2), revisit_of=earlier(first))
    writer.abandon()


def test_warcinfo_opens_each_file(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer(info={"operator": "a\r\nWARC-Type: evil", "robots": "obey"}, max_bytes=1)
    files = [writer.write_exchange(exchange(i)).file for i in range(3)]
    writer.close()
    assert files == [f"warc/huiwen/RUN-1-0000{i}.warc.gz" for i in range(3)]
    for file in files:
        first = next(scan(layout.root / file))
        assert first.record_type == "warcinfo"
        assert first.warc_headers["warc-filename"] == Path(file).name
        assert b"operator: a WARC-Type: evil\r\n" in first.block
        assert cdxj_path(layout.root / file).exists()


def test_index(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    stored = write_all_kinds(writer)
    unmodified = stored.pop(2)
    path = layout.root / (writer.close() or "")
    lines = cdxj_path(path).read_bytes().splitlines()
    assert lines == sorted(lines)
    entries = list(read_cdxj(cdxj_path(path)))
    assert sorted(e.offset for e in entries) == [s.offset for s in stored if s.record_type != "metadata"]
    # pywb would show it as a blank page.
    assert unmodified.offset not in {e.offset for e in entries}
    assert entries[0].urlkey == "example,docs)/p/1.html"
    assert [(e.timestamp, e.mime, e.status) for e in entries[:2]] == [
        ("20261120080000", "text/html", 200),
        ("20261121080000", "warc/revisit", None),
    ]
    assert entries[0].digest == sha256(exchange(1).body)
    assert {e.file_name for e in entries} == {path.name}


def test_index_of_many_is_sorted_with_flat_memory(
    layout: Layout, new_writer: NewWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.warc.cdxj.LINES_IN_MEMORY", 3)
    writer = new_writer()
    for number in (5, 3, 9, 1, 7, 2, 8, 4, 6, 10):
        writer.write_exchange(exchange(number, b"x"))
    path = layout.root / (writer.close() or "")
    lines = cdxj_path(path).read_bytes().splitlines()
    assert len(lines) == 10
    assert lines == sorted(lines)
    assert sorted(p.name for p in path.parent.iterdir()) == ["RUN-1-00000.cdxj", "RUN-1-00000.warc.gz"]


def test_nothing_written_leaves_no_file(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    writer.sync()
    assert writer.file is None
    assert writer.close() is None
    assert not layout.warc_folder("huiwen").exists()


def test_a_name_in_use_is_left_alone(layout: Layout, new_writer: NewWriter) -> None:
    first = new_writer()
    first.write_exchange(exchange(1))
    second = new_writer()
    assert second.write_exchange(exchange(1)).file.endswith("RUN-1-00001.warc.gz")
    second.close()
    first.close()
    third = new_writer()
    assert third.write_exchange(exchange(1)).file.endswith("RUN-1-00002.warc.gz")
    third.abandon()


def test_full_disk_leaves_whole_records(layout: Layout, new_writer: NewWriter) -> None:
    """A write that fails half-way is cut off again, and writing goes on once there is room."""
    writer = new_writer()
    first = writer.write_exchange(exchange(1))

    def full(operation: str, _subject: object) -> None:
        if operation == "write:half":
            raise OSError(28, os.strerror(28))

    durable.fault_hook = full
    with pytest.raises(MachineTrouble, match="make room"):
        writer.write_exchange(exchange(2))
    durable.fault_hook = None
    open_path = layout.root / (first.file + ".open")
    assert open_path.stat().st_size == first.offset + first.length
    third = writer.write_exchange(exchange(3))
    writer.close()
    assert [r.capture for r in scan(layout.root / third.file) if r.record_type == "response"] == [
        first.capture,
        third.capture,
    ]


def test_an_interrupted_write_is_cut_off_before_the_next(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    writer.write_exchange(exchange(1))

    def interrupt(operation: str, _subject: object) -> None:
        if operation == "write:half":
            raise KeyboardInterrupt

    durable.fault_hook = interrupt
    with pytest.raises(KeyboardInterrupt):
        writer.write_exchange(exchange(2))
    durable.fault_hook = None
    third = writer.write_exchange(exchange(3))
    writer.close()
    assert third.capture in {r.capture for r in scan(layout.root / third.file)}


def test_permission_denied_names_the_next_action(new_writer: NewWriter) -> None:
    def denied(operation: str, _subject: object) -> None:
        if operation == "create":
            raise PermissionError(13, os.strerror(13))

    durable.fault_hook = denied
    with pytest.raises(MachineTrouble, match="run as the archive's owner"):
        new_writer().write_exchange(exchange(1))


def test_a_writer_that_was_taken_over_stops(layout: Layout, new_writer: NewWriter) -> None:
    writer = new_writer()
    stored = writer.write_exchange(exchange(1))
    (layout.root / (stored.file + ".open")).rename(layout.root / stored.file)
    with pytest.raises(LeaseLost):
        writer.sync()
    with pytest.raises(LeaseLost):
        writer.close()
    writer.abandon()


def test_one_system_call_for_an_exchange(new_writer: NewWriter) -> None:
    writes = []
    durable.fault_hook = lambda operation, subject: writes.append(operation)
    writer = new_writer()
    writer.write_exchange(exchange(1))
    writer.write_exchange(exchange(2))
    assert writes.count("write") == 2
    writer.abandon()


def test_headers_are_those_of_the_fixture() -> None:
    """The tests above mean something only while the fixture is chunked, coded and has repeated lines."""
    names = [name.lower() for name, _ in HEADERS]
    assert {b"transfer-encoding", b"content-encoding"} <= set(names)
    assert names.count(b"set-cookie") == 2
