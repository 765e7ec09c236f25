"""Copies of one work: duplicates, duplicates show."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.asking.plain import json_line
from archive.errors import NotFound, SiteBusy
from docarchive.cli.context import (
    ArchiveOption,
    FormatOption,
    JsonOption,
    OutputOption,
    OverwriteOption,
    clock,
    existing_layout,
    site_and_id,
)
from docarchive.cli.output import chosen_format, printable, write_rows
from docarchive.cli.printing import moment
from docarchive.cli.printing_difference import print_difference

if TYPE_CHECKING:
    from docarchive import Archive


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Works that have several copies; without a verb, a list of them.\n\nExample: docarchive duplicates",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    group.callback()(duplicates)
    group.command("show")(show)
    group.command("pairs")(pairs)
    app.add_typer(group, name="duplicates")


def duplicates(
    context: typer.Context,
    archive: ArchiveOption = None,
    format: FormatOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """List works that have several copies; with --json the work of every document.

    Example: docarchive duplicates --json
    """
    if context.invoked_subcommand is not None:
        return
    with caught_up(archive) as opened:
        if json or format == "jsonl":
            rows = opened.query("SELECT site, doc_id, work_id FROM documents ORDER BY site, doc_id")
            write_rows(rows, rows.columns, chosen_format(format, json, output, overwrite=overwrite), output)
            return
        rows = opened.duplicates()
        write_rows(rows, rows.columns, chosen_format(format, json, output, overwrite=overwrite), output)


def caught_up(archive: Path | None) -> Archive:
    """Return the archive, opened, once every copy is known that can be."""
    from archive.near_duplicates.catching_up import catch_up
    from docarchive import Archive

    layout = existing_layout(archive)
    try:
        catch_up(layout, clock())
    except SiteBusy as busy:
        typer.echo(f"{busy}; what follows may lack the newest", err=True)
    return Archive.open(layout.root)


def show(
    work: Annotated[list[str], typer.Argument(metavar="WORK|SITE DOC_ID|SITE/DOC_ID|URL")],
    archive: ArchiveOption = None,
    text: Annotated[
        bool, typer.Option("--text", help="Show how each copy's text differs from the best one's, word by word.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """The copies of a work: where each was seen, what ties it to the others, how its text differs.

    Example: docarchive duplicates show huiwen 953365 --text
    """
    with caught_up(archive) as opened:
        from archive.near_duplicates.showing import shown_work

        shown = shown_work(opened, _work_id(opened, work), text=text)
    if json:
        sys.stdout.buffer.write(json_line(shown))
        sys.stdout.buffer.flush()
        return
    _print(shown)


def pairs(
    archive: ArchiveOption = None,
    format: FormatOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """The words that count as one when texts are compared, with the evidence for each pair.

    Example: docarchive duplicates pairs
    """
    from archive.near_duplicates.pairs_in_force import LEARNED_SQL, with_learned
    from docarchive import Archive

    with Archive.open(existing_layout(archive).root) as opened:
        table = with_learned(opened.query(LEARNED_SQL))
    rows = [asdict(pair) | {"tables": list(pair.tables)} for pair in table.pairs]
    write_rows(
        rows,
        ("original", "replacement", "tables", "evidence"),
        chosen_format(format, json, output, overwrite=overwrite),
        output,
    )
    typer.echo(f"{len(rows):,} pairs; version {table.version}", err=True)


def _work_id(opened: Archive, words: list[str]) -> str:
    if len(words) == 1:
        found = opened.query("SELECT 1 FROM documents WHERE work_id = $work LIMIT 1", {"work": words[0]})
        if len(found):
            return words[0]
    named = site_and_id(words)
    row = opened.get(*named) if isinstance(named, tuple) else opened.get_by_url(named)
    if row is None:
        raise NotFound(f"no work or document {' '.join(words)}; list works with: docarchive duplicates")
    return str(row["work_id"])


def _print(shown: dict[str, Any]) -> None:
    number = len(shown["members"])
    typer.echo(f"{printable(shown['work_id'])}: {number:,} {'copy' if number == 1 else 'copies'}")
    for member in shown["members"]:
        mangled = [f"mangled by {member['mangled_by']}"] if member["mangled_by"] else []
        marks = "".join(f"  {mark}" for mark in [*member["marks"], *mangled])
        name = f"{member['site']}/{member['doc_id']}"
        typer.echo(f"  {printable(name)}  {printable(member['title'] or '')}{marks}")
        typer.echo(f"    seen from {moment(member['first_seen'])}, {member['characters']:,} characters")
    for edge in shown["edges"]:
        told = ", ".join(f"{name} {value}" for name, value in edge["evidence"].items() if value)
        typer.echo(f"  {edge['weight']:+.2f}  {printable(edge['one'])} - {printable(edge['other'])}: {told}")
    for difference in shown["differences"]:
        print_difference(difference)
