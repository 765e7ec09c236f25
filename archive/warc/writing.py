"""The WARC files that one run writes for one site under one lease: opened, appended to, rotated, closed."""

from __future__ import annotations

import fcntl
import os
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive import durable
from archive.clock import Clock, instant_text
from archive.errors import LeaseLost, MachineTrouble
from archive.layout import Layout
from archive.warc import record as warc_record
from archive.warc.cdxj import CdxjSpool, cdxj_line, mime_of
from archive.warc.record import IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED, Earlier, Exchange, Repairs, checked_uri, sha256

MAX_FILE_BYTES = 1 << 30
"""A file is closed once it has grown past this: the size that ISO 28500, annex C.1, recommends."""

OPEN_SUFFIX = ".open"
"""After the name of a file that is being written, or that its writer never closed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a record lies."""

    capture: str
    """Its WARC-Record-ID, with < and >."""
    file: str
    """Relative to the archive's root, the name after closing: "warc/huiwen/RUN-1-00000.warc.gz"."""
    offset: int
    length: int
    """Bytes of the gzip member."""
    record_type: str
    """`response`, `revisit`, `metadata` or `resource`."""
    refers_to: str | None
    """The capture whose payload a revisit stands for."""
    payload_digest: str | None
    """"sha256:..." of the body as received; of a `server-not-modified` revisit, that of the earlier payload."""


def cdxj_path(warc: Path) -> Path:
    """Return the index beside the closed WARC file *warc*.

    >>> cdxj_path(Path("a/R-1-00000.warc.gz")).name
    'R-1-00000.cdxj'
    """
    return warc.with_name(warc.name.removesuffix(".warc.gz") + ".cdxj")


def cdxj_scratch(warc: Path) -> Path:
    """Return the scratch file in which the index of *warc* grows."""
    return warc.with_name(cdxj_path(warc).name + OPEN_SUFFIX)


