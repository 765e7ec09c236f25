"""`reread`: archived pages read again with today's readers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from archive.errors import UsageError
from docarchive.cli.context import (
    ArchiveOption,
    FormatOption,
    JsonOption,
    OutputOption,
    OverwriteOption,
    clock,
    configuration,
    existing_layout,
    named_again,
)
from docarchive.cli.output import chosen_format, write_rows

if TYPE_CHECKING:
    from crawler.rereading.reread import RereadOutcome

COLUMNS = ("site", "difference", "name", "documents", "gained", "lost", "examples")
TABLE_COLUMNS = (*COLUMNS[:-1], "example")
SENTENCES = 5
"""Damaged captures that are named; `verify` names all."""


def add_to(app: typer.Typer) -> None:
    app.command("reread")(reread)


def reread(
    site: Annotated[list[str] | None, typer.Option("--site", metavar="SITE", help="Only of this site.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Read every capture, not the newest of each document alone.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Publish what differs as a run of its site; heal runs that are held.")
    ] = False,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="Read this held run again, judge it anew, publish it if it passes."),
    ] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, max=256, metavar="N", help="Read so many at a time [cores].")
    ] = None,
    archive: ArchiveOption = None,
    format: FormatOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Read archived captures with today's readers and print what would differ, field by field; nothing is fetched.

    Example: docarchive reread --site huiwen

    Example: docarchive reread --site huiwen --apply
    """
    from archive.maintenance.looking_for_copies import look_now
    from archive.text_index import catch_up_if_free
    from crawler.profile import find_profiles
    from crawler.rereading import reread as rereading

    if run is not None and (site or every or apply):
        raise UsageError("a held run is read again whole, and published if it passes; leave --site, --all, --apply out")
    form = chosen_format(format, json, output, overwrite=overwrite)
    layout = existing_layout(archive)
    with _progress() as progress:
        request = rereading.RereadRequest(
            layout=layout,
            profiles=find_profiles(configuration(archive).sites),
            sites=tuple(dict.fromkeys(site or ())),
            every=every,
            apply=apply,
            processes=processes,
            progress=progress,
        )
        if run is not None:
            outcomes = [rereading.heal(request, run, clock())]
        else:
            outcomes = list(rereading.reread(request, clock()))
    if any(outcome.event == "published" for outcome in outcomes):
        catch_up_if_free(layout)
        look_now(layout, clock())
    rows = [row for outcome in outcomes for row in _rows(outcome)]
    if form == "table":
        rows = [{**row, "example": _example(row)} for row in rows]
    if rows or form != "table":
        write_rows(rows, TABLE_COLUMNS if form == "table" else COLUMNS, form, output)
    for outcome in outcomes:
        _tell(outcome, apply=apply, every=every)
    code = max((outcome.exit_code for outcome in outcomes), default=0)
    if code:
        raise typer.Exit(code)


def _rows(outcome: RereadOutcome) -> Iterator[dict[str, Any]]:
    for found in outcome.differences:
        yield {
            "site": outcome.site,
            "difference": found.kind,
            "name": found.name,
            "documents": found.documents,
            "gained": found.gained,
            "lost": found.lost,
            "examples": found.examples,
        }


def _example(row: dict[str, Any]) -> str:
    first = row["examples"][0]
    return f"{first['doc_id']}: {_value(first['before'])} -> {_value(first['after'])}"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _tell(outcome: RereadOutcome, *, apply: bool, every: bool) -> None:
    """Say in a line what became of a site, and what to type next."""
    site = outcome.site
    if outcome.busy:
        typer.echo(f"{site}: left out; {outcome.reason}", err=True)
        return
    speed = f" ({outcome.pages / outcome.elapsed_seconds:,.0f} pages/s)" if outcome.elapsed_seconds else ""
    resumed = " (resumed)" if outcome.resumed else ""
    read = f"{outcome.pages:,} pages read{speed}, {len(outcome.differences):,} documents differ"
    if outcome.healed:
        read = f"{outcome.pages:,} pages of run {outcome.run_id} read again{speed}"
    if outcome.event == "published":
        end = f"published; run {outcome.run_id}"
    elif outcome.event == "held":
        end = f"held: {outcome.reason}; look at it with: docarchive runs show {outcome.run_id}{named_again()}"
    elif apply:
        end = "nothing to publish"
    elif len(outcome.differences):
        end = f"nothing was stored; publish it with: docarchive reread --site {site}{' --all' * every} --apply"
    else:
        end = "nothing was stored"
    typer.echo(f"{site}: {read}{resumed}; {end}", err=True)
    for run_id in outcome.held_runs:
        typer.echo(f"{site}: run {run_id} is held; read it again with: docarchive reread --run {run_id}", err=True)
    _tell_damaged(outcome.damaged)


def _tell_damaged(sentences: Iterable[str]) -> None:
    named = list(sentences)
    for sentence in named[:SENTENCES]:
        typer.echo(f"docarchive: {sentence}", err=True)
    if len(named) > SENTENCES:
        typer.echo(f"docarchive: and {len(named) - SENTENCES:,} more captures that cannot be read", err=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.total:,} pages"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=1)
        yield lambda site, read, pages: bar.update(task, description=site, completed=read, total=max(1, pages))
