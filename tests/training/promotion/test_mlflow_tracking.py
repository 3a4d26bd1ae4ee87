"""MLflow in the clinic's folder, without output: a training, its child runs, its data set, and the champion alias."""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from attune_fit.models.active_pointer import STARTING_MODEL_NAME
from attune_fit.training.promotion.artifact_locations import EXPERIMENT_NAME
from attune_fit.training.promotion.mlflow_environment import MlflowUnavailableError
from attune_fit.training.promotion.mlflow_tracking import (
    CHAMPION_ALIAS,
    REGISTERED_MODEL_NAME,
    ChildRun,
    RunStore,
    TrainingRun,
    log_training,
    set_champion_alias,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]
DIGEST = "d1" * 32


def training(name: str, active: str) -> TrainingRun:
    """The training of a bundle as MLflow records it."""
    parts = [ChildRun("held back: client", {"records": 30}, {"rmse": 15.5}), ChildRun("trial 0", {"leaves": 7}, {})]
    tags = {"data": DIGEST, "bundle": name, "verdict": "nothing"}
    return TrainingRun(
        {"seed": 3}, {"rmse": 15.5}, tags, 30, parts, lambda folder: (folder / "a.png").write_bytes(b"png"), active,
        "It helps a little.", "<html>card</html>",
    )  # fmt: skip


def test_a_training_is_recorded_with_its_child_runs_and_the_alias_follows_the_live_bundle(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], mlflow_client: Callable[[Path], Any]
) -> None:
    artifacts = tmp_path / "artifacts"
    before = dict(os.environ), logging.getLogger("mlflow").level, list(warnings.filters)
    runs = {}
    for name in ("abc", "bad"):
        bundle = artifacts / "bundles" / name
        bundle.mkdir(parents=True)
        (bundle / "bundle.json").write_text("{}")
        runs[name] = log_training(RunStore(artifacts), bundle, training(name, "abc"))

    assert capfd.readouterr() == ("", "")
    assert (dict(os.environ), logging.getLogger("mlflow").level, list(warnings.filters)) == before
    assert sorted(path.name for path in artifacts.iterdir()) == ["bundles", "mlflow.db", "mlruns"]

    client = mlflow_client(artifacts / "mlflow.db")
    run = client.get_run(runs["bad"])
    assert run.info.status == "FINISHED"
    assert run.data.params == {"seed": "3"}
    assert run.data.metrics == {"rmse": 15.5}
    name = f"{dt.date.today()} 30 records"
    assert run.data.tags == {
        "data": DIGEST,
        "bundle": "bad",
        "verdict": "nothing",
        "mlflow.runName": f"{name} (2)",
        "mlflow.note.content": "It helps a little.",
    }
    assert client.get_run(runs["abc"]).info.run_name == name
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.digest, data.dataset.profile) == (DIGEST[:36], '{"early_alliance_records": 30}')
    assert [file.path for file in client.list_artifacts(runs["bad"], "bundle")] == ["bundle/bundle.json"]
    assert [file.path for file in client.list_artifacts(runs["bad"], "pictures")] == ["pictures/a.png"]
    assert [file.path for file in client.list_artifacts(runs["bad"])] == ["bundle", "card.html", "pictures"]
    assert (artifacts / "mlruns" / runs["bad"] / "artifacts" / "card.html").read_text() == "<html>card</html>"

    all_runs = client.search_runs([client.get_experiment_by_name(EXPERIMENT_NAME).experiment_id])
    children = [run for run in all_runs if run.data.tags.get("mlflow.parentRunId") == runs["bad"]]
    assert {run.info.run_name: (run.data.params, run.data.metrics) for run in children} == {
        "held back: client": ({"records": "30"}, {"rmse": 15.5}),
        "trial 0": ({"leaves": "7"}, {}),
    }
    assert {run.info.status for run in all_runs} == {"FINISHED"}

    def find_champion_run() -> str | None:
        version = client.get_registered_model(REGISTERED_MODEL_NAME).aliases.get(CHAMPION_ALIAS)
        return None if version is None else str(client.get_model_version(REGISTERED_MODEL_NAME, version).run_id)

    assert find_champion_run() == runs["abc"], "a refused bundle is registered without the alias"
    set_champion_alias(RunStore(artifacts), "bad")
    assert find_champion_run() == runs["bad"]
    set_champion_alias(RunStore(artifacts), STARTING_MODEL_NAME)
    assert find_champion_run() is None
    set_champion_alias(RunStore(artifacts), STARTING_MODEL_NAME)
    set_champion_alias(RunStore(artifacts), "abc")
    set_champion_alias(RunStore(artifacts), "never registered")
    assert find_champion_run() is None, "no alias is better than one that names another bundle than the live one"


def test_without_a_database_nothing_is_written(tmp_path: Path) -> None:
    set_champion_alias(RunStore(tmp_path / "artifacts"), "abc")
    assert not (tmp_path / "artifacts").exists()


def test_a_file_that_is_no_database_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"not a database" * 100)
    with pytest.raises(MlflowUnavailableError, match="it is damaged, or is no database"):
        set_champion_alias(RunStore(tmp_path), "abc")


def log_bundle(artifacts: Path, name: str) -> str:
    """Log the training of a bundle of one file; return the id of the run."""
    bundle = artifacts / "bundles" / name
    bundle.mkdir(parents=True)
    (bundle / "bundle.json").write_text(f'{{"name": "{name}"}}')
    return log_training(RunStore(artifacts), bundle, training(name, name))


def test_a_clinic_that_was_deleted_and_made_anew_is_recorded_in_the_same_process(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    artifacts = tmp_path / "artifacts"
    first = log_bundle(artifacts, "abc")
    shutil.rmtree(artifacts)
    second = log_bundle(artifacts, "abc")
    set_champion_alias(RunStore(artifacts), STARTING_MODEL_NAME)
    assert sorted(path.name for path in (artifacts / "mlruns").iterdir()) == [second] != [first]
    with closing(sqlite3.connect(artifacts / "mlflow.db")) as database:
        runs = {run for (run,) in database.execute("SELECT run_uuid FROM runs")}
    assert second in runs
    assert first not in runs
    assert capfd.readouterr() == ("", "")


def test_no_file_of_a_clinic_stays_open(tmp_path: Path) -> None:
    """A folder with open files cannot be deleted everywhere, and its replacement is not seen."""
    log_bundle(tmp_path / "artifacts", "abc")
    if not Path("/proc/self/fd").exists():
        pytest.skip("open files are listed on Linux only")
    open_files = [os.readlink(file) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    assert not [name for name in open_files if str(tmp_path / "artifacts") in name]


def test_an_error_of_the_database_is_one_fault_without_a_traceback(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """MLflow logs the traceback of an operational error, such as that of a read-only file or of a missing table."""
    log_bundle(tmp_path, "abc")
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database:
        database.execute("DROP TABLE registered_model_aliases")
    with pytest.raises(MlflowUnavailableError, match="tables are missing"):
        set_champion_alias(RunStore(tmp_path), "abc")
    assert capfd.readouterr() == ("", "")
