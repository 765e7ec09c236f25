"""Which documents a question is about: the same keywords in Python and on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from archive.clock import parse_instant
from archive.errors import UsageError
from archive.partial_date import days_covered
from archive.record import RECORD_FIELDS
from archive.words.text_query import TextQuery, parse_text_query

SORTS = ("relevance", "published", "fetched")

MANGLED_FIELDS = ("mangled_by", "mangled_score", "is_garbage")
COMPUTED_FIELDS = (
    *("version", "cause", "first_seen", "last_seen", "withdrawn_at", "work_id", "exact_copy_of"),
    *MANGLED_FIELDS,
)
CAPTURE_FIELDS = ("warc_file", "warc_offset")
ANSWER_FIELDS = tuple(n for n in RECORD_FIELDS if n != "counters") + COMPUTED_FIELDS + CAPTURE_FIELDS
"""What a row of `records` holds, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A checked selection; every part is optional."""

    search: TextQuery | None = None
    like_original: bool = False
    """Whether what stands in the place of a searched word in mangled texts answers too."""
    where: str | None = None
    """An SQL condition on the columns of `documents`."""
    sites: tuple[str, ...] | None = None
    doc_formats: tuple[str, ...] | None = None
    published_from: date | None = None
    """The document's date may be this day or later."""
    published_to: date | None = None
    min_pages: int | None = None
    max_pages: int | None = None
    as_of: datetime | None = None
    """What the sites said then, as read today."""
    as_published: str | datetime | None = None
    """What readers of the archive saw then: an instant, or the id of a run."""
    fields: tuple[str, ...] = ANSWER_FIELDS
    unique: bool = False
    """Of the copies of each work that are found only the best one."""
    sort: str = "fetched"
    limit: int = 0
    """0: all."""

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """Return SQL conditions on record columns, and the values of their parameters; without search and where."""
        found: list[str] = []
        values: dict[str, Any] = {}

        def add(name: str, value: Any, condition: str) -> None:
            if value is not None:
                found.append(condition)
                values[name] = value

        add("sites", list(self.sites) if self.sites else None, "list_contains($sites, site)")
        add("doc_formats", list(self.doc_formats) if self.doc_formats else None, "list_contains($doc_formats, format)")
        add("published_from", self.published_from, "published_until >= $published_from")
        add("published_to", self.published_to, "published_from <= $published_to")
        add("min_pages", self.min_pages, "pages >= $min_pages")
        add("max_pages", self.max_pages, "pages <= $max_pages")
        return found, values

    def admits(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of `versions` meets `conditions`."""
        first, last, pages = row["published_from"], row["published_until"], row["pages"]
        return (
            (not self.sites or row["site"] in self.sites)
            and (not self.doc_formats or row["format"] in self.doc_formats)
            and (self.published_from is None or (last is not None and last >= self.published_from))
            and (self.published_to is None or (first is not None and first <= self.published_to))
            and (self.min_pages is None or (pages is not None and pages >= self.min_pages))
            and (self.max_pages is None or (pages is not None and pages <= self.max_pages))
        )


def selection(**raw: Any) -> Selection:
    """Return the selection that the keywords ask for; None is the same as leaving a keyword out.

    Keywords: search, exact (True: width, case and script of the words matter), like_original (True: what stands in the
    place of a word in mangled texts answers too), where, site (one or a list), doc_format
    (one or a list), published_from, published_to (a date, or text such as 2019, 2019-03, 2019-03-12), min_pages,
    max_pages, as_of (an instant or a day), as_published (a run's id, an instant or a day), fields (a list, or text with
    commas), sort (relevance, published, fetched), limit (0 for all), unique (True: of the copies of one work only the
    best one that is found: the longest clean text, of equal ones the earliest).
    Raises UsageError for any other keyword or value.
    """
    given = {name: value for name, value in raw.items() if value is not None}
    checked: dict[str, Any] = {}
    for name, value in given.items():
        if name not in _CHECKS:
            raise UsageError(f"there is no selection {name!r}; choose among {', '.join(_CHECKS)}")
        target, check = _CHECKS[name]
        checked[target] = check(name, value)
    if checked.pop("exact", False):
        if "search" not in checked:
            raise UsageError("exact needs words to search for; leave it out, or say what to look for")
        checked["search"] = replace(checked["search"], exact=True)
    if checked.get("like_original") and "search" not in checked:
        raise UsageError("like_original needs words to search for; leave it out, or say what to look for")
    if "sort" not in checked and "search" in checked:
        checked["sort"] = "relevance"
    for least, most in (("published_from", "published_to"), ("min_pages", "max_pages")):
        if least in checked and most in checked and checked[least] > checked[most]:
            raise UsageError(f"{least}={raw[least]} is above {most}={raw[most]}; nothing is between them")
    if checked.get("sort") == "relevance" and "search" not in checked:
        raise UsageError("sorting by relevance needs words to search for; choose published or fetched")
    return Selection(**checked)


def _day_span(name: str, value: Any) -> tuple[date, date]:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value, value
    covered = days_covered(value) if isinstance(value, str) else None
    if covered is None:
        raise UsageError(f"{name}={value!r} is no date; write 2019, 2019-03 or 2019-03-12")
    return covered


def _first_day(name: str, value: Any) -> date:
    return _day_span(name, value)[0]


def _last_day(name: str, value: Any) -> date:
    return _day_span(name, value)[1]


def _instant(name: str, value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) and days_covered(value):
        # A day means all of it: what was seen in its last second is in.
        return datetime.combine(date.fromisoformat(value), time.min, UTC) + timedelta(days=1, microseconds=-1)
    try:
        return parse_instant(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{name}={value!r} is no instant; write 2026-03-01T03:00:00Z or a day, 2026-03-01") from error


def run_or_instant(name: str, value: Any) -> str | datetime:
    """Return the run id or the instant that *value* names; raises UsageError for what is neither."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d", value):
        return value
    return _instant(name, value)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Sequence) else ()
    if not texts or not all(isinstance(text, str) for text in texts):
        raise UsageError(f"{name}={value!r} is no text; name one or a list of them")
    return texts


