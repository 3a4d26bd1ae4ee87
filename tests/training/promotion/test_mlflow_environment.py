"""What the environment decides of MLflow: nothing, unless the clinic wants its server; a dead server costs seconds."""

from __future__ import annotations

import os
import shutil
import socket
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.training.promotion.mlflow_environment import (
    SETTINGS,
    MlflowUnavailableError,
    use_mlflow,
)
from attune_fit.training.promotion.mlflow_tracking import (
    RunStore,
    TimedClient,
    TrainingRun,
    describe_server_choice,
    find_run_store,
    log_training,
    open_run_store,
    set_champion_alias,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]
RUN = TrainingRun({}, {}, {"bundle": "abc"})


@contextmanager
def listen() -> Iterator[tuple[str, list[object]]]:
    """Listen on a port and never answer; yields the address, and the list of the connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        connections: list[object] = []
        yield f"http://127.0.0.1:{server.getsockname()[1]}", connections
        with suppress(BlockingIOError):
            connection, _ = server.accept()
            connection.close()
            connections.append(connection)


def test_a_server_that_never_answers_costs_one_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SETTINGS, "MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    with listen() as (address, _):
        for act in (lambda store: open_run_store(store), lambda store: set_champion_alias(store, "abc")):
            with pytest.raises(MlflowUnavailableError, match=r"MLFLOW_TRACKING_URI: the server does not answer"):
                act(RunStore(tmp_path, address))
    assert list(tmp_path.iterdir()) == []


def test_a_slow_server_gets_no_request_after_its_time() -> None:
    client = TimedClient("a client", -1.0, "MLFLOW_TRACKING_URI")
    with pytest.raises(MlflowUnavailableError, match="it answers too slowly"):
        client.upper()
    assert TimedClient("a client", 60.0, "").upper() == "A CLIENT"


def build_clinic(folder: Path, config: str) -> Clinic:
    settings = Config.model_validate(tomllib.loads(config))
    return Clinic(folder, settings, list_instruments(settings.instruments))


def test_a_server_of_the_environment_gets_nothing_unless_the_clinic_wants_it(
    mlflow_artifacts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifacts = Path(shutil.copytree(mlflow_artifacts, tmp_path / "artifacts"))
    closed, opened = (build_clinic(artifacts.parent, text) for text in ("", "[clinic]\ntracking_server = true\n"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert (find_run_store(closed).server, find_run_store(opened).server) == ("", "")
    assert describe_server_choice(closed) == ""
    assert "names none. Attune used artifacts/mlflow.db." in describe_server_choice(opened)
    with listen() as (address, connections):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        monkeypatch.setenv("MLFLOW_REGISTRY_URI", address)
        assert (find_run_store(closed).server, find_run_store(opened).server) == ("", address)
        assert "`tracking_server = true`" in describe_server_choice(closed)
        assert describe_server_choice(opened) == ""
        log_training(find_run_store(closed), artifacts / "bundles" / "abc", RUN)
        set_champion_alias(find_run_store(closed), "abc")
    assert connections == [], "nothing was sent to the server"


def test_no_variable_of_the_environment_redirects_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_EXPERIMENT_ID", "DATABRICKS_HOST", "MLFLOW_RUN_ID",
             "_MLFLOW_SERVER_ARTIFACT_ROOT", "MLFLOW_TRACKING_TOKEN")  # fmt: skip
    for name in names:
        monkeypatch.setenv(name, "elsewhere")
    with use_mlflow(""):
        assert [name for name in names if name in os.environ] == []
    with use_mlflow("http://127.0.0.1:9"):
        assert [name for name in names if name in os.environ] == [
            "MLFLOW_TRACKING_URI", "DATABRICKS_HOST", "MLFLOW_TRACKING_TOKEN",
        ]  # fmt: skip
    assert {os.environ[name] for name in names} == {"elsewhere"}
