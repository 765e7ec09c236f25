"""What a listing says of a file against what the file is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from archive.words.folding import fold
from crawler.attachments.checks import FORMAT_UNKNOWN
from crawler.attachments.facts import FileFacts
from crawler.attachments.identify import KNOWN_BY_SIGHT
from crawler.reading.dates import covered_days
from crawler.reading.values import SIZE, format_of

GRAM = 8
"""Characters of a piece of the preview that is looked for."""

LEAST_SHARE = 0.5
"""Of the preview's pieces, in the file's text; a wrong file has next to none, a garbled preview most."""

LEAST_TEXT = 200
"""Characters, or half the preview: a text below both is a stamp on a scan, not what the file says."""

LATER_DAYS = 1
"""A file may be made a day after its page: zones differ by up to 26 hours."""

APPROXIMATE_SHARE = 0.2
"""By which pages that are printed as approximate ("约20页", "20+") may be off."""

_APPROXIMATE = re.compile(
    r"约|約|左右|大概|余|多页|以上|about|approx|circa|around|over|nearly|~|～|≈|\d\s*\+", re.IGNORECASE
)
_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_FAMILIES = {
    "jpeg": "jpg", "tiff": "tif", "htm": "html", "xhtml": "html", "mht": "html", "wps": "doc", "et": "xls",
    "dps": "ppt", "pps": "ppt", "dot": "doc", "docm": "docx", "dotx": "docx", "dotm": "docx", "ppsx": "pptx",
    "pptm": "pptx", "potx": "pptx", "ppsm": "pptx", "xlsm": "xlsx", "xltx": "xlsx",
}  # fmt: skip
"""Formats that one word on a page may mean; WPS writes the same compound files as Word 97 does."""

_TEXT_FORMATS = frozenset(
    ("txt", "csv", "tsv", "md", "tex", "bib", "ris", "json", "jsonld", "geojson", "xml", "kml", "svg")
)
"""All of them are plain text when one looks inside."""

_PACKED = frozenset(("zip", "shp", "kml", "xps"))
"""What is offered in a zip container."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the listing says of the file, as `archive.record.DocumentRecord` has it."""

    size_bytes: int | None = None
    size_text: str | None = None
    """As printed: decides how exact `size_bytes` is. None: `size_bytes` is exact."""
    pages: int | None = None
    pages_text: str | None = None
    """As printed: tells whether `pages` is approximate."""
    format: str | None = None
    published_on: str | None = None
    """ISO date cut to the precision printed."""
    preview_text: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """One claim that does not hold."""

    field: str
    """"size", "pages", "format", "published_on" or "preview"."""
    claimed: str
    found: str


def check_claims(claimed: Claims, facts: FileFacts) -> tuple[Conflict, ...]:
    """Return the claims that *facts* contradict, with both values; what either side does not state is no conflict.

    A file that was refused is checked by its size and format alone, a page sent in its place by nothing.

    >>> check_claims(Claims(size_text="32.74KB", pages=22), FileFacts(size_bytes=33526, pages=20))
    (Conflict(field='pages', claimed='22', found='20'),)
    """
    if facts.refused == "not_the_file" or not facts.size_bytes:
        return ()
    found = (
        _size(claimed, facts),
        _pages(claimed, facts),
        _format(claimed, facts),
        _published(claimed, facts),
        _preview(claimed, facts),
    )
    return tuple(conflict for conflict in found if conflict)


def _size(claimed: Claims, facts: FileFacts) -> Conflict | None:
    if claimed.size_text is not None:
        agrees = size_agrees(claimed.size_text, facts.size_bytes)
    else:
        agrees = claimed.size_bytes in (None, facts.size_bytes)
    if agrees is not False:
        return None
    return Conflict("size", claimed.size_text or f"{claimed.size_bytes} bytes", f"{facts.size_bytes} bytes")


