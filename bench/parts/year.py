"""A simulated year of daily runs (`--documents`, `--days`), with baselines on the simulator's model beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.sizes import Row, Sizes
from bench.year import year


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """What is found, when, and for how many requests."""
    yield from year(folder, sizes.documents or 600, sizes.days or 60)
