"""The captured bytes behind each value of a document, and what today's reader makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import DamagedFile
from archive.record import to_json
from archive.warc.reading import StoredRecord
from docarchive.places import PRINTED, excerpts

if TYPE_CHECKING:
    from archive.archive import Archive
    from crawler.reading.page import Page

FIELDS = (
    *("title", "doc_id", "size_bytes", "pages", "format", "published_on", "tags", "issuer", "document_number"),
    *("other_labels", "preview_text"),
)
"""Values that are told of, in this order."""

IMPORTED, NO_CAPTURE, DAMAGED = "imported", "no_capture", "damaged"
"""Why there is no page to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One value, and the place it was read at."""

    field: str
    value: Any
    printed: str | None
    """As the page prints it; None where that is the value itself."""
    place: str | None
    """Where on the page, as the reader noted it (`provenance`)."""
    excerpt: str | None = None
    """A piece of the captured page around it; None where it is not found there as it was printed."""
    same: bool | None = None
    """Whether today's reader reads the same from the captured page; None: there is no page to read."""
    now: Any = None
    """What today's reader reads there."""
    printed_now: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """A document's values with the capture that all of them were read from."""

    site: str
    doc_id: str
    version: int
    url: str
    capture: str | None
    fetched_at: datetime
    warc_file: str | None
    warc_offset: int | None
    body: Mapping[str, Any] | None
    """The capture whose bytes are read (`capture`, `warc_file`, `warc_offset`), where this one only repeats it."""
    read_by: str
    reads_now: str | None
    """Today's reader; None: there is no page to read."""
    page_now: str | None
    """What today's reader takes the page for, where it is no document to it."""
    problem: str | None
    """`imported`, `no_capture`, `damaged`; None: the page is there."""
    reason: str | None
    """The problem in a sentence."""
    values: tuple[Source, ...]


def sources_of(archive: Archive, row: Mapping[str, Any], sites: Path | None) -> Sources:
    """Return the sources of the values of *row*, a row of `Archive.get`; *sites*: the folder of profiles, for hints."""
    captures = archive.query("FROM captures WHERE capture = $capture LIMIT 1", {"capture": row["capture"] or ""})
    captured = next(iter(captures), None)
    stored, problem, reason = None, None, None
    if captured is None:
        problem, reason = _why_no_capture(archive, row)
    else:
        try:
            stored = archive.stored(captured["capture"])
            stored.body()
        except DamagedFile as error:
            stored, problem, reason = None, DAMAGED, str(error)
    page = _read(stored, captured, row, sites) if stored is not None and captured is not None else None
    return Sources(
        site=row["site"],
        doc_id=row["doc_id"],
        version=row["version"],
        url=row["url"],
        capture=row["capture"],
        fetched_at=row["fetched_at"],
        warc_file=row["warc_file"],
        warc_offset=row["warc_offset"],
        body=_body(archive, stored),
        read_by=row["reader"],
        reads_now=_reader() if page is not None else None,
        page_now=f"{page.page_type}: {page.reason}" if page is not None and page.record is None else None,
        problem=problem,
        reason=reason,
        values=tuple(_values(row, stored, page)),
    )


def _why_no_capture(archive: Archive, row: Mapping[str, Any]) -> tuple[str, str]:
    imports = archive.query(
        "SELECT 1 FROM runs WHERE run_id = $run AND event = 'import' LIMIT 1", {"run": row["run_id"]}
    )
    if len(imports):
        return IMPORTED, f"run {row['run_id']} imported this as a record: no page of the site was captured with it"
    if row["capture"] is None:
        return NO_CAPTURE, f"run {row['run_id']} published this without a capture"
    return DAMAGED, f"the archive does not list capture {row['capture']}; run: docarchive verify"


def _body(archive: Archive, stored: StoredRecord | None) -> Mapping[str, Any] | None:
    if stored is None or stored.original is None:
        return None
    found = archive.query(
        "SELECT capture, warc_file, warc_offset FROM captures WHERE capture = $capture LIMIT 1",
        {"capture": stored.original.capture},
    )
    return next(iter(found), None)


def _reader() -> str:
    from crawler.reading import READER

    return READER


def _in_row(printed: Mapping[str, tuple[str, str]], stored: StoredRecord) -> Mapping[str, str]:
    """Return the row of the listing that leads to a file, for the values that were read there."""
    from crawler.file_pages import IN_ROW
    from crawler.listed_as import listed_of

    listed = listed_of(stored.metadata)
    return {} if listed is None else {name: listed.row for name, (_, place) in printed.items() if place == IN_ROW}


def _read(stored: StoredRecord, captured: Mapping[str, Any], row: Mapping[str, Any], sites: Path | None) -> Page:
    """Read the page as a reread does: with the profile's hints, as the answer that a "not modified" stands for."""
    from archive.publishing.reread_plan import NOT_MODIFIED
    from crawler.profile import find_profiles, profile_by_name
    from crawler.stored_pages import read_stored

    profile = profile_by_name(row["site"], find_profiles(sites))
    status = captured["http_status"]
    return read_stored(
        stored,
        url=captured["url"],
        fetched_at=captured["fetched_at"],
        http_status=200 if status == NOT_MODIFIED else status,
        site=row["site"],
        hints=profile.hints() if profile is not None else None,
        explain=True,
    )


def _values(row: Mapping[str, Any], stored: StoredRecord | None, page: Page | None) -> Iterator[Source]:
    now = to_json(page.record) if page is not None and page.record is not None else {}
    provenance = dict(row["provenance"] or {})
    printed = {name: (_printed(row, name) or _text(row[name]), provenance.get(name, "")) for name in FIELDS}
    del printed["preview_text"]
    around = _excerpts(printed, row["preview_text"], stored, page) if stored is not None and page is not None else {}
    for name in FIELDS:
        value, text = row[name], _printed(row, name)
        read, text_now = now.get(name), _printed(now, name)
        if not value and not text and not read and not text_now:
            continue
        yield Source(
            field=name,
            value=value,
            printed=text,
            place=provenance.get(name),
            excerpt=around.get(name),
            same=None if page is None else (value or None, text) == (read or None, text_now),
            now=read,
            printed_now=text_now,
        )


def _printed(row: Mapping[str, Any], name: str) -> str | None:
    return row.get(PRINTED[name]) if PRINTED.get(name, name) != name else None


def _text(value: Any) -> str:
    """Return what to look for on the page: of several values the first."""
    if isinstance(value, Mapping):
        value = next(iter(value.values()), None)
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return "" if value is None else str(value)


def _excerpts(
    printed: Mapping[str, tuple[str, str]], preview_text: str | None, stored: StoredRecord, page: Page
) -> Mapping[str, str]:
    from crawler.file_pages import is_file
    from crawler.reading.sight import look
    from crawler.reading.tree import parsed

    body = stored.body().body
    if is_file(body):  # its bytes are no text: what it says is packed
        in_url = {name: page.url for name, (_, place) in printed.items() if place == "url"}
        return {**in_url, **_in_row(printed, stored)}
    lines = look(parsed(body, stored.content_type, page.encoding), page.url).lines
    source = body.decode(page.encoding or "utf-8", "replace")
    found = dict(excerpts(printed, preview_text, lines, source))
    for name, (_, place) in printed.items():
        if place == "url" and name not in found:
            found[name] = page.url
    return found
