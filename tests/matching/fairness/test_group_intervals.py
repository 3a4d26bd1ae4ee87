"""Intervals are those of the books and of statsmodels, and hold as often as they say."""

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
WITHIN = 4 * np.sqrt(0.95 * 0.05 / RUNS)  # four standard errors of a coverage


def sample(value: Floats, weight: Floats | None = None, cluster: Indices | None = None) -> MetricSample:
    return MetricSample.from_values(np.arange(len(value)), value, weight, cluster)


def whole(made: MetricSample) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(made.row), dtype=bool)


@pytest.mark.parametrize(
    ("yes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_share_has_the_interval_of_newcombes_table(yes: int, n: int, low: float, high: float) -> None:
    """Newcombe (1998), Stat. Med. 17, 857-872, table I, method 3."""
    made = sample((np.arange(n) < yes).astype(float))
    found = estimate_group("share", made, whole(made))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_differences_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(0)
    value, where = rng.normal(size=50), np.arange(50) < 18
    both = CompareMeans(DescrStatsW(value[where]), DescrStatsW(value[~where]))
    found = estimate_difference("mean", sample(value), where)
    assert (found.low, found.high) == pytest.approx(both.tconfint_diff(usevar="unequal"))
    assert found.p == pytest.approx(both.ttest_ind(usevar="unequal")[1])
    own = estimate_group("mean", sample(value), where)
    assert (own.low, own.high) == pytest.approx(DescrStatsW(value[where]).tconfint_mean())
    yes = (rng.random(50) < 0.3).astype(float)
    counts = yes[where].sum(), 18, yes[~where].sum(), 32
    found = estimate_difference("share", sample(yes), where)
    theirs = confint_proportions_2indep(*counts, method="agresti-caffo", compare="diff")
    assert (found.low, found.high) == pytest.approx(theirs)
    assert found.p == pytest.approx(statsmodels_test(*counts, method="agresti-caffo", compare="diff").pvalue)


def test_ratings_of_one_therapist_count_as_what_they_are() -> None:
    """Against ordinary least squares with errors robust to clusters, which corrects a little otherwise."""
    rng = np.random.default_rng(1)
    therapist = rng.integers(0, 40, 600)
    value, where = rng.normal(size=600) + rng.normal(size=40)[therapist], rng.random(600) < 0.4
    design = sm.add_constant(where.astype(float))
    fitted = sm.OLS(value, design).fit(cov_type="cluster", cov_kwds={"groups": therapist})
    found = estimate_difference("mean", sample(value, cluster=therapist), where)
    assert found.value == pytest.approx(fitted.params[1])
    assert found.low is not None
    assert found.value - found.low == pytest.approx(1.99 * fitted.bse[1], rel=0.04)
    alone = sm.OLS(value, np.ones(600)).fit(cov_type="cluster", cov_kwds={"groups": therapist}, use_t=True)
    own = estimate_group("mean", sample(value, cluster=therapist), np.ones(600, dtype=bool))
    assert (own.low, own.high) == pytest.approx(tuple(alone.conf_int()[0]), rel=1e-3)


def test_a_weighted_mean_is_a_ratio_of_sums() -> None:
    got, due = np.array([1.0, 2.0, 6.0]), np.array([1.0, 1.0, 4.0])
    made = sample(got / due, weight=due)
    assert estimate_group("mean", made, whole(made)).value == pytest.approx(9 / 6)


def test_with_one_therapist_nothing_is_said_of_others() -> None:
    value, cluster = np.arange(12.0), np.repeat([0, 1, 2], 4)
    made = sample(value, cluster=cluster)
    assert estimate_group("mean", made, cluster == 0) == GroupEstimate(1.5, None, None)
    assert estimate_difference("mean", made, cluster == 0) == GroupDifference(-6.0, None, None, None)


def test_where_everybody_has_the_same_there_is_no_difference_to_look_at() -> None:
    for kind, value in (("share", 0.0), ("mean", 3.0)):
        found = estimate_difference(kind, sample(np.full(30, value)), np.arange(30) < 12)  # type: ignore[arg-type]
        assert found == GroupDifference(0.0, None, None, None)


def covered(truth: float, make: Callable[[np.random.Generator], GroupEstimate]) -> float:
    rng = np.random.default_rng(2)
    found = (make(rng) for _ in range(RUNS))
    return float(np.mean([one.low is not None and one.high is not None and one.low <= truth <= one.high
                          for one in found]))  # fmt: skip


def test_intervals_hold_as_often_as_they_say() -> None:
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

    assert covered(0.1, shares) == pytest.approx(0.95, abs=0.01 + WITHIN)
    assert covered(1.0, means) == pytest.approx(0.95, abs=WITHIN)
    assert covered(0.0, ratings) == pytest.approx(0.95, abs=0.01 + WITHIN)


def test_parts_of_a_wish_make_no_interval_too_narrow() -> None:
    """Shares of one client between none and all vary less than yes and no: the interval holds more often."""
    every = np.ones(40, dtype=bool)

    def halves(rng: np.random.Generator) -> GroupEstimate:
        return estimate_group("share", sample(rng.binomial(2, 0.7, 40) / 2), every)

    assert covered(0.7, halves) > 0.97
