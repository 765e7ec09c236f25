"""Failures in a row: dead documents on a site that is well do not stop a run, a site that is down or blocks us does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from crawler.doubt import BLOCKED_IN_A_ROW, DEAD_IN_A_ROW
from simulator.answer import Answer
from tests.crawl.days import Days

DOCUMENTS = 60


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path / "data", {"documents": DOCUMENTS, "order": "newest-first"})


def dead(days: Days, number: int, status: int = 500) -> set[str]:
    """Make the first *number* documents of the listing answer *status* for ever; return their targets."""
    per_page = len(days.shown(1))
    ids = [row["doc_id"] for page in range(1, number // per_page + 2) for row in days.shown(page)][:number]
    days.before = lambda target: (
        Answer(status, b"err", "text/html") if any(f"/{one}." in target for one in ids) else None
    )
    return set(ids)


@pytest.mark.parametrize("status", [500, 503, 408])
@pytest.mark.parametrize("number", [BLOCKED_IN_A_ROW, 12, 40])
def test_dead_documents_before_any_that_answers(days: Days, number: int, status: int) -> None:
    gone = dead(days, number, status)
    outcome = days.crawl()
    assert outcome is not None
    assert outcome.exit_code != 4
    assert days.missing() == gone
    assert len(days.asked) < 3 * number + DOCUMENTS + number  # three tries each; witnesses are few


@pytest.mark.parametrize("status", [500, 503])
def test_dead_documents_among_known_ones(days: Days, status: int) -> None:
    days.crawl()
    gone = dead(days, 20, status)
    for _ in range(4):
        days.wait(1)
        days.happen("added", count=1)
        outcome = days.crawl()
        assert outcome is not None
        assert outcome.exit_code == 0
    assert not days.missing()
    assert set(days.known()) >= gone


def test_a_document_that_is_tried_again_and_comes(days: Days) -> None:
    first = days.shown(1)[0]["doc_id"]
    tries: list[str] = []

    def before(target: str) -> Answer | None:
        if f"/{first}." not in target or tries:
            return None
        tries.append(target)
        return Answer(408, b"", "text/html", headers=[("Connection", "close")])

    days.before = before
    days.crawl()
    assert tries
    assert not days.missing()


def everything(target: str) -> bool:
    return True


def documents(target: str) -> bool:
    return "/doc" in target


SHUT_OUT = [
    (status, blocked, came)
    for status, blocked, came in product([500, 503, 403, 429], [everything, documents], [0, 3, 10])
    # None came, and the listing does: dead documents on a site that is well, as far as anyone can tell.
    if not (came == 0 and blocked is documents and status >= 500)
]


@pytest.mark.parametrize(("status", "blocked", "came"), SHUT_OUT)
def test_a_site_that_shuts_us_out_stops_the_run_and_nothing_is_lost(
    days: Days, status: int, blocked: Callable[[str], bool], came: int
) -> None:
    answered: list[str] = []

    def before(target: str) -> Answer | None:
        if not documents(target) and len(answered) < came:
            return None
        if not documents(target) and came == 0 and len(days.listings()) < 2:
            return None
        if blocked(target) and len(answered) >= came:
            return Answer(status, b"no", "text/html")
        if documents(target):
            answered.append(target)
        return None

    days.before = before
    outcome = days.crawl()
    assert outcome is not None
    assert outcome.exit_code == 4
    assert len(days.documents()) <= came + BLOCKED_IN_A_ROW + 1
    days.before = lambda target: None
    outcome = days.crawl()
    assert outcome is not None
    assert outcome.exit_code == 0
    assert not days.missing()


def test_a_row_of_dead_documents_has_an_end(tmp_path: Path) -> None:
    """A site all of whose documents are broken is left before all are tried, and gone on with the next time."""
    days = Days(tmp_path / "data", {"documents": DEAD_IN_A_ROW * 2})
    days.before = lambda target: Answer(500, b"", "text/html") if documents(target) else None
    outcome = days.crawl()
    assert outcome is not None
    assert outcome.exit_code == 4
    assert len(days.documents()) == DEAD_IN_A_ROW
    assert str(DEAD_IN_A_ROW) in (outcome.reason or "")


def test_a_limit_is_kept(days: Days) -> None:
    dead(days, 40)
    for limit in range(BLOCKED_IN_A_ROW, BLOCKED_IN_A_ROW + 8):
        days.crawl(max_requests=limit)
        assert len(days.asked) <= limit
