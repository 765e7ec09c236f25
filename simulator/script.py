"""The script of events: what happens to a simulated site, and when.

A script is JSON lines, one event a line, or TOML with `[[event]]` tables. Each has `at` (an ISO instant with a zone, or
a time after the site opened such as "+3d", "+36h", "+90m", "+10s"), an `action`, and what the action takes:

added        count (1), published_on (backdated when earlier than the others), copy_of (the new ones carry its text)
changed      which, fields {title, size_text, pages, format, tags, paragraphs}; without fields, some are drawn
withdrawn    which, how: gone (410), missing (404), notice (200, a deletion notice), soft404 (200), unlisted
returned     which
moved        which: the page gets a new address, the old one redirects to it (301)
renumbered   share (1): so many documents get a new ID; the old addresses answer 404
redesigned   the pages get other markup (design 2)
failing      status (503), on, share, duration, retry_after (seconds)
slow         seconds (5), on, share, duration
captcha      on, share, duration: a challenge with status 200 instead of the page
login        on, share, duration: a login wall with status 200 instead of the page
fault        name (see `FAULTS`), share, duration: the pages are damaged in one way
robots       disallow (list), crawl_delay, status (a failing robots.txt), duration

"which" is one of `document` (an ID), `documents` (IDs), `count` (that many, drawn), `share` (of those listed, drawn).
`on` is documents, listings or all (the default; robots.txt is not meant). `family` limits an event to one family.
`duration` is seconds or "2h", "7d"; without it the state lasts.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from simulator.document import size_bytes
from simulator.errors import BadScript

FAULTS = (
    "renamed_class",
    "moved_label",
    "empty_tag",
    "swapped_fields",
    "wrong_charset",
    "captcha",
    "soft_404",
    "login_wall",
    "half_listing",
    "next_gone",
    "date_format",
    "same_text",
)
"""Ways in which a site or a share of its pages can go wrong from one day to the next; new IDs are `renumbered`."""

_WHICH = {"document", "documents", "count", "share"}
_SPELL = {"on", "share", "duration"}
ACTIONS: Mapping[str, frozenset[str]] = {
    "added": frozenset({"count", "published_on", "copy_of"}),
    "changed": frozenset(_WHICH | {"fields"}),
    "withdrawn": frozenset(_WHICH | {"how"}),
    "returned": frozenset(_WHICH),
    "moved": frozenset(_WHICH),
    "renumbered": frozenset({"share"}),
    "redesigned": frozenset({"design"}),
    "failing": frozenset(_SPELL | {"status", "retry_after"}),
    "slow": frozenset(_SPELL | {"seconds"}),
    "captcha": frozenset(_SPELL),
    "login": frozenset(_SPELL),
    "fault": frozenset(_SPELL | {"name"}),
    "robots": frozenset({"disallow", "crawl_delay", "status", "duration"}),
}
"""What each action takes beside `at`, `action` and `family`."""

FIELDS = frozenset({"title", "size_text", "pages", "format", "tags", "paragraphs"})
"""What an edit can change."""
WITHDRAWALS = ("gone", "missing", "notice", "soft404", "unlisted")
"""How a document can be withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happens to the site at one instant."""

    at: datetime
    action: str
    family: str | None = None
    """The family it happens to; None: to all."""
    takes: Mapping[str, Any] = field(default_factory=dict)
    """What the action takes, as in the script."""
    until: datetime | None = None
    """When a state that the action began ends; None: never."""

    def concerns(self, family: str) -> bool:
        """Return whether the event happens to *family*."""
        return self.family is None or self.family == family

    def lasts(self, now: datetime) -> bool:
        """Return whether the state that the event began holds at *now*."""
        return self.at <= now and (self.until is None or now < self.until)


def read_script(path: Path, opened_at: datetime) -> tuple[Event, ...]:
    """Return the events of the script at *path* in the order of time.

    Raises BadScript, naming the line, for anything that cannot be understood.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadScript(
            f"the script {path} cannot be read ({error.strerror}); name a readable JSON lines or TOML file"
        ) from error
    if path.suffix == ".toml":
        try:
            rows = tomllib.loads(text).get("event", [])
        except tomllib.TOMLDecodeError as error:
            raise BadScript(f"{path}: {error}; write TOML with one [[event]] table an event") from error
        return events(rows, opened_at, str(path))
    return events(_json_lines(text, path), opened_at, str(path))


