"""Merged trees are the weighted sum of their parts: outputs and contributions, in a text that a bundle accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.arrays import Floats
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.booster_text import find_booster_fault, list_tree_fields, read_signs
from attune_fit.models.leaf_tables import build_leaf_tables
from attune_fit.models.lightgbm_loading import load_lightgbm
from attune_fit.models.model_bundle import compute_bundle_name, load, save
from attune_fit.models.shapley_tables import build_shapley_tables
from attune_fit.models.tree_columns import build_product_name, select_columns
from attune_fit.models.tree_merging import merge_trees
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from tests.models.builders import THREE, town
from tests.models.test_alliance_model import model

NAMES = ("need", "gap", "skill", "years")
PRODUCT, OTHER = build_product_name("need", "skill"), build_product_name("need", "years")
N_ROWS = 600  # as many that tables predict them


def draw_features(seed: int, n: int = N_ROWS) -> Floats:
    """Rows with unknown values."""
    rng = np.random.default_rng(seed)
    standard = rng.normal(size=(n, len(NAMES)))
    standard[rng.random(standard.shape) < 0.2] = np.nan
    return standard


def grow(
    columns: Sequence[str], seed: int, share: float, growth: TreeHyperparameters, directions: Sequence[str] = ()
) -> BoostedTrees:
    standard = draw_features(seed)
    known = np.nan_to_num(standard)
    outcome = 3 * known[:, 0] * known[:, 2] + 2 * known[:, 1] + np.random.default_rng(seed).normal(size=N_ROWS)
    selected = select_columns(columns, NAMES, standard)
    text = fit_trees(selected, outcome, directions or ["free"] * len(columns), growth, seed)
    return BoostedTrees(tuple(columns), text, share)


@cache
def parts() -> tuple[BoostedTrees, ...]:
    """Trees with gradient steps, with random thresholds, over products, and without any split."""
    return (
        grow(("gap", "skill", "years"), 1, 1.0, TreeHyperparameters(12, least=10), ("-", "+", "free")),
        grow(("skill", "gap"), 2, 0.6, TreeHyperparameters(9, leaves=12, least=5, extra=True), ("free", "-")),
        grow((PRODUCT, "gap", OTHER), 3, 1.0, TreeHyperparameters(7, least=10, bagging=0.5)),
        grow(("elsewhere", "skill"), 4, 0.8, TreeHyperparameters(2, least=N_ROWS)),
    )


def merge(*weights: float) -> BoostedTrees:
    merged = merge_trees([*zip(parts(), weights, strict=True)])
    assert merged is not None
    return merged


@given(
    weights=st.lists(st.sampled_from([0.0, 0.01, 0.3, 1.0, 4.0]), min_size=4, max_size=4),
    n=st.sampled_from([7, N_ROWS]),
)
@settings(max_examples=25, deadline=None)
def test_a_merged_model_is_the_weighted_sum_of_its_parts(weights: list[float], n: int) -> None:
    merged, rows = merge_trees([*zip(parts(), weights, strict=True)]), draw_features(9, n)
    if not any(weights):
        assert merged is None
        return
    assert merged is not None
    assert find_booster_fault(merged.text, len(merged.names)) == ""
    weighted = [*zip(weights, parts(), strict=True)]
    output = merged.predict(NAMES, rows)
    np.testing.assert_allclose(output, sum(w * one.predict(NAMES, rows) for w, one in weighted), atol=1e-12)
    contributions = merged.compute_contributions(NAMES, rows)
    wanted = sum(w * one.compute_contributions(NAMES, rows) for w, one in weighted)
    np.testing.assert_allclose(contributions, wanted, atol=1e-12)
    np.testing.assert_allclose(contributions.sum(axis=-1), output, atol=1e-9)


def test_contributions_add_up_exactly_where_values_are_unknown() -> None:
    merged, rows = merge(2.5, 1.0, 0.5, 1.0), draw_features(10)
    rows[:3] = np.nan
    np.testing.assert_allclose(
        merged.compute_contributions(NAMES, rows).sum(axis=-1), merged.predict(NAMES, rows), rtol=0, atol=1e-9
    )
    some, mean = merged.compute_contributions_and_mean(NAMES, rows, np.arange(50))
    np.testing.assert_allclose(some.sum(axis=-1), merged.predict(NAMES, rows)[:50], rtol=0, atol=1e-9)
    assert mean.sum() == pytest.approx(merged.predict(NAMES, rows).mean(), abs=1e-9)
    assert np.abs(merged.predict(NAMES, rows)).max() > 1


def test_columns_are_those_of_the_parts_in_the_order_in_which_they_first_occur() -> None:
    assert merge(1, 1, 1, 1).names == ("gap", "skill", "years", PRODUCT, OTHER, "elsewhere")
    assert merge(0, 1, 1, 0).names == ("skill", "gap", PRODUCT, OTHER)
    assert merge(1, 1, 1, 1).find_split_features() == {"gap", "skill", "years", "need"}
    assert merge(1, 1, 1, 1).stacking_weight == 1.0


def test_the_text_holds_all_trees_in_order_with_the_values_of_their_leaves_scaled() -> None:
    merged = list_tree_fields(merge(2.0, 0.0, 1.0, 3.0).text)
    first, third = list_tree_fields(parts()[0].text), list_tree_fields(parts()[2].text)
    assert len(merged) == len(first) + len(third) + 1  # LightGBM stops at a tree without a split
    values = [float(value) for value in merged[0]["leaf_value"].split()]
    assert values == [2 * float(value) for value in first[0]["leaf_value"].split()]
    inner = [float(value) for value in merged[0]["internal_value"].split()]
    assert inner == [2 * float(value) for value in first[0]["internal_value"].split()]
    assert merged[len(first)]["threshold"] == third[0]["threshold"]
    assert merged[len(first)]["leaf_value"] != first[0]["leaf_value"]


def test_the_merged_text_is_one_that_lightgbm_and_the_tables_read() -> None:
    merged = merge(4.0, 1.0, 1.0, 1.0)
    booster = load_lightgbm().Booster(model_str=merged.text)
    assert (booster.num_trees(), booster.num_feature()) == (sum(len(list_tree_fields(one.text)) for one in parts()), 6)
    tables, shapley = build_leaf_tables(merged.text), build_shapley_tables(merged.text)
    assert tables is not None
    assert shapley is not None
    rows = select_columns(merged.names, NAMES, draw_features(11))
    np.testing.assert_allclose(tables.predict(rows), booster.predict(rows), atol=1e-12)
    np.testing.assert_allclose(
        shapley.compute_values(rows), booster.predict(rows, pred_contrib=True)[:, :-1], atol=1e-9
    )
    assert "feature_infos=[-inf:inf]" in merged.text


def test_a_column_keeps_its_monotone_sign_only_where_all_parts_have_it() -> None:
    signs = dict(zip(merge(1, 1, 1, 1).names, read_signs(merge(1, 1, 1, 1).text, 6), strict=True))
    assert (signs["gap"], signs["skill"], signs[PRODUCT]) == ("0", "0", "0")
    both = merge(1, 1, 0, 0)
    assert read_signs(both.text, 3) == ["-1", "0", "0"]
    assert read_signs(merge(1, 0, 0, 0).text, 3) == ["-1", "1", "0"]


def test_merged_trees_can_be_merged_again() -> None:
    rows, once = draw_features(12), merge(1, 1, 1, 0)
    again = merge_trees([(once, 2.0)])
    assert again is not None
    np.testing.assert_allclose(again.predict(NAMES, rows), 2 * once.predict(NAMES, rows), atol=1e-12)
    assert merge_trees([(again, 0.5)]) == once


def test_a_bundle_holds_merged_trees_over_products(tmp_path: Path) -> None:
    products = grow((PRODUCT, "gap"), 5, 1.0, TreeHyperparameters(6, least=10))
    merged = merge_trees([(parts()[1], 0.5), (products, 1.5)])
    whole, pairs = replace(model(), learned=merged), Pairs.cross(Sides(town(missing=0.2)))
    folder = tmp_path / compute_bundle_name(whole)
    save(whole, folder)
    again = load(folder, THREE)
    assert again.learned == merged
    score, therapist = again.compute_parts(pairs).score, again.compute_parts(pairs).therapist
    np.testing.assert_array_equal(score, whole.compute_parts(pairs).score)
    total = again.intercept + again.compute_contributions(pairs).sum(axis=-1) + therapist
    np.testing.assert_allclose(total, score, rtol=0, atol=1e-9)


def test_no_set_is_left() -> None:
    assert merge_trees([]) is None
    assert merge_trees([(parts()[0], 0.0)]) is None


@pytest.mark.parametrize("weight", [-0.1, float("nan"), float("inf")])
def test_a_negative_or_endless_weight_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="negative or not finite"):
        merge_trees([(parts()[0], 1.0), (parts()[1], weight)])
