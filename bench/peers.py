"""What others would do: trafilatura as it comes, and the regex floor, five label patterns over its text extractor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from trafilatura import bare_extraction
from trafilatura.utils import decode_file

from bench.scoring import Fields

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_H1 = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")
_BETWEEN = r"\s*(?:[:：]|</?\w[^>]*>|\s)*\s*"
"""What stands between a label and its value: colons, tags, blanks."""

_ID = re.compile(rf"(?:文档ID|编号|\bID|Document ID|Handle|DOI|URI){_BETWEEN}([\w.\-/:]{{3,60}})", re.ASCII)
_SIZE = re.compile(r"(?<![\w.])(\d[\d.,]*)\s*([KMG])i?B\b", re.IGNORECASE)
_PAGES = re.compile(rf"(?:页数|Pages){_BETWEEN}(\d{{1,5}})(?!\d)|(?<!\d)(\d{{1,5}})\s*(?:页|pages?\b)", re.IGNORECASE)
_FORMAT = re.compile(r"(?<![\w/])(docx?|pdf|pptx?|xlsx?)\b", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)")


EVIDENCE = 2
"""Values from which on the floor takes a page for a document: chosen in its favour."""


def trafilatura_alone(body: bytes, meta: Fields) -> Fields | None:
    """Return title, date and text as trafilatura finds them; it knows no page types, so whatever has a text counts."""
    found = _extracted(body, meta)
    if found is None or not found.text:
        return None
    return {"title": found.title, "published_on": found.date, "preview_text": found.text}


def regex_floor(body: bytes, meta: Fields) -> Fields | None:
    """Return what five patterns over the source, the first h1 and trafilatura's text say."""
    html = decode_file(body)
    found = _extracted(html, meta)
    heading = _H1.search(html)
    values = {
        "doc_id": _value(_ID, html, lambda match: match[1]),
        "size_bytes": _value(_SIZE, html, _bytes),
        "pages": _value(_PAGES, html, lambda match: int(match[1] or match[2])),
        "format": _value(_FORMAT, html, lambda match: match[1].lower()),
        "published_on": _value(_DATE, html, lambda match: f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"),
    }
    if sum(value is not None for value in values.values()) < EVIDENCE:
        return None
    title = " ".join(_TAG.sub("", heading[1]).split()) if heading else None
    if found is None:
        return {"title": title, **values}
    return {
        "title": title or found.title,
        **values,
        "published_on": values["published_on"] or found.date,
        "preview_text": found.text,
    }


def _extracted(page: bytes | str, meta: Fields) -> Any:
    return bare_extraction(page, url=meta["url"], with_metadata=True)


def _value(pattern: re.Pattern[str], html: str, understood: Callable[[re.Match[str]], Any]) -> Any:
    match = pattern.search(html)
    return understood(match) if match else None


def _bytes(match: re.Match[str]) -> int | None:
    try:
        return int(float(match[1].replace(",", "")) * _UNITS[match[2].upper()] + 0.5)
    except ValueError:
        return None
