"""`sites`: the profiles, and what would be read of a site."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.asking.plain import json_line
from archive.errors import NotFound
from docarchive.cli.context import (
    ArchiveOption,
    FormatOption,
    JsonOption,
    archive_before_verb,
    clock,
    configuration,
)
from docarchive.cli.output import chosen_format, printable, write_rows
from docarchive.cli.pausing import pause
from docarchive.cli.printing import print_read
from docarchive.cli.remapping import remap

if TYPE_CHECKING:
    from crawler.profile import SiteProfile


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Profiles of sites; without a verb, a list of them.\n\nExample: docarchive sites",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    group.callback()(sites)
    group.command("list")(list_sites)
    group.command("show")(show)
    group.command("check")(check)
    group.command("try")(try_site)
    group.command("pause")(pause)
    group.command("remap")(remap)
    app.add_typer(group, name="sites")


def sites(
    context: typer.Context, archive: ArchiveOption = None, format: FormatOption = None, json: JsonOption = False
) -> None:
    """Profiles of sites; without a verb, a list of them.

    Example: docarchive sites
    """
    if context.invoked_subcommand is None:
        list_sites(archive, format, json)
    elif archive is not None:
        archive_before_verb(archive)


def list_sites(archive: ArchiveOption = None, format: FormatOption = None, json: JsonOption = False) -> None:
    """List the profiles.

    Example: docarchive sites list --json
    """
    from crawler.profile import find_profiles

    profiles = find_profiles(configuration(archive).sites)
    rows = [
        {"name": one.name, "hosts": one.hosts, "start_urls": one.start_urls, "file": str(one.file)}
        for one in profiles.values()
    ]
    write_rows(rows, ("name", "hosts", "start_urls", "file"), chosen_format(format, json))


def show(
    name: Annotated[str, typer.Argument(metavar="SITE")], archive: ArchiveOption = None, json: JsonOption = False
) -> None:
    """Print what a profile says: its file as it is, or with --json every key with its value in force.

    Example: docarchive sites show huiwen
    """
    from crawler.profile import PROFILE_KEYS

    profile = _profile(name, archive)
    if json:
        sys.stdout.buffer.write(json_line({key: _plain(getattr(profile, key)) for key in PROFILE_KEYS}))
    elif profile.file is not None:
        typer.echo(f"# {profile.file}")
        typer.echo(profile.file.read_text(encoding="utf-8"), nl=False)


def _plain(value: Any) -> Any:
    """Return what a key of a profile holds as JSON knows it."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value


def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="SITE_OR_FILE...", help="Profiles' names or files; none: all.")
    ] = None,
    archive: ArchiveOption = None,
) -> None:
    """Say whether profiles are sound: every key known, every value in range, no name or host claimed by two.

    Example: docarchive sites check sites/mysite.toml
    """
    from crawler.conflicts import conflicts
    from crawler.errors import ProfileError
    from crawler.profile import load_profile, profile_files

    files = profile_files(configuration(archive).sites)
    mistakes = 0
    sound = {}
    for name in names or list(files):
        path = Path(name) if name.endswith(".toml") else files.get(name)
        if path is None:
            raise NotFound(f"no profile named {name!r}; list them with: docarchive sites")
        try:
            profile = load_profile(path)
        except ProfileError as error:
            mistakes += 1
            typer.echo(f"docarchive: {error}", err=True)
        else:
            sound[profile.name] = profile
            typer.echo(f"{profile.name}: sound ({path})")
    others = {}
    for name, path in files.items():
        with suppress(ProfileError):  # told of above, if it was asked for
            others[name] = load_profile(path)
    for name, problem in conflicts({**others, **sound}):
        if name in sound:
            mistakes += 1
            typer.echo(f"docarchive: {sound[name].file}: {problem}", err=True)
    if mistakes:
        raise typer.Exit(ProfileError.exit_code)


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
    from crawler.permission import check_allowed
    from docarchive.targets import resolve

    settings = configuration(archive)
    target = resolve(site_or_url, tuple(start or ()), settings.sites)
    check_allowed(target.start_urls, None, contact or settings.contact, tuple(allow_host or ()))

    from docarchive.proposal import proposed_profile
    from docarchive.trial import TRY_DOCUMENTS, trial

    with trial(
        target,
        clock(),
        contact=contact or settings.contact,
        allow_hosts=tuple(allow_host or ()),
        delay_seconds=delay,
        max_documents=TRY_DOCUMENTS,
        max_requests=TRY_DOCUMENTS * 3,
    ) as tried:
        pages = list(tried.pages())
        for page in pages:
            typer.echo(printable(f"{page.page_type} ({page.reason}): {page.url}"))
            print_read(page)
        if target.profile is None:
            name = _file_name(target.site)
            typer.echo(f"# Save this as {name}.toml in the sites folder, then: docarchive sites check {name}")
            typer.echo(proposed_profile(name, target.site, target.start_urls, pages, clock().now()), nl=False)
        if tried.outcome.exit_code:
            typer.echo(f"docarchive: {tried.outcome.reason}", err=True)
            raise typer.Exit(tried.outcome.exit_code)


def _profile(name: str, archive: Path | None) -> SiteProfile:
    from crawler.profile import find_profiles, profile_by_name

    profile = profile_by_name(name, find_profiles(configuration(archive).sites))
    if profile is None:
        raise NotFound(f"no profile named {name!r}; list them with: docarchive sites")
    return profile


def _file_name(site: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in site.lower()).strip("-")
