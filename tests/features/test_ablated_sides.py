"""Copies of rows with unknown inputs: the same as sides of tables that were built again, with these cells empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.columns import STRENGTHS, list_columns
from attune_fit.data.clinic.settings import CustomFeature
from attune_fit.data.clinic.tables import Tables, UnreadableCell
from attune_fit.features.ablated_sides import AblatedSides, take_rows
from attune_fit.features.custom_features import build_custom_features
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Side, Sides
from attune_fit.features.wish_answers import ANSWERS
from tests.strategies import clinic, clinics, crowd

COMPARISONS_MADE: list[dict[str, object]] = [
    {"compare": "same", "client": "formats", "therapist": "formats"},
    {"compare": "overlap", "client": "languages", "therapist": "languages", "weight_by": "phq9"},
    {"compare": "distance", "client": "phq9", "therapist": "years_experience"},
    {"compare": "closeness", "client": "gad7", "therapist": "years_experience"},
    {"compare": "product", "client": "phq9", "therapist": "interpersonal_skill"},
    {"compare": "meets", "client": "gad7", "therapist": "years_experience"},
    {"compare": "number", "therapist": "years_experience", "weight_by": "gad7"},
    {"compare": "has", "therapist": "orientations", "code": ["cbt", "psychodynamic"]},
]
CUSTOM_ROWS = [
    CustomFeature.model_validate({"name": f"custom {number}", **row}) for number, row in enumerate(COMPARISONS_MADE)
]
SMALL = clinic(
    clients={"age": [30, 40], "languages": ["english|french", None]},
    therapists={
        "gender": ["f", "m", None],
        "age": [50, 49, None],
        "languages": ["french", "english", "english|french"],
    },
    wishes=[(0, "gender", "f", "must"), (1, "age", ">=50", "prefer"), (0, "age", "30-50", "avoid")],
)


class Copies(NamedTuple):
    """The arguments of :func:`take_rows` after the sides."""

    client_rows: Indices
    therapist_rows: Indices
    hidden_columns: list[tuple[str, ...]]
    has_wishes: list[bool]


@st.composite
def copies_of(draw: st.DrawFn, tables: Tables) -> Copies:
    """Draw copies of the rows of a clinic."""
    names = [*list_columns("therapists"), "no such column"]
    names.remove("therapist_id")
    client_rows = draw(st.lists(st.integers(0, len(tables.clients) - 1), max_size=4))
    rows = draw(st.lists(st.integers(0, len(tables.therapists) - 1), max_size=5))
    hidden = [tuple(draw(st.lists(st.sampled_from(names), max_size=6, unique=True))) for _ in rows]
    return Copies(
        np.array(client_rows, dtype=np.intp),
        np.array(rows, dtype=np.intp),
        hidden,
        [draw(st.booleans()) for _ in client_rows],
    )


def rebuild(tables: Tables, copies: Copies) -> Tables:
    """Build the tables of the copies cell by cell; each copy has an id of its own, so that wishes find their owner."""
    clients = tables.clients.iloc[copies.client_rows].reset_index(drop=True)
    therapists = tables.therapists.iloc[copies.therapist_rows].reset_index(drop=True)
    for row, columns in enumerate(copies.hidden_columns):
        for column in set(columns) & set(therapists):
            therapists.loc[row, column] = None
    wishes = [tables.preferences.iloc[:0]]
    for row, keeps_wishes in enumerate(copies.has_wishes):
        if keeps_wishes:
            own = tables.preferences[tables.preferences["client_id"] == clients["client_id"][row]]
            wishes.append(own.assign(client_id=f"copy {row}"))
    ids = pd.Series([f"copy {row}" for row in range(len(clients))], dtype="str")
    preferences = pd.concat(wishes, ignore_index=True)
    return replace(tables, clients=clients.assign(client_id=ids), therapists=therapists, preferences=preferences)


def compute_values(pairs: Pairs, features: Sequence[Feature]) -> Floats:
    frame = PairFrame.from_pairs(pairs, features)
    return frame.values  # noqa: PD011 - of a PairFrame, not of pandas


def build_both(tables: Tables, copies: Copies) -> tuple[AblatedSides, Sides]:
    has_wishes = np.array(copies.has_wishes, dtype=bool)
    return take_rows(Sides(tables), *copies[:3], has_wishes), Sides(rebuild(tables, copies))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_copies_are_sides_of_tables_built_again(data: st.DataObject) -> None:
    tables = data.draw(clinics(wishes=10))
    copies = data.draw(copies_of(tables))
    check_arrays(*build_both(tables, copies))
    check_wishes(*build_both(tables, copies))
    check_features(*build_both(tables, copies), [*FEATURES, *build_custom_features(CUSTOM_ROWS, tables)])


def check_features(taken: AblatedSides, rebuilt: Sides, features: Sequence[Feature]) -> None:
    """Check every feature of every pair, in a grid and in a list of pairs."""
    expected = compute_values(Pairs.cross(rebuilt), features)
    np.testing.assert_array_equal(compute_values(Pairs.cross(taken), features), expected)
    rows = np.indices(expected.shape[:2]).reshape(2, -1)
    listed = compute_values(Pairs.from_rows(taken, *rows), features)
    np.testing.assert_array_equal(listed, expected.reshape(-1, len(features)))


def check_arrays(taken: AblatedSides, rebuilt: Sides) -> None:
    """Check the cells, numbers and codes of each column."""
    sides: tuple[Side, Side] = ("client", "therapist")
    for side in sides:
        assert taken.count_rows(side) == rebuilt.count_rows(side)
        for column, row in list_columns(f"{side}s").items():
            if row.kind == "id":
                continue
            pd.testing.assert_series_equal(taken.take_cells(side, column), rebuilt.take_cells(side, column))
            np.testing.assert_array_equal(taken.is_known(side, column), rebuilt.is_known(side, column))
            if row.kind in ("number", "date"):
                numbers = taken.convert_to_numbers(side, column)
                np.testing.assert_array_equal(numbers, rebuilt.convert_to_numbers(side, column))
            else:
                np.testing.assert_array_equal(taken.count_codes(side, column), rebuilt.count_codes(side, column))
                indicators = taken.build_indicators(side, column)
                pd.testing.assert_frame_equal(indicators, rebuilt.build_indicators(side, column))


def check_wishes(taken: AblatedSides, rebuilt: Sides) -> None:
    """Check the wishes of each client, by strength and by answer."""
    pairs, expected = Pairs.cross(taken), Pairs.cross(rebuilt)
    rows = pairs.client_rows[:, 0]
    wishes, expected_wishes = taken.build_wish_table(), rebuilt.build_wish_table()
    for column in ("gender", "age", "orientations"):
        np.testing.assert_array_equal(wishes.has_wish_about(column, rows), expected_wishes.has_wish_about(column, rows))
        for strength in STRENGTHS:
            np.testing.assert_array_equal(pairs.count_stated_wishes(strength), expected.count_stated_wishes(strength))
            for answer in ANSWERS:
                counts = pairs.count_wishes(strength, answer, column)
                np.testing.assert_array_equal(counts, expected.count_wishes(strength, answer, column))
    for row in rows.tolist():
        listed, expected_list = (table.list_client_wishes(row) for table in (wishes, expected_wishes))
        answers = {wish[:3]: wish[3] for wish in expected_list}
        assert {wish[:3] for wish in listed} == set(answers)
        for *wish, of_therapists in listed:
            np.testing.assert_array_equal(of_therapists, answers[tuple(wish)])  # type: ignore[index]


def test_whole_rows_without_hidden_columns_give_the_same_features() -> None:
    tables = crowd(people=12)
    sides, everyone = Sides(tables), np.arange(12)
    taken = take_rows(sides, everyone, everyone, [()] * 12, np.ones(12, dtype=bool))
    np.testing.assert_array_equal(
        compute_values(Pairs.cross(taken), FEATURES),
        compute_values(Pairs.cross(sides), FEATURES),
    )


def test_marks_of_persons_are_those_of_the_persons_copied() -> None:
    cell = UnreadableCell("therapists", "age", "t1", "aside")
    taken = take_rows(
        Sides(replace(SMALL, unreadable=frozenset({cell}))),
        np.array([1]),
        np.array([1, 0, 1]),
        [("age",), (), ()],
        np.ones(1, bool),
    )
    assert taken.list_ids("therapist") == ("t1", "t0", "t1")
    assert taken.is_set_aside("therapist").tolist() == [True, False, True]
    assert taken.is_unreadable("therapist", "age").tolist() == [True, False, True]


def test_the_tables_of_copies_have_empty_cells_and_no_wishes_that_were_left_out() -> None:
    taken = take_rows(Sides(SMALL), np.array([1, 0]), np.array([0, 0]), [("age",), ()], np.array([True, False]))
    assert taken.tables.therapists["age"].isna().tolist() == [True, False]
    assert taken.tables.therapists["gender"].tolist() == ["f", "f"]
    assert taken.tables.clients["age"].tolist() == [40, 30]
    assert taken.tables.preferences["client_id"].tolist() == ["c1"]


def test_the_arrays_that_copies_are_taken_from_stay_as_they_were() -> None:
    sides = Sides(SMALL)
    taken = take_rows(sides, np.arange(2), np.arange(3), [("age", "gender", "languages")] * 3, np.zeros(2, bool))
    PairFrame.from_pairs(Pairs.cross(taken), FEATURES)
    assert taken.count_codes("therapist", "languages").tolist() != sides.count_codes("therapist", "languages").tolist()
    np.testing.assert_array_equal(sides.convert_to_numbers("therapist", "age"), [50, 49, np.nan])
    assert sides.count_codes("therapist", "languages").tolist() == [1, 1, 2]


def test_each_row_needs_its_hidden_columns_and_its_mark() -> None:
    with pytest.raises(ValueError, match="give one for each row"):
        take_rows(Sides(SMALL), np.array([0]), np.array([0, 1]), [()], np.ones(1, dtype=bool))
