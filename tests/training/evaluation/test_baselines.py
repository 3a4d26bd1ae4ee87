"""Baseline methods compared with the model on the same records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.models.pair_effect_verdict import MethodComparison
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import count_net_honoured_by_record
from attune_fit.training.crossfit.splits import Fold, split_records
from attune_fit.training.evaluation.baselines import (
    BASELINES,
    MODEL_LABEL,
    BaselineMethod,
    compare_with_baselines,
    score_by_therapist_mean,
)
from attune_fit.training.evaluation.pair_effect_test import assess_pair_effect
from tests.training.builders import build_sample, simulated, toy

COUNT, MEAN, TREES = (row.name for row in BASELINES)


def compared(records: TrainingDataset) -> dict[str, MethodComparison]:
    return {
        row.name: row
        for row in compare_with_baselines(records, split_records("client", records), build_sample(records))
    }


def test_the_model_comes_first_with_the_figures_of_the_verdict() -> None:
    records = toy(300, clients=150, pair=3.0)
    rows = compare_with_baselines(records, split_records("client", records), build_sample(records))
    assert [row.name for row in rows] == [MODEL_LABEL, *(row.name for row in BASELINES)]
    verdict = assess_pair_effect(build_sample(records), len(records), comparisons=rows)
    assert rows[0].within == pytest.approx((verdict.r, verdict.low, verdict.high), rel=1e-12)
    assert verdict.compared == rows


def test_a_therapists_mean_rating_has_no_pair_part_and_a_large_therapist_part() -> None:
    records = toy(400, clients=400)
    row = compared(replace(records, y=records.y + 6.0 * records.therapist))[MEAN]
    assert row.within is None
    assert row.over is not None
    assert row.over[1] > 0.5


def test_without_wishes_their_count_has_no_correlation() -> None:
    assert compared(toy(200))[COUNT] == MethodComparison(COUNT)


def test_trees_are_ahead_on_a_step_that_the_linear_layer_cannot_fit() -> None:
    records = toy(1_500, clients=1_500, therapists=30)
    rows = compared(replace(records, y=records.y + 12 * (records.standardised_features[:, 1] > 1.2)))
    assert rows[TREES].ahead
    assert not rows[MODEL_LABEL].ahead
    assert not compared(toy(1_500, clients=1_500, therapists=30, pair=4.0))[TREES].ahead


def test_the_count_of_wishes_is_ahead_only_where_wishes_carry_all_fit() -> None:
    assert compared(simulated(700, seed=3, mix="wishes", fit=0.2))[COUNT].ahead
    assert not compared(simulated(700, seed=3, fit=0.2))[COUNT].ahead


def test_the_count_is_that_of_the_pairs_that_met() -> None:
    records = simulated(80, seed=0)
    rows, fold = np.arange(len(records)), Fold(np.arange(0), np.arange(0))
    everyone = BASELINES[0].function(records, fold, rows, np.arange(20), 0)
    np.testing.assert_array_equal(everyone[rows, records.therapist], count_net_honoured_by_record(records, rows))


@pytest.mark.parametrize("method", BASELINES, ids=lambda method: method.name)
def test_held_out_outcomes_have_no_influence(method: BaselineMethod) -> None:
    records = toy(400, clients=100)
    fold = split_records("client", records)[0]
    other = records.y.copy()
    other[fold.test] = 0.0
    scores = [method.function(one, fold, fold.test, np.arange(8), 0) for one in (records, replace(records, y=other))]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert scores[0].shape == (len(fold.test), 8)


def test_a_therapist_without_a_rating_gets_the_overall_mean() -> None:
    records = toy(60)
    fold = Fold(np.flatnonzero(records.therapist != 3), np.flatnonzero(records.therapist == 3))
    scores = score_by_therapist_mean(records, fold, fold.test, np.arange(8), 0)
    assert scores[0, 3] == pytest.approx(records.y[fold.train].mean())
    first = records.y[records.therapist == 0].mean()
    assert scores[0, 0] == pytest.approx(first)