def _formats(name: str, value: Any) -> tuple[str, ...]:
    return tuple(text.lower().lstrip(".") for text in _texts(name, value))


def _count(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise UsageError(f"{name}={value!r} is no count; write a whole number from 0")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{name}={value!r} is neither True nor False")
    return value


def _sort(name: str, value: Any) -> str:
    if value not in SORTS:
        raise UsageError(f"{name}={value!r} is no order; choose {', '.join(SORTS)}")
    return str(value)


def _fields(name: str, value: Any) -> tuple[str, ...]:
    names = [part.strip() for part in value.split(",")] if isinstance(value, str) else list(_texts(name, value))
    names = [part for part in names if part]
    for each in names:
        if each not in ANSWER_FIELDS:
            raise UsageError(f"there is no field {each!r}; choose among {', '.join(ANSWER_FIELDS)}")
    return tuple(dict.fromkeys(names)) or ANSWER_FIELDS


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{name}={value!r} is neither True nor False")
    return value


def _search(name: str, value: Any) -> TextQuery:
    return parse_text_query(_condition(name, value))


def _condition(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{name}={value!r} says nothing; leave it out, or write what to look for")
    return value


_CHECKS: dict[str, tuple[str, Any]] = {
    "search": ("search", _search),
    "exact": ("exact", _yes_or_no),
    "like_original": ("like_original", _flag),
    "where": ("where", _condition),
    "site": ("sites", _texts),
    "doc_format": ("doc_formats", _formats),
    "published_from": ("published_from", _first_day),
    "published_to": ("published_to", _last_day),
    "min_pages": ("min_pages", _count),
    "max_pages": ("max_pages", _count),
    "as_of": ("as_of", _instant),
    "as_published": ("as_published", run_or_instant),
    "fields": ("fields", _fields),
    "unique": ("unique", _flag),
    "sort": ("sort", _sort),
    "limit": ("limit", _count),
}
assert {target for target, _ in _CHECKS.values()} == {f.name for f in fields(Selection)} | {"exact"}
