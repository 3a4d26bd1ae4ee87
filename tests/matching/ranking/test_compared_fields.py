"""The fields of a reason or a caution are the cells that its feature or rule reads: a changed cell changes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.columns import STRENGTHS, list_columns
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.ranking.compared_fields import (
    FieldPair,
    FieldTexts,
    format_value,
    read_feature_fields,
    read_rule_fields,
)
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.ranking_result import Ranking
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import clinic

OF_PAIRS = [feature for feature in FEATURES if feature.side != "client"]
OF_WISHES = [feature for feature in OF_PAIRS if PREFERENCES_TABLE in feature.client]
OF_COLUMNS = [feature for feature in OF_PAIRS if PREFERENCES_TABLE not in feature.client]


def get_name(row: Any) -> str:
    return str(row.name)


def rank_each_client() -> list[Ranking]:
    scorer = RosterScorer.from_clinic(experienced(), opened(), busy())
    return [rank(scorer, client_id) for client_id in busy().clients["client_id"][:12]]


def test_the_fields_of_every_reason_are_cells_of_the_two_rows() -> None:
    by_name = {feature.name: feature for feature in experienced().features}
    clients = busy().clients.set_index("client_id")
    therapists = busy().therapists.set_index("therapist_id")
    n_checked = 0
    for ranking in rank_each_client():
        for candidate in ranking.candidates:
            for reason in candidate.reasons:
                if reason.feature not in by_name:
                    assert (reason.fields, reason.client_field, reason.therapist_field) == ((), None, None)
                    continue
                feature = by_name[reason.feature]
                for pair in reason.fields:
                    if pair.client_field not in (None, PREFERENCES_TABLE):
                        assert pair.client_field in feature.client
                        cell = clients.loc[ranking.client_id, pair.client_field]
                        assert is_same(cell, pair.client_value)
                    if pair.therapist_field is not None:
                        assert pair.therapist_field in feature.therapist or ANY_COLUMN in feature.therapist
                        assert is_same(
                            therapists.loc[candidate.therapist_id, pair.therapist_field], pair.therapist_value
                        )
                    n_checked += 1
    assert n_checked > 50


def is_same(cell: Any, value: Any) -> bool:
    if pd.isna(cell):
        return value is None
    return bool("|".join(value) == cell if isinstance(value, tuple) else cell == value)


def build_typical(feature: Feature) -> Tables:
    """A clinic of two clients and two therapists in which every column that the feature reads is known."""
    rng = np.random.default_rng(3)

    def fill(table: str, columns: tuple[str, ...]) -> dict[str, list[Any]]:
        cells: dict[str, list[Any]] = {}
        for name in columns:
            column = list_columns(table)[name]
            if column.kind == "number":
                cells[name] = rng.uniform(column.low or 0, column.high or 100, 2).round(2).tolist()
            else:
                cells[name] = ["grief|stress", "stress|trauma"]
        return cells

    return clinic(fill("clients", feature.client), fill("therapists", feature.therapist))


@pytest.mark.parametrize("feature", OF_COLUMNS, ids=get_name)
def test_the_fields_name_each_column_that_the_feature_reads_and_no_other(feature: Feature) -> None:
    tables = build_typical(feature)
    fields = read_feature_fields(Sides(tables), feature, 0, 0)
    assert tuple(one.client_field for one in fields if one.client_field) == feature.client
    assert tuple(one.therapist_field for one in fields if one.therapist_field) == feature.therapist
    assert all(one.therapist_value is not None for one in fields if one.therapist_field)
    hidden = dict.fromkeys(feature.therapist)
    unknown = replace(tables, therapists=tables.therapists.assign(**hidden))
    after = read_feature_fields(Sides(unknown), feature, 0, 0)
    assert all(one.therapist_value is None for one in after)
    assert [one.client_value for one in after] == [one.client_value for one in fields]


@pytest.mark.parametrize("feature", OF_WISHES, ids=get_name)
@pytest.mark.parametrize("strength", STRENGTHS)
def test_a_wish_is_named_if_and_only_if_the_feature_reads_its_strength(feature: Feature, strength: str) -> None:
    attribute = "gender" if ANY_COLUMN in feature.therapist else feature.therapist[0]
    value, cells = ("30-40", [35.0, None, 60.0]) if attribute == "age" else ("yes", ["yes", None, "no"])
    tables = clinic({}, {attribute: cells}, [(0, attribute, value, strength)])
    without = replace(tables, preferences=tables.preferences.iloc[:0])
    after, before = (feature.function(Pairs.cross(Sides(one))) for one in (tables, without))
    is_read = not np.array_equal(np.broadcast_to(after, (1, 3)), np.broadcast_to(before, (1, 3)), equal_nan=True)
    fields = read_feature_fields(Sides(tables), feature, 0, 0)
    assert bool(fields) is is_read
    if is_read:
        is_set = list_columns("therapists")[attribute].kind == "set"
        cell: Any = (cells[0],) if is_set else cells[0]
        assert fields == (FieldPair("preferences", f"{strength} {attribute}: {value}", attribute, cell),)


def test_a_wish_about_another_column_is_not_named() -> None:
    tables = clinic({}, {"gender": ["f"], "religion": ["none"]}, [(0, "religion", "none", "prefer")])
    gender_wish = next(feature for feature in FEATURES if feature.name == "gender_wish")
    assert read_feature_fields(Sides(tables), gender_wish, 0, 0) == ()


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.input_columns], ids=get_name)
def test_the_fields_of_a_rule_are_its_input_columns(rule: Any) -> None:
    if rule.name == "conflict":
        return
    tables = clinic({"age": [30.0]}, {"gender": ["f"]}, [(0, "gender", "m", "must"), (0, "gender", "x", "never")])
    fields = read_rule_fields(Sides(tables), rule, 0, 0)
    read = {f"clients.{one.client_field}" for one in fields if one.client_field}
    read |= {f"therapists.{one.therapist_field}" for one in fields if one.therapist_field}
    if rule.name in ("must", "never"):
        value = "m" if rule.name == "must" else "x"
        assert fields == (FieldPair("preferences", f"{rule.name} gender: {value}", "gender", "f"),)
    else:
        assert read == set(rule.input_columns)


def test_a_caution_about_an_unknown_rule_names_the_cell_that_is_missing() -> None:
    tables = clinic({"payer": ["aetna"]}, {"payers": [None, "aetna"]})
    candidates = rank(RosterScorer.from_clinic(published(), opened(), tables), "c0").candidates
    caution = next(one.caution for one in candidates if one.therapist_id == "t0")
    assert caution is not None
    assert (caution.client_field, caution.client_value) == ("payer", "aetna")
    assert (caution.therapist_field, caution.therapist_value) == ("payers", None)


def test_several_fields_are_joined_and_one_side_can_be_empty() -> None:
    pairs = [FieldPair("a", 7.0, "b", ("x", "y")), FieldPair("c", None, "d", None), FieldPair(None, None, "e", 2.5)]
    assert FieldTexts.from_pairs(pairs) == FieldTexts("a; c", "7; unknown", "b; d; e", "x, y; unknown; 2.5")
    assert FieldTexts.from_pairs([]) == FieldTexts(None, None, None, None)
    assert FieldTexts.from_pairs([FieldPair("a", None, "b", 1)]) == FieldTexts("a", None, "b", "1")
    assert format_value("video") == "video"
