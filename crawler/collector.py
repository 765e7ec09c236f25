"""Python's search for cycles, made seldom where many pages are read one after the other."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECTOR_THRESHOLDS = (5_000, 20, 20)
"""Objects more than before, and runs of the younger generation, from which on Python looks for cycles."""


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Look for cycles seldom, and not among what the program's start left: it took 5 % of the time of a crawl."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
