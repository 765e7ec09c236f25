"""A run's report as one HTML page: no scripts, nothing from elsewhere, all that a site said escaped by the template."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from crawler.telling.charts import SPARK_HEIGHT, SPARK_WIDTH, bar_chart, sparkline
from crawler.telling.conditions import in_words

VERDICTS: Mapping[str, tuple[str, str]] = {
    "published": ("Published", "good"),
    "accepted": ("Published by a person", "good"),
    "held": ("Held back", "wait"),
    "empty": ("Nothing was found", "bad"),
    "rejected": ("Dropped", "calm"),
    "takedown": ("Taken down", "calm"),
    "blocked": ("The site did not let us in", "bad"),
    "failed": ("Failed", "bad"),
    "interrupted": ("Interrupted", "calm"),
}
"""What a run's end is called, and how it looks."""


def report_page(row: Mapping[str, Any]) -> str:
    """Return the page of a report as `report_row` makes it."""
    history = row["history"]
    withdrawn = any(run["withdrawn"] for run in history) or row["documents"]["withdrawn"] is not None
    verdict, tone = VERDICTS.get(row["event"], (row["event"], "calm"))
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template().render(
        report=row,
        verdict=verdict,
        tone=tone,
        took=in_words(datetime.fromisoformat(row["finished_at"]) - datetime.fromisoformat(row["started_at"])),
        changes=bar_chart(history, ("new", "changed"), ("withdrawn",) if withdrawn else ()),
        requests=bar_chart(history, ("requests",), inside="errors"),
        sparks={field["field"]: sparkline(history, field["field"]) for field in row["fields"]},
        spark_width=SPARK_WIDTH,
        spark_height=SPARK_HEIGHT,
        withdrawn=withdrawn,
        told=any(row["reason"] and row["reason"] in trouble["reason"] for trouble in row["troubles"]),
        style=Markup(style),  # noqa: S704 - our own file
        style_digest=digest,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["moment"] = _moment
    environment.filters["share"] = _share
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["megabytes"] = lambda value: f"{value / 1e6:,.1f}"
    return environment.from_string(files("crawler.telling").joinpath("report.html").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _style() -> str:
    return files("crawler.telling").joinpath("report.css").read_text(encoding="utf-8")


def _moment(text: str) -> str:
    """Return an instant as people read it.

    >>> _moment("2026-03-01T03:00:07.000Z")
    '2026-03-01 03:00 UTC'
    """
    return f"{text[:10]} {text[11:16]} UTC"


def _share(share: float | None) -> str:
    """Return a share in percent; nearly all is not all.

    >>> _share(0.9996), _share(1.0), _share(None)
    ('99.9 %', '100 %', '–')
    """
    if share is None:
        return "–"
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    return f"{min(max(share * 100, 0.1), 99.9):.1f} %"
