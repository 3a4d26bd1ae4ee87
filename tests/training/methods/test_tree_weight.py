"""The stacking weight of trees comes from out-of-fold predictions, and is zero if trees do not help."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.models.trees import BoostedTrees, TreeHyperparameters
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.methods.tree_weight import (
    PRIOR_TREE_WEIGHT,
    PRIOR_TREE_WEIGHT_SD,
    choose_recipe,
    compute_stacking_weight,
    predict_trees_out_of_fold,
)
from tests.training.builders import toy

SMALL = TreeHyperparameters(trees=40, least=20, ridge=1.0)


def test_without_records_the_stacking_weight_is_its_prior_mean() -> None:
    assert compute_stacking_weight(np.empty(0), np.empty(0), 0.3) == pytest.approx(0.3)


@given(st.integers(0, 200), st.integers(1, 40), st.floats(0, 1))
def test_the_stacking_weight_is_the_posterior_mean_of_a_slope(seed: int, n: int, prior_mean: float) -> None:
    """Compared with a grid of slopes."""
    rng = np.random.default_rng(seed)
    output = rng.normal(0, 3, n)
    residual = 0.4 * output + rng.normal(0, 5, n)
    grid = np.linspace(-6, 6, 20_001)
    noise = np.mean(residual**2)
    log = -((residual[:, None] - grid * output[:, None]) ** 2).sum(axis=0) / (2 * noise)
    log -= (grid - prior_mean) ** 2 / (2 * PRIOR_TREE_WEIGHT_SD**2)
    weight = np.exp(log - log.max())
    want = np.clip((grid * weight).sum() / weight.sum(), 0, 1)
    assert compute_stacking_weight(residual, output, prior_mean) == pytest.approx(want, abs=1e-6)


def test_trees_that_predict_the_opposite_get_no_weight() -> None:
    output = np.random.default_rng(0).normal(0, 5, 2000)
    assert compute_stacking_weight(-output, output) == 0
    assert compute_stacking_weight(output, output) == pytest.approx(1, abs=0.05)


def test_trees_are_used_if_the_residuals_hold_an_effect() -> None:
    records = toy(1500, clients=400, curve=5.0)
    recipe, fallback = choose_recipe(records, split_records("client", records), Recipe(), SMALL)
    assert recipe.growth == SMALL
    assert recipe.share > 0.5
    assert fallback == Recipe()


def test_trees_are_not_used_if_there_is_no_effect() -> None:
    for seed in range(3):
        records = toy(800, clients=300, seed=seed)
        recipe, fallback = choose_recipe(records, split_records("client", records), Recipe(), SMALL)
        assert recipe == fallback == Recipe()


def grow_starting_trees(curve: float) -> BoostedTrees:
    """Grow trees that already know the effect of the squared gap."""
    records = toy(1500, clients=400, seed=8, curve=curve)
    learned = Recipe(growth=SMALL, share=PRIOR_TREE_WEIGHT).fit(records, np.arange(1500)).learned
    assert learned is not None
    return learned


def test_starting_trees_keep_the_weight_that_the_records_support() -> None:
    folds = split_records("client", records := toy(1500, clients=400, curve=5.0))
    _, right = choose_recipe(records, folds, Recipe(start=grow_starting_trees(5.0)), TreeHyperparameters(trees=1))
    _, wrong = choose_recipe(records, folds, Recipe(start=grow_starting_trees(-5.0)), TreeHyperparameters(trees=1))
    assert right.start is not None
    assert right.start.stacking_weight > 0.8
    assert wrong.start is None


def test_without_folds_the_recipe_is_unchanged() -> None:
    start = Recipe(start=grow_starting_trees(5.0), seed=3)
    recipe, fallback = choose_recipe(toy(5, clients=1), [], start, SMALL)
    assert recipe == fallback == start


def test_the_output_of_a_record_is_out_of_fold() -> None:
    records = toy(300, curve=5.0)
    folds = split_records("client", records)
    recipe = Recipe(growth=SMALL, share=0.2)
    output = predict_trees_out_of_fold(recipe, records, folds)
    trees = recipe.fit(records, folds[2].train).learned
    assert trees is not None
    want = trees.predict([row.name for row in records.features], records.standardised_features[folds[2].test]) / 0.2
    np.testing.assert_allclose(output[folds[2].test], want, atol=1e-9)
