"""`sites`: the profiles, and what would be read of a site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.errors import NotFound
from docarchive.cli.context import ArchiveOption, FormatOption, JsonOption, clock, configuration
from docarchive.cli.output import chosen_format, write_rows

if TYPE_CHECKING:
    from crawler.profile import SiteProfile

TRY_DOCUMENTS = 3
"""Documents that `sites try` reads: enough to see whether the pages are understood."""


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Profiles of sites.", invoke_without_command=True, rich_markup_mode=None)
    group.callback()(list_sites)
    group.command("show")(show)
    group.command("check")(check)
    group.command("try")(try_site)
    app.add_typer(group, name="sites")


def list_sites(
    context: typer.Context, archive: ArchiveOption = None, format: FormatOption = None, json: JsonOption = False
) -> None:
    """List the profiles.

    Example: docarchive sites
    """
    if context.invoked_subcommand is not None:
        return
    from crawler.profile import find_profiles

    profiles = find_profiles(configuration(archive).sites)
    rows = [
        {"name": p.name, "hosts": sorted(p.all_hosts()), "start_urls": list(p.start_urls), "schedule": p.schedule}
        for p in profiles.values()
    ]
    write_rows(rows, ("name", "hosts", "start_urls", "schedule"), chosen_format(format, json))


def show(name: Annotated[str, typer.Argument(metavar="SITE")], archive: ArchiveOption = None) -> None:
    """Print what a profile says.

    Example: docarchive sites show huiwen
    """
    from dataclasses import fields

    profile = _profile(name, archive)
    for each in fields(profile):
        value = getattr(profile, each.name)
        if value not in (None, (), {}):
            typer.echo(f"{each.name} = {_toml(value)}")


def check(
    name: Annotated[str, typer.Argument(metavar="SITE_OR_FILE", help="A profile's name or its file.")],
    archive: ArchiveOption = None,
) -> None:
    """Say whether a profile is sound.

    Example: docarchive sites check sites/mysite.toml
    """
    from crawler.profile import load_profile

    profile = load_profile(Path(name)) if name.endswith(".toml") else _profile(name, archive)
    typer.echo(f"{profile.name}: sound")


def try_site(
    site_or_url: Annotated[str, typer.Argument(metavar="SITE_OR_URL")],
    archive: ArchiveOption = None,
    start: Annotated[list[str] | None, typer.Option(metavar="URL")] = None,
    allow_host: Annotated[list[str] | None, typer.Option(metavar="HOST:PORT")] = None,
    contact: Annotated[str | None, typer.Option(metavar="MAIL_OR_URL")] = None,
    delay: Annotated[float | None, typer.Option(min=0, metavar="SECONDS")] = None,
) -> None:
    """Fetch a few pages, show what would be read, print a profile to save; nothing is stored.

    Example: docarchive sites try https://docs.example/list/1.html --contact mailto:you@example.org
    """
    import tempfile

    from crawler import run
    from docarchive import Archive
    from docarchive.cli.asking import print_document
    from docarchive.cli.crawling import _demand_contact, resolve, summary

    settings = configuration(archive)
    profile, site, start_urls = resolve(site_or_url, tuple(start or ()), settings.sites)
    hosts = tuple(allow_host or ())
    contact = contact or settings.contact
    _demand_contact(start_urls, hosts, contact)
    with tempfile.TemporaryDirectory(prefix="docarchive-try-") as folder:
        request = run.CrawlRequest(
            archive=Path(folder) / "data",
            profile=profile,
            site=site,
            start_urls=start_urls,
            max_documents=TRY_DOCUMENTS,
            max_requests=TRY_DOCUMENTS * 3,
            allow_hosts=hosts,
            contact=contact,
            delay_seconds=delay,
        )
        outcome = run.crawl(request, clock())
        typer.echo(summary(site, outcome), err=True)
        if outcome.event == "published":
            with Archive.open(request.archive) as found:
                for row in found.records():
                    print_document(row, preview_characters=200)
                    typer.echo("")
    if profile is None:
        typer.echo(f"# Save as sites/{_file_name(site)}.toml and check it: docarchive sites check")
        typer.echo(f"hosts = {_toml((site,))}")
        typer.echo(f"start_urls = {_toml(start_urls)}")
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


def _profile(name: str, archive: Path | None) -> SiteProfile:
    from crawler.profile import find_profiles

    profiles = find_profiles(configuration(archive).sites)
    if name not in profiles:
        raise NotFound(f"no profile named {name!r}; list them with: docarchive sites")
    return profiles[name]


def _file_name(site: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in site.lower()).strip("-")


def _toml(value: object) -> str:
    import json

    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    items = dict(value).items()  # type: ignore[call-overload]
    return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in items) + "}"
