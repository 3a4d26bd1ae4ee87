"""The only door to MLflow: a training with its measurements and trials, in the clinic's own folder."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault
from attune_fit.models.active_model import STARTING_MODEL_NAME

EXPERIMENT_NAME = "attune"
REGISTERED_MODEL_NAME = "attune"
CHAMPION_ALIAS = "champion"
MAX_DIGEST_LENGTH = 36  # MLflow keeps as many characters of a data set's digest


@dataclass(frozen=True)
class ChildRun:
    """A run below a training's: one split's measurement, or one Optuna trial. Settings and figures only."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingRun:
    """What MLflow is told of a training: settings, figures and hashes, never a cell of a table.

    Attributes
    ----------
    params, metrics, tags : mappings
        ``tags`` hold ``bundle`` and ``data``, the digest of the tables.
    n_outcomes : int
        Records it was made from: with the digest, the identity of its data set.
    child_runs : sequence of Part
        Runs nested in this one.
    draw_plots : callable, optional
        Draws pictures into a folder.
    is_champion : bool
        Whether the bundle is live from now on.
    """

    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    n_outcomes: int = 0
    child_runs: Sequence[ChildRun] = ()
    draw_plots: Callable[[Path], object] | None = None
    is_champion: bool = True


def log_training(artifacts: Path, bundle: Path, training: TrainingRun) -> str:
    """Log a training to ``artifacts/mlflow.db``, and name its bundle the champion where it is live.

    Parameters
    ----------
    artifacts : Path
        The clinic's folder for what Attune writes; the server in ``MLFLOW_TRACKING_URI`` is used instead when set.
    bundle : Path
        Folder of the bundle, kept as an artefact; its name names the run.
    training : Training

    Returns
    -------
    str
        Id of the run.

    Raises
    ------
    DataFault
        If MLflow cannot use its database or server.
    """
    artifacts.mkdir(parents=True, exist_ok=True)
    with _client(artifacts) as client:
        return _log_run(client, artifacts, bundle, training)


def set_champion_alias(artifacts: Path, name: str) -> None:
    """Move the alias ``champion`` to the newest version of a bundle; to none for day 0, or where none is registered.

    Nothing is done where no training was ever noted. Raises as :func:`log_training`.
    """
    if "MLFLOW_TRACKING_URI" not in os.environ and not (artifacts / "mlflow.db").exists():
        return
    from mlflow.exceptions import MlflowException

    with _client(artifacts) as client:
        found = client.search_model_versions(f"name='{REGISTERED_MODEL_NAME}'")
        versions = [int(one.version) for one in found if one.tags.get("bundle") == name and name != STARTING_MODEL_NAME]
        if versions:
            client.set_registered_model_alias(REGISTERED_MODEL_NAME, CHAMPION_ALIAS, str(max(versions)))
        elif found:
            with suppress(MlflowException):  # there was no champion
                client.delete_registered_model_alias(REGISTERED_MODEL_NAME, CHAMPION_ALIAS)


def _log_run(client: Any, artifacts: Path, bundle: Path, training: TrainingRun) -> str:
    """One run with everything in it, those below it, and a new version of the registered model."""
    from mlflow.entities import Dataset, DatasetInput, InputTag
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(EXPERIMENT_NAME)
    folder = (artifacts.resolve() / "mlruns").as_uri()
    experiment = found.experiment_id if found else client.create_experiment(EXPERIMENT_NAME, artifact_location=folder)
    whole = ChildRun(bundle.name, training.params, training.metrics)
    run = _create_run(client, experiment, whole, training.tags)
    id_, uri = str(run.info.run_id), str(run.info.artifact_uri)
    rows = json.dumps({"early_alliance_records": training.n_outcomes})
    data = Dataset("clinic tables", training.tags.get("data", "")[:MAX_DIGEST_LENGTH], "local", "{}", profile=rows)
    client.log_inputs(id_, [DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
    for part in training.child_runs:
        below = _create_run(client, experiment, part, {"mlflow.parentRunId": id_})
        client.set_terminated(below.info.run_id)
    client.log_artifacts(id_, str(bundle), "bundle")
    if training.draw_plots is not None:
        with tempfile.TemporaryDirectory(dir=artifacts) as pictures:
            training.draw_plots(Path(pictures))
            client.log_artifacts(id_, pictures, "pictures")
    client.set_terminated(id_)
    with suppress(MlflowException):  # it is there from an earlier training
        client.create_registered_model(REGISTERED_MODEL_NAME)
    tags = {"bundle": bundle.name, "verdict": training.tags.get("verdict", "")}
    version = client.create_model_version(REGISTERED_MODEL_NAME, f"{uri}/bundle", id_, tags=tags)
    if training.is_champion:
        client.set_registered_model_alias(REGISTERED_MODEL_NAME, CHAMPION_ALIAS, version.version)
    return id_


def _create_run(client: Any, experiment: str, part: ChildRun, tags: Mapping[str, str]) -> Any:
    """A run with its settings and figures, still open."""
    from mlflow.entities import Metric, Param
    from mlflow.utils.time import get_current_time_millis

    run = client.create_run(experiment, run_name=part.name, tags=dict(tags))
    now = get_current_time_millis()
    metrics = [Metric(name, value, now, 0) for name, value in part.metrics.items()]
    client.log_batch(run.info.run_id, metrics, [Param(name, str(value)) for name, value in part.params.items()])
    return run


@contextmanager
def _client(artifacts: Path) -> Iterator[Any]:
    """A client for the clinic's own database, or the server the environment names; silent, its errors as faults."""
    with _silence_mlflow():
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        where = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{artifacts.resolve() / 'mlflow.db'}"
        try:
            yield MlflowClient(where)
        except (MlflowException, SQLAlchemyError):
            place = "MLFLOW_TRACKING_URI" if "MLFLOW_TRACKING_URI" in os.environ else "artifacts/mlflow.db"
            fix = "Move the file away, or mend the address, and try again; the model that is live stays as it was."
            raise DataFault.error(place, "", "MLflow cannot note the run there", fix=fix) from None


@contextmanager
def _silence_mlflow() -> Iterator[None]:
    """No telemetry, and no chatter of MLflow and the migrations of its database; left as found."""
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    said = {name: os.environ.get(name) for name in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "MLFLOW_LOGGING_LEVEL")}
    os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true", MLFLOW_LOGGING_LEVEL="ERROR")
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecations inside MLflow are not the clinic's to mend
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        for name, value in said.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
