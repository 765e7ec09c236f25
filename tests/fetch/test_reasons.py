"""Why no response came: a word for tables, and a line in the run's log; no name of a class."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from scrapy import Request
from twisted.python.failure import Failure

from archive.errors import MachineTrouble
from crawler.errors import Refused
from crawler.fetching.frontier import Entry, LinkKind, Status
from crawler.fetching.outcome import Outcome
from crawler.spiders.documents import DocumentsSpider
from tests.fetch.conftest import Behaviour, RecordingSink, answering, fetching, serving


async def silent(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def error_of(behaviour: Behaviour, url: Callable[[str], str] = lambda url: url, **headers: str) -> BaseException:
    """Return what the handler raises for a server that behaves so."""
    async with serving(behaviour) as server:
        hosts = [f"127.0.0.1:{server.port}", "127.0.0.1:1", f"nowhere.invalid:{server.port}"]
        async with fetching(RecordingSink(), server, CRAWL_ALLOW_HOSTS=hosts, DOWNLOAD_TIMEOUT=0.3) as handler:
            request = Request(url(server.url("/a")), headers=headers)
            (error,) = await asyncio.gather(handler.download_request(request), return_exceptions=True)
            assert isinstance(error, Exception)
            return error


def outcome_of(error: BaseException, tries: int = 0) -> Outcome:
    entry = Entry(1, "http://docs.example/1", LinkKind.DOCUMENT, 0, 0, 0, tries, 0)
    failure = Failure(cast(Exception, error))
    failure.request = Request(entry.url, meta={"entry": entry})  # type: ignore[attr-defined]
    spider = DocumentsSpider(cast(Any, RecordingSink()), {})
    (outcome,) = spider.failed(failure)
    return outcome


CASES: dict[str, Callable[[], Any]] = {
    "no_answer": lambda: error_of(silent),
    "connection_lost": lambda: error_of(answering(b"", close=True)),
    "answer_is_no_http": lambda: error_of(answering(b"<html>HTTP/0.9</html>\r\n\r\n", close=True)),
    "no_connection": lambda: error_of(silent, lambda url: re.sub(r":\d+/", ":1/", url)),
    "host_unknown": lambda: error_of(silent, lambda url: url.replace("127.0.0.1", "nowhere.invalid")),
    "could_not_be_fetched": lambda: error_of(silent, **{"If-None-Match": "\x01"}),
}


@pytest.mark.parametrize("word", CASES)
def test_a_word_and_a_line_in_the_log(word: str, caplog: pytest.LogCaptureFixture) -> None:
    error = asyncio.run(CASES[word]())
    outcome = outcome_of(error)
    assert (outcome.reason, outcome.status, outcome.blocked) == (word, Status.WAITING, True)
    (line,) = caplog.records
    assert line.levelno == logging.WARNING
    assert word in line.getMessage()
    assert str(error) in line.getMessage()
    assert bool(line.exc_info) == (word == "could_not_be_fetched")


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ValueError("Newline"), "could_not_be_fetched"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "could_not_be_fetched"),
        (Refused("no", "address_refused"), "address_refused"),
    ],
)
def test_words_of_what_is_raised(error: Exception, word: str) -> None:
    assert outcome_of(error).reason == word


def test_what_stops_the_run_is_told_by_itself() -> None:
    entry = Entry(1, "http://docs.example/1", LinkKind.DOCUMENT, 0, 0, 0, 0, 0)
    failure = Failure(MachineTrouble("the disk is full"))
    failure.request = Request(entry.url, meta={"entry": entry})  # type: ignore[attr-defined]
    failed: list[Exception] = []

    class Session(RecordingSink):
        def fail(self, error: Exception) -> None:
            failed.append(error)

    (outcome,) = DocumentsSpider(cast(Any, Session()), {}).failed(failure)
    assert (outcome.reason, outcome.tried) == ("run_stopped", False)
    assert len(failed) == 1
