"""What WARC files say: one record by its position, or all records of a file.

Our own files are read strictly: `scan` and `read_capture` check every member and its block digest. Files of other tools
are read leniently, by FastWARC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, NamedTuple

from fastwarc import ArchiveIterator, WarcRecordType
from isal import isal_zlib

from archive.durable import translated
from archive.errors import DamagedFile
from archive.layout import Layout
from archive.warc.content_coding import MAX_BODY_BYTES, TRUNCATED, Decoded, decode_content
from archive.warc.record import (
    EXCESS,
    EXCESS_LINE,
    GZIP,
    IDENTICAL_PAYLOAD,
    MAX_RECORD_BYTES,
    METADATA,
    PROFILES,
    SERVER_NOT_MODIFIED,
    sha256,
)
from archive.warc.writing import OPEN_SUFFIX

READ_BYTES = 64 * 1024
"""Read from the file at a time; most members of a crawl fit."""

MAX_HEADER_BYTES = 64 * 1024
"""Longer WARC headers are not believed; ours end at `MAX_URL_BYTES` a URL."""

MAX_REVISITS = 8
"""A revisit points at a response; a longer chain is somebody's mistake."""

_HTTP_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_CHUNK_HEAD = re.compile(rb"\s*([0-9A-Fa-f]{1,8})[^\r\n]*\r?\n")


class Position(NamedTuple):
    """Where a record lies: what `captures` keeps of it."""

    file: str
    """Relative to the archive's root."""
    offset: int
    length: int | None
    """Bytes of the gzip member, None where it is not known."""


