"""Asking the archive: records, show, history, query, search, runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.asking.absence import absent
from archive.asking.plain import cell_text, json_line, plain
from archive.errors import NotFound, UsageError
from docarchive.cli.context import (
    ArchiveOption,
    FormatOption,
    JsonOption,
    OutputOption,
    OverwriteOption,
    archive_before_verb,
    clock,
    configuration,
    existing_layout,
    named_again,
    opened_archive,
    site_and_id,
)
from docarchive.cli.duplicating import caught_up
from docarchive.cli.judgement import print_judgement, without_judgement
from docarchive.cli.output import chosen_format, printable, table_width, write_rows
from docarchive.cli.printing import moment, print_document
from docarchive.cli.printing_difference import print_difference
from docarchive.cli.printing_hits import with_text, write_facets, write_snippets
from docarchive.cli.printing_restored import print_restored
from docarchive.cli.run_report import print_report, run_report
from docarchive.cli.selecting import (
    AsOf,
    AsPublished,
    DocFormat,
    Exact,
    Fields,
    LikeOriginal,
    Limit,
    MaxPages,
    MinPages,
    PublishedFrom,
    PublishedTo,
    Search,
    Site,
    Sort,
    Unique,
    Where,
    field_names,
)

if TYPE_CHECKING:
    from docarchive import Archive

LIST_COLUMNS = ("site", "doc_id", "title", "size_text", "pages", "format", "published_on")
WIDE_COLUMNS = (*LIST_COLUMNS, "version", "last_seen")
WIDE = 120
"""Characters a terminal must be wide to show `WIDE_COLUMNS` with titles one can read."""
COUNTS_SHOWN = ("new", "changed", "same", "failed")
RUN_COLUMNS = ("run_id", "site", "event", "at", *COUNTS_SHOWN, "reason")

LongOutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Write there instead of to standard output.")
]


def add_to(app: typer.Typer) -> None:
    app.command("records")(records)
    app.command("documents", hidden=True)(records)
    app.command("show")(show)
    app.command("history")(history)
    app.command("query")(query)
    # A word to be left out looks like an option: `search` has no short ones, not even -h.
    app.command("search", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})(search)
    group = typer.Typer(
        help="The ledger of runs; without a verb, a list of them.\n\nExample: docarchive runs",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    group.callback()(list_runs)
    group.command("list")(list_all_runs)
    group.command("show")(show_run)
    group.command("log")(run_log)
    group.command("accept")(accept)
    group.command("reject")(reject)
    app.add_typer(group, name="runs")


def records(
    archive: ArchiveOption = None,
    search_text: Search = None,
    exact: Exact = False,
    like_original: LikeOriginal = False,
    where: Where = None,
    site: Site = None,
    doc_format: DocFormat = None,
    published_from: PublishedFrom = None,
    published_to: PublishedTo = None,
    min_pages: MinPages = None,
    max_pages: MaxPages = None,
    as_of: AsOf = None,
    as_published: AsPublished = None,
    unique: Unique = False,
    fields: Fields = None,
    sort: Sort = None,
    limit: Limit = 20,
    format: FormatOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """The newest version of each document.

    Example: docarchive records --site huiwen --published-from 2023-01-01 --limit 5
    """
    with opened_archive(archive) as opened:
        rows = opened.records(
            search=search_text,
            exact=exact or None,
            like_original=like_original or None,
            where=where,
            site=site or None,
            doc_format=doc_format or None,
            published_from=published_from,
            published_to=published_to,
            min_pages=min_pages,
            max_pages=max_pages,
            as_of=as_of,
            as_published=as_published,
            unique=unique or None,
            fields=field_names(fields),
            sort=sort,
            limit=limit,
        )
        _write_selection(rows, fields, chosen_format(format, json, output, overwrite=overwrite), output)


def search(
    text: Annotated[
        list[str], typer.Argument(metavar="TEXT...", help='Space or AND = both, "..." phrase, -word without, OR, ( ).')
    ],
    archive: ArchiveOption = None,
    count: Annotated[bool, typer.Option("--count", help="Print the number of hits alone.")] = False,
    snippets: Annotated[bool, typer.Option("--snippets", help="Show where the words stand in each text.")] = False,
    facets: Annotated[
        bool, typer.Option("--facets", help="Print how the hits are spread over sites, formats, years, tags, flags.")
    ] = False,
    exact: Exact = False,
    like_original: LikeOriginal = False,
    where: Where = None,
    site: Site = None,
    doc_format: DocFormat = None,
    published_from: PublishedFrom = None,
    published_to: PublishedTo = None,
    min_pages: MinPages = None,
    max_pages: MaxPages = None,
    as_of: AsOf = None,
    as_published: AsPublished = None,
    unique: Unique = False,
    fields: Fields = None,
    sort: Sort = None,
    limit: Limit = 20,
    format: FormatOption = None,
    json: JsonOption = False,
    output: LongOutputOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Find documents by words in title, tags and preview text, exactly.

    Example: docarchive search 计生 长效 -草案 --published-from 2023-01-01

    Example: docarchive search 计生 --snippets --limit 5
    """
    for word in text:
        if word.startswith("--"):
            raise UsageError(f"search has no option {word}; see: docarchive search --help")
    ways = [name for name, wanted in (("--count", count), ("--facets", facets), ("--snippets", snippets)) if wanted]
    if len(ways) > 1:
        raise UsageError(f"{' and '.join(ways)} print different things; choose one of them")
    words = " ".join(text)
    asked: dict[str, Any] = {
        "exact": exact or None,
        "like_original": like_original or None,
        "where": where,
        "site": site or None,
        "doc_format": doc_format or None,
        "published_from": published_from,
        "published_to": published_to,
        "min_pages": min_pages,
        "max_pages": max_pages,
        "as_of": as_of,
        "as_published": as_published,
    }
    with opened_archive(archive) as opened:
        if facets:
            write_facets(
                opened.facets(search=words, **asked), chosen_format(format, json, output, overwrite=overwrite), output
            )
            return
        shown = with_text(fields) if snippets else fields
        rows = opened.search(words, **asked, unique=unique or None, fields=shown, sort=sort, limit=limit)
        if count:
            typer.echo(rows.total)
        elif snippets:
            query = opened.words(search=words, exact=exact or None, like_original=like_original or None)
            write_snippets(
                rows, query, field_names(fields), chosen_format(format, json, output, overwrite=overwrite), output
            )
        else:
            _write_selection(rows, fields, chosen_format(format, json, output, overwrite=overwrite), output)


