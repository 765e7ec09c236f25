"""The report of a run on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from docarchive.cli.context import clock
from docarchive.cli.output import printable

if TYPE_CHECKING:
    from archive.layout import Layout

BARS = " ▁▂▃▄▅▆▇█"
"""Heights of a bar one line high."""

RUNS_DRAWN = 40
"""Runs side by side on a line of 80 characters with its label."""

FELL = 0.05
"""A field read on so much less of the documents than before is pointed at."""


def run_report(layout: Layout, run_id: str) -> dict[str, Any] | None:
    """Return the report of a run: as it was written, else what can still be known of it from the ledger, or None."""
    from crawler.telling.report import read_report, report_row

    found = read_report(layout, run_id)
    if found is not None:
        return found
    from archive.published.run_history import RunHistory
    from crawler.telling.after_run import report_of_ledger

    with RunHistory(layout) as ledger:
        run = ledger.run(run_id)
        return report_row(layout, report_of_ledger(ledger, run), clock().now()) if run is not None else None


def print_report(layout: Layout, row: Mapping[str, Any]) -> None:
    """Print what a run was like: how it ended and why, what it brought, what was read, what failed."""
    documents = row["documents"]
    partial = ", partial" if row["partial"] else ""
    _line(f"{row['site']}: {row['event']}{partial}{', resumed' if row['resumed'] else ''}")
    if row["reason"]:
        _line(f"  why        {row['reason']}")
    withdrawn = "" if documents["withdrawn"] is None else f", {documents['withdrawn']:,} withdrawn"
    _line(f"  when       {row['started_at']} to {row['finished_at']}")
    known = f"{documents['changed']:,} changed, {documents['same']:,} same{withdrawn}"
    _line(f"  documents  {documents['new']:,} new, {known}")
    _line(
        f"  requests   {row['requests']:,}, {row['bytes_received'] / 1e6:,.1f} MB; {row['errors']:,} errors, "
        f"{row['given_up']:,} given up"
    )
    pages = ", ".join(f"{page['pages']:,} {page['reason'] or page['page_type']}" for page in row["pages"])
    if pages:
        _line(f"  pages      {pages}")
    for field in row["fields"]:
        _line(f"  {_field(field)}")
    for name in ("new", "changed", "withdrawn", "errors"):
        drawn = bars([run[name] for run in row["history"]][-RUNS_DRAWN:])
        if drawn.strip():
            _line(f"  {name:<10} {drawn}  in the last {min(RUNS_DRAWN, len(row['history']))} runs")
    for failure in row["failures"] or ():
        _line(f"  given up   {failure['url']} ({failure['reason']})")
    html = layout.root / "reports" / f"{row['run_id']}.html"
    if html.is_file():
        _line(f"  page       {html}")
    typer.echo("")


def _field(field: Mapping[str, Any]) -> str:
    share, before = field["share"], field["share_before"]
    fell = share is not None and before is not None and share < before - FELL
    shown = "-" if share is None else f"{share:.1%}"
    compared = "" if before is None else f", {before:.1%} in the published run before"
    return f"read       {field['field']} on {shown}{compared}{'  <-' if fell else ''}"


def bars(values: Sequence[int]) -> str:
    """Return a bar a value, the highest full; what is there at all can be seen.

    >>> bars([0, 1, 40, 80])
    ' ▁▄█'
    """
    highest = max(values, default=0)
    return "".join(BARS[max(1, round(value / highest * 8))] if value else " " for value in values)


def _line(text: str) -> None:
    typer.echo(printable(text))