@dataclass(frozen=True)
class StoredRecord:
    """One record of a WARC file, read back."""

    warc_headers: Mapping[str, str]
    """By lower-case name; of a repeated one the first."""
    block: bytes
    """All that follows the record's header."""
    offset: int
    """Of the record in its file (of its gzip member, if compressed)."""
    length: int | None
    """Bytes of the gzip member; None in files of other tools."""
    original: StoredRecord | None = None
    """Of a revisit read with a `find`: the response whose payload it stands for."""

    @property
    def record_type(self) -> str:
        """`response`, `request`, `revisit`, `metadata`, `resource`, `warcinfo`, ..."""
        return self.warc_headers.get("warc-type", "")

    @property
    def capture(self) -> str:
        """WARC-Record-ID, with < and >."""
        return self.warc_headers.get("warc-record-id", "")

    @property
    def url(self) -> str:
        """WARC-Target-URI; "" for a record without one."""
        return without_brackets(self.warc_headers.get("warc-target-uri", ""))

    @property
    def fetched_at(self) -> datetime:
        """WARC-Date: aware UTC. Raises ValueError where it is none, or lies outside the years of a datetime."""
        instant = datetime.fromisoformat(self.warc_headers.get("warc-date", ""))
        try:
            return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        except OverflowError as error:
            raise ValueError(f"{instant} is no instant in UTC") from error

    @property
    def refers_to(self) -> str | None:
        """The capture a revisit points to."""
        return self.warc_headers.get("warc-refers-to")

    @property
    def profile(self) -> str | None:
        """Of a revisit: `identical-payload-digest` or `server-not-modified`; None for another or none."""
        uri = self.warc_headers.get("warc-profile", "")
        names = (IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED)
        return next((name for name in names if uri == PROFILES[name] or uri.endswith("/" + name)), None)

    @property
    def payload_digest(self) -> str | None:
        """WARC-Payload-Digest as written."""
        return self.warc_headers.get("warc-payload-digest")

    @property
    def truncated(self) -> str | None:
        """WARC-Truncated: why the body is not whole; None for a whole one."""
        return self.warc_headers.get("warc-truncated")

    @property
    def metadata(self) -> str | None:
        """What the archive knew of the body besides, as JSON; from files of others it may be anything."""
        return (self.original or self).warc_headers.get(METADATA.lower())

    @property
    def is_http(self) -> bool:
        """Whether the block is an HTTP message."""
        return self.warc_headers.get("content-type", "").startswith("application/http")

    @property
    def status_line(self) -> bytes:
        """The HTTP status line (or request line); b"" for a block that is no HTTP message."""
        return _LINE_END.split(self.block, maxsplit=1)[0] if self.is_http else b""

    @property
    def status(self) -> int | None:
        """The HTTP status, three digits; None where there is none."""
        words = self.status_line.split(None, 2)
        if len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit() and len(words[1]) == 3:
            return int(words[1])
        return None

    @cached_property
    def header_lines(self) -> tuple[tuple[bytes, bytes], ...]:
        """The HTTP header lines, in order, as stored; lines that are none are left out."""
        if not self.is_http:
            return ()
        lines: list[tuple[bytes, bytes]] = []
        for line in _LINE_END.split(self.block[: self._head[0]])[1:]:
            if line[:1] in (b" ", b"\t") and lines:  # folded, as HTTP/1.0 allowed
                lines[-1] = (lines[-1][0], lines[-1][1] + b" " + line.strip())
                continue
            name, colon, value = line.partition(b":")
            if colon and name.strip():
                lines.append((name.strip(), value.strip()))
        return tuple(lines)

    def header(self, name: str) -> str | None:
        """Return the first value of HTTP header *name* (any case), or None."""
        wanted = name.lower().encode("ascii")
        return next((value.decode("latin-1") for key, value in self.header_lines if key.lower() == wanted), None)

    @cached_property
    def _head(self) -> tuple[int, int]:
        """Where the HTTP head ends, and where the body begins."""
        match = _HTTP_HEAD_END.search(self.block)
        return match.span() if match else (len(self.block), len(self.block))

    @property
    def payload(self) -> bytes:
        """The body as received, content coding kept; of a resolved revisit that of its original.

        A chunked body of another tool's file is put together; one that only claims to be chunked is given as it is.
        """
        return self.original.payload if self.original is not None else self._payload[0]

    @cached_property
    def _payload(self) -> tuple[bytes, bool]:
        """The body of this very record, and whether it is whole as far as its chunks and the record tell."""
        is_whole = self.truncated is None
        if not self.is_http:
            return self.block, is_whole
        body = self.block[self._head[1] :]
        if "chunked" in (self.header("Transfer-Encoding") or "").lower():
            body, has_end = _dechunked(body)
            is_whole = is_whole and has_end
        return body, is_whole

    @property
    def content_type(self) -> str | None:
        """Content-Type of the payload; of a resolved revisit that of its original."""
        if self.original is not None:
            return self.original.content_type
        return self.header("Content-Type") if self.is_http else self.warc_headers.get("content-type")

    def body(self, max_bytes: int = MAX_BODY_BYTES) -> Decoded:
        """Return the payload with its content coding undone, *max_bytes* at most, and what went wrong."""
        if self.original is not None:
            return self.original.body(max_bytes)
        payload, is_whole = self._payload
        decoded = decode_content(payload, self.header("Content-Encoding") if self.is_http else None, max_bytes)
        flags = list(decoded.flags)
        if not is_whole and TRUNCATED not in flags:
            flags.append(TRUNCATED)
        if self.is_http and self.header(EXCESS_LINE[0].decode()) == EXCESS_LINE[1].decode():
            flags.append(EXCESS)
        return replace(decoded, flags=tuple(flags))


class BrokenMember(DamagedFile):
    """A WARC file stops making sense."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset
        """Where the first bad byte's member begins: everything before it is whole."""


def read_capture(
    layout: Layout,
    file: str,
    offset: int,
    length: int | None = None,
    *,
    find: Callable[[str], Position | None] | None = None,
) -> StoredRecord:
    """Return the record at *offset* of *file* (relative to the archive's root, closed or still being written).

    With *find* (capture -> its position, or None), a revisit comes with the response whose payload it stands for as
    `original`. Raises DamagedFile when the file is missing, or holds no whole record there.
    """
    record = _read_at(layout, file, offset, length)
    if record.record_type == "revisit" and find is not None:
        return _with_original(layout, record, find)
    return record


def read_bodies(
    layout: Layout, file: str, positions: Iterable[tuple[int, int | None]]
) -> Iterator[StoredRecord | DamagedFile]:
    """Yield the record at each of *positions* (offset, length) of *file*, which is opened once.

    In the place of one that is not whole, or that only repeats another, stands the error that `read_capture` raises.
    """
    try:
        handle = open_warc(layout, file)
    except DamagedFile as error:
        yield from (error for _ in positions)
        return
    with handle:
        for offset, length in positions:
            try:
                record = _Members(handle, file, offset, length or READ_BYTES).read()
            except DamagedFile as error:
                yield error
                continue
            if record is None:
                yield BrokenMember(f"{file} ends before {offset:,}; run: docarchive verify", offset)
            elif record.record_type == "revisit":
                yield BrokenMember(f"{file} holds no body at byte {offset:,}; run: docarchive verify", offset)
            else:
                yield record


