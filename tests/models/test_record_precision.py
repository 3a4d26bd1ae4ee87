"""Records of clients with a level of their own, compared with the whole covariance of all records."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from attune_fit.data.arrays import Floats, Indices
from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics

N, Q, THERAPISTS, SIGMA2, TAU2 = 40, 3, 5, 200.0, 30.0


def draw(seed: int) -> tuple[Floats, Floats, Indices, Indices, Floats]:
    """Draw records of clients who met one to four of five therapists; the last therapist met no client."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(N), rng.normal(size=(N, Q - 1))])
    client, therapist = np.sort(rng.integers(0, 18, N)), rng.integers(0, THERAPISTS - 1, N)
    return x, 70 + rng.normal(0, 15, N), client, therapist, rng.uniform(1, 1.5, N)


def compute_covariance(client: Indices, noise: Floats, share: float) -> Floats:
    same_client: Floats = (client[:, None] == client).astype(float)
    return (1 - share) * np.diag(noise) + share * same_client


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_the_precision_is_the_inverse_of_the_covariance(share: float) -> None:
    x, _, client, _, noise = draw(0)
    covariance = compute_covariance(client, noise, share)
    precision = RecordPrecision.from_noise(noise, client, share)
    np.testing.assert_allclose(precision.multiply(x), np.linalg.solve(covariance, x), rtol=1e-9, atol=1e-12)
    assert precision.log_determinant == pytest.approx(np.linalg.slogdet(covariance)[1])


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_the_posterior_equals_a_direct_computation(share: float) -> None:
    x, y, client, therapist, noise = draw(1)
    sums = SufficientStatistics.from_records(
        x, y, therapist, THERAPISTS, RecordPrecision.from_noise(noise, client, share)
    )
    mean, cov = np.array([60.0, 1.0, -1.0]), np.diag([100.0, 4.0, 9.0])
    found = sums.combine_with_prior(mean, cov).solve(SIGMA2, TAU2)

    z = np.eye(THERAPISTS)[therapist]
    y_cov = x @ cov @ x.T + TAU2 * z @ z.T + SIGMA2 * compute_covariance(client, noise, share)
    scaled = np.linalg.solve(y_cov, y - x @ mean)
    np.testing.assert_allclose(found.mean, mean + cov @ x.T @ scaled, rtol=1e-9)
    np.testing.assert_allclose(found.effect, TAU2 * z.T @ scaled, rtol=1e-7, atol=1e-9)
    cross = TAU2 * z.T
    effect_cov = TAU2 * np.eye(THERAPISTS) - cross @ np.linalg.solve(y_cov, cross.T)
    variance = found.effect_variance + np.einsum("ti,ij,tj->t", found.effect_slopes, found.cov, found.effect_slopes)
    np.testing.assert_allclose(variance, np.diag(effect_cov), rtol=1e-8)
    log_density = multivariate_normal(x @ mean, y_cov).logpdf(y)
    assert found.log_marginal - log_density == pytest.approx(N / 2 * np.log(2 * np.pi), abs=1e-7)


def test_the_mean_for_other_outcomes_is_that_of_a_new_fit() -> None:
    x, y, client, therapist, noise = draw(2)
    precision = RecordPrecision.from_noise(noise, client, 0.4)
    mean, cov = np.zeros(Q), np.diag([100.0, 4.0, 9.0])
    solver = SufficientStatistics.from_records(x, y, therapist, THERAPISTS, precision).combine_with_prior(mean, cov)
    other = np.random.default_rng(5).permutation(y)
    weighted = precision.multiply(other[:, None])
    by_therapist = np.eye(THERAPISTS)[therapist].T @ weighted
    found = solver.solve_means(x.T @ weighted, by_therapist, SIGMA2, TAU2)[:, 0]
    fresh = SufficientStatistics.from_records(x, other, therapist, THERAPISTS, precision)
    np.testing.assert_allclose(found, fresh.combine_with_prior(mean, cov).solve(SIGMA2, TAU2).mean, rtol=1e-9)


def test_clients_with_one_record_each_need_no_rotation() -> None:
    x, y, _, therapist, noise = draw(3)
    precision = RecordPrecision.from_noise(noise, np.arange(N), 0.4)
    sums = SufficientStatistics.from_records(x, y, therapist, THERAPISTS, precision)
    assert not len(sums.rotation.rows)
