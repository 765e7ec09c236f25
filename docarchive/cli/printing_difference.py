"""What changed in a text, printed: in colours on a terminal, else as wdiff marks it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from docarchive.cli.output import printable

KEPT_CHARACTERS = 40
"""Of a stretch that did not change, shown on each side of what did."""

_MARKS = {"delete": ("[-", "-]"), "insert": ("{+", "+}")}
_COLOURS = {"delete": "red", "insert": "green"}

_BY_FILTER = {"delete": ("(", " "), "insert": ("→ ", ")")}
"""Words and numbers that a site's filter put for others: `(服务 → 效劳)`, in yellow on a terminal."""


def print_difference(change: Mapping[str, Any]) -> None:
    """Print the `segments` of a changed text under its field's name, with what did not change cut short."""
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    hint = "" if change["level"] == "words" else " (in parts too different to compare word by word)"
    typer.echo(f"  {change['field']}:{hint}")
    segments: Sequence[Mapping[str, str]] = change["segments"]
    shown = [
        _shortened(each["text"], number == 0, number == len(segments) - 1)
        if each["op"] == "equal"
        else _of_kind(each, coloured)
        for number, each in enumerate(segments)
    ]
    for line in "".join(shown).split("\n"):
        typer.echo(f"    {line}")


def _harmless(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))


def _of_kind(segment: Mapping[str, str], coloured: bool) -> str:
    op, kind, text = segment["op"], segment.get("kind"), segment["text"]
    if kind == "form":  # only written otherwise: as the other text has it
        return _harmless(text) if op == "insert" else ""
    if kind in ("replaced", "renumbered"):
        begin, end = _BY_FILTER[op]
        told = f"{begin}{_harmless(text)}{end}"
        return typer.style(told, fg="yellow") if coloured else told
    return _marked(op, text, coloured)


def _marked(op: str, text: str, coloured: bool) -> str:
    """Return *text* marked, each line by itself: a colour that goes on over a line's end meets what is beside it."""
    if not coloured:
        begin, end = _MARKS[op]
        return f"{begin}{_harmless(text)}{end}"
    lines = (
        typer.style(line or " ", fg=_COLOURS[op], strikethrough=op == "delete") for line in _harmless(text).split("\n")
    )
    return "\n".join(lines)


def _shortened(text: str, is_first: bool, is_last: bool) -> str:
    """Return the ends of *text* that are beside a change."""
    before = "" if is_first else text[:KEPT_CHARACTERS]
    after = "" if is_last else text[-KEPT_CHARACTERS:]
    if len(text) <= len(before) + len(after) + 1:
        return _harmless(text)
    return f"{_harmless(before)}…{_harmless(after)}"
