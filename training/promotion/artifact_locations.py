"""Keep the folders in MLflow's database those of the clinic: MLflow stores absolute ones, and a clinic can move."""

from __future__ import annotations

from pathlib import Path

EXPERIMENT_NAME = "attune"
DATABASE_FILE, RUNS_FOLDER = "mlflow.db", "mlruns"
LOCATION_COLUMNS = {  # every table and its columns in which MLflow stores the address of a file
    "experiments": ("artifact_location",),
    "runs": ("artifact_uri",),
    "logged_models": ("artifact_location",),
    "model_versions": ("source", "storage_location"),
}


def build_runs_location(artifacts: Path) -> str:
    """Build the address of the folder in which MLflow keeps the files of a clinic's runs, as MLflow stores it."""
    return (artifacts.resolve() / RUNS_FOLDER).as_uri()


def update_artifact_locations(artifacts: Path) -> None:
    """Replace the folder in a clinic's MLflow database after the clinic was copied or moved, in one transaction.

    Without this, a training of the copy would write into the folder of the original. Nothing is written if the folder
    is right, or is no folder of Attune's: a person can keep the files on a server.

    Parameters
    ----------
    artifacts : Path
        The clinic's folder for Attune's files. Without a database nothing is done.

    Raises
    ------
    SQLAlchemyError
        If the database cannot be read or written.
    """
    database, new = artifacts.resolve() / DATABASE_FILE, build_runs_location(artifacts)
    if not database.exists():
        return
    import sqlalchemy as sa

    engine = sa.create_engine(sa.URL.create("sqlite", database=str(database)), poolclass=sa.NullPool)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        if not inspector.has_table("experiments"):
            return
        name, location = sa.column("name", sa.String), sa.column("artifact_location", sa.String)
        query = sa.select(location).select_from(sa.table("experiments")).where(name == EXPERIMENT_NAME)
        old = str(connection.scalar(query) or "")
        if old == new or not (old.startswith("file:") and old.endswith(f"/{RUNS_FOLDER}")):
            return
        for table, names in LOCATION_COLUMNS.items():
            known = {column["name"] for column in inspector.get_columns(table)} if inspector.has_table(table) else set()
            for column in [sa.column(name, sa.String) for name in names if name in known]:
                is_inside = sa.or_(column == old, sa.func.substr(column, 1, len(old) + 1) == f"{old}/")
                moved = sa.literal(new).concat(sa.func.substr(column, len(old) + 1))
                connection.execute(sa.update(sa.table(table, column)).where(is_inside).values({column: moved}))
        connection.commit()
