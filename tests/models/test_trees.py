"""Trees: contributions add up, directions hold, and the same seed gives the same trees."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.models.booster_text import find_booster_fault, list_tree_fields
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, build_settings, fit_trees

NAMES = ("up", "down", "free")
DIRECTIONS = ("+", "-", "free")
SMALL = TreeHyperparameters(trees=25, least=20, ridge=1.0)


@cache
def data() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(1500, 3))
    z[rng.random(z.shape) < 0.1] = np.nan
    known = np.nan_to_num(z)
    return z, 4 * np.sin(2 * known[:, 0]) - 3 * known[:, 1] + 2 * known[:, 2] ** 2 + rng.normal(0, 3, 1500)


@cache
def trees(share: float = 0.5) -> BoostedTrees:
    return BoostedTrees(NAMES, fit_trees(*data(), DIRECTIONS, SMALL, seed=1), share)


def test_contributions_add_up_to_the_prediction() -> None:
    z, _ = data()
    parts, whole = trees().compute_contributions(NAMES, z), trees().predict(NAMES, z)
    np.testing.assert_allclose(parts.sum(axis=-1), whole, atol=1e-9)
    assert np.abs(whole).max() > 0.5


def test_the_output_has_the_shape_of_the_pairs() -> None:
    z = data()[0][:12]
    crossed = z.reshape(3, 4, 3)
    assert trees().compute_contributions(NAMES, crossed).shape == (3, 4, 3)
    np.testing.assert_array_equal(trees().predict(NAMES, crossed).ravel(), trees().predict(NAMES, z))
    assert trees().predict(NAMES, z[:0]).shape == (0,)
    assert trees().compute_contributions(NAMES, z[:0]).shape == (0, 3)


def test_the_output_has_mean_zero_over_the_training_records() -> None:
    assert trees().predict(NAMES, data()[0]).mean() == pytest.approx(0, abs=1e-9)


def test_columns_are_found_by_name() -> None:
    z, _ = data()
    shuffled = np.column_stack([z[:, 2], np.zeros(len(z)), z[:, 0], z[:, 1]])
    names = ("free", "another", "up", "down")
    np.testing.assert_array_equal(trees().predict(names, shuffled), trees().predict(NAMES, z))
    parts = trees().compute_contributions(names, shuffled)
    assert not parts[:, 1].any()
    np.testing.assert_array_equal(parts[:, [2, 3, 0]], trees().compute_contributions(NAMES, z))


@pytest.mark.parametrize(("column", "sign"), [(0, 1), (1, -1)])
def test_a_feature_with_a_direction_changes_the_output_only_that_way(column: int, sign: int) -> None:
    z = np.repeat(np.nan_to_num(data()[0][:200])[:, None, :], 30, axis=1)
    z[:, :, column] = np.linspace(-4, 4, 30)
    steps = sign * np.diff(trees().predict(NAMES, z), axis=1)
    assert steps.min() >= -1e-9
    assert steps.max() > 0.1


def test_the_stacking_weight_multiplies_the_output() -> None:
    z, _ = data()
    np.testing.assert_allclose(trees(1.0).predict(NAMES, z), 2 * trees(0.5).predict(NAMES, z), rtol=1e-12)


def test_the_same_seed_gives_the_same_text_and_another_seed_another() -> None:
    z, y = data()
    assert fit_trees(z, y, DIRECTIONS, SMALL, seed=1) == trees().text
    assert fit_trees(z, y, DIRECTIONS, SMALL, seed=2) != trees().text


def test_the_text_contains_no_value_of_a_feature() -> None:
    assert "feature_infos=[-inf:inf] [-inf:inf] [-inf:inf]\n" in trees().text


@pytest.mark.parametrize("rows", [1, 5, 60])
def test_too_few_or_constant_rows_give_no_splits(rows: int) -> None:
    constant = BoostedTrees(
        NAMES, fit_trees(np.ones((rows, 3)), np.arange(float(rows)), DIRECTIONS, TreeHyperparameters(), seed=0), 1.0
    )
    assert constant.find_split_features() == frozenset()
    assert not constant.predict(NAMES, data()[0]).any()
    assert not constant.compute_contributions(NAMES, data()[0]).any()


def test_only_features_that_are_split_on_count_as_used() -> None:
    z, y = data()
    hidden = z.copy()
    hidden[:, 1] = np.nan
    assert BoostedTrees(NAMES, fit_trees(hidden, y, DIRECTIONS, SMALL, seed=1), 1.0).find_split_features() == {
        "up",
        "free",
    }


def test_settings_that_are_not_used_are_not_in_the_text() -> None:
    """A setting in the text would change the name of every bundle."""
    plain = build_settings(DIRECTIONS, TreeHyperparameters(), 1)
    assert not {"extra_trees", "bagging_fraction", "bagging_freq"} & set(plain)
    more = build_settings(DIRECTIONS, TreeHyperparameters(extra=True, bagging=0.5), 1)
    assert more == {**plain, "extra_trees": True, "bagging_fraction": 0.5, "bagging_freq": 1}


@pytest.mark.parametrize("change", [{"extra": True}, {"bagging": 0.5}])
def test_random_thresholds_and_records_depend_on_the_seed_alone(change: dict[str, Any]) -> None:
    (z, y), growth = data(), replace(SMALL, columns=1.0, **change)
    text = fit_trees(z, y, DIRECTIONS, growth, seed=1)
    assert text == fit_trees(z, y, DIRECTIONS, growth, seed=1)
    assert list_tree_fields(text) != list_tree_fields(fit_trees(z, y, DIRECTIONS, growth, seed=2))
    assert list_tree_fields(text) != list_tree_fields(fit_trees(z, y, DIRECTIONS, replace(SMALL, columns=1.0), seed=1))
    assert np.corrcoef(BoostedTrees(NAMES, text, 1.0).predict(NAMES, z), y)[0, 1] > 0.5
    assert find_booster_fault(text, 3) == ""
