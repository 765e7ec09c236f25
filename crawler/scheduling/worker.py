"""A process that works for `crawl --due`: it fetches several sites at once, or publishes and tells of what was fetched.

    python -m crawler.scheduling.worker fetch|publish

It takes jobs from standard input and tells on standard output what became of them (`jobs.py`). Every two seconds it
says that it is alive. When its standard input ends, what it fetches is stopped as by SIGTERM: each run can be gone on
with.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import threading
from dataclasses import asdict, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.clock import Clock, clock_from_environment, instant_text
from archive.errors import ArchiveError
from archive.layout import Layout
from archive.site_state.attempts import last_attempts
from archive.without_pandas import do_without_pandas
from crawler.collector import quiet_collector
from crawler.order import CrawlOutcome, CrawlRequest
from crawler.profile import load_profile
from crawler.run import CrawlRun, finish, prepare
from crawler.scheduling.jobs import ALIVE, Do, Job, Told, line
from crawler.telling.run_end import RunEnd
from crawler.telling.run_ends import Later, Telling, told_afterwards
from crawler.telling.whom import Whom

if TYPE_CHECKING:
    from archive.published.tables import OpenTables

logger = logging.getLogger(__name__)

ALIVE_SECONDS = 2.0
"""How often a worker says that it lives; a fetching one does so from its event loop, which no page may hold up."""

STATE_CACHE_KILOBYTES = 64
"""What SQLite keeps of one state file, where many are open in one process; alone a run has SQLite's 2,000."""


def crawl_request(job: Job) -> CrawlRequest:
    """Return the crawl that a job is about. Raises ProfileError."""
    profile = load_profile(Path(job.profile))
    return CrawlRequest(
        archive=Path(job.archive),
        profile=profile,
        site=job.site,
        start_urls=profile.start_urls,
        allow_hosts=tuple(job.allow_hosts),
        contact=job.contact,
        delay_seconds=job.delay_seconds,
        concurrency=job.concurrency,
        proxy=job.proxy,
        whom=Whom(notify=job.notify, sites=Path(job.sites) if job.sites else None),
    )


def ended(site: str, outcome: CrawlOutcome | None) -> Told:
    """Return what to tell of a run that ended; None: another process did it meanwhile."""
    if outcome is None:
        return Told(site=site, did="ended", reason="another process ran it meanwhile")
    return Told(site=site, did="ended", exit_code=outcome.exit_code, reason=outcome.reason, outcome=asdict(outcome))


def failed(site: str, error: BaseException) -> Told:
    """Return what to tell of a run that *error* ended."""
    if isinstance(error, ArchiveError):
        return Told(site=site, did="ended", exit_code=error.exit_code, reason=str(error))
    logger.error("the crawl of %s ended by a mistake in the program", site, exc_info=error)
    return Told(site=site, did="ended", exit_code=5, reason=f"this is a bug ({type(error).__name__}: {error})")


class _Pipe:
    """The worker's side of the two pipes."""

    def __init__(self) -> None:
        # What anything else prints must not get between our lines.
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def tell(self, data: bytes) -> None:
        with self._lock:
            while data:
                try:
                    data = data[os.write(self._out, data) :]
                except BrokenPipeError:  # nobody listens any more: standard input ends as well
                    return

    def alive(self) -> None:
        self.tell(ALIVE)


def with_end(told: Told, ends: list[RunEnd]) -> Told:
    """Return *told* with the end of the run, if it had one that is to be told of."""
    return replace(told, end=ends[-1].row()) if ends else told


# Fetching


