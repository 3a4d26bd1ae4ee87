"""Splitters give scikit-learn the folds of the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupKFold, cross_val_score, cross_validate

from attune_fit.splitters import ClientFold, TherapistFold, TimeFold, choose_seed
from attune_fit.training.crossfit.splits import split_records
from tests.attune_fit.builders import frame, records, training_data

SPLITTERS: dict[str, Any] = {"client": ClientFold, "therapist": TherapistFold}


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("name", SPLITTERS)
def test_the_folds_are_those_of_the_engine(name: str, seed: int) -> None:
    X, y, groups = training_data()
    engine = split_records(name, records(), 5, seed)
    for given in ({"X": X, "groups": groups}, {"X": X}, {"X": X.to_numpy(object), "groups": groups[f"{name}_id"]}):
        folds = list(SPLITTERS[name](5, random_state=seed).split(y=y, **given))
        assert len(folds) == len(engine)
        for (train, test), fold in zip(folds, engine, strict=True):
            np.testing.assert_array_equal(train, fold.train)
            np.testing.assert_array_equal(test, fold.test)


def test_the_fold_by_time_is_that_of_the_engine() -> None:
    X, y, groups = training_data()
    ((train, test),) = TimeFold().split(X, y, groups)
    (fold,) = split_records("time", records())
    np.testing.assert_array_equal(train, fold.train)
    np.testing.assert_array_equal(test, fold.test)
    assert TimeFold().get_n_splits(X, y, groups) == 1


@pytest.mark.parametrize(("splitter", "column"), [(ClientFold(4), "client_id"), (TherapistFold(3), "therapist_id")])
def test_no_group_is_in_train_and_test_and_each_record_is_tested_once(splitter: Any, column: str) -> None:
    X, _ = frame()
    tested = []
    for train, test in splitter.split(X):
        assert not set(X[column].iloc[train]) & set(X[column].iloc[test])
        tested.extend(test)
    assert sorted(tested) == list(range(len(X)))


def test_plain_ids_are_sorted_so_the_order_of_rows_does_not_matter() -> None:
    X, _ = frame()
    order = np.random.default_rng(1).permutation(len(X))
    for (_, test), (_, moved) in zip(ClientFold().split(X), ClientFold().split(X.iloc[order]), strict=True):
        assert set(X.index[test]) == set(X.index[order][moved])


def test_another_seed_gives_other_folds() -> None:
    X, _ = frame()
    first, second = (next(ClientFold(random_state=seed).split(X))[1] for seed in (0, 1))
    assert not np.array_equal(first, second)
    drawn = np.random.RandomState(3)
    assert choose_seed(drawn) != choose_seed(drawn)
    assert choose_seed(np.int64(5)) == 5


def test_there_are_at_most_as_many_folds_as_groups() -> None:
    X, y = frame()
    assert TherapistFold(10).get_n_splits(X, y) == len(list(TherapistFold(10).split(X, y))) == 4
    assert TherapistFold(10).get_n_splits() == 10


def test_repr_and_clone_keep_the_parameters() -> None:
    assert repr(ClientFold(3)) == "ClientFold(n_splits=3, random_state=0)"
    assert repr(TimeFold()) == "TimeFold()"
    assert clone(ClientFold(3), safe=False).n_splits == 3


def test_scikit_learn_routes_groups_to_the_splitter() -> None:
    X, y = frame()
    groups, cells = X[["client_id", "therapist_id"]], X[["novel", "noise"]]
    plain = cross_val_score(LinearRegression(), cells, y, groups=groups, cv=ClientFold(3))
    with sklearn.config_context(enable_metadata_routing=True):
        routed = cross_validate(LinearRegression(), cells, y, params={"groups": groups}, cv=ClientFold(3))
    np.testing.assert_array_equal(plain, routed["test_score"])


def test_other_splitters_of_scikit_learn_take_one_column_of_the_groups() -> None:
    X, y, groups = training_data()
    folds = list(GroupKFold(5).split(X, y, groups["client_id"]))
    assert len(folds) == 5


@pytest.mark.parametrize(
    ("splitter", "X", "groups", "message"),
    [
        (ClientFold(), np.zeros((4, 2)), None, "ClientFold needs the column client_id, and X has none"),
        (ClientFold(), None, pd.DataFrame({"id": [1]}), "needs the column client_id, and groups has none"),
        (TherapistFold(), np.zeros((4, 2)), np.zeros((4, 2)), "or one array of ids"),
        (ClientFold(), np.zeros((4, 2)), ["a", "b"], "groups has 2 rows, X has 4"),
        (ClientFold(), None, ["a", None, "b", "a"], "1 of 4 records have no client_id. Remove them"),
        (ClientFold(), None, ["a", "a"], "All records have the same client_id"),
        (ClientFold(1), None, ["a", "b"], "n_splits is 1; it must be 2 or more"),
        (TimeFold(), None, ["a", "b"], "groups must be a DataFrame with client_id and measured_on"),
        (TimeFold(), None, pd.DataFrame({"client_id": ["a"], "measured_on": [pd.NaT]}), "allow no split"),
    ],
)
def test_what_is_missing_is_named(splitter: Any, X: Any, groups: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(splitter.split(X, groups=groups))
