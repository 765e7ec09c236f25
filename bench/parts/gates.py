"""Faults that must be held back, and healthy runs that must not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import gates
from bench.sizes import Row, Sizes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """The gates against 13 faults, and against natural variation."""
    yield from gates.rows(folder, sizes.documents or 400)
