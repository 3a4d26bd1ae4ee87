"""MLflow's pages: the version that is needed, the database that is shown, and where nothing is sent."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import quote

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.training.promotion.mlflow_pages import (
    build_pages_command,
    build_pages_environment,
    check_pages_installed,
    find_pages_database,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]


def build_clinic(artifacts: Path) -> Clinic:
    """A clinic of which only the folders are read."""
    return cast(Clinic, SimpleNamespace(artifacts=artifacts, folder=artifacts.parent))


def check_versions(**versions: str) -> None:
    """Check an installation with these versions; a distribution that is not named is not installed."""

    def find_version(name: str) -> str:
        try:
            return versions[name.replace("-", "_")]
        except KeyError:
            raise PackageNotFoundError(name) from None

    check_pages_installed(find_version)


def test_the_pages_need_the_version_that_writes_the_database() -> None:
    check_versions(mlflow_skinny="3.17.2", mlflow="3.17.2")
    with pytest.raises(DataFault, match=r'pip install "attune-fit\[mlflow\]" mlflow==3\.17\.2') as missing:
        check_versions(mlflow_skinny="3.17.2")
    assert missing.value.faults[0].id == "no-mlflow-pages"
    with pytest.raises(DataFault, match=r"need version 3\.12\.0 to be 3\.17\.2"):
        check_versions(mlflow_skinny="3.17.2", mlflow="3.12.0")


def test_a_clinic_without_trainings_is_an_error_and_gets_no_database(tmp_path: Path) -> None:
    with pytest.raises(DataFault, match="attune train ") as error:
        find_pages_database(build_clinic(tmp_path / "artifacts"))
    assert error.value.faults[0].id == "no-mlflow-runs"
    assert not (tmp_path / "artifacts").exists()


def test_a_damaged_database_is_an_error_and_stays_as_it_is(tmp_path: Path) -> None:
    content = b"not a database" * 100
    (tmp_path / "mlflow.db").write_bytes(content)
    with pytest.raises(DataFault, match="it is damaged, or is no database"):
        find_pages_database(build_clinic(tmp_path))
    assert (tmp_path / "mlflow.db").read_bytes() == content


def test_a_database_that_can_only_be_read_is_shown_with_a_note(
    tmp_path: Path, mlflow_artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifacts = shutil.copytree(mlflow_artifacts, tmp_path / "artifacts")

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("attune_fit.training.promotion.mlflow_database.update_artifact_locations", refuse)
    notes: list[str] = []
    assert quote(str(artifacts / "mlflow.db")) in find_pages_database(build_clinic(artifacts), notes.append)
    (note,) = notes
    assert note.startswith("Attune cannot write in artifacts/mlflow.db.")


def test_the_pages_are_of_this_computer_and_of_this_clinic_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere.example")
    monkeypatch.setenv("MLFLOW_HOST", "0.0.0.0")  # noqa: S104 - it must not count
    environment = build_pages_environment()
    assert not {"MLFLOW_TRACKING_URI", "MLFLOW_HOST"} & environment.keys()
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == environment["DO_NOT_TRACK"] == "true"
    assert environment["PATH"] == os.environ["PATH"]
    command = build_pages_command(build_clinic(tmp_path), "sqlite:///here", 5001)
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == "5001"
    assert command[command.index("--default-artifact-root") + 1] == (tmp_path / "mlruns").as_uri()
