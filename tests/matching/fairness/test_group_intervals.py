"""Intervals agree with published tables and with statsmodels, and have their nominal coverage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm  # type: ignore[import-untyped]
from statsmodels.stats.proportion import (  # type: ignore[import-untyped]
    confint_proportions_2indep,
)
from statsmodels.stats.proportion import (
    test_proportions_2indep as statsmodels_test,
)
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW  # type: ignore[import-untyped]

from attune_fit.data.arrays import Floats, Indices
from attune_fit.matching.fairness.group_intervals import (
    GroupDifference,
    GroupEstimate,
    MetricSample,
    estimate_difference,
    estimate_group,
)

RUNS = 1000
TOLERANCE = 4 * np.sqrt(0.95 * 0.05 / RUNS)  # four standard errors of a coverage


def sample(value: Floats, weight: Floats | None = None, cluster: Indices | None = None) -> MetricSample:
    return MetricSample.from_values(np.arange(len(value)), value, weight, cluster)


def select_all(entries: MetricSample) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(entries.row), dtype=bool)


@pytest.mark.parametrize(
    ("yes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_share_has_the_interval_of_newcombes_table(yes: int, n: int, low: float, high: float) -> None:
    """Newcombe (1998), Stat. Med. 17, 857-872, table I, method 3."""
    entries = sample((np.arange(n) < yes).astype(float))
    estimate = estimate_group("share", entries, select_all(entries))
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=5e-5)


def test_differences_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(0)
    value, where = rng.normal(size=50), np.arange(50) < 18
    both = CompareMeans(DescrStatsW(value[where]), DescrStatsW(value[~where]))
    estimate = estimate_difference("mean", sample(value), where)
    assert (estimate.low, estimate.high) == pytest.approx(both.tconfint_diff(usevar="unequal"))
    assert estimate.p == pytest.approx(both.ttest_ind(usevar="unequal")[1])
    own = estimate_group("mean", sample(value), where)
    assert (own.low, own.high) == pytest.approx(DescrStatsW(value[where]).tconfint_mean())
    yes = (rng.random(50) < 0.3).astype(float)
    counts = yes[where].sum(), 18, yes[~where].sum(), 32
    estimate = estimate_difference("share", sample(yes), where)
    theirs = confint_proportions_2indep(*counts, method="agresti-caffo", compare="diff")
    assert (estimate.low, estimate.high) == pytest.approx(theirs)
    assert estimate.p == pytest.approx(statsmodels_test(*counts, method="agresti-caffo", compare="diff").pvalue)


def test_ratings_of_one_therapist_are_clustered() -> None:
    """Against ordinary least squares with cluster-robust errors, whose correction differs slightly."""
    rng = np.random.default_rng(1)
    therapist = rng.integers(0, 40, 600)
    value, where = rng.normal(size=600) + rng.normal(size=40)[therapist], rng.random(600) < 0.4
    design = sm.add_constant(where.astype(float))
    fitted = sm.OLS(value, design).fit(cov_type="cluster", cov_kwds={"groups": therapist})
    estimate = estimate_difference("mean", sample(value, cluster=therapist), where)
    assert estimate.value == pytest.approx(fitted.params[1])
    assert estimate.low is not None
    assert estimate.value - estimate.low == pytest.approx(1.99 * fitted.bse[1], rel=0.04)
    alone = sm.OLS(value, np.ones(600)).fit(cov_type="cluster", cov_kwds={"groups": therapist}, use_t=True)
    own = estimate_group("mean", sample(value, cluster=therapist), np.ones(600, dtype=bool))
    assert (own.low, own.high) == pytest.approx(tuple(alone.conf_int()[0]), rel=1e-3)


def test_a_weighted_mean_is_a_ratio_of_sums() -> None:
    got, due = np.array([1.0, 2.0, 6.0]), np.array([1.0, 1.0, 4.0])
    entries = sample(got / due, weight=due)
    assert estimate_group("mean", entries, select_all(entries)).value == pytest.approx(9 / 6)


def test_with_one_therapist_there_is_no_interval() -> None:
    value, cluster = np.arange(12.0), np.repeat([0, 1, 2], 4)
    entries = sample(value, cluster=cluster)
    assert estimate_group("mean", entries, cluster == 0) == GroupEstimate(1.5, None, None)
    assert estimate_difference("mean", entries, cluster == 0) == GroupDifference(-6.0, None, None, None)


def test_where_all_values_are_equal_there_is_nothing_to_test() -> None:
    for kind, value in (("share", 0.0), ("mean", 3.0)):
        estimate = estimate_difference(kind, sample(np.full(30, value)), np.arange(30) < 12)  # type: ignore[arg-type]
        assert estimate == GroupDifference(0.0, None, None, None)


def compute_coverage(truth: float, make: Callable[[np.random.Generator], GroupEstimate]) -> float:
    rng = np.random.default_rng(2)
    estimates = (make(rng) for _ in range(RUNS))
    return float(np.mean([one.low is not None and one.high is not None and one.low <= truth <= one.high
                          for one in estimates]))  # fmt: skip


def test_intervals_have_their_nominal_coverage() -> None:
    twelve = np.arange(60) < 12

    def shares(rng: np.random.Generator) -> GroupEstimate:
        return estimate_difference("share", sample((rng.random(60) < np.where(twelve, 0.3, 0.2)).astype(float)), twelve)

    def means(rng: np.random.Generator) -> GroupEstimate:
        return estimate_difference(
            "mean", sample(rng.normal(np.where(twelve, 1.0, 0.0), np.where(twelve, 2.0, 1.0))), twelve
        )

    def ratings(rng: np.random.Generator) -> GroupEstimate:
        therapist = rng.integers(0, 30, 300)
        value = rng.normal(size=300) + rng.normal(size=30)[therapist]
        return estimate_group("mean", sample(value, cluster=therapist), np.ones(300, dtype=bool))

    assert compute_coverage(0.1, shares) == pytest.approx(0.95, abs=0.01 + TOLERANCE)
    assert compute_coverage(1.0, means) == pytest.approx(0.95, abs=TOLERANCE)
    assert compute_coverage(0.0, ratings) == pytest.approx(0.95, abs=0.01 + TOLERANCE)


def test_values_between_0_and_1_make_no_interval_too_narrow() -> None:
    """Values between 0 and 1 vary less than 0 and 1 do, so the coverage is higher."""
    every = np.ones(40, dtype=bool)

    def halves(rng: np.random.Generator) -> GroupEstimate:
        return estimate_group("share", sample(rng.binomial(2, 0.7, 40) / 2), every)

    assert compute_coverage(0.7, halves) > 0.97
