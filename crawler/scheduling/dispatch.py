"""`crawl --due`: gives every site that is due to a worker, and sees to it that none harms another.

Few processes do the work. Fetching ones have many sites each in one event loop: a polite crawl mostly waits. A
publishing one takes what was fetched, and tells of the runs that ended, many at a time. When a worker dies or its event
loop hangs, its sites are gone on with in two halves, each in a process of its own: the site whose page does it is soon
alone, and given up after a few deaths. Each site has its own lease and its own polite rate; this process holds the
lease `+due`, so that there is one of it, and while it runs it takes what becomes due meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from archive.clock import Clock, instant_text
from archive.errors import ArchiveError, LeaseLost, SiteBusy
from archive.layout import SCHEDULER, Layout
from archive.maintenance.looking_for_copies import MUCH_BYTES, command, look_if_due
from archive.our_process import environment
from archive.publishing.waiting_texts import is_due
from archive.site_state.attempts import INTERRUPTED
from archive.site_state.lease import BEAT_SECONDS
from archive.site_state.pauses import pause_of
from archive.site_state.state import State
from archive.warc.writing import OPEN_SUFFIX
from crawler.permission import check_allowed
from crawler.scheduling.due import Scheduled
from crawler.scheduling.jobs import Do, Job, Told, line
from crawler.scheduling.untold import Untold, left_untold
from crawler.telling.last_end import FAILED, note_end
from crawler.telling.run_end import RunEnd
from crawler.telling.whom import Whom

SITES_A_WORKER = 120
"""Sites that one process fetches at once; at a page a second each they take less than half a core."""

STARTS_A_SECOND = 10.0
"""Sites begun in a second at most, so that a hundred of them begin in ten."""

TICK_SECONDS = 0.25
LOOK_SECONDS = 20.0
"""How often is asked which sites have become due meanwhile."""

SILENT_SECONDS = 60.0
"""A worker that has not said for this long that it lives hangs, and is killed: thirty beats."""

DEATHS = 3
"""A site that was alone in a worker at this many deaths is given up for this time."""

JOBS_A_PUBLISHER = 25
"""After so many the publishing process is replaced: it has grown by some 80 MB, and would go on."""

STOP_SECONDS = 20.0
"""What the workers are given to end when all is stopped."""

LONG_PUBLISH_SECONDS = 30.0
"""While one run takes longer than this to be published, a second process publishes what waits."""

TELLING = "+tell"
"""Stands for a site in the job that is about many."""

BUG = 5
NOT_AGAIN = (2, 3, INTERRUPTED)
"""Exit codes after which a site is not begun again by the same command."""

GOES_ON = "interrupted; the next crawl goes on where it stopped"

NEED_A_PERSON = (5, 2, 1)
"""Exit codes that need a person, the worst first."""


@dataclass(frozen=True, kw_only=True)
class DueOptions:
    """What the command line says for every site."""

    allow_hosts: tuple[str, ...] = ()
    contact: str | None = None
    delay_seconds: float | None = None
    concurrency: int | None = None
    proxy: str | None = None
    whom: Whom = field(default_factory=Whom)
    """Who is told how the runs ended."""


@dataclass(kw_only=True)
class Outcome:
    """What became of one site."""

    site: str
    exit_code: int
    reason: str | None
    run: dict[str, Any] | None = None
    """How its run ended, as `crawler.order.CrawlOutcome` has it; None where none came to an end."""


def worst(codes: Sequence[int]) -> int:
    """Return the exit code of a command that crawled several sites: the worst that needs a person, else 4.

    3 (another run holds the site) only when that was so for each.

    >>> worst([0, 4, 1]), worst([0, 4, 3]), worst([0, 3]), worst([3]), worst([])
    (1, 4, 0, 3, 0)
    """
    for code in (INTERRUPTED, *NEED_A_PERSON, 4):
        if code in codes:
            return code
    return 3 if codes and all(code == 3 for code in codes) else 0


@dataclass
class _Site:
    """A site that this command has taken on."""

    scheduled: Scheduled
    starts_at: datetime
    deaths: int = 0
    """Workers that died while this site was alone in them."""
    began: float = 0.0
    resumed: bool = False


@dataclass(eq=False)
class _Worker:
    """A process that works for us."""

    process: asyncio.subprocess.Process
    kind: Literal["fetch", "publish"]
    heard: float
    isolated: bool = False
    """Whether it has the sites of a dead worker, and takes no others."""
    jobs: dict[str, Job] = field(default_factory=dict)
    since: float = 0.0
    """When it was given its present job."""
    given: int = 0
    """Jobs it was given so far."""
    listening: asyncio.Task[None] | None = None
    is_leaving: bool = False
    """It was let go, and is given nothing."""

    def give(self, job: Job) -> None:
        assert self.process.stdin is not None
        self.jobs[job.site] = job
        self.given += 1
        self.process.stdin.write(line(job))

    def is_worn_out(self) -> bool:
        """Whether another process is to come in its place."""
        return not self.jobs and (self.isolated or (self.kind == "publish" and self.given >= JOBS_A_PUBLISHER))

    def let_go(self) -> None:
        """Let it end: it has nothing to do, or is to stop."""
        assert self.process.stdin is not None
        self.is_leaving = True
        self.process.stdin.close()


class Dispatcher:
    """One `crawl --due`."""

    def __init__(
        self,
        layout: Layout,
        scheduled: Callable[[], list[Scheduled]],
        options: DueOptions,
        clock: Clock,
        tell: Callable[[Outcome], None],
    ) -> None:
        """*scheduled* returns every site with a schedule as it is now; *tell* is called with each site's end."""
        self._layout = layout
        self._scheduled = scheduled
        self._options = options
        self._clock = clock
        self._tell = tell
        self._sites: dict[str, _Site] = {}
        """Sites taken on and not yet ended."""
        self._planned: list[str] = []
        self._isolated: deque[list[str]] = deque()
        """Sites of workers that died: each list is for a worker of its own."""
        self._waiting: deque[Job] = deque()
        """What is to be prepared or published."""
        self._untold = Untold()
        self._workers: list[_Worker] = []
        self._not_again: set[str] = set()
        self._ends: asyncio.Queue[_Worker] = asyncio.Queue()
        self._stopping = False
        self._signals = 0
        self._state: State | None = None
        self._failure: ArchiveError | None = None
        self._copies: asyncio.subprocess.Process | None = None
        """What looks for copies while sites are crawled."""
        self._allowance = 1.0
        self._stop_by = float("inf")
        self.outcomes: dict[str, Outcome] = {}
        """How each site's last run ended."""

    def run(self) -> int:
        """Crawl what is due; return the exit code. Raises SiteBusy while another process does the same."""
        self._state = State(self._layout, SCHEDULER, self._clock)
        try:
            try:
                self._state.acquire()
            except SiteBusy as error:
                raise SiteBusy(
                    str(error).replace(SCHEDULER, "crawl --due") + "; that one takes what becomes due meanwhile"
                ) from error
            asyncio.run(self._run())
            self._tell_rest()
            if self._failure is not None:
                raise self._failure
        finally:
            if isinstance(self._failure, LeaseLost):
                self._state.abandon()
            else:
                self._state.close()
        if not self._signals:
            with suppress(KeyboardInterrupt):  # every site's run has ended
                look_if_due(self._layout, self._clock)
        return worst([one.exit_code for one in self.outcomes.values()] + ([INTERRUPTED] if self._signals else []))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)
        look_at = beat_at = ticked = self._clock.monotonic()
        for end in left_untold(self._layout, [one.site for one in self._scheduled()]):
            self._untold.add(end.row(), ticked)
        try:
            while True:
                now = self._clock.monotonic()
                self._after_sleep(now - ticked)
                ticked = now
                if now >= beat_at:
                    self._keep_lease()
                    beat_at = now + BEAT_SECONDS
                if now >= look_at and not self._stopping:
                    self._look()
                    await self._look_for_copies()
                    look_at = now + LOOK_SECONDS
                self._bury()
                if not self._stopping:
                    await self._start_sites(now)
                    await self._start_publishing(now)
                self._kill_the_silent(now)
                self._let_worn_out_go()
                if self._is_over(now):
                    return
                await self._clock.sleep(TICK_SECONDS)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
            await self._end_workers()
            await self._end_copies()

    # What is due

    def _look(self) -> None:
        """Take on what has become due."""
        scheduled = self._scheduled()
        now = self._clock.now()
        for one in scheduled:
            if one.site in self._sites or one.site in self._not_again or not one.is_due(now):
                continue
            assert one.due is not None
            starts_at = now + one.plan.offset(one.site, now) if one.due.missed else now
            self._sites[one.site] = _Site(one, starts_at)
            self._planned.append(one.site)

    async def _start_sites(self, now: float) -> None:
        self._allowance = min(self._allowance + STARTS_A_SECOND * TICK_SECONDS, STARTS_A_SECOND)
        while self._isolated and sum(worker.isolated for worker in self._workers) < 2:
            worker = await self._new_worker("fetch", isolated=True)
            for site in self._isolated.popleft():
                worker.give(self._job(site, Do.FETCH))
        instant = self._clock.now()
        for site in [site for site in self._planned if self._sites[site].starts_at <= instant]:
            if self._allowance < 1:
                return
            if not self._may_begin(site):
                self._planned.remove(site)
            elif self._is_to_be_prepared(site):
                self._planned.remove(site)
                self._waiting.append(self._job(site, Do.PREPARE))
            else:
                room = await self._worker_with_room()
                if room is None:
                    return
                self._planned.remove(site)
                self._sites[site].began = now
                room.give(self._job(site, Do.FETCH))
            self._allowance -= 1

    def _may_begin(self, site: str) -> bool:
        """Whether a crawl of *site* is allowed; what is against it is told."""
        profile = self._sites[site].scheduled.profile
        try:
            if pause_of(self._layout, site, self._clock.now()) is not None:  # since we looked
                del self._sites[site]
                return False
            if not profile.start_urls:
                self._end(site, 2, f"profile {site} has no start_urls; add them to {profile.file}")
                return False
            check_allowed(profile.start_urls, self._layout.root, self._options.contact, self._options.allow_hosts)
        except ArchiveError as error:
            self._end(site, error.exit_code, str(error))
            return False
        return True

    def _is_to_be_prepared(self, site: str) -> bool:
        """Whether a killed run left a WARC file to mend, or the state is to be made again: that takes its time."""
        if not self._layout.state(site).exists():
            return (self._layout.table("runs") / "_delta_log").is_dir()
        return any(name.endswith(OPEN_SUFFIX) for name in self._layout.warc_names(site, ""))

    async def _worker_with_room(self) -> _Worker | None:
        fetching = [
            worker for worker in self._workers if worker.kind == "fetch" and not (worker.isolated or worker.is_leaving)
        ]
        for worker in fetching:
            if len(worker.jobs) < SITES_A_WORKER:
                return worker
        if len(fetching) >= max(1, os.cpu_count() or 1):
            return None
        return await self._new_worker("fetch")

    def _job(self, site: str, do: Do) -> Job:
        scheduled, options = self._sites[site].scheduled, self._options
        begun = scheduled.attempts
        return Job(
            site=site,
            do=do,
            archive=str(self._layout.root),
            profile=str(Path(scheduled.profile.file or site).absolute()),
            begun_before=instant_text(begun.started_at) if begun else None,
            allow_hosts=options.allow_hosts,
            contact=options.contact,
            delay_seconds=options.delay_seconds,
            concurrency=options.concurrency,
            proxy=options.proxy,
            notify=options.whom.notify,
            sites=str(options.whom.sites.absolute()) if options.whom.sites else None,
        )

    async def _start_publishing(self, now: float) -> None:
        while self._waiting or self._is_time_to_tell(now):
            if any(one.kind == "publish" and one.is_worn_out() for one in self._workers):
                return  # its memory first
            publishing = [one for one in self._workers if one.kind == "publish" and not one.is_worn_out()]
            free = next((worker for worker in publishing if not worker.jobs), None)
            if free is None:
                if len(publishing) > 1 or any(now - worker.since < LONG_PUBLISH_SECONDS for worker in publishing):
                    return
                free = await self._new_worker("publish")
            free.since = now
            free.give(self._telling() if self._is_time_to_tell(now) else self._waiting.popleft())

    # Telling of the ends

    def _is_time_to_tell(self, now: float) -> bool:
        return self._untold.is_time(now, more_to_come=bool(self._sites))

    def _telling(self) -> Job:
        whom = self._options.whom
        return Job(
            site=TELLING,
            do=Do.TELL,
            archive=str(self._layout.root),
            profile="",
            notify=whom.notify,
            sites=str(whom.sites.absolute()) if whom.sites else None,
            ends=self._untold.take(),
        )

    def _tell_rest(self) -> None:
        """Tell what was left when all was stopped; who is in a hurry hears of it with the next run."""
        rest = self._untold.rest()
        if rest and self._signals < 2:
            from crawler.telling.after_run import after_runs  # DuckDB comes with it: only where it is needed

            after_runs(self._layout, [RunEnd.of_row(row) for row in rest], self._options.whom, self._clock)

    # Copies

    async def _look_for_copies(self) -> None:
        """Begin to look for copies if so much was published that it is not to wait for the end."""
        running = self._copies is not None and self._copies.returncode is None
        if running or not is_due(self._layout, MUCH_BYTES):
            return
        with (self._layout.logs / "due.log").open("ab") as log:
            self._copies = await asyncio.create_subprocess_exec(
                *command(self._layout),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(self._clock),
                start_new_session=True,
            )

    async def _end_copies(self) -> None:
        """What is left is done at the end, or the next time."""
        if self._copies is not None and self._copies.returncode is None:
            self._copies.kill()
            await self._copies.wait()

    # Workers

    async def _new_worker(self, kind: Literal["fetch", "publish"], *, isolated: bool = False) -> _Worker:
        with (self._layout.logs / "due.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-X", "faulthandler", "-m", "crawler.scheduling.worker", kind),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=environment(self._clock),
                start_new_session=True,  # Ctrl-C is for us; we tell the workers
                limit=1 << 20,
            )
        worker = _Worker(process, kind, self._clock.monotonic(), isolated)
        worker.listening = asyncio.ensure_future(self._listen(worker))
        self._workers.append(worker)
        return worker

    async def _listen(self, worker: _Worker) -> None:
        assert worker.process.stdout is not None
        while text := await worker.process.stdout.readline():
            worker.heard = self._clock.monotonic()
            message = json.loads(text)
            if "site" in message:
                self._heard(worker, Told(**message))
        await worker.process.wait()
        self._ends.put_nowait(worker)

    def _heard(self, worker: _Worker, told: Told) -> None:
        worker.jobs.pop(told.site, None)
        if told.end is not None:
            self._untold.add(told.end, self._clock.monotonic())
        if told.site not in self._sites:
            return
        if self._stopping and told.did != "ended":
            self._end(told.site, INTERRUPTED, GOES_ON)
        elif told.did == "fetched":
            self._sites[told.site].resumed = told.resumed
            self._waiting.append(self._job(told.site, Do.PUBLISH))
        elif told.did == "prepared":
            self._planned.append(told.site)
        else:
            self._end(told.site, told.exit_code, told.reason, dict(told.outcome) if told.outcome else None)

    def _bury(self) -> None:
        """See to the sites of workers that died."""
        while not self._ends.empty():
            worker = self._ends.get_nowait()
            self._workers.remove(worker)
            if TELLING in worker.jobs:
                self._untold.died(worker.jobs[TELLING].ends, was_stopped=self._stopping)
            sites = [site for site in worker.jobs if site in self._sites]
            if not sites:
                continue
            if self._stopping:
                for site in sites:
                    self._end(site, INTERRUPTED, GOES_ON)
            elif len(sites) == 1:
                self._alone_at_a_death(worker, sites[0])
            else:
                half = len(sites) // 2
                self._isolated += [sites[:half], sites[half:]]
            for site in sites:
                self._refresh(site)

    def _alone_at_a_death(self, worker: _Worker, site: str) -> None:
        taken = self._sites[site]
        taken.deaths += 1
        if taken.deaths >= DEATHS:
            code = worker.process.returncode or 0
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            reason = (
                f"its crawl ended the process {DEATHS} times (last by {how}); look into logs/due.log, "
                "please report it with that"
            )
            self._end(site, BUG, reason)
            self._tell_person(site, reason)
        elif worker.kind == "publish":
            self._waiting.append(worker.jobs[site])
        else:
            self._isolated.append([site])

    def _tell_person(self, site: str, reason: str) -> None:
        """Tell of a run whose process did not live to tell of its end."""
        end = RunEnd(site=site, run=None, event=FAILED, exit_code=BUG, reason=reason, at=self._clock.now())
        with suppress(ArchiveError):  # a full disk: whoever tells of it knows nevertheless
            note_end(self._layout, site, end.ended())
        self._untold.add(end.row(), self._clock.monotonic())

    def _refresh(self, site: str) -> None:
        """Know of the runs that the dead worker began, so that the next one goes on with them."""
        taken = self._sites.get(site)
        if taken is None:
            return
        for one in self._scheduled():
            if one.site == site:
                taken.scheduled = one

    def _after_sleep(self, seconds: float) -> None:
        """After the machine slept, or we were stopped, nobody could be heard."""
        if seconds > SILENT_SECONDS / 2:
            for worker in self._workers:
                worker.heard = self._clock.monotonic()

    def _kill_the_silent(self, now: float) -> None:
        for worker in self._workers:
            if now - worker.heard > SILENT_SECONDS and worker.process.returncode is None:
                worker.process.kill()

    def _let_worn_out_go(self) -> None:
        for worker in self._workers:
            if worker.is_worn_out() or (worker.kind == "fetch" and not worker.jobs and self._only_publishes()):
                worker.let_go()

    def _only_publishes(self) -> bool:
        """Whether runs wait to be published and no site to be fetched: the memory of who fetches is better free."""
        prepared = [*self._waiting, *(job for worker in self._workers for job in worker.jobs.values())]
        to_fetch = self._planned or self._isolated or any(job.do == Do.PREPARE for job in prepared)
        return bool(self._waiting) and not to_fetch

    async def _end_workers(self) -> None:
        """Nothing of ours outlives us."""
        for worker in self._workers:
            worker.let_go()
        listening = [worker.listening for worker in self._workers if worker.listening is not None]
        if listening:
            in_a_hurry = self._signals > 1 or self._clock.monotonic() > self._stop_by
            await asyncio.wait(listening, timeout=0 if in_a_hurry else STOP_SECONDS)
        for worker in self._workers:
            if worker.process.returncode is None:
                worker.process.kill()
        await asyncio.gather(*listening)
        for site in list(self._sites):
            self._end(site, INTERRUPTED, GOES_ON)

    # The end

    def _end(self, site: str, exit_code: int, reason: str | None, run: dict[str, Any] | None = None) -> None:
        taken = self._sites.pop(site)
        if run is not None and taken.began:  # the publishing process knows of its own part alone
            run |= {"resumed": taken.resumed, "elapsed_seconds": self._clock.monotonic() - taken.began}
        if exit_code in NOT_AGAIN or run is None:  # without a run nothing says when it is due next
            self._not_again.add(site)
        outcome = Outcome(site=site, exit_code=exit_code, reason=reason, run=run)
        self.outcomes[site] = outcome
        self._tell(outcome)

    def _is_over(self, now: float) -> bool:
        if self._stopping:
            return not any(worker.jobs for worker in self._workers) or self._signals > 1 or now > self._stop_by
        telling = any(TELLING in worker.jobs for worker in self._workers)
        return not (self._sites or self._untold or telling)

    def _signalled(self) -> None:
        """The first signal ends every run cleanly, the second does not wait for that."""
        self._signals += 1
        self._stop()

    def _stop(self) -> None:
        if self._stopping:
            return
        self._stopping = True
        waiting = {job.site for job in self._waiting} | {site for pack in self._isolated for site in pack}
        for site in (*self._planned, *waiting):
            if site in self._sites:
                self._end(site, INTERRUPTED, GOES_ON)
        self._planned.clear()
        self._stop_by = self._clock.monotonic() + STOP_SECONDS
        for worker in self._workers:
            worker.let_go()
            if worker.kind == "publish" and worker.process.returncode is None:
                worker.process.terminate()

    def _keep_lease(self) -> None:
        assert self._state is not None
        try:
            self._state.keep_lease()
        except ArchiveError as error:
            self._failure = self._failure or error
            self._stop()
