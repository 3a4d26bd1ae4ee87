from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.columns import STRENGTHS
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.features.wish_answers import ANSWERS, Answer
from attune_fit.features.wish_table import WishTable
from tests.features.plain import Row, Wishes, each_pair
from tests.strategies import Wish, clinic, clinics

WISHES: list[Wish] = [
    (0, "gender", "f", "must"),
    (0, "age", ">=50", "prefer"),
    (0, "orientations", "cbt", "prefer"),
    (1, "age", "30-50", "never"),
]
CLINIC = clinic(
    clients={"age": [30, 40]},
    therapists={"gender": ["f", "m", None], "age": [50, 49, None], "orientations": ["cbt|act", None, "act"]},
    wishes=WISHES,
)


def counts(tables: Tables, strength: str, answer: Answer) -> list[list[float]]:
    matrix: list[list[float]] = Pairs.cross(Sides(tables)).count_wishes(strength, answer).tolist()
    return matrix


def test_wishes_for_codes_and_for_numbers_are_answered() -> None:
    assert counts(CLINIC, "must", "met")[0] == [1, 0, 0]
    assert counts(CLINIC, "must", "unmet")[0] == [0, 1, 0]
    assert counts(CLINIC, "must", "unknown")[0] == [0, 0, 1]
    assert counts(CLINIC, "prefer", "met")[0] == [2, 0, 0]
    assert counts(CLINIC, "prefer", "unknown")[0] == [0, 1, 1]
    assert counts(CLINIC, "never", "met")[1] == [1, 1, 0]


@settings(max_examples=30, deadline=None)
@given(
    clinics(columns=("gender", "age", "orientations"), wishes=8),
    st.sampled_from(STRENGTHS),
    st.sampled_from(ANSWERS),
    st.sampled_from([None, "age", "gender"]),
)
def test_counts_agree_with_a_loop_over_pairs_and_wishes(
    tables: Tables, strength: str, answer: Answer, attribute: str | None
) -> None:
    wishes = Wishes(tables)

    def count(client: Row, therapist: Row) -> float:
        return float(wishes.answers(client, therapist, strength, attribute).count(answer))

    expected = each_pair(tables, count)
    pairs = Pairs.cross(Sides(tables))
    np.testing.assert_array_equal(pairs.count_wishes(strength, answer, attribute), expected)
    clients, therapists = np.indices(pairs.shape).reshape(2, -1)
    listed = Pairs.from_rows(pairs.sides, clients, therapists)
    np.testing.assert_array_equal(listed.count_wishes(strength, answer, attribute), expected.ravel())


def test_a_duplicate_wish_counts_once_even_with_extra_columns() -> None:
    twice = pd.concat([CLINIC.preferences, CLINIC.preferences], ignore_index=True).assign(noted_by=list("abcdefgh"))
    assert counts(replace(CLINIC, preferences=twice), "prefer", "met") == counts(CLINIC, "prefer", "met")


def test_a_wish_of_an_unknown_client_is_ignored() -> None:
    stranger = CLINIC.preferences.assign(client_id="c9")
    assert counts(replace(CLINIC, preferences=stranger), "must", "met") == [[0, 0, 0], [0, 0, 0]]


def test_the_wishes_of_one_client_are_listed_with_every_therapists_answer() -> None:
    listed = WishTable.from_tables(CLINIC).list_client_wishes(0)
    assert [wish[:3] for wish in listed] == [
        ("must", "gender", "f"),
        ("prefer", "age", ">=50"),
        ("prefer", "orientations", "cbt"),
    ]
    np.testing.assert_array_equal(listed[0][3], [1, 0, np.nan])


@pytest.mark.parametrize("strength", STRENGTHS)
def test_empty_preferences_give_zero_counts(strength: str) -> None:
    silent = replace(CLINIC, preferences=CLINIC.preferences.iloc[:0])
    assert counts(silent, strength, "met") == [[0, 0, 0], [0, 0, 0]]
    assert WishTable.from_tables(silent).count_stated(strength, np.arange(2)).tolist() == [0, 0]
