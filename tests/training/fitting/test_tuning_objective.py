"""The weight of the trees of a trial is the posterior mean of a slope."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.training.fitting.tuning_objective import (
    MAX_TREE_WEIGHT,
    PRIOR_TREE_WEIGHT,
    PRIOR_TREE_WEIGHT_SD,
    compute_stacking_weight,
)


def test_without_records_the_stacking_weight_is_its_prior_mean() -> None:
    assert compute_stacking_weight(np.empty(0), np.empty(0)) == pytest.approx(PRIOR_TREE_WEIGHT)


@given(st.integers(0, 200), st.integers(1, 40), st.floats(-1, 4))
def test_the_stacking_weight_is_the_posterior_mean_of_a_slope(seed: int, n: int, slope: float) -> None:
    """Compared with a grid of slopes."""
    rng = np.random.default_rng(seed)
    output = rng.normal(0, 3, n)
    residual = slope * output + rng.normal(0, 5, n)
    grid = np.linspace(-8, 8, 20_001)
    noise = np.mean(residual**2)
    log = -((residual[:, None] - grid * output[:, None]) ** 2).sum(axis=0) / (2 * noise)
    log -= (grid - PRIOR_TREE_WEIGHT) ** 2 / (2 * PRIOR_TREE_WEIGHT_SD**2)
    weight = np.exp(log - log.max())
    want = np.clip((grid * weight).sum() / weight.sum(), 0, MAX_TREE_WEIGHT)
    assert compute_stacking_weight(residual, output) == pytest.approx(want, abs=1e-6)


def test_trees_that_predict_the_opposite_get_no_weight() -> None:
    output = np.random.default_rng(0).normal(0, 5, 2000)
    assert compute_stacking_weight(-output, output) == 0
    assert compute_stacking_weight(output, output) == pytest.approx(1, abs=0.05)
    assert compute_stacking_weight(2 * output, output) == pytest.approx(2, abs=0.1)


def test_a_residual_of_0_keeps_the_prior_mean() -> None:
    assert compute_stacking_weight(np.zeros(9), np.arange(9.0)) == pytest.approx(PRIOR_TREE_WEIGHT)
