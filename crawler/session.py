"""One run of one site in progress: what is open, what is counted, when it has to stop."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from archive.clock import Clock
from archive.errors import ArchiveError, DamagedFile, LeaseLost, MachineTrouble, SiteUnavailable
from archive.layout import Layout
from archive.record import DocumentRecord, content_digest
from archive.site_state.lease import BEAT_SECONDS
from archive.site_state.reread_staging import is_reread
from archive.site_state.staging import (
    CRAWLING,
    FETCHED,
    HELD,
    CapturedPage,
    Change,
    KnownPage,
    Run,
    Staging,
)
from archive.site_state.state import GROUP_PAGES, GROUP_SECONDS, State
from archive.warc.record import Exchange
from archive.warc.recovery import recover
from archive.warc.writing import Stored, WarcWriter
from crawler.attachments.facts import FileFacts
from crawler.capturing import Captures, Received
from crawler.doubt import Doubt
from crawler.fetching.conditions import Conditions
from crawler.fetching.frontier import Entry, Frontier, Link, LinkKind, Status
from crawler.fetching.outcome import Outcome
from crawler.identity import identified
from crawler.listed_as import listed_of, note_listed
from crawler.listings.walk import WalkRules
from crawler.reading import READER, canonical_url
from crawler.reading.page import Page, PageType, ReaderHints
from crawler.safe_reading import read_safely
from crawler.settings import ARCHIVE_WARC_MAX_BYTES, CRAWL_BUDGET_BASE, CRAWL_DOCUMENTS_A_REQUEST
from crawler.walker import Walker

FIELDS_COUNTED = ("size_bytes", "pages", "format", "published_on", "tags", "preview_text")
"""Record fields whose fill is counted, for the gates."""


class Session:
    """A run of one site, from the lease taken to the lease given back.

    Fetching asks it for the next URL (`next_entry`), hands it every exchange (`store`) and every outcome (`stage`).
    What is staged is committed in groups of at most 16 pages or 250 ms.
    """

    def __init__(
        self,
        layout: Layout,
        site: str,
        clock: Clock,
        rules: WalkRules,
        *,
        hints: ReaderHints | None = None,
        documents_first: bool = False,
        warc_max_bytes: int = ARCHIVE_WARC_MAX_BYTES,
        revisit_budget: int | None = None,
    ) -> None:
        """*revisit_budget*: requests a day for known pages; None: by the number of documents."""
        self.layout = layout
        self.site = site
        self.clock = clock
        self.rules = rules
        self._hints = hints
        self._warc_max_bytes = warc_max_bytes
        self.max_documents: int | None = None
        self.max_requests: int | None = None
        self.full = False
        """Whether every page is asked for whole, known or not."""
        self.limited = False
        """Whether a limit kept URLs from being fetched."""
        self.failure: ArchiveError | None = None
        self.stop_reason: str | None = None
        self.on_stop: list[Callable[[], None]] = []
        """Called when the run is to stop: wakes what waits for its turn, hurries what is under way."""
        self.counts: Counter[str] = Counter()
        self.run: Run
        self._in_flight: dict[int, Entry] = {}
        self._group_pages = 0
        self._group_timer: asyncio.TimerHandle | None = None
        self.state = State(layout, site, clock)
        try:
            self.state.acquire()
            self.staging = Staging(self.state)
            self.frontier = Frontier(self.state, clock, documents_first=documents_first)
            self.conditions = Conditions(self.state, self.staging, clock)
            self.captures = Captures(layout, self.state, self.staging, self.conditions)
            self._doubt = Doubt(self.frontier, self.staging)
            self.walker = Walker(
                self.state,
                self.staging,
                self.frontier,
                clock,
                self.counts,
                lambda documents: budget(documents) if revisit_budget is None else revisit_budget,
            )
            recover(layout, site)
            self._some_are_held = self.staging.held_pages.any()
            with self.state.transaction():
                lost = self.staging.lost_pages(layout)
                self.frontier.put_back(lost)
        except BaseException:
            self.state.abandon()
            raise

    # The run

    def unfinished_run(self) -> Run | None:
        """Return the run that a crash, a stop or an unreachable site left behind, or None."""
        return next((run for run in self.staging.runs() if run.status != HELD and not is_reread(run)), None)

    def use(self, run: Run) -> None:
        """Look at *run* without going on with it."""
        self.run = run

    def start_run(self, start_urls: tuple[str, ...], options: Mapping[str, Any], info: Mapping[str, str]) -> None:
        """Begin a new run at *start_urls*."""
        now = self.clock.now()
        run_id = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        with self.state.transaction():
            self.run = self.staging.start_run(run_id, started_at=now, reader=READER, options=options)
            self.frontier.open_run(self.run.run_no)
            self._set_walker()
            self.walker.begin(self.run, _starts(start_urls))
        self._open_writer(info)

    def _set_walker(self) -> None:
        self.walker.full = self.full
        self.walker.spends_budget = self.max_documents is None and self.max_requests is None

    def resume_run(self, run: Run, start_urls: tuple[str, ...], info: Mapping[str, str]) -> None:
        """Go on with a run that stopped before its end; start pages it has not seen join it."""
        self.run = run
        self.counts.update(run.counts)
        with self.state.transaction():
            self.frontier.open_run(run.run_no)
            if run.status == CRAWLING:
                self._set_walker()
                self.walker.resume(run, _starts(start_urls))
        if run.status == CRAWLING:
            self._open_writer(info)

    def _open_writer(self, info: Mapping[str, str]) -> None:
        assert self.state.lease is not None
        self.captures.open(
            WarcWriter(
                self.layout,
                self.site,
                self.run.run_id,
                self.state.lease.epoch,
                self.clock,
                info=info,
                max_bytes=self._warc_max_bytes,
            )
        )

    # Handing out

    @property
    def in_flight(self) -> int:
        """How many URLs were handed out and are not staged."""
        return len(self._in_flight)

    def next_entry(self) -> Entry | None:
        """Return the next URL to fetch, or None when none may be fetched now."""
        if self.stop_reason is not None or self._at_request_limit():
            return None
        if self._doubt.is_open:
            witness = self._doubt.next_entry()
            if witness is not None:
                self._in_flight[witness.id] = witness
                self._group_soon()
            return witness
        entry = self.frontier.next(documents=not self._at_document_limit())
        while entry is not None and self._is_held(entry):
            self.frontier.settle(entry, Status.SKIPPED, HELD)
            self.counts["left_alone"] += 1
            self._group_soon()
            entry = self.frontier.next(documents=not self._at_document_limit())
        if entry is not None:
            self._in_flight[entry.id] = entry
            self._group_soon()
        return entry

    def _is_held(self, entry: Entry) -> bool:
        """Whether the page waits with a held run for a person's word: it is not fetched again meanwhile."""
        if not self._some_are_held or entry.kind is not LinkKind.DOCUMENT:
            return False
        return self.staging.held_pages.run_of(canonical_url(entry.url)) is not None

    def has_more(self) -> bool:
        """Whether URLs wait that this run will still fetch."""
        if self.stop_reason is not None:
            return False
        if self._doubt.is_open and not self._at_request_limit():
            return True
        if self.frontier.waiting == 0:
            return False
        if self._at_request_limit() or self._documents_missing() <= 0:
            self.limited = True
            return False
        return True

    def _at_request_limit(self) -> bool:
        handed_out = self.counts["requests"] + len(self._in_flight)
        return self.max_requests is not None and handed_out >= self.max_requests

    def _at_document_limit(self) -> bool:
        expected = sum(1 for entry in self._in_flight.values() if entry.kind is LinkKind.DOCUMENT)
        return self._documents_missing() <= expected

    def _documents_missing(self) -> float:
        return float("inf") if self.max_documents is None else self.max_documents - self.counts["documents"]

    # Capturing

    def known(self, entry: Entry) -> KnownPage | None:
        """Return what is known of a page that the site can be asked to answer "not modified" about, or None."""
        return None if self.full else self.captures.known(entry)

    def forget_conditions(self, url: str) -> None:
        """Ask for the page at *url* whole from now on: what is archived of it cannot be read any more."""
        self.state.begin_group()
        self.staging.forget_conditions(canonical_url(url))

    def sent(self, meta: Mapping[str, Any]) -> None:
        """Note that a request goes out, if its URL was under way at a crash: it may be what kills the process."""
        entry: Entry | None = meta.get("entry")
        if entry is not None and entry.interrupted:
            self.state.begin_group()
            self.frontier.suspect(entry)
            self.commit()

    def is_known(self, record: DocumentRecord) -> bool:
        """Whether the archive has a document just so: nothing about it is new."""
        known = self.staging.known_document(record.site, record.doc_id)
        return known is not None and known.content_digest == content_digest(record)

    def store(self, exchange: Exchange, meta: dict[str, Any]) -> Stored:
        """Write an exchange to WARC; what belongs to no queue entry (robots.txt) is staged at once."""
        stored = self.captures.write(exchange, meta, self.run.run_id)
        self.counts["requests"] += 1
        self.counts["bytes_received"] += len(exchange.body)
        if "entry" not in meta:
            self.state.begin_group()
            page = self.captures.row(
                exchange.url,
                exchange.fetched_at,
                exchange.status,
                None,
                len(exchange.body),
                stored,
                meta,
                reason=meta.get("reason", "robots_txt"),
            )
            self.staging.stage(self.run.run_id, page, None)
            self._group_soon()
        return stored

    # Reading

    def read(self, response: Received, url: str, facts: FileFacts | None = None) -> Page:
        """Return what a response says; *facts*: what it says as a file, where it is one and was looked into already."""
        options: dict[str, Any] = {} if facts is None else {"facts": facts}
        if (said := listed_of(response.metadata)) is not None:
            options["listed"] = said
        return read_safely(
            response.body,
            url=url,
            fetched_at=response.fetched_at,
            content_type=response.content_type,
            http_status=response.status,
            site=self.site,
            hints=self._hints,
            **options,
        )

    # Staging

    def stage(self, outcome: Outcome) -> None:
        """Stage one outcome: page, record, new URLs and the URL's end go into one transaction.

        After an error the whole group is undone: its pages are fetched again, none is there by half.
        """
        try:
            self._stage(outcome)
        except BaseException:
            self.state.roll_back_group()
            raise

    def _stage(self, outcome: Outcome) -> None:
        self.state.begin_group()
        entry = outcome.entry
        self._in_flight.pop(entry.id, None)
        if self._doubt.is_witness(entry):
            self._hear(outcome)
            return
        change: Change | None = None
        if outcome.page is not None:
            record = self._identified(outcome.record) if outcome.record is not None else None
            change = self.staging.stage(self.run.run_id, outcome.page, record, url_id=entry.id, reread=self._reread)
            self._count(outcome, change)
            if record is not None:
                self.counts["returned"] += self.walker.withdrawals.note_return(self.run, record)
            self._note_listing(outcome, outcome.page)
            note_listed(self.staging.listed_files, outcome)
            self.conditions.note(outcome)
        if outcome.moved_to is not None:
            self.frontier.move(entry, outcome.moved_to)
        elif outcome.status is Status.WAITING:
            self.frontier.postpone(entry, outcome.retry_seconds, outcome.reason, counted=outcome.tried)
        else:
            self.frontier.settle(entry, outcome.status, outcome.reason)
            self.counts["failed"] += outcome.status is Status.FAILED
        self.walker.take(outcome, change)
        self._judge(outcome)
        self._group_pages += 1
        if self._group_pages >= GROUP_PAGES:
            self.commit()
        else:
            self._group_soon()

    def _identified(self, record: DocumentRecord) -> DocumentRecord:
        found = identified(record, self.staging, self.run.run_id, read_again=self._read_again)
        self.counts["ids_shared"] += found.was_shared
        return found.record

    def _count(self, outcome: Outcome, change: Change | None) -> None:
        assert outcome.page is not None
        self.counts[f"pages/{outcome.page.page_type}"] += 1
        if outcome.page.page_type == "other":
            self.counts[f"other/{outcome.page.reason}"] += 1
        if change is None or outcome.record is None:
            return
        self.counts["documents"] += 1
        self.counts[change.value] += 1
        for name in FIELDS_COUNTED:
            self.counts[f"filled/{name}"] += bool(getattr(outcome.record, name))

    def _note_listing(self, outcome: Outcome, page: CapturedPage) -> None:
        """Note what a listing page names: the gates find out by it what is named no more.

        Whatever else stands in a listing's place names nothing and is its end; a redirect leads on.
        """
        if outcome.status is not Status.DONE or outcome.entry.kind is LinkKind.DOCUMENT:
            return
        following = outcome.listing.next_url if outcome.listing is not None else None
        if page.page_type != PageType.LISTING and outcome.listings:
            following = outcome.listings[0].canonical_url
        self.staging.listing_walk.note(
            self.run.run_id,
            page.canonical_url,
            (link.canonical_url for link in outcome.documents),
            following,
            is_start=outcome.entry.kind is LinkKind.START,
        )

    def _judge(self, outcome: Outcome) -> None:
        """Stop when the site does not answer or blocks us: going on would only make it worse."""
        never = self.counts["pages/document"] + self.counts["pages/listing"] == 0
        start_given_up = outcome.entry.kind is LinkKind.START and outcome.status is Status.FAILED and never
        reason = self._doubt.note(self.run, outcome, may_ask=not self._at_request_limit())
        if outcome.blocked and start_given_up:
            reason = f"{outcome.reason} at {outcome.entry.url}"
        if reason is not None:
            self._is_unavailable(reason)

    def _hear(self, outcome: Outcome) -> None:
        """Take the answer of a page that was asked for once more, to know whether the site is there; it came before."""
        if outcome.page is not None:
            record = self._identified(outcome.record) if outcome.record is not None else None
            self.staging.stage(self.run.run_id, outcome.page, record, url_id=outcome.entry.id, reread=self._reread)
        self.frontier.settle(outcome.entry, Status.DONE, outcome.reason)
        self.counts["witnesses"] += 1
        reason = self._doubt.hear(outcome)
        if reason is not None:
            self._is_unavailable(reason)
        self._group_soon()

    def _is_unavailable(self, reason: str) -> None:
        self.frontier.put_back(self._doubt.not_lost())
        self.fail(
            SiteUnavailable(
                f"{self.site} does not let us in ({reason}); "
                "run the same command again later, it goes on where it stopped"
            )
        )

    def _reread(self, record: DocumentRecord) -> str | None:
        known = self.staging.known_page(record.canonical_url)
        before = self._read_again(replace(known, url=record.url)) if known is not None else None
        return content_digest(before) if before is not None else None

    def _read_again(self, known: KnownPage) -> DocumentRecord | None:
        try:
            return self.read(self.captures.archived(known), known.url).record
        except DamagedFile:
            return None

    def _group_soon(self) -> None:
        """See to it that what is staged now is committed within 250 ms."""
        if self._group_timer is None and self.state.db.in_transaction:
            self._group_timer = asyncio.get_running_loop().call_later(GROUP_SECONDS, self._commit_on_time)

    def _commit_on_time(self) -> None:
        self._group_timer = None
        try:
            self.commit()
        except ArchiveError as error:
            self.fail(error)

    async def keep_lease(self) -> None:
        """Renew the lease for as long as the run fetches, also while a site lets us wait for an hour."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                self.state.begin_group()
                self.commit()
            except ArchiveError as error:
                self.fail(error)
                return

    def commit(self) -> None:
        """Commit what is staged."""
        if self._group_timer is not None:
            self._group_timer.cancel()
            self._group_timer = None
        self._group_pages = 0
        if self.state.db.in_transaction:
            self.staging.save_counts(self.run.run_id, self.counts)
            self.state.commit_group()

    # Stopping

    def fail(self, error: ArchiveError) -> None:
        """Stop the run because of *error*; the first one counts."""
        if self.failure is None:
            self.failure = error
        self.stop("failed")

    def bug(self, error: BaseException) -> None:
        """Stop the run because of a mistake in the program; what is staged stays, the run can be gone on with."""
        self.fail(
            MachineTrouble(
                f"a page could not be handled ({type(error).__name__}: {error}); this is a bug, "
                f"please report it with logs/{self.run.run_id}.log"
            )
        )

    def stop(self, reason: str) -> None:
        """Hand out nothing more."""
        if self.stop_reason is None:
            self.stop_reason = reason
            for call in self.on_stop:
                call()

    def stop_fetching(self) -> None:
        """Commit what is staged and close the WARC file; what was in flight waits again."""
        if isinstance(self.failure, LeaseLost):
            return
        try:
            self.frontier_stops()
            self.captures.close()
        except ArchiveError as error:
            self.fail(error)

    def frontier_stops(self) -> None:
        """Let what is in flight wait again, and commit."""
        self.state.begin_group()
        self.frontier.stop_run()
        self.commit()

    def finish_fetching(self) -> None:
        """Note that nothing is left to fetch: from here the run is judged and published.

        Raises MachineTrouble when URLs still wait that no limit kept back: the run is not whole.
        """
        if self.frontier.waiting and not self.limited:
            raise MachineTrouble(
                f"{self.frontier.waiting} pages of {self.site} were left unfetched (see logs/{self.run.run_id}.log); "
                "run the same command again"
            )
        with self.state.transaction(lasting=True):
            self.walker.end()
            for name, number in self.staging.document_counts(self.run.run_id).items():
                self.counts[name] = number
            self.staging.save_counts(self.run.run_id, self.counts)
            if self.limited:
                self.staging.note_option(self.run.run_id, "partial", True)
            self.staging.set_status(self.run.run_id, FETCHED, finished_at=self.clock.now())
        self.run = self.staging.run(self.run.run_id)

    def close(self) -> None:
        """Give the lease back."""
        self.state.close()

    def abandon(self) -> None:
        """Leave everything as it is: the site belongs to another run now."""
        self.state.abandon()

    def close_after_trouble(self) -> None:
        """Give the lease back if the machine still lets us; the next run finds out by our process's end otherwise."""
        self.state.roll_back_group()
        try:
            self.state.close()
        except ArchiveError:
            self.state.abandon()


def budget(documents: int) -> int:
    """Return how many requests a day are for known pages of a site with so many documents."""
    return documents // CRAWL_DOCUMENTS_A_REQUEST + CRAWL_BUDGET_BASE


def _starts(urls: tuple[str, ...]) -> list[Link]:
    return [Link(url, canonical_url(url), LinkKind.START) for url in urls]
