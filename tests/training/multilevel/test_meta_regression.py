"""A regression over therapists keeps the scale of their residuals and equals least squares where caseloads are even."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import linregress

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.meta_regression import (
    assess_moderator,
    build_design,
    find_problem,
    fit_meta_regression,
)


def draw_estimates(spread: float, seed: int = 0, m: int = 15) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    variance = rng.uniform(0.05, 0.5, m)
    moderator = rng.normal(size=m)
    return moderator + rng.normal(size=m) * np.sqrt(variance + spread**2), variance, moderator[:, None]


def test_even_caseloads_give_ordinary_least_squares() -> None:
    estimate, _, moderator = draw_estimates(0.5)
    test = assess_moderator("means", estimate, np.full(15, 0.01), moderator, n=150, alpha=0.05)
    plain = linregress(moderator[:, 0], estimate)
    assert (test.estimate, test.se, test.p, test.df) == pytest.approx((plain.slope, plain.stderr, plain.pvalue, 13))


def test_residuals_have_the_size_that_their_variances_promise() -> None:
    estimate, variance, moderator = draw_estimates(1.0)
    fit = fit_meta_regression(estimate, variance, build_design(moderator))
    residual = estimate - build_design(moderator) @ fit.coefficients
    assert fit.variance > 0
    assert fit.weight == pytest.approx(1 / (fit.variance + variance))
    assert float(fit.weight @ residual**2) == pytest.approx(fit.df, rel=1e-4)


def test_residuals_smaller_than_sampling_give_no_variance_and_smaller_errors() -> None:
    estimate, variance, moderator = draw_estimates(0.0)
    fit = fit_meta_regression(estimate, 10 * variance, build_design(moderator))
    assert fit.variance == 0
    assert fit.covariance == pytest.approx(fit_meta_regression(estimate, variance, build_design(moderator)).covariance)


def test_an_interval_moves_with_a_planted_effect() -> None:
    estimate, variance, moderator = draw_estimates(0.5)
    before = assess_moderator("means", estimate, variance, moderator, n=150, alpha=0.05)
    after = assess_moderator("means", estimate + 0.7 * moderator[:, 0], variance, moderator, n=150, alpha=0.05)
    assert (after.low, after.high) == pytest.approx((before.low + 0.7, before.high + 0.7))


def test_a_large_unit_of_a_moderator_changes_only_the_unit() -> None:
    estimate, variance, moderator = draw_estimates(0.5)
    before = assess_moderator("means", estimate, variance, moderator, n=150, alpha=0.05)
    after = assess_moderator("means", estimate, variance, 2000 + 100 * moderator, n=150, alpha=0.05)
    assert after.p == pytest.approx(before.p)
    assert after.estimate == pytest.approx(before.estimate / 100)


def test_problems_are_found() -> None:
    _, variance, moderator = draw_estimates(0.5)
    assert find_problem(variance, moderator) == ""
    assert find_problem(variance[:2], moderator[:2]) == "few-therapists"
    assert find_problem(np.full(15, np.nan), moderator) == "few-therapists"
    assert find_problem(variance, np.full((15, 1), 0.1)) == "no-variation"
    assert find_problem(np.zeros(15), moderator) == "no-variation"
    assert find_problem(variance, np.hstack([moderator, 2 * moderator])) == "no-variation"