def _listed() -> tuple[str, ...]:
    return WIDE_COLUMNS if table_width() >= WIDE else LIST_COLUMNS


def _write_selection(rows: Any, fields: str | None, form: str, output: Path | None) -> None:
    columns: Sequence[str] = field_names(fields) or (_listed() if form == "table" else rows.columns)
    write_rows(rows, columns, form, output)
    typer.echo(f"{len(rows):,} of {rows.total:,}", err=True)


def show(
    document: Annotated[list[str], typer.Argument(metavar="SITE DOC_ID|SITE/DOC_ID|URL")],
    archive: ArchiveOption = None,
    source: Annotated[
        bool,
        typer.Option("--source", help="Show the captured bytes behind each value, read again."),
    ] = False,
    restored: Annotated[
        bool,
        typer.Option("--restored", help="Show what the text likely was before a site put words of its own into it."),
    ] = False,
    as_of: AsOf = None,
    as_published: AsPublished = None,
    json: JsonOption = False,
) -> None:
    """Print one document: what the site says of it, where that was read, its whole preview text.

    Example: docarchive show huiwen 953365

    Example: docarchive show huiwen 953365 --source

    Example: docarchive show huiwen 953365 --restored
    """
    if restored and source:
        raise UsageError("--source and --restored are two questions; ask one")
    with caught_up(archive) if restored else opened_archive(archive) as opened:
        row = _document(opened, document, as_of=as_of, as_published=as_published)
        if restored:
            made = opened.restored_rows([row])[0]
            if json:
                sys.stdout.buffer.write(json_line(made))
                sys.stdout.buffer.flush()
            else:
                print_restored(made)
            return
        if source:
            from docarchive.cli.printing_source import print_sources
            from docarchive.sources import DAMAGED, sources_of

            found = sources_of(opened, row, configuration(archive).sites)
            print_sources(found, json=json)
            if found.problem == DAMAGED:
                raise typer.Exit(1)
        elif json:
            sys.stdout.buffer.write(json_line(row))
            sys.stdout.buffer.flush()
        else:
            print_document(row)


