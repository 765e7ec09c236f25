"""A reread by a reader that differs, in a process of its own that may be killed at a chosen step."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive import durable
from archive.clock import SystemClock
from archive.layout import open_layout
from archive.without_pandas import do_without_pandas
from crawler.reading import read_page
from crawler.reading.page import Page
from crawler.rereading import comparing
from crawler.rereading.reread import RereadRequest, heal, reread

READER = "general/99"


def other_reader(body: bytes, **page: Any) -> Page:
    """Reads every title otherwise."""
    read = read_page(body, **page)
    if read.record is None:
        return read
    return replace(read, record=replace(read.record, title=f"{read.record.title} *", reader=READER))


def apply(archive: Path, *, fault: int | None = None, held: str | None = None) -> int:
    """Apply a reread to *archive*, or heal the run *held*, and return the exit code; -9 where it died at step *fault*.

    All of its modules are loaded once, in a process that each of these is a copy of.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_work, args=(archive, fault, held))
    process.start()
    process.join(200)
    assert process.exitcode is not None, "the reread does not end"
    return process.exitcode


def _work(archive: Path, fault: int | None, held: str | None) -> None:
    do_without_pandas()
    if fault is not None:
        calls = itertools.count(1)
        durable.fault_hook = lambda *_: os.kill(os.getpid(), signal.SIGKILL) if next(calls) == fault else None
    comparing.PORTION_PAGES = 10
    request = RereadRequest(layout=open_layout(archive), read=other_reader, reader=READER, apply=True, processes=1)
    if held is not None:
        sys.exit(heal(request, held, SystemClock()).exit_code)
    sys.exit(max(outcome.exit_code for outcome in reread(request, SystemClock())))
