"""Custom features: rows of ``clinic.toml`` over columns that only the clinic has."""

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
from attune_fit.features.cell_comparisons import COMPARISONS
from attune_fit.features.custom_features import build_custom_features, find_missing_codes
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS
from attune_fit.features.feature_catalogue import FEATURES, list_clinic_features
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from tests.fault_descriptions import describe_fault, raises_faults
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
EXAMPLES: dict[str, tuple[str, str, list[list[float]]]] = {  # of two columns
    "same": ("smoker", "smoking", [[1, 1, NAN], [0, 1, NAN], [NAN] * 3]),
    "overlap": ("tastes", "cuisine", [[0.5, 0, NAN], [1, 1, NAN], [NAN] * 3]),
    "distance": ("budget", "price", [[10, 0, NAN], [0, 10, NAN], [NAN] * 3]),
    "closeness": ("budget", "price", [[np.exp(-2), 1, NAN], [1, np.exp(-2), NAN], [NAN] * 3]),  # their SD is 5
    "product": ("budget", "price", [[200, 100, NAN], [400, 200, NAN], [NAN] * 3]),
    "meets": ("budget", "price", [[1, 1, NAN], [1, 0, NAN], [NAN] * 3]),
}

ONE_COLUMN: dict[str, list[tuple[dict[str, Any], list[list[float]]]]] = {
    "number": [({"therapist": "price"}, [[20, 10, NAN]]), ({"client": "budget"}, [[10], [20], [NAN]])],
    "has": [
        ({"therapist": "cuisine", "code": "Thai"}, [[1, 0, NAN]]),
        ({"therapist": "cuisine", "code": ["thai", "cafe"]}, [[1, 1, NAN]]),
        ({"client": "tastes", "code": "sushi"}, [[0], [0], [NAN]]),
        ({"client": "coded", "code": 2}, [[0], [1], [NAN]]),
    ],
}


def row(**given: Any) -> CustomFeature:
    return CustomFeature.model_validate(
        {"name": "fit", "client": "budget", "therapist": "price", "compare": "distance", **given}
    )


def single(**given: Any) -> CustomFeature:
    """A feature over one column."""
    return CustomFeature.model_validate({"name": "fit", **given})


def values(one: CustomFeature, tables: Tables = DINER) -> Floats:
    (feature,) = build_custom_features([one], tables)
    return feature.function(Pairs.cross(Sides(tables)))


def faults(*rows: CustomFeature) -> str:
    with pytest.raises(DataFault) as raised:
        build_custom_features(rows, DINER)
    return str(raised.value)


def test_every_comparison_has_an_example() -> None:
    assert set(EXAMPLES) == {name for name, one in COMPARISONS.items() if one.n_columns == 2}
    assert set(ONE_COLUMN) == {name for name, one in COMPARISONS.items() if one.n_columns == 1}


@pytest.mark.parametrize("compare", EXAMPLES)
def test_a_comparison_gives_what_it_says(compare: str) -> None:
    client, therapist, expected = EXAMPLES[compare]
    result = values(row(compare=compare, client=client, therapist=therapist))
    np.testing.assert_allclose(result, expected)


@pytest.mark.parametrize("compare", ONE_COLUMN)
def test_a_comparison_reads_one_column_alone(compare: str) -> None:
    for keys, expected in ONE_COLUMN[compare]:
        np.testing.assert_array_equal(values(single(compare=compare, **keys)), expected)


@pytest.mark.parametrize("compare", EXAMPLES)
def test_a_comparison_agrees_with_a_loop_over_the_tables_own_columns(compare: str) -> None:
    columns = ("languages", "languages") if COMPARISONS[compare].kind == "codes" else ("phq9", "open_slots")
    one = row(compare=compare, client=columns[0], therapist=columns[1], scale=3.0)

    def plain(client: Row, therapist: Row) -> float:
        of_client, of_therapist = client[columns[0]], therapist[columns[1]]
        if of_client is None or of_therapist is None:
            return NAN
        if compare in {"same", "overlap"}:
            codes = set(of_client.split("|"))
            shared = codes & set(of_therapist.split("|"))
            return float(bool(shared)) if compare == "same" else len(shared) / len(codes)
        distance = abs(of_client - of_therapist)
        values = {"distance": distance, "closeness": np.exp(-distance / 3), "product": of_client * of_therapist}
        return float(values.get(compare, of_therapist >= of_client))

    @settings(max_examples=25, deadline=None)
    @given(clinics(columns=columns, wishes=0))
    def agrees(tables: Tables) -> None:
        np.testing.assert_allclose(values(one, tables), each_pair(tables, plain), rtol=1e-12)

    agrees()


