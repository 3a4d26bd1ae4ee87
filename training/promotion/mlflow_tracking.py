"""Record a training in MLflow, in the clinic's own folder; no other module imports MLflow."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault
from attune_fit.models.active_pointer import STARTING_MODEL_NAME
from attune_fit.training.promotion.artifact_locations import (
    DATABASE_FILE,
    EXPERIMENT_NAME,
    build_runs_location,
    update_artifact_locations,
)

REGISTERED_MODEL_NAME = "attune"
CHAMPION_ALIAS = "champion"
MAX_DIGEST_LENGTH = 36  # MLflow stores this many characters of a data set's digest
LOCK_TIMEOUT_SECONDS = 20  # how long MLflow waits for another process that writes
TIMES_MADE: Counter[Path] = Counter()  # how often this process found no database at a path
SILENCE = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_LOGGING_LEVEL": "CRITICAL"}
OWN_POOL: dict[str, str | None] = {  # no connection outlives its use, so a clinic's folder can be moved or deleted
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
    "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE": None,
    "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW": None,
}


@dataclass(frozen=True)
class ChildRun:
    """A run nested in a training's run: metrics of one split, or one Optuna trial. No data, only figures."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingRun:
    """What MLflow records of a training: settings, figures and hashes, never a cell of a table.

    Attributes
    ----------
    params, metrics, tags : mappings
        ``tags`` hold ``bundle`` and ``data``, the digest of the tables.
    n_outcomes : int
        Early alliance records: together with the digest they identify the data set.
    child_runs : sequence of ChildRun
        Runs nested in this one.
    draw_plots : callable, optional
        Draws plots into a folder.
    is_champion : bool
        Whether the bundle is live after the training.
    """

    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    n_outcomes: int = 0
    child_runs: Sequence[ChildRun] = ()
    draw_plots: Callable[[Path], object] | None = None
    is_champion: bool = True


