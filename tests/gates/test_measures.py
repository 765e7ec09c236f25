"""Counting what runs are like, and how surprising it is."""

from __future__ import annotations

import math

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.judgement.gates import ANY, EDITS, NEVER, RARE, Fitness, judge
from archive.judgement.measures import VALUES_KEPT, Measures, Repeats, bin_of, value_of_bin
from archive.judgement.surprise import Expectation, _upper_tail, chance_of


@settings(deadline=None)
@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_bins_are_in_the_order_of_values(one: float, other: float) -> None:
    assert (one <= other) <= (bin_of(one) <= bin_of(other))
    assert abs(value_of_bin(bin_of(one))) <= abs(one) * (1 + 1e-9) + 1e-9


@settings(deadline=None)
@given(st.lists(st.integers(0, 4000)), st.lists(st.text()))
def test_measures_read_back_as_written(values: list[int], words: list[str]) -> None:
    measures = Measures()
    for value in values:
        measures.spread("a", value)
        measures.share("b", value % 2)
    for word in words:
        measures.mix("c", word.encode("utf-8", "replace").decode())
    assert Measures.from_json(orjson.loads(orjson.dumps(measures.to_json()))) == measures
    assert len(measures.mixes.get("c", {})) <= VALUES_KEPT + 1


def test_the_largest_group_is_found_in_bounded_memory() -> None:
    repeats = Repeats()
    for number in range(20_000):
        repeats.add(f"text {number}" if number % 5 else "wait")
    assert 3_900 <= repeats.beyond_unremarkable() <= 4_000
    assert repeats.is_largest("wait")
    assert not repeats.is_largest("text 1")


def test_pairs_are_unremarkable() -> None:
    repeats = Repeats()
    for number in range(100):
        repeats.add(str(number // 2))
    assert repeats.beyond_unremarkable() == 0
    assert not repeats.is_largest("1")


@pytest.mark.parametrize(("of", "a", "b"), [(12, 0.4, 3.0), (40, 5.0, 60.0)])
def test_the_tail_is_that_of_the_distribution(of: int, a: float, b: float) -> None:
    def exactly(k: int) -> float:
        log = math.lgamma(k + a) + math.lgamma(of - k + b) - math.lgamma(of + a + b)
        return math.comb(of, k) * math.exp(log + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b))

    assert sum(exactly(k) for k in range(of + 1)) == pytest.approx(1)
    for k in range(of + 1):
        assert _upper_tail(k, of, a, b) == pytest.approx(sum(exactly(j) for j in range(k, of + 1)), rel=1e-6)


@settings(deadline=None)
@given(st.integers(0, 60), st.lists(st.tuples(st.integers(0, 50), st.just(50)), max_size=6))
def test_more_is_never_less_surprising(cases: int, history: list[tuple[int, int]]) -> None:
    for expected in (ANY, EDITS, RARE, NEVER):
        less, more = (chance_of(k, 61, history, expected) for k in (cases, cases + 1))
        assert 0 <= more <= less <= 1


def test_gates_narrow_as_runs_accumulate() -> None:
    chances = [chance_of(10, 40, [(1, 40)] * runs, ANY) for runs in (1, 3, 10, 40)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 1e-3 > 1e-5 > chances[-1]


def test_a_site_that_varies_is_allowed_to() -> None:
    steady, restless = [(200, 400)] * 10, [(100, 400), (300, 400)] * 5
    usual = Expectation(0.5, 0.5, 0.005)
    assert chance_of(300, 400, steady, usual) < 1e-4 < 0.01 < chance_of(300, 400, restless, usual)


def test_a_run_without_documents_is_empty_unless_they_were_left_alone() -> None:
    assert judge({}, Measures(), []).fitness is Fitness.EMPTY
    assert judge({"left_alone": 3}, Measures(), []).fitness is Fitness.PUBLISH


def test_pages_that_the_reader_fails_on_hold_a_run_without_any_history() -> None:
    counts = {"documents": 90, "other/reader_error": 10}
    assert judge(counts, Measures(), []).fitness is Fitness.HOLD


def test_what_a_person_approved_is_not_asked_about() -> None:
    measures = Measures({"known/changed/title": [100, 100], "known/lost/tags": [0, 100]})
    counts = {"documents": 100}
    assert judge(counts, measures, []).fitness is Fitness.HOLD
    assert judge(counts, measures, [], leave_out=("known/changed/",)).fitness is Fitness.PUBLISH
