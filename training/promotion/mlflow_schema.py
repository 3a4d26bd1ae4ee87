"""The tables of MLflow's database as stored SQL: a new database needs neither MLflow nor its 60 migrations.

The stored tables are those that one version of MLflow makes. With another version installed, MLflow makes them itself,
which takes seconds. ``python -m attune_fit.training.promotion.mlflow_schema`` stores them anew.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

SCHEMA_FILE = "mlflow_schema.sql"
DISTRIBUTION = "mlflow-skinny"  # the full MLflow needs the same version of it
HEADER = re.compile(r"-- MLflow (?P<version>\S+), schema (?P<revision>\S+)\n")
TABLE = re.compile(r'^CREATE TABLE "?(?P<name>\w+)"?', re.MULTILINE)
INDEX = re.compile(r"CREATE (UNIQUE )?INDEX")  # their order differs from run to run
EXPERIMENT_ROWS = 'INSERT INTO "experiments"'  # hold the address of a clinic's folder, so they are not stored
DEFAULT_EXPERIMENT = "INSERT INTO experiments VALUES (0, 'Default', ?, 'active', ?, ?, 'default')"


@dataclass(frozen=True)
class MlflowSchema:
    """The tables of MLflow's database.

    Attributes
    ----------
    version : str
        Version of MLflow that makes these tables.
    revision : str
        The newest of its migrations, as the table ``alembic_version`` has it.
    sql : str
        The statements that make the tables, in one transaction.
    """

    version: str
    revision: str
    sql: str

    @property
    def tables(self) -> frozenset[str]:
        """Names of MLflow's own tables; ``alembic_version`` is another library's."""
        return frozenset(TABLE.findall(self.sql)) - {"alembic_version"}


@lru_cache(maxsize=1)
def read_stored_schema() -> MlflowSchema | None:
    """Read the stored tables; None if the installed MLflow has another version, or is missing.

    Returns
    -------
    MlflowSchema or None
    """
    text = files(__package__).joinpath(SCHEMA_FILE).read_text("utf-8")
    header = HEADER.match(text)
    try:
        is_installed = header is not None and header["version"] == version(DISTRIBUTION)
    except PackageNotFoundError:
        return None
    return (
        MlflowSchema(header["version"], header["revision"], text[header.end() :]) if header and is_installed else None
    )


def make_tables(database: Path, schema: MlflowSchema, runs_location: str) -> None:
    """Create the tables of MLflow in an empty file, with the experiment that MLflow makes first.

    Parameters
    ----------
    database : Path
        A temporary file: it is not flushed to the disk.
    schema : MlflowSchema
    runs_location : str
        See :func:`build_runs_location`.

    Raises
    ------
    sqlite3.Error
        If the file cannot be written.
    """
    now = int(time.time() * 1000)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # the caller flushes the whole file once
        connection.executescript(schema.sql)
        connection.execute(DEFAULT_EXPERIMENT, (f"{runs_location}/0", now, now))
        connection.commit()


def format_schema(database: Path, mlflow_version: str) -> str:
    """Return the stored form of the tables in a database that MLflow made; no row of an experiment is in it."""
    with closing(sqlite3.connect(database)) as connection:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        statements = [one for one in connection.iterdump() if not one.startswith(EXPERIMENT_ROWS)]
    statements.remove("COMMIT;")
    indices = sorted(one for one in statements if INDEX.match(one))
    statements = [*(one for one in statements if not INDEX.match(one)), *indices, "COMMIT;"]
    lines = [line.rstrip().replace("\t", "    ") for line in "\n".join(statements).split("\n")]
    return f"-- MLflow {mlflow_version}, schema {revision}\n" + "\n".join(lines) + "\n"


def main() -> None:
    """Store the tables that the installed MLflow makes."""
    from attune_fit.training.promotion.mlflow_database import migrate_tables

    with TemporaryDirectory() as folder:
        database = Path(folder) / "mlflow.db"
        migrate_tables(database)
        text = format_schema(database, version(DISTRIBUTION))
    Path(__file__).with_name(SCHEMA_FILE).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
