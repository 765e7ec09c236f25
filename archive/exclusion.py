"""Publishing and rebuilding tables keep out of each other's way: many runs may publish at once, a rebuild is alone."""

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
        fcntl.LOCK_SH,
        f"the tables of {layout.root} are being rebuilt; run the same command again when that is done",
    ):
        yield


@contextmanager
def rebuilding(layout: Layout) -> Iterator[None]:
    """Hold off every publish. Raises SiteBusy while a run publishes."""
    with _locked(layout, fcntl.LOCK_EX, f"a run is being published into {layout.root}; run the command again later"):
        yield


@contextmanager
def _locked(layout: Layout, kind: int, busy: str) -> Iterator[None]:
    """The lock is the operating system's: it ends with the process, however that ends."""
    path = layout.root / "state" / "publishing.lock"
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
