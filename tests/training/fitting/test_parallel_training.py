"""The same training, to the last bit, in one process, in several, and on a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.parallel.dask_cluster import DaskCluster
from attune_fit.data.parallel.executor import Executor, SerialExecutor
from attune_fit.data.parallel.local_processes import LocalProcesses
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.synthetic.simulate import simulate, write_clinic
from attune_fit.models.model_bundle import compute_bundle_name
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models, fit_ahead
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.evaluation import out_of_fold_pair_parts
from attune_fit.training.fitting import fit_model
from attune_fit.training.fitting.fit_model import ModelFitResult, fit_clinic_model
from attune_fit.training.promotion.champion_challenger import describe_recipe
from tests.training.builders import toy


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    folder = tmp_path_factory.mktemp("parallel") / "clinic"
    write_clinic(simulate(150, 8, seed=2), folder, truth=False)
    return Clinic.open(folder)


@pytest.fixture(scope="module")
def processes() -> Iterator[LocalProcesses]:
    with LocalProcesses(2) as executor:
        yield executor


def train(clinic: Clinic, executor: Executor, folder: Path) -> tuple[ModelFitResult, str]:
    """Train with a search; return the result, and all that a bundle and a card are made of."""
    fit = fit_clinic_model(
        replace(clinic, folder=folder), read_tables(clinic), seed=1, trials=3, minutes=np.inf, executor=executor
    )
    trials = [(one.number, one.params, one.value, one.is_pruned) for one in fit.tuning.trials]
    name = compute_bundle_name(fit.model, describe_recipe(fit.recipe, fit.records))
    return fit, json.dumps([name, fit.metrics, fit.metrics_spread, asdict(fit.model.verdict), trials], default=str)


def test_a_training_in_two_processes_is_that_of_one(
    clinic: Clinic, processes: LocalProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out_of_fold_pair_parts, "PAIR_BLOCK_SIZE", 200)
    (one, facts), (two, same_facts) = (
        train(clinic, SerialExecutor(), tmp_path / "1"),
        train(clinic, processes, tmp_path / "2"),
    )
    assert facts == same_facts
    for name, predictions in one.predictions_by_split.items():
        for column, values in vars(predictions).items():
            np.testing.assert_array_equal(values, getattr(two.predictions_by_split[name], column))


def test_a_training_on_a_cluster_is_that_of_one_process(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, facts = train(clinic, SerialExecutor(), tmp_path / "1")
    monkeypatch.setattr(fit_model, "MIN_PARALLEL_RECORDS", 0)
    with DaskCluster.from_local(2) as cluster:
        assert train(clinic, cluster, tmp_path / "2")[1] == facts


def test_fits_of_other_processes_are_remembered(processes: LocalProcesses, monkeypatch: pytest.MonkeyPatch) -> None:
    records = toy(200, curve=4.0)
    folds = split_records("client", records)
    expected = crossfit_models(Recipe(), records, folds)
    parallel = replace(records, executor=processes)
    fit_ahead(parallel, [(Recipe(), fold) for fold in folds])
    assert all(Recipe().is_fitted(parallel, fold) for fold in folds)
    monkeypatch.setattr(Recipe, "fit_linear_layer", lambda *_: pytest.fail("it is fitted already"))
    for one, other in zip(expected, crossfit_models(Recipe(), parallel, folds), strict=True):
        np.testing.assert_array_equal(one.model.evidence.mean, other.model.evidence.mean)
        assert one.model.features == other.model.features


def test_few_records_stay_in_this_process(clinic: Clinic, tmp_path: Path) -> None:
    with LocalProcesses(2) as executor:
        fit_clinic_model(replace(clinic, folder=tmp_path), read_tables(clinic), executor=executor)
        assert executor._workers == []
