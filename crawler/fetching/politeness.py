"""When the next request to a host may go out.

One request at a time for each host, in the order they came, with a wait between them:

- without a delay given, the larger of 1 s and 5 times the time the last response took, from the END of that response
  (Heritrix's rule: a server under load is asked less often);
- with a delay given, that many seconds, from the end of the last response too; where several requests to one host may
  be open at once, from the last START instead (there is no single end to count from; Nutch does the same);
- never less than the host's Crawl-delay, and nothing while it asked for quiet with Retry-After;
- after 429 or 503 without Retry-After, 2 s, then twice as long each time until it answers again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType

from archive.clock import Clock
from crawler.errors import DelayTooLong, Stopped

MIN_DELAY_SECONDS = 1.0
DELAY_FACTOR = 5.0
"""Heritrix's default `delayFactor`."""

MAX_ADAPTIVE_DELAY_SECONDS = 30.0
"""Heritrix's default `maxDelayMs`: one response that took long must not stop the crawl for minutes."""

MAX_CRAWL_DELAY_SECONDS = 300.0
"""Heritrix's `respectCrawlDelayUpToSeconds`. A site that asks for more is not crawled at all."""

MAX_RETRY_AFTER_SECONDS = 3600.0
"""A longer wait is the matter of the next run."""

NO_WAIT_SECONDS = 86_400.0
"""Who asks for more than a day means no wait for one page: a clock that is wrong, or no server that wants us well."""

FIRST_BACK_OFF_SECONDS = 2.0
MAX_BACK_OFF_SECONDS = 300.0

OVERLOADED = frozenset({429, 503})
"""Statuses by which a server asks for fewer requests: RFC 6585 section 4, RFC 9110 section 15.6.4."""


def retry_after(header: bytes | str | None, now: datetime) -> float | None:
    """Return for how many seconds a Retry-After header asks for quiet: 0 to `MAX_RETRY_AFTER_SECONDS`.

    None when the header is missing, says nothing that RFC 9110, section 10.2.3, knows, or asks for more than a day.

    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> retry_after("120", now), retry_after(b"Sun, 01 Mar 2026 00:01:00 GMT", now), retry_after("soon", now)
    (120.0, 60.0, None)
    """
    if header is None:
        return None
    text = (header if isinstance(header, str) else header.decode("latin-1")).strip()
    if text.isascii() and text.isdigit():
        # More digits than any wait has would only make int() work.
        return _kept(float(text)) if len(text) <= len(str(int(NO_WAIT_SECONDS))) else None
    if len(text) > 64:
        return None
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return _kept((until - now).total_seconds())


def _kept(seconds: float) -> float | None:
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS) if seconds <= NO_WAIT_SECONDS else None


@dataclass(slots=True)
class _Host:
    """What is known of one host; times are those of `Clock.monotonic`."""

    active: int = 0
    queue: deque[asyncio.Future[None]] = field(default_factory=deque)
    next_start: float = 0.0
    quiet_until: float = 0.0
    crawl_delay: float = 0.0
    refusals: int = 0


