"""MLflow in the clinic's folder, in silence: a training, its parts below it, its data set, and who is champion."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.models.active_model import STARTING_MODEL_NAME
from attune_fit.training.promotion.mlflow_tracking import (
    CHAMPION_ALIAS,
    EXPERIMENT_NAME,
    REGISTERED_MODEL_NAME,
    ChildRun,
    TrainingRun,
    log_training,
    set_champion_alias,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]
DIGEST = "d1" * 32


def training(name: str, champion: bool) -> TrainingRun:
    """What is told of the training of a bundle."""
    parts = [ChildRun("held back: client", {"records": 30}, {"rmse": 15.5}), ChildRun("trial 0", {"leaves": 7}, {})]
    tags = {"data": DIGEST, "bundle": name, "verdict": "nothing"}
    return TrainingRun(
        {"seed": 3}, {"rmse": 15.5}, tags, 30, parts, lambda folder: (folder / "a.png").write_bytes(b"png"), champion
    )


def test_a_training_is_noted_with_its_parts_and_the_alias_follows_what_is_live(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    artifacts = tmp_path / "artifacts"
    before = dict(os.environ), logging.getLogger("mlflow").level, list(warnings.filters)
    runs = {}
    for name, champion in (("abc", True), ("bad", False)):
        bundle = artifacts / "bundles" / name
        bundle.mkdir(parents=True)
        (bundle / "bundle.json").write_text("{}")
        runs[name] = log_training(artifacts, bundle, training(name, champion))

    assert capfd.readouterr() == ("", "")
    assert (dict(os.environ), logging.getLogger("mlflow").level, list(warnings.filters)) == before
    assert sorted(path.name for path in artifacts.iterdir()) == ["bundles", "mlflow.db", "mlruns"]

    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{artifacts / 'mlflow.db'}")
    run = client.get_run(runs["bad"])
    assert run.info.status == "FINISHED"
    assert run.data.params == {"seed": "3"}
    assert run.data.metrics == {"rmse": 15.5}
    assert run.data.tags == {"data": DIGEST, "bundle": "bad", "verdict": "nothing", "mlflow.runName": "bad"}
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.digest, data.dataset.profile) == (DIGEST[:36], '{"early_alliance_records": 30}')
    assert [file.path for file in client.list_artifacts(runs["bad"], "bundle")] == ["bundle/bundle.json"]
    assert [file.path for file in client.list_artifacts(runs["bad"], "pictures")] == ["pictures/a.png"]

    found = client.search_runs([client.get_experiment_by_name(EXPERIMENT_NAME).experiment_id])
    below = [one for one in found if one.data.tags.get("mlflow.parentRunId") == runs["bad"]]
    assert {one.info.run_name: (one.data.params, one.data.metrics) for one in below} == {
        "held back: client": ({"records": "30"}, {"rmse": 15.5}),
        "trial 0": ({"leaves": "7"}, {}),
    }
    assert {one.info.status for one in found} == {"FINISHED"}

    def crowned() -> str | None:
        version = client.get_registered_model(REGISTERED_MODEL_NAME).aliases.get(CHAMPION_ALIAS)
        return None if version is None else str(client.get_model_version(REGISTERED_MODEL_NAME, version).run_id)

    assert crowned() == runs["abc"], "a refused one is registered and not crowned"
    set_champion_alias(artifacts, "bad")
    assert crowned() == runs["bad"]
    set_champion_alias(artifacts, STARTING_MODEL_NAME)
    assert crowned() is None
    set_champion_alias(artifacts, STARTING_MODEL_NAME)
    set_champion_alias(artifacts, "abc")
    set_champion_alias(artifacts, "never registered")
    assert crowned() is None, "an alias that names another bundle than the live one would be worse than none"


def test_without_a_database_there_is_nobody_to_crown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    set_champion_alias(tmp_path / "artifacts", "abc")
    assert not (tmp_path / "artifacts").exists()


def test_a_database_that_is_none_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / "mlflow.db").write_bytes(b"not a database" * 100)
    with pytest.raises(DataFault, match="the model that is live stays as it was"):
        set_champion_alias(tmp_path, "abc")
