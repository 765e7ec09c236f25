"""What a search found, with the words where they stand or as counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from docarchive.cli.output import write_rows
from docarchive.cli.selecting import field_names

if TYPE_CHECKING:
    from archive.snapshot.rows import Rows
    from archive.words.text_query import TextQuery

SNIPPET_COLUMNS = ("site", "doc_id", "title")
TABLE_SNIPPET = 48
"""Characters: a cell of a table shows 60, with the marks of the hits."""
FACET_COLUMNS = ("facet", "value", "documents")


def with_text(fields: str | None) -> list[str] | None:
    """Return the fields to ask for where snippets are made of the text."""
    named = field_names(fields)
    return [*named, "preview_text"] if named else None


def write_snippets(
    rows: Rows, query: TextQuery | None, fields: Sequence[str] | None, form: str, output: Path | None
) -> None:
    """Write the rows with a column `snippet`: pieces of the text in JSON, else one line with the hits in «»."""
    from archive.words.snippet import snippet

    def shown(row: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: row[name] for name in fields or rows.columns}
        text = row["preview_text"] or ""
        if form == "jsonl":
            return {**kept, "snippet": [{"text": p.text, "hit": p.hit} for p in snippet(text, query).pieces]}
        pieces = snippet(text, query, TABLE_SNIPPET).pieces
        return {**kept, "snippet": "".join(f"«{p.text}»" if p.hit else p.text for p in pieces)}

    columns = [*(fields or (SNIPPET_COLUMNS if form == "table" else rows.columns)), "snippet"]
    write_rows(map(shown, rows), columns, form, output)
    typer.echo(f"{len(rows):,} of {rows.total:,}", err=True)


def write_facets(counted: Mapping[str, Sequence[tuple[str, int]]], form: str, output: Path | None) -> None:
    """Write a row for each value of each facet."""
    rows = [{"facet": name, "value": value, "documents": n} for name, found in counted.items() for value, n in found]
    write_rows(rows, FACET_COLUMNS, form, output)
