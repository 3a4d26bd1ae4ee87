"""Every method scores every pair; the arithmetic of the peers agrees with plain versions."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.learning import baselines, linear, raw_columns
from benchmarks.learning.benchmark_clinic import BenchmarkClinic
from benchmarks.learning.feature_ceiling import measure_feature_ceiling
from benchmarks.learning.method_inputs import MethodInputs
from benchmarks.learning.methods import ATTUNE, METHODS, measure_method_share


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
    assert (scores.std() > 0) == (name == ATTUNE)


def test_a_method_is_any_function_of_tables_and_rows(clinic: BenchmarkClinic) -> None:
    assert measure_method_share(clinic, lambda *_: clinic.truth, 30) == pytest.approx((1, 1))


def test_the_feature_ceiling_is_between_published_weights_and_the_oracle(
    clinic: BenchmarkClinic, inputs: MethodInputs
) -> None:
    ceiling = measure_feature_ceiling(clinic, inputs)
    assert max(0.3, clinic.measure_share(baselines.score_published_weights(inputs)).free) < ceiling.free < 1


def test_ridge_weights_are_those_of_the_normal_equations() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((30, 4)), rng.standard_normal(30)
    x -= x.mean(axis=0)
    for alpha, weights in zip(linear.ALPHAS, linear.compute_ridge_weights(x, y).T, strict=True):
        assert weights == pytest.approx(np.linalg.solve(x.T @ x + alpha * np.eye(4), x.T @ y))


def test_missing_values_become_the_mean_of_the_records_with_an_indicator() -> None:
    met, cross = linear.fill_missing(np.array([[1.0, 5.0], [3.0, np.nan]]), np.array([[np.nan, np.nan]]))
    assert met.tolist() == [[1, 5, 0], [3, 5, 1]]
    assert cross.tolist() == [[2, 5, 1]]


def test_therapist_means_are_shrunken_by_the_variances_of_a_mixed_model(clinic: BenchmarkClinic) -> None:
    """With equal groups, ANOVA estimates of the variances equal those of restricted maximum likelihood."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # type: ignore[import-untyped]

    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(40), 6)
    y = 5 * rng.standard_normal(40)[group] + 10 * rng.standard_normal(len(group))
    method_inputs = MethodInputs(clinic.tables, clinic.find_rows(0))
    method_inputs.__dict__.update(y=y, therapist=group)
    fitted = MixedLM(y, np.ones((len(y), 1)), groups=group).fit(method=["powell"])
    expected = [float(effect.iloc[0]) for effect in fitted.random_effects.values()]
    assert baselines.score_therapist_means(method_inputs)[0] == pytest.approx(np.array(expected), rel=1e-3)


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
