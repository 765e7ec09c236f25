"""Why a run was held back, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import typer

from docarchive.cli.output import printable

LONGEST_VALUE = 100
"""Characters of a value that are shown; the ledger keeps more."""


def without_judgement(event: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return (why the run was held, the ledger row without it and without the numbers it was judged by)."""
    options = orjson.loads(event["options"] or "{}")
    judgement = options.pop("judgement", [])
    options.pop("measures", None)
    return judgement, {**event, "options": orjson.dumps(options).decode() if options else None}


def print_judgement(judgement: Sequence[Mapping[str, Any]]) -> None:
    """Print what was odd about a run: each measure, by how much, and pages that show it."""
    for finding in judgement:
        typer.echo(printable(f"{'held for':<16} {finding['finding']}"))
        for sample in finding["samples"]:
            typer.echo(printable(f"{'':<16} {sample['url']}  capture {sample['capture']}"))
            before, now = _shown(sample.get("before")), _shown(sample.get("now"))
            if before != now:
                typer.echo(printable(f"{'':<16}   before: {before}   now: {now}"))


def _shown(value: str | None) -> str:
    if value is None:
        return "nothing"
    text = " ".join(value.split())
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
