"""Scores what a reader makes of the golden pages, whoever wrote the reader.

Only what an expected file names counts. A page that is no document must give nothing: every field that a reader finds
there is wrong, and so is each that it misses on a document it did not take for one.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.workshop import PAGES

SCALARS = ("title", "doc_id", "size_bytes", "pages", "format", "published_on")
SIZE_TOLERANCE = 2000
"""A printed size is rounded: one in this many bytes does not matter."""

Fields = Mapping[str, Any]
Reader = Callable[[bytes, Fields], Fields | None]
"""Body and meta.json of a page -> the record's fields, None for a page that is no document."""

_ENDING = re.compile(r"\.(?:docx?|pptx?|xlsx?|pdf|txt|rtf|wps|odt|html?)$")
_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
"""One Chinese character, or one word of other scripts."""


@dataclass(slots=True)
class Tally:
    """Right values, values that should not be there, values that are missing."""

    right: int = 0
    wrong: int = 0
    missing: int = 0

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.wrong + self.missing
        return 2 * self.right / total if total else 0.0


@dataclass(slots=True)
class Score:
    """How well a reader read the golden pages."""

    fields: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in SCALARS})
    preview: Tally = field(default_factory=Tally)
    documents: int = 0
    exact: int = 0
    others: int = 0
    spurious: int = 0
    """Records of pages that are no documents."""

    @property
    def macro_f1(self) -> float:
        return sum(tally.f1 for tally in self.fields.values()) / len(self.fields)


def golden_cases() -> list[Path]:
    """Return the folder of every golden page of the repository."""
    return sorted(path.parent for path in PAGES.glob("*/*/page.html"))


def score(read: Reader) -> Score:
    """Return what *read* scores on all golden pages."""
    total = Score()
    for folder in golden_cases():
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        _add(total, expected, read((folder / "page.html").read_bytes(), meta))
    return total


def _add(total: Score, expected: Mapping[str, Any], found: Fields | None) -> None:
    is_document = expected["page_type"] == "document"
    total.documents += is_document
    total.others += not is_document
    total.spurious += not is_document and found is not None
    is_exact = is_document and found is not None
    for name, options in _wanted(expected, is_document):
        value = (found or {}).get(name)
        stated = [option for option in options if _key(name, option) is not None]
        is_right = any(_equal(name, option, value) for option in options)
        tally = total.fields[name]
        if is_right:
            tally.right += bool(stated)
        else:
            is_exact = False
            tally.wrong += _key(name, value) is not None
            tally.missing += bool(stated)
    total.exact += is_exact
    texts = {**expected.get("gaps", {}), **expected}
    if "preview_text" in texts or not is_document:
        _add_preview(total.preview, texts.get("preview_text") or "", (found or {}).get("preview_text") or "")


def _wanted(expected: Mapping[str, Any], is_document: bool) -> Iterator[tuple[str, list[Any]]]:
    """Yield each field that is scored, with the values that are right."""
    any_of = expected.get("any_of", {})
    expected = {**expected.get("gaps", {}), **expected}
    for name in SCALARS:
        if not is_document:
            yield name, [None]
        elif name in any_of:
            yield name, any_of[name]
        elif name in expected:
            yield name, [expected[name]]


def _add_preview(tally: Tally, expected: str, found: str) -> None:
    wanted, given = _tokens(expected), _tokens(found)
    both = (wanted & given).total()
    tally.right += both
    tally.wrong += given.total() - both
    tally.missing += wanted.total() - both


def _tokens(text: str) -> Counter[str]:
    return Counter(_TOKEN.findall(unicodedata.normalize("NFKC", text).lower()))


def _equal(name: str, expected: Any, found: Any) -> bool:
    wanted, given = _key(name, expected), _key(name, found)
    if name == "size_bytes" and isinstance(wanted, int) and isinstance(given, int):
        return abs(wanted - given) <= max(1, wanted // SIZE_TOLERANCE)
    return wanted == given


def _key(name: str, value: Any) -> str | int | None:
    """Return the form in which two values are compared: width, case, white space and a title's ending do not matter."""
    if value is None or isinstance(value, int):
        return value
    text = " ".join(unicodedata.normalize("NFKC", str(value)).lower().split())
    return (_ENDING.sub("", text).strip() if name == "title" else text) or None
