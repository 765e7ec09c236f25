"""What reading again costs beside reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.rereading import rereading
from bench.sizes import Row, Sizes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """`reread`, whole and in its parts."""
    yield from rereading(folder, sizes.pages or 3_000)