def _document(opened: Archive, words: list[str], **then: Any) -> Mapping[str, Any]:
    named = site_and_id(words)
    row = opened.get(*named, **then) if isinstance(named, tuple) else opened.get_by_url(named, **then)
    if row is None:
        raise absent(opened, named, then)
    return row


def history(
    document: Annotated[list[str], typer.Argument(metavar="SITE DOC_ID|SITE/DOC_ID|URL")],
    archive: ArchiveOption = None,
    text: Annotated[
        bool, typer.Option("--text", help="Show what changed in the text, word by word: [-gone-]{+new+}.")
    ] = False,
    field: Annotated[
        list[str] | None, typer.Option("--field", metavar="NAME", help="Only changes of this field; repeatable.")
    ] = None,
    as_of: AsOf = None,
    as_published: AsPublished = None,
    format: FormatOption = None,
    json: JsonOption = False,
) -> None:
    """The versions of one document: what changed, why, when first and last seen.

    Example: docarchive history huiwen 953365

    Example: docarchive history huiwen 953365 --text --field preview_text
    """
    with opened_archive(archive) as opened:
        then: dict[str, Any] = {"as_of": as_of, "as_published": as_published}
        row = _document(opened, document, **then)
        versions = opened.history(row["site"], row["doc_id"], field=field or None, text=text, **then)
        form = chosen_format(format, json)
        if form != "table":
            write_rows(versions, ("version", "cause", "first_seen", "last_seen", "changes"), form)
            return
        for version in versions:
            typer.echo(
                f"version {version['version']}  {moment(version['first_seen'])} to {moment(version['last_seen'])}"
                f"  made by {version['cause']}"
            )
            for name in (field or ()) if version is versions[0] else ():
                typer.echo(f"  {name}: {_brief(version[name])}")
            for change in version["changes"]:
                if "segments" in change:
                    print_difference(change)
                    continue
                before, after = _brief(change["from"]), _brief(change["to"])
                typer.echo(f"  {change['field']}: {before} -> {after}")
        if row["withdrawn_at"] is not None:
            typer.echo(f"withdrawn  {moment(row['withdrawn_at'])}")


