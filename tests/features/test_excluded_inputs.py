"""What is declared not to be used is read by nothing but what its row names, and cannot be declared by a clinic."""

from __future__ import annotations

from typing import Any

import pytest

from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.settings import Config, CustomFeature
from attune_fit.data.faults import DataFault
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.catalogue import FEATURES, list_clinic_features
from attune_fit.features.custom_features import build_custom_features
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS, ExcludedInput
from attune_fit.features.feature import PREFERENCES_TABLE
from attune_fit.matching.eligibility.rules import RULES
from tests.strategies import clinic

every = pytest.mark.parametrize("one", EXCLUDED_INPUTS, ids=lambda one: one.name)
canonical = [(one, table, column) for one in EXCLUDED_INPUTS for table in ("clients", "therapists")
             for column in getattr(one, table)]  # fmt: skip

OWN = {  # columns as clinics call them
    "payment": ("Insurance plan", "sliding_scale", "copay", "FeeLevel", "hourly rate"),
    "ratings of therapists": ("google_stars", "ClientReviews", "avg rating", "recommended by"),
    "gender": ("Gender identity", "sex", "pronouns"),
    "race and ethnicity": ("Ethnic group", "race", "Nationality", "country_of_birth"),
    "faith": ("religious", "FaithTradition", "spirituality"),
    "sexual orientation and gender identity": ("LGBTQIA", "sexual_orientation", "trans"),
    "age": ("Age in years", "birth_year", "DOB"),
}
HONEST = ("Language spoken at home", "age of onset", "distance to office", "self_rated_warmth", "coverage", "page",
          "stage", "sex therapy offered", "shared hobbies", "coffee", "starting month")  # fmt: skip


def says(**given: Any) -> str:
    """The fault of a declared feature; empty where there is none."""
    names = [given.get(key) for key in ("client", "weight_by")]
    tables = clinic(
        {name: ["1"] for name in names if name} | {"field": ["1"]}, {given.get("therapist", "field"): ["1"]}
    )
    row = {"name": "fit", "client": "field", "therapist": "field", "compare": "same", **given}
    try:
        build_custom_features([CustomFeature.model_validate(row)], tables)
    except DataFault as fault:
        return str(fault)
    return ""


@every
def test_a_row_names_columns_figures_rules_and_features_that_exist(one: ExcludedInput) -> None:
    assert set(one.clients) <= set(list_columns("clients"))
    assert set(one.therapists) <= set(list_columns("therapists"))
    assert set(one.figures) <= set(read_published_statistics())
    assert set(one.baseline) <= {feature.name for feature in FEATURES}
    assert one.reason[-1] != "."


@every
def test_only_what_the_row_names_reads_its_columns(one: ExcludedInput) -> None:
    of_client = {feature.name for feature in FEATURES if set(feature.client) & set(one.clients)}
    assert of_client == set(one.baseline)
    assert all(feature.side == "client" for feature in FEATURES if feature.name in one.baseline)
    of_therapist = [feature for feature in FEATURES if set(feature.therapist) & set(one.therapists)]
    assert all(PREFERENCES_TABLE in feature.client for feature in of_therapist)
    assert bool(of_therapist) is one.is_wishable
    places = {f"{table}.{column}" for table in ("clients", "therapists") for column in getattr(one, table)}
    assert {rule.name for rule in RULES if places & set(rule.input_columns)} == set(one.rules)


@pytest.mark.parametrize(("one", "table", "column"), canonical, ids=lambda part: getattr(part, "name", part))
def test_a_clinic_cannot_declare_a_feature_over_it(one: ExcludedInput, table: str, column: str) -> None:
    said = says(**{table.removesuffix("s"): column})
    assert f"`{column}` never moves a score ({one.name}): {one.reason}. {one.fix}" in said


@pytest.mark.parametrize("one", EXCLUDED_INPUTS, ids=lambda one: one.name)
def test_nor_over_a_column_of_its_own_that_is_called_so(one: ExcludedInput) -> None:
    for column in OWN[one.name]:
        assert f"`{column}` never moves a score ({one.name})" in says(therapist=column)
        assert ("never moves a score" in says(client=column)) is ("clients" in one.tables)


@pytest.mark.parametrize("column", HONEST)
def test_other_columns_may_be_compared(column: str) -> None:
    assert not says(client=column)
    assert not says(therapist=column)


@every
def test_what_a_client_asks_for_may_count_and_payment_may_not(one: ExcludedInput) -> None:
    column = next(iter(one.therapists), OWN[one.name][0])
    assert (not says(therapist=column, weight_by="how_much_it_matters")) is one.is_wishable
    assert (not says(therapist=column, client="kind_wanted")) is one.is_wishable
    assert says(therapist=column, weight_by="phq9")  # says nothing of what the client asks for
    assert says(therapist=column, client="directiveness_preference")


def test_a_column_read_from_a_header_that_says_payment_or_stars_stops() -> None:
    mapped = {
        "tables": {"therapists": {"columns": {"interpersonal_skill": "Star rating", "languages": "Sex/Languages"}}}
    }
    with pytest.raises(
        DataFault, match=r"the header `Star rating` never moves a score \(ratings of therapists\)"
    ) as raised:
        list_clinic_features(Config.model_validate(mapped), clinic({}, {}))
    assert len(raised.value.faults) == 1
