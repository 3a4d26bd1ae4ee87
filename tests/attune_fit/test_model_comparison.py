"""Models of anyone are measured on the same held-out records, and where the truth is planted it is found."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

import attune_fit as af

FIGURES = [
    "n",
    "rmse",
    "r",
    "n_pair",
    "pair_added_r",
    "low",
    "high",
    "n_truth",
    "regret",
    "oracle_share",
    "pair_oracle_share",
]


@cache
def make_world() -> af.SimulatedWorld:
    return af.simulate(clients=150, therapists=10, seed=2)


@cache
def compare_all() -> pd.DataFrame:
    """A ridge pipeline, a constant, and tables: the truth, levels without a pair part, and the met pairs alone."""
    world = make_world()
    X, y, groups = world.training_data()
    pairs = world.tables.clients[["client_id"]].merge(world.tables.therapists[["therapist_id"]], how="cross")
    levels = world.reachable.mean(axis=1)[:, None] + world.reachable.mean(axis=0)
    met = X[["client_id", "therapist_id"]].astype(str).drop_duplicates().assign(score=1.0)
    models = {
        "ridge": make_ridge(),
        "constant": DummyRegressor(),
        "truth": pairs.assign(score=world.reachable.ravel()),
        "levels": pairs.assign(score=levels.ravel()),
        "met": met,
    }
    return af.compare_models(models, X, y, groups, cv=af.ClientFold(3), world=world)


def get_figure(model: str, figure: str) -> float:
    return float(compare_all()[figure].to_dict()[model])


def make_ridge() -> Any:
    drop_ids = make_column_transformer(("drop", ["client_id", "therapist_id"]), remainder="passthrough")
    return make_pipeline(drop_ids, SimpleImputer(keep_empty_features=True), Ridge(1000))


def test_attune_comes_first_and_all_are_measured_on_the_same_records() -> None:
    table = compare_all()
    assert table.index.to_list() == ["attune", "ridge", "constant", "truth", "levels", "met"]
    assert table.columns.to_list() == FIGURES
    assert set(table["n"]) == {len(make_world().training_data().X)}


def test_predictions_are_those_of_scikit_learn_on_the_same_folds() -> None:
    X, y, groups = make_world().training_data()
    predicted = cross_val_predict(make_ridge(), X, y, cv=list(af.ClientFold(3).split(X, y, groups)))
    row = compare_all().loc["ridge"]
    assert row["rmse"] == pytest.approx(root_mean_squared_error(y, predicted))
    fold = np.empty(len(y))
    for number, (_, test) in enumerate(af.ClientFold(3).split(X, y, groups)):
        fold[test] = number
    within = pd.DataFrame({"y": y, "predicted": predicted}).groupby(fold).transform(lambda one: one - one.mean())
    assert row["r"] == pytest.approx(within.corr().iloc[0, 1])
    by_fold = af.cross_validate(make_ridge(), X, y, groups, cv=af.ClientFold(3))
    assert np.average(by_fold["rmse"] ** 2, weights=by_fold["n_test"]) == pytest.approx(row["rmse"] ** 2)


def test_the_truth_has_no_regret_and_adds_to_the_choice() -> None:
    table = compare_all()
    assert table.loc["truth", "regret"] == pytest.approx(0)
    assert table.loc["truth", "oracle_share"] == pytest.approx(1)
    assert get_figure("truth", "pair_oracle_share") > 0.95  # the ceiling of the form bends the pair part a little
    assert get_figure("truth", "pair_added_r") > 0.1
    assert table.loc["constant", "oracle_share"] == pytest.approx(0)
    assert (table["regret"].dropna() >= -1e-12).all()


def test_levels_alone_have_no_pair_part() -> None:
    table = compare_all()
    assert table.loc[["levels", "constant"], "pair_oracle_share"].to_list() == pytest.approx([0, 0])
    assert table.loc[["levels", "constant"], "pair_added_r"].isna().all()
    assert get_figure("levels", "r") > 0


def test_a_table_of_the_met_pairs_has_no_figures_about_the_choice() -> None:
    assert compare_all().loc["met", ["pair_added_r", "regret", "oracle_share"]].isna().all()


def test_without_pair_features_an_estimator_is_judged_by_its_predictions_alone() -> None:
    X, y, groups = make_world().training_data()
    cv = af.ClientFold(3)
    alone = af.compare_models({"ridge": make_ridge()}, X, y, groups, cv=cv)
    assert alone.loc["ridge", "rmse"] == pytest.approx(compare_all().loc["ridge", "rmse"])
    assert alone.loc["ridge", ["pair_added_r", "regret"]].isna().all()
    features = af.PairFeatures(make_world().tables, keep_ids=False)
    paired = af.compare_models({"attune": make_ridge()}, X, y, groups, cv=cv, pair_features=features)
    assert paired.loc["attune", "pair_added_r"] == pytest.approx(compare_all().loc["ridge", "pair_added_r"])


def test_records_in_no_test_fold_take_no_part() -> None:
    X, y, groups = make_world().training_data()
    table = af.compare_models({}, X, y, groups, cv=af.TimeFold(), world=make_world())
    assert 0 < table["n"].to_list()[0] < len(X)
    assert table.notna().all(axis=None)


def test_input_that_cannot_be_used_is_refused() -> None:
    X, y, groups = make_world().training_data()
    with pytest.raises(ValueError, match="it has no therapist_id"):
        af.compare_models({}, X.drop(columns="therapist_id"), y, groups)
    with pytest.raises(ValueError, match=r"does not compute these columns of X: own\. Leave"):
        af.compare_models({}, X.assign(own=1.0), y, groups, world=make_world())
    few = X[["client_id", "therapist_id"]].astype(str).head(3).assign(score=1.0)
    with pytest.raises(ValueError, match="have no prediction in the table"):
        af.compare_models({"few": few}, X, y, groups)
    with pytest.raises(ValueError, match="are of pairs that never met in this world"):
        af.compare_models({}, X, y, groups, world=af.simulate(clients=150, therapists=10, seed=3))


def test_an_error_names_the_model() -> None:
    X, y, groups = make_world().training_data()
    few = X[["client_id", "therapist_id"]].astype(str).head(3).assign(score=1.0)
    with pytest.raises(ValueError, match="no prediction") as error:
        af.compare_models({"mine": few}, X, y, groups)
    assert error.value.__notes__ == ["This happened in the model `mine` of compare_models."]


def test_a_missing_prediction_leaves_out_its_client_alone() -> None:
    world = make_world()
    X, y, groups = world.training_data()
    pairs = world.tables.clients[["client_id"]].merge(world.tables.therapists[["therapist_id"]], how="cross")
    scored = pairs.assign(score=world.reachable.ravel())
    met = set(zip(X["client_id"].astype(str), X["therapist_id"].astype(str), strict=True))
    client = str(X["client_id"].iloc[0])
    other = next(name for name in world.tables.therapists["therapist_id"] if (client, name) not in met)
    some = scored[(scored["client_id"] != client) | (scored["therapist_id"] != other)]
    table = af.compare_models({"all": scored, "some": some}, X, y, groups, cv=3, world=world)
    n_pair, added_r = table["n_pair"].to_dict(), table["pair_added_r"].to_dict()
    assert n_pair["all"] - n_pair["some"] == (X["client_id"] == client).sum()
    assert added_r["some"] == pytest.approx(added_r["all"], abs=0.03)
    tables = table.loc[["all", "some"]]
    assert (tables["low"] < tables["pair_added_r"]).all()
    assert (tables["pair_added_r"] < tables["high"]).all()
    assert tables["oracle_share"].notna().all(), "one client is left out, and the others are measured"


def test_other_features_than_those_of_x_are_refused() -> None:
    X, y, groups = make_world().training_data()
    other = af.PairFeatures(af.simulate(clients=150, therapists=10, seed=3).tables)
    with pytest.raises(ValueError, match="columns of X differ from what pair_features computes: "):
        af.compare_models({}, X, y, groups, pair_features=other)
    scaled = X.assign(wishes_met=(X["wishes_met"] - 1) / 2)
    with pytest.raises(ValueError, match=r"computes: wishes_met\. Give the tables"):
        af.compare_models({}, scaled, y, groups, world=make_world())


def test_folds_that_cannot_be_are_refused_and_masks_are_understood() -> None:
    X, y, groups = make_world().training_data()
    early = np.arange(len(X)) < len(X) // 2
    masks = af.compare_models({"ridge": make_ridge()}, X, y, groups, cv=[(early, ~early)])
    rows = [(np.flatnonzero(early), np.flatnonzero(~early))]
    pd.testing.assert_frame_equal(masks, af.compare_models({"ridge": make_ridge()}, X, y, groups, cv=rows))
    for cv, message in (
        ([*rows, *rows], "more than once"),
        ([], "holds out no record"),
        ("3", "it must be a splitter"),
        ([([0, 1], [len(X)])], "row numbers outside"),
    ):
        with pytest.raises(ValueError, match=message):
            af.compare_models({}, X, y, groups, cv=cv)
    with pytest.raises(ValueError, match="another index"):
        af.cross_validate(make_ridge(), X, y.sample(frac=1, random_state=0), groups)


def test_folds_outcomes_and_ids_are_taken_in_any_usual_form() -> None:
    X, y, groups = make_world().training_data()
    expected = compare_all().loc[["ridge"]]
    folds = list(af.ClientFold(3).split(X, y, groups))
    plain = X.assign(client_id=X["client_id"].astype(str), therapist_id=X["therapist_id"].astype(str))
    for records, outcomes, cv in ((X, y.to_list(), 3), (X, y.to_numpy(), folds), (plain, y, iter(folds))):
        table = af.compare_models({"ridge": make_ridge()}, records, outcomes, groups, cv=cv, world=make_world())
        pd.testing.assert_frame_equal(table.loc[["ridge"]], expected)
    grouped = af.cross_validate(make_ridge(), X, y, groups, cv=GroupKFold(3))
    assert grouped["n_test"].sum() == len(X)


def test_a_constant_model_has_no_correlation() -> None:
    assert np.isnan(get_figure("constant", "r"))


def test_a_feature_written_in_python_takes_part() -> None:
    class Twice(af.PairFeatures):
        def transform(self, X: pd.DataFrame) -> pd.DataFrame:
            pairs = super().transform(X)
            return pairs.assign(twice=2 * pairs["wishes_met"])

    features, (X, y, groups) = Twice(make_world().tables), make_world().training_data()
    own = features.fit_transform(X)[[*X.columns, "twice"]]
    table = af.compare_models({"ridge": make_ridge()}, own, y, groups, cv=3, pair_features=features)
    assert table["pair_added_r"].notna().all()
