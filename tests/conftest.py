"""A small clinic and the command line, for every test that runs a command."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from typer.testing import CliRunner, Result

from attune_fit.app.cli import build_named_command
from tests.kept_readings import keep_readings

settings.register_profile("attune", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # no timed assertion
settings.load_profile("attune")

TESTS = Path(__file__).resolve().parent
SAMPLE = TESTS.parent / "data" / "synthetic" / "sample"
AFTER_READING = ("app", "attune_fit", "data/journal", "matching", "training")  # the reading has tests of its own


@pytest.fixture(scope="module", autouse=True)
def kept_readings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Equal files are read once in the tests of what comes after the reading."""
    is_after = any(TESTS / folder in request.path.parents for folder in AFTER_READING)
    with keep_readings() if is_after else nullcontext():
        yield


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A copy of the sample clinic."""
    folder = tmp_path / "clinic"
    shutil.copytree(SAMPLE, folder)
    return folder


class Attune:
    """Runs the command line in this process. As the program does, it builds the command that is named alone."""

    def __call__(self, *words: object, columns: int = 200, answers: str | None = None) -> Result:
        runner = CliRunner(env={"COLUMNS": str(columns), "NO_COLOR": "1", "TERM": "dumb"})
        texts = [str(word) for word in words]
        return runner.invoke(build_named_command(texts), texts, input=answers)

    def fails(self, *words: object, code: int = 1) -> str:
        """Return the output, in one line of single spaces, of a command that must fail with ``code``."""
        done = self(*words, columns=10_000)  # no cell of a table wraps, however long the path of the clinic
        assert done.exit_code == code, done.output
        assert not done.exception or isinstance(done.exception, SystemExit), done.exception
        return " ".join(done.output.replace("│", " ").split())


@pytest.fixture
def attune() -> Attune:
    """The command line."""
    return Attune()


@pytest.fixture
def untracked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train, and test hypotheses, without MLflow: its database takes seconds to make, and has tests of its own."""
    monkeypatch.setattr("attune_fit.training.hypotheses.hypothesis_tracking.log_figures", lambda *_: "untracked")
    monkeypatch.setattr("attune_fit.training.train.open_run_store", lambda *_: "")
    monkeypatch.setattr("attune_fit.training.promotion.run_recorder.log_training", lambda *_: "untracked")
    monkeypatch.setattr("attune_fit.data.parallel.executor.count_cores", lambda: 1)


@pytest.fixture
def mlflow_client() -> Callable[[Path], Any]:
    """Opens a database of MLflow for reading, also where MLflow is installed in a folder with a ``%``."""

    def open_client(database: Path) -> Any:
        from mlflow import MlflowClient

        from attune_fit.training.promotion.mlflow_environment import escape_percent

        with escape_percent():  # MLflow looks for its migrations when it opens a store
            client = MlflowClient(f"sqlite:///{database}")
            client.search_experiments()
            client.search_registered_models()
        return client

    return open_client