def log_training(artifacts: Path, bundle: Path, training: TrainingRun) -> str:
    """Log a training to ``artifacts/mlflow.db``, and give a live bundle the alias ``champion``.

    Parameters
    ----------
    artifacts : Path
        The clinic's folder for Attune's files. If ``MLFLOW_TRACKING_URI`` is set, that server is used instead.
    bundle : Path
        Folder of the bundle, stored as an artefact; the run has the same name.
    training : TrainingRun

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
    with _open_client(artifacts) as client:
        return _log_run(client, artifacts, bundle, training)


def set_champion_alias(artifacts: Path, name: str) -> None:
    """Move the alias ``champion`` to the newest version of a bundle.

    The alias is deleted for the starting model and for a bundle that is not registered. Without an MLflow database
    nothing is done. Raises as :func:`log_training`.
    """
    if "MLFLOW_TRACKING_URI" not in os.environ and not (artifacts / DATABASE_FILE).exists():
        return
    from mlflow.exceptions import MlflowException

    with _open_client(artifacts) as client:
        registered = client.search_model_versions(f"name='{REGISTERED_MODEL_NAME}'")
        versions = [
            int(version.version)
            for version in registered
            if version.tags.get("bundle") == name and name != STARTING_MODEL_NAME
        ]
        if versions:
            client.set_registered_model_alias(REGISTERED_MODEL_NAME, CHAMPION_ALIAS, str(max(versions)))
        elif registered:
            with suppress(MlflowException):  # the alias did not exist
                client.delete_registered_model_alias(REGISTERED_MODEL_NAME, CHAMPION_ALIAS)


def _log_run(client: Any, artifacts: Path, bundle: Path, training: TrainingRun) -> str:
    """Create the run of a training with its child runs, and a new version of the registered model; return its id."""
    from mlflow.entities import Dataset, DatasetInput, InputTag
    from mlflow.exceptions import MlflowException

    existing = client.get_experiment_by_name(EXPERIMENT_NAME)
    folder = build_runs_location(artifacts)
    experiment = (
        existing.experiment_id if existing else client.create_experiment(EXPERIMENT_NAME, artifact_location=folder)
    )
    run = _create_run(client, experiment, ChildRun(bundle.name, training.params, training.metrics), training.tags)
    run_id, uri = str(run.info.run_id), str(run.info.artifact_uri)
    profile = json.dumps({"early_alliance_records": training.n_outcomes})
    dataset = Dataset(
        "clinic tables", training.tags.get("data", "")[:MAX_DIGEST_LENGTH], "local", "{}", profile=profile
    )
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
    for child_run in training.child_runs:
        child = _create_run(client, experiment, child_run, {"mlflow.parentRunId": run_id})
        client.set_terminated(child.info.run_id)
    client.log_artifacts(run_id, str(bundle), "bundle")
    if training.draw_plots is not None:
        with tempfile.TemporaryDirectory(dir=artifacts) as plots:
            training.draw_plots(Path(plots))
            client.log_artifacts(run_id, plots, "pictures")
    client.set_terminated(run_id)
    with suppress(MlflowException):  # an earlier training registered it
        client.create_registered_model(REGISTERED_MODEL_NAME)
    tags = {"bundle": bundle.name, "verdict": training.tags.get("verdict", "")}
    version = client.create_model_version(REGISTERED_MODEL_NAME, f"{uri}/bundle", run_id, tags=tags)
    if training.is_champion:
        client.set_registered_model_alias(REGISTERED_MODEL_NAME, CHAMPION_ALIAS, version.version)
    return run_id


def _create_run(client: Any, experiment: str, child_run: ChildRun, tags: Mapping[str, str]) -> Any:
    """Create a run with its settings and figures; the run is still open."""
    from mlflow.entities import Metric, Param
    from mlflow.utils.time import get_current_time_millis

    run = client.create_run(experiment, run_name=child_run.name, tags=dict(tags))
    now = get_current_time_millis()
    metrics = [Metric(name, value, now, 0) for name, value in child_run.metrics.items()]
    params = [Param(name, str(value)) for name, value in child_run.params.items()]
    client.log_batch(run.info.run_id, metrics, params)
    return run


@contextmanager
def _open_client(artifacts: Path) -> Iterator[Any]:
    """Open the clinic's own database, or the server in ``MLFLOW_TRACKING_URI``; raise its errors as faults."""
    server = os.environ.get("MLFLOW_TRACKING_URI")
    pool = {} if server else OWN_POOL
    with _set_environment(SILENCE | pool), _silence_mlflow(), escape_percent():
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            if not server:
                update_artifact_locations(artifacts)
            yield MlflowClient(server or _build_database_uri(artifacts.resolve() / DATABASE_FILE))
        except (MlflowException, SQLAlchemyError):
            place = "MLFLOW_TRACKING_URI" if "MLFLOW_TRACKING_URI" in os.environ else "artifacts/mlflow.db"
            fix = "Move the file away, or correct the address, and try again. The live model is unchanged."
            raise DataFault.error("run-not-recorded", place, "", "MLflow cannot record the run", fix=fix) from None


def _build_database_uri(database: Path) -> str:
    """Return the URI of a clinic's database; another one each time that the file is made anew.

    MLflow keeps the database of a URI open, and makes its tables only once, until the process ends. A file that was
    deleted meanwhile needs another URI, so its option ``timeout`` (in seconds) is one more each time.
    """
    if not database.exists() or not database.stat().st_size:
        TIMES_MADE[database] += 1
    return f"sqlite:///{database}?timeout={LOCK_TIMEOUT_SECONDS + TIMES_MADE[database]}"


@contextmanager
def escape_percent() -> Iterator[None]:
    """Let MLflow find its migrations where its own path holds a ``%``, which alembic takes for a variable."""
    from mlflow.store.db import utils

    get_package_dir = utils._get_package_dir
    utils._get_package_dir = lambda: get_package_dir().replace("%", "%%")
    try:
        yield
    finally:
        utils._get_package_dir = get_package_dir


@contextmanager
def _silence_mlflow() -> Iterator[None]:
    """Switch off MLflow's log lines, tracebacks and warnings; restore every setting at the end."""
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)  # MLflow logs the traceback of an error that it also raises
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a clinic cannot fix deprecations inside MLflow
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _set_environment(wanted: Mapping[str, str | None]) -> Iterator[None]:
    """Set environment variables, or remove those that are None; restore them at the end."""
    before = {name: os.environ.get(name) for name in wanted}
    _update_environment(wanted)
    try:
        yield
    finally:
        _update_environment(before)


def _update_environment(wanted: Mapping[str, str | None]) -> None:
    """Set environment variables, or remove those that are None."""
    for name, value in wanted.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
