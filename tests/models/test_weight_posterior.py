"""The posterior compared with a slow, direct computation, and at its limits."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.feature import Feature
from attune_fit.models.sufficient_statistics import SufficientStatistics
from attune_fit.models.variance_components import estimate_variance_components
from attune_fit.models.weight_posterior import (
    POOLED_EFFECT_SHRINKAGE,
    WeightDistribution,
    build_design_matrix,
    build_prior,
    fit_posterior,
    pool_linear_opinions,
    rescale_to_unit,
)
from tests.models.builders import GAP, NEED, SKILL, THREE, feature, sum_records

IDS = [f"t{number}" for number in range(4)]
FREE = tuple(replace(row, direction="free") for row in THREE)
WALLED = tuple(replace(row, keeps_direction=True) for row in THREE)


def drawn(
    seed: int, n: int, weights: tuple[float, ...] = (0, 0, 0), sd: float = 10.0
) -> tuple[Floats, Floats, Indices]:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 3))
    return z, 70 + z @ np.array(weights) + rng.normal(0, sd, n), rng.integers(0, len(IDS), n)


def summed(z: Floats, y: Floats, therapist: Indices, features: tuple[Feature, ...] = FREE) -> SufficientStatistics:
    return sum_records(features, z, y, therapist, len(IDS))


def direct(
    z: Floats, y: Floats, therapist: Indices, start: WeightDistribution, sigma2: float, tau2: float
) -> dict[str, Any]:
    """Slow twin: the posterior from the joint covariance of weights, effects and outcomes, n x n."""
    x = build_design_matrix(z, FREE)
    indicators = np.eye(len(IDS))[therapist]
    moment = np.array([row.weight**2 + row.spread**2 for row in FREE])
    published = read_published_statistics()
    residual_share = 1 - published["therapist_share"].value - published["intake_client_r2"].value
    noise = sigma2 * (1 + np.isnan(z) @ moment / residual_share)
    y_cov = x @ start.cov @ x.T + tau2 * indicators @ indicators.T + np.diag(noise)
    scaled = np.linalg.solve(y_cov, y - x @ start.mean)
    cross = np.vstack([start.cov @ x.T, tau2 * indicators.T])
    return {
        "mean": start.mean + start.cov @ x.T @ scaled,
        "effect": tau2 * indicators.T @ scaled,
        "cov": np.block([[start.cov, np.zeros((4, len(IDS)))], [np.zeros((len(IDS), 4)), tau2 * np.eye(len(IDS))]])
        - cross @ np.linalg.solve(y_cov, cross.T),
        "log": multivariate_normal(x @ start.mean, y_cov).logpdf(y),
    }


@given(st.integers(0, 10_000), st.integers(1, 12), st.floats(20, 400), st.floats(0.5, 80), st.floats(0, 0.6))
@settings(max_examples=40, deadline=None)
def test_posterior_equals_a_direct_computation(seed: int, n: int, sigma2: float, tau2: float, missing: float) -> None:
    z, y, therapist = drawn(seed, n)
    z[np.random.default_rng(seed).random(z.shape) < missing] = np.nan
    start = build_prior(FREE)
    found = summed(z, y, therapist).combine_with_prior(start.mean, start.cov).solve(sigma2, tau2)
    slow = direct(z, y, therapist, start, sigma2, tau2)
    np.testing.assert_allclose(found.mean, slow["mean"], rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(found.effect, slow["effect"], rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(found.cov, slow["cov"][:4, :4], rtol=1e-7, atol=1e-8)
    joint = np.diag(found.effect_variance) + found.effect_slopes @ found.cov @ found.effect_slopes.T
    np.testing.assert_allclose(joint, slow["cov"][4:, 4:], rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(-found.effect_slopes @ found.cov, slow["cov"][4:, :4], rtol=1e-7, atol=1e-8)


def test_marginal_likelihood_differs_from_the_direct_one_by_a_constant() -> None:
    z, y, therapist = drawn(3, 12)
    start = build_prior(FREE)
    solver = summed(z, y, therapist).combine_with_prior(start.mean, start.cov)
    differences = [
        solver.solve(sigma2, tau2).log_marginal - direct(z, y, therapist, start, sigma2, tau2)["log"]
        for sigma2, tau2 in product((50.0, 200.0), (1.0, 40.0))
    ]
    np.testing.assert_allclose(differences, differences[0], atol=1e-8)


def test_no_records_leave_the_prior_as_it_is() -> None:
    evidence, therapists = fit_posterior(summed(*drawn(0, 0)), THREE, IDS)
    start = build_prior(THREE)
    np.testing.assert_array_equal(evidence.mean, start.mean)
    np.testing.assert_allclose(evidence.cov, start.cov, rtol=1e-12)
    assert (evidence.sigma, evidence.tau, evidence.unit) == pytest.approx((start.sigma, start.tau, start.unit))
    assert therapists.ids == ()


def test_prior_is_the_published_weights_in_points() -> None:
    start = build_prior(THREE)
    unit = read_published_statistics()["early_alliance_sd"].value / 4 * 100
    np.testing.assert_allclose(start.mean[1:], [-0.1 * unit, 0.1 * unit, 0.05 * unit])
    np.testing.assert_allclose(np.sqrt(np.diag(start.cov))[1:], 0.05 * unit)
    assert start.tau**2 / unit**2 == pytest.approx(read_published_statistics()["therapist_share"].value)


def test_many_records_give_least_squares() -> None:
    z, y, therapist = drawn(1, 100_000, (-4.0, 6.0, 2.0))
    evidence, _ = fit_posterior(summed(z, y, therapist), FREE, IDS)
    plain, *_ = np.linalg.lstsq(np.column_stack([z, np.eye(len(IDS))[therapist]]), y, rcond=None)
    np.testing.assert_allclose(evidence.mean[1:], plain[:3], atol=0.02)
    assert evidence.sigma == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("n", [1, 5])
def test_few_records_change_little(n: int) -> None:
    z, y, therapist = drawn(2, n)
    evidence, therapists = fit_posterior(summed(z, y, therapist, THREE), THREE, IDS)
    start = build_prior(THREE)
    assert np.all(np.abs(evidence.mean - start.mean)[1:] < np.sqrt(np.diag(start.cov))[1:])
    assert np.all(np.abs(therapists.effect) < start.tau)
    assert evidence.sigma == pytest.approx(start.sigma, rel=0.2)
    assert evidence.tau == pytest.approx(start.tau, rel=0.2)


def test_variances_are_recovered_from_many_records() -> None:
    rng = np.random.default_rng(4)
    therapist = rng.integers(0, 200, 20_000)
    z = rng.normal(size=(20_000, 3))
    y = 70 + rng.normal(0, 7, 200)[therapist] + rng.normal(0, 13, 20_000)
    evidence, _ = fit_posterior(sum_records(FREE, z, y, therapist, 200), FREE, [str(number) for number in range(200)])
    assert evidence.sigma == pytest.approx(13, rel=0.03)
    assert evidence.tau == pytest.approx(7, rel=0.15)


def test_variances_stay_published_without_records() -> None:
    start = build_prior(THREE)
    assert estimate_variance_components(summed(*drawn(0, 0)), start.mean, start.cov, 100.0, 5.0) == (100.0, 5.0)


def test_published_effects_scale_with_the_sd_of_the_instrument() -> None:
    z, y, therapist = drawn(5, 4000, sd=40.0)
    evidence, _ = fit_posterior(summed(z, y, therapist), FREE, IDS)
    assert evidence.unit == pytest.approx(40, rel=0.05)


def test_a_column_that_is_unknown_everywhere_keeps_its_prior() -> None:
    z, y, therapist = drawn(6, 300)
    z[:, 1] = np.nan
    evidence, _ = fit_posterior(summed(z, y, therapist), FREE, IDS)
    assert evidence.mean[2] == pytest.approx(GAP.weight * evidence.unit, rel=1e-9)
    assert evidence.cov[2, 2] == pytest.approx((GAP.spread * evidence.unit) ** 2, rel=1e-9)


def test_a_constant_column_does_no_harm() -> None:
    z, y, therapist = drawn(7, 300)
    z[:, 1] = 1.0
    evidence, _ = fit_posterior(summed(z, y, therapist), FREE, IDS)
    assert np.all(np.isfinite(evidence.mean))
    assert np.all(np.linalg.eigvalsh(evidence.cov) > 0)


def test_unknown_cells_lower_the_weight_of_a_record() -> None:
    z, y, therapist = drawn(8, 50)
    missing = z.copy()
    missing[:, 0] = np.nan
    assert summed(missing, y, therapist).zz.sum() < summed(z, y, therapist).zz.sum()


def test_records_turn_a_direction_round_unless_it_is_promised() -> None:
    z, y, therapist = drawn(9, 2000, (5.0, 0.0, -5.0))  # need raises and skill lowers alliance: against both directions
    soft, _ = fit_posterior(summed(z, y, therapist, THREE), THREE, IDS)
    walled, _ = fit_posterior(summed(z, y, therapist, WALLED), WALLED, IDS)
    assert soft.mean[1] == pytest.approx(5, abs=1)
    assert soft.mean[3] == pytest.approx(-5, abs=1)
    assert (walled.mean[1], walled.mean[3]) == (0, 0)


@given(st.integers(0, 1000), st.tuples(*[st.sampled_from(["+", "-", "free"])] * 3))
@settings(max_examples=30, deadline=None)
def test_bounded_weights_equal_a_search_over_every_set_of_bounds(seed: int, directions: tuple[Any, ...]) -> None:
    features = tuple(replace(row, direction=way) for row, way in zip(WALLED, directions, strict=True))
    z, y, therapist = drawn(seed, 60, (3.0, -3.0, 1.0))
    evidence, _ = fit_posterior(summed(z, y, therapist), features, IDS)
    start = build_prior(FREE, unit=evidence.unit)
    found = summed(z, y, therapist).combine_with_prior(start.mean, start.cov).solve(evidence.sigma**2, evidence.tau**2)
    best = None
    for is_zero in product([False, True], repeat=3):
        free = np.flatnonzero([True, *(not zero for zero in is_zero)])
        weights = np.zeros(4)
        gradient = found.precision[free] @ found.mean
        weights[free] = np.linalg.solve(found.precision[np.ix_(free, free)], gradient)
        legal = all(
            way == "free" or (weight >= -1e-9 if way == "+" else weight <= 1e-9)
            for way, weight in zip(directions, weights[1:], strict=True)
        )
        cost = float((weights - found.mean) @ found.precision @ (weights - found.mean))
        if legal and (best is None or cost < best[0]):
            best = (cost, weights)
    assert best is not None
    np.testing.assert_allclose(evidence.mean, best[1], atol=1e-6)


def test_sufficient_statistics_are_additive() -> None:
    z, y, therapist = drawn(10, 40)
    whole, part = summed(z, y, therapist), summed(z[:15], y[:15], therapist[:15])
    rest = summed(z[15:], y[15:], therapist[15:])
    for found, want in ((part.add(rest), whole), (whole.subtract(part), rest)):
        assert found.n_records == want.n_records
        np.testing.assert_allclose(found.xx, want.xx, atol=1e-9)
        np.testing.assert_allclose(found.x, want.x, atol=1e-9)
        np.testing.assert_allclose(found.y, want.y, atol=1e-9)


def test_a_therapist_without_any_record_left_has_no_effect() -> None:
    z, y, therapist = drawn(11, 40)
    whole, removed = summed(z, y, therapist), therapist == 2
    _, therapists = fit_posterior(whole.subtract(summed(z[removed], y[removed], therapist[removed])), FREE, IDS)
    assert therapists.ids == ("t0", "t1", "t3")


def test_the_same_records_twice_give_the_same_posterior() -> None:
    z, y, therapist = drawn(12, 80)
    once, again = (fit_posterior(summed(z, y, therapist), THREE, IDS) for _ in range(2))
    np.testing.assert_array_equal(once[0].mean, again[0].mean)
    np.testing.assert_array_equal(once[1].effect, again[1].effect)


def test_a_therapist_effect_is_adjusted_for_weights_bounded_at_zero() -> None:
    """A weight bounded at zero, with prior mean zero, equals a model without the feature."""
    z, y, therapist = drawn(9, 400, (0.0, 0.0, -5.0), sd=3.0)
    z[:, 2] += np.where(therapist == 1, 1.0, 0.0)
    rows = (NEED, GAP, replace(SKILL, weight=0.0, keeps_direction=True))
    evidence, therapists = fit_posterior(summed(z, y, therapist, rows), rows, IDS)
    without, expected = fit_posterior(
        summed(z[:, :2], y, therapist, rows[:2]), rows[:2], IDS, hyperparameters_from=evidence
    )
    assert evidence.mean[3] == 0
    np.testing.assert_allclose(evidence.mean[:3], without.mean, atol=1e-6)
    np.testing.assert_allclose(therapists.effect, expected.effect, atol=1e-6)


def test_an_unknown_feature_adds_the_second_moment_of_its_weight() -> None:
    start = build_prior(THREE)
    rng = np.random.default_rng(0)
    weights = rng.multivariate_normal(start.mean, start.cov, 100_000)[:, 1:]
    np.testing.assert_allclose(start.missing_value_variance, (weights**2).mean(axis=0), rtol=0.02)


def test_a_weight_stated_as_certain_does_not_change() -> None:
    sure = (replace(feature("sure", "pair", "free", 0.2), spread=0.0), NEED, SKILL)
    z, y, therapist = drawn(13, 500, (-9.0, 0.0, 0.0))
    evidence, _ = fit_posterior(summed(z, y, therapist, sure), sure, IDS)
    assert evidence.mean[1] == pytest.approx(0.2 * evidence.unit, abs=0.05)


def test_a_held_weight_is_an_offset() -> None:
    """It equals a model without the feature, of outcomes less what the prior weight predicts; its spread stays."""
    z, y, therapist = drawn(14, 300, (0.0, -9.0, 3.0))
    evidence, therapists = fit_posterior(summed(z, y, therapist), FREE, IDS, held={"gap"})
    start, others = build_prior(FREE, evidence.unit), [0, 2]
    column = [row.name for row in FREE].index("gap")
    assert evidence.mean[1 + column] == start.mean[1 + column]
    assert evidence.cov[1 + column, 1 + column] == start.cov[1 + column, 1 + column]
    others = [position for position in range(3) if position != column]
    rows = tuple(FREE[position] for position in others)
    rest = sum_records(rows, z[:, others], y - z[:, column] * start.mean[1 + column], therapist, len(IDS))
    without, expected = fit_posterior(rest, rows, IDS, hyperparameters_from=evidence)
    np.testing.assert_allclose(np.delete(evidence.mean, 1 + column), without.mean, atol=1e-4)
    np.testing.assert_allclose(therapists.effect, expected.effect, atol=1e-4)


def test_another_unit_does_not_change_the_intercept() -> None:
    start = build_prior(THREE)
    twice = rescale_to_unit(start, 2 * start.unit)
    np.testing.assert_allclose(twice.mean, [start.mean[0], *(2 * start.mean[1:])])
    np.testing.assert_allclose(np.diag(twice.cov), [start.cov[0, 0], *(4 * np.diag(start.cov)[1:])])
    assert (twice.sigma, twice.tau, twice.unit) == (2 * start.sigma, 2 * start.tau, 2 * start.unit)


def test_the_posterior_starts_at_the_given_prior() -> None:
    start = replace(build_prior(FREE), mean=np.array([70.0, 3.0, -3.0, 1.0]))
    evidence, _ = fit_posterior(summed(*drawn(0, 0)), FREE, IDS, prior=start)
    np.testing.assert_allclose(evidence.mean[1:], start.mean[1:])
    moved, _ = fit_posterior(summed(*drawn(0, 4000, (1.0, 1.0, 1.0))), FREE, IDS, prior=start)
    np.testing.assert_allclose(moved.mean[1:], 1.0, atol=0.6)


def test_two_sources_are_averaged_and_their_disagreement_adds_variance() -> None:
    """Compared with a mixture drawn from both sources."""
    published, rows = build_prior(FREE), np.array([0, 2])
    rng = np.random.default_rng(0)
    estimates = rng.multivariate_normal([4.0, -2.0], [[1.0, 0.5], [0.5, 2.0]], 20_000)
    both = pool_linear_opinions(published, FREE, rows, estimates)
    from_published = rng.multivariate_normal(
        published.mean[rows + 1], published.cov[np.ix_(rows + 1, rows + 1)], 20_000
    )
    mixture = np.concatenate([estimates, from_published])
    np.testing.assert_allclose(both.mean[rows + 1], POOLED_EFFECT_SHRINKAGE * mixture.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(both.cov[np.ix_(rows + 1, rows + 1)], np.cov(mixture, rowvar=False), atol=0.15)
    assert (both.mean[2], both.cov[2, 2]) == (published.mean[2], published.cov[2, 2])


def test_a_pooled_weight_keeps_the_sign_of_its_direction() -> None:
    published = build_prior(THREE)
    sides = {"+": -9.0, "-": 9.0, "free": 0.0}
    wrong = np.array([[sides[row.direction] for row in THREE]] * 2) + np.array([[-1.0], [1.0]]) * np.eye(3)[0]
    weights = pool_linear_opinions(published, THREE, np.arange(3), wrong).mean[1:]
    assert all(weight >= 0 for weight, row in zip(weights, THREE, strict=True) if row.direction == "+")
    assert all(weight <= 0 for weight, row in zip(weights, THREE, strict=True) if row.direction == "-")
