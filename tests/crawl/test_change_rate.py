"""What is believed of a change rate, and what a visit is worth."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.revisits.change_rate import (
    FIRST_PRIOR,
    LONGEST_DAYS,
    Rate,
    believed,
    changed,
    fitted_prior,
    unchanged,
    worth,
    worth_of_known,
)
from crawler.revisits.revisit import miss_days, refilled

rates = st.builds(Rate, st.floats(0.05, 20.0), st.floats(0.1, 5_000.0))
intervals = st.floats(0.0, 20_000.0)


@given(rates, intervals)
def test_evidence_moves_belief_its_way(rate: Rate, days: float) -> None:
    assert unchanged(rate, days).mean <= rate.mean
    after = changed(rate, days)
    assert after.mean >= rate.mean * (1 - 1e-6)
    assert all(math.isfinite(value) and value > 0 for value in after)


@given(rates, intervals, intervals)
def test_worth_grows_with_time_and_is_limited(rate: Rate, days: float, more: float) -> None:
    assert 0.0 <= worth(rate, days) <= worth(rate, days + more) * (1 + 1e-6) + 1e-9
    assert worth(rate, days) <= days


def test_worth_is_the_mean_over_what_is_believed() -> None:
    """The closed form against a sum over drawn rates."""
    rate, days = Rate(2.0, 100.0), 60.0
    chance = random.Random(1)
    drawn = [worth_of_known(chance.gammavariate(rate.shape, 1 / rate.days), days) for _ in range(20_000)]
    assert worth(rate, days) == pytest.approx(sum(drawn) / len(drawn), rel=0.02)
    assert worth(Rate(1.0, 100.0), days) == pytest.approx(worth(Rate(1.0 + 1e-7, 100.0), days), rel=1e-5)


def test_the_posterior_has_the_exact_mean() -> None:
    rate, days = Rate(2.0, 100.0), 60.0
    steps = [(i + 0.5) / 20_000 for i in range(20_000)]
    weight = [(r * math.exp(-100 * r)) * -math.expm1(-r * days) for r in steps]
    mean = sum(r * w for r, w in zip(steps, weight, strict=True)) / sum(weight)
    assert changed(rate, days).mean == pytest.approx(mean, rel=1e-3)


def test_clock_jumps_are_no_evidence() -> None:
    assert unchanged(FIRST_PRIOR, -5.0) == FIRST_PRIOR
    assert changed(FIRST_PRIOR, -5.0) == FIRST_PRIOR
    assert unchanged(FIRST_PRIOR, 1e6).days == FIRST_PRIOR.days + LONGEST_DAYS


def test_many_changes_are_believed_without_end() -> None:
    often = believed(FIRST_PRIOR, 0.0, 1_000, 1_000.0)
    assert 0.9 < often.mean < 20.0


def test_the_prior_of_a_site_is_found() -> None:
    """Pages whose rates come from a Gamma, each visited every ten days for two years."""
    chance = random.Random(3)
    truth = Rate(0.8, 60.0)
    seen = []
    for _ in range(600):
        rate = chance.gammavariate(truth.shape, 1 / truth.days)
        hits = sum(chance.random() < -math.expm1(-rate * 10) for _ in range(73))
        seen.append((10.0 * (73 - hits), hits, 10.0 * hits))
    prior = FIRST_PRIOR
    for _ in range(30):
        prior = fitted_prior(prior, [believed(prior, *one) for one in seen])
    assert prior.mean == pytest.approx(truth.mean, rel=0.15)
    assert prior.shape == pytest.approx(truth.shape, rel=0.25)


def test_a_budget_fills_up_to_a_day() -> None:
    assert refilled(0.0, 0.0, 86_400.0 * 30, 100.0) == 100.0
    assert refilled(50.0, 86_400.0, 0.0, 100.0) == 50.0  # the clock was set back
    assert [round(miss_days(n), 1) for n in (1, 2, 3, 20)] == [0.9, 1.9, 3.9, 31.9]
