"""Profile intervals contain a share as often as they promise, at the boundary too."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from attune_fit.training.multilevel.profile_interval import (
    compute_deviance_cutoff,
    compute_profile_interval,
    compute_zero_probability,
    is_in_interval,
)

SE = 0.05  # of an estimate in the tests, in shares


def compute_normal_rise(share: float, unrestricted: float) -> float:
    """The rise of the deviance for a normal estimate that is 0 where the unrestricted one is below 0."""
    best = max(unrestricted, 0.0)
    return ((share - unrestricted) ** 2 - (best - unrestricted) ** 2) / SE**2


def test_the_cutoff_grows_from_half_chi_squared_to_chi_squared() -> None:
    cutoffs = [compute_deviance_cutoff(distance) for distance in np.linspace(0, 3, 31)]
    assert cutoffs[0] == pytest.approx(chi2.ppf(0.90, 1))
    assert cutoffs[-1] == pytest.approx(chi2.ppf(0.95, 1))
    assert np.all(np.diff(cutoffs) >= -1e-9)
    assert compute_deviance_cutoff(0.0, 0.9) == pytest.approx(chi2.ppf(0.80, 1))


@pytest.mark.parametrize("distance", [0.0, 0.3, 1.0, 1.7, 4.0])
def test_coverage_of_a_normal_estimate_is_right_at_and_near_the_boundary(distance: float) -> None:
    truth = distance * SE
    draws = truth + SE * np.random.default_rng(0).normal(size=20_000)
    inside = [
        is_in_interval(compute_normal_rise(truth, x), compute_normal_rise(0.0, x), truth, max(x, 0.0)) for x in draws
    ]
    assert 0.946 < np.mean(inside) < 0.961


@pytest.mark.parametrize("unrestricted", [-0.08, 0.0, 0.05, 0.085, 0.095, 0.2, 0.5])
def test_the_interval_holds_exactly_the_shares_that_fit(unrestricted: float) -> None:
    estimate = max(unrestricted, 0.0)
    low, high = compute_profile_interval(lambda share: compute_normal_rise(share, unrestricted), estimate)
    for share in np.linspace(0, 0.9, 91):
        rise, zero = compute_normal_rise(share, unrestricted), compute_normal_rise(0.0, unrestricted)
        if min(abs(share - low), abs(share - high)) > 1e-4:
            assert is_in_interval(rise, zero, share, estimate) == (low <= share <= high), share


def test_zero_is_in_the_interval_where_the_one_sided_test_keeps_it() -> None:
    for unrestricted, fits in ((1.6 * SE, True), (1.7 * SE, False)):  # the limit of the test is 1.645
        low, _ = compute_profile_interval(lambda share, x=unrestricted: compute_normal_rise(share, x), unrestricted)  # type: ignore[misc]
        assert (low == 0) == fits
        assert (compute_zero_probability(compute_normal_rise(0.0, unrestricted)) > 0.05) == fits


def test_the_residual_has_no_zero() -> None:
    def rise(share: float) -> float:
        return float((np.log(share) - np.log(0.4)) ** 2 * 50)

    low, high = compute_profile_interval(rise, 0.4, can_be_zero=False)
    assert low == pytest.approx(0.4 * np.exp(-1.96 / np.sqrt(50)), abs=1e-3)
    assert high == pytest.approx(0.4 * np.exp(1.96 / np.sqrt(50)), abs=1e-3)


def test_rounding_is_no_evidence() -> None:
    assert compute_zero_probability(1e-9) == 1.0