def _json_lines(text: str, path: Path) -> list[Any]:
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise BadScript(f"{path}, line {number}: {error.msg}; write one JSON object a line") from error
    return rows


def events(rows: Iterable[Mapping[str, Any]], opened_at: datetime, source: str = "the script") -> tuple[Event, ...]:
    """Return the events that *rows* state, in the order of time (rows of one instant in their own order)."""
    made = [event(row, opened_at, f"{source}, event {number}") for number, row in enumerate(rows, 1)]
    return tuple(sorted(made, key=lambda one: one.at))


def event(row: Mapping[str, Any], opened_at: datetime, where: str = "the event") -> Event:
    """Return the event that one *row* of a script states; BadScript if it states none."""
    takes = dict(row)
    try:
        at = instant(takes.pop("at"), opened_at)
        action = takes.pop("action")
        family = takes.pop("family", None)
        allowed = ACTIONS[action]
    except KeyError as error:
        raise BadScript(
            f"{where} lacks `at` or `action`, or has the unknown action {error}; use one of {', '.join(ACTIONS)}"
        ) from error
    except ValueError as error:
        raise BadScript(f"{where}: {error}") from error
    if unknown := set(takes) - allowed:
        raise BadScript(
            f"{where}: {action} does not take {', '.join(sorted(unknown))}; it takes {', '.join(sorted(allowed))}"
        )
    _check(action, takes, where)
    try:
        duration = seconds(takes.pop("duration")) if "duration" in takes else None
    except ValueError as error:
        raise BadScript(f"{where}: {error}") from error
    until = None if duration is None else at + timedelta(seconds=duration)
    return Event(at=at, action=action, family=family, takes=takes, until=until)


def _check(action: str, takes: Mapping[str, Any], where: str) -> None:
    if ACTIONS[action] >= _WHICH and len(_WHICH & set(takes)) != 1:
        raise BadScript(f"{where}: {action} needs exactly one of document, documents, count and share")
    if action == "withdrawn" and takes.get("how", "missing") not in WITHDRAWALS:
        raise BadScript(f"{where}: how is {takes['how']!r}; use one of {', '.join(WITHDRAWALS)}")
    if unknown := set(takes.get("fields", ())) - FIELDS:
        raise BadScript(f"{where}: {', '.join(sorted(unknown))} cannot be changed; use {', '.join(sorted(FIELDS))}")
    if (size := takes.get("fields", {}).get("size_text")) is not None:
        try:
            size_bytes(size)
        except ValueError as error:
            raise BadScript(f"{where}: {error}") from error
    if action == "fault" and takes.get("name") not in FAULTS:
        raise BadScript(f"{where}: the fault's name is {takes.get('name')!r}; use one of {', '.join(FAULTS)}")
    if takes.get("on", "all") not in ("documents", "listings", "all"):
        raise BadScript(f"{where}: on is {takes['on']!r}; use documents, listings or all")


_LENGTH = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
_UNIT_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(length: float | str) -> float:
    """Return the seconds that *length* states; ValueError if it states none.

    >>> seconds("36h"), seconds(20)
    (129600.0, 20.0)
    """
    if isinstance(length, (int, float)):
        return float(length)
    match = _LENGTH.fullmatch(length.strip())
    if match is None:
        raise ValueError(f"{length!r} is no length of time; write seconds, or 90m, 36h, 7d")
    return float(match.group(1)) * _UNIT_SECONDS[match.group(2)]


def instant(text: str | datetime, opened_at: datetime) -> datetime:
    """Return the instant that `at` states, counted from *opened_at* where it begins with +; ValueError if none."""
    if isinstance(text, str) and text.startswith("+"):
        return opened_at + timedelta(seconds=seconds(text[1:]))
    try:
        moment = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{text!r} is no instant; write 2026-03-01T03:00:00Z or a time after the opening such as +3d")
    return moment.astimezone(UTC)
