"""Files of captures that any tool made: WARC as it is, and WACZ, a ZIP of WARC files (specs.webrecorder.net/wacz)."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from archive.errors import DamagedFile, UsageError
from archive.warc.content_coding import MAX_BODY_BYTES
from archive.warc.reading import MAX_HEADER_BYTES, StoredRecord, read_records
from archive.warc.record import checked_uri

MOST_BYTES = MAX_BODY_BYTES + MAX_HEADER_BYTES
"""Of one record: what is read of a page, and the headers before it."""

_UNREADABLE_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""What `zipfile` raises for a damaged file, for a lock, for an unknown compression."""


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_captures(path: Path) -> bool:
    """Whether the name says that the file holds captures."""
    return path.name.lower().endswith((".warc", ".warc.gz", ".wacz"))


def records_of(path: Path, types: tuple[str, ...] = ("response",)) -> Iterator[StoredRecord]:
    """Yield the records of a WARC file, or of all WARC files inside a WACZ; of a very large one the beginning.

    Raises DamagedFile at the end where a file broke off, UsageError for a WACZ that holds none.
    """
    if not path.name.lower().endswith(".wacz"):
        yield from read_records(path, types, max_bytes=MOST_BYTES)
        return
    damaged: list[str] = []
    try:
        with zipfile.ZipFile(path) as packed:
            names = [n for n in packed.namelist() if n.startswith("archive/") and n.endswith((".warc", ".warc.gz"))]
            if not names:
                raise UsageError(f"{path} holds no WARC file; name a WACZ or WARC file")
            for name in names:
                try:
                    with packed.open(name) as file:
                        yield from read_records(file, types, max_bytes=MOST_BYTES)  # type: ignore[arg-type]
                except DamagedFile as error:
                    damaged.append(f"in {path}: {error}")
                except _UNREADABLE_ZIP as error:
                    damaged.append(f"in {path}: {name} is damaged ({error}); get a whole copy of it")
    except _UNREADABLE_ZIP as error:
        raise DamagedFile(f"{path} is no WACZ file, or damaged ({error}); get a whole copy of it") from error
    if damaged:
        raise DamagedFile("; ".join(damaged))


def why_no_page(record: StoredRecord) -> str | None:
    """Return why a record cannot be a page that was fetched, None for one that may be.

    Tools also keep what is no exchange (dns:, urn:pageinfo:), and write down what never had a proper URL or date.
    """
    try:
        parts = urlsplit(record.url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and _CONTROL.search(record.url) is None
        parts.port  # noqa: B018  # it is computed, as all of these
        checked_uri(record.url)
    except ValueError:
        return "with a URL that is none"
    if not is_web or (record.status is None and record.record_type != "revisit"):  # which may be without a head
        return "no answers to HTTP requests"
    try:
        record.fetched_at  # noqa: B018
    except ValueError:
        return "without a date"
    return None
