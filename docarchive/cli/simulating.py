"""`simulate`: the simulated document site."""

from __future__ import annotations

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
    script: Annotated[Path | None, typer.Option(metavar="FILE", help="Events: what is added, changed, fails.")] = None,
    truth: Annotated[Path | None, typer.Option(metavar="FILE", help="Write what a perfect archive would hold.")] = None,
    log: Annotated[Path | None, typer.Option(metavar="FILE", help="Append a line for each request served.")] = None,
    latency: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="Wait before each answer.")] = 0.0,
    failure_rate: Annotated[float, typer.Option(min=0, max=1, metavar="SHARE", help="Answers that are 503.")] = 0.0,
    traps: Annotated[bool, typer.Option("--traps", help="Calendars without end, bombs, redirects in circles.")] = False,
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
            )
        )
    except simulator.SimulatorError as error:
        raise UsageError(str(error)) from error
