"""Documents printed for a person to read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from archive.clock import instant_text
from docarchive.cli.output import printable

if TYPE_CHECKING:
    from crawler.reading.page import Page

LISTED = 3
"""Documents of a listing that was only tried that are named."""

READ_CHARACTERS = 200
"""A page that was only tried shows this much of its text."""


def print_document(row: Mapping[str, Any]) -> None:
    """Print the archived document *row*: its title, what the site states, how we know it, its whole text."""
    typer.echo(printable(row["title"]))
    _print_lines(
        [
            *_stated(row),
            ("version", f"{row['version']} (made by {row['cause']})"),
            ("seen", f"{moment(row['first_seen'])} to {moment(row['last_seen'])}"),
            ("withdrawn", moment(row["withdrawn_at"])),
            ("copy of", row["exact_copy_of"]),
            ("mangled", _mangled(row)),
            ("flags", ", ".join(row["flags"] or ())),
            ("capture", row["capture"]),
            ("read by", row["reader"]),
        ]
    )
    if row["preview_text"]:
        typer.echo("")
        typer.echo("\n".join(printable(line) for line in row["preview_text"].split("\n")))


def _mangled(row: Mapping[str, Any]) -> str | None:
    if row["is_garbage"]:
        return "rare characters, no text"
    if row["mangled_by"]:
        return f"by table {row['mangled_by']} (score {row['mangled_score']:.2f}); show --restored tells what it was"
    return None


def print_read(page: Page) -> None:
    """Print what was read of a page that is not stored: each value, where on the page it stood, how sure it is."""
    from archive.record import to_json

    if page.page_type == "listing":
        _print_listing(page)
    if page.record is None:
        return
    typer.echo(printable(f"  {page.record.title}{_reason(page, 'title')}"))
    stated: list[tuple[str, str | None]] = [
        (label, value + _reason(page, _FIELDS.get(label, ""))) if value else (label, value)
        for label, value in _stated(to_json(page.record))
    ]
    _print_lines(stated, indent=4)
    if page.record.preview_text:
        text = " ".join(page.record.preview_text.split())
        shown = f"{text[:READ_CHARACTERS]}{'…' if len(text) > READ_CHARACTERS else ''}"
        typer.echo(printable(f"    {shown}{_reason(page, 'preview_text')}"))
    typer.echo("")


def _print_listing(page: Page) -> None:
    typer.echo(f"  {_counted(len(page.document_urls), 'documents')} listed, such as")
    for url in page.document_urls[:LISTED]:
        typer.echo(printable(f"    {url}"))
    if page.advertised_total is not None:
        typer.echo(f"  the site says {page.advertised_total:,} in all")
    typer.echo(printable(f"  next page: {page.next_page or 'none'}"))
    typer.echo("")


def _reason(page: Page, name: str) -> str:
    """Return where a field was read and how sure it is, and how many other values the page has for it."""
    reason = page.reasons.get(name)
    if reason is None:
        return ""
    others = f", {len(reason.others)} other{'s' if len(reason.others) > 1 else ''} on the page" if reason.others else ""
    return f"   <- {reason.place}, {reason.confidence}{others}"


_FIELDS = {
    "ID": "doc_id",
    "size": "size_bytes",
    "pages": "pages",
    "format": "format",
    "published": "published_on",
    "tags": "tags",
    "issuer": "issuer",
    "number": "document_number",
}
"""What a value is called on the screen -> record field."""


def _stated(row: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Return (label, value) of all that the site states of a document."""
    return [
        ("ID", row["doc_id"]),
        ("site", row["site"]),
        ("URL", row["url"]),
        ("size", _with_text(_counted(row["size_bytes"], "bytes"), row["size_text"])),
        ("pages", _with_text(_counted(row["pages"], "pages"), row["pages_text"])),
        ("format", row["format"]),
        ("published", _with_text(row["published_on"], row["published_text"])),
        ("tags", ", ".join(row["tags"] or ())),
        ("issuer", row["issuer"]),
        ("number", row["document_number"]),
        *((label, "; ".join(values)) for label, values in dict(row["other_labels"] or {}).items()),
    ]


def _print_lines(lines: list[tuple[str, str | None]], indent: int = 2) -> None:
    for label, value in lines:
        if value:
            typer.echo(printable(f"{' ' * indent}{label:<10} {value}"))


def _counted(number: int | None, unit: str) -> str | None:
    return None if number is None else f"{number:,} {unit}"


def _with_text(value: str | None, text: str | None) -> str | None:
    """Return the value with what the page printed beside it, where that says more."""
    if value is None:
        return f'unreadable: "{text}"' if text else None
    return f"{value} ({text})" if text and text != value else value


def moment(value: datetime | str | None) -> str | None:
    """Return an instant as text; None for none."""
    return instant_text(value) if isinstance(value, datetime) else value
