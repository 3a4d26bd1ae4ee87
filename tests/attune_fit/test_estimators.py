"""Attune's estimators keep scikit-learn's rules, and agree with the engine."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline

from attune_fit.data.arrays import Floats
from attune_fit.estimators import AllianceRegressor
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.models.weight_posterior import build_prior
from attune_fit.pair_features import PairFeatures
from attune_fit.splitters import ClientFold, TherapistFold, TimeFold
from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.methods import tree_weight
from attune_fit.training.methods.tree_weight import choose_recipe
from tests.attune_fit.builders import frame, large_records, records, sample, training_data
from tests.models.builders import THREE
from tests.training.builders import toy


@pytest.mark.parametrize("prior", ["starting", "published"])
def test_it_agrees_with_the_engine_on_the_same_folds(prior: str) -> None:
    X, y, groups = training_data()
    features = records().features
    start = migrate_model(load_starting_model(), features).evidence
    recipe = Recipe(prior=start if prior == "starting" else build_prior(features))
    for name, splitter in (("client", ClientFold(5)), ("therapist", TherapistFold(5)), ("time", TimeFold())):
        engine = predict_out_of_fold(records(), crossfit_models(recipe, records(), split_records(name, records(), 5)))
        rows = np.sort(np.concatenate([test for _, test in splitter.split(X, y, groups)]))
        score, sd = np.full(len(y), np.nan), np.full(len(y), np.nan)
        for train, test in splitter.split(X, y, groups):
            model = AllianceRegressor(prior=prior, features=features).fit(X.iloc[train], y.iloc[train])
            mean, of_mean = model.predict(X.iloc[test], return_std=True)
            score[test], sd[test] = mean, np.hypot(of_mean, model.sigma_)
        np.testing.assert_allclose(score[rows], engine.score, rtol=0, atol=1e-9)
        np.testing.assert_allclose(sd[rows], engine.sd, rtol=0, atol=1e-9)


class EqualWeights:
    """A stacker that trusts trees of every kind."""

    def predict(self, inputs: Floats) -> Floats:
        return np.full((len(inputs), len(TREE_KINDS)), 0.5)


def test_with_trees_it_agrees_with_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_weight, "load_stacker", EqualWeights)
    monkeypatch.setattr(tree_weight, "MIN_HELD_BACK_T", -np.inf)
    (X, y, _), engine = large_records()
    start = migrate_model(load_starting_model(), engine.features)
    folds = split_records("client", engine, 5, 3)
    recipe, _ = choose_recipe(engine, folds, Recipe(prior=start.evidence, seed=3), TreeHyperparameters())
    assert recipe.tree_weights == (0.5, 0.5, 0.5)
    parts = recipe.fit(engine, np.arange(len(y))).compute_parts_from_features(
        engine.standardised_features, engine.therapist_ids, engine.therapist
    )
    fitted = AllianceRegressor(trees=True, features=engine.features, random_state=3).fit(X, y)
    np.testing.assert_allclose(fitted.predict(X), parts.score, rtol=0, atol=1e-9)
    linear = AllianceRegressor(features=engine.features, random_state=3).fit(X, y)
    assert np.abs(fitted.predict(X) - linear.predict(X)).max() > 0.1


def test_declared_features_have_their_declared_prior() -> None:
    data = toy(300, pair=3)
    X = pd.DataFrame(data.standardised_features, columns=[row.name for row in THREE])
    X["therapist_id"] = [data.therapist_ids[row] for row in data.therapist]
    engine = Recipe(prior=migrate_model(load_starting_model(), THREE).evidence).fit(data, np.arange(len(data)))
    fitted = AllianceRegressor(features=THREE).fit(X, data.y)
    np.testing.assert_allclose(fitted.model_.evidence.mean, engine.evidence.mean, rtol=1e-9)
    assert fitted.model_.evidence.mean[1] <= 0  # the sign that the feature declares
    assert AllianceRegressor().fit(X, data.y).coef_[1] != pytest.approx(fitted.coef_[1], rel=1e-6)


def test_predictions_are_linear_in_the_coefficients() -> None:
    X, y = frame()
    model = AllianceRegressor().fit(X, y)
    effect = model.therapist_effects_[X["therapist_id"]].to_numpy()
    by_hand = X[["novel", "noise"]].to_numpy() @ model.coef_ + model.intercept_ + effect
    np.testing.assert_allclose(model.predict(X), by_hand)
    assert list(model.feature_names_in_) == ["novel", "noise"]
    assert model.n_features_in_ == len(model.coef_) == 2
    assert model.therapist_effects_.idxmax() == "t0"


def test_it_finds_the_planted_effects() -> None:
    X, y = frame(400)
    model = AllianceRegressor().fit(X, y)
    assert model.coef_[0] == pytest.approx(2, abs=0.4)
    others = model.therapist_effects_.drop("t0").mean()
    assert model.therapist_effects_["t0"] - others == pytest.approx(6, abs=1.5)
    assert model.sigma_ == pytest.approx(4, abs=1)


def test_a_wide_prior_without_therapists_is_least_squares() -> None:
    X, y = frame(400)
    cells = X[["novel", "noise"]].to_numpy()
    wide = AllianceRegressor(neutral_prior_sd=50).fit(cells, y)
    peer = LinearRegression().fit(cells, y)
    np.testing.assert_allclose(wide.coef_, peer.coef_, atol=0.01)
    np.testing.assert_allclose(wide.predict(cells), peer.predict(cells), atol=0.1)
    assert wide.therapist_effects_.empty
    narrow = AllianceRegressor(neutral_prior_sd=0.01).fit(cells, y)
    assert abs(narrow.coef_[0]) < abs(wide.coef_[0]) / 2


def test_ids_come_from_groups_where_x_has_none() -> None:
    X, y = frame()
    ids, cells = X[["client_id", "therapist_id"]], X[["novel", "noise"]]
    fitted = AllianceRegressor().fit(X, y)
    for given in (cells, cells.to_numpy()):
        np.testing.assert_allclose(AllianceRegressor().fit(given, y, groups=ids).coef_, fitted.coef_)
    effects = AllianceRegressor().fit(cells.to_numpy(), y, ids).therapist_effects_
    pd.testing.assert_series_equal(effects, fitted.therapist_effects_)


def test_predict_accepts_rows_without_ids_and_unknown_therapists() -> None:
    X, y = frame()
    model = AllianceRegressor().fit(X, y)
    known, known_sd = model.predict(X, return_std=True)
    new, new_sd = model.predict(X.assign(therapist_id="t99"), return_std=True)
    without, without_sd = model.predict(X.drop(columns=["client_id", "therapist_id"]), return_std=True)
    np.testing.assert_array_equal(new, without)
    np.testing.assert_array_equal(new_sd, without_sd)
    np.testing.assert_allclose(known - new, model.therapist_effects_[X["therapist_id"]])
    assert (new_sd > known_sd).all()


def test_a_missing_therapist_has_no_effect_of_its_own() -> None:
    X, y = frame()
    some = X.assign(therapist_id=X["therapist_id"].where(X.index % 3 > 0))
    model = AllianceRegressor().fit(some, y)
    assert sorted(model.therapist_effects_.index) == ["t0", "t1", "t2", "t3"]
    assert np.isfinite(model.predict(some)).all()
    numbers = X.assign(therapist_id=X["therapist_id"].str[1:].astype(int))
    effects = AllianceRegressor().fit(numbers, y).therapist_effects_
    np.testing.assert_allclose(effects[["0", "1", "2", "3"]], AllianceRegressor().fit(X, y).therapist_effects_)


def test_ids_that_were_read_as_numbers_are_the_same_ids() -> None:
    X, y = frame()
    text = X.assign(therapist_id=X["therapist_id"].str[1:])
    numbers = X.assign(therapist_id=X["therapist_id"].str[1:].astype(int))
    model = AllianceRegressor().fit(text, y)
    assert np.ptp(model.therapist_effects_) > 0
    np.testing.assert_array_equal(model.predict(numbers), model.predict(text))


def test_outcomes_in_points_are_a_warning() -> None:
    X, y = frame()
    with pytest.warns(UserWarning, match=r"y is POMP \(0-100\), and its largest value is"):
        AllianceRegressor().fit(X, 1 + y / 25)
    with pytest.raises(ValueError, match="X has no feature column"):
        AllianceRegressor().fit(X[["therapist_id"]], y)


def test_a_missing_value_counts_as_typical_and_adds_uncertainty() -> None:
    X, y = frame()
    model = AllianceRegressor().fit(X, y)
    typical = X.assign(novel=X["novel"].mean())
    unknown, sd = model.predict(X.assign(novel=np.nan), return_std=True)
    np.testing.assert_allclose(unknown, model.predict(typical))
    assert (sd > model.predict(typical, return_std=True)[1]).all()
    assert np.isfinite(AllianceRegressor().fit(X.assign(noise=np.nan), y).predict(X)).all()


def test_the_seed_decides_only_about_trees() -> None:
    X, y = frame(60)
    first, second = (AllianceRegressor(random_state=seed).fit(X, y).predict(X) for seed in (0, 1))
    np.testing.assert_array_equal(first, second)


def test_scikit_learn_can_search_its_parameters() -> None:
    X, y = frame()
    search = GridSearchCV(AllianceRegressor(), {"neutral_prior_sd": [1e-3, 0.5]}, cv=ClientFold(3)).fit(X, y)
    assert search.best_params_ == {"neutral_prior_sd": 0.5}


def test_cross_validation_takes_any_regressor_on_the_same_folds() -> None:
    X, y = frame()
    numbers = make_column_transformer(("passthrough", make_column_selector(dtype_include="number")))
    peer = make_pipeline(numbers, SimpleImputer(), Ridge())
    for model in (AllianceRegressor(), peer):
        result = cross_validate(model, X, y, cv=ClientFold(4), scoring=["r2", "neg_root_mean_squared_error"])
        assert result["test_r2"].mean() > 0.2
    own, other = (cross_val_score(model, X, y, cv=ClientFold(4)).mean() for model in (AllianceRegressor(), peer))
    assert own > other  # the peer has no therapist effects


def test_permutation_importance_names_the_columns_that_matter() -> None:
    X, y = frame()
    importance = permutation_importance(AllianceRegressor().fit(X, y), X, y, n_repeats=3, random_state=0)
    ranked = X.columns[np.argsort(-importance.importances_mean)]
    assert set(ranked[:2]) == {"novel", "therapist_id"}
    assert importance.importances_mean[0] == 0  # client_id


def test_partial_dependence_has_the_slope_of_the_coefficient() -> None:
    X, y = frame()
    model = AllianceRegressor().fit(X, y)
    curve = partial_dependence(model, X, ["novel"], grid_resolution=5)
    slope = np.diff(curve["average"][0]) / np.diff(curve["grid_values"][0])
    np.testing.assert_allclose(slope, model.coef_[0])


def test_clone_and_pickle_keep_what_matters() -> None:
    X, y = frame()
    model = AllianceRegressor(features=THREE, neutral_prior_sd=0.3).fit(X, y)
    fresh = clone(model)
    assert fresh.get_params()["neutral_prior_sd"] == 0.3
    assert not hasattr(fresh, "coef_")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))  # noqa: S301
    assert repr(AllianceRegressor()) == "AllianceRegressor()"


def test_the_inputs_are_not_changed() -> None:
    X, y, groups = training_data()
    before = X.copy(), y.copy(), groups.copy()
    AllianceRegressor().fit(X, y).predict(X)
    PairFeatures(sample()[1]).fit_transform(groups)
    for given, copy in zip((X, groups), (before[0], before[2]), strict=True):
        pd.testing.assert_frame_equal(given, copy)
    pd.testing.assert_series_equal(y, before[1])


@pytest.mark.parametrize(
    ("parameters", "groups", "message"),
    [
        ({"prior": "flat"}, None, "prior is 'flat'; it must be one of 'starting', 'published'"),
        ({"neutral_prior_sd": 0}, None, "neutral_prior_sd is 0; it must be above 0"),
        ({}, ["c1"], "groups must be a DataFrame with client_id and therapist_id"),
        ({}, pd.DataFrame({"therapist_id": ["t1"]}), "groups has 1 rows, X has 120"),
    ],
)
def test_wrong_parameters_are_named(parameters: dict[str, Any], groups: Any, message: str) -> None:
    X, y = frame()
    with pytest.raises(ValueError, match=message):
        AllianceRegressor(**parameters).fit(X, y, groups)
