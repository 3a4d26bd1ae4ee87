"""An MLflow that is broken, foreign, full or silent costs one sentence and seconds, and nothing on the terminal."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.storage.atomic_write import make_temporary_path
from attune_fit.data.synthetic.simulate import simulate, write_clinic
from attune_fit.training.promotion import mlflow_database
from attune_fit.training.promotion.ledger import LEDGER_FILE, read_ledger
from attune_fit.training.promotion.mlflow_environment import MlflowUnavailableError, describe_error
from attune_fit.training.promotion.mlflow_tracking import (
    RunStore,
    TrainingRun,
    log_training,
    open_run_store,
    set_champion_alias,
)
from attune_fit.training.train import train

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]
RUN = TrainingRun({}, {}, {"bundle": "abc"})
TRICKY_NAMES = ["a?b", "a#b;c", "a%41b", "sp ace\nnew", "ü'\"x", "100%"]


@pytest.fixture
def artifacts(mlflow_artifacts: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(mlflow_artifacts, tmp_path / "clinic" / "artifacts"))


def execute(artifacts: Path, *statements: str) -> None:
    """Change the database of a clinic."""
    with closing(sqlite3.connect(artifacts / "mlflow.db", isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


def replace(artifacts: Path, make: Callable[[Path], object]) -> None:
    """Put another thing in place of the database."""
    (artifacts / "mlflow.db").unlink()
    make(artifacts / "mlflow.db")


def make_foreign(artifacts: Path) -> None:
    """Put another program's database in place of MLflow's."""
    replace(artifacts, Path.touch)
    execute(artifacts, "CREATE TABLE customers (name)")


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (lambda a: replace(a, Path.mkdir), "Is a directory"),
    "pipe": (lambda a: replace(a, os.mkfifo), "it is not a regular file"),
    "link": (lambda a: replace(a, lambda path: path.symlink_to("../elsewhere.db")), "it is a link, not a file"),
    "no database": (lambda a: (a / "mlflow.db").write_bytes(b"no" * 9_000), "it is damaged, or is no database"),
    "cut": (
        lambda a: (a / "mlflow.db").write_bytes((a / "mlflow.db").read_bytes()[:200_000]),
        "it is damaged, or is no database",
    ),
    "foreign": (
        make_foreign,
        "another program's tables are in it, or tables are missing",
    ),
    "another version": (
        lambda a: execute(
            a, "INSERT INTO runs (run_uuid) VALUES ('r')", "UPDATE alembic_version SET version_num = '0000'"
        ),
        "another version of MLflow made it",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_database_is_one_sentence_and_stays_as_it_is(
    artifacts: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    make, reason = BROKEN[name]
    make(artifacts)
    before = sorted((path.name, path.is_file() and path.read_bytes()) for path in artifacts.rglob("*"))
    store, outside = RunStore(artifacts), sorted(os.listdir(artifacts.parent))
    for act in (
        lambda: open_run_store(store),
        lambda: log_training(store, artifacts / "bundles" / "abc", RUN),
        lambda: set_champion_alias(store, "abc"),
    ):
        with pytest.raises(MlflowUnavailableError) as error:
            act()
        assert f"(artifacts/mlflow.db: {reason})." in str(error.value)
    assert sorted((path.name, path.is_file() and path.read_bytes()) for path in artifacts.rglob("*")) == before
    assert sorted(os.listdir(artifacts.parent)) == outside
    assert capfd.readouterr() == ("", "")


def test_a_locked_database_is_told_as_locked(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow_database, "LOCK_SECONDS", 0)
    with closing(sqlite3.connect(artifacts / "mlflow.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(MlflowUnavailableError, match="another program has locked it"):
            open_run_store(RunStore(artifacts))
    assert open_run_store(RunStore(artifacts)) == ""


def test_a_full_disk_is_told_as_full_and_leaves_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_disk_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mlflow_database, "make_tables", raise_disk_full)
    with pytest.raises(MlflowUnavailableError, match=r"the disk is full\). Make room"):
        open_run_store(RunStore(tmp_path))
    assert list(tmp_path.iterdir()) == []
    reason = str(describe_error(sqlite3.OperationalError("database or disk is full"), "artifacts/mlflow.db"))
    assert "(artifacts/mlflow.db: the disk is full)" in reason


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE alembic_version", "DROP TABLE registered_model_aliases"),
        ("UPDATE alembic_version SET version_num = '451aebb31d03'",),
        ("DROP TABLE runs",),
    ],
)
def test_a_half_made_database_without_runs_is_replaced_and_said(
    artifacts: Path, mlflow_artifacts: Path, statements: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_tables(path: Path) -> None:  # making them takes seconds
        shutil.copyfile(mlflow_artifacts / "mlflow.db", path)

    monkeypatch.setattr(mlflow_database, "_make_tables", copy_tables)
    execute(artifacts, "PRAGMA foreign_keys = off", *statements)
    (artifacts / "mlflow.db-journal").write_bytes(b"of the old database")
    assert open_run_store(RunStore(artifacts)).startswith("artifacts/mlflow.db was not finished by an earlier run")
    assert open_run_store(RunStore(artifacts)) == ""
    assert sorted(os.listdir(artifacts)) == ["bundles", "mlflow.db"]


@pytest.mark.parametrize("name", TRICKY_NAMES)
def test_a_training_stays_inside_a_folder_of_any_name(
    mlflow_artifacts: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    artifacts = Path(shutil.copytree(mlflow_artifacts, tmp_path / name / "artifacts"))
    log_training(RunStore(artifacts), artifacts / "bundles" / "abc", RUN)
    assert os.listdir(tmp_path) == [name]
    assert sorted(os.listdir(artifacts)) == ["bundles", "mlflow.db", "mlruns"]
    (tmp_path / name).rename(tmp_path / "moved")
    set_champion_alias(RunStore(Path("moved/artifacts")), "abc")
    assert os.listdir(tmp_path) == ["moved"]
    with closing(sqlite3.connect("moved/artifacts/mlflow.db")) as database:
        query = "SELECT artifact_location FROM experiments WHERE name = 'attune'"
        assert database.execute(query).fetchall() == [((tmp_path / "moved/artifacts/mlruns").as_uri(),)]


def test_a_first_database_is_made_in_a_folder_of_an_odd_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_run_store(RunStore(Path("a?b%41/artifacts")))
    assert os.listdir(tmp_path) == ["a?b%41"]
    assert os.listdir(tmp_path / "a?b%41/artifacts") == ["mlflow.db"]
    assert (tmp_path / "a?b%41/artifacts/mlflow.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["folder", "pipe", "no database"])
def test_a_broken_database_stops_no_training(tmp_path: Path, name: str) -> None:
    """The training says why its run is not in MLflow; ledger and bundle are those of any training."""
    folder = tmp_path / "clinic"
    write_clinic(simulate(60, 6, seed=4), folder)
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "mlflow.db").touch()
    make, reason = BROKEN[name]
    make(folder / "artifacts")
    clinic = Clinic.open(folder)
    lines: list[str] = []
    done = train(clinic, read_tables(clinic), report_progress=lines.append)
    assert (done.run, reason in done.run_note) == ("", True)
    assert lines[0] == f"{done.run_note} The training goes on without it.", "said before the computing"
    (entry,) = read_ledger(folder / "artifacts" / LEDGER_FILE).entries
    assert entry.bundle == done.bundle == done.folder.name
    assert (done.folder / "card.md").exists()


def test_what_a_killed_training_left_is_deleted_by_the_next(artifacts: Path) -> None:
    dead = artifacts / make_temporary_path(artifacts).name.replace(f"-{os.getpid()}-", "-999999999-")
    dead.mkdir()
    log_training(RunStore(artifacts), artifacts / "bundles" / "abc", RUN)
    assert sorted(os.listdir(artifacts)) == ["bundles", "mlflow.db", "mlruns"]
