"""`crawl`: one run of a site."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.asking.plain import json_line
from archive.errors import UsageError
from docarchive.cli.context import ArchiveOption, clock, configuration, named_again
from docarchive.cli.trouble import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.order import CrawlOutcome, CrawlProgress


def add_to(app: typer.Typer) -> None:
    app.command("crawl")(crawl)


def crawl(
    site_or_url: Annotated[
        str | None,
        typer.Argument(metavar="SITE_OR_URL", help="A profile's name, or the URL of a listing or document page."),
    ] = None,
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
    due: Annotated[bool, typer.Option("--due", help="Crawl every site whose schedule says now.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Crawl a paused site all the same.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print how the run ended as JSON.")] = False,
) -> None:
    """Crawl a site into the archive; the same command goes on after a crash.

    Example: docarchive crawl https://docs.example/list/1.html --archive data
    """
    from crawler.permission import check_allowed
    from docarchive.targets import resolve

    settings = configuration(archive)
    hosts = tuple(allow_host or ())
    contact = contact or settings.contact
    if due:
        if site_or_url or start or full or restart or max_documents or max_requests or force:
            raise UsageError(
                "crawl --due takes the sites that are due, each as its profile says; leave the site, --start, --full, "
                "--restart, --max-documents, --max-requests and --force out"
            )
        _crawl_due(archive, hosts, contact, delay, concurrency, proxy, json)
        return
    if site_or_url is None:
        raise UsageError("name a site or the URL of a listing page, or give --due; see: docarchive crawl --help")
    target = resolve(site_or_url, tuple(start or ()), settings.sites)
    check_allowed(target.start_urls, settings.archive, contact, hosts)
    if not force:
        _check_pause(settings.archive, target.site)

    from crawler import run  # Scrapy comes with it: not for what was refused above
    from crawler.order import CrawlRequest
    from crawler.telling.whom import Whom

    if not (settings.archive / "archive.json").exists():
        typer.echo(f"{settings.archive} is made: a new archive", err=True)
    with _progress() as progress:
        outcome = run.crawl(
            CrawlRequest(
                archive=settings.archive,
                profile=target.profile,
                site=target.site,
                start_urls=target.start_urls,
                full=full,
                restart=restart,
                max_documents=max_documents,
                max_requests=max_requests,
                delay_seconds=delay,
                concurrency=concurrency,
                proxy=_checked(proxy),
                allow_hosts=hosts,
                contact=contact,
                progress=progress,
                whom=Whom(notify=settings.notify, sites=settings.sites),
            ),
            clock(),
        )
    typer.echo(summary(target.site, outcome), err=True)
    if json:
        sys.stdout.buffer.write(json_line({"site": target.site, **asdict(outcome)}))
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


def _crawl_due(
    archive: Path | None,
    hosts: tuple[str, ...],
    contact: str | None,
    delay: float | None,
    concurrency: int | None,
    proxy: str | None,
    json: bool,
) -> None:
    from crawler.scheduling.dispatch import DueOptions
    from docarchive.cli.scheduling import crawl_due

    options = DueOptions(
        allow_hosts=hosts, contact=contact, delay_seconds=delay, concurrency=concurrency, proxy=_checked(proxy)
    )
    code = crawl_due(archive, options, json=json)
    if code:
        raise typer.Exit(code)


def _checked(proxy: str | None) -> str | None:
    if proxy is None:
        return None
    from crawler.fetching.transport import check_proxy  # Scrapy comes with it

    return check_proxy(proxy)


def _check_pause(archive: Path, site: str) -> None:
    """Raise UsageError for a site that a person paused."""
    from archive.layout import Layout
    from archive.site_state.pauses import pause_of

    paused = pause_of(Layout(archive), site, clock().now())
    if paused is not None:
        raise UsageError(paused.sentence())


def summary(site: str, outcome: CrawlOutcome) -> str:
    """Return the one line that says how a run ended."""
    what = outcome.event or "not finished"
    known = f"{outcome.changed:,} changed, {outcome.same:,} same"
    if outcome.withdrawn:
        known += f", {outcome.withdrawn:,} withdrawn"
    parts = [
        f"{site}: {what}{' (partial)' if outcome.partial else ''}{' (resumed)' if outcome.resumed else ''}",
        f"{outcome.new:,} new, {known}, {outcome.failed:,} failed",
        f"{outcome.requests:,} requests, {outcome.bytes_received / 1e6:,.1f} MB in {outcome.elapsed_seconds:,.1f} s",
        f"run {outcome.run_id}",
    ]
    lines = ["; ".join(parts)]
    if outcome.reason and outcome.exit_code != INTERRUPTED:  # of that `trouble` tells
        look = f"; look at it with: docarchive runs show {outcome.run_id}{named_again()}"
        lines.append(f"docarchive: {outcome.reason}{look if outcome.event == 'held' else ''}")
    lines += [f"  given up: {url} ({reason})" for url, reason in outcome.failures[:5]]
    return "\n".join(lines)


@contextmanager
def _progress() -> Iterator[Callable[[CrawlProgress], None] | None]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.total:,} pages"),
        TextColumn("{task.fields[rate]:.1f}/s"),
        TextColumn("{task.fields[changes]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("fetching", total=1, rate=0.0, changes="", left="")

        before: list[int] = []  # a resumed run's requests were not all made just now

        def update(now: CrawlProgress) -> None:
            if not before:
                before.append(now.requests)
            rate = (now.requests - before[0]) / now.elapsed_seconds if now.elapsed_seconds else 0.0
            bar.update(
                task,
                description=now.phase,
                completed=now.requests,
                total=max(1, now.requests + now.queued),
                rate=rate,
                changes=f"{now.new:,} new {now.changed:,} changed {now.same:,} same",
                left=_left(now.queued, rate),
            )

        yield update


def _left(queued: int, rate: float) -> str:
    """Return how long the pages that are known will take; listings not yet fetched may bring more.

    >>> _left(90, 1.5)
    'about 0:01:00 left'
    """
    return f"about {timedelta(seconds=round(queued / rate))} left" if rate and queued else ""
