"""Equivalence region: its interval and its p value always agree."""

import numpy as np
import pytest
from scipy.stats import t

from attune_fit.training.hypotheses.equivalence_region import compute_equivalence_region


def test_the_p_value_is_the_larger_of_two_one_sided_tests() -> None:
    found = compute_equivalence_region(0.03, 0.04, 18, 0.10)
    below, above = t.sf((0.03 + 0.10) / 0.04, 18), t.cdf((0.03 - 0.10) / 0.04, 18)
    assert found.p == pytest.approx(max(below, above))
    assert (found.low, found.high) == pytest.approx(t.interval(0.90, 18, 0.03, 0.04))


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_is_inside_exactly_if_p_is_below_alpha(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(50):
        estimate, se, alpha = rng.normal(0, 0.1), rng.uniform(0.01, 0.1), rng.choice([0.01, 0.05, 0.1])
        found = compute_equivalence_region(estimate, se, 20, 0.1, alpha)
        assert found.is_inside == (found.p < alpha)


def test_no_estimate_is_not_inside() -> None:
    assert not compute_equivalence_region(np.nan, np.nan, np.nan, 0.1).is_inside
