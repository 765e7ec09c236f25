"""What each kind of page of `serve` costs on the server; --documents 200000 for the size of the bar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.sizes import Row, Sizes
from bench.web import web_costs

RECORDS, TIMES = 20_000, 7


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Every page of an archive of many records."""
    yield from web_costs(folder, sizes.documents or RECORDS, sizes.times or TIMES)
