"""The Laplace posterior of dropout: compared with plain optimisation and with integration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit
from scipy.stats import norm

from attune_fit.data.arrays import Floats
from attune_fit.features.feature import Direction
from attune_fit.training.fitting.dropout_posterior import DropoutRecords, fit_dropout_posterior, list_dropout_walls
from tests.models.builders import feature

FREE: list[Direction] = ["free", "free"]
MEAN, COV, TAU2 = np.array([-1.4, 0.1, 0.0]), np.diag([0.7, 0.1, 0.1]), 0.2


def draw_records(n: int = 300, therapists: int = 8, seed: int = 0) -> DropoutRecords:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.standard_normal((n, 2))])
    therapist = rng.integers(0, therapists, n).astype(np.intp)
    u = 0.5 * rng.standard_normal(therapists)
    y = rng.random(n) < expit(x @ [-1.2, 0.8, -0.5] + u[therapist])
    return DropoutRecords(x, y.astype(float), therapist, therapists + 1)  # the last therapist has no record


def compute_loss(records: DropoutRecords, values: Floats) -> float:
    """Minus the log posterior, term by term."""
    w, u = values[:3], values[3:]
    p = expit(records.x @ w + u[records.therapist])
    fit = np.sum(records.y * np.log(p) + (1 - records.y) * np.log(1 - p))
    return float(-fit + (w - MEAN) @ np.linalg.inv(COV) @ (w - MEAN) / 2 + u @ u / (2 * TAU2))


def test_the_mode_is_that_of_a_plain_optimiser() -> None:
    records = draw_records()
    found = fit_dropout_posterior(records, MEAN, COV, TAU2, FREE)

    def compute_own_loss(values: Floats) -> float:
        return compute_loss(records, values)

    plain = minimize(compute_own_loss, np.zeros(12), method="BFGS")
    np.testing.assert_allclose(np.concatenate([found.mean, found.effect]), plain.x, atol=2e-4)
    assert found.effect[-1] == 0


def test_covariance_lean_and_own_variance_are_blocks_of_the_inverse_curvature() -> None:
    records = draw_records()
    found = fit_dropout_posterior(records, MEAN, COV, TAU2, FREE)
    mode = np.concatenate([found.mean, found.effect])
    steps = 1e-4 * np.eye(len(mode))

    def compute_own_loss(values: Floats) -> float:
        return compute_loss(records, values)

    gradients = [approx_fprime(mode + side * step, compute_own_loss, 1e-6) for step in steps for side in (1, -1)]
    curvature = np.array([(up - down) / 2e-4 for up, down in zip(gradients[::2], gradients[1::2], strict=True)])
    whole = np.linalg.inv((curvature + curvature.T) / 2)
    np.testing.assert_allclose(found.cov, whole[:3, :3], rtol=0.02, atol=2e-4)
    np.testing.assert_allclose(-found.lean @ found.cov, whole[3:, :3], atol=2e-3)
    total = found.own + np.einsum("ti,ij,tj->t", found.lean, found.cov, found.lean)
    np.testing.assert_allclose(total, np.diag(whole)[3:], rtol=0.02)


def test_the_marginal_likelihood_is_near_the_integral() -> None:
    records = draw_records(40, 1, seed=3)
    records = DropoutRecords(records.x[:, :1], records.y, records.therapist, 1)
    differences = []
    for tau2 in (0.05, 0.2, 0.8):
        cov = np.array([[1e-10]])  # the weight is certain, so one effect is left to integrate over
        found = fit_dropout_posterior(records, np.array([-1.4]), cov, tau2, [])

        def compute_density(u: float, tau2: float = tau2) -> float:
            p = expit(-1.4 + u)
            return float(np.prod(np.where(records.y == 1, p, 1 - p)) * norm.pdf(u, scale=np.sqrt(tau2)))

        differences.append(found.log_marginal - np.log(quad(compute_density, -6, 6, points=[found.effect[0]])[0]))
    assert np.ptp(differences) < 0.02


def test_an_honoured_wish_never_raises_dropout() -> None:
    records = draw_records(2_000)
    free = fit_dropout_posterior(records, MEAN, COV, TAU2, FREE)
    assert free.mean[1] > 0.5
    bounded = fit_dropout_posterior(records, MEAN, COV, TAU2, ["-", "free"])
    assert bounded.mean[1] == 0
    assert bounded.mean[2] < -0.2


def test_walls_are_turned_round() -> None:
    features = [feature("a", "pair", "+", 0.1), feature("b", "pair", "-", 0.1)]
    assert list_dropout_walls(features) == ["free", "free"]
    assert list_dropout_walls([replace(one, keeps_direction=True) for one in features]) == ["-", "+"]


def test_it_starts_anywhere() -> None:
    records = draw_records()
    cold = fit_dropout_posterior(records, MEAN, COV, TAU2, FREE)
    far = cold._replace(mean=cold.mean + 3, effect=cold.effect - 2)
    warm = fit_dropout_posterior(records, MEAN, COV, TAU2, FREE, far)
    np.testing.assert_allclose(warm.mean, cold.mean, atol=1e-3)
    assert warm.log_marginal == pytest.approx(cold.log_marginal, abs=1e-4)


def test_without_records_it_is_the_prior() -> None:
    empty = DropoutRecords(np.empty((0, 3)), np.empty(0), np.empty(0, dtype=np.intp), 4)
    found = fit_dropout_posterior(empty, MEAN, COV, TAU2, FREE)
    np.testing.assert_allclose(found.mean, MEAN)
    np.testing.assert_allclose(found.cov, COV)
    assert found.log_marginal == pytest.approx(0.0)
