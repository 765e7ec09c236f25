"""A standing question: the notify command is called with what was added, changed or withdrawn that it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from archive.clock import instant_text
from archive.layout import Layout
from crawler.telling.event import event
from crawler.telling.notify import call

EVENT = "changes"

MOST_LINES = 20
"""Changes that the text names: it may become a mail or a message on a telephone."""

LONGEST_TITLE = 100


def tell_changes(
    layout: Layout,
    notify: str,
    *,
    name: str | None,
    question: Mapping[str, Any],
    count: int,
    first: Sequence[Mapping[str, Any]],
    since: str | None,
    cursor: str,
    at: datetime,
    command: str,
) -> str | None:
    """Call the command *notify* about *count* changes, *first* of which are named; return why it failed, or None.

    The event has the members of every other (`crawler.telling.event`), and `changes`, `count`, `cursor`, `name`,
    `question`, `text`. *command* is what shows all of them.
    """
    named = list(first[:MOST_LINES])
    sites = {row["site"] for row in named} if count <= len(named) else set()
    text = _text(named, count)
    told = event(
        layout,
        EVENT,
        site=next(iter(sites)) if len(sites) == 1 else "",
        at=at,
        since=since,
        reason=text.partition("\n")[0],
        next_command=command,
    )
    changes = [_brief(row) for row in named]
    asked = {"name": name, "question": dict(question), "count": count, "cursor": cursor}
    return call(notify, {**told, **asked, "changes": changes, "text": text})


def _text(named: Sequence[Mapping[str, Any]], count: int) -> str:
    """Return the changes as text, a line each; the first says how many there are."""
    lines = [f"{count:,} change{'' if count == 1 else 's'}"]
    lines += [_line(row) for row in named]
    if count > len(named):
        lines.append(f"and {count - len(named):,} more")
    return "\n".join(lines)


def _line(row: Mapping[str, Any]) -> str:
    fields = ", ".join(change["field"] for change in row["changes"])
    what = f"{row['event']} ({fields})" if fields else row["event"]
    return f"{what}: {row['site']}/{row['doc_id']} {_title(row)} {row['url'] or ''}".rstrip()


def _title(row: Mapping[str, Any]) -> str:
    """Return the title on one line, without what would steer a terminal or a mail's header."""
    text = "".join(c if c.isprintable() else " " for c in row["title"] or "")
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1] + "…"


def _brief(row: Mapping[str, Any]) -> dict[str, Any]:
    brief = {name: row[name] for name in ("event", "site", "doc_id", "version", "title", "url")}
    return brief | {"at": instant_text(row["at"]), "fields": [change["field"] for change in row["changes"]]}
