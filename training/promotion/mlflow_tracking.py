"""Record a training in MLflow: in the clinic's own database, or on the server that the clinic chose."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.storage.atomic_write import make_temporary_path, sweep_leftovers
from attune_fit.models.active_pointer import STARTING_MODEL_NAME
from attune_fit.training.promotion.artifact_locations import DATABASE_FILE, EXPERIMENT_NAME, build_runs_location
from attune_fit.training.promotion.mlflow_database import build_database_uri, open_database
from attune_fit.training.promotion.mlflow_environment import (
    OWN_PLACE,
    SERVER_VARIABLE,
    MlflowUnavailableError,
    describe_error,
    use_mlflow,
)

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic

REGISTERED_MODEL_NAME = "attune"
CHAMPION_ALIAS = "champion"
DESCRIPTION_TAG = "mlflow.note.content"  # MLflow shows its text above the run
CARD_PAGE_FILE = "card.html"
MAX_RUNS = 1_000  # of one day and number of records
MAX_DIGEST_LENGTH = 36  # MLflow stores this many characters of a data set's digest
MAX_SECONDS = 60.0  # how long a training or a rollback deals with a slow server


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
    active : str
        Name of the bundle that is live after the training; it gets the alias ``champion``.
    description : str
        Sentences that MLflow shows above the run: the verdict and the decision.
    card_page : str
        The model card as an HTML page; empty for none.
    """

    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    n_outcomes: int = 0
    child_runs: Sequence[ChildRun] = ()
    draw_plots: Callable[[Path], object] | None = None
    active: str = STARTING_MODEL_NAME
    description: str = ""
    card_page: str = ""


@dataclass(frozen=True)
class RunStore:
    """Where the runs of a clinic are recorded.

    Attributes
    ----------
    artifacts : Path
        The clinic's folder for Attune's files, with its own database.
    server : str
        The tracking server that ``MLFLOW_TRACKING_URI`` names; empty unless ``clinic.toml`` allows it.
    """

    artifacts: Path
    server: str = ""

    @property
    def place(self) -> str:
        """The database or the server, as messages name it."""
        return SERVER_VARIABLE if self.server else OWN_PLACE


def find_run_store(clinic: Clinic) -> RunStore:
    """Return where the runs of a clinic are recorded: in its own database, or on the server that it chose."""
    server = os.environ.get(SERVER_VARIABLE, "").strip() if clinic.config.clinic.tracking_server else ""
    return RunStore(clinic.artifacts, server)


def open_run_store(store: RunStore) -> str:
    """Check, before hours of computing, that a training can be recorded; make the clinic's database if it has none.

    Returns
    -------
    str
        That a database was replaced, and why; empty if none was.

    Raises
    ------
    MlflowUnavailableError
        If the database cannot be used, or the server does not answer one request within :data:`REQUEST_SECONDS`.
    """
    if not store.server:
        return open_database(store.artifacts)
    with _open_client(store) as client:
        client.search_experiments(max_results=1)
    return ""


def describe_server_choice(clinic: Clinic) -> str:
    """Return a note where ``clinic.toml`` and the environment disagree about a tracking server; else empty."""
    is_allowed, is_named = clinic.config.clinic.tracking_server, bool(os.environ.get(SERVER_VARIABLE, "").strip())
    if is_named and not is_allowed:
        return (
            f"{SERVER_VARIABLE} names a server, and Attune does not use it. To use it, write "
            "`tracking_server = true` under `[clinic]` in clinic.toml."
        )
    if is_allowed and not is_named:
        return f"clinic.toml allows a tracking server, but {SERVER_VARIABLE} names none. Attune used {OWN_PLACE}."
    return ""


def log_training(store: RunStore, bundle: Path, training: TrainingRun) -> str:
    """Log a training to MLflow, and give the live bundle the alias ``champion``.

    Parameters
    ----------
    store : RunStore
    bundle : Path
        Folder of the bundle, stored as an artefact; the tag ``bundle`` has its name. See :func:`build_run_name`.
    training : TrainingRun

    Returns
    -------
    str
        Id of the run.

    Raises
    ------
    MlflowUnavailableError
        If MLflow cannot use its database or server.
    """
    if not store.server:
        open_database(store.artifacts)
    sweep_leftovers(store.artifacts)
    plots = make_temporary_path(store.artifacts)  # in the clinic, under a name that the next run deletes
    try:
        if training.draw_plots is not None:
            _draw_plots(training.draw_plots, plots)
        with _open_client(store) as client:
            return _log_run(client, store, bundle, training, plots)
    finally:
        shutil.rmtree(plots, ignore_errors=True)


def log_figures(store: RunStore, experiment: str, run: ChildRun, tags: Mapping[str, str], report: Any) -> str:
    """Log settings and figures that belong to no bundle, such as those of a hypothesis test.

    Parameters
    ----------
    store : RunStore
    experiment : str
        Made where it is missing.
    run : ChildRun
        Name, settings and figures of the run.
    tags : mapping
        ``data`` is the digest of the records.
    report : types of JSON
        Stored as ``report.json``.

    Returns
    -------
    str
        Id of the run.

    Raises
    ------
    MlflowUnavailableError
        If MLflow cannot use its database or server.
    """
    if not store.server:
        open_database(store.artifacts)
    with _open_client(store) as client:
        created = _create_run(client, _find_experiment(client, store, experiment), run, tags)
        run_id = str(created.info.run_id)
        client.log_dict(run_id, report, "report.json")
        client.set_terminated(run_id)
        return run_id


