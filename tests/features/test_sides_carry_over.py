"""What is kept of the arrays of earlier tables equals what would be computed anew, whatever part of them changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import attune_fit as af
from attune_fit.data.clinic.pair_states import Offer, Pair, PairStates
from attune_fit.data.clinic.tables import Tables, UnreadableCell
from attune_fit.features.sides import Sides
from attune_fit.features.sides_carry_over import SOURCES, keep_unchanged_arrays, list_sources
from tests.data.conftest import CLIENTS, ClinicFolder

WORLD = af.simulate(clients=60, therapists=8, seed=3).tables


def reverse(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[::-1].reset_index(drop=True)


CHANGES: dict[str, Callable[[Tables], Tables]] = {
    "nothing": replace,
    "clients": lambda one: replace(one, clients=reverse(one.clients)),
    "a client less": lambda one: replace(one, clients=one.clients.iloc[1:].reset_index(drop=True)),
    "therapists": lambda one: replace(one, therapists=reverse(one.therapists)),
    "a therapist less": lambda one: replace(one, therapists=one.therapists.iloc[1:].reset_index(drop=True)),
    "preferences": lambda one: replace(one, preferences=one.preferences.iloc[::2].reset_index(drop=True)),
    "outcomes": lambda one: replace(one, outcomes=one.outcomes.iloc[:3]),
    "conflicts": lambda one: replace(
        one, conflicts=one.conflicts.iloc[:0] if len(one.conflicts) else one.outcomes[["client_id", "therapist_id"]]
    ),
    "unreadable": lambda one: replace(
        one,
        unreadable=frozenset(
            UnreadableCell(f"{side}s", column, str(getattr(one, f"{side}s")[f"{side}_id"].iloc[0]), "aside")
            for side in ("client", "therapist") for column in ("", "age", "gender")
        ),
    ),
    "states of pairs": lambda one: replace(
        one,
        pair_states=PairStates(
            offers=(Offer(*find_pair(one), "accepted", None),), declined=frozenset([Pair(*find_pair(one))])
        ),
    ),
    "empty columns": lambda one: replace(
        one,
        clients=one.clients.assign(region=one.clients["region"].mask(one.clients["region"].notna())),
        therapists=reverse(one.therapists),
    ),
}  # fmt: skip


def find_pair(tables: Tables) -> tuple[str, str]:
    return str(tables.clients["client_id"].iloc[0]), str(tables.therapists["therapist_id"].iloc[0])


def rank_all(sides: Sides, folder: Path) -> Sides:
    """Rank for all clients of a clinic with these sides, so that every array that a ranking needs is there."""
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.matching.ranking.rank import rank_each
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.models.active_model import load_active_model

    clinic = Clinic.open(folder)
    model = load_active_model(clinic, sides.tables)
    scorer = RosterScorer.from_clinic(model, clinic, sides.tables, shared_sides=sides)
    for _ in rank_each(scorer, sides.list_ids("client")):
        pass
    return compute_all(sides)


def compute_all(sides: Sides) -> Sides:
    """Compute the arrays that no ranking of this clinic needs too."""
    for side in ("client", "therapist"):
        for column in ("age", "gender", "region"):
            sides.convert_to_numbers(side, "age")
            sides.is_known(side, column)
            sides.is_unreadable(side, column)
            sides.build_indicators(side, "languages")
            sides.count_codes(side, "languages")
        sides.is_set_aside(side)
    for source in ("conflicts", "outcomes", "declined", "offers"):
        sides.list_pair_numbers(source)
    sides.count_openings()
    return sides


def is_equal(one: Any, other: Any) -> bool:
    """Return whether two results are equal, cell by cell; unknown cells are equal."""
    if isinstance(one, pd.Series | pd.DataFrame):
        return bool(one.equals(other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and is_equal(vars(one), vars(other))
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(is_equal, one, other))
    if callable(one):  # such as that of a rule, which is made anew for each scorer
        return type(one) is type(other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_equal(value, other[key]) for key, value in one.items())
    return bool(one == other)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clinic")
    ClinicFolder(path)
    return path


@pytest.fixture(scope="module")
def known(folder: Path) -> Sides:
    return rank_all(Sides(WORLD), folder)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_kept_is_what_would_be_computed(change: Callable[[Tables], Tables], known: Sides, folder: Path) -> None:
    tables = change(WORLD)
    kept = dict(keep_unchanged_arrays(Sides(tables), known).iterate_arrays())
    computed = dict(rank_all(Sides(tables), folder).iterate_arrays())
    assert [key for key, value in kept.items() if key in computed and not is_equal(value, computed[key])] == []


def test_every_array_of_a_ranking_that_can_be_kept_is_kept(known: Sides) -> None:
    arrays = dict(known.iterate_arrays())
    kept = dict(keep_unchanged_arrays(Sides(replace(WORLD)), known).iterate_arrays())
    assert all(kept[key] is arrays[key] for key in kept)
    assert {str(key[0] if isinstance(key, tuple) else key) for key in arrays.keys() - kept.keys()} <= {
        "openings", "client profiles",
    }  # fmt: skip
    assert {str(key[0] if isinstance(key, tuple) else key) for key in kept} == set(SOURCES)


def test_an_offer_leaves_all_but_the_offers(known: Sides) -> None:
    kept = dict(keep_unchanged_arrays(Sides(CHANGES["states of pairs"](WORLD)), known).iterate_arrays())
    assert {
        ("numbers", "client", "age"),
        ("known", "therapist", "age"),
        "wishes",
        ("pairs", "conflicts"),
    } <= kept.keys()
    assert not {("pairs", "offers"), ("pairs", "declined"), "openings"} & kept.keys()


def test_an_unknown_array_is_computed_again() -> None:
    assert list_sources("something new") is None
    assert list_sources(("something", "new")) is None
    before = Sides(WORLD)
    before.compute_once("something new", lambda: 1)
    assert keep_unchanged_arrays(Sides(WORLD), before).compute_once("something new", lambda: 2) == 2


def test_tables_that_are_equal_are_the_same_objects_after_another_reading(tmp_path: Path) -> None:
    clinic = ClinicFolder(tmp_path)
    workspace = af.open_clinic(tmp_path)
    workspace.rank("ann")
    therapists, ages = workspace.tables.therapists, workspace.snapshot.sides.convert_to_numbers("therapist", "age")
    clinic.put("clients.csv", CLIENTS.replace("ann,34", "ann,35"))
    workspace.rank("ann")
    assert workspace.tables.therapists is therapists
    assert workspace.snapshot.sides.convert_to_numbers("therapist", "age") is ages