def _with_original(layout: Layout, revisit: StoredRecord, find: Callable[[str], Position | None]) -> StoredRecord:
    record = revisit
    for _ in range(MAX_REVISITS):
        capture = record.refers_to
        position = find(capture) if capture else None
        if position is None:
            break
        record = _read_at(layout, *position)
        if record.capture != capture:
            break
        if record.record_type != "revisit":
            return StoredRecord(revisit.warc_headers, revisit.block, revisit.offset, revisit.length, record)
    raise DamagedFile(
        f"{revisit.capture} repeats {revisit.refers_to}, which the archive does not hold; run: docarchive verify"
    )


def open_warc(layout: Layout, file: str) -> BinaryIO:
    """Open *file*, relative to the archive's root, under the name it has now: closed or still `.open`.

    Raises DamagedFile when it is not there.
    """
    path = layout.root / file
    # A file may be closed between the two looks; it never goes back.
    for name in (path, path.with_name(path.name + OPEN_SUFFIX), path):
        try:
            with translated(name):
                return name.open("rb", buffering=0)
        except FileNotFoundError:
            continue
    raise DamagedFile(f"{file} is missing from the archive; put it back from a backup, then run: docarchive verify")


def _read_at(layout: Layout, file: str, offset: int, length: int | None) -> StoredRecord:
    with open_warc(layout, file) as handle:
        record = _Members(handle, file, offset, length or READ_BYTES).read()
    if record is None:
        raise BrokenMember(f"{file} ends before {offset:,}; run: docarchive verify", offset)
    return record


def read_member(layout: Layout, position: Position) -> bytes:
    """Return the record at *position* as it lies in its file, a gzip member, checked. Raises DamagedFile."""
    record = _read_at(layout, *position)
    with open_warc(layout, position.file) as handle:
        handle.seek(position.offset)
        member = handle.read(record.length or 0)
    if len(member) != record.length:
        raise BrokenMember(f"{position.file} ends before {position.offset:,}; run: docarchive verify", position.offset)
    return member


def scan(path: Path, name: str | None = None) -> Iterator[StoredRecord]:
    """Yield every record of one of our files in order, each checked: whole member, stated length, block digest.

    *name* is what messages call the file. Raises BrokenMember, with the offset, at the first member that is not whole.
    """
    with path.open("rb", buffering=0) as handle:
        members = _Members(handle, name or path.name, 0, READ_BYTES)
        while (record := members.read()) is not None:
            yield record


class _Members:
    """The gzip members of a file, one after the other."""

    def __init__(self, handle: BinaryIO, name: str, offset: int, step: int) -> None:
        self._handle = handle
        self._name = name
        self._offset = offset
        self._step = step
        self._waiting = b""
        handle.seek(offset)

    def read(self) -> StoredRecord | None:
        """Return the next record, None at the end of the file."""
        data = self._waiting or self._handle.read(self._step)
        if not data:
            return None
        start = self._offset
        plain, self._waiting, read = self._inflate(data)
        self._offset = start + read
        return self._checked(plain, start, read)

    def _inflate(self, data: bytes) -> tuple[bytes, bytes, int]:
        """Return the member's content, the bytes read behind it, and the member's length."""
        inflater = isal_zlib.decompressobj(GZIP)
        pieces: list[bytes] = []
        room = MAX_RECORD_BYTES + MAX_HEADER_BYTES
        read = 0
        while data:
            read += len(data)
            try:
                piece: bytes = inflater.decompress(data, room)
            except isal_zlib.IsalError as error:  # type: ignore[misc]  # its stub has no class
                raise self._broken(f"is damaged ({error})") from error
            pieces.append(piece)
            room -= len(piece)
            if inflater.eof:
                waiting: bytes = inflater.unused_data
                return b"".join(pieces), waiting, read - len(waiting)
            if room <= 0:
                raise self._broken("holds an impossibly large record")
            data = self._handle.read(READ_BYTES)
        raise self._broken("ends in the middle of a record")

    def _checked(self, plain: bytes, offset: int, length: int) -> StoredRecord:
        header, found, rest = plain.partition(b"\r\n\r\n")
        headers = _warc_headers(header) if found and len(header) <= MAX_HEADER_BYTES else None
        if headers is None or not headers.get("content-length", "").isdigit():
            raise self._broken("holds something that is no WARC record", offset)
        block_length = int(headers["content-length"])
        if len(rest) != block_length + 4 or not rest.endswith(b"\r\n\r\n"):
            raise self._broken("holds a record of another length than it says", offset)
        block = rest[:block_length]
        digest = headers.get("warc-block-digest", "")
        if digest.startswith("sha256:") and digest != sha256(block):
            raise self._broken("holds a record whose content is not what was written", offset)
        return StoredRecord(headers, block, offset, length)

    def _broken(self, what: str, offset: int | None = None) -> BrokenMember:
        at = self._offset if offset is None else offset
        return BrokenMember(f"{self._name} {what}, at byte {at:,}; run: docarchive verify", at)


