"""A crawl run from the command to the ledger: open or resume, fetch, judge, publish."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from archive.clock import Clock, instant_text
from archive.errors import ArchiveError, DamagedFile, LeaseLost, MachineTrouble
from archive.judgement.gates import Fitness
from archive.layout import Layout, create
from archive.maintenance.looking_for_copies import look_if_due
from archive.publishing.judging import judge_run
from archive.site_state import attempts
from archive.site_state.names import known_names, rename
from archive.site_state.staging import CRAWLING, FETCHED
from crawler.collector import quiet_collector
from crawler.order import CrawlOutcome, CrawlProgress, CrawlRequest, walk_rules
from crawler.permission import check_allowed
from crawler.run_log import log_file
from crawler.session import Session
from crawler.telling.run_ends import Later, told_afterwards

if TYPE_CHECKING:
    from archive.published.tables import OpenTables
    from archive.publishing.publish import Publisher

logger = logging.getLogger(__name__)

PROGRESS_SECONDS = 0.25


def crawl(request: CrawlRequest, clock: Clock) -> CrawlOutcome:
    """Do one run of a site, or go on with the one that was interrupted, and publish what it found.

    Raises SiteBusy while another run holds the site, UsageError and MachineTrouble as their names say; a site that does
    not let us in is an outcome with exit code 4.
    """

    def whole(begun: CrawlRun) -> CrawlOutcome:
        begun.note_begin()
        return begun.run()

    outcome = _to_the_end(request, clock, whole)
    assert outcome is not None
    return outcome


def finish(
    request: CrawlRequest, clock: Clock, later: Later | None = None, opened: OpenTables | None = None
) -> CrawlOutcome | None:
    """Judge and publish the run of a site that has been fetched; None where there is none to finish.

    *later* is handed its end instead of telling of it here; *opened* are the tables, for who finishes many runs. Raises
    as `crawl`.
    """

    def rest(begun: CrawlRun) -> CrawlOutcome | None:
        begun.opened = opened
        unfinished = begun.session.unfinished_run()
        if unfinished is None or unfinished.status == CRAWLING:
            return None
        begun.note_again()
        return begun.run()

    return _to_the_end(request, clock, rest, later)


def _to_the_end(
    request: CrawlRequest,
    clock: Clock,
    take: Callable[[CrawlRun], CrawlOutcome | None],
    later: Later | None = None,
) -> CrawlOutcome | None:
    """Take the steps of a run that *take* takes, note its end, tell of it, and do maintenance if it is due then."""
    with told_afterwards(request, clock, later) as telling:
        begun = telling.begun = CrawlRun.begin(request, clock)
        with begun.until_the_end():
            outcome = telling.outcome = take(begun)
            if outcome is not None:
                begun.note_end(outcome.exit_code)
    if outcome is not None and outcome.event == "published":
        _maintain(begun.layout, clock, of_many=later is not None)
    return outcome


def prepare(request: CrawlRequest, clock: Clock) -> None:
    """Mend what a killed run left of a site, and make its state file again if it is gone. Raises as `crawl`."""
    begun = CrawlRun.begin(request, clock)
    with begun.until_the_end():
        pass


def _maintain(layout: Layout, clock: Clock, *, of_many: bool) -> None:
    """Do maintenance if it is due, bring the text index up to date, and look for copies if enough was published.

    *of_many*: who crawls many sites does the last two for several at a time. What hinders or stops it undoes no run,
    and the next one does it.
    """
    from archive.maintenance.maintain import maintain_if_due  # pyarrow comes with it, as with publishing
    from archive.text_index import catch_up_if_free

    try:
        with _stopped_by_signals():
            maintain_if_due(layout, clock)
            if not of_many:
                catch_up_if_free(layout)
                look_if_due(layout, clock)
    except (DamagedFile, MachineTrouble) as error:
        logger.warning("the run is published; maintenance was not done: %s", error)
    except KeyboardInterrupt:
        logger.warning("the run is published; maintenance was stopped, the next run goes on with it")


def _take_former_names(layout: Layout, request: CrawlRequest, clock: Clock) -> None:
    """What was archived under a former name of the profile goes on under the present one."""
    former = request.profile.former_names if request.profile is not None else ()
    if former:
        for name in set(former) & known_names(layout):
            rename(layout, name, request.site, clock)


def _restore_state(layout: Layout, site: str, clock: Clock) -> None:
    """A site with documents but no state file, because it is gone or they were imported, goes on from those."""
    state = layout.state(site)
    if (state.exists() and state.stat().st_size) or not (layout.table("runs") / "_delta_log").is_dir():
        return
    from archive.publishing.rebuild_state import (  # pyarrow comes with it: only where it is needed
        is_known,
        rebuild_state,
    )

    if is_known(layout, site):
        rebuild_state(layout, site, clock)


class CrawlRun:
    """One run from its lease to its end: holds what the steps share.

    `crawl` takes them all. Where several sites are crawled in one event loop, `fetch_beside_others` comes in the place
    of `run`, and another process does the rest (`finish`).
    """

    def __init__(self, request: CrawlRequest, layout: Layout, session: Session, clock: Clock) -> None:
        self.request = request
        self.layout = layout
        self.session = session
        self.clock = clock
        self.began = clock.monotonic()
        self.resumed = False
        self.interrupted = False
        self.opened: OpenTables | None = None
        self._attempt: attempts.Attempts | None = None
        self._stop_fetching: Callable[[], Awaitable[None]] | None = None

    @classmethod
    def begin(cls, request: CrawlRequest, clock: Clock) -> CrawlRun:
        """Take the site's lease, if the crawl may be done at all."""
        check_allowed(request.start_urls, request.archive, request.contact, request.allow_hosts)
        layout = create(request.archive)
        _take_former_names(layout, request, clock)
        _restore_state(layout, request.site, clock)
        session = Session(
            layout,
            request.site,
            clock,
            walk_rules(request),
            hints=request.profile.hints() if request.profile else None,
            documents_first=request.max_documents is not None,
            revisit_budget=request.profile.revisit_budget if request.profile else None,
        )
        return cls(request, layout, session, clock)

    def note_begin(self) -> None:
        """Note that a run begins, for the schedule; one that is to end early stands for none."""
        if self.request.max_documents is None and self.request.max_requests is None:
            self._attempt = attempts.begin(self.layout, self.request.site, self.clock)

    def note_again(self) -> None:
        """Go on with the attempt that another process began."""
        self._attempt = attempts.last_attempts(self.layout, self.request.site)

    def note_end(self, exit_code: int) -> None:
        """Note how the run ended, for the schedule. Call it while the lease is held."""
        begun = self._attempt
        if begun is not None:
            self.session.state.keep_lease()
            plan = self.request.profile.plan() if self.request.profile is not None else None
            anchor = plan.anchored(begun.anchor, begun.started_at) if plan is not None else begun.started_at
            attempts.end(self.layout, self.request.site, begun, exit_code, self.clock, anchor=anchor)

    def note_trouble(self, error: BaseException) -> None:
        """Note that *error* ended the run, if the machine still lets us; a run without an end counts as failed."""
        code = error.exit_code if isinstance(error, ArchiveError) else MachineTrouble.exit_code
        self.session.state.roll_back_group()
        with suppress(ArchiveError):
            self.note_end(attempts.INTERRUPTED if isinstance(error, KeyboardInterrupt) else code)

    @contextmanager
    def until_the_end(self) -> Iterator[None]:
        """Give the lease back when the block is left; after an error note it first, as far as the machine lets us."""
        try:
            yield
        except LeaseLost:
            self.session.abandon()
            raise
        except BaseException as error:
            # Whatever is missing or changed under a holder that was taken over is the other run's work.
            if isinstance(error, Exception) and (lost := self.session.state.lease_lost()) is not None:
                self.session.abandon()
                raise lost from error
            self.note_trouble(error)
            self.session.close_after_trouble()
            raise
        self.session.close()

    def run(self) -> CrawlOutcome:
        """Take every step from here to the end."""
        self.open_run()
        if self.session.run.status == CRAWLING:
            self._fetch()
        return self.end()

    def end(self) -> CrawlOutcome:
        """Judge and publish what was fetched, or leave it to be gone on with."""
        session = self.session
        if session.run.status == CRAWLING:
            if self.interrupted or session.failure is not None:
                return self._unfinished()
            session.finish_fetching()
        with _stopped_by_signals():
            return self._judge_and_publish()

    def open_run(self) -> None:
        """Begin a run, or go on with the one that stopped."""
        session, request = self.session, self.request
        session.max_documents, session.max_requests = request.max_documents, request.max_requests
        session.full = request.full
        run = session.unfinished_run()
        if run is not None and request.restart:
            session.use(run)
            publisher = self._publisher()
            if run.status == CRAWLING or not publisher.is_visible(run.run_id):
                publisher.close_without_publishing(run.run_id, "rejected", "dropped by crawl --restart")
                run = None
        if run is not None:
            self.resumed = True
            session.resume_run(run, request.start_urls, self._warc_info())
        else:
            session.start_run(request.start_urls, self._options(), self._warc_info())

    def _options(self) -> dict[str, Any]:
        request = self.request
        options = {
            "start_urls": list(request.start_urls),
            "max_documents": request.max_documents,
            "max_requests": request.max_requests,
            "full": request.full or None,
            "allow_hosts": list(request.allow_hosts) or None,
            "clock": instant_text(self.clock.replay_start) if self.clock.replay_start else None,
        }
        return {name: value for name, value in options.items() if value is not None}

    def _warc_info(self) -> dict[str, str]:
        request = self.request
        profile = request.profile
        info = {
            "software": f"docarchive/{_version()}",
            "robots": "obey",
            "operator": request.contact or "",
            "http-header-user-agent": user_agent(request.contact),
            "isPartOf": request.site,
            "description": f"Crawl of {request.start_urls[0] if request.start_urls else request.site}",
            "x-tls-certificates": "not checked" if profile and not profile.tls_strict else "checked",
            "x-proxy": "named by profile or command line" if self._proxy() else "",
            "x-clock": f"started at {instant_text(self.clock.replay_start)}" if self.clock.replay_start else "",
        }
        return {name: value for name, value in info.items() if value}

    def _proxy(self) -> str | None:
        return self.request.proxy or (self.request.profile.proxy if self.request.profile else None)

    def _fetch(self) -> None:
        """Run Scrapy until the frontier is empty, a limit is reached, or something stops it."""
        from scrapy.crawler import AsyncCrawlerProcess

        from crawler.spiders.documents import DocumentsSpider

        with log_file(self.layout, self.session.run.run_id):
            process = AsyncCrawlerProcess(self._settings())
            logging.getLogger("scrapy").setLevel(logging.INFO)  # Scrapy sets it to DEBUG: every item with its text
            loop = asyncio.get_event_loop()
            self._stop_on_signals(loop, process)
            ticker = loop.create_task(self._report_progress()) if self.request.progress else None
            crawling = process.crawl(DocumentsSpider, **self.spider_arguments())
            with quiet_collector():
                process.start(install_signal_handlers=False)
            if not crawling.cancelled() and (error := crawling.exception()) is not None:
                self.session.bug(error)
            if ticker is not None:
                ticker.cancel()
        self.session.stop_fetching()

    async def fetch_beside_others(self) -> CrawlOutcome | None:
        """Fetch in the event loop that runs already; return how the run ended, or None when it is to be published."""
        from scrapy.crawler import Crawler

        from crawler.spiders.documents import DocumentsSpider

        self.open_run()
        session = self.session
        if session.run.status != CRAWLING:
            return None
        with log_file(self.layout, session.run.run_id, alone=False):
            crawler = Crawler(DocumentsSpider, self._settings())
            self._stop_fetching = crawler.stop_async
            try:
                await crawler.crawl_async(**self.spider_arguments())
            except Exception as error:  # noqa: BLE001 - of whatever kind: it ends this run, not those beside it
                session.bug(error)
            session.stop_fetching()
        if self.interrupted or session.failure is not None:
            return self._unfinished()
        session.finish_fetching()
        return None

    def interrupt(self) -> None:
        """End a run that is fetched beside others, to be gone on with."""
        self.interrupted = True
        self.session.stop("interrupted")
        if self._stop_fetching is not None:
            self._stopping = asyncio.ensure_future(self._stop_fetching())

    def spider_arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of the spider."""
        return {"session": self.session, "headers": self._headers(), "proxy": self._proxy()}

    def _settings(self) -> Any:
        from scrapy.settings import Settings

        settings = Settings()
        settings.setmodule("crawler.settings", priority="project")
        self.set(settings)
        return settings

    def set(self, settings: Any) -> None:
        """Put into Scrapy's *settings* what the command and the profile say."""
        request = self.request
        concurrency = request.concurrency or (request.profile.concurrency if request.profile else None)
        if concurrency is not None:
            settings.set("CONCURRENT_REQUESTS", concurrency, priority="cmdline")
            settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", concurrency, priority="cmdline")
        delay = request.delay_seconds
        if delay is None and request.profile is not None:
            delay = request.profile.delay_seconds
        settings.set("CRAWL_DELAY_SECONDS", delay, priority="cmdline")
        settings.set("CRAWL_ALLOW_HOSTS", list(request.allow_hosts), priority="cmdline")
        settings.set("CRAWL_CONTACT", request.contact, priority="cmdline")
        if request.profile is not None:
            settings.set("CRAWL_TLS_STRICT", request.profile.tls_strict, priority="cmdline")

    def _headers(self) -> dict[str, str]:
        headers = {
            "User-Agent": user_agent(self.request.contact),
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
            "Accept-Encoding": "gzip, deflate, br",
        }
        profile = self.request.profile
        if profile is not None:
            headers.update(profile.headers)
            if profile.cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in profile.cookies.items())
        return headers

    def _stop_on_signals(self, loop: asyncio.AbstractEventLoop, process: Any) -> None:
        """The first SIGINT or SIGTERM ends the run cleanly, to be gone on with; the second ends the process."""

        def stop(number: int) -> None:
            if self.interrupted:
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)
            self.interrupted = True
            self.session.stop("interrupted")
            loop.create_task(process.stop())

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, stop, number)
            except (ValueError, RuntimeError):  # not the main thread (a test, a notebook)
                return

    async def _report_progress(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            self._progress("fetching")

    def _progress(self, phase: str) -> None:
        if self.request.progress is None:
            return
        counts = self.session.counts
        self.request.progress(
            CrawlProgress(
                requests=counts["requests"],
                documents=counts["documents"],
                new=counts["new"],
                changed=counts["changed"],
                same=counts["same"],
                failed=counts["failed"],
                queued=self.session.frontier.waiting,
                elapsed_seconds=self.clock.monotonic() - self.began,
                phase=phase,
            )
        )

    def _publisher(self) -> Publisher:
        from archive.publishing.publish import Publisher  # pyarrow comes with it: not while fetching

        session = self.session
        return Publisher(
            self.layout,
            session.state,
            session.staging,
            self.clock,
            progress=lambda *_: self._progress("publishing"),
            opened=self.opened,
        )

    def _judge_and_publish(self) -> CrawlOutcome:
        session = self.session
        run = session.run
        publisher = self._publisher()
        if run.status == FETCHED:
            verdict = judge_run(self.layout, session.staging, run.run_id)
            if verdict.fitness is Fitness.EMPTY:
                publisher.close_without_publishing(run.run_id, "empty", verdict.reason or "")
                partial_without_documents = "partial" in run.options
                return self._outcome("empty", 0 if partial_without_documents else 1, self._why_empty())
            if verdict.fitness is Fitness.HOLD:
                publisher.hold(run.run_id, verdict.reason or "")
                return self._outcome("held", 1, verdict.reason)
        publisher.publish(run.run_id)
        return self._outcome("published", 0, None)

    def _why_empty(self) -> str:
        site = self.request.site
        if self.session.counts["robots/disallowed"]:
            return f"robots.txt of {site} does not allow the start page; ask the site's owner, or start elsewhere"
        what = site if self.request.profile else self.request.start_urls[0]
        counts = self.session.counts
        if counts["other/needs_browser"] and not counts["pages/listing"]:
            return (
                f"the pages of {what} are made by scripts in a browser; capture them with a tool that runs one, "
                "and hand its file on with: docarchive import FILE.wacz"
            )
        pages = {"listing": counts["pages/listing"]} | {
            name.removeprefix("other/"): number for name, number in counts.items() if name.startswith("other/")
        }
        read = ", ".join(f"{number:,} {name}" for name, number in sorted(pages.items(), key=lambda p: -p[1]) if number)
        found = f"no document was found on {site}" + (f" (pages read: {read})" if read else "")
        return f"{found}; see what is read there with: docarchive sites try {what}"

    def _unfinished(self) -> CrawlOutcome:
        failure = self.session.failure
        if failure is None:
            return self._outcome(
                None, attempts.INTERRUPTED, "interrupted; run the same command again, it goes on where it stopped"
            )
        if failure.exit_code != 4:
            raise failure
        return self._outcome(None, 4, str(failure))

    def _outcome(self, event: str | None, exit_code: int, reason: str | None) -> CrawlOutcome:
        run, counts = self.session.run, self.session.counts
        return CrawlOutcome(
            run_id=run.run_id,
            event=event,
            exit_code=exit_code,
            reason=reason,
            resumed=self.resumed,
            partial=self.session.limited,
            elapsed_seconds=self.clock.monotonic() - self.began,
            new=counts["new"],
            changed=counts["changed"],
            same=counts["same"],
            withdrawn=counts["withdrawn"],
            failed=counts["failed"],
            requests=counts["requests"],
            bytes_received=counts["bytes_received"],
            failures=self.session.frontier.failed(),
        )


def user_agent(contact: str | None) -> str:
    """Return the user agent: the product, its version, and how to reach who runs it."""
    return f"docarchive/{_version()}" + (f" (+{contact})" if contact else "")


@cache
def _version() -> str:
    """Reading it takes 5 ms: the package's metadata has the whole README."""
    return version("docarchive")


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """While publishing, SIGTERM ends the process as SIGINT does: every step can be done again."""

    def stop(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop), signal.signal(signal.SIGINT, stop)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
