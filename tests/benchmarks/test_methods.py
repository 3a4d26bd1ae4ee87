"""Every method scores every pair; the arithmetic of the peers agrees with plain versions."""

import numpy as np
import pandas as pd
import pytest

from attune_fit.training.methods.model_catalogue import DEFAULT_MODEL, MODELS
from benchmarks.learning import raw_columns
from benchmarks.learning.benchmark_clinic import BenchmarkClinic
from benchmarks.learning.feature_ceiling import measure_feature_ceiling
from benchmarks.learning.method_inputs import MethodInputs
from benchmarks.learning.methods import ATTUNE, METHODS, measure_method_share

TRAINABLE = {row.title for row in MODELS.values() if row.is_trainable}


@pytest.fixture(scope="module")
def inputs(clinic: BenchmarkClinic) -> MethodInputs:
    return MethodInputs(clinic.build_tables(70), clinic.find_rows(70))


@pytest.mark.parametrize("name", METHODS)
def test_every_method_scores_every_pair(
    name: str, clinic: BenchmarkClinic, crossed: BenchmarkClinic, inputs: MethodInputs
) -> None:
    row = METHODS[name]
    if not row.is_installed:
        pytest.skip(f"{row.library} is not installed")
    method_inputs = MethodInputs(crossed.build_tables(70), crossed.find_rows(70)) if row.needs_crossed else inputs
    scores = row.compute_scores(method_inputs)
    assert scores.shape == method_inputs.shape
    assert np.isfinite(scores).all()
    assert scores.std() > 0


@pytest.mark.parametrize("name", [name for name, row in METHODS.items() if row.learns])
def test_without_outcomes_only_a_method_with_a_starting_model_has_scores(name: str, clinic: BenchmarkClinic) -> None:
    scores = METHODS[name].score_tables(clinic.build_tables(0), clinic.find_rows(0))
    assert (scores.std() > 0) == METHODS[name].has_starting_model == (name in TRAINABLE)


def test_a_method_is_any_function_of_tables_and_rows(clinic: BenchmarkClinic) -> None:
    assert measure_method_share(clinic, lambda *_: clinic.truth, 30) == pytest.approx((1, 1))


def test_the_feature_ceiling_is_between_published_weights_and_the_oracle(
    clinic: BenchmarkClinic, inputs: MethodInputs
) -> None:
    ceiling = measure_feature_ceiling(clinic, inputs)
    assert max(0.3, clinic.measure_share(METHODS["hand weights"].compute_scores(inputs)).free) < ceiling.free < 1


def test_the_benchmark_has_every_row_of_models_once_and_its_own_peers() -> None:
    peers = ["chance", "LightGBM, raw columns", "LightGBM, pair features", "LightGBM, lambdarank",
             "CatBoost, raw columns", "CatBoost, pair features"]  # fmt: skip
    assert sorted(METHODS) == sorted([*(row.title for row in MODELS.values()), *peers])
    assert list(METHODS)[-1] == MODELS[DEFAULT_MODEL].title == ATTUNE
    for row in MODELS.values():
        method = METHODS[row.title]
        assert (method.description, method.learns, method.is_attune) == (row.description, row.learns, row.is_attune)


def test_raw_columns_contain_no_client_id_and_are_the_same_for_records_and_candidates(
    inputs: MethodInputs,
) -> None:
    met, cross = raw_columns.build_frames(inputs)
    assert list(met) == list(cross)
    assert (len(met), len(cross)) == (70, 60 * 40)
    assert "client_id" not in met
    assert met["therapist_id"].to_list() == inputs.tables.therapists["therapist_id"][inputs.therapist].to_list()
    assert cross["therapist_id"].to_list() == inputs.tables.therapists["therapist_id"].to_list() * 60
    wish = inputs.tables.preferences.iloc[0]
    column = f"client_wish {wish['attribute']} {wish['value']}"
    row = pd.Index(inputs.tables.clients["client_id"]).get_loc(wish["client_id"])
    assert isinstance(row, int)
    pairs = pd.concat([met, cross]).set_index(np.concatenate([inputs.client, np.repeat(inputs.client_rows, 40)]))
    assert set(pairs.loc[[row], column]) == {raw_columns.STRENGTH[wish["strength"]]}
