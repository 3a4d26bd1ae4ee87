"""Canonical order: what the rows say decides, not where they were or what the ids are called."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.columns import ID_COLUMNS, TABLES
from attune_fit.data.clinic.tables import Tables
from tests.strategies import clinic, clinics

FEW = ("age", "gender", "orientations")  # so that rows are often alike


def every(tables: Tables) -> dict[str, pd.DataFrame]:
    return {name: getattr(tables, name) for name in TABLES}


def shuffled(tables: Tables, seed: int) -> Tables:
    rng = np.random.default_rng(seed)
    moved: dict[str, Any] = {
        name: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True) for name, frame in every(tables).items()
    }
    return replace(tables, **moved)


def renamed(tables: Tables, seed: int) -> Tables:
    """Every id another, so that their order is another too."""
    new = {}
    for key, frame in (("client_id", tables.clients), ("therapist_id", tables.therapists)):
        names = [f"x{number}" for number in np.random.default_rng(seed).permutation(len(frame))]
        new[key] = dict(zip(frame[key], names, strict=True))
    told: dict[str, Any] = {
        name: frame.assign(**{key: frame[key].map(new[key]).astype("str") for key in ID_COLUMNS.intersection(frame)})
        for name, frame in every(tables).items()
    }
    return replace(tables, **told, met_client_ids=frozenset(new["client_id"][one] for one in tables.met_client_ids))


@settings(max_examples=30, deadline=None)
@given(tables=clinics(FEW, outcomes=5, conflicts=2), seed=st.integers(0, 99))
def test_shuffled_rows_come_out_the_same(tables: Tables, seed: int) -> None:
    expected, found = sort_canonically(tables), sort_canonically(shuffled(tables, seed))
    for name, frame in every(expected).items():
        pd.testing.assert_frame_equal(frame, getattr(found, name))
    assert found.digest() == expected.digest()


@settings(max_examples=30, deadline=None)
@given(tables=clinics(FEW, outcomes=5, conflicts=2), seed=st.integers(0, 99))
def test_renamed_ids_leave_the_order_of_rows_the_same(tables: Tables, seed: int) -> None:
    expected, found = sort_canonically(tables), sort_canonically(renamed(tables, seed))
    for name, frame in every(expected).items():
        pd.testing.assert_frame_equal(
            frame.drop(columns=ID_COLUMNS, errors="ignore"),
            getattr(found, name).drop(columns=ID_COLUMNS, errors="ignore"),
        )


def test_whom_a_client_met_decides_between_clients_who_are_alike() -> None:
    outcomes: dict[str, list[Any]] = {"client_id": ["c0", "c1"], "therapist_id": ["t0", "t1"], "score": [4.0, 4.0]}
    first = clinic({"age": [30, 30]}, {"age": [40, 60]}, outcomes=outcomes)
    other = clinic({"age": [30, 30]}, {"age": [40, 60]}, outcomes={**outcomes, "therapist_id": ["t1", "t0"]})
    orders = [sort_canonically(tables).clients["client_id"].tolist() for tables in (first, other)]
    assert orders[0] == orders[1][::-1]


def test_what_a_client_wishes_decides_between_clients_who_are_alike() -> None:
    wishes = [(0, "gender", "f", "must"), (1, "gender", "m", "must")]
    orders = [
        sort_canonically(clinic({"age": [30, 30]}, {"age": [40]}, wishes=some)).clients["client_id"].tolist()
        for some in (wishes, [(1, *wishes[0][1:]), (0, *wishes[1][1:])])
    ]
    assert orders[0] == orders[1][::-1]


def test_columns_of_ones_own_decide_between_rows_that_are_otherwise_alike() -> None:
    tables = clinic({"age": [30]}, {"age": [40, 40, 40]})
    orders = []
    for prices in ([1.0, 2.0, 3.0], [3.0, 1.0, 2.0]):
        priced = replace(tables, therapists=tables.therapists.assign(price=prices))
        orders.append(sort_canonically(priced).therapists["price"].tolist())
    assert orders[0] == orders[1]


def test_a_name_kept_as_a_column_of_ones_own_does_not_move_a_row() -> None:
    tables = clinic({"age": [30]}, {"age": [40, 60, 50]})
    orders = set()
    for names in (["Abel", "Berg", "Cohn"], ["Cohn", "Abel", "Berg"], ["Berg", "Cohn", "Abel"]):
        named = replace(tables, therapists=tables.therapists.assign(surname=names))
        orders.add(tuple(sort_canonically(named).therapists["therapist_id"]))
    assert len(orders) == 1
