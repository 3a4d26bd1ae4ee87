"""How much a family matters here: found where there is enough to see, 1 where there is nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import approx_fprime

import attune_fit.models.family_relevance
from attune_fit.data.arrays import Floats
from attune_fit.models.family_relevance import apply_relevance, estimate_relevance
from attune_fit.models.sufficient_statistics import SufficientStatistics

FAMILIES = ("wishes", "wishes", "wishes", "style", "style", "style")
MEAN = np.array([70.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
COV = np.diag([100.0, *np.full(6, 0.25)])


def outcomes(n: int, weights: list[float], seed: int = 0) -> SufficientStatistics:
    """Ratings about 70 that follow ``weights``, with noise of SD 10 and eight therapists who do not differ."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.standard_normal((n, 6))])
    y = x @ np.array([70.0, *weights]) + rng.normal(0, 10, n)
    return SufficientStatistics.from_records(x, y, rng.integers(0, 8, n), 8, np.ones(n))


def test_the_family_that_matters_is_found_and_the_other_falls() -> None:
    found = estimate_relevance(outcomes(20_000, [2.0, 2.0, 2.0, 0.1, 0.1, 0.1]), MEAN, COV, FAMILIES, 100.0, 1.0)
    assert found["wishes"] > 1.4
    assert found["style"] < 0.6


def test_without_records_nothing_is_changed() -> None:
    none = outcomes(0, [0.0] * 6)
    assert estimate_relevance(none, MEAN, COV, FAMILIES, 100.0, 1.0) == {"wishes": 1.0, "style": 1.0}
    assert estimate_relevance(none, MEAN[:1], COV[:1, :1], (), 100.0, 1.0) == {}


def test_few_records_hardly_change_anything() -> None:
    found = estimate_relevance(outcomes(20, [0.0] * 6), MEAN, COV, FAMILIES, 100.0, 1.0)
    assert all(0.8 < one < 1.25 for one in found.values())


def test_the_gradient_is_that_of_the_surprise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against differences: the identity it rests on is easy to get wrong by a sign."""
    caught: dict[str, Any] = {}

    def minimize(surprise: Any, start: Floats, **_: Any) -> Any:
        caught["surprise"] = surprise
        return type("Found", (), {"x": start})

    monkeypatch.setattr(attune_fit.models.family_relevance, "minimize", minimize)
    cov = COV + 0.05 * (1 - np.eye(7))
    estimate_relevance(outcomes(300, [2.0, 1.0, 0.0, 0.5, -1.0, 1.0]), MEAN, cov, FAMILIES, 100.0, 4.0)
    at = np.array([0.3, -0.4])
    _, gradient = caught["surprise"](at)

    def value(z: Floats) -> float:
        return float(caught["surprise"](z)[0])

    numeric = approx_fprime(at, value, 1e-6)
    np.testing.assert_allclose(np.asarray(gradient), np.asarray(numeric), rtol=1e-3)


def test_means_and_uncertainty_of_a_family_are_scaled_together_and_the_level_stays() -> None:
    mean, cov = apply_relevance(MEAN, COV, FAMILIES, {"wishes": 2.0})
    assert mean.tolist() == [70, 2, 2, 2, 1, 1, 1]
    assert np.diag(cov).tolist() == [100, 1, 1, 1, 0.25, 0.25, 0.25]
