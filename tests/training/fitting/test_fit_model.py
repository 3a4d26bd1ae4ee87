"""Metrics of a training: means over repeated splits that leave the model and its verdict as they are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.models.serialization import serialize_model
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import REPEAT_SEED_STEP, count_repeats, split_records
from attune_fit.training.evaluation.metrics import METRICS, compute_pair_added_r
from attune_fit.training.fitting.crossfit_recipe import predict_with_re_pairings
from attune_fit.training.fitting.fit_model import N_FOLDS, ModelFitResult, fit_clinic_model
from attune_fit.training.methods.model_catalogue import MODELS
from attune_fit.training.methods.tree_weight import choose_recipe

SEED = 5
CLINIC = Clinic(Path("nowhere"), Config(), list_instruments([]))


@pytest.fixture(scope="module")
def tables() -> Tables:
    return simulate(170, 9, seed=2).tables


@pytest.fixture(scope="module")
def fit(tables: Tables) -> ModelFitResult:
    return fit_clinic_model(CLINIC, tables, SEED)


def measure_once(fit: ModelFitResult, repeat: int) -> dict[str, float]:
    """Measure every metric on a single split: what a training without repeats does."""
    values = {}
    for metric in METRICS:
        folds = split_records(metric.split, fit.records, N_FOLDS, SEED + repeat * REPEAT_SEED_STEP)
        fold_models = crossfit_models(fit.recipe, fit.records, folds)
        has_pair_part = metric.name == "later_pair_r"
        values[metric.name] = metric.function(
            predict_with_re_pairings(fit.records, fold_models, "")[0]
            if has_pair_part
            else predict_out_of_fold(fit.records, fold_models)
        )
    return values


def test_metrics_are_the_plain_mean_of_single_split_runs(fit: ModelFitResult) -> None:
    n = count_repeats(len(fit.records))
    assert fit.n_splits == {"client": n, "therapist": n, "time": 1}
    runs = [measure_once(fit, repeat) for repeat in range(n)]
    assert set(fit.metrics) == set(fit.metrics_spread) == {metric.name for metric in METRICS}
    for name in set(fit.metrics) - {"pair_added_r"}:
        values = [run[name] for run in runs]
        assert fit.metrics[name] == pytest.approx(np.mean(values), abs=1e-9), name
        assert fit.metrics_spread[name] == pytest.approx(np.std(values, ddof=1), abs=1e-9), name
    assert np.isfinite(fit.metrics["later_pair_r"])


def test_the_spread_is_zero_where_only_one_split_is_possible(fit: ModelFitResult) -> None:
    assert fit.metrics_spread["later_r"] == 0.0
    assert fit.metrics_spread["preference_count_r"] == 0.0, "no model, so no split matters"
    assert min(fit.metrics_spread[name] for name in ("out_of_fold_r", "rmse", "new_therapist_r")) > 0.0


def check_pair_added_r(fit: ModelFitResult, tested_recipe: Recipe) -> None:
    """Compare with the verdict, and with the spread over single splits by the recipe that the verdict tested."""
    assert fit.metrics["pair_added_r"] == fit.model.verdict.r
    values = []
    for repeat in range(fit.n_splits["client"]):
        folds = split_records("client", fit.records, N_FOLDS, SEED + repeat * REPEAT_SEED_STEP)
        fold_models = crossfit_models(tested_recipe, fit.records, folds)
        values.append(compute_pair_added_r(predict_with_re_pairings(fit.records, fold_models, "")[0]))
    assert fit.metrics_spread["pair_added_r"] == pytest.approx(np.std(values, ddof=1), abs=1e-9) != 0.0


@pytest.mark.parametrize(("world", "kind"), [(World(), "nothing"), (World(fit=0.3), "adds")])
def test_pair_added_r_is_the_verdicts_with_the_spread_of_the_recipe_it_tested(
    world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested: list[Recipe] = []

    def choose(*given: Any) -> tuple[Recipe, Recipe]:
        _, fallback = choose_recipe(*given)
        tested.append(replace(fallback, growth=TreeHyperparameters(trees=10), tree_weights=(0.5, 0.0, 0.0)))
        return tested[0], fallback

    monkeypatch.setitem(MODELS, "attune", replace(MODELS["attune"], choose_recipe=choose))
    fit = fit_clinic_model(CLINIC, simulate(170, 9, seed=2, world=world).tables, SEED)
    assert fit.model.verdict.kind == kind
    assert (fit.recipe == tested[0]) == (kind == "adds")
    check_pair_added_r(fit, tested[0])


def test_the_same_seed_gives_the_same_metrics(fit: ModelFitResult, tables: Tables) -> None:
    again = fit_clinic_model(CLINIC, tables, SEED)
    assert (again.metrics, again.metrics_spread) == (fit.metrics, fit.metrics_spread)


def test_repeats_change_neither_the_model_nor_what_the_promotion_compares(
    fit: ModelFitResult, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attune_fit.training.fitting.fit_model.count_repeats", lambda n: 1)
    single = fit_clinic_model(CLINIC, tables, SEED)
    assert set(single.metrics_spread.values()) == {0.0}
    assert json.dumps(serialize_model(single.model)) == json.dumps(serialize_model(fit.model))
    for one, other in zip(single.folds, fit.folds, strict=True):
        np.testing.assert_array_equal(one.test, other.test)
    for name, predictions in single.predictions_by_split.items():
        np.testing.assert_array_equal(predictions.score, fit.predictions_by_split[name].score)
    np.testing.assert_array_equal(
        single.predictions_by_split["client"].centered_pair_part, fit.predictions_by_split["client"].centered_pair_part
    )
