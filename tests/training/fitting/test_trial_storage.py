"""The file of the trials is complete or absent, in any folder, and an interrupted run leaves nothing to repair."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import optuna
import pytest

from attune_fit.training.fitting import trial_storage
from attune_fit.training.fitting.trial_storage import open_trial_storage, report_storage_errors
from tests.fault_descriptions import raises_faults

REPLACED = "optuna.db was left broken by an interrupted run and holds no finished trial: replaced."


def compute_error(trial: optuna.Trial) -> float:
    trial.set_user_attr("note", "x" * 2000)  # so that a few trials fill a small disk
    return float(trial.suggest_float("x", 0, 1))


def search(path: Path, messages: list[str] | None = None, trials: int = 1) -> int:
    """Run trials, and return how many the study then has."""
    with report_storage_errors(path):
        storage = open_trial_storage(path, (messages if messages is not None else []).append)
        study = optuna.create_study(storage=storage, study_name="one", load_if_exists=True)
        study.optimize(compute_error, n_trials=trials)
        return len(study.trials)


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)


@pytest.mark.parametrize("statements", [(), ("CREATE TABLE trials (state)",)])
def test_a_half_made_file_of_trials_is_replaced_and_reported(tmp_path: Path, statements: tuple[str]) -> None:
    path, messages = tmp_path / "optuna.db", list[str]()
    path.touch()
    execute(path, *statements)
    assert search(path, messages) == 1
    assert search(path, messages) == 2
    assert messages == [REPLACED]


def test_finished_trials_are_never_deleted(tmp_path: Path) -> None:
    """A file without a version, and one of another version of Optuna."""
    path = tmp_path / "optuna.db"
    search(path)
    execute(path, "DELETE FROM alembic_version")
    assert search(path) == 2
    execute(path, "UPDATE alembic_version SET version_num = 'v99'")
    before = path.read_bytes()
    with raises_faults("artifacts/optuna.db: trials-not-storable"):
        search(path)
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="has no such names")
@pytest.mark.parametrize("name", ["a?b", "a#{0}%41 ;'ü"])
def test_trials_are_stored_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "artifacts" / "optuna.db"
    assert search(path) == 1
    assert os.listdir(tmp_path) == [name]
    assert os.listdir(path.parent) == ["optuna.db"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_interruption_leaves_no_file_of_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "optuna.db"

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("_connect", "_rename_new"):
        with monkeypatch.context() as patch:
            patch.setattr(trial_storage, name, interrupt)
            with pytest.raises(KeyboardInterrupt):
                search(path)
        assert os.listdir(tmp_path) == []


def test_two_searches_make_one_file_of_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is as slow as it can be: it finds the file of the first when it renames its own."""
    path, real = tmp_path / "optuna.db", trial_storage._rename_new

    def rename_late(temporary: Path, target: Path) -> None:
        monkeypatch.setattr(trial_storage, "_rename_new", real)
        search(target, trials=2)
        real(temporary, target)

    monkeypatch.setattr(trial_storage, "_rename_new", rename_late)
    assert search(path) == 3
    assert os.listdir(tmp_path) == ["optuna.db"]


def test_a_full_disk_is_named_and_finished_trials_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "optuna.db"
    search(path)
    real = trial_storage._open_database

    def open_full(path: Path) -> sqlite3.Connection:
        database = real(path)
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")
        return database

    with monkeypatch.context() as patch, raises_faults("artifacts/optuna.db: no-space-for-trials"):
        patch.setattr(trial_storage, "_open_database", open_full)
        search(path, trials=20)
    assert search(path) >= 2


def test_a_locked_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "optuna.db"
    search(path)
    monkeypatch.setattr(trial_storage, "LOCK_SECONDS", 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with raises_faults("artifacts/optuna.db: trials-file-locked (0)"):
            search(path)


def test_a_read_only_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "optuna.db"
    search(path)
    open_read_only = partial(sqlite3.connect, f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
    monkeypatch.setattr(trial_storage, "_open_database", lambda _: open_read_only())
    with raises_faults("artifacts/optuna.db: trials-file-read-only"):
        search(path)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "optuna.db"
    makers: dict[str, Callable[[], object]] = {"a folder": path.mkdir, "a pipe": partial(os.mkfifo, path)}
    makers["a link whose target does not exist"] = partial(path.symlink_to, tmp_path / "gone")
    for kind, make in makers.items():
        make()
        with raises_faults(f"artifacts/optuna.db: trials-file-irregular ({kind})"):
            search(path)
        path.rmdir() if kind == "a folder" else path.unlink()
