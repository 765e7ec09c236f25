"""Undoing the content coding (gzip, deflate, br, zstd) of a body that a site sent.

What comes is hostile: a body may be broken, end early, claim a coding it does not have, or blow up to gigabytes. The
answer is always what could be decoded, with flags; never an exception.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import brotli
from isal import isal_zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_BODY_BYTES = 32 * 1024 * 1024
"""Decoded size at which decoding stops: as much as a response may weigh as it comes; pages are seldom over 1 MB."""

MAX_CODINGS = 3
"""Codings stacked on one body; more is an attack."""

MAX_ZSTD_WINDOW_LOG = 23
"""8 MiB, what RFC 9659 allows for the coding; a larger window is memory that the site makes us spend."""

TRUNCATED = "truncated"
"""The coded stream ends before its end mark."""

DAMAGED = "content_coding_damaged"
"""The coded stream breaks off in nonsense; what came before it is there."""

WRONG = "content_coding_wrong"
"""The body is not in the coding it claims; it is given as it is."""

UNKNOWN = "content_coding_unknown"
"""A coding that no program here knows, or too many of them; the body is given as it is."""

TOO_LARGE = "content_too_large"
"""The decoded body is cut at the limit."""

MAX_STREAMS = 1000
"""Gzip members or zstd frames in a row; a body of millions of empty ones costs only our time."""

STEP_BYTES = 256
"""Fed at a time where a body is broken: what is decoded of the last step is lost."""

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded body and what went wrong on the way."""

    body: bytes
    flags: tuple[str, ...] = ()
    """Of `TRUNCATED`, `DAMAGED`, `WRONG`, `UNKNOWN`, `TOO_LARGE`."""


def decode_content(body: bytes, content_encoding: str | None, max_bytes: int = MAX_BODY_BYTES) -> Decoded:
    """Return *body* with the codings that Content-Encoding names undone, last one first (RFC 9110, section 8.4).

    At most *max_bytes* come out of each. Never raises for what a site may send.

    >>> decode_content(zlib.compress(b"page"), "deflate")
    Decoded(body=b'page', flags=())
    >>> decode_content(b"<html>", "gzip")
    Decoded(body=b'<html>', flags=('content_coding_wrong',))
    """
    codings = [name.strip().lower() for name in (content_encoding or "").split(",")]
    codings = [name for name in codings if name not in ("", "identity")]
    if not codings or not body:
        return Decoded(body)
    if len(codings) > MAX_CODINGS or any(name not in _DECODERS for name in codings):
        return Decoded(body, (UNKNOWN,))
    flags: list[str] = []
    for name in reversed(codings):
        body, flag = _DECODERS[name](body, max_bytes)
        if flag and flag not in flags:
            flags.append(flag)
    return Decoded(body, tuple(flags))


class _Decoder(Protocol):
    """One coded stream being decoded step by step."""

    def feed(self, data: bytes, limit: int) -> bytes:
        """Return about *limit* decoded bytes at most; with b"" what is still held back. Raises one of `_ERRORS`."""

    def pending(self) -> bool:
        """Whether more output is held back."""

    def ended(self) -> bool:
        """Whether the end mark has been seen."""

    def unused(self) -> int:
        """How many of the bytes fed came after the end mark."""


class _Inflate:
    def __init__(self, wbits: int) -> None:
        self._inflater = zlib.decompressobj(wbits)

    def feed(self, data: bytes, limit: int) -> bytes:
        return self._inflater.decompress(self._inflater.unconsumed_tail + data, limit)

    def pending(self) -> bool:
        return bool(self._inflater.unconsumed_tail) and not self._inflater.eof

    def ended(self) -> bool:
        return self._inflater.eof

    def unused(self) -> int:
        return len(self._inflater.unused_data)


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes, limit: int) -> bytes:
        return bytes(self._decompressor.process(data, output_buffer_limit=limit))

    def pending(self) -> bool:
        return not self._decompressor.can_accept_more_data()

    def ended(self) -> bool:
        return bool(self._decompressor.is_finished())

    def unused(self) -> int:
        return 0


