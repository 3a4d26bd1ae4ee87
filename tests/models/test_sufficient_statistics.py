"""Sums by therapist compared with a loop over the records."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics


def test_sums_by_therapist_equal_a_loop_over_the_records() -> None:
    """To the last bit, so that a bundle's bytes do not depend on how they are added up."""
    rng = np.random.default_rng(0)
    x, y, noise = rng.normal(size=(500, 6)), rng.normal(70, 15, 500), rng.uniform(1, 2, 500)
    therapist = rng.integers(0, 8, 500)  # the last of nine has no records
    slow = np.zeros((9, 6))
    for row, number in enumerate(therapist):
        slow[number] += x[row] * (1 / noise[row])
    sums = SufficientStatistics.from_records(x, y, therapist, 9, RecordPrecision.from_noise(noise))
    np.testing.assert_array_equal(sums.x, slow)
    np.testing.assert_array_equal(sums.has_records(), [True] * 8 + [False])


@pytest.mark.parametrize("client_share", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(4))
def test_the_marginal_likelihood_alone_is_that_of_the_whole_solution(seed: int, client_share: float) -> None:
    rng = np.random.default_rng(seed)
    n, q, therapists = int(rng.integers(3, 200)), int(rng.integers(1, 12)), int(rng.integers(1, 30))
    x, y = rng.normal(size=(n, q)), rng.normal(70, 15, n)
    precision = RecordPrecision.from_noise(rng.uniform(1, 2, n), rng.integers(0, max(n // 2, 1), n), client_share)
    sums = SufficientStatistics.from_records(x, y, rng.integers(0, therapists, n), therapists + 1, precision)
    root = rng.normal(size=(q, q + 2))
    mean, cov = rng.normal(size=q), root @ root.T
    inverse = np.asarray(np.linalg.inv(cov), dtype=np.float64)
    solver = sums.combine_with_prior(mean, cov)
    known = sums.combine_with_precision(mean, inverse, float(np.linalg.slogdet(cov)[1]))
    for sigma2, tau2 in ((200.0, 10.0), (5.0, 1e-6), (300.0, 500.0)):
        whole = solver.solve(sigma2, tau2)
        assert solver.compute_log_marginal(sigma2, tau2) == pytest.approx(whole.log_marginal, rel=1e-10)
        np.testing.assert_allclose(known.solve(sigma2, tau2).mean, whole.mean, rtol=1e-8)


def test_a_precision_that_is_not_positive_but_for_rounding_is_solved_as_before() -> None:
    sums = SufficientStatistics.from_records(
        np.zeros((1, 2)), np.zeros(1), np.zeros(1, dtype=np.intp), 1, RecordPrecision.from_noise(np.ones(1))
    )
    solver = sums.combine_with_precision(np.zeros(2), np.diag([1.0, -1.0]), 0.0)
    assert solver.compute_log_marginal(1.0, 1.0) == solver.solve(1.0, 1.0).log_marginal
