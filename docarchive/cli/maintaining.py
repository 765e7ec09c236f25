"""Maintenance by hand; a crawl does it by itself when it is due."""

from __future__ import annotations

import sys
from dataclasses import asdict

import typer

from archive.asking.plain import json_line
from docarchive.cli.context import ArchiveOption, JsonOption, clock, existing_layout


def add_to(app: typer.Typer) -> None:
    app.command("maintain")(maintain)


def maintain(archive: ArchiveOption = None, json: JsonOption = False) -> None:
    """Make many small table files few, delete what nobody needs any more; no answer changes, at any time.

    Example: docarchive maintain --archive data
    """
    from archive.maintenance.looking_for_copies import look_now
    from archive.maintenance.maintain import maintain as do
    from archive.text_index import catch_up_if_free

    layout = existing_layout(archive)
    done = do(layout, clock())
    catch_up_if_free(layout)
    look_now(layout, clock())
    replaced = sum(done.compacted.values())
    said = [f"{replaced:,} table files became {done.written:,}"] if replaced else []
    if done.deleted:
        said.append(f"{done.deleted:,} files deleted, {done.freed_bytes / 1e6:,.1f} MB")
    typer.echo(f"{layout.root}: {'; '.join(said) or 'nothing to tidy up'}", err=True)
    if json:
        sys.stdout.buffer.write(json_line(asdict(done)))
