"""What a run was like, for a person and for programs: `reports/RUN.json` and `reports/RUN.html`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from archive import durable
from archive.clock import instant_text
from archive.layout import Layout
from archive.published.ledger import MAKES_VISIBLE
from archive.published.run_history import RunRow, fill_shares
from crawler.telling.conditions import Trouble
from crawler.telling.report_files import report_paths

FORMAT = 1
"""Raised when a name in the JSON comes to mean something else."""

RUNS_SHOWN = 60
"""Runs whose figures stand beside each other: two months of daily ones."""

_ERRORS = ("other/http_4", "other/http_5", "other/challenge", "other/captcha", "other/truncated", "other/reader_error")
"""How the counts of answers begin that are not what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run with those before it."""

    run: RunRow
    """`event` of one that did not come to its end is its exit code's word: blocked, failed, interrupted."""
    exit_code: int | None
    """None: it is not known any more, the report was made later from the ledger."""
    reason: str | None
    resumed: bool
    failures: Sequence[tuple[str, str]] | None
    """(URL, reason) of some that were given up; None: not known any more."""
    before: Sequence[RunRow]
    """The site's runs before this one, oldest first."""
    troubles: Sequence[Trouble]
    """What was the matter with the site when the report was made."""


def write_report(layout: Layout, report: Report, now: datetime) -> None:
    """Write both files, each whole or not at all. Raises MachineTrouble."""
    from crawler.telling.report_page import report_page  # Jinja comes with it

    row = report_row(layout, report, now)
    json_path, html_path = report_paths(layout, report.run.run_id)
    durable.make_folder(json_path.parent)
    durable.write_file(html_path, report_page(row).encode())
    durable.write_file(json_path, orjson.dumps(row, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def read_report(layout: Layout, run_id: str) -> dict[str, Any] | None:
    """Return the report of a run as it was written; None where there is none, or none that this program can read."""
    if "/" in run_id or "\0" in run_id:
        return None
    try:
        row = orjson.loads(report_paths(layout, run_id)[0].read_bytes())
        return row if row["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def report_row(layout: Layout, report: Report, now: datetime) -> dict[str, Any]:
    """Return the report as JSON has it."""
    run, counts = report.run, report.run.counts
    history = [history_row(row) for row in [*(r for r in report.before if r.run_id != run.run_id), run][-RUNS_SHOWN:]]
    return {
        "format": FORMAT,
        "run_id": run.run_id,
        "site": run.site,
        "event": run.event,
        "exit_code": report.exit_code,
        "reason": report.reason,
        "resumed": report.resumed,
        "partial": run.partial,
        "started_at": instant_text(run.started_at),
        "finished_at": instant_text(run.finished_at),
        "written_at": instant_text(now),
        "documents": {
            "seen": counts.get("documents", 0),
            **{name: counts.get(name, 0) for name in ("new", "changed", "same")},
            "withdrawn": counts.get("withdrawn"),
        },
        "requests": counts.get("requests", 0),
        "bytes_received": counts.get("bytes_received", 0),
        "errors": errors(counts),
        "given_up": counts.get("failed", 0),
        "pages": _pages(counts),
        "fields": _fields(counts, report.before),
        "failures": None
        if report.failures is None
        else [{"url": url, "reason": reason} for url, reason in report.failures],
        "troubles": [
            {
                "condition": each.condition.value,
                "reason": each.reason,
                "run_id": each.run_id,
                "next": each.command_anywhere(layout.root),
            }
            for each in report.troubles
        ],
        "counts": dict(sorted(counts.items())),
        "history": history,
    }


def errors(counts: Mapping[str, int]) -> int:
    """Return how many answers were not what was asked for.

    >>> errors({"other/http_404": 2, "other/http_304": 5, "other/challenge": 1, "requests": 100})
    3
    """
    return sum(number for name, number in counts.items() if name.startswith(_ERRORS))


def _pages(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return what the pages turned out to be, the most frequent first: documents, listings, the others by reason."""
    found = {
        ("other", name.removeprefix("other/")): number for name, number in counts.items() if name.startswith("other/")
    }
    for kind in ("document", "listing"):
        found[kind, ""] = counts.get(f"pages/{kind}", 0)
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"page_type": kind, "reason": reason or None, "pages": number} for (kind, reason), number in ordered if number
    ]


def _fields(counts: Mapping[str, int], before: Iterable[RunRow]) -> list[dict[str, Any]]:
    """Return for each field how many documents it was read on, and which share that was in the last published run."""
    shares = fill_shares(counts)
    if not shares:
        return []
    published = [
        fill_shares(row.counts) for row in before if row.event in MAKES_VISIBLE and row.counts.get("documents")
    ]
    earlier = published[-1] if published else {}
    return [
        {
            "field": name,
            "documents": counts.get(f"filled/{name}", 0),
            "share": shares.get(name),
            "share_before": earlier.get(name),
        }
        for name in sorted(shares.keys() | earlier.keys())
    ]


def history_row(row: RunRow) -> dict[str, Any]:
    """Return the figures of one run as they stand beside those of others."""
    counts = row.counts
    return {
        "run_id": row.run_id,
        "started_at": instant_text(row.started_at),
        "event": row.event,
        "partial": row.partial,
        "reason": row.reason,
        "documents": counts.get("documents", 0),
        "new": counts.get("new", 0),
        "changed": counts.get("changed", 0),
        "withdrawn": counts.get("withdrawn", 0),
        "requests": counts.get("requests", 0),
        "errors": errors(counts),
        "given_up": counts.get("failed", 0),
        "fields": fill_shares(counts),
    }
