"""Keeping the archive: init, import, verify, rebuild."""

from __future__ import annotations

import secrets
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.asking.plain import json_line
from archive.errors import UsageError
from docarchive.cli.context import ArchiveOption, JsonOption, clock, configuration, existing_layout, named_again
from docarchive.configuration import FILE_NAME, TEMPLATE

if TYPE_CHECKING:
    from archive.site_state.staging import Run

EXAMPLE_PROFILE = """\
# NAME.toml: what is special about one site; the file's name is the site's.
# hosts = ["docs.example"]
# start_urls = ["https://docs.example/list/1.html"]
"""


def add_to(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("import")(import_records)
    app.command("verify")(verify)
    group = typer.Typer(
        help="Make derived parts again.\n\nExample: docarchive rebuild text",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("text")(rebuild_text)
    group.command("state")(rebuild_state)
    group.command("tables")(rebuild_tables)
    group.command("duplicates")(rebuild_duplicates)
    app.add_typer(group, name="rebuild")


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the archive will live.")]) -> None:
    """Make an empty archive, a folder for site profiles and a commented docarchive.toml.

    Example: docarchive init my-archive
    """
    from archive.layout import create

    there = (folder / "archive.json").exists()
    create(folder)
    sites = folder / "sites"
    sites.mkdir(exist_ok=True)
    for path, text in ((folder / FILE_NAME, TEMPLATE), (sites / "README.txt", EXAMPLE_PROFILE)):
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    typer.echo(
        f"{folder} is {'an archive already; nothing was changed' if there else 'ready'}; "
        f"set contact in {folder / FILE_NAME}, then: cd {folder} && docarchive crawl URL",
        err=True,
    )


def import_records(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.jsonl|WARC|WACZ", help="Records (site, doc_id and title are needed), or captured pages."
        ),
    ],
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="The site that captured pages are of; else each page's host.")
    ] = None,
    archive: ArchiveOption = None,
) -> None:
    """Publish records made elsewhere, or pages that another tool captured, as one run; all of the file or nothing.

    Example: docarchive import records.jsonl
    """
    from archive.layout import create
    from archive.maintenance.looking_for_copies import look_now
    from archive.text_index import catch_up_if_free
    from archive.warc.wacz import is_captures

    if not file.is_file():
        what = "is no file" if file.exists() else "is not there"
        raise UsageError(f"{file} {what}; name a file of JSON lines, a WARC or a WACZ")
    settings = configuration(archive)
    layout = create(settings.archive)
    now = clock()

    def new_run_id() -> str:
        return f"{now.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"

    if not is_captures(file):
        from archive.publishing.import_run import import_file

        if site is not None:
            raise UsageError("each record names its own site; leave --site out")
        run = import_file(layout, file, now, new_run_id=new_run_id)
        catch_up_if_free(layout)
        _tell_import(run)
        look_now(layout, now)
        return
    from crawler.import_captures import import_captures
    from crawler.profile import find_profiles, profile_by_name

    profiles = find_profiles(settings.sites)
    named = profile_by_name(site, profiles) or site if site is not None else None
    done = import_captures(layout, file, now, new_run_id=new_run_id, profiles=profiles, site=named)
    catch_up_if_free(layout)
    for reason, number in done.passed_over.most_common():
        typer.echo(f"passed over: {number:,} ({reason})", err=True)
    for text in done.damaged:
        typer.echo(f"{text}; what comes before is imported", err=True)
    _tell_import(done.run, f"{done.pages:,} pages; ")
    look_now(layout, now)
    if done.damaged:
        raise typer.Exit(1)


def _tell_import(run: Run, read: str = "") -> None:
    from archive.site_state.staging import HELD

    counts = run.counts
    if run.status == HELD:
        typer.echo(
            f"import: held; {read}{run.reason}; look at it with: docarchive runs show {run.run_id}{named_again()}",
            err=True,
        )
        raise typer.Exit(1)
    typer.echo(
        f"import: published; {read}{counts['new']:,} new, {counts['changed']:,} changed, {counts['same']:,} same; "
        f"run {run.run_id}",
        err=True,
    )


