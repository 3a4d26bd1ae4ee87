"""Intervals: nominal coverage on either side, inside the scale, and shrunk to the typical width with few records."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from attune_fit.data.arrays import Floats
from attune_fit.models.prediction_interval import (
    MAX_DISTANCE_FROM_MIDDLE,
    NARROWING_ABOVE_PRIOR,
    NARROWING_BELOW_PRIOR,
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
    low, high = PredictionInterval(0.9).compute_bounds(np.array([2.0, 50.0, 99.0]), np.full(3, 10.0))
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


@pytest.mark.parametrize(("below", "above"), [(-0.03, -0.03), (0.0, -0.04), (0.01, 0.01)])
def test_each_side_follows_a_spread_that_changes_with_the_estimate(below: float, above: float) -> None:
    rng = np.random.default_rng(2)
    score = rng.uniform(55, 85, 40_000)
    normal = rng.normal(size=len(score))
    residuals = normal * np.exp(np.where(normal > 0, above, below) * (score - 70))
    interval = PredictionInterval.from_out_of_fold(0.9, score, residuals)
    assert (interval.narrowing_below, interval.narrowing) == pytest.approx((below, above), abs=0.003)
    estimates = np.array([60.0, 80.0])
    low, high = interval.compute_bounds(estimates, np.ones(2))
    for reach, narrowing in ((estimates - low, below), (high - estimates, above)):
        assert np.log(reach[1] / reach[0]) == pytest.approx(20 * narrowing, abs=0.06)


def test_a_ceiling_leaves_the_coverage_of_low_and_high_estimates_alike() -> None:
    """Ratings bunch below 100: each third of the estimates has its nominal coverage on new ratings."""
    rng = np.random.default_rng(3)
    latent = rng.normal(0.75, 0.17, 60_000)
    ratings = 100 * norm.cdf(latent + rng.normal(0, 0.6, len(latent)))
    score = np.poly1d(np.polyfit(latent, ratings, 3))(latent)  # the expected rating, with the bunching
    known, new, sd = slice(0, 30_000), slice(30_000, None), float(np.std(ratings - score))
    interval = PredictionInterval.from_out_of_fold(0.9, score[known], (ratings - score)[known] / sd)
    low, high = interval.compute_bounds(score[new], np.full(30_000, sd))
    is_inside = (ratings[new] >= low) & (ratings[new] <= high)
    thirds = np.digitize(score[new], np.quantile(score[new], [1 / 3, 2 / 3]))
    assert [is_inside[thirds == third].mean() for third in range(3)] == pytest.approx([0.9] * 3, abs=0.02)


def test_few_records_leave_the_narrowing_near_its_prior() -> None:
    score = np.linspace(65, 85, 10)
    interval = PredictionInterval.from_out_of_fold(0.9, score, np.tile([1.0, -1.0], 5))
    assert interval.narrowing == pytest.approx(NARROWING_ABOVE_PRIOR[0], abs=0.006)
    assert interval.narrowing_below == pytest.approx(NARROWING_BELOW_PRIOR[0], abs=0.003)


def test_far_from_the_middle_the_reach_is_constant() -> None:
    interval = PredictionInterval(0.5, middle=75.0, narrowing=-0.03, narrowing_below=0.01)
    far = 75 - MAX_DISTANCE_FROM_MIDDLE - np.array([0.0, 10.0, 30.0])
    low, high = interval.compute_bounds(far, np.ones(3))
    assert np.ptp(high - far) == pytest.approx(0, abs=1e-9)
    assert np.ptp(far - low) == pytest.approx(0, abs=1e-9)


def test_records_on_one_side_alone_give_finite_half_widths() -> None:
    interval = PredictionInterval.from_out_of_fold(0.9, np.linspace(60, 80, 5), np.ones(5))
    assert np.isfinite([*interval.below, *interval.above, interval.narrowing, interval.narrowing_below]).all()
    assert interval.narrowing_below == pytest.approx(NARROWING_BELOW_PRIOR[0], abs=1e-4)
