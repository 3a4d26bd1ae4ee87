"""A clinic in which Attune cannot write: one error before anything is computed, and nothing half done."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.training.promotion.artifact_access import check_artifacts_writable
from tests.fault_descriptions import raises_faults

IS_A_FILE, IS_A_FOLDER, REFUSED = "File exists", "Is a directory", "Read-only file system"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """A clinic without ``artifacts/``."""
    config = Config.model_validate(tomllib.loads(""))
    return Clinic(tmp_path, config, list_instruments(config.instruments))


def list_paths(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("present", [(), ("artifacts",), ("artifacts", "artifacts/bundles", "artifacts/mlruns")])
def test_a_check_leaves_nothing_behind(clinic: Clinic, present: tuple[str, ...]) -> None:
    for name in present:
        (clinic.folder / name).mkdir()
    check_artifacts_writable(clinic)
    assert list_paths(clinic.folder) == sorted(present)


def test_a_check_changes_no_file(clinic: Clinic) -> None:
    clinic.artifacts.mkdir()
    for name in ("ledger.jsonl", "mlflow.db"):
        (clinic.artifacts / name).write_text(name)
    check_artifacts_writable(clinic)
    assert {path.name: path.read_text() for path in clinic.artifacts.iterdir()} == {
        "ledger.jsonl": "ledger.jsonl",
        "mlflow.db": "mlflow.db",
    }


def test_a_file_where_the_folder_has_to_be_is_one_error(clinic: Clinic) -> None:
    clinic.artifacts.write_text("a file where the folder should be")
    with raises_faults(f"artifacts: artifacts-not-writable ({IS_A_FILE})"):
        check_artifacts_writable(clinic)
    assert clinic.artifacts.read_text() == "a file where the folder should be"


def test_every_place_that_cannot_be_written_is_listed(clinic: Clinic) -> None:
    clinic.artifacts.mkdir()
    (clinic.artifacts / "bundles").touch()
    (clinic.artifacts / "ledger.jsonl").mkdir()
    with raises_faults(
        f"artifacts/bundles: artifacts-not-writable ({IS_A_FILE})",
        f"artifacts/ledger.jsonl: artifacts-not-writable ({IS_A_FOLDER})",
    ):
        check_artifacts_writable(clinic)


def test_a_folder_that_refuses_new_files_is_an_error(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a read-only disk, where the folder exists."""
    clinic.artifacts.mkdir()
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with raises_faults(f"artifacts: artifacts-not-writable ({REFUSED})"):
        check_artifacts_writable(clinic)


def refuse(*_: object, **__: object) -> Callable[[], None]:
    raise OSError(30, REFUSED)
