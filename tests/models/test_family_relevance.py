"""Relevance of a family: found with enough records, 1 without records."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from attune_fit.data.arrays import Floats
from attune_fit.models.family_relevance import apply_relevance, estimate_relevance
from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics

FAMILIES = ("wishes", "wishes", "wishes", "style", "style", "style")
MEAN = np.array([70.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
COV = np.diag([100.0, *np.full(6, 0.25)])


def outcomes(n: int, weights: list[float], seed: int = 0) -> SufficientStatistics:
    """Ratings about 70 that follow ``weights``, with noise of SD 10 and eight therapists with equal effects."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.standard_normal((n, 6))])
    y = x @ np.array([70.0, *weights]) + rng.normal(0, 10, n)
    return SufficientStatistics.from_records(x, y, rng.integers(0, 8, n), 8, RecordPrecision.from_noise(np.ones(n)))


def test_the_relevant_family_rises_and_the_other_falls() -> None:
    relevance = estimate_relevance(outcomes(20_000, [2.0, 2.0, 2.0, 0.1, 0.1, 0.1]), MEAN, COV, FAMILIES, 100.0, 1.0)
    assert relevance["wishes"] > 1.4
    assert relevance["style"] < 0.6


def test_without_records_nothing_is_changed() -> None:
    none = outcomes(0, [0.0] * 6)
    assert estimate_relevance(none, MEAN, COV, FAMILIES, 100.0, 1.0) == {"wishes": 1.0, "style": 1.0}
    assert estimate_relevance(none, MEAN[:1], COV[:1, :1], (), 100.0, 1.0) == {}


def test_few_records_hardly_change_anything() -> None:
    relevance = estimate_relevance(outcomes(20, [0.0] * 6), MEAN, COV, FAMILIES, 100.0, 1.0)
    assert all(0.8 < factor < 1.25 for factor in relevance.values())


def test_the_gradient_equals_finite_differences_of_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of Fisher's identity, where a wrong sign is easy to miss."""
    caught: dict[str, Any] = {}

    def minimize(loss: Any, start: Floats, **_: Any) -> Any:
        caught["loss"] = loss
        return type("Found", (), {"x": start})

    monkeypatch.setattr("scipy.optimize.minimize", minimize)
    cov = COV + 0.05 * (1 - np.eye(7))
    estimate_relevance(outcomes(300, [2.0, 1.0, 0.0, 0.5, -1.0, 1.0]), MEAN, cov, FAMILIES, 100.0, 4.0)
    at = np.array([0.3, -0.4])
    _, gradient = caught["loss"](at)

    def value(z: Floats) -> float:
        return float(caught["loss"](z)[0])

    numeric = approx_fprime(at, value, 1e-6)
    np.testing.assert_allclose(np.asarray(gradient), np.asarray(numeric), rtol=1e-3)


def test_mean_and_sd_of_a_family_are_scaled_together_and_the_intercept_stays() -> None:
    mean, cov = apply_relevance(MEAN, COV, FAMILIES, {"wishes": 2.0})
    assert mean.tolist() == [70, 2, 2, 2, 1, 1, 1]
    assert np.diag(cov).tolist() == [100, 1, 1, 1, 0.25, 0.25, 0.25]
