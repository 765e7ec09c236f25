"""What the morning's look costs on an archive of a year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.sizes import Row, Sizes
from bench.status import status_costs

YEAR_OF_RUNS = 36_500
"""A hundred daily sites."""


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """`status`, and what a run's end adds."""
    yield from status_costs(folder, sizes.runs or YEAR_OF_RUNS)
