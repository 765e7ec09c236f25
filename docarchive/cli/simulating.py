"""`simulate`: the simulated document site."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from archive.errors import UsageError


def add_to(app: typer.Typer) -> None:
    app.command("simulate")(simulate)


def simulate(
    documents: Annotated[int, typer.Option(min=1, metavar="N", help="How many documents the site has.")] = 200,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="P", help="0 takes a free one.")] = 0,
    family: Annotated[
        str, typer.Option(metavar="NAME", help="Kind of site: huiwen, renrendoc, docplayer, govuk, dspace or all.")
    ] = "huiwen",
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed is another site.")] = 7,
    script: Annotated[Path | None, typer.Option(metavar="FILE", help="Events: see simulator/script.py.")] = None,
    truth: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what a perfect archive would hold.")] = None,
    log: Annotated[Path | None, typer.Option(metavar="FILE", help="Append a line for each request served.")] = None,
    latency: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="Wait before each answer.")] = 0.0,
    failure_rate: Annotated[float, typer.Option(min=0, max=1, metavar="SHARE", help="Answers that are 503.")] = 0.0,
    traps: Annotated[bool, typer.Option("--traps", help="Calendars without end, bombs, redirects in circles.")] = False,
    categories: Annotated[int, typer.Option(min=1, metavar="N", help="Listings the documents are spread over.")] = 1,
    order: Annotated[
        str, typer.Option(metavar="ORDER", help="Of the listings: newest-first, oldest-first or unordered.")
    ] = "newest-first",
    sticky: Annotated[int, typer.Option(min=0, metavar="N", help="Old documents pinned to the first page.")] = 0,
    page_cap: Annotated[int | None, typer.Option(min=1, metavar="N", help="Last listing page that is served.")] = None,
    crawl_delay: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Crawl-delay of robots.txt.")
    ] = None,
    plain_bodies: Annotated[
        bool, typer.Option("--plain-bodies", help="Content-Length and no compression, for other tools.")
    ] = False,
    no_lost_documents: Annotated[
        bool, typer.Option("--no-lost-documents", help="Every listed document can be read.")
    ] = False,
    clock_start: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="Start the site's clock at this instant.")
    ] = None,
    clock_speed: Annotated[
        float, typer.Option(min=0, metavar="FACTOR", help="Pace of that clock; 0 stands still.")
    ] = 1.0,
) -> None:
    """Serve a document site on 127.0.0.1 to try a set-up on, until interrupted.

    Example: docarchive simulate --documents 1000 --port 8080
    """
    import simulator

    try:
        simulator.run(
            simulator.SimulatorOptions(
                documents=documents,
                port=port,
                family=family,
                seed=seed,
                script=script,
                truth=truth,
                log=log,
                latency_seconds=latency,
                failure_rate=failure_rate,
                traps=traps,
                categories=categories,
                order=order,
                sticky=sticky,
                page_cap=page_cap,
                crawl_delay=crawl_delay,
                plain_bodies=plain_bodies,
                lost_documents=not no_lost_documents,
                clock_start=_instant(clock_start),
                clock_speed=clock_speed,
            )
        )
    except simulator.SimulatorError as error:
        raise UsageError(str(error)) from error


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--clock-start {text!r} is no instant; write it like 2026-03-01T03:00:00Z") from error
