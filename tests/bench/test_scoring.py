"""The scorer of the benchmark: what it counts, and that it takes no reader's word."""

from __future__ import annotations

import pytest

from bench.document_pages import document_pages
from bench.reading import docarchive
from bench.scoring import Fields, Score, score


@pytest.fixture(scope="module")
def of_our_own() -> Score:
    return score(read)


_read: dict[int, Fields | None] = {}


def read(body: bytes, meta: Fields) -> Fields | None:
    """Read a page as our reader does, once for all tests."""
    key = hash((repr(meta), body))
    if key not in _read:
        _read[key] = docarchive(body, meta)
    return _read[key]


def test_who_finds_nothing_scores_nothing() -> None:
    found = score(lambda body, meta: None)
    assert (found.macro_f1, found.exact, found.spurious, found.preview.f1) == (0, 0, 0, 0)
    assert found.documents
    assert found.others


def test_who_takes_every_page_for_a_document_is_told_so() -> None:
    found = score(lambda body, meta: {"title": "x"})
    assert (found.spurious, found.exact) == (found.others, 0)


@pytest.mark.long
def test_what_is_made_up_on_other_pages_costs_precision(of_our_own: Score) -> None:
    """A value on a page that is no document is wrong, whatever it is."""

    def careless(body: bytes, meta: Fields) -> Fields:
        return read(body, meta) or {"pages": 7}

    found = score(careless)
    assert found.fields["pages"].f1 < of_our_own.fields["pages"].f1
    assert found.fields["title"].f1 == of_our_own.fields["title"].f1


def test_the_floor_of_our_own_reader(of_our_own: Score) -> None:
    found = of_our_own
    assert found.macro_f1 >= 0.98
    assert found.exact >= 0.92 * found.documents
    assert found.spurious == 0
    assert found.preview.f1 >= 0.98


def test_made_pages_are_as_large_and_as_different_as_is_said() -> None:
    pages = list(document_pages(40, seed=5))
    assert 33_000 < sum(len(page.body) for page in pages) / len(pages) < 40_000
    assert len({page.body for page in pages}) == len({page.url for page in pages}) == 40
    assert 65 <= pages[0].body.count(b"<a ") <= 75
    assert pages == list(document_pages(40, seed=5))
    assert len({page.url.split("/")[2] for page in document_pages(6, sites=6)}) == 6