def test_numbers_and_their_text_are_the_same_code() -> None:
    result = values(row(compare="same", client="coded", therapist="tables"))
    np.testing.assert_array_equal(result, [[1, 0, NAN], [0, 1, NAN], [NAN] * 3])


def test_weight_by_centers_the_value_and_multiplies_it() -> None:
    one = row(compare="same", client="smoker", therapist="smoking", weight_by="matters")
    np.testing.assert_array_equal(values(one), [[1, 1, NAN], [0, 0, NAN], [NAN] * 3])
    stated = one.model_copy(update={"center": 0.75})
    np.testing.assert_array_equal(values(stated), [[0.5, 0.5, NAN], [0, 0, NAN], [NAN] * 3])
    (feature,) = build_custom_features([stated], DINER)
    assert feature.client == ("smoker", "matters")
    assert feature.center == 0.0


@pytest.mark.parametrize(
    ("given", "side", "columns"),
    [
        ({"therapist": "price", "compare": "number"}, "therapist", ((), ("price",))),
        ({"client": "budget", "compare": "number"}, "client", (("budget",), ())),
        ({"therapist": "price", "compare": "number", "weight_by": "matters"}, "pair", (("matters",), ("price",))),
    ],
)
def test_the_columns_named_decide_whose_feature_it_is(
    given: dict[str, str], side: str, columns: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    (feature,) = build_custom_features([single(**given)], DINER)
    assert (feature.family, feature.side, (feature.client, feature.therapist)) == ("declared", side, columns)


def test_a_column_of_the_therapist_alone_has_a_wider_prior_unless_one_is_stated() -> None:
    alone = {"therapist": "price", "compare": "number"}
    rows = single(**alone), single(**alone, spread=0.03), single(**alone, weight_by="matters"), row()
    assert [one.spread for one in rows] == [0.1, 0.03, 0.05, 0.05]
    assert single(client="budget", compare="number").spread == 0.05


def test_how_much_it_matters_to_the_client_can_weigh_a_column_of_the_therapist() -> None:
    one = single(therapist="cuisine", compare="has", code="thai", weight_by="matters")
    np.testing.assert_array_equal(values(one), [[1, -1, NAN], [0, 0, NAN], [NAN] * 3])


def test_a_feature_of_one_column_has_a_sentence_for_both_ends() -> None:
    licensed = {"therapist": "price", "compare": "number", "center": 15}
    (stated,) = build_custom_features([single(**licensed, says="is long licensed", says_not="is new")], DINER)
    (bare,) = build_custom_features([single(**licensed)], DINER)
    assert (stated.describe_value(20), stated.describe_value(10)) == ("is long licensed", "is new")
    assert (bare.describe_value(20), bare.describe_value(10)) == ("fit", "less than a typical therapist: fit")


def test_a_feature_without_codes_is_written_as_before_there_were_codes() -> None:
    """Its digest is in every logged ranking."""
    written = row().model_dump(mode="json")
    assert list(written) == ["name", "client", "therapist", "compare", "weight_by", "direction", "says", "says_not",
                             "weight", "spread", "center", "scale"]  # fmt: skip
    assert single(therapist="cuisine", compare="has", code="thai").model_dump(mode="json")["code"] == ["thai"]


@pytest.mark.parametrize("code", ["cafe", ["thai", "cafe"]])
def test_another_code_is_another_feature(code: str | list[str]) -> None:
    thai, other = (
        build_custom_features([single(therapist="cuisine", compare="has", code=one)], DINER)[0]
        for one in ("thai", code)
    )
    assert thai.compare != other.compare


def test_the_feature_has_what_the_clinic_states() -> None:
    (feature,) = build_custom_features(
        [row(direction="-", says="is near", weight=-0.1, spread=0.2, center=5, scale=4)], DINER
    )
    assert (feature.name, feature.family, feature.side) == ("fit", "declared", "pair")
    assert (feature.direction, feature.weight, feature.spread) == ("-", -0.1, 0.2)
    assert (feature.center, feature.scale, feature.source) == (5, 4, "assumed")


def test_center_and_scale_are_unknown_where_the_clinic_does_not_state_them() -> None:
    (feature,) = build_custom_features([row()], DINER)
    assert np.isnan(feature.center)
    assert np.isnan(feature.scale)
    assert feature.text_above == "fit"


def test_the_text_belongs_to_the_side_that_favours_the_therapist() -> None:
    near, far = (
        build_custom_features([row(direction=sign, says="is near", center=5)], DINER)[0] for sign in ("-", "+")
    )
    assert (near.describe_value(0), near.describe_value(10)) == ("is near", "less than in a typical pair: is near")
    assert (far.describe_value(0), far.describe_value(10)) == ("less than in a typical pair: is near", "is near")


def test_closeness_without_a_spread_in_the_columns_is_still_a_number() -> None:
    tables = clinic({"budget": [40, 40]}, {"price": [40]})
    np.testing.assert_array_equal(values(row(compare="closeness"), tables), [[1], [1]])
    unknown = clinic({"budget": [None]}, {"price": [None]})
    assert np.isnan(values(row(compare="closeness"), unknown)).all()


def test_closeness_of_a_pair_does_not_depend_on_the_other_pairs() -> None:
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
    ("given", "message"),
    [
        ({"compare": "distance"}, "features.fit: feature-without-column"),
        ({"compare": "has", "code": "a"}, "features.fit: feature-without-column"),
        (
            {"compare": "distance", "therapist": "price"},
            "features.fit: wrong-number-of-columns (distance, 2, 1, `number`, `has`)",
        ),
        (
            {"compare": "number", "client": "budget", "therapist": "price"},
            "features.fit: wrong-number-of-columns (number, 2, `same`, `overlap`, `distance`, `closeness`, "
            "`product`, `meets`)",
        ),
        (
            {"compare": "number", "client": "budget", "weight_by": "matters"},
            "features.fit: weight-without-therapist",
        ),
        ({"compare": "has", "therapist": "cuisine"}, "features.fit.code: code-missing"),
        (
            {"compare": "number", "therapist": "price", "code": "thai"},
            "features.fit.code: code-without-has (number)",
        ),
        (
            {"compare": "number", "therapist": "cuisine"},
            "features.fit.therapist: text-compared-as-number (cuisine, therapists, number, `has`)",
        ),
        (
            {"compare": "number", "therapist": "price", "client": None, "weight_by": "tastes"},
            "features.fit.weight_by: text-compared-as-number (tastes, clients, weight_by)",
        ),
    ],
)
def test_a_row_that_names_the_wrong_columns_or_codes_is_an_error(given: dict[str, Any], message: str) -> None:
    with raises_faults(f"clinic.toml, {message}"):
        build_custom_features([single(**given)], DINER)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"client": "budgett"},
            "clinic.toml, features.fit.client: unknown-column (clients, budgett, Did you mean `budget`? Known: "
            "`budget`, `coded`, `matters`, and more.)",
        ),
        (
            {"therapist": "smoker"},
            "clinic.toml, features.fit.therapist: unknown-column (therapists, smoker, Did you mean `smoking`? Known: "
            "`cuisine`, `price`, `smoking`, and more.)",
        ),
        (
            {"weight_by": "price"},
            "clinic.toml, features.fit.weight_by: unknown-column (clients, price, Known: `budget`, `coded`, "
            "`matters`, and more.)",
        ),
        (
            {"client": "smoker"},
            "clinic.toml, features.fit.client: text-compared-as-number (smoker, clients, distance, `same` or "
            "`overlap`)",
        ),
        (
            {"therapist": "cuisine"},
            "clinic.toml, features.fit.therapist: text-compared-as-number (cuisine, therapists, distance, `same` or "
            "`overlap`)",
        ),
        (
            {"weight_by": "tastes"},
            "clinic.toml, features.fit.weight_by: text-compared-as-number (tastes, clients, weight_by)",
        ),
        ({"therapist": "therapist_id"}, "clinic.toml, features.fit.therapist: id-as-feature (therapist_id)"),
    ],
)
def test_the_error_about_a_row_gives_the_reason_and_the_fix(given: dict[str, str], message: str) -> None:
    with raises_faults(message):
        build_custom_features([row(**given)], DINER)


