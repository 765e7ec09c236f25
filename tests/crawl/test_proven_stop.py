"""The overlap that proves a stop, and the order of a listing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.listings.order import Evidence, Order, order_of
from crawler.listings.proven_stop import MARGIN_ITEMS, Item, ProvenStop, anchors_after, anchors_between, joins

ANCHORS = list(range(100, 200))


def covered(*url_ids: int) -> list[Item]:
    return [Item(url_id, False, True, False) for url_id in url_ids]


def new(*url_ids: int) -> list[Item]:
    return [Item(url_id, True, False, False) for url_id in url_ids]


def proof(items: Sequence[Item]) -> ProvenStop:
    found = ProvenStop(ANCHORS)
    found.read(items)
    return found


@pytest.mark.parametrize(
    ("items", "proven"),
    [
        pytest.param(covered(*ANCHORS[:20]), True, id="nothing new"),
        pytest.param(covered(*ANCHORS[:19]), False, id="one short of the margin"),
        pytest.param([*new(1, 2), *covered(*ANCHORS[:20])], True, id="new above"),
        pytest.param([*covered(*ANCHORS[:20]), *new(1)], False, id="new below"),
        pytest.param([*covered(*ANCHORS[:19]), *new(1), *covered(*ANCHORS[19:25])], False, id="an overlap in two"),
        pytest.param(covered(*ANCHORS[:40:2]), True, id="every other one removed"),
        pytest.param(covered(*range(20)), False, id="known, from elsewhere"),
        pytest.param([Item(one, False, False, False) for one in ANCHORS[:20]], False, id="seen without proof"),
        pytest.param([Item(one, False, True, True) for one in ANCHORS[:20]], False, id="set aside"),
        pytest.param([*new(1), *(Item(one, False, True, True) for one in ANCHORS[:20])], True, id="sunk again"),
        pytest.param(covered(*reversed(ANCHORS[:40])), False, id="the other way round"),
        pytest.param(covered(*(ANCHORS[:1] * 40)), False, id="one document on every page"),
    ],
)
def test_proof(items: list[Item], proven: bool) -> None:
    assert proof(items).is_proven is proven


def test_what_stands_above_something_new_is_set_aside() -> None:
    found = proof([*covered(*ANCHORS[:3], 7), *new(1), *covered(*ANCHORS[3:8])])
    assert found.aside == {*ANCHORS[:3], 7}
    assert found.known_before == [4]


def test_what_came_from_below_is_set_aside_once_anchors_follow() -> None:
    assert proof(covered(7, 8, *ANCHORS[:3], 9)).aside == {7, 8}


@given(st.lists(st.integers(0, 60), unique=True, max_size=40), st.integers(0, 40))
def test_nothing_new_is_ever_below_a_proven_stop(gone: list[int], count: int) -> None:
    """However many anchors are gone: a proof never comes before everything new was passed."""
    items = [*new(*range(count)), *covered(*(one for place, one in enumerate(ANCHORS) if place not in gone))]
    found = ProvenStop(ANCHORS)
    for place, item in enumerate(items):
        found.read([item])
        if found.is_proven:
            assert place + 1 >= count + MARGIN_ITEMS
            break


def test_the_next_anchors_go_on_with_the_last_ones() -> None:
    found = proof([*new(1, 2), *covered(*ANCHORS[:20])])
    assert anchors_after(found.items, ANCHORS) == [1, 2, *ANCHORS]


def test_what_slipped_between_two_pages() -> None:
    assert anchors_between(ANCHORS, ANCHORS[:20], ANCHORS[21:40]) == [120]
    assert anchors_between(ANCHORS, ANCHORS[:20], ANCHORS[20:40]) == []
    assert anchors_between(ANCHORS, [1, 2], ANCHORS[20:40]) == []


def test_joining_from_the_remembered_end() -> None:
    """Anchors count from the end; a walk towards the end meets them the other way round."""
    end = list(reversed(ANCHORS))
    assert joins(ANCHORS, [*covered(*end[-25:]), *new(1)])
    assert not joins(ANCHORS, [*covered(*end[-10:]), *new(1)])
    assert not joins(ANCHORS, new(1, 2, 3))


@pytest.mark.parametrize(
    ("evidence", "order"),
    [
        pytest.param([], Order.UNKNOWN, id="nothing"),
        pytest.param([(0, 1000)], Order.NEWEST_FIRST, id="once on top of many"),
        pytest.param([(0, 10)], Order.UNKNOWN, id="once on top of few"),
        pytest.param([(25, 20_000)] * 2, Order.NEWEST_FIRST, id="below sticky ones"),
        pytest.param([*[(0, 1000)] * 2, *[(400, 600)] * 4], Order.NEWEST_FIRST, id="many backdated"),
        pytest.param([(1000, 0)] * 2, Order.OLDEST_FIRST, id="at the end"),
        pytest.param([(n * 97 % 1000, 1000 - n * 97 % 1000) for n in range(1, 20)], Order.UNORDERED, id="anywhere"),
    ],
)
def test_order(evidence: list[tuple[int, int]], order: Order) -> None:
    assert order_of(Evidence(*one) for one in evidence) is order
