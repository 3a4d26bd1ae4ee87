"""Every metric prefers what is right, and says nothing where there is nothing to measure."""

from __future__ import annotations

import statistics
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr

from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.crossfit.splits import SPLITS
from attune_fit.training.evaluation.metrics import (
    METRICS,
    Metric,
    center_within_groups,
    compute_calibration_slope,
    compute_correlation,
    compute_mean_and_sd,
    compute_mean_metrics,
    compute_mean_over_splits,
    compute_rmse,
)


def predict(y: np.ndarray, guess: np.ndarray) -> OutOfFoldPredictions:
    """Predictions that say ``guess`` in every part; the rest is the level of everyone."""
    therapist = np.arange(len(y)) % 4
    level = np.full(len(y), 70.0)
    return OutOfFoldPredictions(y, guess, np.full(len(y), 10.0), level, guess - 70, guess - 70, therapist, guess)


RATED = np.random.default_rng(0).normal(70, 10, 60)


@pytest.mark.parametrize("metric", METRICS, ids=lambda row: row.name)
def test_a_perfect_prediction_beats_a_reversed_one(metric: Metric) -> None:
    right = predict(RATED, RATED)
    if metric.name == "r_within_therapist":  # the therapist's own effect is no part of it
        right = replace(right, therapist_effect=np.zeros(60))
    wrong = replace(
        right,
        score=140 - right.score,
        centered_pair_part=-right.centered_pair_part,
        therapist_effect=-right.therapist_effect,
        net_honoured_wishes=-right.net_honoured_wishes,
    )
    good, bad = metric.function(right), metric.function(wrong)
    assert good > bad if metric.higher_is_better else good < bad
    if metric.ideal is not None:
        assert abs(good - metric.ideal) < abs(bad - metric.ideal)


@pytest.mark.parametrize("metric", METRICS, ids=lambda row: row.name)
@pytest.mark.parametrize("n", [0, 1])
def test_what_cannot_be_measured_is_not_a_number(metric: Metric, n: int) -> None:
    value = metric.function(predict(RATED[:n], RATED[:n]))
    is_error_of_one = n == 1 and not metric.higher_is_better and metric.ideal is None
    assert np.isnan(value) or (is_error_of_one and value == 0)


@pytest.mark.parametrize("metric", METRICS, ids=lambda row: row.name)
def test_a_row_is_complete(metric: Metric) -> None:
    assert metric.split in {row.name for row in SPLITS}
    assert metric.description.endswith(".")
    assert metric.name
    assert sum(row.name == metric.name for row in METRICS) == 1


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=3, max_size=30))
def test_correlation_is_pearsons(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    found = compute_correlation(a, b)
    if a.std() < 1e-3 or b.std() < 1e-3:
        return
    assert found == pytest.approx(pearsonr(a, b).statistic, abs=1e-6)


def test_a_constant_has_no_correlation() -> None:
    assert np.isnan(compute_correlation(np.ones(9), np.arange(9.0)))


def test_within_takes_out_what_a_group_has_in_common() -> None:
    group = np.array([5, 5, 9, 9, 9])
    values = np.array([1.0, 3.0, 10.0, 20.0, 30.0])
    np.testing.assert_allclose(center_within_groups(values + 7.0 * group, group), center_within_groups(values, group))
    assert center_within_groups(values, group).tolist() == [-1.0, 1.0, -10.0, 0.0, 10.0]


def test_a_prediction_that_promises_twice_too_much_has_slope_one_half() -> None:
    assert compute_calibration_slope(predict(RATED, 70 + 2 * (RATED - 70))) == pytest.approx(0.5)
    assert compute_calibration_slope(predict(RATED, RATED)) == pytest.approx(1.0)


def test_the_miss_is_in_points() -> None:
    assert compute_rmse(predict(RATED, RATED + 3)) == pytest.approx(3.0)


def test_only_records_that_were_asked_count_for_the_pair_part() -> None:
    (metric,) = (row for row in METRICS if row.name == "pair_added_r")
    whole = predict(RATED, RATED)
    some = np.where(np.arange(60) < 30, whole.centered_pair_part, np.nan)
    assert metric.function(replace(whole, centered_pair_part=some)) == pytest.approx(1.0)
    assert np.isnan(metric.function(replace(whole, centered_pair_part=np.full(60, np.nan))))


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=6))
def test_the_spread_is_the_plain_standard_deviation(values: list[float]) -> None:
    mean, sd = compute_mean_and_sd(values)
    assert mean == pytest.approx(statistics.fmean(values), abs=1e-9)
    assert sd == pytest.approx(statistics.stdev(values), abs=1e-9)


@given(st.floats(-1e3, 1e3), st.integers(1, 6))
def test_equal_values_have_exactly_no_spread(value: float, n: int) -> None:
    assert compute_mean_and_sd([value] * n) == (value, 0.0)


def test_metrics_are_means_over_the_splits_of_their_own_kind() -> None:
    guesses = (RATED + np.random.default_rng(seed).normal(0, 5, 60) for seed in range(6))
    runs = [replace(predict(RATED, guess), therapist_effect=guess / 9) for guess in guesses]
    by_split = {"client": runs[:3], "therapist": runs[3:5], "time": runs[5:]}
    means, spreads = compute_mean_metrics(by_split)
    assert set(means) == set(spreads) == {metric.name for metric in METRICS}
    for metric in METRICS:
        values = [metric.function(run) for run in by_split[metric.split]]
        assert means[metric.name] == pytest.approx(np.mean(values))
        assert spreads[metric.name] == pytest.approx(np.std(values, ddof=1) if len(values) > 1 else 0.0)
    assert spreads["later_r"] == 0.0 < spreads["new_therapist_r"]


def test_a_split_that_cannot_measure_a_metric_does_not_count() -> None:
    constant, varied = predict(RATED, np.full(60, 70.0)), predict(RATED, RATED + 3)
    mean, spread = compute_mean_over_splits(compute_calibration_slope, [constant, varied])
    assert mean == pytest.approx(1.0)
    assert spread == 0.0
    assert np.isnan(compute_mean_over_splits(compute_calibration_slope, [constant])[0])
    means, spreads = compute_mean_metrics({"client": [constant], "therapist": [constant], "time": [varied]})
    assert "out_of_fold_r" not in means
    assert "out_of_fold_r" not in spreads
    assert means["later_r"] == pytest.approx(1.0)
