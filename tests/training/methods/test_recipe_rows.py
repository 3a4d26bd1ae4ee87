"""The linear layer alone, and LightGBM alone: what counts in the choice between therapists."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.models.active_model import load_starting_model
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.methods.recipe_rows import choose_lightgbm_recipe, choose_linear_recipe, drop_linear_layer
from tests.training.builders import simulated, toy

START = Recipe(prior=load_starting_model().evidence)


def test_the_linear_layer_has_no_trees() -> None:
    records = simulated(200, seed=2)
    recipe, fallback = choose_linear_recipe(records, split_records("client", records), START, TreeHyperparameters())
    assert recipe == fallback == START
    assert recipe.fit(records, np.arange(len(records))).learned is None


def test_lightgbm_alone_decides_between_therapists_with_their_own_effects() -> None:
    records = simulated(400, seed=2)
    rows = np.arange(len(records))
    recipe, fallback = choose_lightgbm_recipe(records, split_records("client", records), START, TreeHyperparameters())
    model = recipe.fit(records, rows)
    parts = model.compute_parts_from_features(records.standardised_features, records.therapist_ids, records.therapist)
    assert not parts.evidence.any(), "exactly 0 for every pair"
    assert parts.learned.std() > 0.5
    assert parts.therapist.std() > 0.1
    assert parts.baseline.std() > 0.5, "the client's baseline stays linear"
    assert model.learned is not None
    assert model.learned.stacking_weight == 1
    assert not set(model.learned.names) & {row.name for row in records.features if row.side == "client"}
    linear = choose_linear_recipe(records, [], START, TreeHyperparameters())[0]
    assert fallback == linear, "without a pair effect the published weights rank"
    assert choose_lightgbm_recipe(records, [], drop_linear_layer(START), TreeHyperparameters()) == (recipe, linear)
    same = linear.fit(records, rows)
    assert model.evidence.mean[1:8] == pytest.approx(same.evidence.mean[1:8], abs=0.8), "of clients, about the same"


def test_the_uncertainty_of_trees_alone_is_not_smaller_than_that_of_the_linear_layer() -> None:
    """Trees have no posterior; with prior weights the score is less certain than with weights that records moved."""
    records = simulated(400, seed=2)
    rows, features = np.arange(len(records)), records.standardised_features
    trees, linear = (
        choose(records, [], START, TreeHyperparameters())[0].fit(records, rows)
        for choose in (choose_lightgbm_recipe, choose_linear_recipe)
    )
    spread = [
        model.compute_parts_from_features(features, records.therapist_ids, records.therapist).sd.mean()
        for model in (trees, linear)
    ]
    assert spread[0] > spread[1]


def test_without_a_prior_the_published_one_is_used() -> None:
    records = toy(60)
    model = Recipe(has_linear_layer=False).fit(records, np.arange(60))
    is_client = [feature.side == "client" for feature in records.features]
    assert not model.evidence.mean[1:][~np.array(is_client)].any()
