"""Daily runs of a simulated site; a whole year is `--documents 20000 --days 365`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.sizes import Row, Sizes
from bench.year import year


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """What is found, when, and for how many requests."""
    yield from year(folder, sizes.documents or 600, sizes.days or 60)
