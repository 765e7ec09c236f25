"""A run's log goes to a file of its own; the terminal is for people."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from archive.layout import Layout

_run_logged: ContextVar[str | None] = ContextVar("run_logged", default=None)
"""The run whose task is at work, where several share an event loop."""


@contextmanager
def log_file(layout: Layout, run_id: str, *, alone: bool = True) -> Iterator[None]:
    """Send the log of a run to its own file while the block lasts.

    *alone* False: only what is logged in the run's own tasks, for others run beside it.
    """
    handler = logging.FileHandler(layout.logs / f"{run_id}.log", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    if not alone:
        _run_logged.set(run_id)
        handler.addFilter(lambda record: _run_logged.get() == run_id)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        if alone:
            root.setLevel(level)
        handler.close()
