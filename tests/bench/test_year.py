"""The books of the simulated year: what was due, what was found, and baselines that are what a crawl does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bench.year_baselines import ModelPages, Rule, Unreachable
from bench.year_books import Happened, is_lost, share
from bench.year_script import OPENED, Script
from simulator.site import Site

A_DAY = timedelta(days=1)


def test_what_no_run_could_reach_is_not_due() -> None:
    happened = Happened(added={1: OPENED, 2: OPENED + 5 * A_DAY}, withdrawn={})
    end = OPENED + 20 * A_DAY
    assert happened.due(happened.added, 2, end) == happened.added
    assert happened.due(happened.added, 2, end, [OPENED + A_DAY, OPENED + 9 * A_DAY]) == {1: OPENED}
    assert happened.due(happened.added, 2, OPENED + 6 * A_DAY) == {1: OPENED}


def test_taking_a_document_off_the_listing_is_no_withdrawal() -> None:
    gone = OPENED + 3 * A_DAY
    happened = Happened(withdrawn={1: (gone, "unlisted"), 2: (gone, "missing"), 3: (gone, "notice")})
    assert happened.true_withdrawals({1: OPENED, 2: OPENED, 3: gone + A_DAY}) == {2: gone}


def test_the_share_counts_what_was_found_in_time() -> None:
    found = {1: OPENED + A_DAY, 2: OPENED + 9 * A_DAY}
    assert share({1: OPENED, 2: OPENED, 3: OPENED}, found, 2) == "0.3333 of 3"
    assert share({}, found, 2) == "none was due"


def test_a_full_crawl_of_the_model_finds_what_can_be_read_and_asks_for_all() -> None:
    script = Script(100, 4)
    at = script.run_at(0)
    (catalogue,) = Site(script.options(), lambda: at, OPENED).catalogues.values()
    catalogue.advance(at)
    pages, rule = ModelPages(catalogue), Rule(None)
    rule.crawl(0, at, pages)
    listed = list(catalogue.listed())
    assert len(rule.found) == sum(not is_lost(catalogue, number) for number in listed)
    assert pages.requests == len(listed) + -(-len(listed) // catalogue.family.per_page)
    pages.requests = 0
    rule.crawl(1, at + A_DAY, pages)
    assert pages.requests == 1  # five known ones in a row stand on the first page


def test_a_site_that_is_down_costs_a_request_and_shows_nothing() -> None:
    script = Script(100, 4)
    (catalogue,) = Site(script.options(), lambda: OPENED, OPENED).catalogues.values()
    pages = ModelPages(catalogue, is_down=True)
    with pytest.raises(Unreachable):
        pages.listing(1)
    rule = Rule(1)
    rule.crawl(0, OPENED, pages)
    assert (pages.requests, rule.found) == (2, {})
