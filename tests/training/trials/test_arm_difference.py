"""The difference of two arms: equal to outside authorities, and right under the null."""

import numpy as np
import pytest
import statsmodels.api as sm  # type: ignore[import-untyped]
from scipy import stats

from attune_fit.training.trials.arm_difference import (
    convert_to_t,
    convert_to_z,
    estimate_arm_difference,
    permute_arm_difference,
)


def test_it_is_the_regression_of_statsmodels_with_hc2_errors() -> None:
    rng = np.random.default_rng(4)
    arm, stratum, covariate = rng.integers(2, size=80), rng.integers(3, size=80), rng.standard_normal((80, 1))
    y = 2.0 * (arm == 0) + stratum + 0.5 * covariate[:, 0] + rng.standard_normal(80) * (1 + arm)
    one = estimate_arm_difference(y, arm, stratum, covariate)
    design = np.column_stack([np.ones(80), arm == 0, stratum == 1, stratum == 2, covariate]).astype(float)
    other = sm.OLS(y, design).fit(cov_type="HC2", use_t=True)
    assert (one.estimate, one.se, one.df) == pytest.approx((other.params[1], other.bse[1], other.df_resid))
    assert (one.t, one.p) == pytest.approx((other.tvalues[1], other.pvalues[1]))
    low, high = one.compute_interval(stats.norm.isf(0.025))
    assert (low, high) == pytest.approx(tuple(other.conf_int()[1]))


def test_without_strata_it_is_the_difference_of_means() -> None:
    rng = np.random.default_rng(5)
    arm, y = np.repeat([0, 1], 25), rng.standard_normal(50)
    one = estimate_arm_difference(y, arm)
    assert one.t == pytest.approx(stats.ttest_ind(y[:25], y[25:], equal_var=False).statistic)
    assert one.n == (25, 25)


def test_a_client_alone_in_a_stratum_adds_nothing_and_breaks_nothing() -> None:
    rng = np.random.default_rng(6)
    arm, y = np.repeat([0, 1], 20), rng.standard_normal(40)
    with_one = estimate_arm_difference(np.append(y, 99.0), np.append(arm, 0), np.append(np.zeros(40, dtype=int), 1))
    without = estimate_arm_difference(y, arm)
    assert (with_one.estimate, with_one.se) == pytest.approx((without.estimate, without.se))


def test_t_and_z_have_the_same_tail() -> None:
    for t, df in ((2.5, 12.0), (-1.3, 7.0), (40.0, 5.0)):
        z = convert_to_z(t, df)
        assert np.sign(z) == np.sign(t)
        assert convert_to_t(abs(z), df) == pytest.approx(abs(t))


@pytest.mark.parametrize("seed", range(20))
def test_the_rounding_of_a_constant_outcome_is_no_difference(seed: int) -> None:
    rng, arm = np.random.default_rng(seed), np.array([0, 1] * 20)
    found = estimate_arm_difference(np.full(40, 61.7), arm, rng.integers(0, 3, 40), rng.normal(size=(40, 2)))
    assert (found.estimate, found.z, found.p) == (0.0, 0.0, 1.0)


def test_arms_that_share_no_outcome_differ() -> None:
    arm = np.array([0, 1] * 20)
    assert estimate_arm_difference(np.where(arm == 0, 61.7, 30.1), arm).z > 8


def test_too_few_outcomes_are_refused() -> None:
    with pytest.raises(ValueError, match="two outcomes"):
        estimate_arm_difference(np.array([1.0, 2, 3]), np.array([0, 0, 1]))


def test_the_re_randomisation_test_finds_a_difference_and_agrees_with_t() -> None:
    rng = np.random.default_rng(7)
    arm, block, y = np.tile([0, 1, 1, 0], 30), np.repeat(np.arange(30), 4), rng.standard_normal(120)
    p = permute_arm_difference(y, arm, block, 4_000, 1)
    assert p == pytest.approx(estimate_arm_difference(y, arm).p, abs=0.05)
    assert permute_arm_difference(y + (arm == 0), arm, block, 999, 1) < 0.01
