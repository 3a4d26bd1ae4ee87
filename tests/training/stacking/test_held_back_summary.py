"""The numbers from which the stacker sets weights: slopes, bends, and what they are for noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_by_group
from attune_fit.training.stacking.held_back_summary import (
    MAX_T,
    SUMMARY_NAMES,
    compute_held_back_summary,
    compute_slope,
)
from attune_fit.training.stacking.synthetic_clinics import draw_clinics, draw_population

GROWN = Recipe(growth=TreeHyperparameters(trees=20), tree_weights=(1.0,) * len(TREE_KINDS))


def test_slope_and_t_are_those_of_least_squares() -> None:
    rng = np.random.default_rng(1)
    output = rng.standard_normal(400)
    residual = 0.3 * output + rng.standard_normal(400) + 5
    slope, t = compute_slope(output, residual)
    design = np.stack([np.ones(400), output], axis=1)
    wanted, squares, _, _ = np.linalg.lstsq(design, residual, rcond=None)
    error = np.sqrt(squares[0] / 398 * np.linalg.inv(design.T @ design)[1, 1])
    assert slope == pytest.approx(wanted[1])
    assert t == pytest.approx(wanted[1] / error)


def test_an_output_that_does_not_vary_has_no_slope_and_a_perfect_one_a_limited_t() -> None:
    assert np.isnan(compute_slope(np.ones(9), np.arange(9.0))).all()
    assert np.allclose(compute_slope(np.arange(9.0), 2 * np.arange(9.0)), (2, MAX_T))


@pytest.fixture(scope="module")
def clinic() -> TrainingDataset:
    population = draw_population(5, clients=900, therapists=15)
    return draw_clinics(population, 5)[0].take_records(700)


def test_each_record_is_summed_up_once_by_a_model_without_its_fold(clinic: TrainingDataset) -> None:
    records = clinic
    summary = compute_held_back_summary(records, split_by_group(records.client, 5, 0), GROWN)
    assert (summary.rows == np.arange(len(records))).all()
    assert summary.outputs.shape == (len(records), len(TREE_KINDS))
    assert summary.numbers.shape == (len(SUMMARY_NAMES),)
    numbers = dict(zip(SUMMARY_NAMES, summary.numbers, strict=True))
    assert numbers["log_records"] == pytest.approx(np.log(700))
    assert numbers["slope_boosted"] == pytest.approx(compute_slope(summary.outputs[:, 0], summary.residual)[0])


def test_outcomes_of_a_fold_do_not_move_its_own_outputs(clinic: TrainingDataset) -> None:
    records = clinic
    folds = split_by_group(records.client, 5, 0)
    before = compute_held_back_summary(records, folds, GROWN)
    changed = records.y.copy()
    changed[folds[2].test] += np.random.default_rng(0).normal(0, 30, len(folds[2].test))
    after = compute_held_back_summary(replace(records, y=changed), folds, GROWN)
    np.testing.assert_allclose(after.outputs[folds[2].test], before.outputs[folds[2].test], atol=1e-9)
    assert np.abs(after.outputs - before.outputs).max() > 0.1


def test_a_bend_shows_where_the_outcome_bends(clinic: TrainingDataset) -> None:
    records = clinic
    names = [row.name for row in records.features]
    distance = np.nan_to_num(records.standardised_features[:, names.index("style_distance")])
    bent = replace(records, y=records.y + 12 * np.abs(distance))
    place = SUMMARY_NAMES.index("bend_style")
    folds = split_by_group(records.client, 5, 0)
    straight, other = (compute_held_back_summary(one, folds, GROWN).numbers[place] for one in (records, bent))
    assert other > straight + 1
