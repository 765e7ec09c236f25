"""Publishing, maintaining and rebuilding tables keep out of each other's way.

Many runs may publish at once, beside one maintenance; a rebuild is alone.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from archive.durable import translated
from archive.errors import SiteBusy
from archive.layout import Layout


@contextmanager
def publishing(layout: Layout) -> Iterator[None]:
    """Hold off a rebuild. Raises SiteBusy while one is at work: what was published meanwhile would be lost."""
    with _locked(
        layout,
        _PUBLISHING,
        fcntl.LOCK_SH,
        f"the tables of {layout.root} are being rebuilt; run the same command again when that is done",
    ):
        yield


@contextmanager
def rebuilding(layout: Layout) -> Iterator[None]:
    """Hold off every publish. Raises SiteBusy while a run publishes."""
    busy = f"a run is being published into {layout.root}, or maintenance is done; run the command again later"
    with _locked(layout, _PUBLISHING, fcntl.LOCK_EX, busy):
        yield


@contextmanager
def maintaining(layout: Layout) -> Iterator[None]:
    """Hold off a second maintenance, and a rebuild. Raises SiteBusy while one of them is at work."""
    busy = f"maintenance of {layout.root} is being done already; nothing needs to be done"
    with _locked(layout, _MAINTENANCE, fcntl.LOCK_EX, busy), publishing(layout):
        yield


@contextmanager
def indexing(layout: Layout) -> Iterator[None]:
    """Hold off a second writer of the text index. Raises SiteBusy while there is one: it brings all that is there."""
    busy = f"the text index of {layout.root} is being written already; nothing needs to be done"
    with _locked(layout, _INDEXING, fcntl.LOCK_EX, busy):
        yield


@contextmanager
def clustering(layout: Layout) -> Iterator[None]:
    """Hold off a second writer of the index of near-duplicates. Raises SiteBusy while there is one."""
    busy = f"copies in {layout.root} are being looked for already; nothing needs to be done"
    with _locked(layout, _CLUSTERING, fcntl.LOCK_EX, busy):
        yield


_PUBLISHING, _MAINTENANCE = "publishing.lock", "maintenance.lock"
_INDEXING, _CLUSTERING = "text_index.lock", "duplicates.lock"


@contextmanager
def _locked(layout: Layout, name: str, kind: int, busy: str) -> Iterator[None]:
    """The lock is the operating system's: it ends with the process, however that ends."""
    path = layout.root / "state" / name
    path.parent.mkdir(exist_ok=True)
    with translated(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SiteBusy(busy) from error
        yield
    finally:
        os.close(descriptor)
