"""Tables of leaves give LightGBM's predictions, to the last bit."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.arrays import Floats
from attune_fit.models import leaf_tables
from attune_fit.models.leaf_tables import build_leaf_tables
from attune_fit.models.lightgbm_loading import load_lightgbm
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees

COLUMNS = 5


@cache
def fitted(leaves: int, trees: int = 12) -> str:
    rng = np.random.default_rng(leaves)
    rows = draw_rows(600, leaves)
    target = np.nan_to_num(rows).sum(axis=1) + np.where(np.isnan(rows[:, 0]), 3, 0) + rng.normal(size=600)
    hyperparameters = TreeHyperparameters(trees=trees, leaves=leaves, least=5, rate=0.3, ridge=0.0)
    return fit_trees(rows, target, ["+", "free", "-", "free", "free"], hyperparameters, seed=0)


def draw_rows(n: int, seed: int) -> Floats:
    """Rows with many equal values, zeros, and unknown ones."""
    rng = np.random.default_rng(seed)
    rows = np.round(rng.normal(size=(n, COLUMNS)), 1)
    rows[rng.random(rows.shape) < 0.15] = np.nan
    rows[rng.random(rows.shape) < 0.1] = 0.0
    return rows


def set_kinds(text: str, kind: int) -> str:
    """Return a text with another kind at every split; without the sizes of the trees, which are others then."""
    text = re.sub(r"decision_type=.*", lambda line: re.sub(r"\d+", str(kind), line[0]), text)
    return re.sub(r"tree_sizes=.*\n", "", text)


def predict_by_lightgbm(text: str, rows: Floats) -> Floats:
    booster: Any = load_lightgbm().Booster(model_str=text)
    return np.asarray(booster.predict(rows, num_threads=1))


@given(st.sampled_from([2, 3, 7, 9, 15]), st.integers(1, 40), st.integers(0, 10**6))
def test_the_predictions_are_those_of_lightgbm(leaves: int, n: int, seed: int) -> None:
    tables, rows = build_leaf_tables(fitted(leaves)), draw_rows(n, seed)
    assert tables is not None
    np.testing.assert_array_equal(tables.predict(rows), predict_by_lightgbm(fitted(leaves), rows))


@pytest.mark.parametrize("kind", [0, 2, 8, 10])
def test_each_way_of_an_unknown_value_is_that_of_lightgbm(kind: int) -> None:
    text = set_kinds(fitted(7), kind)
    rows = draw_rows(2_000, 1)
    tables = build_leaf_tables(text)
    assert tables is not None
    np.testing.assert_array_equal(tables.predict(rows), predict_by_lightgbm(text, rows))
    known = ~np.isnan(rows).any(axis=1)
    assert (tables.predict(rows)[known] == predict_by_lightgbm(fitted(7), rows)[known]).all()
    other = set_kinds(text, 8 if kind == 10 else 10)
    assert (predict_by_lightgbm(other, rows) != tables.predict(rows)).any()  # the kind decides something here


@pytest.mark.parametrize("kind", [1, 4, 6])
def test_categories_and_zeros_that_count_as_missing_are_not_covered(kind: int) -> None:
    assert build_leaf_tables(re.sub(r"decision_type=\d+", f"decision_type={kind}", fitted(7))) is None


def test_rows_are_worked_on_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    tables, rows = build_leaf_tables(fitted(7)), draw_rows(100, 2)
    assert tables is not None
    whole = tables.predict(rows)
    monkeypatch.setattr(leaf_tables, "ROWS_PER_BLOCK", 7)
    np.testing.assert_array_equal(tables.predict(rows), whole)


def test_trees_of_more_splits_are_left_to_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaf_tables, "MAX_SPLITS", 5)
    build_leaf_tables.cache_clear()
    assert build_leaf_tables(fitted(7)) is None
    rows = draw_rows(leaf_tables.LEAST_ROWS, 3)
    names = tuple("abcde")
    predicted = BoostedTrees(names, fitted(7), 1.0).predict(names, rows)
    build_leaf_tables.cache_clear()
    monkeypatch.setattr(leaf_tables, "MAX_SPLITS", 14)
    np.testing.assert_array_equal(predicted, BoostedTrees(names, fitted(7), 1.0).predict(names, rows))


def test_few_rows_and_many_have_the_same_predictions() -> None:
    names, rows = tuple("abcde"), draw_rows(leaf_tables.LEAST_ROWS, 4)
    trees = BoostedTrees(names, fitted(7), 0.5)
    parts = np.concatenate([trees.predict(names, rows[:10]), trees.predict(names, rows[10:])])
    np.testing.assert_array_equal(trees.predict(names, rows), parts)
