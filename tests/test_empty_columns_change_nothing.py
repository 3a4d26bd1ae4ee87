"""An optional column without a known cell changes nothing: no order, digest, rank, logged ranking or bundle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from attune_fit.data.clinic import columns
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import COLUMNS, TABLES, Column, Kind
from attune_fit.data.reading.checks import cross_checks
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.synthetic.simulate import simulate, write_clinic
from attune_fit.matching.log_replay import recompute_ranking
from attune_fit.matching.ranking.rank import rank_each
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.ranking_log import log_rankings, read_ranking_log
from attune_fit.models import model_bundle
from attune_fit.models.active_model import load_starting_model
from attune_fit.training.fitting.fit_model import fit_clinic_model
from attune_fit.training.promotion.champion_challenger import describe_recipe
from tests.conftest import SAMPLE

NEEDED_HERE = ("instrument",)  # the scores of the sample name theirs in this column
OPTIONAL = [(row.table, row.name) for row in COLUMNS if not row.required and row.name not in NEEDED_HERE]
KINDS = [kind for kind in get_args(Kind) if kind != "id"]
N_GROUPS = 2  # of optional columns of a table that are empty together, next to known ones, and known on the other side
OWN_COLUMN = "a column of the clinic's own"


@contextmanager
def more_columns(*tables: str) -> Iterator[None]:
    """As in a later Attune whose COLUMNS has one more optional column of each kind in these tables."""
    added = tuple(
        Column(table, f"{place} {kind}", kind, "") for table in tables for kind in KINDS for place in ("an", "zz")
    )
    with pytest.MonkeyPatch.context() as patch:
        for module in (columns, cross_checks):
            patch.setattr(module, "COLUMNS", (*added, *COLUMNS))
        yield


def add_own_column(folder: Path, *tables: str) -> None:
    """Write an empty column of the clinic's own first in the file of each table."""
    for table in tables:
        frame = pd.read_csv(folder / f"{table}.csv", dtype=str)
        frame.insert(0, OWN_COLUMN, None)
        frame.to_csv(folder / f"{table}.csv", index=False)


def rank_everyone(folder: Path) -> list[str]:
    """Every ranking as JSON: places, scores, reasons, and the digests of what it was made from."""
    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    rankings = rank_each(
        RosterScorer.from_clinic(load_starting_model(), clinic, tables, 0), list(tables.clients["client_id"])
    )
    return [ranking.to_json() for ranking in rankings]


@cache
def before() -> list[str]:
    return rank_everyone(SAMPLE)


GROUPS = [
    [(table, name) for table, name in OPTIONAL if table in tables][number::N_GROUPS]
    for tables in (("clients",), ("therapists",), set(TABLES) - {"clients", "therapists"})
    for number in range(N_GROUPS)
]


def name_group(group: list[tuple[str, str]]) -> str:
    """Return the columns of a group, so that `-k` finds the test of a column."""
    return "-".join(name for _, name in group)


@pytest.mark.parametrize("group", [*GROUPS, OPTIONAL], ids=[*map(name_group, GROUPS), "all"])
def test_columns_without_a_known_cell_are_like_no_columns(group: list[tuple[str, str]], clinic: Path) -> None:
    for table in {table for table, _ in group}:
        path, names = clinic / f"{table}.csv", [name for one, name in group if one == table]
        pd.read_csv(path, dtype=str).drop(columns=names, errors="ignore").to_csv(path, index=False)
    without = read_tables(Clinic.open(clinic))
    for table, name in group:
        path = clinic / f"{table}.csv"
        pd.read_csv(path, dtype=str).assign(**{name: None}).to_csv(path, index=False)
    empty = read_tables(Clinic.open(clinic))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(empty, name), getattr(without, name))
    assert empty.digest() == without.digest()


@pytest.mark.parametrize("table", TABLES)
def test_one_more_optional_column_in_attune_changes_no_ranking(table: str, clinic: Path) -> None:
    with more_columns(table):
        assert "an code" in getattr(read_tables(Clinic.open(clinic)), table)
        assert rank_everyone(clinic) == before()


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_column_of_the_clinics_own_changes_no_ranking(table: str, clinic: Path) -> None:
    add_own_column(clinic, table)
    assert OWN_COLUMN in getattr(read_tables(Clinic.open(clinic)), table)
    assert rank_everyone(clinic) == before()


def test_a_ranking_logged_before_the_column_came_is_recomputed(clinic: Path) -> None:
    opened, model = Clinic.open(clinic), load_starting_model()
    tables = read_tables(opened)
    log_rankings(opened, list(rank_each(RosterScorer.from_clinic(model, opened, tables, 0), ["c0001", "c0002"])))
    add_own_column(clinic, *TABLES)
    with more_columns(*TABLES):
        later = read_tables(opened)
        for entry in read_ranking_log(opened):
            assert recompute_ranking(entry, model, opened, later).data == tables.digest()


def test_empty_columns_change_no_byte_of_a_trained_bundle_and_no_metric(tmp_path: Path) -> None:
    write_clinic(simulate(120, 8, seed=2), tmp_path / "first")
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    add_own_column(tmp_path / "second", "clients", "therapists", "preferences", "outcomes")
    first = train_into(tmp_path / "first")
    with more_columns(*TABLES):
        second = train_into(tmp_path / "second")
    assert second == first


def train_into(folder: Path) -> tuple[dict[str, bytes], dict[str, float]]:
    """Train on a clinic; return the files of the bundle and the metrics."""
    clinic = Clinic.open(folder)
    fitted = fit_clinic_model(clinic, read_tables(clinic))
    model_bundle.save(fitted.model, folder / "bundle", describe_recipe(fitted.recipe, fitted.records))
    return {path.name: path.read_bytes() for path in (folder / "bundle").iterdir()}, fitted.metrics
