"""What is known already: sweeps find what came or changed deep in a list, revisits stay inside the day's budget."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import copy
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from tests.crawl.days import Days

Opened = Callable[..., Days]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Return what makes a site that was crawled on some days, so that the order of its listing is known."""

    @cache
    def made(days: int, order: str) -> Days:
        site = Days(tmp_path_factory.mktemp("made") / "data", {"documents": 200, "order": order})
        site.crawl()
        for _ in range(days - 1):
            site.wait(1)
            site.happen("added", count=3)
            site.crawl()
        return site

    return made


@pytest.fixture
def opened(made: Opened, tmp_path: Path) -> Opened:
    """Return what gives such a site as it was made, to a test of its own."""

    def opened(*, days: int = 3, order: str = "newest-first") -> Days:
        site = made(days, order)
        shutil.copytree(site.archive, tmp_path / "data")
        return Days(tmp_path / "data", site.options, copy(site.clock), happened=[*site.happened])

    return opened


def budget(monkeypatch: pytest.MonkeyPatch, requests: int) -> None:
    monkeypatch.setattr("crawler.session.CRAWL_BUDGET_BASE", requests)
    monkeypatch.setattr("crawler.session.CRAWL_DOCUMENTS_A_REQUEST", 10**9)


@pytest.mark.parametrize("order", ["newest-first", pytest.param("oldest-first", marks=pytest.mark.long), "unordered"])
def test_a_backdated_upload_is_found_within_days(opened: Opened, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """Eleven pages, ten requests a day."""
    days = opened(order=order, days=5 if order == "unordered" else 3)
    budget(monkeypatch, 10)
    days.wait(1)
    days.happen("added", count=1, published_on="2014-05-06")
    waited = 0
    while days.missing():
        days.crawl()
        days.wait(1)
        assert len(days.asked) <= 10 + 8
        waited += 1
    assert waited <= 6


def test_a_sweep_goes_on_behind_the_last_page_that_was_remembered(opened: Opened) -> None:
    """New documents push others to pages that nobody has seen: the sweep must come to the end, and begin anew."""
    days = opened()
    for _ in range(3):
        days.wait(1)
        days.happen("added", count=45)
        days.happen("added", count=1, published_on="2014-05-06")
        days.crawl()
        assert days.missing() == set()


def test_an_edit_deep_in_the_list_is_found_beside_its_link(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The listing prints sizes: one listing page tells of twenty documents."""
    days = opened()
    budget(monkeypatch, 10)
    days.wait(1)
    edited = [row["doc_id"] for row in days.shown(7)][:2]
    days.happen("changed", documents=edited, fields={"title": "改过的标题", "size_text": "77.5 KB"})
    for _ in range(6):
        days.crawl()
        days.wait(1)
    assert {days.known()[doc_id] for doc_id in edited} == {"改过的标题"}


def test_a_document_that_is_listed_no_more_is_looked_at(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    days = opened()
    budget(monkeypatch, 12)
    for _ in range(3):  # a whole sweep before it goes: it was shown, and then it is not
        days.wait(1)
        days.crawl()
    gone = days.shown(6)[3]["doc_id"]
    days.happen("withdrawn", document=gone, how="missing")
    asked = []
    for _ in range(6):
        days.wait(1)
        days.crawl()
        asked += days.documents()
    assert any(gone in target for target in asked)


def test_the_budget_is_a_days(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that follow each other share one day's budget; half a day later half of it is there again."""
    days = opened()
    budget(monkeypatch, 60)
    days.wait(1)
    spent = []
    for wait in (0.0, 0.0, 0.5, 30.0):
        days.wait(wait)
        days.crawl()
        spent.append(days.counts["budget/spent"])
    assert 50 <= spent[0] <= 60
    assert spent[1] <= 6
    assert 25 <= spent[2] <= 36
    assert 50 <= spent[3] <= 60


def test_a_profile_may_leave_known_documents_alone(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    days = opened()
    budget(monkeypatch, 0)
    days.wait(10)
    days.crawl()
    assert days.documents() == []


def test_documents_that_do_not_come_are_tried_at_growing_intervals(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = opened()
    budget(monkeypatch, 15)
    gone = days.shown(2)[0]["doc_id"]
    days.happen("withdrawn", document=gone, how="missing")
    tries = []
    for day in range(20):
        days.wait(1)
        days.crawl()
        if any(gone in target for target in days.asked):
            tries.append(day)
    assert [later - earlier for earlier, later in pairwise(tries)] == [1, 2, 4, 8]


def test_unchanged_documents_cost_an_answer_without_a_body(opened: Opened) -> None:
    days = opened()
    days.wait(1)
    days.crawl()
    assert days.counts["same"] > 100
    assert days.counts["bytes_received"] < 200_000  # listing pages; a document is 10 KB and more


def test_edits_that_the_listing_shows_hold_no_run_of_a_small_budget(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nearly all known documents that are asked for changed: they are asked for because they did."""
    days = opened()
    budget(monkeypatch, 0)
    for _ in range(2):
        days.wait(1)
        days.crawl()
    budget(monkeypatch, 8)
    days.wait(1)
    edited = [row["doc_id"] for row in days.shown(1)][6:12]
    days.happen("changed", documents=edited, fields={"size_text": "77.5 KB"})
    for _ in range(3):
        outcome = days.crawl()
        assert outcome is not None
        assert outcome.event == "published", outcome.reason
        days.wait(1)
    assert days.counts["listed/known"] > 0


def test_what_the_listing_names_no_more_holds_no_run_of_a_small_budget(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the few known documents that are asked for many are gone: they are asked for because they are not listed."""
    days = opened()
    budget(monkeypatch, 8)
    for _ in range(2):
        days.wait(1)
        days.crawl()
    for row in days.shown(1)[4:7]:
        days.happen("withdrawn", document=row["doc_id"], how="gone")
    gone = 0
    for _ in range(4):
        days.wait(1)
        outcome = days.crawl()
        assert outcome is not None
        assert outcome.event == "published", outcome.reason
        gone += days.counts["other/http_410"]
    assert gone >= 3
