"""Many pages read at a time, by one process a core."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait

from archive.errors import MachineTrouble
from archive.layout import Layout
from crawler.collector import quiet_collector
from crawler.rereading.pages import Pages, PagesRead, read_pages
from crawler.safe_reading import ReadPage

WAITING_A_PROCESS = 2
"""Portions given out a process beyond those that are read: one to go on with at once, and memory stays flat."""


def cores() -> int:
    """Return how many processes may run at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ReadingPool:
    """Reads portions of archived pages; the answers come in the order of the portions.

    With one process they are read in this one. A process whose parent is gone ends itself.
    """

    def __init__(self, layout: Layout, read: ReadPage, processes: int) -> None:
        """*read* must be a function of a module, to be found by the other processes."""
        self._layout = layout
        self._read = read
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def close(self) -> None:
        """End the other processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def read(self, portions: Iterable[Pages]) -> Iterator[tuple[Pages, PagesRead]]:
        """Yield each of *portions* with what became of its captures.

        Raises MachineTrouble when one of the processes is killed, as the system does that has too little memory.
        """
        if self._processes < 2:
            with quiet_collector():
                for portion in portions:
                    yield portion, read_pages(self._layout, portion, self._read)
            return
        try:
            yield from self._read_in_parallel(portions)
        except BrokenProcessPool as error:
            raise MachineTrouble(
                "a process that reads pages was killed, perhaps for lack of memory; run the same command again "
                "with --processes 1"
            ) from error

    def _read_in_parallel(self, portions: Iterable[Pages]) -> Iterator[tuple[Pages, PagesRead]]:
        pool = self._started()
        given: deque[tuple[Pages, Future[PagesRead]]] = deque()
        for portion in portions:
            given.append((portion, pool.submit(_work, portion)))
            if len(given) >= self._processes * WAITING_A_PROCESS:
                yield _first(given)
        while given:
            yield _first(given)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes,
                # A fork would copy the threads' locks of the database as they happen to be.
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(self._layout, self._read),
            )
        return self._pool


def _first(given: deque[tuple[Pages, Future[PagesRead]]]) -> tuple[Pages, PagesRead]:
    portion, future = given.popleft()
    return portion, future.result()


# In the other processes

_layout: Layout
_reader: ReadPage


def _begin(layout: Layout, read: ReadPage) -> None:
    global _layout, _reader
    _layout, _reader = layout, read
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Control-C is for the parent, which then shuts the pool
    quiet_collector().__enter__()  # for as long as the process lives
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent does not say that there is no more to do."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _work(portion: Pages) -> PagesRead:
    return read_pages(_layout, portion, _reader)
