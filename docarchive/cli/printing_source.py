"""The bytes behind a document's values, printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import orjson
import typer

from archive.asking.plain import json_line, plain
from archive.clock import instant_text
from docarchive.cli.output import printable
from docarchive.sources import Source, Sources

SHOWN = 100
"""Characters of a value that are shown; JSON has all of it."""


def print_sources(found: Sources, *, json: bool) -> None:
    """Print where each value was read; with *json* as one line of JSON, a value with its capture in `values` each."""
    if json:
        sys.stdout.buffer.write(json_line(_row(found)))
        sys.stdout.buffer.flush()
    else:
        for line in _lines(found):
            typer.echo(printable(line))
    if found.reason is not None:
        typer.echo(f"docarchive: {printable(found.reason)}", err=True)


def _row(found: Sources) -> dict[str, Any]:
    row = asdict(found)
    where = {name: row[name] for name in ("capture", "warc_file", "warc_offset", "fetched_at")}
    row["values"] = [value | where for value in row["values"]]
    return row


def _lines(found: Sources) -> Iterator[str]:
    yield f"{found.site}/{found.doc_id} version {found.version}"
    yield f"  {'URL':<12} {found.url}"
    yield f"  {'fetched':<12} {instant_text(found.fetched_at)}"
    if found.capture is not None:
        yield f"  {'capture':<12} {found.capture}"
    if found.warc_file is not None:
        yield f"  {'WARC':<12} {found.warc_file} at {found.warc_offset:,}"
    if found.body is not None:
        yield f"  {'bytes':<12} {found.body['warc_file']} at {found.body['warc_offset']:,}, {found.body['capture']}"
    now = f"; read again by {found.reads_now}" if found.reads_now is not None else ""
    yield f"  {'read by':<12} {found.read_by}{now}"
    if found.page_now is not None:
        yield f"  {'page':<12} no document to today's reader: {found.page_now}"
    for value in found.values:
        yield ""
        yield from _value(value)


def _value(value: Source) -> Iterator[str]:
    printed = f" ({_brief(value.printed)})" if value.printed is not None and value.printed != value.value else ""
    yield f"{value.field}: {_brief(value.value)}{printed}"
    if value.place is not None:
        yield f"  {'read at':<12} {value.place}"
    if value.excerpt is not None:
        yield f"  {'on the page':<12} {value.excerpt}"
    if value.same is not None:
        now = f" ({_brief(value.printed_now)})" if value.printed_now is not None else ""
        yield f"  {'today':<12} {'same' if value.same else f'differs: {_brief(value.now)}{now}'}"


def _brief(value: Any) -> str:
    value = plain(value)
    text = "none" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
