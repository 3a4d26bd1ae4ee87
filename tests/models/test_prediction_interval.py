"""Intervals: nominal coverage on either side, inside the scale, and shrunk to the typical width with few records."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from attune_fit.data.arrays import Floats
from attune_fit.models.prediction_interval import (
    NARROWING_PRIOR_MEAN,
    TYPICAL_ABOVE_FACTORS,
    TYPICAL_BELOW_FACTORS,
    TYPICAL_LEVELS,
    PredictionInterval,
)


def calibrate(level: float, residuals: Floats) -> PredictionInterval:
    """Calibrate on residuals from one and the same estimate."""
    return PredictionInterval.from_out_of_fold(level, np.full(len(residuals), 70.0), residuals)


@pytest.mark.parametrize(
    ("level", "below", "above"), list(zip(TYPICAL_LEVELS, TYPICAL_BELOW_FACTORS, TYPICAL_ABOVE_FACTORS, strict=True))
)
def test_without_records_the_half_widths_are_typical(level: float, below: float, above: float) -> None:
    normal = norm.ppf((1 + level) / 2)
    assert PredictionInterval(level).compute_half_widths() == pytest.approx((normal * below, normal * above))
    assert PredictionInterval.from_out_of_fold(level, np.empty(0), np.empty(0)) == PredictionInterval(level)


def test_with_many_records_each_side_follows_its_own_residuals() -> None:
    residuals = np.random.default_rng(0).uniform(-2, 1, 50_000)
    assert calibrate(0.9, residuals).compute_half_widths() == pytest.approx((1.85, 0.85), abs=0.02)


def test_one_record_has_little_weight() -> None:
    assert calibrate(0.9, np.array([0.0])).compute_half_widths() == pytest.approx(
        PredictionInterval(0.9).compute_half_widths(), rel=0.05
    )


@given(st.lists(st.floats(-5, 5), max_size=60), st.floats(0.01, 0.985))
def test_a_higher_level_never_gives_a_narrower_interval(residuals: list[float], level: float) -> None:
    lower, higher = (calibrate(at, np.array(residuals)).compute_half_widths() for at in (level, level + 0.01))
    assert all(wide >= narrow - 1e-12 for narrow, wide in zip(lower, higher, strict=True))


def test_records_count_beyond_the_ends_of_the_grid_of_levels() -> None:
    residuals = np.random.default_rng(0).normal(0, 2, 50_000)
    assert sum(calibrate(0.3, residuals).compute_half_widths()) > 1.7 * 2 * norm.ppf(0.65)
    assert sum(calibrate(0.999, residuals).compute_half_widths()) > 1.7 * 2 * norm.ppf(0.9995)


def test_an_interval_stays_on_the_scale() -> None:
    low, high = PredictionInterval(0.9).compute_bounds(np.array([2.0, 50.0, 99.0]), np.array([10.0, 10.0, 10.0]))
    below, above = PredictionInterval(0.9).compute_half_widths()
    assert low[0] == 0
    assert high[2] == 100
    assert (low[1], high[1]) == pytest.approx((50 - 10 * below, 50 + 10 * above))


def test_coverage_of_new_ratings_is_nominal_on_both_sides() -> None:
    """Skewed residuals, as in early alliance."""
    rng = np.random.default_rng(1)
    known, new = (1.5 * (1 - rng.exponential(size=20_000)) for _ in range(2))
    below, above = calibrate(0.9, known).compute_half_widths()
    assert np.mean(new < -below) == pytest.approx(0.05, abs=0.006)
    assert np.mean(new > above) == pytest.approx(0.05, abs=0.006)


@pytest.mark.parametrize("narrowing", [-0.03, 0.0, 0.01])
def test_the_interval_follows_a_spread_that_changes_with_the_estimate(narrowing: float) -> None:
    rng = np.random.default_rng(2)
    score = rng.uniform(50, 90, 20_000)
    interval = PredictionInterval.from_out_of_fold(0.9, score, rng.normal(0, np.exp(narrowing * (score - 70))))
    assert interval.narrowing == pytest.approx(narrowing, abs=0.002)
    low, high = interval.compute_bounds(np.array([55.0, 85.0]), np.array([1.0, 1.0]))
    assert np.log((high - low)[1] / (high - low)[0]) == pytest.approx(30 * narrowing, abs=0.06)


def test_few_records_leave_the_narrowing_near_its_prior() -> None:
    score = np.linspace(60, 80, 10)
    assert PredictionInterval.from_out_of_fold(0.9, score, np.ones(10)).narrowing == pytest.approx(
        NARROWING_PRIOR_MEAN, abs=0.003
    )
