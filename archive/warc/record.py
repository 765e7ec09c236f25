"""The bytes of one WARC/1.1 record (ISO 28500:2017): how an exchange becomes records.

Every record is one gzip member. What a site sends is hostile: a URL is percent-encoded where a WARC header could not
carry it, a header line never brings a line break or NUL of its own into the block, and a header block never outgrows
what readers accept.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote
from zlib import MAX_WBITS

from isal import isal_zlib

from archive.clock import instant_text

COMPRESSION_LEVEL = 2
"""Of isal: 36 KB of HTML cost 39 us and 8.3 KB of disk; zlib 6 saves 8 % of that for 200 us, zlib 1 costs 100 us."""

GZIP = 31
"""zlib's `wbits` for a gzip member."""

RECORD_END = b"\r\n\r\n"

_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_GZIP_TRAILER = struct.Struct("<II")
_STORED_HEADER = struct.Struct("<BHH")
_STORED_BYTES = 0xFFFF
"""Content of one stored block at most."""

MAX_RECORD_BYTES = 512 * 1024 * 1024
"""Larger records are neither written nor believed: reading one takes this much memory."""

MAX_URL_BYTES = 12_000
"""FastWARC refuses a file whose record header exceeds 32 KiB; a revisit names two URLs. Servers stop at 8 KiB or so."""

MAX_HTTP_HEADER_BYTES = 30_000
"""FastWARC refuses a file whose HTTP header exceeds 32 KiB."""

MAX_STATUS_LINE_BYTES = 1_000

MAX_METADATA_BYTES = 6_000
"""Of JSON in a record's own header, beside which two URLs have to have room."""

METADATA = "WARC-JSON-Metadata"
"""The header field for it, as pywb's recorder names it; WARC/1.1, section 5.1, lets readers pass over what is new."""

IDENTICAL_PAYLOAD = "identical-payload-digest"
SERVER_NOT_MODIFIED = "server-not-modified"
PROFILES = {
    IDENTICAL_PAYLOAD: "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    SERVER_NOT_MODIFIED: "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
}

EXCESS = "excess_bytes"
"""Flag of a body behind whose end more came; what the response's own length says is there."""

EXCESS_LINE = (b"X-Archive-Excess-Bytes", b"dropped")
"""Header line that keeps that flag in WARC."""

ORIGINAL_PREFIX = b"X-Archive-Orig-"
"""Before the name of a header line that would mislead a reader, as pywb and warcprox write it."""

TRUNCATIONS = frozenset({"length", "time", "disconnect", "unspecified"})
"""The reasons WARC-Truncated may give."""

_STATUS_LINE = re.compile(rb"HTTP/\d\.\d \d{3}( .*)?", re.DOTALL)
_NOT_IN_URL = re.compile(r"[^!-;=?-~]")
_LINE_BREAKING = re.compile(rb"[\r\n\0]+")
_NOT_IN_NAME = re.compile(rb"[\r\n\0:]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_PLAIN_JSON = re.compile(rf"\{{[\x20-\x7e]{{0,{MAX_METADATA_BYTES - 2}}}\}}")
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,45}")

KEPT_HEADERS = frozenset(
    {
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"date",
        b"etag",
        b"last-modified",
        b"location",
        b"retry-after",
        b"transfer-encoding",
    }
)
"""Kept first where a site sends more header lines than readers accept: what the archive itself reads later."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the response to it, as they went over the wire."""

    url: str
    """As requested: absolute, at most `MAX_URL_BYTES` once percent-encoded."""
    fetched_at: datetime
    """When the response was received: aware UTC, cut to milliseconds so that tables, state and WARC-Date agree."""
    method: str
    request_lines: bytes
    """The request line and header lines as really sent; empty where nobody kept them: no request record then."""
    request_body: bytes
    status_line: bytes
    """E.g. b"HTTP/1.1 200 OK"."""
    header_lines: tuple[tuple[bytes, bytes], ...]
    """As received: order, case and repeats kept."""
    body: bytes
    """After transfer decoding, before content decoding."""
    ip_address: str | None = None
    """The server's address, of the connection that was used."""
    truncated: str | None = None
    """Why *body* is not whole: "length", "time" or "disconnect"; None for a whole one."""
    protocol: str = "http/1.1"
    metadata: str | None = None
    """What the archive knows of the body besides, as JSON in ASCII of at most `MAX_METADATA_BYTES`; it is kept with the
    body, not with revisits of it."""

    def __post_init__(self) -> None:
        if self.fetched_at.tzinfo is None:
            raise ValueError("fetched_at needs a time zone")
        if self.truncated is not None and self.truncated not in TRUNCATIONS:
            raise ValueError(f"WARC-Truncated cannot be {self.truncated!r}; one of {sorted(TRUNCATIONS)}")
        if self.metadata is not None and not _PLAIN_JSON.fullmatch(self.metadata):
            raise ValueError(f"metadata is a JSON object in one line of ASCII, of {MAX_METADATA_BYTES:,} bytes at most")
        whole = self.fetched_at.astimezone(UTC)
        object.__setattr__(self, "fetched_at", whole - timedelta(microseconds=whole.microsecond % 1000))

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.status_line[9:12])

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of header *name* (lower case), or None."""
        return next((value for key, value in self.header_lines if key.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The stored response that a revisit record points back to."""

    capture: str
    """Its WARC-Record-ID, with < and >."""
    url: str
    fetched_at: datetime
    payload_digest: str | None
    """"sha256:..." of its body as received; None where it is not known (only for `SERVER_NOT_MODIFIED`)."""
    profile: str = IDENTICAL_PAYLOAD
    """`IDENTICAL_PAYLOAD` or `SERVER_NOT_MODIFIED`."""


