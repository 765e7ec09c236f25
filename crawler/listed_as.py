"""What a listing says of a file it leads to: remembered until the file is fetched, then kept beside its body in WARC.

A file without it would say less than its site does. Because it is kept with the body, every later reading of the
capture says the same; where a listing comes to say something else, the file is fetched whole once more.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from archive.errors import DamagedFile
from archive.layout import Layout
from archive.site_state.listed_files import ListedFiles
from archive.site_state.staging import KnownPage
from archive.warc.reading import read_capture
from archive.warc.record import MAX_METADATA_BYTES
from crawler.fetching.outcome import Outcome
from crawler.reading import canonical_url
from crawler.reading.entries import LONGEST_ROW, WIDEST_TITLE, ListedFile
from crawler.reading.page import Page

LISTED_AS = "listed_as"
"""The member of the metadata that is meant."""

LISTED_KEPT = 200_000
"""Files of one import that are remembered as listed."""

_NUMBERS = re.compile(r"\d[\d,. ]*")
_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")


def text_of(listed: ListedFile, listing_url: str) -> str:
    """Return what a listing says as metadata for WARC: a JSON object in ASCII."""
    said: dict[str, Any] = {**listed._asdict(), "listing": listing_url}
    text = json.dumps({LISTED_AS: said})
    if len(text) > MAX_METADATA_BYTES:
        text = json.dumps({LISTED_AS: {**said, "row": "", "listing": ""}})
    return text


def listed_of(metadata: str | None) -> ListedFile | None:
    """Return what a listing says, from a capture's metadata; None of what is not ours, or says nothing.

    >>> listed_of('{"listed_as": {"title": "Rowan v. Verne", "published_on": "20x0"}}')
    ListedFile(title='Rowan v. Verne', published_on=None, published_text=None, row='')
    """
    if metadata is None or len(metadata) > MAX_METADATA_BYTES or not (metadata.isascii() and metadata.isprintable()):
        return None
    try:
        whole = json.loads(metadata)
    except (ValueError, RecursionError):
        return None
    said = whole.get(LISTED_AS) if isinstance(whole, dict) else None
    if not isinstance(said, dict):
        return None
    published_on = _text(said, "published_on")
    is_day = published_on is not None and _ISO.fullmatch(published_on) is not None
    listed = ListedFile(
        title=_text(said, "title", WIDEST_TITLE),
        published_on=published_on if is_day else None,
        published_text=_text(said, "published_text") if is_day else None,
        row=_text(said, "row", LONGEST_ROW) or "",
    )
    return listed if listed.says_something else None


def _text(said: Mapping[str, Any], name: str, longest: int = 80) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= longest else None


def note_listed(listed_files: ListedFiles, outcome: Outcome) -> None:
    """Keep what a listing page says of files; where the site sends us on from such a file, it holds there."""
    if outcome.page is None:
        return
    if outcome.listing is not None and outcome.listing.files:
        new = {}
        for url, listed in outcome.listing.files.items():
            before = listed_of(listed_files.of(url))
            after = _together(before, listed)
            if before is None or _stated(before) != _stated(after):
                new[url] = text_of(after, outcome.page.url)
        listed_files.note(new)
    elif outcome.reason == "redirect":
        for link in outcome.listings:
            listed_files.move(outcome.page.canonical_url, link.canonical_url)


def _together(before: ListedFile | None, now: ListedFile) -> ListedFile:
    """Return *now*, with the day that could be told when other rows stood beside it on the page."""
    if before is not None and now.published_on is None and before.published_text in now.row.split(" | "):
        return now._replace(published_on=before.published_on, published_text=before.published_text)
    return now


def _stated(listed: ListedFile | None) -> tuple[str | None, ...]:
    return (None, None) if listed is None else (listed.title, listed.published_on)


def says_the_same(said: str | None, kept: str | None) -> bool:
    """Whether what a listing says of a file is what is kept with its capture.

    Numbers in titles do not count: a row may count how often its file was read.
    """
    return _compared(listed_of(said)) == _compared(listed_of(kept))


def _compared(listed: ListedFile | None) -> tuple[str | None, ...]:
    title, published_on = _stated(listed)
    return (_NUMBERS.sub("#", title) if title is not None else None, published_on)


def kept_with(layout: Layout, known: KnownPage) -> str | None:
    """Return the metadata that is kept with a capture; None where there is none, or it cannot be read."""
    try:
        return read_capture(layout, known.warc_file, known.warc_offset, known.warc_length).metadata
    except DamagedFile:
        return None


class ListedInFile:
    """The files to which listings among captures lead that are read one after the other."""

    def __init__(self) -> None:
        self._said: OrderedDict[str, str | None] = OrderedDict()

    def note(self, page: Page) -> None:
        """Remember what a listing leads to."""
        for url in page.document_urls:
            listed = page.listed_files.get(url)
            self._said[canonical_url(url)] = text_of(listed, page.url) if listed is not None else None
        while len(self._said) > LISTED_KEPT:
            self._said.popitem(last=False)

    def __contains__(self, url: str) -> bool:
        """Whether a listing leads to *url*."""
        return canonical_url(url) in self._said

    def metadata(self, url: str) -> str | None:
        """Return what a listing says of the file at *url*, as metadata for WARC."""
        return self._said.get(canonical_url(url))
