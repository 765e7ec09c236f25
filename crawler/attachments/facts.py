"""What is known of an attached file once it was looked into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from crawler.attachments.refusal import FileRefused, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One file, by its own bytes alone; nothing here comes from the page that offered it."""

    size_bytes: int
    """Length of the file as received, transfer codings removed."""
    format: str | None = None
    """Lower-case file ending by magic and contents, e.g. "docx"; None: none that we know."""
    pages: int | None = None
    """Pages or slides. None: the file does not say, or was not read."""
    pages_stated_by: str | None = None
    """"page_tree": counted in a PDF; "app.xml": what the program that wrote an office file noted, often stale."""
    title: str | None = None
    author: str | None = None
    created: datetime | None = None
    """Aware UTC; an instant without a zone is taken for UTC, so it is good to 14 hours. None: absent or unreadable."""
    modified: datetime | None = None
    """As `created`."""
    headings: tuple[str, ...] = ()
    """Paragraphs styled as headings, in order; DOCX only."""
    text: str | None = None
    """Text in reading order, a line a paragraph, cells parted by tabs. "": looked for and not there (a scan)."""
    tables: int | None = None
    """Tables, those within tables too; DOCX only."""
    refused: Refusal | None = None
    """Why the file was not read, or not further."""
    detail: str | None = None
    """The refusal as a sentence for people."""
    flags: tuple[str, ...] = ()
    """Words for the record, each begins with "file_": "file_refused_bomb", "file_text_cut", ..."""

    def with_refusal(self, refusal: FileRefused) -> FileFacts:
        """Return these facts with the refusal and its flags."""
        flags = dict.fromkeys((*self.flags, *refusal.flags, f"file_refused_{refusal.reason}"))
        return replace(self, refused=refusal.reason, detail=refusal.detail, flags=tuple(flags))


_TEXTS = ("format", "pages_stated_by", "title", "author", "text", "detail")
_NUMBERS = ("pages", "tables")
_INSTANTS = ("created", "modified")
_LISTS = ("headings", "flags")


def to_json(facts: FileFacts) -> dict[str, Any]:
    """Return *facts* as JSON types: instants as ISO 8601, absent values as None."""
    row = {field.name: getattr(facts, field.name) for field in fields(facts)}
    for name in _INSTANTS:
        row[name] = row[name].isoformat() if row[name] else None
    for name in _LISTS:
        row[name] = list(row[name])
    row["refused"] = facts.refused.value if facts.refused else None
    return row


def from_json(row: Mapping[str, Any]) -> FileFacts:
    """Return the facts that `to_json` wrote.

    Raises ValueError where a value has another type: the child that wrote it read hostile bytes.
    """
    if not _is_count(row.get("size_bytes")) or set(row) - {field.name for field in fields(FileFacts)}:
        raise ValueError("not the facts of a file")
    values = dict(row)
    for name in (*_TEXTS, "refused", *_INSTANTS):
        if not isinstance(values.get(name), str | None):
            raise ValueError(f"{name} is no text")
    for name in _NUMBERS:
        if values.get(name) is not None and not _is_count(values[name]):
            raise ValueError(f"{name} is no number")
    for name in _LISTS:
        listed = values.get(name) or []
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise ValueError(f"{name} is no list of texts")
        values[name] = tuple(listed)
    for name in _INSTANTS:
        values[name] = in_utc(datetime.fromisoformat(values[name])) if values.get(name) else None
    values["refused"] = Refusal(values["refused"]) if values.get("refused") else None
    return FileFacts(**values)


def in_utc(instant: datetime) -> datetime:
    """Return *instant* as aware UTC in whole seconds; without a zone it is taken for UTC.

    Raises ValueError where that lies outside the years that a datetime can have.
    """
    try:
        aware = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"{instant} is no instant in UTC") from error
    return aware.replace(microsecond=0)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
