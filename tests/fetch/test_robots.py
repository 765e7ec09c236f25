"""robots.txt: what it allows, and what happens when it cannot be had."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import DownloadFailedError, IgnoreRequest

from archive.clock import ManualClock
from archive.errors import MachineTrouble
from crawler.errors import DelayTooLong, Refused, RobotsUnavailable, Stopped
from crawler.fetching.politeness import MAX_CRAWL_DELAY_SECONDS
from crawler.fetching.robots import MAX_ROBOTS_BYTES, Answer, DisallowedByRobots, Robots, RobotsMiddleware, Rules
from crawler.fetching.transport import RefusedRequest, politeness_of
from tests.fetch.conftest import START, Behaviour, RecordingSink, answering, fetching, serving

SITE = "http://docs.example"


class Answers:
    """A fetch callable that answers from a table; an exception is raised."""

    def __init__(self, table: dict[str, Answer | Exception | list[Answer | Exception]]) -> None:
        self.table = table
        self.asked: list[str] = []

    async def __call__(self, url: str) -> Answer:
        self.asked.append(url)
        await asyncio.sleep(0)
        answer = self.table[url]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def rules(*answers: Answer | Exception) -> Rules:
    """Return what is made of these answers to robots.txt, one after the other."""
    fetch = Answers({f"{SITE}/robots.txt": list(answers)})
    return asyncio.run(Robots(fetch, ManualClock(START)).rules(SITE))


def text(*lines: str) -> Rules:
    return rules(Answer(200, "\n".join(lines).encode()))


class TestRules:
    def test_longest_match_wins(self) -> None:
        made = text("User-agent: *", "Disallow: /private", "Allow: /private/open", "Disallow: /*.doc$")
        assert made.allows(f"{SITE}/doc/1.html")
        assert not made.allows(f"{SITE}/private/1.html")
        assert made.allows(f"{SITE}/private/open/1.html")
        assert not made.allows(f"{SITE}/a.doc")
        assert made.allows(f"{SITE}/a.doc?x=1")

    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("docarchive", True),
            ("DocArchive", True),
            ("docarchive/2.0 ", True),
            ("docarchive # us", True),
            ("doc", False),
            ("docarchiver", False),
            ("docarchive-images", False),
            ("Googlebot", False),
        ],
    )
    def test_group_that_names_us(self, name: str, meant: bool) -> None:
        made = text(f"User-agent: {name}", "Disallow: /", "", "User-agent: *", "Allow: /")
        assert made.allows(f"{SITE}/a") is not meant

    def test_our_own_group_goes_before_the_one_for_all(self) -> None:
        made = text("User-agent: *", "Disallow: /", "Crawl-delay: 60", "User-agent: docarchive", "Disallow: /tmp")
        assert made.allows(f"{SITE}/a")
        assert made.crawl_delay is None

    def test_several_names_share_a_group(self) -> None:
        made = text("User-agent: a", "User-agent: docarchive", "User-agent: b", "Disallow: /x", "User-agent: c")
        assert not made.allows(f"{SITE}/x")

    def test_crawl_delay_and_sitemaps(self) -> None:
        made = text("Sitemap: http://docs.example/s.xml", "User-agent: *", "Crawl-delay: 2.5")
        assert made.crawl_delay == 2.5
        assert made.sitemaps == ["http://docs.example/s.xml"]

    @pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", ""])
    def test_crawl_delay_that_is_none(self, value: str) -> None:
        assert text("User-agent: *", f"Crawl-delay: {value}").crawl_delay is None

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"<!DOCTYPE html><html><body>Not found", id="soft 404"),
            pytest.param(b"\x00\xff\xfe" * 1000, id="binary"),
            pytest.param("用户代理: *\n禁止: /".encode("gb18030"), id="GBK"),
        ],
    )
    def test_what_is_no_robots_txt_forbids_nothing(self, body: bytes) -> None:
        assert rules(Answer(200, body)).allows(f"{SITE}/a")

    def test_byte_order_mark(self) -> None:
        assert not rules(Answer(200, b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /")).allows(f"{SITE}/a")

    def test_only_the_first_500_kib_count(self) -> None:
        head = b"User-agent: *\nDisallow: /a\n"
        made = rules(Answer(200, head + b"#" * (MAX_ROBOTS_BYTES - len(head)) + b"\nDisallow: /b\n"))
        assert not made.allows(f"{SITE}/a")
        assert made.allows(f"{SITE}/b")

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(
                b"".join(b"User-agent: n%d\n" % n for n in range(15_000))
                + b"".join(b"Disallow: /%d\n" % n for n in range(15_000)),
                id="many names before many rules",
            ),
            pytest.param(b"User-agent: *\n" + b"Disallow: /" + b"*a" * 200_000 + b"\n", id="one rule of stars"),
            pytest.param(b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*a*b\n" * 5000, id="many rules of stars"),
        ],
    )
    def test_hostile_rules_cost_little(self, body: bytes) -> None:
        began = time.process_time()
        assert rules(Answer(200, body)).allows(f"{SITE}/" + "a" * 7000)
        assert time.process_time() - began < 5

    @given(st.binary(max_size=300), st.text(max_size=40))
    def test_nothing_makes_it_fail(self, body: bytes, path: str) -> None:
        made = Rules(body)
        made.allows(f"{SITE}/{path}")
        assert made.crawl_delay is None or made.crawl_delay >= 0


class TestAnswers:
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
    def test_4xx_means_there_is_none(self, status: int) -> None:
        assert rules(Answer(status, b"User-agent: *\nDisallow: /")).allows(f"{SITE}/a")

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(500),
            Answer(503),
            Answer(429),
            Answer(200, b"User-agent: *", whole=False),
            DownloadFailedError("the connection was lost"),
        ],
    )
    def test_failure_means_stop(self, answer: Answer | Exception) -> None:
        with pytest.raises(RobotsUnavailable, match="run the same command again later") as caught:
            rules(answer, answer)
        assert caught.value.exit_code == 4

    def test_one_hiccup_is_forgiven(self) -> None:
        assert not rules(Answer(503), Answer(200, b"User-agent: *\nDisallow: /")).allows(f"{SITE}/a")

    @pytest.mark.parametrize(
        "error", [Stopped("stop"), MachineTrouble("full"), Refused("no", "address_refused")], ids=lambda e: str(e)
    )
    def test_what_is_not_the_site_s_fault_goes_through(self, error: Exception) -> None:
        with pytest.raises(type(error)):
            rules(error)

    def hops(self, number: int) -> tuple[Rules, int]:
        table: dict[str, Any] = {
            f"{SITE}/{n or 'robots.txt'}": Answer(301, location=b"/%d" % (n + 1)) for n in range(number)
        }
        table[f"{SITE}/{number or 'robots.txt'}"] = Answer(200, b"User-agent: *\nDisallow: /")
        fetch = Answers(table)
        return asyncio.run(Robots(fetch, ManualClock(START)).rules(SITE)), len(fetch.asked)

    def test_five_redirects_are_followed(self) -> None:
        made, asked = self.hops(5)
        assert not made.allows(f"{SITE}/a")
        assert asked == 6

    def test_a_sixth_is_not(self) -> None:
        made, asked = self.hops(6)
        assert made.allows(f"{SITE}/a")
        assert asked == 6

    def test_redirect_into_the_own_network_means_stop(self) -> None:
        fetch = Answers(
            {
                f"{SITE}/robots.txt": Answer(302, location=b"http://169.254.169.254/"),
                "http://169.254.169.254/": Refused("no", "address_refused"),
            }
        )
        with pytest.raises(RobotsUnavailable):
            asyncio.run(Robots(fetch, ManualClock(START)).rules(SITE))


class TestOnce:
    def test_many_ask_at_a_time_and_later(self) -> None:
        async def run() -> list[str]:
            fetch = Answers({f"{SITE}/robots.txt": Answer(200), f"{SITE}:81/robots.txt": Answer(200)})
            robots = Robots(fetch, ManualClock(START))
            await asyncio.gather(*(robots.rules(SITE) for _ in range(10)))
            await robots.rules(SITE)
            await robots.rules(f"{SITE}:81")
            assert robots.known(SITE) is not None
            return fetch.asked

        assert asyncio.run(run()) == [f"{SITE}/robots.txt", f"{SITE}:81/robots.txt"]

    def test_asked_again_after_a_day(self) -> None:
        async def run() -> int:
            fetch = Answers({f"{SITE}/robots.txt": Answer(200)})
            clock = ManualClock(START)
            robots = Robots(fetch, clock)
            await robots.rules(SITE)
            clock.advance(23 * 3600)
            await robots.rules(SITE)
            clock.advance(2 * 3600)
            assert robots.known(SITE) is None
            await robots.rules(SITE)
            return len(fetch.asked)

        assert asyncio.run(run()) == 2

    def test_a_failure_is_not_kept(self) -> None:
        async def run() -> bool:
            fetch = Answers({f"{SITE}/robots.txt": [Answer(500), Answer(500), Answer(404)]})
            robots = Robots(fetch, ManualClock(START))
            with pytest.raises(RobotsUnavailable):
                await robots.rules(SITE)
            assert robots.known(SITE) is None
            return (await robots.rules(SITE)).allows(f"{SITE}/a")

        assert asyncio.run(run())

    def test_one_who_gives_up_does_not_take_it_from_the_others(self) -> None:
        async def run() -> None:
            robots = Robots(Answers({f"{SITE}/robots.txt": Answer(200)}), ManualClock(START))
            first = asyncio.create_task(robots.rules(SITE))
            second = asyncio.create_task(robots.rules(SITE))
            await asyncio.sleep(0)
            first.cancel()
            assert (await second).allows(f"{SITE}/a")

        asyncio.run(run())


class Engine:
    """Scrapy's engine, as far as it downloads."""

    def __init__(self, handler: Any, middleware: RobotsMiddleware) -> None:
        self.handler = handler
        self.middleware = middleware

    async def download_async(self, request: Request) -> Any:
        await self.middleware.process_request(request)
        return await self.handler.download_request(request)


