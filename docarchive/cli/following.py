"""`changes`: what happened since a place in the ledger, and standing questions."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive import durable
from archive.asking.plain import json_line, plain
from archive.errors import MachineTrouble, UsageError
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
from docarchive.cli.selecting import (
    AsPublished,
    DocFormat,
    Fields,
    Limit,
    MaxPages,
    MinPages,
    PublishedFrom,
    PublishedTo,
    Search,
    Site,
    Where,
)

if TYPE_CHECKING:
    from archive.over_time.changes import Changes

TABLE_COLUMNS = ("at", "event", "site", "doc_id", "title", "changed")
SHORT = 24
"""Characters of a value that a table shows of what changed."""

AFTER_OUTPUT = "changes:told"
"""Where a test can end the process: what was told has reached whom it is for, and nothing is remembered yet."""


def add_to(app: typer.Typer) -> None:
    app.command("changes")(changes)


def changes(
    archive: ArchiveOption = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="CURSOR|RUN|TIME", help="From there on; else from the beginning.")
    ] = None,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="NAME", help="Go on where NAME stopped, and remember.")
    ] = None,
    cause: Annotated[
        list[str] | None,
        typer.Option(
            "--cause", metavar="site|reader|import", help="Only what has this cause; repeatable [site and import]."
        ),
    ] = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Call the notify command with what there is, instead of printing it.")
    ] = False,
    show_cursor: Annotated[
        bool, typer.Option("--show-cursor", help="Print where to go on as the last line of the output, too.")
    ] = False,
    search_text: Search = None,
    where: Where = None,
    site: Site = None,
    doc_format: DocFormat = None,
    published_from: PublishedFrom = None,
    published_to: PublishedTo = None,
    min_pages: MinPages = None,
    max_pages: MaxPages = None,
    as_published: AsPublished = None,
    fields: Fields = None,
    limit: Limit = 0,
    format: FormatOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """What was added, changed, withdrawn and returned, in the order in which it could be seen here.

    A selection tells only of documents that match now. Where to go on stands on standard error.

    Example: docarchive changes --cursor nightly

    Example: docarchive changes --search 计生 --since 2026-03-01
    """
    question: dict[str, Any] = {
        "search": search_text,
        "where": where,
        "site": site or None,
        "doc_format": doc_format or None,
        "published_from": published_from,
        "published_to": published_to,
        "min_pages": min_pages,
        "max_pages": max_pages,
        "cause": cause or None,
    }
    question = {name: value for name, value in question.items() if value is not None}
    command = configuration(archive).notify
    if notify and command is None:
        raise UsageError('there is no notify command; name one in docarchive.toml: notify = "/usr/local/bin/tell-me"')
    prints = not notify or format is not None or json or output is not None
    form = chosen_format(format, json, output, overwrite=overwrite) if prints else None
    if show_cursor and form not in ("jsonl", "table"):
        raise UsageError("--show-cursor adds a line to jsonl or a table; in other forms it stands on standard error")
    layout = existing_layout(archive)
    with ExitStack() as stack:
        named = None
        place: Any = since
        if cursor is not None:
            from archive.over_time.named_cursors import held

            named = stack.enter_context(held(layout, cursor))
            place = since if since is not None else named.recall(question)
        from docarchive import Archive

        opened = stack.enter_context(Archive.open(layout.root))

        def ask(fields: str | None) -> Changes:
            return opened.changes(place, fields=fields, limit=limit, as_published=as_published, **question)

        found = ask(fields)
        if form is not None:
            _write(found, form, output, show_cursor=show_cursor)
        if notify and found:
            from crawler.telling.standing import MOST_LINES, tell_changes

            assert command is not None
            trouble = tell_changes(
                layout,
                command,
                name=cursor,
                question=question,
                count=len(found),
                first=list(islice(ask(None), MOST_LINES)),
                since=None if place is None else str(place),
                cursor=str(found.cursor),
                at=clock().now(),
                command=_again(place, question),
            )
            if trouble is not None:
                raise MachineTrouble(
                    f"the notify command failed ({trouble}); correct it, the next call tells this again"
                )
        durable.point(AFTER_OUTPUT)
        if named is not None:
            named.remember(found.cursor, question)
        if not notify:
            typer.echo(_ending(found, cursor, question), err=True)


def _write(found: Changes, form: str, output: Path | None, *, show_cursor: bool) -> None:
    """Write the changes where they belong, so that they are there whatever happens next."""
    if form == "table":
        write_rows(map(_shown, found), TABLE_COLUMNS, form, output)
    elif show_cursor:
        write_rows(_with_cursor(found), found.columns, form, output)
    else:
        write_rows(found, found.columns, form, output)
    if form == "table" and show_cursor:
        typer.echo(f"cursor: {found.cursor}")
    sys.stdout.flush()
    if output is not None:
        durable.fsync_file(output)


def _with_cursor(found: Changes) -> Iterator[Mapping[str, Any]]:
    yield from found
    yield {"cursor": str(found.cursor)}


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    changed = [f"{c['field']} {_short(c['from'])} -> {_short(c['to'])}" for c in row.get("changes") or ()]
    return {**row, "changed": ", ".join(changed) or row.get("reason")}


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else json_line({"": plain(value)})[4:-2].decode()
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def _ending(found: Changes, name: str | None, question: Mapping[str, Any]) -> str:
    count, total = len(found), found.total
    of_all = f" of {total:,}" if count < total else ""
    counted = f"{count:,}{of_all} change{'' if total == 1 else 's'}"
    if name is not None:
        return f"{counted}; cursor {name} is now {found.cursor}"
    return f"{counted}; go on with: {_again(found.cursor, question)}"


def _again(place: Any, question: Mapping[str, Any]) -> str:
    """Return the command that asks the same question from *place* on."""
    words = ["docarchive", "changes", *(() if place is None else ("--since", str(place)))]
    for name, value in question.items():
        for each in value if isinstance(value, list) else [value]:
            words += [f"--{name.replace('_', '-')}", str(each)]
    return shlex.join(words) + named_again()
