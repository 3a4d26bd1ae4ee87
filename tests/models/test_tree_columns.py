"""Columns of trees are features and products, found by name; what a product contributes is the therapist's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.arrays import Floats
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models.tree_columns import (
    SEPARATOR,
    build_product_name,
    has_valid_products,
    list_features_read,
    select_columns,
    split_product,
    sum_by_feature,
)
from attune_fit.models.trees import MIN_ROWS_FOR_TABLES, BoostedTrees, TreeHyperparameters, fit_trees

NAMES = ("need", "gap", "skill", "years")
PRODUCT, OTHER = build_product_name("need", "skill"), build_product_name("need", "years")
N_ROWS = 400


def draw_features(seed: int, missing: float = 0.2, shape: tuple[int, ...] = (N_ROWS,)) -> Floats:
    rng = np.random.default_rng(seed)
    standard = rng.normal(size=(*shape, len(NAMES)))
    standard[rng.random(standard.shape) < missing] = np.nan
    return standard


def grow(columns: tuple[str, ...], seed: int = 0) -> BoostedTrees:
    """Trees over some columns, fitted to interactions of need with skill and years."""
    standard = draw_features(seed)
    known = np.nan_to_num(standard)
    outcome = (
        known[:, 0] * (3 * known[:, 2] + 2 * known[:, 3])
        + known[:, 1]
        + np.random.default_rng(seed).normal(size=N_ROWS)
    )
    growth = TreeHyperparameters(trees=15, least=10, ridge=1.0, columns=1.0)
    text = fit_trees(select_columns(columns, NAMES, standard), outcome, ["free"] * len(columns), growth, seed)
    return BoostedTrees(columns, text, 0.5)


def test_a_product_has_one_name_and_a_feature_is_no_product() -> None:
    assert split_product(build_product_name("a x b", "c*d")) == ("a x b", "c*d")
    assert [split_product(feature.name) for feature in FEATURES] == [None] * len(FEATURES)


@pytest.mark.parametrize("names", [("", "a"), ("a", ""), (PRODUCT, "a"), ("a", f"b{SEPARATOR}")])
def test_only_names_of_features_make_a_product(names: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="names of two features"):
        build_product_name(*names)


def test_each_feature_that_columns_read_is_listed_once() -> None:
    assert list_features_read(["skill", PRODUCT, "gap", OTHER]) == ["skill", "need", "gap", "years"]


def test_a_product_is_of_a_client_and_a_therapist_in_this_order() -> None:
    sides = {"need": "client", "gap": "pair", "skill": "therapist"}
    assert has_valid_products(["unknown", PRODUCT, "need"], sides)
    for pair in (("skill", "need"), ("need", "gap"), ("gap", "skill"), ("need", "need"), ("need", "unknown")):
        assert not has_valid_products(["gap", build_product_name(*pair)], sides)


def compute_slowly(wanted: tuple[str, ...], names: tuple[str, ...], row: Floats) -> list[float]:
    """One row, cell by cell."""
    cells = dict(zip(names, row, strict=True))
    parts = [split_product(name) or (name,) for name in wanted]
    return [float(np.prod([cells.get(feature, np.nan) for feature in part])) for part in parts]


@given(
    wanted=st.lists(
        st.sampled_from([*NAMES, PRODUCT, OTHER, "elsewhere", build_product_name("gap", "elsewhere")]), max_size=7
    ),
    names=st.lists(st.sampled_from(NAMES), unique=True),
    seed=st.integers(0, 100),
)
@settings(max_examples=50, deadline=None)
def test_columns_are_those_of_the_plain_way(wanted: list[str], names: list[str], seed: int) -> None:
    standard = draw_features(seed, shape=(5, 2))[..., : len(names)]
    before = standard.copy()
    selected = select_columns(wanted, names, standard)
    plain = [[compute_slowly(tuple(wanted), tuple(names), row) for row in rows] for rows in standard]
    np.testing.assert_array_equal(selected, np.array(plain))
    assert selected.shape == (5, 2, len(wanted))
    np.testing.assert_array_equal(standard, before)  # the input is not changed


def test_contributions_of_a_product_go_to_the_therapists_feature() -> None:
    contributions = np.array([[1.0, 10.0, 100.0, 1000.0], [2.0, 0.0, 0.0, 0.0]])
    columns = ("skill", PRODUCT, OTHER, "elsewhere")
    assert sum_by_feature(columns, NAMES, contributions).tolist() == [[0, 0, 11, 100], [0, 0, 2, 0]]
    assert sum_by_feature(columns, ("need", "years"), contributions).tolist() == [[0, 100], [0, 0]]


def test_trees_over_products_find_an_interaction() -> None:
    trees, standard = grow((PRODUCT, OTHER)), draw_features(1, missing=0.0)
    assert np.corrcoef(trees.predict(NAMES, standard), standard[:, 0] * standard[:, 2])[0, 1] > 0.6
    assert trees.find_split_features() == {"need", "skill", "years"}
    assert grow(("gap", PRODUCT)).find_split_features() == {"gap", "need", "skill"}


@pytest.mark.parametrize("n", [20, 3 * MIN_ROWS_FOR_TABLES, N_ROWS])
def test_contributions_of_features_and_products_add_up_to_the_output(n: int) -> None:
    trees, standard = grow(("gap", PRODUCT, "skill", OTHER)), draw_features(2)[:n]
    parts, whole = trees.compute_contributions(NAMES, standard), trees.predict(NAMES, standard)
    np.testing.assert_allclose(parts.sum(axis=-1), whole, atol=1e-9)
    assert not parts[:, 0].any()  # the client's own feature
    assert (np.abs(parts[:, 1:]).max(axis=0) > 0.01).all()
    chosen = np.arange(0, n, 3)
    some, mean = trees.compute_contributions_and_mean(NAMES, standard, chosen)
    np.testing.assert_allclose(some, parts[chosen], atol=1e-9)
    np.testing.assert_allclose(mean, parts.mean(axis=0), atol=1e-9)


def test_the_client_changes_the_contribution_of_the_therapists_feature() -> None:
    trees = grow((PRODUCT,))
    parts = trees.compute_contributions(NAMES, np.array([[2.0, 0.0, 2.0, 0.0], [-2.0, 0.0, 2.0, 0.0]]))
    assert parts[0, 2] > 0.5
    assert parts[1, 2] < -0.5
    assert trees.compute_contributions(("need",), np.ones((2, 1))).tolist() == [[0.0], [0.0]]


def test_a_list_and_a_cross_of_pairs_have_the_same_output() -> None:
    trees, standard = grow((PRODUCT, "gap")), draw_features(3, shape=(6, 4))
    flat = standard.reshape(-1, len(NAMES))
    np.testing.assert_array_equal(trees.predict(NAMES, standard).ravel(), trees.predict(NAMES, flat))
    parts = trees.compute_contributions(NAMES, standard)
    np.testing.assert_array_equal(parts.reshape(flat.shape), trees.compute_contributions(NAMES, flat))