def test_the_error_about_a_missing_column_lists_the_known_ones() -> None:
    message = faults(row(client="nothing"))
    assert "Known: " in message
    unread = {"client_id", *(column for one in EXCLUDED_INPUTS for column in one.clients)}
    for column in set(list_columns("clients")) - unread | {"smoker", "tastes", "budget"}:
        assert f"`{column}`" in message
    assert not [column for column in unread if f"`{column}`" in message]


def test_the_error_about_an_unknown_comparison_lists_the_known_ones() -> None:
    message = faults(CustomFeature.model_construct(**{**row().model_dump(), "compare": "distanse"}))
    assert "Did you mean `distance`?" in message
    assert all(f"`{name}`" in message for name in COMPARISONS)


def test_all_errors_of_all_rows_are_reported_at_once() -> None:
    rows = row(client="a"), row(name="other", therapist="b"), row(name="other"), row(name="taken")
    with pytest.raises(DataFault) as raised:
        build_custom_features(rows, DINER, taken=["taken"])
    assert [(fault.id, fault.column) for fault in raised.value.faults] == [
        ("unknown-column", "features.fit.client"),
        ("duplicate-feature", "features.other"),
        ("unknown-column", "features.other.therapist"),
        ("duplicate-feature", "features.taken"),
    ]


