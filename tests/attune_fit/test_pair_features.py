"""Pair features and training data for scikit-learn are those of the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.estimators import AllianceRegressor
from attune_fit.pair_features import PairFeatures, build_training_data, list_training_features
from attune_fit.splitters import ClientFold
from tests.attune_fit.builders import records, sample, training_data


def test_the_training_data_are_the_records_of_the_engine() -> None:
    X, y, groups = training_data()
    data = records()
    assert list(X.columns) == ["client_id", "therapist_id", *(row.name for row in data.features)]
    np.testing.assert_array_equal(y, data.y)
    assert ((y >= 0) & (y <= 100)).all()
    assert list(groups.columns) == ["client_id", "therapist_id", "measured_on"]
    assert X["therapist_id"].astype(str).to_list() == [data.therapist_ids[row] for row in data.therapist]
    pd.testing.assert_frame_equal(X[["client_id", "therapist_id"]], groups[["client_id", "therapist_id"]])
    center = np.array([row.center for row in data.features])
    scale = np.array([row.scale for row in data.features])
    np.testing.assert_array_equal((X.iloc[:, 2:].to_numpy() - center) / scale, data.standardised_features)


def test_a_clinic_without_outcomes_has_no_training_data() -> None:
    clinic, tables = sample()
    X, y, groups = build_training_data(clinic, tables.drop_outcomes())
    assert (len(X), len(y), len(groups)) == (0, 0, 0)
    assert X.shape[1] == 2 + len(list_training_features(clinic, tables))


def test_pair_features_in_a_pipeline_give_the_same_predictions() -> None:
    clinic, tables = sample()
    X, y, groups = training_data()
    pipeline = make_pipeline(PairFeatures(tables, config=clinic.config), AllianceRegressor())
    both = [cross_val_predict(model, given, y, groups=groups, cv=ClientFold(3))
            for model, given in ((pipeline, groups), (AllianceRegressor(), X))]  # fmt: skip
    np.testing.assert_allclose(both[0], both[1], rtol=0, atol=1e-9)


def test_pair_features_name_their_columns_and_keep_the_index() -> None:
    _, tables = sample()
    pairs = training_data().groups.iloc[[5, 3]]
    with_ids = PairFeatures(tables).fit(pairs)
    out = with_ids.transform(pairs)
    assert list(out.columns) == list(with_ids.get_feature_names_out())
    assert list(out.index) == [5, 3]
    assert list(out["client_id"]) == list(pairs["client_id"])
    bare = PairFeatures(tables, keep_ids=False).fit(pairs)
    assert list(bare.get_feature_names_out()) == [row.name for row in bare.features_] == list(out.columns[2:])
    pd.testing.assert_frame_equal(bare.transform(pairs), out.iloc[:, 2:])
    pd.testing.assert_frame_equal(bare.set_output(transform="pandas").transform(pairs), out.iloc[:, 2:])
    assert repr(bare) == f"PairFeatures({len(tables.clients)} clients, {len(tables.therapists)} therapists)"


def test_what_a_notebook_shows_holds_no_cell_of_a_table() -> None:
    _, tables = sample()
    shown = make_pipeline(PairFeatures(tables), AllianceRegressor())._repr_html_()
    assert not [client_id for client_id in tables.clients["client_id"] if client_id in shown + repr(tables)]
    assert repr(tables).startswith(f"Tables({len(tables.clients)} clients, {len(tables.therapists)} therapists, ")


def test_pair_features_follow_the_settings_of_the_clinic() -> None:
    clinic, tables = sample()
    settings = clinic.config.settings.model_copy(update={"features_off": ["phq9"]})
    config = clinic.config.model_copy(update={"settings": settings})
    names = PairFeatures(tables, config=config).fit(training_data().groups).get_feature_names_out()
    assert "phq9" not in names
    assert [row.name for row in list_training_features(replace(clinic, config=config), tables)] == list(names[2:])


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (np.zeros((2, 2)), "needs a DataFrame with client_id and therapist_id; X has no client_id"),
        (pd.DataFrame({"client_id": ["c1"]}), "X has no therapist_id"),
        (pd.DataFrame({"client_id": ["x"], "therapist_id": ["y"]}), "1 of 1 rows have a client_id that is not in"),
    ],
)
def test_pair_features_name_what_is_missing(pairs: Any, message: str) -> None:
    transformer = PairFeatures(sample()[1])
    with pytest.raises(ValueError, match=message):
        transformer.fit(pairs).transform(pairs)


def test_training_data_leave_out_what_training_leaves_out() -> None:
    clinic, tables = sample()
    early = compute_early_alliance(tables, clinic.instruments)
    assert len(training_data().y) <= early["pomp"].notna().sum()
