"""`coverage`: how much of each listing is here, and what is missing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from archive.errors import NotFound
from docarchive.cli.context import ArchiveOption, FormatOption, JsonOption, configuration
from docarchive.cli.output import chosen_format, printable, write_rows

COLUMNS = (
    *(
        "site",
        "listing",
        "standing",
        "reason",
        "advertised_total",
        "entries",
        "listed",
        "captured",
        "unlisted",
        "missing",
    ),
    *("walk", "whole_at", "at", "run_id"),
)
SHOWN = ("site", "listing", "site says", "seen", "captured", "missing", "standing")
"""What the table shows."""


def add_to(app: typer.Typer) -> None:
    app.command("coverage")(coverage)


def coverage(
    site: Annotated[str | None, typer.Argument(metavar="[SITE]", help="A site's name; all sites without it.")] = None,
    archive: ArchiveOption = None,
    format: FormatOption = None,
    json: JsonOption = False,
) -> None:
    """Per listing: what the site says it has, what is listed, captured, missing and why.

    Example: docarchive coverage huiwen
    """
    from docarchive import Archive

    with Archive.open(configuration(archive).archive) as opened:
        rows = list(opened.coverage(site))
        if not rows and site is not None and not any(row["site"] == site for row in opened.runs()):
            raise NotFound(f"no site {printable(site)} in this archive; list sites with: docarchive status")
    form = chosen_format(format, json)
    if not rows:
        sys.stderr.write("no published run has walked a listing yet; crawl a site with: docarchive crawl SITE\n")
    if form != "table":
        write_rows(rows, COLUMNS, form)
        return
    if not rows:
        return
    write_rows([_shown(row) for row in rows], SHOWN, form)
    for line in _reasons(rows):
        sys.stdout.write(line + "\n")


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "site says": row["advertised_total"]}


def _reasons(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Yield why a listing is not complete, and which documents are missing."""
    for row in rows:
        if row["standing"] == "complete":
            continue
        yield f"{row['site']}  {printable(row['listing'])}: {printable(row['reason'])}"
        for one in row["why"]:
            more = ", ..." if one["documents"] > len(one["samples"]) else ""
            yield f"    {one['reason']}: {', '.join(map(printable, one['samples']))}{more}"
