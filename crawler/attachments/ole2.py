"""The names in the directory of an OLE2 compound file, which tell DOC, XLS and PPT apart.

[MS-CFB]: a header of 512 bytes, sectors chained by a table (FAT), the directory one such chain of 128-byte entries.
Only names are read, so that a walk of some sixty lines with limits takes the place of a library.
"""

from __future__ import annotations

import struct

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAX_DIRECTORY_SECTORS = 256
"""Sectors of the directory that are read: 1,024 entries of 512-byte sectors. Word writes about 10 entries."""
_LAST_SECTOR = 0xFFFFFFFA
_HEADER_DIFAT = 109
_ENTRY = 128


def names_in(data: bytes) -> frozenset[str]:
    """Return the names of storages and streams; what cannot be reached is left out, so a damaged file has fewer."""
    if not data.startswith(MAGIC) or len(data) < 512:
        return frozenset()
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        return frozenset()
    size = 1 << shift
    sector = struct.unpack_from("<I", data, 48)[0]
    tables = struct.unpack_from(f"<{_HEADER_DIFAT}I", data, 76)
    names: set[str] = set()
    visited: set[int] = set()
    while sector < _LAST_SECTOR and sector not in visited and len(visited) < _MAX_DIRECTORY_SECTORS:
        visited.add(sector)
        start = (sector + 1) * size
        names |= {_name(data, at) for at in range(start, min(start + size, len(data) - _ENTRY + 1), _ENTRY)}
        sector = _next(data, tables, sector, size)
    return frozenset(names - {""})


def _next(data: bytes, tables: tuple[int, ...], sector: int, size: int) -> int:
    """Return the sector after *sector*; files whose directory needs more than the header's 109 tables end early."""
    table, index = divmod(sector, size // 4)
    at = (tables[table] + 1) * size + index * 4 if table < len(tables) else len(data)
    following: int = struct.unpack_from("<I", data, at)[0] if at + 4 <= len(data) else _LAST_SECTOR
    return following


def _name(data: bytes, at: int) -> str:
    length, kind = struct.unpack_from("<HB", data, at + 64)
    if kind == 0 or not 2 <= length <= 64:
        return ""
    return data[at : at + length - 2].decode("utf-16-le", "replace")
