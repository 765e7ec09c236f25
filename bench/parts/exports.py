"""What handing documents on costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.exporting import DOSSIER, exporting
from bench.sizes import Row, Sizes


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """A dossier and a data set of few documents and of many."""
    yield from exporting(folder, DOSSIER, sizes.documents or 10 * DOSSIER)
