"""Appends to an archive of many runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.runs import growth
from bench.sizes import Row, Sizes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """What the first and the last publishes cost."""
    number = sizes.runs or 3_000
    first, last = growth(folder, number)
    yield f"publish of a small run, first 50 of {number:,}: CPU ms", f"{first:.0f}", ""
    yield f"publish of a small run, last 50 of {number:,}: CPU ms", f"{last:.0f}", f"ratio {last / first:.2f}, bar 2.0"