class _Zstd:
    def __init__(self) -> None:
        self._decompressor = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: MAX_ZSTD_WINDOW_LOG}
        )

    def feed(self, data: bytes, limit: int) -> bytes:
        return self._decompressor.decompress(data, limit)

    def pending(self) -> bool:
        return not self._decompressor.eof and not self._decompressor.needs_input

    def ended(self) -> bool:
        return self._decompressor.eof

    def unused(self) -> int:
        return len(self._decompressor.unused_data)


_ERRORS: tuple[type[Exception], ...] = (zlib.error, brotli.error, zstd.ZstdError)


def _stepwise(
    new_decoder: Callable[[], _Decoder], body: bytes, max_bytes: int, magic: bytes | None = None
) -> tuple[bytes, str | None]:
    """Decode in small steps, so that what comes before a damaged place is kept.

    With *magic*, a further stream that begins with it may follow; other bytes after the end mark are no content.
    """
    pieces: list[bytes] = []
    room = max_bytes
    at = 0
    for _ in range(MAX_STREAMS):
        decoder = new_decoder()
        while not decoder.ended():
            data = b"" if decoder.pending() else body[at : at + STEP_BYTES]
            at += len(data)
            if not data and not decoder.pending():
                return b"".join(pieces), TRUNCATED
            try:
                # One byte more than there is room for tells a body that just fits from one that does not.
                piece = decoder.feed(data, room + 1)
            except _ERRORS:
                return b"".join(pieces), DAMAGED
            if len(piece) > room:
                pieces.append(piece[:room])
                return b"".join(pieces), TOO_LARGE
            pieces.append(piece)
            room -= len(piece)
        at -= decoder.unused()
        if magic is None or body[at : at + len(magic)] != magic:
            return b"".join(pieces), None
    return b"".join(pieces), TOO_LARGE


def _gzip(body: bytes, max_bytes: int) -> tuple[bytes, str | None]:
    if body[:2] != GZIP_MAGIC[: len(body)]:
        return body, WRONG
    try:
        member = isal_zlib.decompressobj(zlib.MAX_WBITS | 16)
        out: bytes = member.decompress(body, max_bytes + 1)
    except isal_zlib.IsalError:  # type: ignore[misc]  # its stub has no class
        return _stepwise(lambda: _Inflate(zlib.MAX_WBITS | 16), body, max_bytes, GZIP_MAGIC)
    if len(out) > max_bytes:
        return out[:max_bytes], TOO_LARGE
    if not member.eof:
        return out, TRUNCATED
    if member.unused_data[:2] == GZIP_MAGIC:
        return _stepwise(lambda: _Inflate(zlib.MAX_WBITS | 16), body, max_bytes, GZIP_MAGIC)
    return out, None


def _deflate(body: bytes, max_bytes: int) -> tuple[bytes, str | None]:
    """The name means zlib's format; some servers send the bare stream, which browsers accept as well."""
    out, flag = _stepwise(lambda: _Inflate(zlib.MAX_WBITS), body, max_bytes)
    if flag == DAMAGED and not out:
        out, flag = _stepwise(lambda: _Inflate(-zlib.MAX_WBITS), body, max_bytes)
    return (body, WRONG) if flag == DAMAGED and not out else (out, flag)


def _brotli(body: bytes, max_bytes: int) -> tuple[bytes, str | None]:
    out, flag = _stepwise(_Brotli, body, max_bytes)
    return (body, WRONG) if flag == DAMAGED and not out else (out, flag)


def _zstd(body: bytes, max_bytes: int) -> tuple[bytes, str | None]:
    if body[:4] != ZSTD_MAGIC[: len(body)]:
        return body, WRONG
    return _stepwise(_Zstd, body, max_bytes, ZSTD_MAGIC)


_DECODERS: dict[str, Callable[[bytes, int], tuple[bytes, str | None]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
