"""Splits never let a client, a therapist or the future give the answer away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.training.crossfit.splits import SPLITS, assign_folds, split_records
from tests.training.builders import toy


@pytest.mark.parametrize("row", SPLITS, ids=lambda row: row.name)
@given(n=st.integers(2, 80), people=st.integers(2, 30), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_nothing_is_both_learnt_from_and_predicted(row: object, n: int, people: int, seed: int) -> None:
    records = toy(n, people, people, seed)
    name = row.name  # type: ignore[attr-defined]
    for fold in split_records(name, records, seed=seed):
        assert not set(fold.train) & set(fold.test)
        assert len(fold.train)
        assert len(fold.test)
        group = records.therapist if name == "therapist" else records.client
        assert not set(group[fold.train]) & set(group[fold.test])
        if name == "time":
            assert records.measured_on[fold.train].max() < records.measured_on[fold.test].min()


@pytest.mark.parametrize("name", ["client", "therapist"])
def test_every_record_is_predicted_once(name: str) -> None:
    folds = split_records(name, toy(200))
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(tested) == list(range(200))
    assert len(folds) == 5


def test_there_are_no_more_folds_than_clients() -> None:
    assert len(split_records("client", toy(50, clients=3))) == 3
    assert split_records("client", toy(50, clients=1)) == []


def test_undated_records_take_no_part_in_a_split_by_time() -> None:
    records = toy(40)
    when = records.measured_on.copy()
    when[::2] = np.datetime64("NaT", "D")
    (fold,) = split_records("time", replace(records, measured_on=when))
    assert not {*fold.train, *fold.test} & set(range(0, 40, 2))
    assert (
        split_records(
            "time", replace(records, measured_on=np.full(40, np.datetime64("NaT", "D"), dtype="datetime64[D]"))
        )
        == []
    )


def test_a_seed_decides_and_nothing_else_does() -> None:
    records = toy(60)
    renamed = replace(records, client=records.client * 10 + 3)  # other labels, same order
    for first, second in zip(
        split_records("client", records, seed=4), split_records("client", renamed, seed=4), strict=True
    ):
        np.testing.assert_array_equal(first.test, second.test)
    assert any(
        not np.array_equal(first.test, second.test)
        for first, second in zip(
            split_records("client", records, seed=4), split_records("client", records, seed=5), strict=True
        )
    )


def test_groups_are_dealt_out_evenly() -> None:
    fold_of = assign_folds(np.arange(103), 5, seed=0)
    assert sorted(np.bincount(fold_of)) == [20, 20, 21, 21, 21]


@pytest.mark.parametrize("name", ["random", "row", "rows"])
def test_a_split_at_random_by_row_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"by row is refused: .* use `client`, `therapist`, `time`"):
        split_records(name, toy(10))


def test_an_unknown_split_is_told_what_there_is() -> None:
    with pytest.raises(
        ValueError, match=r"no split `clients`; there are `client`, `therapist`, `time`; did you mean `cl"
    ):
        split_records("clients", toy(10))
