"""Contract tests: what is true of every feature of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.tables import Tables, complete_columns
from attune_fit.data.published_statistics import read_prior_weights, read_published_statistics
from attune_fit.features.feature import ANY_COLUMN, FAMILIES, PREFERENCES_TABLE, Feature
from attune_fit.features.feature_catalogue import FAMILY_MODULES, FEATURES, _add_prior_weight
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from tests.strategies import cell, crowd

CROWD = crowd()
SIDES = Sides(CROWD)
NEVER_READ = {"client_id", "therapist_id", "referred_on", "updated_on", "open_slots", "priority"}

every = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
reads = [(f, "clients", column) for f in FEATURES for column in f.client if column != PREFERENCES_TABLE]
reads += [(f, "therapists", column) for f in FEATURES for column in f.therapist if column != ANY_COLUMN]


def all_pairs(feature: Feature, tables: Tables) -> Floats:
    pairs = Pairs.cross(SIDES if tables is CROWD else Sides(tables))
    return np.array(np.broadcast_to(feature.function(pairs), pairs.shape))


def with_column(tables: Tables, table: str, column: str, cells: Sequence[Any]) -> Tables:
    frame: pd.DataFrame = getattr(tables, table)
    changed = complete_columns(table, frame.assign(**{column: cells}))
    return replace(tables, clients=changed) if table == "clients" else replace(tables, therapists=changed)


def unknown(tables: Tables, table: str, columns: Sequence[str]) -> Tables:
    kept = complete_columns(table, getattr(tables, table).drop(columns=list(columns)))
    return replace(tables, clients=kept) if table == "clients" else replace(tables, therapists=kept)


def test_names_are_unique_and_every_weight_belongs_to_a_feature() -> None:
    names = [feature.name for feature in FEATURES]
    assert sorted(set(names)) == sorted(names)
    assert set(read_prior_weights()) == set(names)


def test_a_row_without_a_published_weight_is_an_error_that_names_the_row_to_add() -> None:
    with pytest.raises(LookupError, match=r'`humour` .* Add a row \[\[weights\]\] with feature = "humour", weight'):
        _add_prior_weight(replace(FEATURES[0], name="humour"))


def test_every_family_but_the_clinics_own_has_its_file() -> None:
    assert {f.family for family in FAMILY_MODULES for f in family.ROWS} == set(FAMILIES) - {"declared"}
    for family in FAMILY_MODULES:
        (name,) = {feature.family for feature in family.ROWS}
        singular = (
            name if name == "practical" else name.removesuffix("es") if name == "wishes" else name.removesuffix("s")
        )
        assert family.__name__ == f"attune_fit.features.{singular}_features"


@every
def test_a_row_is_complete(feature: Feature) -> None:
    assert feature.text_above.strip()
    assert np.isfinite(feature.center)
    assert feature.scale > 0
    assert feature.spread > 0
    assert feature.function.__doc__ or feature.function.func.__doc__  # type: ignore[attr-defined]


@every
def test_a_weight_has_the_sign_of_its_direction(feature: Feature) -> None:
    assert feature.direction in {"+", "-", "free"}
    assert feature.direction != "+" or feature.weight >= 0
    assert feature.direction != "-" or feature.weight <= 0


@every
def test_a_source_is_a_published_statistic_or_assumed(feature: Feature) -> None:
    assert feature.source == "assumed" or set(feature.source.split(", ")) <= set(read_published_statistics())


@every
def test_a_feature_reads_existing_columns_and_no_id_or_date(feature: Feature) -> None:
    assert set(feature.client) <= {*list_columns("clients"), PREFERENCES_TABLE}
    assert set(feature.therapist) <= {*list_columns("therapists"), ANY_COLUMN}
    assert not NEVER_READ & {*feature.client, *feature.therapist}


@every
def test_a_feature_is_finite_or_nan(feature: Feature) -> None:
    values = all_pairs(feature, CROWD)
    assert values.dtype == np.float64
    assert not np.isinf(values).any()
    assert not np.isnan(values).all()


@every
def test_a_list_of_pairs_and_a_cross_give_the_same_values(feature: Feature) -> None:
    clients, therapists = np.array([3, 3, 0, 24, 7]), np.array([1, 0, 0, 24, 9])
    listed = Pairs.from_rows(SIDES, clients, therapists)
    values = np.broadcast_to(feature.function(listed), listed.shape)
    np.testing.assert_allclose(values, all_pairs(feature, CROWD)[clients, therapists], rtol=1e-12)


@every
def test_row_order_and_ids_do_not_matter(feature: Feature) -> None:
    people = len(CROWD.clients)
    order, other = np.random.default_rng(1).permutation(people), np.random.default_rng(2).permutation(people)
    clients = CROWD.clients.iloc[order].reset_index(drop=True)
    therapists = CROWD.therapists.iloc[other].reset_index(drop=True)
    moved = replace(
        CROWD,
        clients=clients.assign(client_id="new " + clients["client_id"]),
        therapists=therapists.assign(therapist_id="new " + therapists["therapist_id"]),
        preferences=CROWD.preferences.assign(client_id="new " + CROWD.preferences["client_id"])[::-1].reset_index(),
    )
    np.testing.assert_allclose(all_pairs(feature, moved), all_pairs(feature, CROWD)[np.ix_(order, other)], rtol=1e-12)


@every
def test_a_feature_of_one_side_does_not_depend_on_the_other(feature: Feature) -> None:
    values = all_pairs(feature, CROWD)
    if feature.side == "client":
        np.testing.assert_array_equal(values, values[:, :1] * np.ones_like(values))
    elif feature.side == "therapist":
        np.testing.assert_array_equal(values, values[:1] * np.ones_like(values))
    else:
        assert (np.fmax.reduce(values, axis=1) > np.fmin.reduce(values, axis=1)).any()


@every
def test_a_feature_reads_no_column_that_its_row_does_not_name(feature: Feature) -> None:
    tables = CROWD
    if ANY_COLUMN not in feature.therapist:
        others = [c for c in list_columns("therapists") if c not in (*feature.therapist, "therapist_id")]
        tables = unknown(tables, "therapists", others)
    tables = unknown(tables, "clients", [c for c in list_columns("clients") if c not in (*feature.client, "client_id")])
    if PREFERENCES_TABLE not in feature.client:
        tables = replace(tables, preferences=tables.preferences.iloc[:0])
    np.testing.assert_array_equal(all_pairs(feature, tables), all_pairs(feature, CROWD))


@pytest.mark.parametrize(("feature", "table", "column"), reads, ids=lambda part: getattr(part, "name", part))
def test_every_column_a_feature_reads_can_change_it(feature: Feature, table: str, column: str) -> None:
    rng = np.random.default_rng(3)
    others = [cell(list_columns(table)[column], rng) for _ in range(len(CROWD.clients))]
    before, after = all_pairs(feature, CROWD), all_pairs(feature, with_column(CROWD, table, column, others))
    known = ~np.isnan(before) & ~np.isnan(after)
    assert (before[known] != after[known]).any()


@pytest.mark.parametrize(
    "feature", [f for f in FEATURES if PREFERENCES_TABLE in f.client], ids=lambda feature: feature.name
)
def test_every_feature_of_wishes_changes_with_the_wishes(feature: Feature) -> None:
    without = replace(CROWD, preferences=CROWD.preferences.iloc[:0])
    before, after = all_pairs(feature, CROWD), all_pairs(feature, without)
    assert not np.isnan(after).any()
    assert (before[~np.isnan(before)] != after[~np.isnan(before)]).any()


@pytest.mark.parametrize(
    "feature", [f for f in FEATURES if PREFERENCES_TABLE not in f.client], ids=lambda feature: feature.name
)
def test_an_unknown_side_makes_the_pair_unknown(feature: Feature) -> None:
    if feature.client:
        assert np.isnan(all_pairs(feature, unknown(CROWD, "clients", feature.client))).all()
    if feature.therapist:
        assert np.isnan(all_pairs(feature, unknown(CROWD, "therapists", feature.therapist))).all()


def test_features_do_not_change_the_tables() -> None:
    tables = crowd(seed=5)
    before = tables.digest()
    for feature in FEATURES:
        all_pairs(feature, tables)
    assert tables.digest() == before


def test_the_published_weights_stay_below_the_published_ceiling() -> None:
    """The expected correlation within one client is r = .05 to .15, if the features are independent."""
    ceiling = read_published_statistics()["within_client_r"]
    pair = float(np.sqrt(sum(f.weight**2 for f in FEATURES if f.side == "pair")))
    assert ceiling.low is not None
    assert ceiling.high is not None
    assert ceiling.low <= pair <= ceiling.high
    intake = sum(f.weight**2 for f in FEATURES if f.side == "client")
    assert 0.02 <= intake <= 0.06


def test_the_joint_intake_weights_follow_from_the_correlations() -> None:
    between = np.array([[1.0, 0.2, 0.4], [0.2, 1.0, 0.5], [0.4, 0.5, 1.0]])
    keys = ("avoidance_alliance_r", "anxiety_alliance_r", "interpersonal_problems_r")
    joint = np.linalg.solve(between, [read_published_statistics()[key].value for key in keys])
    given = [
        read_prior_weights()[name].weight
        for name in ("attachment_avoidance", "attachment_anxiety", "interpersonal_problems")
    ]
    np.testing.assert_allclose(given, joint, atol=0.005)
