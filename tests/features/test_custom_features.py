"""Rows of ``clinic.toml`` over columns Attune has never heard of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.settings import Config, CustomFeature, Settings
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.features.catalogue import FEATURES, list_clinic_features
from attune_fit.features.custom_features import COMPARISONS, build_custom_features
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS
from attune_fit.features.pairs import Pairs, Sides
from tests.features.plain import Row, each_pair
from tests.strategies import clinic, clinics

NAN = np.nan
DINER = clinic(
    clients={
        "smoker": ["no", "yes", None],
        "tastes": ["thai|bar", "cafe", None],
        "budget": [10, 20, None],
        "matters": [2, 0, None],
        "coded": ["1", "2", None],
    },
    therapists={
        "smoking": ["no", "no|yes", None],
        "cuisine": ["thai|cafe", "cafe", None],
        "price": [20.0, 10.0, None],
        "tables": [1.0, 2.0, None],
    },
)
EXAMPLES: dict[str, tuple[str, str, list[list[float]]]] = {
    "same": ("smoker", "smoking", [[1, 1, NAN], [0, 1, NAN], [NAN] * 3]),
    "overlap": ("tastes", "cuisine", [[0.5, 0, NAN], [1, 1, NAN], [NAN] * 3]),
    "distance": ("budget", "price", [[10, 0, NAN], [0, 10, NAN], [NAN] * 3]),
    "closeness": ("budget", "price", [[np.exp(-2), 1, NAN], [1, np.exp(-2), NAN], [NAN] * 3]),  # their SD is 5
    "product": ("budget", "price", [[200, 100, NAN], [400, 200, NAN], [NAN] * 3]),
    "meets": ("budget", "price", [[1, 1, NAN], [1, 0, NAN], [NAN] * 3]),
}


def row(**given: Any) -> CustomFeature:
    return CustomFeature.model_validate(
        {"name": "fit", "client": "budget", "therapist": "price", "compare": "distance", **given}
    )


def values(one: CustomFeature, tables: Tables = DINER) -> Floats:
    (feature,) = build_custom_features([one], tables)
    return feature.function(Pairs.cross(Sides(tables)))


def faults(*rows: CustomFeature, **more: Any) -> str:
    with pytest.raises(DataFault) as raised:
        build_custom_features(rows, DINER, **more)
    return str(raised.value)


def test_every_comparison_has_an_example() -> None:
    assert set(EXAMPLES) == set(COMPARISONS)


@pytest.mark.parametrize("compare", COMPARISONS)
def test_a_comparison_gives_what_it_says(compare: str) -> None:
    client, therapist, expected = EXAMPLES[compare]
    found = values(row(compare=compare, client=client, therapist=therapist))
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("compare", COMPARISONS)
def test_a_comparison_agrees_with_a_loop_over_the_tables_own_columns(compare: str) -> None:
    columns = ("languages", "languages") if COMPARISONS[compare].kind == "codes" else ("phq9", "open_slots")
    one = row(compare=compare, client=columns[0], therapist=columns[1], scale=3.0)

    def plain(client: Row, therapist: Row) -> float:
        ours, theirs = client[columns[0]], therapist[columns[1]]
        if ours is None or theirs is None:
            return NAN
        if compare in {"same", "overlap"}:
            shared = set(ours.split("|")) & set(theirs.split("|"))
            return float(bool(shared)) if compare == "same" else len(shared) / len(set(ours.split("|")))
        away = abs(ours - theirs)
        return float(
            {"distance": away, "closeness": np.exp(-away / 3), "product": ours * theirs}.get(compare, theirs >= ours)
        )

    @settings(max_examples=25, deadline=None)
    @given(clinics(columns=columns, wishes=0))
    def agrees(tables: Tables) -> None:
        np.testing.assert_allclose(values(one, tables), each_pair(tables, plain), rtol=1e-12)

    agrees()


def test_numbers_and_their_text_are_the_same_code() -> None:
    found = values(row(compare="same", client="coded", therapist="tables"))
    np.testing.assert_array_equal(found, [[1, 0, NAN], [0, 1, NAN], [NAN] * 3])


def test_what_matters_to_the_client_multiplies_the_value_from_its_middle() -> None:
    one = row(compare="same", client="smoker", therapist="smoking", weight_by="matters")
    np.testing.assert_array_equal(values(one), [[1, 1, NAN], [0, 0, NAN], [NAN] * 3])
    stated = one.model_copy(update={"center": 0.75})
    np.testing.assert_array_equal(values(stated), [[0.5, 0.5, NAN], [0, 0, NAN], [NAN] * 3])
    (feature,) = build_custom_features([stated], DINER)
    assert feature.client == ("smoker", "matters")
    assert feature.center == 0.0


def test_what_a_clinic_states_stands_in_the_row() -> None:
    (feature,) = build_custom_features(
        [row(direction="-", says="is near", weight=-0.1, spread=0.2, center=5, scale=4)], DINER
    )
    assert (feature.name, feature.family, feature.side) == ("fit", "declared", "pair")
    assert (feature.direction, feature.weight, feature.spread) == ("-", -0.1, 0.2)
    assert (feature.center, feature.scale, feature.source) == (5, 4, "assumed")


def test_what_a_clinic_leaves_out_is_for_training_to_find() -> None:
    (feature,) = build_custom_features([row()], DINER)
    assert np.isnan(feature.center)
    assert np.isnan(feature.scale)
    assert feature.text_above == "fit"


def test_the_sentence_stands_on_the_side_that_speaks_for_the_therapist() -> None:
    near, far = (
        build_custom_features([row(direction=sign, says="is near", center=5)], DINER)[0] for sign in ("-", "+")
    )
    assert (near.describe_value(0), near.describe_value(10)) == ("is near", "less than is typical: is near")
    assert (far.describe_value(0), far.describe_value(10)) == ("less than is typical: is near", "is near")


def test_closeness_without_a_spread_in_the_columns_is_still_a_number() -> None:
    tables = clinic({"budget": [40, 40]}, {"price": [40]})
    np.testing.assert_array_equal(values(row(compare="closeness"), tables), [[1], [1]])
    nobody = clinic({"budget": [None]}, {"price": [None]})
    assert np.isnan(values(row(compare="closeness"), nobody)).all()


def test_a_pair_is_as_close_whoever_else_is_looked_at() -> None:
    tables = clinic({"budget": [20, 40, 70]}, {"price": [30, 60]})
    (feature,) = build_custom_features([row(compare="closeness")], tables)
    alone = replace(tables, clients=tables.clients.iloc[:1])
    whole, part = (feature.function(Pairs.cross(Sides(some)))[0] for some in (tables, alone))
    np.testing.assert_array_equal(whole, part)


def test_the_scale_of_closeness_is_how_fast_it_falls() -> None:
    one = row(compare="closeness", scale=10.0)
    np.testing.assert_allclose(values(one)[0], [np.exp(-1), 1, NAN])
    (feature,) = build_custom_features([one], DINER)
    assert np.isnan(feature.scale)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"client": "budgett"}, "features.fit.client: `clients` has no column `budgett`. Did you mean `budget`?"),
        ({"therapist": "smoker"}, "features.fit.therapist: `therapists` has no column `smoker`"),
        ({"weight_by": "price"}, "features.fit.weight_by: `clients` has no column `price`"),
        (
            {"client": "smoker"},
            "column `smoker` of `clients` holds text, and numbers are compared. Compare it by `same`",
        ),
        ({"therapist": "cuisine"}, "column `cuisine` of `therapists` holds text"),
        ({"weight_by": "tastes"}, "features.fit.weight_by: column `tastes` of `clients` holds text"),
        ({"therapist": "therapist_id"}, "`therapist_id` never moves a score: it is an id. Name another column."),
    ],
)
def test_a_row_that_cannot_be_built_says_why_and_what_to_do(given: dict[str, str], says: str) -> None:
    assert says in faults(row(**given))


def test_a_missing_column_is_answered_with_those_there_are() -> None:
    said = faults(row(client="nothing"))
    assert "Known: " in said
    unread = {"client_id", *(column for one in EXCLUDED_INPUTS for column in one.clients)}
    for column in set(list_columns("clients")) - unread | {"smoker", "tastes", "budget"}:
        assert f"`{column}`" in said
    assert not [column for column in unread if f"`{column}`" in said]


def test_an_unknown_comparison_is_answered_with_those_there_are() -> None:
    said = faults(CustomFeature.model_construct(**{**row().model_dump(), "compare": "distanse"}))
    assert "`distanse` is no comparison. Did you mean `distance`?" in said
    assert all(f"`{name}`" in said for name in COMPARISONS)


def test_all_faults_of_all_rows_are_told_at_once() -> None:
    said = faults(
        row(client="a"), row(name="other", therapist="b"), row(name="other"), row(name="taken"), taken=["taken"]
    )
    assert said.count("\n") == 3
    assert "features.other: another feature has this name. Give it a name of its own." in said
    assert "features.taken: another feature has this name" in said


def test_a_fault_never_holds_a_cell() -> None:
    assert "cafe" not in faults(row(client="tastes", therapist="cuisine"))


@pytest.mark.parametrize("compare", COMPARISONS)
def test_clinic_toml_knows_every_comparison(compare: str) -> None:
    assert row(compare=compare).compare == compare


def test_a_clinic_uses_the_catalogue_and_its_own_less_what_it_switches_off() -> None:
    config = Config(features=[row(), row(name="second")], settings=Settings(features_off=["style_distance", "second"]))
    names = [feature.name for feature in list_clinic_features(config, DINER)]
    assert names == [feature.name for feature in FEATURES if feature.name != "style_distance"] + ["fit"]


def test_switching_off_what_is_not_there_is_told_with_the_rest() -> None:
    config = Config(features=[row(client="a")], settings=Settings(features_off=["style_distanc"]))
    with pytest.raises(DataFault, match="Did you mean `style_distance`") as raised:
        list_clinic_features(config, DINER)
    assert len(raised.value.faults) == 2


def test_a_clinic_cannot_take_the_name_of_a_catalogue_feature() -> None:
    with pytest.raises(DataFault, match="another feature has this name"):
        list_clinic_features(Config(features=[row(name="slots_shared")]), DINER)