def load_mlflow() -> None:
    """Import all of MLflow that :func:`log_training` uses with the clinic's own database."""
    with use_mlflow(""):
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401


def set_champion_alias(store: RunStore, name: str) -> None:
    """Move the alias ``champion`` to the newest version of a bundle.

    The alias is deleted for the starting model and for a bundle that is not registered. Without an MLflow database
    nothing is done. Raises as :func:`log_training`.
    """
    if not store.server:
        if not os.path.lexists(store.artifacts / DATABASE_FILE):
            return
        open_database(store.artifacts)
    with _open_client(store) as client:
        _move_alias(client, name)


def _draw_plots(draw_plots: Callable[[Path], object], folder: Path) -> None:
    """Draw plots into a new folder; a full disk costs the plots and the run, not the training."""
    try:
        folder.mkdir(parents=True)
        draw_plots(folder)
    except OSError as error:
        raise describe_error(error, "artifacts") from None


def _move_alias(client: Any, name: str) -> None:
    """Move the alias to the newest version of a bundle; delete it where there is none."""
    registered = client.search_model_versions(f"name='{REGISTERED_MODEL_NAME}'")
    numbers = [int(version.version) for version in registered if version.tags.get("bundle") == name]
    if numbers and name != STARTING_MODEL_NAME:
        client.set_registered_model_alias(REGISTERED_MODEL_NAME, CHAMPION_ALIAS, str(max(numbers)))
    elif registered and CHAMPION_ALIAS in client.get_registered_model(REGISTERED_MODEL_NAME).aliases:
        client.delete_registered_model_alias(REGISTERED_MODEL_NAME, CHAMPION_ALIAS)


def _log_run(client: Any, store: RunStore, bundle: Path, training: TrainingRun, plots: Path) -> str:
    """Create the run of a training with its child runs, and a new version of the registered model; return its id."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    experiment = _find_experiment(client, store, EXPERIMENT_NAME)
    name = _find_free_name(client, experiment, build_run_name(dt.date.today(), training.n_outcomes))
    tags = dict(training.tags) | ({DESCRIPTION_TAG: training.description} if training.description else {})
    run = _create_run(client, experiment, ChildRun(name, training.params, training.metrics), tags)
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
    if training.card_page:
        client.log_text(run_id, training.card_page, CARD_PAGE_FILE)
    if training.draw_plots is not None:
        client.log_artifacts(run_id, str(plots), "pictures")
    client.set_terminated(run_id)
    if not client.search_registered_models(f"name='{REGISTERED_MODEL_NAME}'"):
        client.create_registered_model(REGISTERED_MODEL_NAME)
    tags = {"bundle": bundle.name, "verdict": training.tags.get("verdict", "")}
    client.create_model_version(REGISTERED_MODEL_NAME, f"{uri}/bundle", run_id, tags=tags)
    _move_alias(client, training.active)
    return run_id


def build_run_name(day: dt.date, n_outcomes: int) -> str:
    """Build the name of a training's run: its day, and the number of early alliance records.

    >>> build_run_name(dt.date(2026, 11, 30), 1300), build_run_name(dt.date(2026, 11, 30), 1)
    ('2026-11-30 1,300 records', '2026-11-30 1 record')
    """
    return f"{day} {n_outcomes:,} record{'' if n_outcomes == 1 else 's'}"


def _find_free_name(client: Any, experiment: str, name: str) -> str:
    """Return the name of a run, with a number from 2 upwards if other runs have it."""
    runs = client.search_runs([experiment], f"attributes.run_name LIKE '{name}%'", max_results=MAX_RUNS)
    taken = {run.info.run_name for run in runs}
    numbered = (f"{name} ({number})" for number in itertools.count(2))
    return next(one for one in itertools.chain([name], numbered) if one not in taken)


def _find_experiment(client: Any, store: RunStore, name: str) -> str:
    """Return the id of an experiment; make it where it is missing."""
    existing = client.get_experiment_by_name(name)
    folder = None if store.server else build_runs_location(store.artifacts)  # a server has a place of its own
    return str(existing.experiment_id if existing else client.create_experiment(name, artifact_location=folder))


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


class TimedClient:
    """A client of MLflow that begins no request after its time."""

    def __init__(self, client: Any, seconds: float, place: str) -> None:
        self._client, self._end, self._place = client, time.monotonic() + seconds, place

    def __getattr__(self, name: str) -> Any:
        if time.monotonic() > self._end:
            raise MlflowUnavailableError(self._place, "it answers too slowly", "Look at the server.")
        return getattr(self._client, name)


@contextmanager
def _open_client(store: RunStore) -> Iterator[Any]:
    """Open the clinic's own database, or its server; raise every error as :class:`MlflowUnavailableError`."""
    with use_mlflow(store.server):
        try:
            from mlflow import MlflowClient

            uri = store.server or build_database_uri(store.artifacts / DATABASE_FILE)
            yield TimedClient(MlflowClient(uri, uri), MAX_SECONDS, store.place)
        except MlflowUnavailableError:
            raise
        except Exception as error:  # each of MLflow's libraries has errors of its own, and none may cost a training
            raise describe_error(error, store.place) from None
