"""Clusters depend on the pairs alone."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from archive.near_duplicates.clustering import clusters

WEIGHTS = st.dictionaries(
    st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(-3, 3).filter(bool),
    max_size=40,
)


@given(WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_does_not_matter(weights: dict[tuple[int, int], int], order: random.Random) -> None:
    texts = [bytes([number * 37 % 251]) for number in range(12)]
    places = list(range(12))
    order.shuffle(places)
    moved = {
        (min(places[one], places[other]), max(places[one], places[other])): weight
        for (one, other), weight in weights.items()
    }
    shuffled = [b""] * 12
    for number, place in enumerate(places):
        shuffled[place] = texts[number]
    found = {frozenset(texts[each] for each in group) for group in clusters(texts, weights)}
    assert found == {frozenset(shuffled[each] for each in group) for group in clusters(shuffled, moved)}


def test_what_pushes_apart_is_weighed_against_what_pulls() -> None:
    bridge = {(0, 1): 9, (2, 3): 9, (1, 2): 4, (0, 3): -3, (0, 2): -3, (1, 3): -3}
    assert clusters([b"a", b"b", b"c", b"d"], bridge) == [[0, 1], [2, 3]]
    assert clusters([b"a", b"b", b"c", b"d"], {**bridge, (0, 3): 1, (0, 2): 1}) == [[0, 1, 2, 3]]