def _brief(value: Any) -> str:
    text = printable(" ".join(cell_text(value).split())) if value not in (None, [], {}, "") else "nothing"
    return text if len(text) <= 80 else text[:79] + "…"


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT, a .sql file, or - for standard input.")],
    archive: ArchiveOption = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--param", metavar="NAME VALUE", help="Value of $NAME in the SQL; repeatable."),
    ] = None,
    format: FormatOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Answer one SELECT over documents, versions, sightings, runs, captures, decisions, coverage.

    Example: docarchive query "SELECT site, count(*) FROM documents GROUP BY site"
    """
    from archive.asking.memory_bound import bound_memory

    bound_memory()
    with opened_archive(archive) as opened:
        rows = opened.query(_sql(sql), _parameters(parameter or []))
        write_rows(rows, rows.columns, chosen_format(format, json, output, overwrite=overwrite), output)


def _sql(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if text.endswith(".sql"):
        try:
            return Path(text).read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{text} cannot be read ({error.strerror}); name a file with one SELECT") from error
    return text


def joined_parameters(words: Sequence[str]) -> list[str]:
    """Return the words of a command with `-p NAME VALUE` of `query` as `-p NAME=VALUE`.

    Typer has no option that takes two values and may be repeated.
    """
    if "query" not in words:
        return list(words)
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        joined.append(word)
        if word in ("-p", "--param"):
            name = next(rest, None)
            value = next(rest, None) if name is not None and "=" not in name else None
            joined += [part for part in (f"{name}={value}" if value is not None else name,) if part is not None]
    return joined


def _parameters(words: list[str]) -> dict[str, str] | None:
    values = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"-p {word}: write -p NAME VALUE, and $NAME in the SQL")
        values[name] = value
    return values or None


def list_runs(
    context: typer.Context, archive: ArchiveOption = None, format: FormatOption = None, json: JsonOption = False
) -> None:
    """List what happened to each run.

    Example: docarchive runs
    """
    if context.invoked_subcommand is None:
        list_all_runs(archive, format, json)
    elif archive is not None:
        archive_before_verb(archive)


def list_all_runs(archive: ArchiveOption = None, format: FormatOption = None, json: JsonOption = False) -> None:
    """List what happened to each run.

    Example: docarchive runs list --json
    """
    with opened_archive(archive) as opened:
        rows = opened.runs()
        form = chosen_format(format, json)
        if form == "table":
            write_rows(({**row, **_shown_counts(row)} for row in rows), RUN_COLUMNS, form)
        else:
            write_rows(rows, rows.columns, form)


def _shown_counts(row: Mapping[str, Any]) -> dict[str, int | None]:
    counts = row["counts"] or {}
    return {name: counts.get(name) for name in COUNTS_SHOWN}


def show_run(
    run_id: Annotated[str, typer.Argument(metavar="RUN")], archive: ArchiveOption = None, json: JsonOption = False
) -> None:
    """Print the report of a run, then all that the ledger says of it; as JSON the ledger's rows.

    Example: docarchive runs show 20261123T153000Z-a1b2c3
    """
    with opened_archive(archive) as opened:
        events = [row for row in opened.runs() if row["run_id"] == run_id]
        layout = opened.layout
    report = None if json else run_report(layout, run_id)
    if not events and report is None:
        raise NotFound(f"no run {run_id} in the ledger; list runs with: docarchive runs")
    if json:
        write_rows(events, list(events[0]), "jsonl")
        return
    if report is not None:
        print_report(layout, report)
    for event in events:
        judgement, shown_event = without_judgement(event)
        for name, value in shown_event.items():
            shown = plain(value)
            for part in [f"{key}: {each}" for key, each in shown.items()] if isinstance(shown, dict) else [shown]:
                if part not in (None, "", []):
                    typer.echo(printable(f"{name:<16} {part}"))
        if event["event"] == "held":
            print_judgement(judgement)
        typer.echo("")
    if events and events[-1]["event"] == "held":
        run = f"{run_id}{named_again()}"
        typer.echo(f"publish it with: docarchive runs accept {run}")
        typer.echo(f"or drop its records with: docarchive runs reject {run}")


def run_log(run_id: Annotated[str, typer.Argument(metavar="RUN")], archive: ArchiveOption = None) -> None:
    """Print the log of a run.

    Example: docarchive runs log 20261123T153000Z-a1b2c3
    """
    layout = existing_layout(archive)
    path = layout.logs / f"{run_id}.log"
    if "/" in run_id or not path.is_file():
        raise NotFound(f"no log of run {run_id}; list runs with: docarchive runs")
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            typer.echo(line, nl=False)


def accept(run_id: Annotated[str, typer.Argument(metavar="RUN")], archive: ArchiveOption = None) -> None:
    """Publish a run that was held back.

    Example: docarchive runs accept 20261123T153000Z-a1b2c3
    """
    from archive.maintenance.looking_for_copies import look_now
    from archive.publishing.held import accept_run
    from archive.text_index import catch_up_if_free

    layout = existing_layout(archive)
    accept_run(layout, run_id, clock())
    catch_up_if_free(layout)
    typer.echo(f"run {run_id} is published", err=True)
    look_now(layout, clock())


def reject(
    run_id: Annotated[str, typer.Argument(metavar="RUN")],
    archive: ArchiveOption = None,
    reason: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "rejected by a person",
) -> None:
    """Drop the records of a run that was held back.

    Example: docarchive runs reject 20261123T153000Z-a1b2c3 --reason "template changed"
    """
    from archive.publishing.held import reject_run

    reject_run(existing_layout(archive), run_id, reason, clock())
    typer.echo(f"run {run_id} is dropped", err=True)
