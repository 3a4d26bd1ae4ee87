"""The stored tables are those that MLflow makes by its migrations, and they hold no address and no run."""

from __future__ import annotations

import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from attune_fit.training.promotion import mlflow_schema
from attune_fit.training.promotion.mlflow_database import build_database_uri, migrate_tables, open_database
from attune_fit.training.promotion.mlflow_schema import format_schema, make_tables, read_stored_schema

REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements" / "run.txt"
RUNS = "file:///somewhere/mlruns"

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]


def list_lines(database: Path) -> list[str]:
    """List the lines of the schema, sorted: MLflow's migrations write some constraints in another order each time."""
    return sorted(line.rstrip(",") for line in format_schema(database, "any").split("\n"))


def test_the_stored_tables_are_those_of_the_migrations(tmp_path: Path) -> None:
    schema = read_stored_schema()
    assert schema is not None
    make_tables(tmp_path / "stored.db", schema, RUNS)
    migrate_tables(tmp_path / "migrated.db")
    assert list_lines(tmp_path / "stored.db") == list_lines(tmp_path / "migrated.db")
    for name in ("stored.db", "migrated.db"):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            row = connection.execute("SELECT experiment_id, name, lifecycle_stage, workspace FROM experiments")
            assert row.fetchall() == [(0, "Default", "active", "default")]


@pytest.mark.skipif("%" in sys.prefix, reason="MLflow's own client cannot start from a folder with % in its path")
def test_mlflow_takes_a_stored_database_as_its_own(tmp_path: Path) -> None:
    from mlflow import MlflowClient
    from mlflow.store.db.base_sql_model import Base

    assert open_database(tmp_path) == ""
    schema = read_stored_schema()
    assert schema is not None
    uri = build_database_uri(tmp_path / "mlflow.db")
    client = MlflowClient(uri, uri)
    assert [one.name for one in client.search_experiments()] == ["Default"]
    assert client.create_registered_model("any").name == "any"
    assert set(Base.metadata.tables) <= schema.tables
    assert open_database(tmp_path) == ""


def test_the_version_is_the_pinned_one() -> None:
    pinned = re.search(r"^mlflow-skinny==(\S+)", REQUIREMENTS.read_text(), re.MULTILINE)
    schema = read_stored_schema()
    assert pinned is not None
    assert schema is not None, "store it anew: python -m attune_fit.training.promotion.mlflow_schema"
    assert schema.version == pinned[1]


def test_another_version_of_mlflow_makes_its_tables_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_stored_schema.cache_clear()
    monkeypatch.setattr(mlflow_schema, "version", lambda _: "0.0.1")
    try:
        assert read_stored_schema() is None
        assert open_database(tmp_path) == ""
        assert open_database(tmp_path) == ""
    finally:
        read_stored_schema.cache_clear()
    monkeypatch.undo()
    assert open_database(tmp_path) == ""


def test_no_address_is_stored() -> None:
    schema = read_stored_schema()
    assert schema is not None
    assert "file:" not in schema.sql
    assert re.findall(r'INSERT INTO "(\w+)"', schema.sql) == ["alembic_version", "workspaces"]
