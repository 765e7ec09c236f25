"""Documents that are files themselves: a register's listing leads to the PDF, no page about it stands between.

What such a file says is read as that of an attached one: in a process of its own with limits, from its bytes alone.
What the listing says of it, its row's title and day, is kept with it (`listed_as.py`). The same serves a crawl, `read`,
`reread`, `rebuild` and `import`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from archive.record import DocumentRecord, text_digest
from crawler.attachments.examining import examine
from crawler.attachments.facts import FileFacts
from crawler.attachments.limits import LIMITS
from crawler.attachments.refusal import Refusal
from crawler.reading import READER, canonical_url, read_page
from crawler.reading.dates import covered_days, day
from crawler.reading.entries import ListedFile
from crawler.reading.lines import width
from crawler.reading.page import Page, PageType, ReaderHints
from crawler.reading.page_id import id_in_url
from crawler.reading.urls import site_of, unquoted
from crawler.reading.values import file_ending

IN_ROW = "listing:row"
"""Where a value was read that a file's listing states."""

_HEAD_BYTES = 1024
"""Bytes in which "%PDF-" may begin (ISO 32000-1, appendix H, note 13)."""

_MAGICS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf", b"Rar!\x1a\x07", b"AT&TFORM", b"CAJ", b"KDH")
"""How files begin that documents come as: zip (and what office programs pack in it), OLE2, RTF, RAR, DjVu, CAJ."""

_STILL_A_DOCUMENT = frozenset((Refusal.ENCRYPTED, Refusal.TOO_LARGE, Refusal.TIMEOUT, Refusal.MEMORY))
"""Why a file may not be read although it is what it seems to be."""

_FROM_A_PROGRAM = re.compile(
    r"\s*(?:(?:Microsoft (?:Word|PowerPoint|Excel)|Print|Untitled)\s?[-–:]\s?|"
    r"(?:Microsoft (?:Word|PowerPoint|Excel)|Print|Untitled|Document\s?\d{0,9}|PowerPoint Presentation)\s*\Z)",
    re.IGNORECASE,
)
"""What programs put before a file's name, or in place of a title, where somebody prints into a PDF."""

_NARROWEST_TITLE = 6
_WIDEST_TITLE = 240
_FIRST_LINES = 12
"""Lines of a text in which its title stands, if anywhere."""

_DATE_LINES = 60
"""Lines in which a file says when it was published."""

_PUBLISHED = re.compile(
    r"\s{0,8}(?:opinion )?(?:filed|decided|released|issued|published|publication date|date of publication|date)\b"
    r"[\s:,]{1,4}(?:on )?|"
    r"\s{0,8}(?:发布|公布|印发|发文|成文)(?:日期|时间)[\s:：]{1,3}",
    re.IGNORECASE,
)
"""How a line begins that says it."""

_LONGEST_DATE = 40

_LETTER = re.compile(r"[^\W\d_]{2}")


def is_file(body: bytes) -> bool:
    """Whether *body* begins as a file does that is no page."""
    if body.startswith(_MAGICS):
        return True
    before, found, _ = body[:_HEAD_BYTES].partition(b"%PDF-")
    return bool(found) and b"<" not in before


def read_any(
    body: bytes,
    *,
    url: str,
    fetched_at: datetime,
    content_type: str | None = None,
    http_status: int = 200,
    site: str | None = None,
    hints: ReaderHints | None = None,
    facts: FileFacts | None = None,
    listed: ListedFile | None = None,
    **options: Any,
) -> Page:
    """Return what a page says, as `crawler.reading.read_page` does, or what a file says that stands in its place.

    *facts*: what the file says, where it was looked into already. Without them this takes as long as `examine`.
    *listed*: what the listing says that leads to the file.
    """
    if not is_file(body) or http_status >= 400:
        return read_page(
            body,
            url=url,
            fetched_at=fetched_at,
            content_type=content_type,
            http_status=http_status,
            site=site,
            hints=hints,
            **options,
        )
    return _page_of(facts or examine(body), url, fetched_at, site, listed or _NOTHING)


