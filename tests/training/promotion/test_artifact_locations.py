"""A clinic that was copied or moved: its trainings are recorded in its own folder, and the original is untouched."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.training.promotion.artifact_locations import (
    LOCATION_COLUMNS,
    build_runs_location,
    update_artifact_locations,
)
from attune_fit.training.promotion.mlflow_pages import find_pages_database
from attune_fit.training.promotion.mlflow_tracking import RunStore, TrainingRun, log_training

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]


def log_bundle(artifacts: Path, name: str) -> str:
    """Log the training of a bundle of one file; return the id of the run."""
    bundle = artifacts / "bundles" / name
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / "bundle.json").write_text(name)
    return log_training(RunStore(artifacts), bundle, TrainingRun({}, {}, {"bundle": name}))


def hash_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by path."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def list_cells(artifacts: Path) -> list[tuple[str, str, str]]:
    """Return table, column and text of every cell of a clinic's MLflow database."""
    with closing(sqlite3.connect(artifacts / "mlflow.db")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = [(table, row[1]) for table in tables for row in database.execute(f'PRAGMA table_info("{table}")')]
        return [
            (table, column, str(cell))
            for table, column in columns
            for (cell,) in database.execute(f'SELECT "{column}" FROM "{table}"')  # noqa: S608
        ]


@pytest.fixture
def original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The artifacts of a clinic with one training, in a folder whose name MLflow has to encode."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    artifacts = tmp_path / "the clinic's 50% café" / "artifacts"
    log_bundle(artifacts, "first")
    return artifacts


def copy(original: Path, name: str) -> Path:
    """Copy a clinic; return the copy's artifacts."""
    return Path(shutil.copytree(original.parent, original.parent.parent / name)) / "artifacts"


def test_a_training_of_a_copy_leaves_the_original_as_it_was(original: Path) -> None:
    before = hash_files(original.parent)
    other = copy(original, "copy")
    run = log_bundle(other, "second")
    assert hash_files(original.parent) == before
    assert (other / "mlruns" / run / "artifacts" / "bundle" / "bundle.json").read_text() == "second"
    assert not [cell for cell in list_cells(other) if build_runs_location(original) in cell[2]]


def test_a_clinic_that_was_moved_is_not_made_again_where_it_was(original: Path) -> None:
    moved = original.parent.rename(original.parent.parent / "moved") / "artifacts"
    run = log_bundle(moved, "second")
    assert not original.parent.exists()
    assert (moved / "mlruns" / run).is_dir()


def test_the_files_of_earlier_runs_open_from_the_new_place(
    original: Path, tmp_path: Path, mlflow_client: Callable[[Path], Any]
) -> None:
    other = copy(original, "copy")
    shutil.rmtree(original.parent)
    log_bundle(other, "second")
    client = mlflow_client(other / "mlflow.db")
    for version in client.search_model_versions("name='attune'"):
        address = client.get_model_version_download_uri("attune", version.version)
        assert address == version.source == f"{build_runs_location(other)}/{version.run_id}/artifacts/bundle"
        place = client.download_artifacts(version.run_id, "bundle/bundle.json", str(tmp_path))
        assert Path(place).read_text() == version.tags["bundle"]


def test_every_cell_with_the_folder_is_found(original: Path) -> None:
    """A version of MLflow that stores the folder in another column fails here."""
    found = {cell[:2] for cell in list_cells(original) if str(original) in cell[2] or original.as_uri() in cell[2]}
    assert found
    listed = {(table, name) for table, names in LOCATION_COLUMNS.items() for name in names}
    assert found <= listed
    assert listed <= {cell[:2] for cell in list_cells(original)} | {("logged_models", "artifact_location")}


def test_only_whole_folders_are_replaced(original: Path) -> None:
    other, old = copy(original, "copy"), build_runs_location(original)
    with closing(sqlite3.connect(other / "mlflow.db")) as database:
        database.execute("UPDATE model_versions SET source = ?", (f"{old}-of-another/bundle",))
        database.commit()
    update_artifact_locations(other)
    assert ("model_versions", "source", f"{old}-of-another/bundle") in list_cells(other)


@pytest.mark.parametrize("chosen", ["s3://bucket/mlruns", "file:///mnt/files"])
def test_a_place_that_a_person_chose_stays(original: Path, chosen: str) -> None:
    with closing(sqlite3.connect(original / "mlflow.db")) as database:
        database.execute("UPDATE experiments SET artifact_location = ? WHERE name = 'attune'", (chosen,))
        database.commit()
    before = hash_files(original)
    update_artifact_locations(original)
    assert hash_files(original) == before


def test_where_nothing_moved_nothing_is_written(original: Path, tmp_path: Path) -> None:
    before = hash_files(original)
    update_artifact_locations(original)
    assert hash_files(original) == before
    update_artifact_locations(tmp_path)
    assert not (tmp_path / "mlflow.db").exists()
    (tmp_path / "mlflow.db").touch()
    update_artifact_locations(tmp_path)
    assert (tmp_path / "mlflow.db").read_bytes() == b""


def test_before_mlflows_pages_open_the_folders_are_updated(original: Path) -> None:
    other = copy(original, "a copy?50%41#")
    uri = find_pages_database(cast(Clinic, SimpleNamespace(artifacts=other, folder=other.parent)))
    assert sqlalchemy.make_url(uri).database == str(other / "mlflow.db")
    assert not [cell for cell in list_cells(other) if build_runs_location(original) in cell[2]]
