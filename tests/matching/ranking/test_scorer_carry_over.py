"""What a scorer keeps of an earlier one equals what it would compute, whatever part of the tables changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.ranking.scorer_carry_over import SOURCES, keep_unchanged_results
from attune_fit.models.active_model import load_active_model
from tests.data.conftest import ClinicFolder
from tests.features.test_sides_carry_over import CHANGES, WORLD, is_equal

NAMES = [name for name, value in vars(RosterScorer).items() if isinstance(value, cached_property)]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    path = tmp_path_factory.mktemp("clinic")
    ClinicFolder(path)
    return Clinic.open(path)


def build_scorer(clinic: Clinic, tables: Tables) -> RosterScorer:
    model = replace(load_active_model(clinic, WORLD), n_outcomes=40)  # so that weights can be turned
    return RosterScorer.from_clinic(model, clinic, tables, 5)


def compute_all(scorer: RosterScorer) -> RosterScorer:
    for name in NAMES:
        getattr(scorer, name)
    return scorer


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_kept_is_what_would_be_computed(change: Callable[[Tables], Tables], clinic: Clinic) -> None:
    known, now = compute_all(build_scorer(clinic, WORLD)), build_scorer(clinic, change(WORLD))
    fields = set(vars(now))
    kept = {name: value for name, value in vars(keep_unchanged_results(now, known)).items() if name not in fields}
    computed = compute_all(build_scorer(clinic, change(WORLD)))
    assert [name for name, value in kept.items() if not is_equal(value, getattr(computed, name))] == []


def test_all_that_is_named_is_kept_where_nothing_changed(clinic: Clinic, tmp_path: Path) -> None:
    known, now = compute_all(build_scorer(clinic, WORLD)), build_scorer(clinic, replace(WORLD))
    keep_unchanged_results(now, known)
    assert all(vars(now)[name] is vars(known)[name] for name in SOURCES)
    assert set(SOURCES) <= set(NAMES)