class WarcWriter:
    """Appends exchanges to the run's WARC file; each is one system call, so a kill leaves at most one torn tail.

    A file is made at the first record, named `RUN-EPOCH-NNNNN.warc.gz.open`, and gets its name without `.open` when it
    is closed whole. The writer holds a lock on it, by which `recover` knows that this process still lives.

    Raises MachineTrouble when the disk is full or refuses: the file then ends with its last whole record, and the
    writer may be used again once there is room. Raises LeaseLost when another run has taken the file over.
    """

    def __init__(
        self,
        layout: Layout,
        site: str,
        run_id: str,
        epoch: int,
        clock: Clock,
        *,
        info: Mapping[str, str],
        max_bytes: int = MAX_FILE_BYTES,
        new_id: Callable[[], object] = uuid.uuid4,
    ) -> None:
        """*info* are the fields of each file's warcinfo record; *new_id* returns what follows `urn:uuid:`."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", run_id):
            raise ValueError(f"{run_id!r} cannot be part of a file name")
        self._folder = layout.warc_folder(site)
        self._root = layout.root
        self._prefix = f"{run_id}-{epoch}"
        self._clock = clock
        self._info = {"software": "docarchive", "format": "WARC File Format 1.1", **info}
        self._max_bytes = max_bytes
        self._number = 0
        self._new_id = new_id
        self._repairs = Repairs()
        self._file: _OpenFile | None = None
        self.bytes_written = 0
        """Bytes of all records so far, over all files."""

    @property
    def counts(self) -> Mapping[str, int]:
        """What the writer had to change in hostile headers, e.g. {"header/line_break_replaced": 1}."""
        return self._repairs.counts

    @property
    def file(self) -> str | None:
        """The file being written, as `Stored.file` names it; None before the first record."""
        return self._file.relative if self._file else None

    def write_exchange(
        self, exchange: Exchange, *, revisit_of: Earlier | None = None, payload_digest: str | None = None
    ) -> Stored:
        """Append request and response, or with *revisit_of* a revisit record in the place of the response.

        *payload_digest* may be given where `sha256(exchange.body)` is known already. Returns the position of the
        response or revisit. Raises ValueError when *exchange* cannot be a record: no status line, an endless URL, a
        revisit of another payload.
        """
        uri = checked_uri(exchange.url)
        date = instant_text(exchange.fetched_at)
        request_capture, capture = self._capture(), self._capture()
        digest: str | None
        if revisit_of is None:
            digest = payload_digest or sha256(exchange.body)
            record_type = "response"
            body = warc_record.response(exchange, capture, request_capture, uri, date, digest, self._repairs)
        else:
            digest = revisit_of.payload_digest
            if revisit_of.profile == IDENTICAL_PAYLOAD and digest != (payload_digest or sha256(exchange.body)):
                raise ValueError(f"{exchange.url} has another payload than {revisit_of.capture}: no revisit of it")
            record_type = "revisit"
            body = warc_record.revisit(exchange, capture, request_capture, uri, date, revisit_of, self._repairs)
        head = warc_record.request(exchange, request_capture, capture, uri, date) if exchange.request_lines else b""
        file = self._writable()
        offset = file.append(head, body)
        self.bytes_written += len(head) + len(body)
        if revisit_of is None or revisit_of.profile != SERVER_NOT_MODIFIED:
            file.index(
                url=uri,
                at=exchange.fetched_at,
                mime="warc/revisit" if revisit_of else mime_of(exchange.header(b"content-type")),
                status=None if revisit_of else exchange.status,
                digest=digest,
                offset=offset,
                length=len(body),
            )
        refers_to = revisit_of.capture if revisit_of else None
        return Stored(capture, file.relative, offset, len(body), record_type, refers_to, digest)

    def write_metadata(self, uri: str, body: bytes, content_type: str) -> Stored:
        """Append a `metadata` record of ours about *uri*."""
        return self._write_plain("metadata", uri, body, content_type)

    def write_resource(self, uri: str, body: bytes, content_type: str) -> Stored:
        """Append a `resource` record: content that came by another way than HTTP, such as an imported file."""
        return self._write_plain("resource", uri, body, content_type)

    def _write_plain(self, kind: str, uri: str, body: bytes, content_type: str) -> Stored:
        capture, at, digest = self._capture(), self._clock.now(), sha256(body)
        packed = warc_record.plain(kind, capture, at, uri, body, content_type, digest)
        file = self._writable()
        offset = file.append(packed)
        self.bytes_written += len(packed)
        if kind == "resource":
            file.index(
                url=checked_uri(uri),
                at=at,
                mime=mime_of(content_type),
                status=None,
                digest=digest,
                offset=offset,
                length=len(packed),
            )
        return Stored(capture, file.relative, offset, len(packed), kind, None, digest)

    def sync(self) -> None:
        """Make everything written so far survive a power cut."""
        if self._file is not None:
            self._file.sync()

    def close(self) -> str | None:
        """Close the file: index written, everything lasting, `.open` gone. Return its relative name, None without one.

        Calling it again does nothing; a later write begins a new file.
        """
        if self._file is None:
            return None
        file = self._file
        file.close()
        self._file = None
        return file.relative

    def abandon(self) -> None:
        """Let go of the file without closing it: `recover` will. For a lost lease or a full disk."""
        if self._file is not None:
            self._file.abandon()
            self._file = None

    def _capture(self) -> str:
        return f"<urn:uuid:{self._new_id()}>"

    def _writable(self) -> _OpenFile:
        if self._file is not None and self._file.size >= self._max_bytes:
            self.close()
        if self._file is None:
            self._file = self._new_file()
        return self._file

    def _new_file(self) -> _OpenFile:
        durable.make_folder(self._folder)
        while True:
            path = self._folder / f"{self._prefix}-{self._number:05d}.warc.gz"
            self._number += 1
            # Never append to what an earlier process left, even if an epoch came round again with a new state file.
            if not path.exists() and not path.with_name(path.name + OPEN_SUFFIX).exists():
                break
        opening = warc_record.warcinfo(self._capture(), self._clock.now(), path.name, self._info)
        self.bytes_written += len(opening)
        return _OpenFile(path, path.relative_to(self._root).as_posix(), opening)


class _OpenFile:
    """One file while it is written. *opening*, its warcinfo record, reaches the disk with the first record."""

    def __init__(self, path: Path, relative: str, opening: bytes) -> None:
        self.path = path
        self.relative = relative
        self._open_path = path.with_name(path.name + OPEN_SUFFIX)
        self._opening = opening
        self._written = 0
        self._torn = False
        self._named = False
        self._spool = CdxjSpool(cdxj_scratch(path))
        self._descriptor = durable.create(self._open_path)
        lock(self._descriptor)

    @property
    def size(self) -> int:
        """Bytes written and to be written first."""
        return self._written + len(self._opening)

    def append(self, *records: bytes) -> int:
        """Write *records* with one system call; return the offset of the last."""
        if self._torn:
            self._cut_back()
        data = b"".join((self._opening, *records))
        self._torn = True
        try:
            durable.write_all(self._descriptor, data, self._open_path)
        except MachineTrouble:
            self._cut_back()
            raise
        self._torn = False
        self._opening = b""
        self._written += len(data)
        return self._written - len(records[-1])

    def _cut_back(self) -> None:
        durable.truncate(self._descriptor, self._written, self._open_path)
        self._torn = False

    def index(
        self, *, url: str, at: datetime, mime: str, status: int | None, digest: str | None, offset: int, length: int
    ) -> None:
        """Note a line for the CDXJ."""
        self._spool.add(
            cdxj_line(
                url=url,
                at=at,
                mime=mime,
                status=status,
                digest=digest,
                offset=offset,
                length=length,
                file_name=self.path.name,
            )
        )

    def sync(self) -> None:
        self._check_ours()
        if self._torn:
            self._cut_back()
        durable.fsync(self._descriptor, self._open_path)
        if not self._named:
            durable.fsync_folder(self._open_path.parent)
            self._named = True

    def close(self) -> None:
        self.sync()
        self._spool.write(cdxj_path(self.path))
        self._check_ours()
        durable.rename(self._open_path, self.path)
        durable.fsync_folder(self.path.parent)
        os.close(self._descriptor)

    def _check_ours(self) -> None:
        """Raise LeaseLost unless the name still belongs to the file we write: `recover` may have taken it."""
        try:
            ours = os.path.samestat(self._open_path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            ours = False
        if not ours:
            raise LeaseLost(f"another run has taken over {self.relative}; look at it with: docarchive status")

    def abandon(self) -> None:
        os.close(self._descriptor)
        self._spool.close()


def lock(descriptor: int) -> bool:
    """Lock the file for as long as this process has it open; False when another process holds the lock."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks: a holder that still lives is then told only by its lease.
        return True
    return True