_NOTHING = ListedFile(None, None, None, "")


def _page_of(facts: FileFacts, url: str, fetched_at: datetime, site: str | None, listed: ListedFile) -> Page:
    if facts.refused is not None and facts.refused not in _STILL_A_DOCUMENT:
        return Page(url=url, page_type=PageType.OTHER, reason=f"file_{facts.refused}", flags=facts.flags)
    title, place = (listed.title, IN_ROW) if listed.title is not None else _title(facts, url)
    labels = {"author": facts.author, "created": facts.created.isoformat() if facts.created else None}
    published, printed = _published(facts, fetched_at)
    dated_by = "file:text"
    if published is None and listed.published_on is not None:
        published, printed, dated_by = listed.published_on, listed.published_text, IN_ROW
    first_day, last_day = covered_days(published)
    values = {"pages": facts.pages, "format": facts.format, "preview_text": facts.text or None}
    read_in_it = ("size_bytes", *(name for name, value in values.items() if value is not None))
    record = DocumentRecord(
        site=site or site_of(url),
        doc_id=_id_of(url),
        url=url,
        canonical_url=canonical_url(url),
        title=title,
        size_bytes=facts.size_bytes,
        pages=facts.pages,
        format=facts.format,
        published_on=published,
        published_text=printed,
        published_from=first_day,
        published_until=last_day,
        other_labels={name: (value,) for name, value in labels.items() if value},
        preview_text=facts.text or None,
        preview_pages=min(facts.pages, LIMITS.text_pages) if facts.pages and facts.text else None,
        text_digest=text_digest(facts.text or None),
        flags=facts.flags,
        fetched_at=fetched_at,
        reader=READER,
        provenance={
            "title": place,
            "doc_id": "url",
            **dict.fromkeys(read_in_it, "file"),
            **({"published_on": dated_by} if published else {}),
        },
    )
    return Page(url=url, page_type=PageType.DOCUMENT, reason="file", record=record, flags=facts.flags)


def _title(facts: FileFacts, url: str) -> tuple[str, str]:
    """Return the title and where it was read: what the file is called, its first heading or line, its name."""
    stated = facts.title or ""
    program = _FROM_A_PROGRAM.match(stated)
    stated = stated[program.end() :] if program is not None else stated.strip()
    if file_ending(stated) is None and _is_title(stated):
        return stated, "file:title"
    for heading in facts.headings[:1]:
        if _is_title(heading):
            return heading, "file:heading"
    for line in (facts.text or "").split("\n", _FIRST_LINES)[:_FIRST_LINES]:
        if _is_title(line.strip()):
            return " ".join(line.split()), "file:text"
    return unquoted(_id_of(url)), "url"


def _published(facts: FileFacts, fetched_at: datetime) -> tuple[str | None, str | None]:
    """Return when the file says it was published, and as it says so; the day it was made on is another."""
    for line in (facts.text or "").split("\n", _DATE_LINES)[:_DATE_LINES]:
        label = _PUBLISHED.match(line)
        if label is not None:
            said = line[label.end() :][:_LONGEST_DATE].strip()
            published = day(said, fetched_at)
            if published is not None and published[:4] in said:  # a file says nothing of yesterday
                return published, said
    return None, None


def _is_title(text: str) -> bool:
    return _NARROWEST_TITLE <= width(text) <= _WIDEST_TITLE and _LETTER.search(text) is not None


def _id_of(url: str) -> str:
    """Return the file's name without its ending, else what the URL has for an ID: 14me75 of /opinions/14me75.pdf."""
    name = unquoted(urlsplit(url).path).rpartition("/")[2]
    return name.rpartition(".")[0] if "." in name and file_ending(url) is not None else id_in_url(url)
