"""Pages asked for "if changed": which validators go out again, and how long "not modified" is believed of a listing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archive.site_state.staging import KnownPage
from crawler.fetching.conditions import LISTING_TRUST_SECONDS, conditional_headers
from simulator.answer import Answer
from simulator.answer import Request as Asked
from tests.crawl.days import Days

TRUST_DAYS = LISTING_TRUST_SECONDS / 86_400


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path / "data", {"documents": 12, "order": "newest-first"})


def known(etag: str | None, last_modified: str | None = None) -> KnownPage:
    return KnownPage("http://a/1", "http://a/1", None, "c", "w", 0, 1, "2026-03-01", "d", etag, last_modified)


@pytest.mark.parametrize("etag", ['"abc"', 'W/"abc"', "no-quotes", '"a b"', "'"])
def test_what_is_sent_back(etag: str) -> None:
    assert conditional_headers(known(etag)) == {"If-None-Match": etag}


@pytest.mark.parametrize("value", ["", " ", '"\x01"', '"a\tb"', '"a\x7f"', '"\xff"', '"a\r\nX: y"', "\x00", "x" * 9000])
def test_what_is_not(value: str) -> None:
    assert conditional_headers(known(value, value)) == {}
    assert conditional_headers(known(value, "Sun, 01 Mar 2026 03:00:00 GMT")).keys() == {"If-Modified-Since"}


def validated(days: Days, etag: Callable[[], str | None], *, believes: bool) -> Callable[[str], Answer | None]:
    """Return a `before` with which listings have an ETag; *believes*: whoever sends it is told "not modified"."""

    def before(target: str) -> Answer | None:
        value = etag()
        if "/list/" not in target or value is None:
            return None
        if believes and days.headers.get("if-none-match") == value:
            return Answer(304, b"", "", headers=[("ETag", value)])
        answer = days.site.answer(Asked("GET", target, {}))
        return Answer(answer.status, answer.body, answer.content_type, headers=[("ETag", value)])

    return before


def conditional(days: Days) -> list[bool]:
    """Return a list that fills: of each time that a listing page is asked for, whether that was "if changed"."""
    asked: list[bool] = []
    plain = days.before

    def before(target: str) -> Answer | None:
        if "/list/" in target:
            asked.append("if-none-match" in days.headers)
        return plain(target)

    days.before = before
    return asked


def test_a_control_byte_in_an_etag_locks_no_page(days: Days) -> None:
    days.before = validated(days, lambda: '"\x01"', believes=True)
    asked = conditional(days)
    for _ in range(3):
        days.crawl()
        assert not days.missing()
        days.wait(1)
        days.happen("added", count=2)
    assert asked == [False] * 3


def test_what_a_stale_cache_hides_is_found_within_the_bound(days: Days) -> None:
    days.before = validated(days, lambda: '"const"', believes=True)
    days.crawl()
    days.wait(1)
    days.happen("added", count=2)
    days.crawl()
    assert len(days.missing()) == 2  # the site says that nothing has changed
    days.wait(TRUST_DAYS)
    days.crawl()
    assert not days.missing()
    days.happen("added", count=2)
    days.wait(1)
    days.crawl()
    assert not days.missing()  # its word is not taken any more


def test_an_honest_listing_is_asked_for_conditionally(days: Days) -> None:
    version = ["1"]
    days.before = validated(days, lambda: f'"{version[0]}"', believes=True)
    asked = conditional(days)
    days.crawl()
    for day in range(int(TRUST_DAYS) + 3):
        days.wait(1)
        if day == 2:
            days.happen("added", count=2)
            version[0] = "2"
        days.crawl()
        assert not days.missing()
    assert asked.count(False) == 2  # at first, and when a week was over since it came whole


def test_a_page_that_is_the_same_is_no_proof_against_its_validator(days: Days) -> None:
    days.before = validated(days, lambda: '"const"', believes=True)
    always, served = days.before, Answer(404, b"", "")

    def before(target: str) -> Answer | None:
        nonlocal served
        answer = always(target)
        if answer is None or answer.status == 304:
            return answer
        served = answer if served.status == 404 else served
        return served

    days.before = before
    asked = conditional(days)
    for _ in range(int(TRUST_DAYS) + 3):
        days.crawl()
        days.wait(1)
    assert asked.count(False) == 2
