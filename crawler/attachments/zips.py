"""The entries of a zip container, as they really are.

Python's own `zipfile` reads the directory, as it does for python-docx: what is checked here is what is parsed there.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from crawler.attachments.limits import Limits
from crawler.attachments.refusal import FileRefused, Refusal

DIRECTORY_SIGNATURE = b"PK\x01\x02"
CHUNK = 64 * 1024
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1 | 0x40
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError, struct.error, IndexError)


def entries_of(data: bytes, limits: Limits) -> Sequence[zipfile.ZipInfo]:
    """Return the entries of the container in the order of its directory.

    Raises FileRefused: `too_large` for more than `limits.entries` (counted before any is parsed), `damaged`.
    """
    if more_than(data, DIRECTORY_SIGNATURE, limits.entries):
        raise FileRefused(Refusal.TOO_LARGE, f"a container of more than {limits.entries:,} entries")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            return container.infolist()
    except _UNREADABLE as error:
        raise FileRefused(Refusal.DAMAGED, f"the container's directory is unreadable: {error}"[:200]) from error


def more_than(data: bytes, wanted: bytes, limit: int) -> bool:
    """Whether *wanted* occurs more than *limit* times in *data*."""
    return len(data) > limit * len(wanted) and data.count(wanted) > limit


def packed_bytes(data: bytes, entry: zipfile.ZipInfo) -> memoryview:
    """Return the packed bytes of an entry, by its local header.

    Raises FileRefused: `encrypted`; `damaged` where they lie outside the file or are packed in a way that office files
    are not (ECMA-376 part 2 allows stored and deflated).
    """
    if entry.flag_bits & _ENCRYPTED:
        raise FileRefused(Refusal.ENCRYPTED, f"entry {shown(entry)} needs a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileRefused(Refusal.DAMAGED, f"entry {shown(entry)} is packed by method {entry.compress_type}")
    start = entry.header_offset + _LOCAL_HEADER.size
    if entry.header_offset < 0 or start > len(data):
        raise FileRefused(Refusal.DAMAGED, f"entry {shown(entry)} begins outside the file")
    signature, name_length, extra_length = _LOCAL_HEADER.unpack_from(data, entry.header_offset)
    start += name_length + extra_length
    if signature != b"PK\x03\x04" or start + entry.compress_size > len(data):
        raise FileRefused(Refusal.DAMAGED, f"entry {shown(entry)} is cut off")
    return memoryview(data)[start : start + entry.compress_size]


def unpacked(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what an entry really unpacks to, at most 64 KiB at a time; no stated size is believed.

    Raises FileRefused as `packed_bytes`, and `damaged` where the stream is broken or ends early.
    """
    packed = packed_bytes(data, entry)
    if entry.compress_type == zipfile.ZIP_STORED:
        for start in range(0, len(packed), CHUNK):
            yield bytes(packed[start : start + CHUNK])
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    start, tail = 0, b""
    while not inflater.eof:
        if not tail and start < len(packed):
            tail = bytes(packed[start : start + CHUNK])
            start += CHUNK
        try:
            chunk = inflater.decompress(tail, CHUNK)
        except zlib.error as error:
            raise FileRefused(Refusal.DAMAGED, f"entry {shown(entry)}: {error}") from error
        tail = inflater.unconsumed_tail
        if chunk:
            yield chunk
        elif not tail and start >= len(packed) and not inflater.eof:
            raise FileRefused(Refusal.DAMAGED, f"entry {shown(entry)} ends early")


def beginning(data: bytes, entry: zipfile.ZipInfo, size: int) -> bytes:
    """Return at most *size* unpacked bytes of an entry, b"" where it cannot be unpacked."""
    kept = bytearray()
    try:
        for chunk in unpacked(data, entry):
            kept += chunk
            if len(kept) >= size:
                break
    except FileRefused:
        return b""
    return bytes(kept[:size])


def shown(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry for a sentence: printable, short."""
    name = entry.filename if len(entry.filename) <= 60 else entry.filename[:57] + "..."
    return ascii(name) if not name.isprintable() else name
