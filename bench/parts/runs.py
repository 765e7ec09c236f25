"""Appends to and questions of an archive of many runs, of a hundred sites, with maintenance as it comes due."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.runs import growth
from bench.runs import rows as growth_rows
from bench.sizes import Row, Sizes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """What the first and the last publishes cost, what maintenance and the commonest questions do then."""
    yield from growth_rows(growth(folder, sizes.runs or 3_000))
