"""The one spider: asks for what the frontier hands out, and says what each page leads to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider, signals
from scrapy.exceptions import IgnoreRequest

from archive.errors import ArchiveError, DamagedFile, MachineTrouble
from archive.site_state.planned import ATTACHED_FILE
from archive.warc import content_coding
from archive.warc.writing import Stored
from crawler.attachments.examining import examine_soon
from crawler.attachments.facts import FileFacts
from crawler.attachments.offered import Received, wanted, with_files
from crawler.capturing import Received as ReceivedPage
from crawler.errors import Refused, Stopped
from crawler.fetching.conditions import conditional_headers
from crawler.fetching.frontier import TRIES, Entry, LinkKind, Status
from crawler.fetching.guard import redirect_target
from crawler.fetching.outcome import ListingSeen, Outcome, may_pass
from crawler.fetching.politeness import retry_after
from crawler.fetching.transport import NO_RESPONSE, why_no_response
from crawler.file_pages import is_file
from crawler.listings.signals import listing_signals
from crawler.listings.walk import follows, links_of, next_listing, redirected
from crawler.reading import canonical_url
from crawler.reading.page import Page, PageType
from crawler.reading.tree import PARSE_TRUNCATED

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from archive.record import DocumentRecord
    from crawler.session import Session

logger = logging.getLogger(__name__)

RETRY_SECONDS = (5.0, 20.0)
"""Wait before the second and the third try; Retry-After goes before it."""

CUT = frozenset({PARSE_TRUNCATED, content_coding.TRUNCATED, content_coding.DAMAGED, content_coding.TOO_LARGE})
"""Flags of pages that came, or were read, only in part."""

CHALLENGES = frozenset({"captcha", "challenge"})
"""Reasons of pages that stand between us and the site: going on would only make it worse."""


class DocumentsSpider(Spider):
    """Walks a site's listings and fetches the documents they list: `scrapy crawl documents -a site=NAME`."""

    name = "documents"

    def __init__(
        self,
        session: Session,
        headers: dict[str, str],
        proxy: str | None = None,
        ended: Callable[[str], None] | None = None,
        **kwargs: Any,
    ) -> None:
        """*ended* is called with Scrapy's reason when the spider is closed, where nobody else ends the run."""
        super().__init__(**kwargs)
        self.session = session
        self._ended = ended
        self._headers = headers
        self._proxy = proxy

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        if "session" not in kwargs:
            from crawler.scrapy_command import spider_arguments

            kwargs = spider_arguments(crawler.settings, **kwargs)
        spider = super().from_crawler(crawler, *args, **kwargs)
        # Scrapy logs what a callback or pipeline raises and goes on; a page lost that way must stop the run.
        crawler.signals.connect(spider._bug, signals.spider_error)
        crawler.signals.connect(spider._bug, signals.item_error)
        return spider

    def _bug(self, failure: Failure) -> None:
        self.session.bug(_error_of(failure))
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="bug"))

    async def start(self) -> AsyncIterator[Any]:
        """Nothing: the start pages are in the frontier already, where they survive a crash."""
        self._keeping = asyncio.ensure_future(self.session.keep_lease())
        return
        yield

    def closed(self, reason: str) -> None:
        """Called by Scrapy when nothing is left to do."""
        self._keeping.cancel()
        if self._ended is not None:
            self._ended(reason)

    def request(self, entry: Entry) -> Request:
        """Return the Request for a URL that the frontier handed out."""
        headers = self._headers
        meta: dict[str, Any] = {"entry": entry}
        if self._proxy:
            meta["proxy"] = self._proxy
        paging = self.session.rules.paging
        asked = paging.asked(entry.url) if paging is not None else None
        if asked is not None:
            if asked.content_type is not None:
                headers = {**headers, "Content-Type": asked.content_type}
            return Request(
                asked.url,
                method=asked.method,
                body=asked.body,
                headers=headers,
                meta=meta,
                callback=self.parse,
                errback=self.failed,
                dont_filter=True,
            )
        known = self.session.known(entry)
        if known is not None:
            meta["known"] = known
            headers = headers | conditional_headers(known)
        return Request(
            entry.url, headers=headers, meta=meta, callback=self.parse, errback=self.failed, dont_filter=True
        )

    def parse(self, response: Response, **kwargs: Any) -> list[Outcome] | Coroutine[Any, Any, list[Outcome]]:
        """Return what became of the URL that *response* answers; soon, where files are to be fetched first.

        A list: of a generator, Scrapy reads the source anew for each response, to warn of mistakes in it.
        """
        entry: Entry = response.meta["entry"]
        status = response.status
        if response.meta.get("truncated") in ("time", "disconnect"):
            outcome = self._again(response, f"truncated_{response.meta['truncated']}")
        elif status in (200, 203, 304):
            received = self._received(response, entry)
            if isinstance(received, Outcome):
                return [received]
            if is_file(received.body):
                return self._read_file(response, entry, received)
            outcome = self._read(response, entry, received)
        elif 300 <= status < 400:
            outcome = self._redirect(response, entry)
        elif may_pass(status):
            outcome = self._again(response, f"http_{status}")
        else:
            outcome = self._outcome(response, Status.DONE, f"http_{status}", blocked=status in (401, 403))
        files = wanted(self.session.rules.attachments, outcome.file_urls)
        if files and outcome.record is not None and not self.session.is_known(outcome.record):
            return self._with_files(outcome, outcome.record, files)
        return [outcome]

    async def _with_files(self, outcome: Outcome, record: DocumentRecord, urls: Sequence[str]) -> list[Outcome]:
        """Fetch a document's files before it is staged: page and files are one step, which a crash undoes whole."""
        try:
            return [replace(outcome, record=await with_files(record, urls, self._file))]
        except ArchiveError as error:
            return [self._stopped(outcome.entry, error)]

    async def _file(self, url: str) -> Received | None:
        """Return the file at *url*, asked for as politely as a page; None where the site does not hand it out."""
        meta: dict[str, Any] = {"reason": ATTACHED_FILE}
        if self._proxy:
            meta["proxy"] = self._proxy
        if not follows(url, self.session.rules):
            return None
        request = Request(url, headers=self._headers, meta=meta, dont_filter=True)
        try:
            response = await self.crawler.engine.download_async(request)
        except (IgnoreRequest, Refused, *NO_RESPONSE) as error:
            logger.info("%s is not fetched: %s", url, _reason(error))
            return None
        if response.status not in (200, 203):
            return None
        return Received(response.body, not response.meta.get("truncated"))

    def failed(self, failure: Failure) -> list[Outcome]:
        """Return what became of a URL that no response came for."""
        request = failure.request  # type: ignore[attr-defined]
        entry: Entry = request.meta["entry"]
        error = _error_of(failure)
        reason = _reason(error)
        if isinstance(error, (IgnoreRequest, Refused)):
            return [Outcome(entry=entry, status=Status.SKIPPED, reason=reason)]
        if isinstance(error, ArchiveError):
            return [self._stopped(entry, error)]
        # An error that the network has no part in is a mistake of ours: its log entry says where.
        logger.warning(
            "%s did not come (%s): %s",
            entry.url,
            reason,
            error,
            exc_info=None if isinstance(error, NO_RESPONSE) else error,
        )
        return [self._try_again(Outcome(entry=entry, status=Status.WAITING, reason=reason, blocked=True))]

    def _stopped(self, entry: Entry, error: ArchiveError) -> Outcome:
        """The run stops: by a signal, a full disk, a site that must be left alone."""
        if not isinstance(error, Stopped):
            self.session.fail(error)
        return Outcome(entry=entry, status=Status.WAITING, reason=_reason(error), tried=False)

    def _received(self, response: Response, entry: Entry) -> ReceivedPage | Outcome:
        """Return what the site sent; where it says "not modified", the archived body that this stands for."""
        meta = response.meta
        if response.status != 304:
            content_type = _text(response.headers.get("Content-Type"))
            return ReceivedPage(response.body, content_type, response.status, meta["fetched_at"], meta.get("metadata"))
        if "known" not in meta:
            return self._again(response, "http_304_unasked")
        try:
            return replace(self.session.captures.archived(meta["known"]), fetched_at=meta["fetched_at"])
        except DamagedFile as error:
            logger.warning("%s is fetched again: %s", entry.url, error)
            self.session.forget_conditions(entry.url)
            return self._outcome(response, Status.WAITING, "archived_body_damaged")

    async def _read_file(self, response: Response, entry: Entry, received: ReceivedPage) -> list[Outcome]:
        """Read a document that is a file itself, which a process of its own looks into."""
        try:
            facts = await examine_soon(received.body)
        except OSError as error:
            sentence = f"{entry.url} could not be looked into ({error.strerror}); make room, run the same again"
            return [self._stopped(entry, MachineTrouble(sentence))]
        return [self._read(response, entry, received, facts)]

    def _read(
        self, response: Response, entry: Entry, received: ReceivedPage, facts: FileFacts | None = None
    ) -> Outcome:
        page = self.session.read(received, entry.url, facts)
        if page.reason in CHALLENGES:
            return self._again(response, page.reason, page)
        documents, listings = links_of(page, entry, self.session.rules, canonical_url)
        outcome = self._outcome(response, Status.DONE, page.reason, page)
        seen = None
        if page.page_type is PageType.LISTING and entry.kind is not LinkKind.DOCUMENT:
            is_cut = not CUT.isdisjoint((*page.flags, *response.flags))
            beside = listing_signals(received.body, page.encoding, entry.url, page.document_urls, canonical_url)
            following = next_listing(page, entry, self.session.rules, canonical_url)
            seen = ListingSeen(
                advertised_total=page.advertised_total,
                signals=beside,
                next_url=following,
                files={canonical_url(url): listed for url, listed in page.listed_files.items()},
                is_cut=is_cut,
            )
        return replace(outcome, documents=documents, listings=listings, listing=seen, file_urls=page.file_urls)

    def _redirect(self, response: Response, entry: Entry) -> Outcome:
        target = redirect_target(response.status, response.headers.get("Location"), entry.url)
        if target is None:
            return self._outcome(response, Status.DONE, f"http_{response.status}")
        link = redirected(entry, target, self.session.rules, canonical_url)
        if link is not None and link.canonical_url == canonical_url(entry.url):
            if target == entry.url:
                return self._outcome(response, Status.FAILED, "redirect_to_itself")
            return replace(self._outcome(response, Status.WAITING, "redirect"), moved_to=target)
        if link is None:
            return self._outcome(response, Status.SKIPPED, "redirect_off_site")
        return replace(self._outcome(response, Status.DONE, "redirect"), listings=[link])

    def _again(self, response: Response, reason: str, page: Page | None = None) -> Outcome:
        """A response that says nothing about the document: ask again later, or give up."""
        outcome = self._outcome(response, Status.WAITING, reason, page, blocked=True)
        return self._try_again(outcome, retry_after(response.headers.get("Retry-After"), self.session.clock.now()))

    def _try_again(self, outcome: Outcome, wait_seconds: float | None = None) -> Outcome:
        tries = outcome.entry.tries
        if tries + 1 >= TRIES:
            return replace(outcome, status=Status.FAILED)
        return replace(outcome, retry_seconds=max(wait_seconds or 0.0, RETRY_SECONDS[tries]))

    def _outcome(
        self, response: Response, status: Status, reason: str, page: Page | None = None, *, blocked: bool = False
    ) -> Outcome:
        meta = response.meta
        stored: Stored = meta["stored"]
        captured = self.session.captures.row(
            response.url,
            meta["fetched_at"],
            response.status,
            _text(response.headers.get("Content-Type")),
            meta["payload_bytes"],
            stored,
            meta,
            page_type=str(page.page_type if page is not None else PageType.OTHER),
            reason=reason,
            etag=_text(response.headers.get("ETag")),
            last_modified=_text(response.headers.get("Last-Modified")),
        )
        record = page.record if page is not None else None
        if record is not None:
            record = replace(
                record,
                run_id=self.session.run.run_id,
                capture=stored.capture,
                payload_digest=captured.payload_digest,
                flags=tuple(dict.fromkeys((*record.flags, *response.flags))),
            )
        return Outcome(entry=meta["entry"], status=status, reason=reason, page=captured, record=record, blocked=blocked)


def _error_of(failure: Failure) -> BaseException:
    return failure.value if failure.value is not None else RuntimeError("Scrapy reports a failure without an error")


def _text(header: bytes | None) -> str | None:
    return header.decode("latin-1") if header is not None else None


def _reason(error: BaseException) -> str:
    """Return a short word for why no response came; what stops the run is told by itself."""
    if isinstance(error, (ArchiveError, IgnoreRequest)):
        return str(getattr(error, "reason", "run_stopped"))
    return why_no_response(error)
