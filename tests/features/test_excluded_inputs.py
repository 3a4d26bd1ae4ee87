"""Excluded inputs: only what a row names reads them, and no custom feature of a clinic can."""

from __future__ import annotations

from typing import Any

import pytest

from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.settings import Config, CustomFeature
from attune_fit.data.faults import DataFault
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.features.custom_features import build_custom_features
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS, ExcludedInput
from attune_fit.features.feature import PREFERENCES_TABLE
from attune_fit.features.feature_catalogue import FEATURES, list_clinic_features
from attune_fit.matching.eligibility.rules import RULES
from tests.fault_descriptions import raises_faults
from tests.strategies import clinic

every = pytest.mark.parametrize("one", EXCLUDED_INPUTS, ids=lambda one: one.name)
canonical = [(one, table, column) for one in EXCLUDED_INPUTS for table in ("clients", "therapists")
             for column in getattr(one, table)]  # fmt: skip

OWN = {  # names that clinics give such columns
    "payment": ("Insurance plan", "sliding_scale", "copay", "FeeLevel", "hourly rate"),
    "ratings of therapists": ("google_stars", "ClientReviews", "avg rating", "recommended by"),
    "gender": ("Gender identity", "sex", "pronouns"),
    "race and ethnicity": ("Ethnic group", "race", "Nationality", "country_of_birth"),
    "faith": ("religious", "FaithTradition", "spirituality"),
    "sexual orientation and gender identity": ("LGBTQIA", "sexual_orientation", "trans"),
    "age": ("Age in years", "birth_year", "DOB"),
}
ACCEPTED = ("Language spoken at home", "age of onset", "distance to office", "self_rated_warmth", "coverage", "page",
          "stage", "sex therapy offered", "shared hobbies", "coffee", "starting month")  # fmt: skip


def error(**given: Any) -> str:
    """The error about a custom feature; empty where there is none."""
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
def test_a_custom_feature_cannot_read_it(one: ExcludedInput, table: str, column: str) -> None:
    message = error(**{table.removesuffix("s"): column})
    assert f"`{column}` never moves a score ({one.name}): {one.reason}. {one.fix}" in message


@pytest.mark.parametrize("one", EXCLUDED_INPUTS, ids=lambda one: one.name)
def test_a_custom_feature_cannot_read_a_column_with_such_a_name(one: ExcludedInput) -> None:
    for column in OWN[one.name]:
        assert f"`{column}` never moves a score ({one.name})" in error(therapist=column)
        assert ("never moves a score" in error(client=column)) is ("clients" in one.tables)


@pytest.mark.parametrize("column", ACCEPTED)
def test_other_columns_can_be_compared(column: str) -> None:
    assert not error(client=column)
    assert not error(therapist=column)


@every
def test_a_wishable_trait_can_count_where_the_client_asks_for_it_and_payment_cannot(one: ExcludedInput) -> None:
    column = next(iter(one.therapists), OWN[one.name][0])
    assert (not error(therapist=column, weight_by="how_much_it_matters")) is one.is_wishable
    assert (not error(therapist=column, client="kind_wanted")) is one.is_wishable
    assert error(therapist=column, weight_by="phq9")  # not a wish of the client
    assert error(therapist=column, client="directiveness_preference")


def test_a_column_with_the_header_of_payment_or_stars_is_an_error() -> None:
    mapped = {
        "tables": {"therapists": {"columns": {"interpersonal_skill": "Star rating", "languages": "Sex/Languages"}}}
    }
    place, (row,) = (
        "tables.therapists.columns.interpersonal_skill",
        (one for one in EXCLUDED_INPUTS if one.name == "ratings of therapists"),
    )
    with raises_faults(f"clinic.toml, {place}: excluded-header (Star rating, {row.name}, {row.reason})"):
        list_clinic_features(Config.model_validate(mapped), clinic({}, {}))
