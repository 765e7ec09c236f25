"""`sites pause`: a site that is not to be crawled for a while, and why."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from archive.clock import instant_text
from archive.errors import UsageError
from docarchive.cli.context import ArchiveOption, clock, configuration, existing_layout


def pause(
    name: Annotated[str, typer.Argument(metavar="SITE")],
    archive: ArchiveOption = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; shown wherever the site is missed.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Until then, as in 2026-05-01 or 2026-05-01T08:00:00Z.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="End the pause.")] = False,
) -> None:
    """Pause a site: `crawl --due` leaves it out, `crawl SITE` refuses without --force, `status` tells the reason.

    Example: docarchive sites pause huiwen --reason "the owner asked for quiet" --until 2026-05-01
    """
    from archive.site_state import pauses
    from crawler.profile import find_profiles, profile_by_name

    layout = existing_layout(archive)
    profile = profile_by_name(name, find_profiles(configuration(archive).sites))
    site = profile.name if profile is not None else name
    if resume:
        if reason is not None or until is not None:
            raise UsageError("--resume ends a pause; leave --reason and --until out")
        there = pauses.resume(layout, site)
        typer.echo(f"{site} is crawled again" if there else f"{site} was not paused; nothing was changed", err=True)
        return
    if profile is None and site not in layout.sites_with_state():
        raise UsageError(f"no profile named {name!r} and nothing crawled so; list the profiles with: docarchive sites")
    if not reason or not reason.isprintable():
        raise UsageError("say why the site is paused, in one line: --reason TEXT")
    now = clock().now()
    end = _instant(until) if until is not None else None
    if end is not None and end <= now:
        raise UsageError(f"--until {until} is past; name a later day")
    pauses.pause(layout, site, reason, now, end)
    typer.echo(f"{site} is paused{f' until {instant_text(end)}' if end else ''}: {reason}", err=True)


def _instant(text: str) -> datetime:
    """Return the instant that *text* states; of a day its beginning, in UTC where no zone is named."""
    try:
        if len(text) == len("2026-05-01"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--until {text} is no day; write it like 2026-05-01 or 2026-05-01T08:00:00Z") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
