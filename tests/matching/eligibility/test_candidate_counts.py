"""Clients without a candidate: which, how many, and by which rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables, UnreadableCell
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility import candidate_counts
from attune_fit.matching.eligibility.candidate_counts import (
    CandidateGap,
    build_candidate_warning,
    find_clients_without_candidate,
)
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import select_rules
from tests.strategies import clinic, clinics

CLINIC = Clinic(Path("clinic"), Config(), {})
PAYERS = {"payer": ["public", "aetna", "aetna"], "region": ["north", "north", "south"]}
ROSTER = {"payers": ["public", "public|other"], "licensed_regions": ["north", "north"]}


def find_gap(tables: Tables) -> CandidateGap:
    return find_clients_without_candidate(CLINIC, tables, np.arange(len(tables.clients)))


def test_the_rules_that_leave_a_client_no_therapist_are_counted() -> None:
    gap = find_gap(clinic(PAYERS, ROSTER))
    assert gap == CandidateGap(3, ("c1", "c2"), {"payer": 2, "region": 1})


def test_of_several_rules_the_one_that_excludes_most_is_counted() -> None:
    tables = clinic(
        {"payer": ["aetna"], "region": ["north"]},
        {"payers": ["aetna", "public", "public"], "licensed_regions": ["south", "north", "north"]},
    )
    assert find_gap(tables) == CandidateGap(1, ("c0",), {"payer": 1})


def test_clients_who_are_set_aside_are_not_counted() -> None:
    aside = frozenset({UnreadableCell("clients", "payer", "c1", "aside")})
    gap = find_gap(replace(clinic(PAYERS, ROSTER), unreadable=aside))
    assert (gap.n_clients, gap.client_ids) == (2, ("c2",))


@given(clinics(states=3))
@settings(max_examples=25)
def test_it_is_what_one_client_at_a_time_gives(tables: Tables) -> None:
    rules, sides = select_rules(CLINIC.config), Sides(tables)
    counts: Counter[str] = Counter()
    without = []
    for row, client_id in enumerate(tables.clients["client_id"]):
        result = EligibilityResult.from_rules(Pairs.cross(sides, [row]), rules)
        if not result.is_eligible.any():
            without.append(client_id)
            excluded = {rule.name: int(result.is_excluded[n].sum()) for n, rule in enumerate(rules)}
            counts.update(name for name, number in excluded.items() if number == max(excluded.values()))
    gap = find_gap(tables)
    assert (gap.client_ids, gap.clients_by_rule) == (tuple(sorted(without)), dict(counts))


@given(clinics(states=3))
@settings(max_examples=10)
def test_small_blocks_give_the_same(tables: Tables) -> None:
    whole = find_gap(tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidate_counts, "CLIENTS_PER_BLOCK", 2)
        patch.setattr(candidate_counts, "THERAPISTS_PER_BLOCK", 1)
        assert find_gap(tables) == whole


def test_without_a_gap_there_is_no_warning() -> None:
    assert build_candidate_warning(CandidateGap(3, (), {}), "clinic") is None
    assert build_candidate_warning(CandidateGap(0, (), {}), "clinic") is None


def test_the_warning_names_clients_rules_and_the_next_command() -> None:
    ids = tuple(f"c{number:02}" for number in range(10))
    warning = build_candidate_warning(CandidateGap(12, ids, {"slot": 9, "payer": 1}), "my clinic")
    assert warning is not None
    assert (warning.id, warning.stops, warning.table) == ("clients-without-candidate", False, "clients")
    assert "10 of 12" in warning.says
    assert "c07 and 2 more" in warning.says
    assert warning.says.endswith("slot 9, payer 1")
    assert '`attune relax "my clinic" --client c00`' in warning.fix


def test_it_is_another_warning_where_no_client_has_a_candidate() -> None:
    warning = build_candidate_warning(CandidateGap(2, ("c1", "c2"), {"region": 2, "slot": 2}), "clinic")
    assert warning is not None
    assert warning.id == "no-client-has-candidate"
    assert "region 2, slot 2" in warning.says
    assert "`attune relax clinic --client c1`" in warning.fix
