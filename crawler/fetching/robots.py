"""What robots.txt allows (RFC 9309), and the middleware that obeys it.

Fetched once per origin and run, through the crawl's own transport, so that it is captured, guarded and polite too. What
cannot be fetched is not taken for "allow": a failing server or network means "stop" (section 2.3.1.4).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers
from scrapy.http.request import NO_CALLBACK

from archive.clock import Clock
from crawler.errors import Refused, RobotsUnavailable
from crawler.fetching.guard import REDIRECTS, origin_of, redirect_target
from crawler.fetching.politeness import OVERLOADED
from crawler.fetching.transport import NO_RESPONSE, politeness_of, sink_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

ROBOTS_NAME = "docarchive"
"""The name by which robots.txt addresses us: the product in our user agent."""

MAX_ROBOTS_BYTES = 500 * 1024
"""RFC 9309, section 2.5: at least this much must be read."""

MAX_REDIRECTS = 5
"""RFC 9309, section 2.3.1.2."""

VALID_SECONDS = 24 * 3600.0
"""RFC 9309, section 2.4."""

TRIES = 2
"""How often robots.txt is asked for before the run stops: one hiccup must not cost a night's crawl."""

META_KEY = "robots_txt"
"""In `request.meta` of a request for robots.txt itself."""