@dataclass(slots=True)
class Repairs:
    """What hostile or broken input forced the writer to change, counted."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str) -> None:
        """Count one change."""
        self.counts[what] = self.counts.get(what, 0) + 1


def sha256(data: bytes) -> str:
    """Return the digest of *data* in the form that records and tables use: "sha256:" and lower-case hexadecimal.

    warcio, FastWARC and pywb accept this form as well as base 32 (checked with warcio 1.8.1, FastWARC 2.0.1).
    """
    return "sha256:" + hashlib.sha256(data).hexdigest()


def warc_uri(url: str) -> str:
    """Return *url* as WARC-Target-URI carries it: whatever a URI may not hold, percent-encoded as UTF-8.

    >>> warc_uri("http://a.example/x?q=1#f"), warc_uri("http://a.example/甲\\r\\nWARC-Type: x")
    ('http://a.example/x?q=1#f', 'http://a.example/%E7%94%B2%0D%0AWARC-Type:%20x')
    """
    if not _NOT_IN_URL.search(url):
        return url
    return _NOT_IN_URL.sub(lambda match: quote(match[0].encode("utf-8", "surrogatepass"), safe=""), url)


def checked_uri(url: str) -> str:
    """Return `warc_uri`; ValueError when it is longer than `MAX_URL_BYTES`."""
    uri = warc_uri(url)
    if len(uri) > MAX_URL_BYTES:
        raise ValueError(f"a URL of {len(uri):,} bytes cannot be stored; refuse URLs over {MAX_URL_BYTES:,}")
    return uri


def member(header: str, block: bytes, packed: bytes = b"") -> bytes:
    """Return the gzip member of a record, given its header (without Content-Length) and its block.

    *packed* is the end of the block that would not become smaller: it is stored in the member uncompressed, which
    saves 27 us writing and 40 us reading of 13 KB, and some bytes. Raises ValueError beyond `MAX_RECORD_BYTES`.
    """
    length = len(block) + len(packed)
    if length > MAX_RECORD_BYTES:
        raise ValueError(f"a record of {length:,} bytes is too large; split it ({MAX_RECORD_BYTES:,} at most)")
    start = b"%sContent-Length: %d\r\n\r\n%s" % (header.encode("ascii"), length, block)
    if not packed:
        whole: bytes = isal_zlib.compress(start + RECORD_END, COMPRESSION_LEVEL, GZIP)
        return whole
    return _half_compressed(start, packed + RECORD_END)


def _half_compressed(start: bytes, end: bytes) -> bytes:
    """Return a gzip member (RFC 1952) of *start* compressed and *end* in stored blocks (RFC 1951, section 3.2.4)."""
    packer = isal_zlib.compressobj(COMPRESSION_LEVEL, wbits=-MAX_WBITS)
    # After a sync flush the next block begins at a byte.
    pieces = [_GZIP_HEADER, packer.compress(start), packer.flush(isal_zlib.Z_SYNC_FLUSH)]
    for at in range(0, len(end), _STORED_BYTES):
        piece = end[at : at + _STORED_BYTES]
        last = at + _STORED_BYTES >= len(end)
        pieces += (_STORED_HEADER.pack(last, len(piece), len(piece) ^ 0xFFFF), piece)
    checksum = isal_zlib.crc32(end, isal_zlib.crc32(start))
    pieces.append(_GZIP_TRAILER.pack(checksum, (len(start) + len(end)) & 0xFFFFFFFF))
    return b"".join(pieces)


def warcinfo(capture: str, at: datetime, file_name: str, info: Mapping[str, str]) -> bytes:
    """Return the member that opens a file and says who made it and how: *info* as `application/warc-fields`."""
    lines = []
    for name, value in info.items():
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
            raise ValueError(f"{name!r} cannot name a warcinfo field; use letters, digits and -")
        lines.append(f"{name}: {_CONTROL.sub(' ', value)}\r\n")
    block = "".join(lines).encode("utf-8", "replace")
    return member(
        "WARC/1.1\r\nWARC-Type: warcinfo\r\n"
        f"WARC-Record-ID: {capture}\r\n"
        f"WARC-Date: {instant_text(at)}\r\n"
        f"WARC-Filename: {file_name}\r\n"
        f"WARC-Block-Digest: {sha256(block)}\r\n"
        "Content-Type: application/warc-fields\r\n",
        block,
    )


def request(exchange: Exchange, capture: str, response_capture: str, uri: str, date: str) -> bytes:
    """Return the request's member."""
    block = exchange.request_lines.rstrip(b"\r\n") + b"\r\n\r\n" + exchange.request_body
    return member(
        "WARC/1.1\r\nWARC-Type: request\r\n"
        f"WARC-Record-ID: {capture}\r\n"
        f"WARC-Date: {date}\r\n"
        f"WARC-Target-URI: {uri}\r\n"
        f"WARC-Concurrent-To: {response_capture}\r\n"
        f"{_address_line(exchange)}"
        f"WARC-Block-Digest: {sha256(block)}\r\n"
        "Content-Type: application/http;msgtype=request\r\n",
        block,
    )