class TestMiddleware:
    def through(self, behaviour: Behaviour, path: str = "/a") -> tuple[list[bytes], RecordingSink, float]:
        """Ask for *path*; return the requests made, the exchanges kept and the host's next free instant."""
        sink = RecordingSink()

        async def run() -> tuple[list[bytes], float]:
            async with serving(behaviour) as server, fetching(sink, server) as handler:
                crawler: Any = handler.crawler
                middleware = RobotsMiddleware.from_crawler(crawler)
                crawler.engine = Engine(handler, middleware)
                request = Request(server.url(path), headers={"User-Agent": "docarchive/1", "If-None-Match": '"x"'})
                await middleware.process_request(request)
                await handler.download_request(request)
                politeness = politeness_of(crawler)
                async with politeness.turn("127.0.0.1"):
                    return server.heads, sink.clock.monotonic()

        heads, at = asyncio.run(asyncio.wait_for(run(), 20))
        return heads, sink, at

    def test_robots_txt_goes_out_first_and_is_kept(self) -> None:
        heads, sink, _ = self.through(answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
        assert [head.split()[1] for head in heads] == [b"/robots.txt", b"/a"]
        assert b"User-Agent: docarchive/1" in heads[0]
        assert b"If-None-Match" not in heads[0]
        assert [exchange.url.rpartition("/")[2] for exchange in sink.exchanges] == ["robots.txt", "a"]

    def robots_txt(self, body: str) -> Behaviour:
        return answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body.encode())

    def test_what_is_not_allowed_is_dropped_and_counted(self) -> None:
        sink = RecordingSink()

        async def run() -> None:
            behaviour = self.robots_txt("User-agent: *\nDisallow: /private")
            async with serving(behaviour) as server, fetching(sink, server) as handler:
                crawler: Any = handler.crawler
                middleware = RobotsMiddleware.from_crawler(crawler)
                crawler.engine = Engine(handler, middleware)
                await middleware.process_request(Request(server.url("/open")))
                for _ in range(2):
                    with pytest.raises(DisallowedByRobots) as caught:
                        await middleware.process_request(Request(server.url("/private/1")))
                    assert isinstance(caught.value, IgnoreRequest)
                assert len(server.heads) == 1

        asyncio.run(run())
        assert sink.counts["robots/disallowed"] == 2

    def test_crawl_delay_is_kept(self) -> None:
        _, _, at = self.through(self.robots_txt("User-agent: *\nCrawl-delay: 7"))
        assert at == pytest.approx(14)

    def test_crawl_delay_that_no_run_can_keep(self) -> None:
        with pytest.raises(DelayTooLong):
            self.through(self.robots_txt(f"User-agent: *\nCrawl-delay: {MAX_CRAWL_DELAY_SECONDS + 1}"))

    def test_failing_robots_txt_stops_the_run(self) -> None:
        with pytest.raises(RobotsUnavailable):
            self.through(answering(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))

    def test_half_a_robots_txt_stops_the_run(self) -> None:
        with pytest.raises(RobotsUnavailable):
            self.through(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *", close=True))

    def test_site_that_may_not_be_reached_is_refused_not_unavailable(self) -> None:
        async def run() -> None:
            async with fetching(RecordingSink()) as handler:
                crawler: Any = handler.crawler
                middleware = RobotsMiddleware.from_crawler(crawler)
                crawler.engine = Engine(handler, middleware)
                await middleware.process_request(Request("http://127.0.0.1:9/a"))

        with pytest.raises(RefusedRequest):
            asyncio.run(run())
