"""`sites remap`: a site that numbered its documents anew, or moved."""

from __future__ import annotations

from typing import Annotated

import typer

from docarchive.cli.context import ArchiveOption, FormatOption, JsonOption, clock, configuration, existing_layout
from docarchive.cli.output import chosen_format, write_rows


def remap(
    old: Annotated[str, typer.Argument(metavar="OLD", help="What the site is called in the archive.")],
    new: Annotated[
        str | None, typer.Argument(metavar="NEW", help="What it is called since it moved; nothing: the same.")
    ] = None,
    archive: ArchiveOption = None,
    run: Annotated[str | None, typer.Option(metavar="RUN", help="The held run; else the newest.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write it down; else it is only shown.")] = False,
    format: FormatOption = None,
    json: JsonOption = False,
) -> None:
    """Match the documents of a held run with those the archive has, by text and title, so that histories go on.

    Example: docarchive sites remap huiwen --apply
    """
    from archive.errors import UsageError
    from archive.publishing.remap import remap as matching
    from archive.site_state.names import present_names, rename
    from crawler.profile import find_profiles, profile_by_name

    layout = existing_layout(archive)
    profile = profile_by_name(new or old, find_profiles(configuration(archive).sites))
    site = profile.name if profile is not None else (new or old)
    now = clock()
    if old != site and present_names(layout).get(old) != site:
        if not apply:
            raise UsageError(
                f'{old} and {site} are two sites so far; make them one with former_names = ["{old}"] in the profile '
                f"of {site}, or by: docarchive sites remap {old} {site} --apply"
            )
        rename(layout, old, site, now)
    found = matching(layout, site, now, run_id=run, apply=apply)
    rows = [
        {"old_id": one.old_id, "new_id": one.new_id, "title": one.title, "evidence": one.evidence}
        for one in found.matches
    ]
    write_rows(rows, ("old_id", "new_id", "title", "evidence"), chosen_format(format, json))
    typer.echo(
        f"run {found.run_id}: {len(found.matches):,} documents matched, {len(found.new):,} are like no old one, "
        f"{found.missing:,} old ones are not in it",
        err=True,
    )
    if apply:
        typer.echo(f"written; publish it with: docarchive runs accept {found.run_id}", err=True)
    elif found.matches:
        typer.echo("nothing was changed; write it down with --apply", err=True)
