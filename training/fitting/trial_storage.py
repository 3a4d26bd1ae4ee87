"""The file in which a search stores its trials: complete or absent, and replaced where a killed run left it broken."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault
from attune_fit.data.storage.atomic_write import PRIVATE_MODE, flush_folder, make_temporary_path, sweep_leftovers
from attune_fit.data.storage.regular_file import describe_irregular_file

LOCK_SECONDS = 60  # how long to wait for another process that writes into the file
SQLITE_SIDE_FILES = ("-journal", "-wal", "-shm")  # of a database: rolled back into the file that has its name


def open_trial_storage(path: Path, report_progress: Callable[[str], None]) -> Any:
    """Open the file of the trials as Optuna's storage; a new one is made under a temporary name and renamed.

    Parameters
    ----------
    path : Path
        The SQLite file; missing folders are created. One that Optuna cannot use and that holds no finished trial, such
        as the half-made one of a killed run, is replaced.
    report_progress : callable
        Receives a message where a file is replaced.

    Returns
    -------
    optuna.storages.RDBStorage

    Raises
    ------
    sqlite3.Error, sqlalchemy.exc.SQLAlchemyError
        If the file is no database, is locked or read-only, or no space is left; see :func:`report_storage_errors`.
    DataFault
        If this version of Optuna cannot use the file, or the path is a folder, a pipe, or a link without a target.
    """
    if kind := describe_irregular_file(path):
        fix = "Move it away and train again. The search then starts from the beginning."
        raise DataFault.error(
            "trials-file-irregular", f"artifacts/{path.name}", "", f"it is {kind}, not a file", fix=fix
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep_leftovers(path.parent)
    if path.exists() and not _is_ready(path) and _count_finished_trials(path) == 0:
        report_progress(f"{path.name} was left broken by an interrupted run and holds no finished trial: replaced.")
        _replace_storage(path)
    elif not path.exists():
        _create_storage(path)
    try:
        return _connect(path)
    except RuntimeError:  # of another version of Optuna
        raise _build_fault(path) from None


@contextmanager
def report_storage_errors(path: Path | None) -> Iterator[None]:
    """Turn errors of the database into one fault that names the file and what to do; None is a search in memory.

    Raises
    ------
    DataFault
        If the block fails because trials cannot be stored or read.
    """
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (sqlite3.Error, SQLAlchemyError, StorageInternalError) as error:
        if path is None:
            raise
        raise _build_fault(path, _find_error_name(error)) from None


def _build_fault(path: Path, error_name: str = "") -> DataFault:
    """Return the fault for an error of SQLite, by its name."""
    place = f"artifacts/{path.name}"
    if error_name.startswith("SQLITE_FULL"):
        message = "no space is left to store the trials"
        fix = "Free some space and train again. The finished trials are kept."
        return DataFault.error("no-space-for-trials", place, "", message, fix=fix)
    if error_name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        message = f"another program has kept this file locked for more than {LOCK_SECONDS} s"
        fix = "Wait until the other program has ended, then train again. The finished trials are kept."
        return DataFault.error("trials-file-locked", place, "", message, fix=fix)
    if error_name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN")):
        message, fix = "the trials cannot be stored, because this file is read-only", "Allow Attune to write to it."
        return DataFault.error("trials-file-read-only", place, "", message, fix=fix)
    fix = "Move the file away and train again. The search then starts from the beginning."
    return DataFault.error("trials-not-storable", place, "", "Optuna cannot store its trials in this file", fix=fix)


def _find_error_name(error: BaseException | None) -> str:
    """Return SQLite's name of the error behind one of Optuna or SQLAlchemy; empty text if there is none."""
    while error is not None:
        for one in (error, getattr(error, "orig", None)):
            name = getattr(one, "sqlite_errorname", None)  # missing in an error of the module itself
            if name is not None:
                return str(name)
        error = error.__cause__ or error.__context__
    return ""


def _is_ready(path: Path) -> bool:
    """Return whether all tables of Optuna are there; their two versions are written last."""
    with suppress(sqlite3.DatabaseError), closing(_open_database(path)) as database:
        return database.execute("SELECT 1 FROM version_info, alembic_version").fetchone() is not None
    return False


def _count_finished_trials(path: Path) -> int:
    """Return the number of finished trials in the file.

    Raises
    ------
    sqlite3.DatabaseError
        If the file is no database: what it holds is unknown.
    """
    with closing(_open_database(path)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "trials" not in tables:
            return 0
        query = "SELECT COUNT(*) FROM trials WHERE state IN ('COMPLETE', 'PRUNED')"
        return int(database.execute(query).fetchone()[0])


def _create_storage(path: Path) -> None:
    """Create a file with Optuna's tables at once; where another process was faster, its file stays."""
    temporary = _make_storage(path)
    try:
        with suppress(FileExistsError):
            _rename_new(temporary, path)
    finally:
        _delete_database(temporary)
    flush_folder(path.parent)


def _replace_storage(path: Path) -> None:
    """Replace an unusable file by one with Optuna's tables."""
    temporary = _make_storage(path)
    try:
        if _is_ready(path):  # another process was faster
            return
        for suffix in SQLITE_SIDE_FILES:  # before the rename: they would be rolled back into the new file
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        temporary.replace(os.path.realpath(path))
    finally:
        _delete_database(temporary)
    flush_folder(path.parent)


def _make_storage(path: Path) -> Path:
    """Return a temporary file with Optuna's tables, flushed to the disk."""
    temporary = make_temporary_path(path.parent, path.suffix)
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE))
        _connect(temporary).engine.dispose()
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
    except BaseException:
        _delete_database(temporary)
        raise
    return temporary


def _rename_new(temporary: Path, path: Path) -> None:
    """Give a file its name only if no file has it: two searches can start at once."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except (OSError, AttributeError, NotImplementedError):  # a file system without hard links
        if path.exists():
            raise FileExistsError from None
        temporary.rename(path)


def _delete_database(path: Path) -> None:
    for suffix in ("", *SQLITE_SIDE_FILES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _connect(path: Path) -> Any:
    """Open a database by its path: an address would give ``?``, ``#``, ``%`` and braces in a folder name a meaning."""
    from optuna.storages import RDBStorage
    from sqlalchemy.pool import NullPool

    return RDBStorage("sqlite://", engine_kwargs={"creator": partial(_open_database, path), "poolclass": NullPool})


def _open_database(path: Path) -> sqlite3.Connection:
    """Open a SQLite file that exists: one that was deleted meanwhile is an error, not a new empty one."""
    address = f"{Path(os.path.realpath(path)).as_uri()}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=LOCK_SECONDS, check_same_thread=False)
