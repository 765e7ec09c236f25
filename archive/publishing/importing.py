"""Records made elsewhere, read from a JSON Lines file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from archive.clock import instant_text, parse_instant
from archive.errors import MachineTrouble, UsageError
from archive.partial_date import days_covered
from archive.record import RECORD_FIELDS, DocumentRecord, text_digest

READER = "import/1"
"""Stands as `reader` where the file names none."""

REQUIRED = ("site", "doc_id", "title")

NOT_TAKEN = frozenset(
    {
        *("version", "cause", "first_seen", "last_seen", "withdrawn_at", "work_id", "exact_copy_of", "content_digest"),
        *("run_id", "capture", "text_digest", "warc_file", "warc_offset", "warc_length"),
        *("mangled_by", "mangled_score", "is_garbage"),
    }
)
"""What `docarchive records --json` prints and every archive makes for itself: allowed, so that its output can be
imported, and made anew."""

CLOCKS_APART = timedelta(days=1)
"""How far the clock of whoever made the records may be ahead of ours."""


_SITE = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_-])?(?::[0-9]{1,5})?|\[[0-9a-f:.]+\](?::[0-9]{1,5})?")
"""The name of a profile, or a host with its port where it has one, as a crawl writes them."""


def read_import(path: Path, *, fetched_at: datetime) -> Iterator[DocumentRecord]:
    """Yield a record for each line of the JSON Lines file *path*; blank lines are skipped.

    A line is an object with record fields as `docarchive records --json` prints them: `site`, `doc_id` and `title` at
    least. `fetched_at` of a line without one is *fetched_at*, its `url` is `import:SITE/DOC_ID`. Text digests are
    computed. Raises UsageError, with the line's number, at the first line that is not such a record, also for two
    lines that say different things of one document at one instant.
    """
    latest = fetched_at + CLOCKS_APART
    yield from import_records(_file_lines(path), str(path), fetched_at=fetched_at, latest=latest)


def import_records(
    lines: Iterable[bytes], name: str, *, fetched_at: datetime, latest: datetime | None = None
) -> Iterator[DocumentRecord]:
    """Yield a record for each of *lines*, as `read_import` does for a file; *name* is what messages call them.

    A line whose `fetched_at` lies after *latest* is refused: it would stay the newest version for ever.
    """
    seen: dict[tuple[str, str, datetime], int] = {}
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not text.strip():
            continue
        try:
            record = _record(orjson.loads(text), fetched_at)
        except orjson.JSONDecodeError as error:
            raise _at_line(name, number, f"this is not JSON ({error.msg}); write one object a line") from error
        except _Refused as error:
            raise _at_line(name, number, str(error)) from error
        if latest is not None and record.fetched_at > latest:
            raise _at_line(name, number, f"fetched_at {instant_text(record.fetched_at)} lies in the future; correct it")
        key = (record.site, record.doc_id, record.fetched_at)
        if key in seen:
            raise _at_line(
                name,
                number,
                f"document {record.site}/{record.doc_id} stands in line {seen[key]} already; "
                "give each its own fetched_at, or leave one out",
            )
        seen[key] = number
        yield record


class _Refused(Exception):
    """What is wrong with a line."""


def _file_lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {path}; name a JSON Lines file") from error
    except IsADirectoryError as error:
        raise UsageError(f"{path} is a folder; name a JSON Lines file") from error
    except PermissionError as error:
        raise MachineTrouble(f"cannot read {path}: permission denied; correct its permissions") from error


def _at_line(name: str, number: int, what: str) -> UsageError:
    return UsageError(f"{name} line {number}: {what} (nothing was imported)")


def _record(row: Any, fetched_at: datetime) -> DocumentRecord:
    if not isinstance(row, dict):
        raise _Refused("this is not an object; write one JSON object a line")
    unknown = sorted(set(row) - set(RECORD_FIELDS) - NOT_TAKEN)
    if unknown:
        raise _Refused(f"unknown field {unknown[0]!r}; move what has no field of its own to other_labels")
    values = {
        name: _CHECKS[name](name, row[name])
        for name in RECORD_FIELDS
        if name not in NOT_TAKEN and row.get(name) is not None
    }
    for name in REQUIRED:
        if not values.get(name, "").strip():
            raise _Refused(f"{name} is missing; every record needs site, doc_id and title")
    values.setdefault("url", f"import:{quote(values['site'], safe='')}/{quote(values['doc_id'], safe='')}")
    values.setdefault("canonical_url", values["url"])
    values.setdefault("reader", READER)
    values.setdefault("fetched_at", fetched_at)
    values["text_digest"] = text_digest(values.get("preview_text"))
    return DocumentRecord(**(_days(values) | values))


def _days(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first and last day that `published_on` covers, {} without one."""
    covered = days_covered(values.get("published_on", ""))
    return {"published_from": covered[0], "published_until": covered[1]} if covered else {}


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _Refused(f"{name} must be text, not {_shown(value)}")
    return value


def _partial(name: str, value: Any) -> str:
    text = _text(name, value)
    if days_covered(text) is None:
        raise _Refused(f"{name} is {text!r}; write 2019, 2019-03 or 2019-03-12")
    return text


def _count(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise _Refused(f"{name} must be a whole number, not {_shown(value)}")
    return value


def _day(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(_text(name, value))
    except ValueError as error:
        raise _Refused(f"{name} must be a date such as 2019-03-12, not {_shown(value)}") from error


def _site(name: str, value: Any) -> str:
    text = _text(name, value)
    if text.strip() and not _SITE.fullmatch(text):
        raise _Refused(f"{name} is {_shown(text)}; write the name of a profile or a host, such as docs.example")
    return text


def _instant(name: str, value: Any) -> datetime:
    try:
        instant = parse_instant(_text(name, value))
    except (ValueError, OverflowError) as error:
        raise _Refused(
            f"{name} must be an instant with a zone such as 2026-03-01T03:00:00Z, not {_shown(value)}"
        ) from error
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _Refused(f"{name} must be a list of texts, not {_shown(value)}")
    return tuple(value)


def _labels(name: str, value: Any) -> dict[str, tuple[str, ...]]:
    return {label: _texts(f"{name}.{label}", values) for label, values in _object(name, value).items()}


def _text_map(name: str, value: Any) -> dict[str, str]:
    return {key: _text(f"{name}.{key}", item) for key, item in _object(name, value).items()}


def _count_map(name: str, value: Any) -> dict[str, int]:
    return {key: _count(f"{name}.{key}", item) for key, item in _object(name, value).items()}


def _share(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _Refused(f"{name} must be a number from 0 to 1, not {_shown(value)}")
    return float(value)


def _object(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Refused(f"{name} must be an object, not {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    return orjson.dumps(value).decode()[:60]


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(RECORD_FIELDS, _text),
    **dict.fromkeys(("size_bytes", "pages", "preview_pages"), _count),
    "preview_share": _share,
    **dict.fromkeys(("published_from", "published_until"), _day),
    **dict.fromkeys(("tags", "related_urls", "flags"), _texts),
    "published_on": _partial,
    "site": _site,
    "other_labels": _labels,
    "counters": _count_map,
    "provenance": _text_map,
    "fetched_at": _instant,
}