class Politeness:
    """Gives out turns, host by host, first come first served."""

    def __init__(self, clock: Clock, *, delay_seconds: float | None = None, concurrency_per_host: int = 1) -> None:
        """*delay_seconds* None: by the response time. *concurrency_per_host*: requests open at once to one host."""
        if concurrency_per_host < 1:
            raise ValueError("at least one request at a time, or nothing would ever be fetched")
        self._clock = clock
        self._delay = delay_seconds
        self._concurrency = concurrency_per_host
        self._hosts: dict[str, _Host] = {}
        self._sleepers: set[asyncio.Task[None]] = set()
        self.stopped = False

    def turn(self, host: str) -> Turn:
        """Return an async context that is entered when a request to *host* may go out.

        Entering raises Stopped once `stop` was called.
        """
        return Turn(self, host, self._host(host))

    def _host(self, host: str) -> _Host:
        known = self._hosts.get(host)
        if known is None:
            known = self._hosts[host] = _Host()
        return known

    def set_crawl_delay(self, host: str, seconds: float) -> None:
        """Note that robots.txt of *host* asks for at least *seconds* between requests.

        Raises DelayTooLong when that is more than `MAX_CRAWL_DELAY_SECONDS`.
        """
        if seconds > MAX_CRAWL_DELAY_SECONDS:
            raise DelayTooLong(
                f"robots.txt of {host} asks for {seconds:,.0f} s between requests, more than a run can keep "
                f"({MAX_CRAWL_DELAY_SECONDS:.0f} s); ask the site's owner for another way"
            )
        state = self._host(host)
        state.crawl_delay = max(state.crawl_delay, seconds)
        if seconds and self._concurrency == 1:
            state.next_start = max(state.next_start, self._clock.monotonic() + seconds)

    def pause(self, host: str, seconds: float) -> None:
        """Send nothing to *host* for *seconds*."""
        state = self._host(host)
        state.quiet_until = max(state.quiet_until, self._clock.monotonic() + seconds)

    def finished(self, host: str, seconds: float, status: int | None, retry_after_seconds: float | None = None) -> None:
        """Note that a request to *host* is over: it took *seconds* and answered *status* (None: no answer)."""
        state = self._host(host)
        if self._concurrency == 1:
            delay = self._delay_after(state, seconds)
            if delay:
                state.next_start = self._clock.monotonic() + delay
        if status in OVERLOADED:
            back_off = min(FIRST_BACK_OFF_SECONDS * 2.0 ** min(state.refusals, 16), MAX_BACK_OFF_SECONDS)
            state.refusals += 1
            self.pause(host, retry_after_seconds if retry_after_seconds is not None else back_off)
        elif status is not None:
            state.refusals = 0

    def _delay_after(self, state: _Host, seconds: float) -> float:
        delay = self._delay
        if delay is None:
            delay = max(MIN_DELAY_SECONDS, min(DELAY_FACTOR * seconds, MAX_ADAPTIVE_DELAY_SECONDS))
        return max(delay, state.crawl_delay)

    def stop(self) -> None:
        """Let everyone who waits go on at once, with Stopped."""
        self.stopped = True
        for sleeper in self._sleepers:
            sleeper.cancel()
        for state in self._hosts.values():
            for waiter in state.queue:
                if not waiter.done():
                    waiter.set_exception(_stopped())
            state.queue.clear()

    async def enter(self, state: _Host) -> None:
        """Wait for a free place at the host, then for the right time."""
        if self.stopped:
            raise _stopped()
        if state.active < self._concurrency and not state.queue:
            state.active += 1
        else:
            await self._queue_up(state)
        try:
            await self._wait(state)
        except BaseException:
            self.leave(state)
            raise

    async def _queue_up(self, state: _Host) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        state.queue.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.leave(state)  # the place came at the same moment: hand it on
            elif waiter in state.queue:
                state.queue.remove(waiter)
            raise

    async def _wait(self, state: _Host) -> None:
        start = state.next_start
        if self._concurrency > 1:
            delay = max(self._delay if self._delay is not None else MIN_DELAY_SECONDS, state.crawl_delay)
            if delay:
                start = max(start, self._clock.monotonic())
                state.next_start = start + delay
        while start or state.quiet_until:
            if self._concurrency == 1:
                start = state.next_start  # robots.txt may have set it meanwhile
            seconds = max(start, state.quiet_until) - self._clock.monotonic()
            if seconds <= 0:
                return
            await self._sleep(seconds)

    async def _sleep(self, seconds: float) -> None:
        """Sleep by the clock, until `stop` at most."""
        sleeper = asyncio.ensure_future(self._clock.sleep(seconds))
        self._sleepers.add(sleeper)
        try:
            await sleeper
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self.stopped and not (task is not None and task.cancelling()):
                raise _stopped() from None
            raise
        finally:
            self._sleepers.discard(sleeper)

    def leave(self, state: _Host) -> None:
        """Give the place to the next in the queue."""
        while state.queue:
            waiter = state.queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        state.active -= 1

    @property
    def clock(self) -> Clock:
        """The clock that the waits go by."""
        return self._clock


class Turn:
    """One request's turn at its host."""

    __slots__ = ("_host", "_noted", "_politeness", "_started", "_state")

    def __init__(self, politeness: Politeness, host: str, state: _Host) -> None:
        self._politeness = politeness
        self._host = host
        self._state = state
        self._noted = False
        self._started = 0.0

    async def __aenter__(self) -> Turn:
        await self._politeness.enter(self._state)
        self._started = self._politeness.clock.monotonic()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._noted:
            self.finished(None)
        self._politeness.leave(self._state)

    def finished(self, status: int | None, retry_after_seconds: float | None = None) -> float:
        """Note the end of the request (None: without an answer); return the seconds since the turn began."""
        self._noted = True
        seconds = self._politeness.clock.monotonic() - self._started
        self._politeness.finished(self._host, seconds, status, retry_after_seconds)
        return seconds


def _stopped() -> Stopped:
    return Stopped("the run is being stopped; run the same command again to go on")
