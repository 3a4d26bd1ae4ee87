"""The only door to MLflow: one run for each training, in the clinic's own folder."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from data.faults import DataFault, Fault

EXPERIMENT = "attune"
MODEL = "attune"
CHAMPION = "champion"


def track(
    artifacts: Path, bundle: Path, params: Mapping[str, Any], metrics: Mapping[str, float], tags: Mapping[str, str]
) -> str:
    """Log a training to ``artifacts/mlflow.db`` and name its bundle the champion.

    Parameters
    ----------
    artifacts : Path
        The clinic's folder for what Attune writes; the server in ``MLFLOW_TRACKING_URI`` is used instead when set.
    bundle : Path
        Folder of the bundle, kept as an artefact; its name names the run.
    params, metrics, tags : mappings
        Settings, figures and hashes: never a cell of a table.

    Returns
    -------
    str
        Id of the run.

    Raises
    ------
    DataFault
        If MLflow cannot use its database or server.
    """
    with _quiet():
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        artifacts.mkdir(parents=True, exist_ok=True)
        where = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{artifacts.resolve() / 'mlflow.db'}"
        try:
            return _noted(where, artifacts, bundle, params, metrics, tags)
        except (MlflowException, SQLAlchemyError):
            place = "MLFLOW_TRACKING_URI" if "MLFLOW_TRACKING_URI" in os.environ else "artifacts/mlflow.db"
            fix = "Move the file away, or mend the address, and train again; the model that is live stays as it was."
            raise DataFault([Fault(True, place, "", "MLflow cannot note the run there", fix)]) from None


def _noted(
    where: str,
    artifacts: Path,
    bundle: Path,
    params: Mapping[str, Any],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
) -> str:
    """One run with everything in it, and a new version of the registered model."""
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    client = MlflowClient(where)
    found = client.get_experiment_by_name(EXPERIMENT)
    folder = (artifacts.resolve() / "mlruns").as_uri()
    experiment = found.experiment_id if found else client.create_experiment(EXPERIMENT, artifact_location=folder)
    run = client.create_run(experiment, run_name=bundle.name, tags=dict(tags))
    for name, value in params.items():
        client.log_param(run.info.run_id, name, value)
    for name, value in metrics.items():
        client.log_metric(run.info.run_id, name, value)
    client.log_artifacts(run.info.run_id, str(bundle), "bundle")
    client.set_terminated(run.info.run_id)
    with suppress(MlflowException):  # it is there from an earlier training
        client.create_registered_model(MODEL)
    version = client.create_model_version(MODEL, f"{run.info.artifact_uri}/bundle", run.info.run_id)
    client.set_registered_model_alias(MODEL, CHAMPION, version.version)
    return str(run.info.run_id)


@contextmanager
def _quiet() -> Iterator[None]:
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