_CONDITIONAL = frozenset({b"If-None-Match", b"If-Modified-Since"})
_FOR_ANYONE = ("User-Agent", "Accept", "Accept-Language", "Accept-Encoding")
"""Headers that any host may see."""
_USER_AGENT_LINE = re.compile(r"\s*user[- ]?agent\s*(?::|\s)\s*(?P<value>[^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z_-]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response to a request for robots.txt."""

    status: int
    body: bytes = b""
    """Content coding undone."""
    location: bytes | None = None
    whole: bool = True
    """False when the connection or the time ended before the body did."""


class Rules:
    """What one robots.txt says to us."""

    def __init__(self, body: bytes | None = None) -> None:
        """*body* None: there is no robots.txt, everything is allowed."""
        self._protego = Protego.parse(_relevant(_text(body))) if body else None

    def allows(self, url: str) -> bool:
        """Whether *url* may be fetched."""
        return self._protego is None or bool(self._protego.can_fetch(url, ROBOTS_NAME))

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between requests that the site asks for, never negative; None where it asks for none."""
        delay = self._protego.crawl_delay(ROBOTS_NAME) if self._protego else None
        return None if delay is None else float(delay)

    @property
    def sitemaps(self) -> list[str]:
        """URLs of sitemaps, as written."""
        return list(self._protego.sitemaps) if self._protego else []


def _text(body: bytes) -> str:
    """Return the part of *body* that is read, up to the last whole line."""
    if len(body) > MAX_ROBOTS_BYTES:
        body = body[:MAX_ROBOTS_BYTES].rpartition(b"\n")[0] or body[:MAX_ROBOTS_BYTES]
    return body.decode("utf-8", "replace").removeprefix("\ufeff")


def _relevant(text: str) -> str:
    """Return *text* with all other crawlers in the place of one.

    Protego keeps each rule once for every crawler of its group: 250 KB of names before 250 KB of rules would fill the
    memory. It also takes a group for "doc" as meant for us, where RFC 9309, section 2.2.1, asks for the whole token.
    """
    lines: list[str] = []
    for line in text.splitlines():
        match = _USER_AGENT_LINE.match(line)
        if match is None:
            lines.append(line)
            continue
        kept = "User-agent: " + _addressed(match["value"].strip().lower())
        if not lines or lines[-1] != kept:
            lines.append(kept)
    return "\n".join(lines)


def _addressed(name: str) -> str:
    if name == "*":
        return name
    token = _TOKEN.match(name)
    return ROBOTS_NAME if token is not None and token[0] == ROBOTS_NAME else "others"


@dataclass(slots=True)
class _Known:
    """A robots.txt that is being fetched or was; *at* by `Clock.monotonic`."""

    task: asyncio.Task[Rules]
    at: float


class Robots:
    """Which URLs may be fetched; asks every origin once, however many ask at a time."""

    def __init__(self, fetch: Callable[[str], Awaitable[Answer]], clock: Clock) -> None:
        """*fetch* returns the answer to one URL, following no redirect; it raises one of NO_RESPONSE if none came."""
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def known(self, origin: str) -> Rules | None:
        """Return the rules of *origin* if they are there and not too old."""
        known = self._known.get(origin)
        if known is None or not known.task.done() or self._clock.monotonic() - known.at > VALID_SECONDS:
            return None
        return None if _failed(known.task) else known.task.result()

    async def rules(self, origin: str) -> Rules:
        """Return the rules of *origin* ("https://docs.example"), fetched if need be.

        Raises RobotsUnavailable where RFC 9309 says that nothing may be fetched, else what *fetch* raises.
        """
        known = self._known.get(origin)
        if known is None or self._clock.monotonic() - known.at > VALID_SECONDS or _failed(known.task):
            known = _Known(asyncio.ensure_future(self._fetched(origin)), self._clock.monotonic())
            self._known[origin] = known
        # One caller that gives up must not take the answer from the others.
        return await asyncio.shield(known.task)

    async def _fetched(self, origin: str) -> Rules:
        for tries_left in reversed(range(TRIES)):
            try:
                return await self._asked(f"{origin}/robots.txt")
            except RobotsUnavailable:
                if not tries_left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    async def _asked(self, url: str) -> Rules:
        first = url
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._answer(url, redirected=url != first)
            if not answer.whole:
                raise _unavailable(first, "the connection ended in the middle")
            if answer.status in OVERLOADED or answer.status >= 500:
                raise _unavailable(first, f"the site answers {answer.status}")
            if 200 <= answer.status < 300:
                return Rules(answer.body)
            target = redirect_target(answer.status, answer.location, url) if answer.status in REDIRECTS else None
            if target is None:
                break
            url = target
        return Rules()  # 4xx, or more redirects than anyone need follow: there is none

    async def _answer(self, url: str, *, redirected: bool) -> Answer:
        try:
            return await self._fetch(url)
        except Refused as error:
            if redirected:
                raise _unavailable(url, str(error)) from error
            raise  # the site itself is refused, not only its robots.txt
        except NO_RESPONSE as error:
            raise _unavailable(url, str(error)) from error


def _failed(task: asyncio.Task[Rules]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _unavailable(url: str, why: str) -> RobotsUnavailable:
    return RobotsUnavailable(
        f"{url} cannot be had ({why}), so nothing of the site may be fetched; run the same command again later"
    )


class DisallowedByRobots(IgnoreRequest):
    """robots.txt does not allow the URL; it is skipped."""

    reason = "robots_disallowed"


class RobotsMiddleware:
    """Asks robots.txt before a request goes out.

    A URL that is not allowed is dropped with DisallowedByRobots; RobotsUnavailable and DelayTooLong go to the request's
    errback, which stops the run.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._sink = sink_of(crawler)
        self._politeness = politeness_of(crawler)
        self._robots = Robots(self._fetch, self._sink.clock)
        self._asker: Request | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let *request* pass, or raise."""
        if META_KEY in request.meta:
            return
        url = request.url
        origin = origin_of(url)
        rules = self._robots.known(origin)
        if rules is None:
            rules = await self._ask(origin, request)
        if not rules.allows(url):
            self._sink.counts["robots/disallowed"] += 1
            raise DisallowedByRobots(f"robots.txt does not allow {url}")

    async def _ask(self, origin: str, request: Request) -> Rules:
        self._asker = request
        rules = await self._robots.rules(origin)
        delay = rules.crawl_delay
        if delay:
            self._politeness.set_crawl_delay(urlsplit(origin).hostname or "", delay)
        return rules

    async def _fetch(self, url: str) -> Answer:
        """Ask for robots.txt with the headers and the proxy of the page that it is wanted for."""
        assert self._asker is not None
        headers = self._asker.headers.copy()
        for name in _CONDITIONAL:
            headers.pop(name, None)
        if origin_of(url) != origin_of(self._asker.url):  # redirected to a stranger: no cookies, no authorization
            headers = Headers({name: headers.getlist(name) for name in _FOR_ANYONE})
        meta: dict[str, Any] = {META_KEY: True}
        if "proxy" in self._asker.meta:
            meta["proxy"] = self._asker.meta["proxy"]
        request = Request(url, headers=headers, meta=meta, callback=NO_CALLBACK, dont_filter=True)
        engine = self._crawler.engine
        assert engine is not None
        response = await engine.download_async(request)
        return Answer(
            status=response.status,
            body=response.body,
            location=response.headers.get(b"Location"),
            whole=request.meta["truncated"] not in ("time", "disconnect"),
        )
