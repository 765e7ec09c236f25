"""`crawl`: one run of a site."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.errors import UsageError
from docarchive.cli.context import ArchiveOption, clock, configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.profile import SiteProfile
    from crawler.run import CrawlOutcome, CrawlProgress


def add_to(app: typer.Typer) -> None:
    app.command("crawl")(crawl)


def crawl(
    site_or_url: Annotated[
        str, typer.Argument(metavar="SITE_OR_URL", help="A profile's name, or the URL of a listing or document page.")
    ],
    archive: ArchiveOption = None,
    start: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Start here instead of at the profile's start_urls.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Fetch every known document again.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Drop an unfinished run and begin anew.")] = False,
    max_documents: Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop after N documents.")] = None,
    max_requests: Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop after N requests.")] = None,
    delay: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Between requests [1 s or 5 x response time].")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=256, metavar="N", help="Requests at a time [1].")
    ] = None,
    proxy: Annotated[str | None, typer.Option(metavar="URL", help="Fetch through this proxy.")] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST:PORT", help="A private or loopback address that may be fetched from; repeatable."),
    ] = None,
    contact: Annotated[str | None, typer.Option(metavar="MAIL_OR_URL", help="How you can be reached.")] = None,
) -> None:
    """Crawl a site into the archive; the same command goes on after a crash.

    Example: docarchive crawl https://docs.example/list/1.html --archive data
    """
    from crawler import run
    from crawler.transport import check_proxy

    settings = configuration(archive)
    profile, site, start_urls = resolve(site_or_url, tuple(start or ()), settings.sites)
    hosts = tuple(allow_host or ())
    contact = contact or settings.contact
    _demand_contact(start_urls, hosts, contact)
    with _progress() as progress:
        outcome = run.crawl(
            run.CrawlRequest(
                archive=settings.archive,
                profile=profile,
                site=site,
                start_urls=start_urls,
                full=full,
                restart=restart,
                max_documents=max_documents,
                max_requests=max_requests,
                delay_seconds=delay,
                concurrency=concurrency,
                proxy=check_proxy(proxy) if proxy else None,
                allow_hosts=hosts,
                contact=contact,
                progress=progress,
            ),
            clock(),
        )
    typer.echo(summary(site, outcome), err=True)
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


def resolve(
    site_or_url: str, start: tuple[str, ...], sites: Path | None
) -> tuple[SiteProfile | None, str, tuple[str, ...]]:
    """Return (profile, site, start URLs) for what the user named: a profile, a URL on a profile's host, any URL."""
    from crawler.profile import find_profiles, profile_for_url
    from crawler.walk import host_of

    profiles = find_profiles(sites)
    if site_or_url.startswith(("http://", "https://")):
        profile = profile_for_url(site_or_url, profiles)
        try:
            host = host_of(site_or_url)
        except ValueError as error:
            raise UsageError(f"{site_or_url} is no URL that can be fetched ({error}); correct it") from error
        if not host:
            raise UsageError(f"{site_or_url} names no host; write it like https://docs.example/list/1.html")
        return profile, profile.name if profile else host, start or (site_or_url,)
    profile = profiles.get(site_or_url) or next((p for p in profiles.values() if site_or_url in p.former_names), None)
    if profile is None:
        raise UsageError(
            f"no profile named {site_or_url!r}; list them with: docarchive sites, or give the URL of a listing page"
        )
    start_urls = start or profile.start_urls
    if not start_urls:
        raise UsageError(f"profile {profile.name} has no start_urls; give one with --start URL")
    return profile, profile.name, start_urls


def _demand_contact(start_urls: tuple[str, ...], allow_hosts: tuple[str, ...], contact: str | None) -> None:
    """A public site must be able to reach whoever crawls it."""
    from crawler.walk import host_of

    allowed = {host.lower() for host in allow_hosts}
    public = [url for url in start_urls if not ({host_of(url), _with_port(url)} & allowed)]
    if public and not contact:
        raise UsageError(
            f"crawling {host_of(public[0])} needs a contact for its operators; set contact in docarchive.toml "
            "or give --contact mailto:YOU@EXAMPLE (a private address needs --allow-host HOST:PORT)"
        )


def _with_port(url: str) -> str:
    from crawler.walk import host_of

    host = host_of(url)
    if ":" in host.rpartition("]")[2]:
        return host
    return f"{host}:{443 if url.startswith('https') else 80}"


def summary(site: str, outcome: CrawlOutcome) -> str:
    """Return the one line that says how a run ended."""
    what = outcome.event or "not finished"
    parts = [
        f"{site}: {what}{' (partial)' if outcome.partial else ''}{' (resumed)' if outcome.resumed else ''}",
        f"{outcome.new:,} new, {outcome.changed:,} changed, {outcome.same:,} same, {outcome.failed:,} failed",
        f"{outcome.requests:,} requests, {outcome.bytes_received / 1e6:,.1f} MB in {outcome.elapsed_seconds:,.1f} s",
        f"run {outcome.run_id}",
    ]
    lines = ["; ".join(parts)]
    if outcome.reason:
        lines.append(f"docarchive: {outcome.reason}")
    lines += [f"  given up: {url} ({reason})" for url, reason in outcome.failures[:5]]
    return "\n".join(lines)


@contextmanager
def _progress() -> Iterator[Callable[[CrawlProgress], None] | None]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.total:,} pages"),
        TextColumn("{task.fields[rate]:.1f}/s"),
        TextColumn("{task.fields[changes]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("fetching", total=1, rate=0.0, changes="")

        def update(now: Any) -> None:
            bar.update(
                task,
                description=now.phase,
                completed=now.requests,
                total=max(1, now.requests + now.queued),
                rate=now.requests / now.elapsed_seconds if now.elapsed_seconds else 0.0,
                changes=f"{now.new:,} new {now.changed:,} changed {now.same:,} same",
            )

        yield update
