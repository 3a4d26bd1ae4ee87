"""Splits never let a client, a therapist or the future give the answer away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.training.crossfit.splits import SPLITS, Fold, assign_folds, count_repeats, draw_splits, split_records
from attune_fit.training.fitting.tune import split_search_folds
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


def key(folds: list[Fold]) -> frozenset[bytes]:
    return frozenset(fold.test.tobytes() for fold in folds)


@pytest.mark.parametrize("name", ["client", "therapist"])
def test_repeated_splits_differ_and_the_first_is_the_usual_one(name: str) -> None:
    records = toy(120, clients=60, therapists=20)
    splits = draw_splits(name, records, 5, seed=3, repeats=5)
    assert len({key(split) for split in splits}) == len(splits) == 5
    for split in splits:
        assert sorted(np.concatenate([fold.test for fold in split])) == list(range(120))
    for drawn, usual in zip(splits[0], split_records(name, records, 5, 3), strict=True):
        np.testing.assert_array_equal(drawn.test, usual.test)
        np.testing.assert_array_equal(drawn.train, usual.train)


def test_the_seed_makes_repeated_splits_repeatable() -> None:
    records = toy(120)
    first, again, other = (draw_splits("client", records, 5, seed, repeats=3) for seed in (3, 3, 4))
    assert [key(split) for split in first] == [key(split) for split in again]
    assert not {key(split) for split in first} & {key(split) for split in other}


def test_no_metric_is_measured_on_the_folds_of_the_search() -> None:
    records = toy(120)
    measured = {key(split) for split in draw_splits("client", records, 5, seed=0, repeats=count_repeats(120))}
    assert key(split_search_folds(records, 0)) not in measured


@pytest.mark.parametrize(("name", "clients"), [("time", 60), ("client", 4), ("client", 1)])
def test_there_is_one_split_where_only_one_is_possible(name: str, clients: int) -> None:
    records = toy(60, clients=clients)
    (split,) = draw_splits(name, records, 5, seed=0, repeats=5)
    usual = split_records(name, records, 5, 0)
    assert [fold.test.tolist() for fold in split] == [fold.test.tolist() for fold in usual]


def test_there_are_fewer_repeats_where_there_are_many_records() -> None:
    assert [count_repeats(n) for n in (0, 10, 2_000, 2_001, 20_000, 20_001, 1_000_000)] == [5, 5, 5, 3, 3, 2, 2]


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