def test_a_code_that_no_row_has_is_a_warning_and_changes_no_score() -> None:
    one = single(therapist="cuisine", compare="has", code=["Thai", "sushi"])
    (found,) = find_missing_codes([one, row()], DINER)
    assert describe_fault(found) == "clinic.toml, features.fit.code: code-without-row (therapist, sushi, cuisine)"
    assert not found.stops
    np.testing.assert_array_equal(values(one), values(single(therapist="cuisine", compare="has", code="thai")))


def test_an_error_never_contains_a_cell() -> None:
    assert "cafe" not in faults(row(client="tastes", therapist="cuisine"))


@pytest.mark.parametrize("compare", COMPARISONS)
def test_clinic_toml_knows_every_comparison(compare: str) -> None:
    assert row(compare=compare).compare == compare


def test_a_clinic_uses_the_catalogue_and_custom_features_without_those_switched_off() -> None:
    config = Config(features=[row(), row(name="second")], settings=Settings(features_off=["style_distance", "second"]))
    names = [feature.name for feature in list_clinic_features(config, DINER)]
    assert names == [feature.name for feature in FEATURES if feature.name != "style_distance"] + ["fit"]


def test_numbers_with_a_comma_are_not_called_codes() -> None:
    diner = clinic(clients={"budget": ["3,5", "4", None]}, therapists={"price": [1.0, 2.0, None]})
    with pytest.raises(DataFault, match=r'add `decimal = ","` under \[tables.clients\]'):
        build_custom_features([single(compare="distance", client="budget", therapist="price")], diner)


def test_switching_off_an_unknown_feature_is_reported_with_the_other_errors() -> None:
    config = Config(features=[row(client="a")], settings=Settings(features_off=["style_distanc"]))
    with raises_faults(
        "clinic.toml, features.fit.client: unknown-column (clients, a, Known: `budget`, `coded`, `matters`, and more.)",
        "clinic.toml, settings.features_off: unknown-feature (style_distanc, Did you mean `style_distance`? "
        "Known: `attachment_avoidance`, `attachment_anxiety`, `interpersonal_problems`, and more.)",
    ):
        list_clinic_features(config, DINER)


def test_a_clinic_cannot_take_the_name_of_a_catalogue_feature() -> None:
    with raises_faults("clinic.toml, features.slots_shared: duplicate-feature"):
        list_clinic_features(Config(features=[row(name="slots_shared")]), DINER)
