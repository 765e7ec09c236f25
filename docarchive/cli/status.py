"""`status`: how every site is, and what to type next."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from archive.errors import ArchiveError
from docarchive.cli.context import (
    ArchiveOption,
    FormatOption,
    JsonOption,
    clock,
    configuration,
    existing_layout,
    named_again,
)
from docarchive.cli.output import chosen_format, printable, table_width, write_rows

if TYPE_CHECKING:
    from crawler.telling.conditions import Trouble
    from crawler.telling.overview import Disk, Overview, SiteStatus

COLUMNS = (
    "site",
    "state",
    "reason",
    "next",
    "last_published_at",
    "age_seconds",
    "interval_seconds",
    "next_due_at",
    "held",
    "blocked",
    "paused",
    "running",
    "waiting",
    "new_30_days",
    "changed_30_days",
    "silent_days",
    "conditions",
    "disk_left_bytes",
)
"""What a row has in every form but the table."""

SHOWN = ("site", "state", "published", "every", "next due", "held", "new in 30 days")
"""What the table shows."""
NEVER_CUT = ("site", "state")
"""Of that, what a person types again or looks for."""

STYLES = {
    **dict.fromkeys(("failed", "blocked", "empty", "overdue"), "bold red"),
    **dict.fromkeys(("held", "silent"), "bold yellow"),
    "running": "cyan",
    **dict.fromkeys(("paused", "unfinished", "never crawled"), "dim"),
    "well": "green",
}

HARDLY_A_YEAR = 400
"""Days of room left from which on they are told in years."""


def add_to(app: typer.Typer) -> None:
    app.command("status")(status)


def status(
    archive: ArchiveOption = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Call the notify command for what no run would notice: overdue, silent.")
    ] = False,
    format: FormatOption = None,
    json: JsonOption = False,
) -> None:
    """How every site is, and the command to type next; exit code 1 if a person is needed.

    Example: docarchive status
    """
    from archive.published.run_history import RunHistory
    from crawler.telling.after_run import readable_profiles
    from crawler.telling.metrics import write_metrics
    from crawler.telling.overview import overview

    layout = existing_layout(archive)
    settings = configuration(archive)
    logging.basicConfig(format="docarchive: %(message)s", level=logging.WARNING)
    now = clock()
    profiles = readable_profiles(settings.sites)

    def look() -> Overview:
        with RunHistory(layout) as ledger:
            return overview(layout, ledger, profiles, now)

    seen = look()
    form = chosen_format(format, json)
    if form == "table":
        _print_table(seen)
        ending = sys.stdout
    else:
        rows = [*(_row(site, seen) for site in seen.sites), *(_row_apart(each, seen) for each in seen.apart)]
        write_rows(rows, COLUMNS, form)
        ending = sys.stderr
    for line in _ending(seen)[form != "table" :]:
        ending.write(line + "\n")
    ending.flush()
    try:
        write_metrics(layout, seen)
    except ArchiveError as error:
        logging.getLogger(__name__).warning("%s", error)
    if notify:
        from crawler.telling.notify import tell

        def look_again(site: str) -> SiteStatus | None:
            return next((each for each in look().sites if each.site == site), None)

        for each in seen.sites:
            tell(layout, each, settings.notify, now, look_again=look_again)
    if seen.needs_person:
        raise typer.Exit(1)


def _row_apart(trouble: Trouble, seen: Overview) -> dict[str, Any]:
    """Return the row of a run that is held and of no site."""
    told: dict[str, Any] = dict.fromkeys(COLUMNS)
    told |= {"state": trouble.condition.value, "reason": trouble.reason, "next": trouble.command, "held": 1}
    return told | {"conditions": [_condition(trouble)], "disk_left_bytes": seen.disk.free_bytes}


def _condition(trouble: Trouble) -> dict[str, Any]:
    return {
        "condition": trouble.condition.value,
        "reason": trouble.reason,
        "run_id": trouble.run_id,
        "next": trouble.command,
    }


def _row(site: SiteStatus, seen: Overview) -> dict[str, Any]:
    history = site.history
    published = history.published_at if history is not None else None
    first = site.troubles[0] if site.troubles else None
    return {
        "site": site.site,
        "state": site.state,
        "reason": first.reason if first is not None else None,
        "next": first.command if first is not None else None,
        "last_published_at": published,
        "age_seconds": (seen.at - published).total_seconds() if published is not None else None,
        "interval_seconds": site.rhythm.interval.total_seconds() if site.rhythm.interval is not None else None,
        "next_due_at": site.rhythm.next_due if site.paused is None else None,
        "held": len(history.held) if history is not None else 0,
        "blocked": any(trouble.condition == "blocked" for trouble in site.troubles),
        "paused": site.paused,
        "running": site.glance.at_work is not None,
        "waiting": site.glance.waiting,
        "new_30_days": history.recent["new"] if history is not None else 0,
        "changed_30_days": history.recent["changed"] if history is not None else 0,
        "silent_days": site.silence.days if site.silence is not None else None,
        "conditions": [_condition(each) for each in site.troubles],
        "disk_left_bytes": seen.disk.free_bytes,
    }


def _print_table(seen: Overview) -> None:
    """Print a line a site, those first that need a person; below them why."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=table_width(), highlight=False)
    if seen.sites:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        rows = [_cells(site, seen.at) for site in sorted(seen.sites, key=lambda each: (not each.troubles, each.site))]
        for number, name in enumerate(SHOWN):
            needed = max(cell_len(cells[number]) for cells in rows) if name in NEVER_CUT else None
            side: Literal["left", "right"] = "right" if name in ("held", "new in 30 days") else "left"
            table.add_column(name, justify=side, no_wrap=True, min_width=needed)
        for cells in rows:
            table.add_row(Text(cells[0]), Text(cells[1], style=STYLES.get(cells[1], "")), *map(Text, cells[2:]))
        console.print(table)
    told = [
        (f"{site.site} is {trouble.condition.value}: {trouble.reason}", trouble)
        for site in seen.sites
        for trouble in site.troubles
    ]
    told += [(f"run {trouble.run_id} is held: {trouble.reason}", trouble) for trouble in seen.apart]
    if told and seen.sites:
        console.print()
    for sentence, trouble in told:
        console.print(Text(printable(sentence)), soft_wrap=True)
        console.print(Text(f"    {printable(trouble.command)}{named_again()}"), soft_wrap=True)


