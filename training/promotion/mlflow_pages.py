"""Prepare MLflow's pages about a clinic's trainings: the installed version, the database, the command, its settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import metadata
from typing import TYPE_CHECKING

from attune_fit.data.command_words import format_word
from attune_fit.data.faults import DataFault
from attune_fit.training.promotion.artifact_locations import DATABASE_FILE, build_runs_location
from attune_fit.training.promotion.mlflow_database import build_database_uri, open_database
from attune_fit.training.promotion.mlflow_environment import (
    OWN_PLACE,
    PREFIXES,
    READ_ONLY_REASON,
    SETTINGS,
    MlflowUnavailableError,
)

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic

LOCAL_ADDRESS = "127.0.0.1"  # the pages have no login, so no other computer may open them
WRITING_LIBRARY, PAGES_LIBRARY = "mlflow-skinny", "mlflow"
PAGE_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": SETTINGS["MLFLOW_DISABLE_TELEMETRY"],
    "DO_NOT_TRACK": SETTINGS["DO_NOT_TRACK"],
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # jobs need processes and a database of their own
    "PYTHONWARNINGS": "ignore",  # a clinic cannot fix deprecations inside MLflow
    "PYTHONSAFEPATH": "1",  # no module of the current folder replaces one of MLflow
}


def check_pages_installed(find_version: Callable[[str], str] = metadata.version) -> None:
    """Check that all of MLflow is installed, in the version that writes the clinic's database.

    Parameters
    ----------
    find_version : callable, optional
        Returns the version of an installed distribution, as :func:`importlib.metadata.version`.

    Raises
    ------
    DataFault
        With the command that installs it.
    """
    wanted = find_version(WRITING_LIBRARY)
    try:
        found = find_version(PAGES_LIBRARY)
    except metadata.PackageNotFoundError:
        found = ""
    if found == wanted:
        return
    message = f"MLflow's pages need version {found} to be {wanted}" if found else "MLflow's pages are not installed"
    fix = f'Run `pip install "attune-fit[mlflow]" {PAGES_LIBRARY}=={wanted}`.'
    raise DataFault.error("no-mlflow-pages", "mlflow", "", message, fix=fix)


def find_pages_database(clinic: Clinic, report_progress: Callable[[str], None] = lambda _: None) -> str:
    """Return the URI of the clinic's own MLflow database; addresses of files in it are those of the clinic's folder.

    Parameters
    ----------
    clinic : Clinic
    report_progress : callable, optional
        Receives a note where the database can only be read: its figures are shown, but files may be missing.

    Raises
    ------
    DataFault
        If the clinic has no trainings, or its database cannot be used.
    """
    database = clinic.artifacts / DATABASE_FILE
    if not database.exists() or not database.stat().st_size:
        fix = f"Train a model first: attune train {format_word(clinic.folder)}"
        raise DataFault.error("no-mlflow-runs", OWN_PLACE, "", "this clinic has no trainings in MLflow", fix=fix)
    try:
        note = open_database(clinic.artifacts)
    except MlflowUnavailableError as error:
        if error.reason != READ_ONLY_REASON:
            message = f"MLflow cannot use it: {error.reason}"
            raise DataFault.error("mlflow-database-not-usable", OWN_PLACE, "", message, fix=error.fix) from None
        note = f"Attune cannot write in {OWN_PLACE}. If the clinic was moved, MLflow cannot find the files of its runs."
    if note:
        report_progress(note)
    return build_database_uri(database)


def build_pages_command(clinic: Clinic, uri: str, port: int) -> list[str]:
    """Build the command that serves MLflow's pages: on this computer alone, with one worker.

    >>> from types import SimpleNamespace
    >>> from pathlib import Path
    >>> build_pages_command(SimpleNamespace(artifacts=Path("/c")), "sqlite+pysqlite:////c/mlflow.db", 5000)[-4:]
    ['--host', '127.0.0.1', '--port', '5000']
    """
    folder = build_runs_location(clinic.artifacts)
    return [
        *(sys.executable, "-m", "mlflow", "ui", "--workers", "1", "--uvicorn-opts", "--log-level error"),
        *(
            "--backend-store-uri",
            uri,
            "--registry-store-uri",
            uri,
            "--default-artifact-root",
            folder,
            "--no-serve-artifacts",
        ),
        *("--host", LOCAL_ADDRESS, "--port", str(port)),
    ]


def build_pages_environment() -> dict[str, str]:
    """Build the environment of the pages: no variable that sends MLflow to another place, and no telemetry."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
    return kept | PAGE_SETTINGS
