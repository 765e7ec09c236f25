"""What a dead run left of its WARC files, made whole: torn tail cut off, index written, file closed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from archive import durable
from archive.layout import Layout
from archive.warc.cdxj import INDEXED_TYPES, CdxjSpool, cdxj_line, mime_of
from archive.warc.reading import BrokenMember, StoredRecord, scan
from archive.warc.record import SERVER_NOT_MODIFIED
from archive.warc.writing import OPEN_SUFFIX, cdxj_path, cdxj_scratch, lock

COPY_BYTES = 1 << 20


def recover(layout: Layout, site: str) -> list[tuple[str, int]]:
    """Close every WARC file of *site* that its writer did not; return (file, whole bytes) of each.

    *file* is as in `Stored.file`. A file is cut behind its last whole record (a request without its response goes
    too), indexed and renamed; one without any capture is removed and answered with 0. Where the writer still lives,
    having lost its lease, it keeps a file that nobody sees: the whole part is copied.

    To be called by the holder of the site's lease, before anything is written. It may be killed at any instant and
    called again, with the same end. A caller killed after it finds no `.open` file next time: what counts is that
    every position beyond a closed file's size, or in a file that is gone, is lost.

    Raises MachineTrouble when the disk is full or refuses.
    """
    folder = layout.warc_folder(site)
    if not folder.is_dir():
        return []
    found = []
    for open_path in sorted(folder.glob(f"*.warc.gz{OPEN_SUFFIX}")):
        path = open_path.with_name(open_path.name.removesuffix(OPEN_SUFFIX))
        found.append((path.relative_to(layout.root).as_posix(), _close(open_path, path)))
    for path in sorted(folder.glob("*.warc.gz")):
        if not cdxj_path(path).exists():
            with suppress(BrokenMember):  # `verify` tells of it; a new run need not wait for that
                write_index(path)
    _clear(folder)
    return found


def write_index(path: Path) -> None:
    """Write the CDXJ of the closed WARC file *path* anew. Raises BrokenMember when the file is damaged."""
    spool = CdxjSpool(cdxj_scratch(path))
    try:
        for record in scan(path):
            _index(spool, record, path.name)
        spool.write(cdxj_path(path))
    finally:
        spool.close()
    durable.fsync_folder(path.parent)


def _close(open_path: Path, path: Path) -> int:
    """Turn *open_path* into the closed file *path*; return its size, 0 when nothing was worth keeping."""
    with durable.translated(open_path):
        descriptor = os.open(open_path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    spool = CdxjSpool(cdxj_scratch(path))
    try:
        writer_lives = not lock(descriptor)
        whole = _index_whole_part(open_path, path.name, spool)
        if whole == 0:
            durable.unlink(open_path)
            durable.fsync_folder(path.parent)
            return 0
        if writer_lives:
            durable.write_pieces(path, _pieces(descriptor, whole))
        elif os.fstat(descriptor).st_size != whole:
            durable.truncate(descriptor, whole, open_path)
        durable.fsync(descriptor, open_path)
        spool.write(cdxj_path(path))
        if writer_lives:
            # Both names of the whole part must last before the other one goes.
            durable.fsync_folder(path.parent)
            durable.unlink(open_path)
        else:
            durable.rename(open_path, path)
        durable.fsync_folder(path.parent)
        return whole
    finally:
        spool.close()
        os.close(descriptor)


def _index_whole_part(open_path: Path, file_name: str, spool: CdxjSpool) -> int:
    """Index the records of *open_path* up to the first broken one; return where the last one worth keeping ends."""
    end = 0
    try:
        for record in scan(open_path, file_name):
            if record.record_type in ("request", "warcinfo"):
                continue  # worth keeping once something follows
            assert record.length is not None
            end = record.offset + record.length
            _index(spool, record, file_name)
    except BrokenMember:
        pass  # a killed process or a power cut ends a file anywhere: that is what is cut off
    return end


def _index(spool: CdxjSpool, record: StoredRecord, file_name: str) -> None:
    if record.record_type not in INDEXED_TYPES or record.profile == SERVER_NOT_MODIFIED:
        return
    assert record.length is not None
    revisit = record.record_type == "revisit"
    spool.add(
        cdxj_line(
            url=record.url,
            at=record.fetched_at,
            mime="warc/revisit" if revisit else mime_of(record.content_type),
            status=None if revisit else record.status,
            digest=record.payload_digest,
            offset=record.offset,
            length=record.length,
            file_name=file_name,
        )
    )


def _pieces(descriptor: int, length: int) -> Iterator[bytes]:
    at = 0
    while at < length:
        piece = os.pread(descriptor, min(COPY_BYTES, length - at), at)
        at += len(piece)
        yield piece


def _clear(folder: Path) -> None:
    """Remove what a killed writer or `recover` left beside the files: scratch and half-written copies."""
    strays = [*folder.glob(f"*.cdxj{OPEN_SUFFIX}"), *folder.glob(".*.cdxj.*.tmp"), *folder.glob(".*.warc.gz.*.tmp")]
    for stray in strays:
        durable.unlink(stray)
    for index in folder.glob("*.cdxj"):
        if not index.with_name(index.name.removesuffix(".cdxj") + ".warc.gz").exists():
            durable.unlink(index)