def response(
    exchange: Exchange, capture: str, request_capture: str, uri: str, date: str, payload_digest: str, repairs: Repairs
) -> bytes:
    """Return the response's member: head and body."""
    head = http_head(exchange, repairs, has_body=True)
    block_digest = hashlib.sha256(head)
    block_digest.update(exchange.body)
    is_packed = exchange.header(b"content-encoding") not in (None, b"identity")
    return member(
        "WARC/1.1\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: {capture}\r\n"
        f"WARC-Date: {date}\r\n"
        f"WARC-Target-URI: {uri}\r\n"
        f"{_concurrent_line(exchange, request_capture)}{_address_line(exchange)}{_truncated_line(exchange)}"
        f"{_metadata_line(exchange)}"
        f"WARC-Block-Digest: sha256:{block_digest.hexdigest()}\r\n"
        f"WARC-Payload-Digest: {payload_digest}\r\n"
        "Content-Type: application/http;msgtype=response\r\n",
        *((head, exchange.body) if is_packed else (head + exchange.body,)),
    )


def revisit(
    exchange: Exchange, capture: str, request_capture: str, uri: str, date: str, earlier: Earlier, repairs: Repairs
) -> bytes:
    """Return the member that says: the same payload as *earlier*; its block is the response's head alone."""
    block = http_head(exchange, repairs, has_body=earlier.profile == IDENTICAL_PAYLOAD)
    digest = f"WARC-Payload-Digest: {earlier.payload_digest}\r\n" if earlier.payload_digest else ""
    return member(
        "WARC/1.1\r\nWARC-Type: revisit\r\n"
        f"WARC-Record-ID: {capture}\r\n"
        f"WARC-Date: {date}\r\n"
        f"WARC-Target-URI: {uri}\r\n"
        f"{_concurrent_line(exchange, request_capture)}{_address_line(exchange)}{_truncated_line(exchange)}"
        f"WARC-Profile: {PROFILES[earlier.profile]}\r\n"
        f"WARC-Refers-To: {earlier.capture}\r\n"
        f"WARC-Refers-To-Target-URI: {checked_uri(earlier.url)}\r\n"
        f"WARC-Refers-To-Date: {instant_text(earlier.fetched_at)}\r\n"
        f"WARC-Block-Digest: {sha256(block)}\r\n"
        f"{digest}"
        "Content-Type: application/http;msgtype=response\r\n",
        block,
    )


def plain(
    kind: str, capture: str, at: datetime, uri: str, body: bytes, content_type: str, payload_digest: str
) -> bytes:
    """Return the member of a `metadata` or `resource` record: a block of ours, not of a site."""
    if not re.fullmatch(r"[\x20-\x7e]+", content_type):
        raise ValueError(f"{content_type!r} is no content type")
    return member(
        f"WARC/1.1\r\nWARC-Type: {kind}\r\n"
        f"WARC-Record-ID: {capture}\r\n"
        f"WARC-Date: {instant_text(at)}\r\n"
        f"WARC-Target-URI: {checked_uri(uri)}\r\n"
        f"WARC-Block-Digest: {payload_digest}\r\n"
        f"WARC-Payload-Digest: {payload_digest}\r\n"
        f"Content-Type: {content_type}\r\n",
        body,
    )


