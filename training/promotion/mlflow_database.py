"""The clinic's own MLflow database: its address, a first one that is whole or absent, and a check before it is used."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.data.storage.regular_file import check_regular_file
from attune_fit.training.promotion.artifact_locations import (
    DATABASE_FILE,
    build_runs_location,
    update_artifact_locations,
)
from attune_fit.training.promotion.mlflow_environment import (
    MOVE,
    OWN_PLACE,
    MlflowUnavailableError,
    describe_error,
    use_mlflow,
)
from attune_fit.training.promotion.mlflow_schema import make_tables, read_stored_schema

LOCK_SECONDS = 5  # how long a statement waits for another process that writes
TIMES_MADE: Counter[Path] = Counter()  # how often this process found no database at a path
SIDE_FILES = ("-journal", "-wal", "-shm")  # of SQLite; an old one would be played into a new database
NEW_RUNS_ROOT = "_MLFLOW_SERVER_ARTIFACT_ROOT"  # MLflow: where experiments without an address of their own keep files


def build_database_uri(database: Path) -> str:
    """Return the URI of a clinic's database; another one each time that the file is made anew.

    MLflow keeps the database of a URI open, and makes its tables only once, until the process ends. A file that was
    deleted meanwhile needs another URI, so its option ``timeout`` (in seconds) is one more each time. The URI names the
    driver too: without it MLflow makes the folder of the URI, with ``%20`` where the name has a space.
    """
    import sqlalchemy as sa

    database = database.resolve()
    if not database.exists() or not database.stat().st_size:
        TIMES_MADE[database] += 1
    query = {"timeout": str(LOCK_SECONDS + TIMES_MADE[database])}
    uri = sa.URL.create("sqlite+pysqlite", database=str(database), query=query)
    return uri.render_as_string(hide_password=False)


def open_database(artifacts: Path) -> str:
    """Make the clinic's MLflow database where it is missing, check it, and update the addresses in it.

    A new database gets its tables under a temporary name and is renamed when it is whole. A database of an earlier
    version of Attune that was not finished, and holds no run, is replaced.

    Parameters
    ----------
    artifacts : Path
        The clinic's folder for Attune's files.

    Returns
    -------
    str
        That a database was replaced, and why; empty if none was.

    Raises
    ------
    MlflowUnavailableError
        If it is not a database of this version of MLflow, or cannot be read and written now. It is unchanged then.
    """
    database, note = artifacts.resolve() / DATABASE_FILE, ""
    try:
        check_regular_file(database)
    except OSError as error:
        raise MlflowUnavailableError(OWN_PLACE, error.strerror or "it is no file", MOVE) from None
    try:
        if not database.exists() or not database.stat().st_size:
            _make_database(database)
        elif _is_half_made(database):
            _make_database(database)
            note = f"{OWN_PLACE} was not finished by an earlier run and held no run. Attune made it anew."
        update_artifact_locations(artifacts)
    except MlflowUnavailableError:
        raise
    except Exception as error:  # MLflow, SQLAlchemy, SQLite and the disk each have errors of their own
        raise describe_error(error, OWN_PLACE) from None
    return note


def _make_database(database: Path) -> None:
    """Make a database with all tables of MLflow under a temporary name, and rename it."""
    for suffix in SIDE_FILES:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    write_atomically(database, _make_tables)
    TIMES_MADE[database] += 1


def _make_tables(database: Path) -> None:
    """Make the tables of the installed MLflow in a database: the stored ones, or by its migrations."""
    schema = read_stored_schema()
    if schema is None:
        migrate_tables(database)
    else:
        make_tables(database, schema, build_runs_location(database.parent))


def migrate_tables(database: Path) -> None:
    """Let MLflow make its tables in a database by its migrations, and close it."""
    with use_mlflow(""):
        from mlflow import MlflowClient

        os.environ[NEW_RUNS_ROOT] = build_runs_location(database.parent)
        try:
            uri = build_database_uri(database)
            MlflowClient(uri, uri).search_experiments(max_results=1)
        finally:
            del os.environ[NEW_RUNS_ROOT]
            for suffix in SIDE_FILES:
                with suppress(OSError):
                    database.with_name(database.name + suffix).unlink(missing_ok=True)


def _is_half_made(database: Path) -> bool:
    """Return whether a database lacks tables and holds no run; raise where it is another program's or version's.

    Nothing is written, but SQLite is asked for the right to write.
    """
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=LOCK_SECONDS)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        n_runs = connection.execute("SELECT count(*) FROM runs").fetchone()[0] if "runs" in tables else 0
        query = "SELECT version_num FROM alembic_version"
        versions = [str(version) for (version,) in connection.execute(query)] if "alembic_version" in tables else []
        connection.rollback()
    newest, all_tables, known = _describe_tables()
    if versions == [newest] and all_tables <= tables:
        return False
    others = {name for name in tables - known if not name.startswith(("alembic_", "_alembic_", "sqlite_"))}
    if not n_runs and (not others or versions):
        return True
    if versions and versions != [newest]:
        raise describe_error(RuntimeError("out-of-date database schema"), OWN_PLACE)
    raise MlflowUnavailableError(OWN_PLACE, "another program's tables are in it, or tables are missing", MOVE)


def _describe_tables() -> tuple[str, frozenset[str], frozenset[str]]:
    """Return the newest revision of the installed MLflow, its tables, and all tables of any version."""
    if schema := read_stored_schema():
        return schema.revision, schema.tables, schema.tables
    with use_mlflow(""):
        from mlflow.store.db import utils
        from mlflow.store.db.base_sql_model import Base
        from mlflow.store.tracking.dbmodels.initial_models import Base as InitialBase

        newest, all_tables = str(utils._get_latest_schema_revision()), frozenset(Base.metadata.tables)
        return newest, all_tables, all_tables | frozenset(InitialBase.metadata.tables)
