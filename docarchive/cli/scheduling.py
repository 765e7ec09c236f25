"""What a timer does without anybody looking: `due`, `crawl --due`, `schedule`."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from archive.asking.plain import json_line
from docarchive.cli.context import ArchiveOption, FormatOption, JsonOption, clock, configuration, existing_layout
from docarchive.cli.output import chosen_format, printable, write_rows
from docarchive.cli.trouble import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from archive.layout import Layout
    from crawler.order import CrawlOutcome
    from crawler.scheduling.dispatch import DueOptions, Outcome


def add_to(app: typer.Typer) -> None:
    app.command("due")(due)
    app.command("schedule")(schedule)


def due(
    archive: ArchiveOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every site with a schedule, also those that are due later or paused.")
    ] = False,
    format: FormatOption = None,
    json: JsonOption = False,
) -> None:
    """List the sites that are due now: since when, when last published, why.

    Example: docarchive due --all
    """
    from crawler.profile import find_profiles
    from crawler.scheduling.due import scheduled_sites

    layout = existing_layout(archive)
    now = clock()
    sites = scheduled_sites(layout, find_profiles(configuration(archive).sites), now)
    shown = sites if everything else [one for one in sites if one.is_due(now.now())]
    published = _last_published(layout) if shown else {}
    rows = [
        {
            "site": one.site,
            "due_since": one.due.at if one.due else None,
            "last_published": published.get(one.site),
            "why": one.why(),
        }
        for one in shown
    ]
    write_rows(rows, ("site", "due_since", "last_published", "why"), chosen_format(format, json))
    if not shown:
        typer.echo(_nothing_due(len(sites)), err=True)


def _nothing_due(scheduled: int) -> str:
    if scheduled:
        return f"none of {scheduled:,} sites with a schedule is due; see when each is with: docarchive due --all"
    return 'no profile has a schedule; write one, such as schedule = "daily", into the profiles of your sites'


def _last_published(layout: Layout) -> Mapping[str, datetime]:
    from docarchive import Archive

    with Archive.open(layout.root) as opened:
        sql = (
            "SELECT site, max(\"at\") AS published_at FROM runs WHERE event IN ('published', 'accepted') GROUP BY site"
        )
        return {row["site"]: row["published_at"] for row in opened.query(sql)}


def crawl_due(archive: Path | None, options: DueOptions, *, json: bool) -> int:
    """Crawl every site that is due; return the exit code. See `crawler.scheduling.dispatch`."""
    from crawler.permission import check_contact
    from crawler.profile import find_profiles
    from crawler.scheduling.dispatch import Dispatcher
    from crawler.scheduling.due import Scheduled, scheduled_sites
    from crawler.telling.whom import Whom

    layout = existing_layout(archive)
    settings = configuration(archive)
    options = replace(options, whom=Whom(notify=settings.notify, sites=settings.sites))
    check_contact(options.contact)
    now = clock()

    def scheduled() -> list[Scheduled]:
        return scheduled_sites(layout, find_profiles(settings.sites), now)

    sites = scheduled()
    number = sum(one.is_due(now.now()) for one in sites)
    if not number:
        typer.echo(_nothing_due(len(sites)), err=True)
        return 0
    typer.echo(f"{number:,} of {len(sites):,} sites with a schedule {'is' if number == 1 else 'are'} due", err=True)
    dispatcher = Dispatcher(layout, scheduled, options, now, lambda outcome: _tell(outcome, json))
    code = dispatcher.run()
    outcomes = dispatcher.outcomes.values()
    well = sum(outcome.exit_code == 0 for outcome in outcomes)
    typer.echo(f"{len(outcomes):,} sites: {well:,} done, {len(outcomes) - well:,} to look at or to try again", err=True)
    if code == INTERRUPTED:
        typer.echo("docarchive: interrupted; run the same command again, it goes on where it stopped", err=True)
    return code


def _tell(outcome: Outcome, json: bool) -> None:
    """Say how one site ended: a line for a person, and with *json* one for a program."""
    from docarchive.cli.crawling import summary

    if outcome.run is not None:  # as a worker's JSON has it: the class itself would bring all of reading to memory
        text = summary(outcome.site, cast("CrawlOutcome", SimpleNamespace(**outcome.run))).replace("docarchive: ", "  ")
    else:
        text = f"{outcome.site}: {outcome.reason or 'done'}"
    typer.echo("\n".join(printable(line) for line in text.splitlines()), err=True)
    if json:
        row: dict[str, Any] = {"site": outcome.site, "exit_code": outcome.exit_code, "reason": outcome.reason}
        sys.stdout.buffer.write(json_line({**(outcome.run or {}), **row}))
        sys.stdout.buffer.flush()


class Timer(StrEnum):
    """What calls the command in time."""

    SYSTEMD = "systemd"
    CRON = "cron"


def schedule(
    kind: Annotated[Timer, typer.Option("--print", metavar="systemd|cron", help="For which timer.")],
    archive: ArchiveOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write the units there instead.")
    ] = None,
) -> None:
    """Print units for systemd, or a line for cron, that crawl what is due every ten minutes; all paths are absolute.

    Example: docarchive schedule --print systemd --output /etc/systemd/system
    """
    from docarchive.configuration import configuration_file
    from docarchive.units import DueCommand, cron_line, systemd_units

    layout = existing_layout(archive)
    config = configuration_file(layout.root if archive is None else archive)
    words = (*_program(), "--archive", str(layout.root), "crawl", "--due")
    command = DueCommand(words=words, archive=layout.root, configuration=config.absolute() if config else None)
    if kind is Timer.CRON:
        typer.echo(cron_line(command), nl=False)
        return
    units = systemd_units(command)
    if output is None:
        typer.echo("\n".join(units.values()), nl=False)
        return
    output.mkdir(parents=True, exist_ok=True)
    for name, text in units.items():
        (output / name).write_text(text, encoding="utf-8")
    typer.echo(
        f"{', '.join(units)} written; begin with: systemctl daemon-reload && systemctl enable --now {name}", err=True
    )


def _program() -> tuple[str, ...]:
    """Return the words that start this program from anywhere."""
    script = Path(sys.executable).parent / "docarchive"
    return (str(script),) if script.exists() else (sys.executable, "-m", "docarchive")
