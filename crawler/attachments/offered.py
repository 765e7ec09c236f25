"""The files that a document's page offers: fetched as the profile says, looked into, held against the page's word."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from archive.record import DocumentRecord
from crawler.attachments.claims import Claims, check_claims, covered_share
from crawler.attachments.examining import examine_soon
from crawler.attachments.facts import FileFacts

MOST_FETCHED = 20
"""Files of one document that are fetched."""

NOT_FETCHED = "file_not_fetched"
"""Flag of a document whose file the site did not hand out."""

NOT_WHOLE = "file_truncated"
"""Flag of a document whose file was cut off on the way, by its size or the line: what it says is not known."""


class Attachments(StrEnum):
    """Which files of a document are fetched."""

    NONE = "none"
    FIRST = "first"
    """The one that the page's size, pages and format are those of."""
    ALL = "all"


def wanted(policy: Attachments, urls: Sequence[str]) -> Sequence[str]:
    """Return those of a page's files that are to be fetched."""
    if policy is Attachments.NONE:
        return ()
    return urls[:1] if policy is Attachments.FIRST else urls[:MOST_FETCHED]


class Received(NamedTuple):
    """One file as the site sent it."""

    body: bytes
    is_whole: bool
    """Whether nothing was cut off on the way."""


async def with_files(
    record: DocumentRecord, urls: Sequence[str], fetch: Callable[[str], Awaitable[Received | None]]
) -> DocumentRecord:
    """Return *record* with flags for what its files are, and with both values of each claim that does not hold.

    *fetch* returns None for a file that the site does not hand out. The page's claims are those of its first file.
    """
    flags: dict[str, None] = dict.fromkeys(record.flags)
    conflicts: dict[str, str] = {}
    for number, url in enumerate(urls):
        received = await fetch(url)
        if received is None:
            flags[NOT_FETCHED] = None
            continue
        if not received.is_whole:
            flags[NOT_WHOLE] = None
            continue
        facts = await examine_soon(received.body, claimed_format=record.format)
        flags |= dict.fromkeys(facts.flags)
        if number == 0:
            conflicts = _conflicts(record, facts, url)
            record = replace(record, preview_share=_share(record, facts) or record.preview_share)
            flags |= dict.fromkeys(conflicts)
    return replace(record, flags=tuple(flags), provenance={**record.provenance, **conflicts})


def _share(record: DocumentRecord, facts: FileFacts) -> float | None:
    """Return how much of the file's text the preview is, 0 to 1; None where that cannot be told."""
    if record.preview_text is None or facts.text is None or "file_text_cut" in facts.flags:
        return None
    share = covered_share(record.preview_text, facts.text)
    return None if share is None else round(share, 4)


def _conflicts(record: DocumentRecord, facts: FileFacts, url: str) -> dict[str, str]:
    """Return flag -> both values, of each claim of the page that its file contradicts."""
    claims = Claims(
        size_bytes=record.size_bytes,
        size_text=record.size_text,
        pages=record.pages,
        pages_text=record.pages_text,
        format=record.format,
        published_on=record.published_on,
        preview_text=record.preview_text,
    )
    return {
        f"file_conflict_{conflict.field}": f"page: {conflict.claimed}; file: {conflict.found} ({url})"
        for conflict in check_claims(claims, facts)
    }
