"""What the notify command is told, whatever it is told of: the members that every event has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archive.clock import instant_text
from archive.layout import Layout


def event(
    layout: Layout,
    name: str,
    *,
    site: str,
    at: datetime,
    since: str | None,
    reason: str,
    run_id: str | None = None,
    was: Sequence[str] | None = None,
    next_command: str | None = None,
) -> dict[str, Any]:
    """Return the event called *name* (docs/telling.md): of *site*, or of several where that is "".

    *since*: when it began, or what it is told from. *was*: the events that are over. *next_command* is what a person
    may type next, wherever they are.
    """
    report = layout.root / "reports" / f"{run_id}.html"
    return {
        "event": name,
        "site": site,
        "run_id": run_id,
        "at": instant_text(at),
        "since": since,
        "reason": reason,
        "was": None if was is None else list(was),
        "next": next_command,
        "archive": str(layout.root.absolute()),
        "report": str(report) if run_id is not None and report.is_file() else None,
    }
