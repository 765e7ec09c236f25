"""Documents as the pages they were read from: a WACZ, which ReplayWeb.page and other tools show (WACZ 1.1.1)."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import IO, Any, cast

import orjson

from archive.clock import instant_text
from archive.export.captured import Captured
from archive.export.contents import Contents
from archive.export.dated_zip import dated_entry
from archive.export.output_file import OutputFile
from archive.snapshot.rows import dicts
from archive.warc.cdxj import CdxjSpool, cdxj_line, mime_of

WACZ_VERSION = "1.1.1"
WARC = "archive/data.warc.gz"
INDEX = "indexes/index.cdx"
PAGES = "pages/pages.jsonl"

REVISIT = "warc/revisit"
"""What an index says of a record that repeats another one."""


def write(contents: Contents, file: OutputFile) -> None:
    """Write the newest capture of each document, an index of them, and the documents as the pages to begin with."""
    spool = CdxjSpool(file.path.with_name(f".{file.path.name}.cdxj.tmp"))
    try:
        with zipfile.ZipFile(cast(IO[bytes], file), "w", zipfile.ZIP_STORED) as packed:
            package = _Package(packed, contents.made_at)
            written: set[str] = set()
            package.add(WARC, _members(contents, spool, written))
            package.add(INDEX, spool.batches())
            package.add(PAGES, _pages(contents, written))
            package.close(_title(contents))
    finally:
        spool.discard()


class _Package:
    """The files of a WACZ, each with its digest for `datapackage.json`."""

    def __init__(self, packed: zipfile.ZipFile, made_at: datetime) -> None:
        self._packed = packed
        self._made_at = made_at
        self._resources: list[dict[str, Any]] = []

    def add(self, path: str, pieces: Iterable[bytes]) -> None:
        """Write one file, a piece at a time."""
        size, digest = self._write(path, pieces)
        name = PurePosixPath(path).name
        self._resources.append({"name": name, "path": path, "hash": digest, "bytes": size})

    def close(self, title: str) -> None:
        """Write what the package holds, and the digest of that."""
        described = {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "title": title,
            "created": instant_text(self._made_at),
            "software": f"docarchive {version('docarchive')}",
            "resources": self._resources,
        }
        text = orjson.dumps(described, option=orjson.OPT_INDENT_2)
        _, digest = self._write("datapackage.json", [text])
        self._write("datapackage-digest.json", [orjson.dumps({"path": "datapackage.json", "hash": digest})])

    def _write(self, path: str, pieces: Iterable[bytes]) -> tuple[int, str]:
        entry = dated_entry(path, self._made_at, compressed=False)
        size, digest = 0, hashlib.sha256()
        with self._packed.open(entry, "w", force_zip64=True) as written:
            for piece in pieces:
                written.write(piece)
                size += len(piece)
                digest.update(piece)
        return size, f"sha256:{digest.hexdigest()}"


def _members(contents: Contents, spool: CdxjSpool, written: set[str]) -> Iterator[bytes]:
    """Yield the WARC records of the documents; note a line of the index for each, and its capture as *written*."""
    offset = without = 0
    for batch in contents.rows.batches():
        asked = [row["capture"] for row in dicts(batch)]
        for one in contents.captured([capture for capture in asked if capture is not None]):
            if one.row["capture"] in written:
                continue
            written.add(one.row["capture"])
            spool.add(_line(one, offset))
            offset += len(one.member)
            yield one.member
        without += sum(capture not in written for capture in asked)
    if without:
        documents = "1 document was" if without == 1 else f"{without:,} documents were"
        contents.tell(f"{documents} imported as a record: the file holds no page of it")


def _line(one: Captured, offset: int) -> bytes:
    row = one.row
    is_revisit = row["record_type"] == "revisit"
    return cdxj_line(
        url=row["url"],
        at=row["fetched_at"],
        mime=REVISIT if is_revisit else mime_of(row["content_type"]),
        status=None if is_revisit else row["http_status"],
        digest=row["payload_digest"],
        offset=offset,
        length=len(one.member),
        file_name=PurePosixPath(WARC).name,
    )


def _pages(contents: Contents, written: Collection[str]) -> Iterator[bytes]:
    """Yield the documents whose captures were *written*, the first line saying what the others are."""
    yield orjson.dumps({"format": "json-pages-1.0", "id": "pages", "title": "Documents"}) + b"\n"
    for batch in contents.rows.batches():
        for row in dicts(batch):
            if row["capture"] not in written:
                continue
            page = {"id": f"{row['site']}/{row['doc_id']}", "url": row["url"], "ts": instant_text(row["fetched_at"])}
            yield orjson.dumps({**page, "title": row["title"]}) + b"\n"


def _title(contents: Contents) -> str:
    asked = ", ".join(f"{name}={value}" for name, value in contents.selection.items())
    return f"Documents of {contents.archive}{f': {asked}' if asked else ''}"