def _cells(site: SiteStatus, now: datetime) -> list[str]:
    from crawler.telling.conditions import in_words

    history, rhythm = site.history, site.rhythm
    published = history.published_at if history is not None else None
    return [
        printable(site.site),
        site.state,
        f"{in_words(now - published)} ago" if published is not None else "never",
        in_words(rhythm.interval) if rhythm.interval is not None else "-",
        _due(site, now),
        str(len(history.held)) if history is not None and history.held else "-",
        f"{history.recent['new']:,}" if history is not None else "-",
    ]


def _due(site: SiteStatus, now: datetime) -> str:
    from crawler.telling.conditions import in_words

    due = site.rhythm.next_due
    if site.glance.at_work is not None:
        return f"running, {site.glance.waiting:,} left"
    if site.paused is not None:
        return printable(f"paused: {site.paused}")[:40]
    if due is None:
        return "-"
    return f"in {in_words(due - now)}" if due > now else f"since {in_words(now - due)}"


def _ending(seen: Overview) -> list[str]:
    """Return how much room there is, and the command to type next."""
    return ["", f"disk: {_room(seen.disk)}", f"next: {_next(seen)}{named_again()}"]


def _room(disk: Disk) -> str:
    room = f"{disk.free_bytes / 1e9:,.1f} GB left of {disk.total_bytes / 1e9:,.0f}"
    if disk.days_left is not None and disk.days_left < HARDLY_A_YEAR * 25:
        days = f"{disk.days_left:,.0f} days" if disk.days_left < HARDLY_A_YEAR else f"{disk.days_left / 365:,.0f} years"
        room += f", enough for about {days} at the pace of the last 30"
    return f"{room}; make room" if disk.is_short else room


def _next(seen: Overview) -> str:
    """Return the command that the most urgent matter asks for; where there is none, a look at what came in."""
    from crawler.telling.conditions import Condition

    order = list(Condition)
    waiting = [*(trouble for site in seen.sites for trouble in site.troubles), *seen.apart]
    if waiting:
        return printable(min(waiting, key=lambda trouble: order.index(trouble.condition)).command)
    if seen.sites:
        return "docarchive records --sort fetched"
    return "docarchive crawl SITE_OR_URL"