def _concurrent_line(exchange: Exchange, request_capture: str) -> str:
    return f"WARC-Concurrent-To: {request_capture}\r\n" if exchange.request_lines else ""


def _address_line(exchange: Exchange) -> str:
    # A link-local IPv6 address comes with its interface, which WARC-IP-Address does not know.
    address = (exchange.ip_address or "").partition("%")[0]
    return f"WARC-IP-Address: {address}\r\n" if _ADDRESS.fullmatch(address) else ""


def _truncated_line(exchange: Exchange) -> str:
    return f"WARC-Truncated: {exchange.truncated}\r\n" if exchange.truncated else ""


def _metadata_line(exchange: Exchange) -> str:
    return f"{METADATA}: {exchange.metadata}\r\n" if exchange.metadata else ""


def http_head(exchange: Exchange, repairs: Repairs, *, has_body: bool) -> bytes:
    """Return status line and header lines of the response, ending with the blank line.

    The lines are as received but for three cases. Transfer-Encoding gets the name X-Archive-Orig-Transfer-Encoding,
    because the body is stored after transfer decoding and readers would decode it again. A Content-Length that
    disagrees with the stored body is kept as X-Archive-Orig-Content-Length beside one that fits (*has_body* False: a
    304 states the length of what it does not send). Line breaks and NULs inside a line become a space, as RFC 9110,
    section 5.5, asks of recipients. Each change is counted in *repairs*.

    Raises ValueError when the status line is none.
    """
    status_line = _LINE_BREAKING.sub(b" ", exchange.status_line.rstrip(b"\r\n"))[:MAX_STATUS_LINE_BYTES]
    if not _STATUS_LINE.fullmatch(status_line):
        raise ValueError(f"{exchange.status_line[:80]!r} is no HTTP status line")
    lines = _fitting_lines(_clean_lines(exchange.header_lines, repairs), repairs)
    length = b"%d" % len(exchange.body)
    out = [status_line]
    for name, value in lines:
        lower = name.lower()
        if lower == b"transfer-encoding":
            out.append(b"%s%s: %s" % (ORIGINAL_PREFIX, name, value))
        elif lower == b"content-length" and has_body and value != length:
            out.append(b"%s%s: %s" % (ORIGINAL_PREFIX, name, value))
            if not any(line.startswith(b"Content-Length: ") for line in out):
                out.append(b"Content-Length: " + length)
        else:
            out.append(b"%s: %s" % (name, value))
    return b"\r\n".join(out) + b"\r\n\r\n"


@lru_cache(maxsize=256)  # names are the site's: a few, unless it means harm
def _is_name(name: bytes) -> bool:
    """Whether *name* can begin a header line as it is."""
    return name == name.strip() != b"" and not _NOT_IN_NAME.search(name)


def _clean_lines(lines: tuple[tuple[bytes, bytes], ...], repairs: Repairs) -> list[tuple[bytes, bytes]]:
    """Return *lines* without anything that would end or start a line."""
    clean = []
    for name, value in lines:
        if _LINE_BREAKING.search(value):
            value = _LINE_BREAKING.sub(b" ", value)
            repairs.add("header/line_break_replaced")
        if not _is_name(name):
            name = _NOT_IN_NAME.sub(b"_", name.strip())
            repairs.add("header/name_repaired")
        if name:
            clean.append((name, value))
    return clean


def _fitting_lines(lines: list[tuple[bytes, bytes]], repairs: Repairs) -> list[tuple[bytes, bytes]]:
    """Return *lines*, or where they are too many for readers those that matter most and fit, in their order."""
    sizes = [len(name) + len(value) + len(ORIGINAL_PREFIX) + 4 for name, value in lines]
    if sum(sizes) <= MAX_HTTP_HEADER_BYTES:
        return lines
    room = MAX_HTTP_HEADER_BYTES
    kept = set()
    order = sorted(range(len(lines)), key=lambda i: (lines[i][0].lower() not in KEPT_HEADERS, i))
    for i in order:
        if sizes[i] <= room:
            room -= sizes[i]
            kept.add(i)
    repairs.add("header/lines_dropped")
    dropped = b"%d" % (len(lines) - len(kept))
    return [line for i, line in enumerate(lines) if i in kept] + [(b"X-Archive-Dropped-Header-Lines", dropped)]
