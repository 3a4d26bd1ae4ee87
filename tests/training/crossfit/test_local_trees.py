"""Each kind of local trees reads its own columns, and is grown only where it has a weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.data.parallel.local_processes import LocalProcesses
from attune_fit.models.tree_columns import build_product_name, split_product
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.training.crossfit.local_trees import (
    FIRST_KIND_ONLY,
    TREE_KINDS,
    TreeKind,
    TreeTrainingData,
    predict_trees_of_kinds,
)
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models, fit_ahead
from attune_fit.training.crossfit.splits import split_records
from tests.models.builders import GAP, NEED, SKILL
from tests.training.builders import simulated, toy

GROWTH = TreeHyperparameters(trees=15, least=10)
ALL_KINDS = Recipe(growth=GROWTH, tree_weights=(0.5, 0.3, 0.2), seed=3)
BOOSTED, RANDOMISED, PRODUCTS = TREE_KINDS


def test_kinds_have_names_of_their_own_and_the_first_is_boosted() -> None:
    assert [kind.name for kind in TREE_KINDS] == ["boosted", "randomised", "products"]
    assert FIRST_KIND_ONLY == (1.0, 0.0, 0.0)
    assert BOOSTED.adapt(GROWTH) == PRODUCTS.adapt(GROWTH) == GROWTH


def test_differences_are_the_features_that_differ_between_therapists() -> None:
    assert BOOSTED.list_columns((NEED, GAP, SKILL)) == RANDOMISED.list_columns((NEED, GAP, SKILL)) == ("gap", "skill")


def test_products_are_of_each_client_feature_and_each_therapist_feature() -> None:
    other_need, other_skill = replace(NEED, name="need2"), replace(SKILL, name="skill2")
    columns = PRODUCTS.list_columns((NEED, GAP, SKILL, other_need, other_skill))
    assert columns == tuple(build_product_name(a, b) for a in ("need", "need2") for b in ("skill", "skill2"))


@pytest.mark.parametrize("kind", TREE_KINDS, ids=lambda kind: kind.name)
def test_no_column_is_of_the_client_alone(kind: TreeKind) -> None:
    features = simulated(120, seed=1).features
    of_clients = {row.name for row in features if row.side == "client"}
    columns = kind.list_columns(features)
    assert of_clients
    assert columns
    assert not of_clients & set(columns)
    assert len(set(columns)) == len(columns)


def test_randomised_trees_see_half_of_the_features_and_half_of_the_records() -> None:
    adapted = RANDOMISED.adapt(replace(GROWTH, columns=0.9))
    assert (adapted.extra, adapted.columns, adapted.bagging) == (True, 0.5, 0.5)
    assert RANDOMISED.adapt(replace(GROWTH, columns=0.3)).columns == 0.3, "never more than the search allows"
    assert (adapted.leaves, adapted.least, adapted.ridge) == (GROWTH.leaves, GROWTH.least, GROWTH.ridge)


def test_walls_of_features_are_kept_and_products_are_free() -> None:
    records, rows = toy(200), np.arange(200)
    walls = {row.name: row.wall for row in records.features}
    for kind in TREE_KINDS:
        data = TreeTrainingData.from_records(records, rows, kind, np.zeros(200))
        expected = [walls[name] if split_product(name) is None else "free" for name in data.names]
        assert data.directions == expected
    bounded = tuple(replace(row, direction="+", keeps_direction=True) for row in records.features)
    data = TreeTrainingData.from_records(replace(records, features=bounded), rows, BOOSTED, np.zeros(200))
    assert data.directions == ["+", "+"]


@pytest.mark.parametrize("kind", TREE_KINDS[:2], ids=lambda kind: kind.name)
def test_trees_never_fall_along_a_feature_with_a_wall(kind: TreeKind) -> None:
    """The residual falls along the gap, which can only raise alliance here."""
    records, rows = toy(400), np.arange(400)
    bounded = tuple(replace(row, direction="+", keeps_direction=True) for row in records.features)
    residual, grid = -6 * records.standardised_features[:, 1], np.zeros((50, 3))
    grid[:, 1] = np.linspace(-3, 3, 50)
    outputs = []
    for features in (bounded, records.features):
        data = TreeTrainingData.from_records(replace(records, features=features), rows, kind, residual)
        trees = data.grow_trees(kind.adapt(GROWTH), 0)
        assert trees is not None
        outputs.append(np.diff(trees.predict(("need", "gap", "skill"), grid)))
    assert (outputs[0] >= 0).all()
    assert (outputs[1] < 0).any(), "without the wall they fall"


def test_products_of_features_are_those_of_standardised_values_and_unknown_where_one_is() -> None:
    records = toy(60)
    records.standardised_features[3, 0] = np.nan
    data = TreeTrainingData.from_records(records, np.arange(60), PRODUCTS, np.zeros(60))
    expected = records.standardised_features[:, 0] * records.standardised_features[:, 2]
    np.testing.assert_array_equal(data.standardised_features[:, 0], expected)
    assert np.isnan(data.standardised_features[3, 0])


def test_without_a_column_no_trees_are_grown() -> None:
    records, rows = toy(100), np.arange(100)
    pair_only = replace(records, features=(GAP,), standardised_features=records.standardised_features[:, 1:2])
    data = TreeTrainingData.from_records(pair_only, rows, PRODUCTS, np.zeros(100))
    assert data.names == ()
    assert data.grow_trees(GROWTH, 0) is None
    trees = replace(ALL_KINDS, prior=None).grow_trees(pair_only, rows)
    assert [one is None for one in trees] == [False, False, True]
    assert predict_trees_of_kinds(trees, pair_only, rows)[:, 2].tolist() == [0.0] * 100
    assert ALL_KINDS.fit(pair_only, rows).learned is not None


@pytest.mark.parametrize("weights", [(1.0, 0.0, 0.0), (0.0, 0.4, 0.0), (0.5, 0.0, 0.5), (0.0, 0.0, 0.0)])
def test_a_kind_of_weight_0_is_not_grown(weights: tuple[float, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    records, grown = toy(150, curve=4.0), list[bool]()

    def count(standard: np.ndarray, residual: np.ndarray, directions: list[str], growth: TreeHyperparameters,
              seed: int) -> str:  # fmt: skip
        grown.append(growth.extra)
        return fit_trees(standard, residual, directions, growth, seed)

    monkeypatch.setattr("attune_fit.training.crossfit.local_trees.fit_trees", count)
    recipe = replace(ALL_KINDS, tree_weights=weights)
    model = recipe.fit(records, np.arange(150))
    assert grown == [kind.is_randomised for kind, weight in zip(TREE_KINDS, weights, strict=True) if weight]
    assert (model.learned is None) == (not any(weights))
    assert [one is not None for one in recipe.grow_trees(records, np.arange(150))] == [weight > 0 for weight in weights]
    assert len(grown) == sum(weight > 0 for weight in weights), "grown once for both"


def test_another_weight_of_the_same_kinds_grows_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    records, rows = toy(150, curve=4.0), np.arange(150)
    first = ALL_KINDS.grow_trees(records, rows)
    monkeypatch.setattr("attune_fit.training.crossfit.local_trees.fit_trees", None)
    again = replace(ALL_KINDS, tree_weights=(3.0, 0.1, 0.0)).grow_trees(records, rows)
    assert again[:2] == first[:2]
    assert again[2] is None


def test_a_recipe_without_growth_has_no_trees() -> None:
    records, rows = toy(100), np.arange(100)
    fold = split_records("client", records)[0]
    assert Recipe().grow_trees(records, rows) == Recipe().grow_trees_without(records, fold) == [None] * 3
    assert predict_trees_of_kinds([None] * 3, records, rows).tolist() == [[0.0] * 3] * 100
    assert ALL_KINDS.without_trees() == Recipe(seed=3)


def test_the_output_of_a_held_out_record_is_of_trees_grown_without_it() -> None:
    records = toy(200, curve=4.0)
    fold = split_records("client", records)[0]
    poisoned = replace(records, y=records.y.copy(), standardised_features=records.standardised_features.copy())
    poisoned.y[fold.test], poisoned.standardised_features[fold.test] = 0.0, 99.0
    for trees, others in zip(ALL_KINDS.grow_trees_without(records, fold), ALL_KINDS.grow_trees(poisoned, fold.train),
                             strict=True):  # fmt: skip
        assert isinstance(trees, BoostedTrees)
        assert isinstance(others, BoostedTrees)
        names = [row.name for row in records.features]
        outputs = [one.predict(names, records.standardised_features) for one in (trees, others)]
        np.testing.assert_allclose(outputs[0], outputs[1], rtol=0, atol=1e-9)


def test_fits_in_other_processes_are_those_of_this_one() -> None:
    records = toy(200, curve=4.0)
    folds = split_records("client", records, 3)
    expected = crossfit_models(ALL_KINDS, records, folds)
    with LocalProcesses(2) as executor:
        there = replace(records, executor=executor)
        fit_ahead(there, [(ALL_KINDS, fold) for fold in folds])
        assert all(ALL_KINDS.is_fitted(there, fold) for fold in folds)
        assert not ALL_KINDS.is_fitted(replace(records), folds[0])
        found = crossfit_models(ALL_KINDS, there, folds)
        for one, other, fold in zip(found, expected, folds, strict=True):
            assert one.model.learned == other.model.learned
            np.testing.assert_array_equal(one.model.evidence.mean, other.model.evidence.mean)
            assert ALL_KINDS.grow_trees_without(there, fold) == ALL_KINDS.grow_trees_without(records, fold)
