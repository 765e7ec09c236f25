"""What reading costs and scores beside its peers, from WARC, and what hostile files cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.hostile_files import hostile_files
from bench.reading import reading
from bench.reading_warc import reading_warc
from bench.sizes import Row, Sizes

REPEATS = 3


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Reading: cost and scores, captures, attached files."""
    pages = sizes.pages or 2_000
    yield from reading(pages)
    yield from reading_warc(folder, pages)
    yield from hostile_files(folder, REPEATS)