def rebuild_text(archive: ArchiveOption = None) -> None:
    """Make the text index again from the tables; searches give the same answers, before, meanwhile and after.

    Example: docarchive rebuild text
    """
    from archive.text_index import rebuild

    layout = existing_layout(archive)
    documents = rebuild(layout)
    typer.echo(f"{layout.root}: the text index has {documents:,} documents", err=True)


def rebuild_state(
    site: Annotated[str | None, typer.Argument(metavar="SITE", help="None: every site that was crawled.")] = None,
    archive: ArchiveOption = None,
) -> None:
    """Make a site's state file again from what was published.

    Example: docarchive rebuild state huiwen
    """
    from archive.publishing.rebuild_state import rebuild_state as rebuild
    from docarchive import Archive

    layout = existing_layout(archive)
    with Archive.open(layout.root) as opened:
        published = sorted({row["site"] for row in opened.runs() if row["site"] is not None})
    for each in [site] if site is not None else published:
        counts = rebuild(layout, each, clock())
        typer.echo(f"{each}: {counts['documents']:,} documents and {counts['pages']:,} pages are known again", err=True)


def verify(
    archive: ArchiveOption = None,
    quick: Annotated[bool, typer.Option("--quick", help="Existence, sizes and the chain of runs alone.")] = False,
    since: Annotated[str | None, typer.Option(metavar="RUN", help="What this run and later ones wrote.")] = None,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="Only this site's files.")] = None,
    json: JsonOption = False,
) -> None:
    """Check every file, digest, offset, cross-reference and the chain of runs.

    Example: docarchive verify --quick
    """
    from archive.verifying.verify import verify as check

    layout = existing_layout(archive)
    damaged = 0
    findings = 0
    for finding in check(layout, quick=quick, since=since, site=site):
        findings += 1
        damaged += finding.severity == "damage"
        if json:
            sys.stdout.buffer.write(json_line(asdict(finding)))
        else:
            typer.echo(str(finding))
    sys.stdout.flush()
    if damaged:
        typer.echo(f"{layout.root}: {damaged:,} damaged", err=True)
        raise typer.Exit(1)
    typer.echo(f"{layout.root}: nothing is damaged" + (f", {findings:,} remarks" if findings else ""), err=True)


def rebuild_duplicates(
    archive: ArchiveOption = None,
    learn: Annotated[
        bool, typer.Option("--learn", help="First learn from the copies which words sites put for others.")
    ] = False,
) -> None:
    """Make the index of near-duplicates again; ids of works stay as far as their documents stay together.

    Example: docarchive rebuild duplicates
    """
    from archive.near_duplicates.adopting import learn_and_adopt
    from archive.near_duplicates.catching_up import rebuild

    layout = existing_layout(archive)
    if learn:
        learned = learn_and_adopt(layout, clock())
        typer.echo(f"{layout.root}: {len(learned):,} pairs of words are new", err=True)
    count = rebuild(layout, clock())
    typer.echo(f"{layout.root}: {count:,} documents were looked at", err=True)


def rebuild_tables(archive: ArchiveOption = None) -> None:
    """Make the tables again from the WARC files: runs, captures and sightings exactly, values by today's reader.

    Example: docarchive rebuild tables
    """
    from archive.rebuilding.rebuild import rebuild_tables as rebuild
    from crawler.file_pages import read_any
    from crawler.listed_as import listed_of
    from crawler.profile import find_profiles, profile_by_name
    from crawler.reading import READER
    from crawler.reading.page import Page

    layout = existing_layout(archive)
    profiles = find_profiles(configuration(archive).sites)

    def read(body: bytes, *, site: str | None, metadata: str | None = None, **page: Any) -> Page:
        profile = profile_by_name(site, profiles) if site is not None else None
        hints = profile.hints() if profile else None
        return read_any(body, site=site, hints=hints, listed=listed_of(metadata), **page)

    done = rebuild(layout, clock(), read, READER)
    for text in done.damaged:
        typer.echo(text, err=True)
    for part in done.missing_parts:
        typer.echo(f"not restored, for no WARC file keeps it: {part}", err=True)
    typer.echo(
        f"{layout.root}: {done.runs:,} runs and {done.versions:,} versions restored, "
        f"{done.unreadable:,} of them without values"
        + (f"; the old tables are in {done.old_tables}" if done.old_tables else ""),
        err=True,
    )
    if done.damaged or done.missing_parts:
        raise typer.Exit(1)
