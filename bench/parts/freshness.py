"""Revisits by evidence against uniform ones, Nutch's schedule and the optimum for known change rates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.freshness import freshness
from bench.sizes import Row, Sizes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """How much of the archive is as the site is, by policy, at one budget."""
    yield from freshness(folder, sizes.documents or 1_000)
