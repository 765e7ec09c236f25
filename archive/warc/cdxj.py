"""The CDXJ index beside a WARC file: one sorted line a capture, as pywb and other replay tools read it.

A line is `urlkey timestamp {json}`, sorted by bytes; form and keys as `cdx-indexer -j` of pywb 2.10 writes them. Only
"not modified" answers are left out: pywb plays such a record as the bare 304 it is, a blank page, where without the
line it shows the capture nearest in time (`webrecorder/pywb` loads revisit headers from the revisit since 2.7).
"""

from __future__ import annotations

import heapq
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

import orjson

from archive import durable
from archive.errors import MachineTrouble

LINES_IN_MEMORY = 4096
"""More are sorted and spilled to a scratch file, so that memory stays flat: about 2 MB."""

WRITE_BYTES = 1 << 20

INDEXED_TYPES = frozenset({"response", "revisit", "resource"})

_HIERARCHICAL = re.compile(r"(?i)(https?|ftp):/*([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL)
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
"""A path of which only the case may change: the common one, for which the whole rule would take 15 us."""
_SAFE_IN_KEY = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_NUMBERED_WWW = re.compile(rb"www\d*\.")
_DEFAULT_PORTS = {"http": b"80", "https": b"443", "ftp": b"21"}
_ASPX_SESSION = re.compile(rb"(?i)^(.*/)(?:\((?:[a-z]\([0-9a-z]{24}\))+\)|\([0-9a-z]{24}\))/([^?]+\.aspx.*)$")
_SESSIONS = tuple(
    re.compile(rb"(?i)" + pattern + rb"(?:&|$)")
    for pattern in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)


@lru_cache(maxsize=1024)
def _host_key(scheme: str, authority: str) -> str:
    """Return host and port turned round: `com,example:8080`."""
    host_and_port = authority.rpartition("@")[2]
    host, colon, port = host_and_port.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = host_and_port, ""
    host = host.strip("[]")
    name = _unescaped(host.encode("utf-8", "surrogatepass"))
    try:
        name.decode("ascii")
    except UnicodeDecodeError:
        with suppress(UnicodeError):  # no name that DNS knows: kept as it is
            name = name.decode("utf-8", "ignore").encode("idna")
    name = _escaped(name.replace(b"..", b".").strip(b".").lower())
    name = _NUMBERED_WWW.sub(b"", name, count=1) if _NUMBERED_WWW.match(name) else name
    key = b",".join(reversed(name.split(b".")))
    number = port.encode("utf-8", "surrogatepass")
    if number and number != _DEFAULT_PORTS[scheme]:
        key += b":" + _escaped(number)
    return key.decode("ascii")


def urlkey(url: str) -> str:
    """Return the key under which replay tools look *url* up: host turned round, what seldom matters left out.

    The rule is that of the `surt` library with its defaults (Internet Archive), which pywb uses: lower case, no
    scheme, user, fragment, `www.`, default port, closing slash or session id, query arguments sorted, percent-encoding
    reduced to what is needed. (Numeric IPv4 spellings other than dotted decimal are left as they are.)

    >>> urlkey("https://www.Example.com:443/a/../B//c/?y=2&x=1#top")
    'com,example)/b/c?x=1&y=2'
    >>> urlkey("http://127.0.0.1:8080/甲"), urlkey("urn:docarchive:run:7")
    ('1,0,0,127:8080)/%e7%94%b2', 'urn:docarchive:run:7')
    """
    url = re.sub(r"[\r\n\t]", "", url.strip())
    match = _HIERARCHICAL.fullmatch(url)
    if match is None:
        scheme, colon, rest = url.partition(":")
        return (_escaped(_bytes(scheme + colon)) + _escaped(_unescaped(_bytes(rest))).lower()).decode("ascii")
    scheme, authority, path, query = match.groups()
    scheme = scheme.lower()
    return f"{_host_key(scheme, authority)}){_path_key(path)}{_query_key(query) if query else ''}"


def _path_key(path: str) -> str:
    if _PLAIN_PATH.fullmatch(path) and ".asp" not in path:
        return path.lower()
    kept: list[bytes] = []
    pieces = _unescaped(_bytes(path)).split(b"/")[1:]
    for piece in pieces:
        if piece == b"..":
            # Above the root, surt keeps the dots: so do we, or replay would not find the page.
            kept[-1:] = [] if kept else [b".."]
        elif piece != b".":
            kept.append(piece)
    joined = b"/" + b"".join(piece + b"/" for piece in kept[:-1] if piece) + (kept[-1] if kept else b"")
    key = _escaped(joined).lower()
    if b".aspx" in key:
        key = _ASPX_SESSION.sub(rb"\1\2", key)
    if len(key) > 1 and key.endswith(b"/"):
        key = key[:-1]
    return key.decode("ascii")


def _query_key(query: str) -> str:
    key = _escaped(_unescaped(_bytes(query)))
    for session in _SESSIONS:
        key = session.sub(b"", key, count=1)
    key = key.lower()
    if len(key) > 1:
        key = b"&".join(b"=".join(pair) for pair in sorted(tuple(part.split(b"=", 1)) for part in key.split(b"&")))
    return "?" + key.decode("ascii") if key else ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _unescaped(text: bytes) -> bytes:
    while b"%" in text:
        once = unquote_to_bytes(text)
        if once == text:
            break
        text = once
    return text


def _escaped(text: bytes) -> bytes:
    return quote_from_bytes(text, safe=_SAFE_IN_KEY).encode("ascii")


def cdxj_line(
    *,
    url: str,
    at: datetime,
    mime: str,
    status: int | None,
    digest: str | None,
    offset: int,
    length: int,
    file_name: str,
) -> bytes:
    """Return one line, with its line end. *mime* is `warc/revisit` for a revisit, whose *status* is None."""
    entry: dict[str, str] = {"url": url, "mime": mime}
    if status is not None:
        entry["status"] = str(status)
    if digest is not None:
        entry["digest"] = digest
    entry["length"] = str(length)
    entry["offset"] = str(offset)
    entry["filename"] = file_name
    return f"{urlkey(url)} {at:%Y%m%d%H%M%S} ".encode("ascii") + orjson.dumps(entry) + b"\n"


def mime_of(content_type: bytes | str | None) -> str:
    """Return the media type without parameters, as pywb cuts it; `unk` for none."""
    if not content_type:
        return "unk"
    text = content_type.decode("latin-1") if isinstance(content_type, bytes) else content_type
    return re.split("[; ]", text, maxsplit=1)[0] or "unk"


class CdxjSpool:
    """The lines of one WARC file on their way to its index; sorted in pieces, merged at the end."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._lines: list[bytes] = []
        self._pieces: list[tuple[int, int]] = []
        self._descriptor: int | None = None

    def add(self, line: bytes) -> None:
        """Take one line."""
        self._lines.append(line)
        if len(self._lines) >= LINES_IN_MEMORY:
            self._spill()

    def _spill(self) -> None:
        if self._descriptor is None:
            durable.unlink(self._scratch)
            self._descriptor = durable.create(self._scratch, readable=True)
        piece = b"".join(sorted(self._lines))
        start = self._pieces[-1][1] if self._pieces else 0
        try:
            durable.write_all(self._descriptor, piece, self._scratch)
        except MachineTrouble:
            durable.truncate(self._descriptor, start, self._scratch)
            raise
        self._pieces.append((start, start + len(piece)))
        self._lines = []

    def _sorted(self) -> Iterator[bytes]:
        pieces = [self._piece(start, end) for start, end in self._pieces]
        return heapq.merge(*pieces, sorted(self._lines))

    def _piece(self, start: int, end: int) -> Iterator[bytes]:
        assert self._descriptor is not None
        rest = b""
        while start < end:
            block = rest + os.pread(self._descriptor, min(1 << 16, end - start), start)
            start += len(block) - len(rest)
            *lines, rest = block.split(b"\n")
            yield from (line + b"\n" for line in lines)

    def batches(self) -> Iterator[bytes]:
        """Yield the sorted index, a megabyte at a time."""
        return _batches(self._sorted())

    def write(self, target: Path) -> None:
        """Write the sorted index to *target*, whole or not at all; the folder still is to be fsynced."""
        durable.write_pieces(target, self.batches())
        self.discard()

    def discard(self) -> None:
        """Drop the lines and the scratch file."""
        if self._descriptor is not None:
            self.close()
            durable.unlink(self._scratch)

    def close(self) -> None:
        """Drop the lines; the scratch file stays for `recover` to clear away."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._lines, self._pieces = [], []


def _batches(lines: Iterable[bytes]) -> Iterator[bytes]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= WRITE_BYTES:
            yield b"".join(batch)
            batch, size = [], 0
    if batch:
        yield b"".join(batch)


@dataclass(frozen=True, slots=True)
class CdxjEntry:
    """One line read back."""

    urlkey: str
    timestamp: str
    url: str
    mime: str
    status: int | None
    digest: str | None
    offset: int
    length: int
    file_name: str


def read_cdxj(path: Path) -> Iterator[CdxjEntry]:
    """Return the entries of the index at *path* in its order; ValueError or KeyError for a line that is none."""
    with path.open("rb") as file:
        for line in file:
            key, timestamp, text = line.split(b" ", 2)
            entry = orjson.loads(text)
            yield CdxjEntry(
                key.decode("ascii"),
                timestamp.decode("ascii"),
                entry["url"],
                entry["mime"],
                int(entry["status"]) if "status" in entry else None,
                entry.get("digest"),
                int(entry["offset"]),
                int(entry["length"]),
                entry["filename"],
            )