def _warc_headers(header: bytes) -> dict[str, str] | None:
    """Return the header fields by lower-case name, None when *header* does not begin like a WARC record."""
    version, *lines = header.decode("utf-8", "replace").split("\r\n")
    if not version.startswith("WARC/"):
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return headers


def without_brackets(uri: str) -> str:
    """Return *uri* without the angle brackets that some older tools wrote, which ISO 28500:2017 took back.

    >>> without_brackets("<http://docs.example/>"), without_brackets("http://docs.example/?q=<b>")
    ('http://docs.example/', 'http://docs.example/?q=<b>')
    """
    return uri[1:-1] if uri.startswith("<") and uri.endswith(">") else uri


def _dechunked(body: bytes) -> tuple[bytes, bool]:
    """Return *body* put together from its chunks, and whether the last is there; as it is when it is not chunked."""
    out: list[bytes] = []
    at = 0
    while True:
        match = _CHUNK_HEAD.match(body, at)
        if match is None:
            return (b"".join(out), False) if out else (body, True)
        size = int(match[1], 16)
        if size == 0:
            return b"".join(out), True
        out.append(body[match.end() : match.end() + size])
        at = match.end() + size


def read_records(
    source: Path | BinaryIO,
    types: tuple[str, ...] = ("response", "revisit", "resource"),
    *,
    max_bytes: int | None = None,
) -> Iterator[StoredRecord]:
    """Yield the records of *types* in any WARC file: of any tool, compressed as gzip or not.

    Of a block larger than *max_bytes* only that much is given, as truncated; without it, such a record as nobody should
    write is damage. Raises DamagedFile where the file breaks off or is no WARC; the records before it have been given
    by then.
    """
    name = str(source if isinstance(source, Path) else getattr(source, "name", "the WARC file"))
    wanted = sum(int(getattr(WarcRecordType, kind)) for kind in types)
    handle = source.open("rb") if isinstance(source, Path) else source
    try:
        yield from _lenient(handle, wanted, name, max_bytes)
    finally:
        if isinstance(source, Path):
            handle.close()


def _lenient(handle: BinaryIO, wanted: int, name: str, max_bytes: int | None) -> Iterator[StoredRecord]:
    last = 0
    try:
        # FastWARC takes the header of a torn record for a whole one without content: the length it states tells.
        for record in ArchiveIterator(handle, parse_http=False):
            last = record.stream_pos
            headers = {key.lower(): value for key, value in reversed(record.headers.items())}
            stated = headers.get("content-length", "")
            if not stated.isdigit():
                raise BrokenMember(f"{name} breaks off at byte {last:,}; get a whole copy of it", last)
            if not int(record.record_type) & wanted:
                continue
            if max_bytes is None and int(stated) > MAX_RECORD_BYTES:
                raise BrokenMember(f"{name} has an impossibly large record at byte {last:,}; leave it out", last)
            block = record.reader.read(min(int(stated), max_bytes or MAX_RECORD_BYTES))
            if len(block) + record.reader.consume() != int(stated):
                raise BrokenMember(f"{name} breaks off at byte {last:,}; get a whole copy of it", last)
            if len(block) < int(stated):
                headers.setdefault("warc-truncated", "length")
            yield StoredRecord(headers, block, last, None)
    except OSError as error:
        raise BrokenMember(
            f"{name} is no WARC file, or damaged after byte {last:,} ({error}); get a whole copy of it", last
        ) from error
