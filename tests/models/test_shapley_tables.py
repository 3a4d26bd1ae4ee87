"""The mean Shapley values from tables are the mean of LightGBM's own values of each row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.arrays import Floats
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models.lightgbm_loading import load_lightgbm
from attune_fit.models.shapley_tables import MAX_FEATURES_OF_LEAF, build_shapley_tables
from attune_fit.models.trees import MIN_ROWS_FOR_TABLES, BoostedTrees, TreeHyperparameters, fit_trees
from tests.models.builders import grow_catalogue_trees

N_FEATURES = 5
NAMES = tuple("abcde")


def draw_rows(rng: np.random.Generator, n: int, missing: float) -> npt.NDArray[np.float64]:
    """Rows with ties and zeros, and unknown values."""
    rows = np.round(rng.normal(size=(n, N_FEATURES)), 1)
    rows[rng.random(rows.shape) < missing] = np.nan
    return rows


def assert_same_values(trees: BoostedTrees, rows: npt.NDArray[np.float64]) -> None:
    """The plain way is LightGBM's values of each row, and their mean."""
    plain, chosen = trees.compute_contributions(trees.names, rows), np.arange(0, len(rows), 7)
    values, mean = trees.compute_contributions_and_mean(trees.names, rows, chosen)
    np.testing.assert_allclose(values, plain[chosen], atol=1e-12)
    np.testing.assert_allclose(mean, plain.mean(axis=0), atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_trees=st.integers(1, 12),
    leaves=st.integers(2, 14),
    missing=st.sampled_from([0.0, 0.3]),
    missing_here=st.sampled_from([0.0, 0.3]),
)
def test_the_mean_is_that_of_lightgbm_for_any_trees(
    seed: int, n_trees: int, leaves: int, missing: float, missing_here: float
) -> None:
    """Trees that were fitted without an unknown value meet one here, too."""
    rng = np.random.default_rng(seed)
    rows = draw_rows(rng, 300, missing)
    known = np.nan_to_num(rows)
    y = known[:, 0] * known[:, 1] + known[:, 2] + rng.normal(size=300)
    text = fit_trees(rows, y, ["free", "free", "+", "free", "-"], TreeHyperparameters(n_trees, leaves, 0.3, 5), seed)
    trees = BoostedTrees(NAMES, text, 0.7)
    assert build_shapley_tables(text) is not None
    others = draw_rows(rng, MIN_ROWS_FOR_TABLES + 10, missing_here)
    assert_same_values(trees, others)


def test_trees_over_the_whole_catalogue_have_tables_with_the_same_mean() -> None:
    trees = grow_catalogue_trees(FEATURES)
    assert build_shapley_tables(trees.text) is not None
    rows = np.random.default_rng(0).normal(size=(500, len(trees.names)))
    assert_same_values(trees, rows)


def test_a_column_that_the_trees_do_not_read_gets_nothing() -> None:
    rng = np.random.default_rng(3)
    rows = draw_rows(rng, 200, 0.0)
    text = fit_trees(rows[:, :2], rows[:, 0], ["free", "free"], TreeHyperparameters(5, 4, 0.3, 5), 0)
    trees = BoostedTrees(("a", "b"), text, 1.0)
    values, mean = trees.compute_contributions_and_mean(NAMES, rows, np.arange(3))
    np.testing.assert_allclose(mean, trees.compute_contributions(NAMES, rows).mean(axis=0), atol=1e-12)
    assert not values[:, 2:].any()
    assert not mean[2:].any()


def fit_lightgbm(settings: dict[str, object], rows: Floats, y: npt.NDArray[np.floating]) -> str:
    """The text of a few trees with settings that Attune itself does not use."""
    lightgbm, own = load_lightgbm(), {"verbosity": -1, "num_threads": 1, "min_data_in_leaf": 2}
    categories = settings.pop("categorical_feature", [])
    data = lightgbm.Dataset(rows, y, categorical_feature=categories, params={**own, **settings})
    return str(lightgbm.train({**own, **settings}, data, 2).model_to_string())


@pytest.mark.parametrize("settings", [{"zero_as_missing": True}, {"categorical_feature": [0]}])
def test_trees_that_tables_do_not_cover_are_left_to_lightgbm(settings: dict[str, object]) -> None:
    rng = np.random.default_rng(1)
    rows = np.abs(np.round(draw_rows(rng, 400, 0.0) * 3))
    text = fit_lightgbm(settings, rows, (rows[:, 0] % 2) + (rows[:, 1] == 0) + rng.normal(size=400) / 9)
    assert build_shapley_tables(text) is None
    assert_same_values(BoostedTrees(NAMES, text, 1.0), rows)


def test_a_leaf_behind_too_many_features_is_left_to_lightgbm() -> None:
    n_features = MAX_FEATURES_OF_LEAF + 2
    number = np.repeat(np.arange(n_features + 1), 40)
    rows = (number[:, None] > np.arange(n_features)).astype(float)  # the last feature splits off the highest number
    assert build_shapley_tables(fit_lightgbm({"num_leaves": n_features + 1}, rows, np.power(3.0, number))) is None
    assert build_shapley_tables(fit_lightgbm({"num_leaves": 4}, rows, np.power(3.0, number))) is not None


def test_a_tree_without_a_split_gives_nothing() -> None:
    rows = np.zeros((100, N_FEATURES))
    trees = BoostedTrees(NAMES, fit_trees(rows, np.zeros(100), ["free"] * 5, TreeHyperparameters(3), 0), 1.0)
    values, mean = trees.compute_contributions_and_mean(NAMES, rows, np.arange(3))
    assert not values.any()
    assert not mean.any()
