"""What a mangled text likely was, printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import typer

from docarchive.cli.output import printable


def print_restored(made: Mapping[str, Any]) -> None:
    """Print by what a text was mangled, how sure that is, the likely text, then what was put back how often."""
    by = f"mangled by {made['mangled_by']}" if made["mangled_by"] else "not known to be mangled"
    typer.echo(printable(f"{made['site']}/{made['doc_id']}: {by} (score {made['mangled_score']:.2f})"))
    if made["restored_text"]:
        typer.echo("")
        typer.echo("\n".join(printable(line) for line in made["restored_text"].split("\n")))
    spans = made["spans"]
    if spans:
        typer.echo("")
    changes: Counter[tuple[str, str, str]] = Counter()
    least: dict[tuple[str, str, str], float] = {}
    for span in spans:
        likely = span["restored"] if span["restored"] is not None else " or ".join(span["alternatives"]) + "?"
        change = (span["text"], likely, span["source"])
        changes[change] += 1
        least[change] = min(span["confidence"], least.get(change, 1.0))
    for (text, likely, source), times in sorted(changes.items(), key=lambda each: (-each[1], each[0])):
        sure = f"{least[text, likely, source]:.2f}"
        typer.echo(printable(f"  {text} -> {likely}  {times:,} times, by {source}, at least {sure}"))
