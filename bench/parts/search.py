"""Search: exact, quick, small, and cheap to keep up to date; `--records 1000000` for a large archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archive.archive import Archive
from bench.search import build
from bench.search import rows as search_rows
from bench.search_peers import rows as peer_rows
from bench.sizes import Row, Sizes

RECORDS = 20_000


def rows(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Ours at `--records` (20,000), then the peers over the same records."""
    records = sizes.records or RECORDS
    (folder / "own").mkdir()
    young = None
    if records > RECORDS:
        (folder / "young").mkdir()
        young = build(folder / "young", RECORDS)
    yield from search_rows(folder / "own", records, young=young)
    with Archive.open(folder / "own" / "data") as archive:
        yield from peer_rows(folder, archive)
