"""A hundred sites at a page a second each, by one `crawl --due`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.due import due
from bench.sizes import Row, Sizes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """The share of a core and the memory that the crawl of a hundred sites takes."""
    yield from due(folder, max(1, (sizes.documents or 10_000) // 100))