class _Fetcher:
    """Fetches several sites in one event loop."""

    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe
        self._clock = clock_from_environment()
        self._runs: set[CrawlRun] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def serve(self) -> None:
        """Take jobs until standard input ends and every run has."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        beating = asyncio.ensure_future(self._beat())
        taking = asyncio.ensure_future(self._take(reader))
        await self._stopping.wait()
        for run in list(self._runs):
            run.interrupt()
        await asyncio.gather(*self._tasks)
        for task in (beating, taking):
            task.cancel()

    def _stop(self) -> None:
        self._stopping.set()

    async def _take(self, reader: asyncio.StreamReader) -> None:
        while text := await reader.readline():
            job = Job(**json.loads(text))
            task = asyncio.create_task(self._do(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._stop()

    async def _beat(self) -> None:
        while True:
            self._pipe.alive()
            await asyncio.sleep(ALIVE_SECONDS)

    async def _do(self, job: Job) -> None:
        ends: list[RunEnd] = []
        try:
            told = await self._fetch(job, ends.append)
        except Exception as error:  # noqa: BLE001 - whatever one site brings, the others go on
            told = failed(job.site, error)
        self._pipe.tell(line(with_end(told, ends)))

    async def _fetch(self, job: Job, later: Later) -> Told:
        if self._stopping.is_set():
            return Told(site=job.site, did="ended", exit_code=130, reason="interrupted before it began")
        request = crawl_request(job)
        with told_afterwards(request, self._clock, later) as telling:
            return await self._fetch_and_tell(job, request, telling)

    async def _fetch_and_tell(self, job: Job, request: CrawlRequest, telling: Telling) -> Told:
        run = telling.begun = CrawlRun.begin(request, self._clock)
        with run.until_the_end():
            before = last_attempts(run.layout, job.site)
            if (instant_text(before.started_at) if before else None) != job.begun_before:
                return ended(job.site, None)
            run.session.state.db.execute(f"PRAGMA cache_size=-{STATE_CACHE_KILOBYTES}")
            run.note_begin()
            self._runs.add(run)
            try:
                outcome = await run.fetch_beside_others()
            finally:
                self._runs.discard(run)
            if outcome is None:
                return Told(site=job.site, did="fetched", resumed=run.resumed)
            telling.outcome = outcome
            run.note_end(outcome.exit_code)
            return ended(job.site, outcome)


def _fetch() -> None:
    pipe = _Pipe()
    import scrapy.crawler  # noqa: F401 - before the first site, and before the collector is told to look seldom

    from crawler.spiders import documents  # noqa: F401

    logging.getLogger("scrapy").setLevel(logging.INFO)  # at DEBUG it writes every item with its text
    with quiet_collector(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_Fetcher(pipe).serve())


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


# Publishing


def _publish() -> None:
    """Take jobs one after the other: what they bring to memory (pyarrow, delta-rs) is not for the fetching process."""
    pipe = _Pipe()
    clock = clock_from_environment()
    over = threading.Event()
    beating = threading.Thread(target=partial(_beat, pipe, over), daemon=True)
    beating.start()
    try:
        for text in sys.stdin:
            job = Job(**json.loads(text))
            ends: list[RunEnd] = []
            try:
                if job.do == Do.TELL:
                    told = _tell(job, clock)
                elif job.do == Do.PREPARE:
                    prepare(crawl_request(job), clock)
                    told = Told(site=job.site, did="prepared")
                else:
                    told = ended(job.site, finish(crawl_request(job), clock, ends.append, _opened(job.archive)))
            except Exception as error:  # noqa: BLE001 - whatever one site brings, the others go on
                told = failed(job.site, error)
            pipe.tell(line(with_end(told, ends)))
    except KeyboardInterrupt:  # SIGTERM while publishing: every step of that can be done again
        pass
    finally:
        over.set()


@cache
def _opened(archive: str) -> OpenTables:
    """Return the tables as they stay open from one run to the next."""
    from archive.published.tables import OpenTables

    return OpenTables(Layout(Path(archive)))


def _tell(job: Job, clock: Clock) -> Told:
    from archive.text_index import catch_up_if_free
    from crawler.telling.after_run import after_runs  # DuckDB comes with it

    whom = Whom(notify=job.notify, sites=Path(job.sites) if job.sites else None)
    layout = Layout(Path(job.archive))
    after_runs(layout, [RunEnd.of_row(row) for row in job.ends], whom, clock)
    catch_up_if_free(layout)  # to begin costs as much as to take ten runs in: once for all that are told of
    return Told(site=job.site, did="told")


def _beat(pipe: _Pipe, over: threading.Event) -> None:
    while not over.wait(ALIVE_SECONDS):
        pipe.alive()


def main() -> None:
    do_without_pandas()
    {"fetch": _fetch, "publish": _publish}[sys.argv[1]]()


if __name__ == "__main__":
    main()
