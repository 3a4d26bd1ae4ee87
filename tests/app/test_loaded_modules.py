"""A cold ranking of one client loads what it uses: each library below would make its start slower."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from attune_fit.app.cli import COMMANDS
from benchmarks.speed.cold_start import CLINIC
from benchmarks.start_steps import list_loaded_modules

LIBRARIES = (
    "alembic", "asyncio", "dask", "distributed", "hypothesis", "joblib", "lightgbm", "matplotlib", "mlflow",
    "multiprocessing", "openpyxl", "optuna", "pandera", "psycopg", "pyreadstat", "rich.progress", "rich.traceback",
    "scipy.fft", "scipy.linalg", "scipy.optimize", "scipy.spatial", "scipy.stats", "sklearn", "sqlalchemy",
    "sqlite3", "ssl", "statsmodels", "typeguard",
)  # fmt: skip
OWN_PARTS = (  # the rooms of other commands, and of a journal that the clinic does not have
    "attune_fit.app.views.journal", "attune_fit.app.views.worklist", "attune_fit.data.journal.applying.settled_tables",
    "attune_fit.data.journal.checks", "attune_fit.data.journal.database", "attune_fit.data.journal.events",
    "attune_fit.data.parallel", "attune_fit.data.synthetic", "attune_fit.data.writing", "attune_fit.estimators",
    "attune_fit.matching.assignment", "attune_fit.matching.batch", "attune_fit.matching.capacity",
    "attune_fit.matching.explaining", "attune_fit.matching.fairness", "attune_fit.matching.follow_up",
    "attune_fit.matching.relaxation", "attune_fit.training.evaluation", "attune_fit.training.fitting",
)  # fmt: skip
OTHER_COMMANDS = tuple(f"attune_fit.app.commands.{name.replace('-', '_')}" for name in sorted(COMMANDS - {"rank"}))


@cache
def list_modules() -> frozenset[str]:
    """List the modules that a ranking of a client of Riverside loads, a clinic of text files without a journal."""
    with TemporaryDirectory() as temporary:
        folder = Path(shutil.copytree(CLINIC, Path(temporary, "clinic")))
        return frozenset(list_loaded_modules(folder, "RV-000900"))


@pytest.mark.parametrize("name", [*LIBRARIES, *OWN_PARTS, *OTHER_COMMANDS])
def test_a_ranking_does_not_load(name: str) -> None:
    assert name not in list_modules()


@pytest.mark.parametrize("name", ["pandas", "pydantic", "rich.table", "attune_fit.app.commands.rank"])
def test_a_ranking_loads_so_that_the_list_of_modules_is_one(name: str) -> None:
    assert name in list_modules()


@pytest.mark.parametrize("name", [*OWN_PARTS, *OTHER_COMMANDS])
def test_our_own_parts_are_named_as_they_are(name: str) -> None:
    """So no row above is about a module that was renamed since."""
    path = Path(__file__).resolve().parents[2].joinpath(*name.removeprefix("attune_fit.").split("."))
    outer = Path(__file__).resolve().parents[2].joinpath(*name.split("."))
    assert any(one.is_dir() or one.with_suffix(".py").is_file() for one in (path, outer))
