"""Intervals: wide enough, never outside the scale, and not decided by a handful of records."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from models.interval import Interval


@pytest.mark.parametrize("level", [0.3, 0.5, 0.8, 0.9, 0.99])
def test_without_records_it_is_the_normal_distribution(level: float) -> None:
    assert Interval(level).q == pytest.approx(norm.ppf((1 + level) / 2))
    assert Interval.calibrated(level, np.empty(0)) == Interval(level)


def test_many_records_decide() -> None:
    misses = np.random.default_rng(0).uniform(-1, 1, 50_000)
    assert Interval.calibrated(0.9, misses).q == pytest.approx(0.9, abs=0.01)


def test_one_record_hardly_counts() -> None:
    assert Interval.calibrated(0.9, np.array([0.0])).q == pytest.approx(norm.ppf(0.95), rel=0.05)


@given(st.lists(st.floats(-5, 5), max_size=60), st.floats(0.01, 0.985))
def test_a_higher_level_never_gives_a_narrower_interval(misses: list[float], level: float) -> None:
    lower, higher = (Interval.calibrated(at, np.array(misses)) for at in (level, level + 0.01))
    assert higher.q >= lower.q - 1e-12


def test_records_are_not_forgotten_beyond_the_levels_they_are_kept_for() -> None:
    misses = np.random.default_rng(0).normal(0, 2, 50_000)
    for level in (0.3, 0.999):
        assert Interval.calibrated(level, misses).q == pytest.approx(2 * norm.ppf((1 + level) / 2), rel=0.03)


def test_it_stays_on_the_scale() -> None:
    low, high = Interval(0.9).around(np.array([2.0, 50.0, 99.0]), np.array([10.0, 10.0, 10.0]))
    assert low[0] == 0
    assert high[2] == 100
    assert low[1] == pytest.approx(50 - 1.645 * 10, abs=0.01)


def test_it_holds_new_ratings_as_often_as_it_says() -> None:
    """Skewed misses, as early alliance has: the conformal quantile holds where the normal one does not."""
    rng = np.random.default_rng(1)
    seen, new = (1.5 * (1 - rng.exponential(size=20_000)) for _ in range(2))
    reach = Interval.calibrated(0.9, seen).q
    assert np.mean(np.abs(new) <= reach) == pytest.approx(0.9, abs=0.01)