def size_agrees(text: str, size_bytes: int) -> bool | None:
    """Whether a file of *size_bytes* may be printed as *text*; None where *text* states no size.

    1 KB is 1,024 bytes or 1,000. The last printed digit may be rounded to the nearest, half either way; where two
    digits or more are printed, also up or down, as file managers do.

    >>> size_agrees("32.74KB", 33526), size_agrees("33 KB", 32_900), size_agrees("2 MB", 1_400_000)
    (True, True, False)
    """
    match = SIZE.search(text)
    if match is None:
        return None
    number = re.sub(r"[,\s]", "", match[1])
    value = Decimal(number)
    exponent = value.as_tuple().exponent
    step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    power = _UNITS[(match[2] or "").lower()]
    if power == 0:
        return size_bytes == value
    is_fine = value >= 10 * step
    for base in (1024, 1000):
        off = abs(Decimal(size_bytes) / base**power - value)
        if off * 2 <= step or (is_fine and off < step):
            return True
    return False


def _pages(claimed: Claims, facts: FileFacts) -> Conflict | None:
    if claimed.pages is None or facts.pages is None or "file_pages_doubtful" in facts.flags:
        return None
    allowed = 0.0
    if claimed.pages_text and _APPROXIMATE.search(claimed.pages_text):
        allowed = max(1.0, claimed.pages * APPROXIMATE_SHARE)
    if abs(claimed.pages - facts.pages) <= allowed:
        return None
    return Conflict("pages", str(claimed.pages), str(facts.pages))


def _format(claimed: Claims, facts: FileFacts) -> Conflict | None:
    if not claimed.format:
        return None
    named = claimed.format.strip().lower().lstrip(".")
    wanted = _family(format_of(named) or named)
    if not facts.format:
        is_wrong = FORMAT_UNKNOWN in facts.flags and wanted in KNOWN_BY_SIGHT
        return Conflict("format", claimed.format, "none that is known") if is_wrong else None
    found = _family(facts.format)
    same = wanted == found or (wanted in _TEXT_FORMATS and found in _TEXT_FORMATS)
    if same or (found == "zip" and wanted in _PACKED):
        return None
    return Conflict("format", claimed.format, facts.format)


def _family(name: str) -> str:
    return _FAMILIES.get(name, name)


def _published(claimed: Claims, facts: FileFacts) -> Conflict | None:
    if claimed.published_on is None or facts.created is None:
        return None
    try:
        until = covered_days(claimed.published_on)[1]
    except (ValueError, TypeError):
        return None
    if until is None or facts.created.date() - until <= timedelta(days=LATER_DAYS):
        return None
    return Conflict("published_on", claimed.published_on, f"created {facts.created.date().isoformat()}")


def _preview(claimed: Claims, facts: FileFacts) -> Conflict | None:
    if not claimed.preview_text or not facts.text:
        return None
    share = preview_share(claimed.preview_text, facts.text)
    if share is None or share >= LEAST_SHARE:
        return None
    return Conflict("preview", "text of the document", f"{share:.0%} of it in the file")


def preview_share(preview: str, text: str) -> float | None:
    """Return the share, 0 to 1, of the preview's pieces of 8 characters that occur in *text*; None: too little to tell.

    Case, width and white space do not matter. Where less text than preview was read, only so much preview counts.

    >>> preview_share("计生工作 长效机制建设情况汇报", "一、计生工作长效机制建设情况汇报:" * 20)
    1.0
    """
    sought, there = _squeezed(preview), _squeezed(text)
    if len(there) < min(LEAST_TEXT, len(sought) / 2):
        return None
    sought = sought[: len(there)]
    pieces = {sought[start : start + GRAM] for start in range(len(sought) - GRAM + 1)}
    if not pieces:
        return None
    present = {there[start : start + GRAM] for start in range(len(there) - GRAM + 1)}
    return len(pieces & present) / len(pieces)


def covered_share(preview: str, text: str) -> float | None:
    """Return how much of a file's whole *text* the *preview* covers, 0 to 1; None where it is not of that text.

    >>> covered_share("计生工作长效机制", "计生工作长效机制建设情况汇报一二" * 1)
    0.5
    """
    share = preview_share(preview, text)
    if share is None or share < LEAST_SHARE:
        return None
    return min(1.0, share * len(_squeezed(preview)) / len(_squeezed(text)))


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())
