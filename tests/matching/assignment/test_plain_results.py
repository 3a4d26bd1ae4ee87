"""What an assignment computes in arrays equals what plain loops over clients and pairs compute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.matching.assignment import unassigned_reasons
from attune_fit.matching.assignment.assign import apply_policy, assign
from attune_fit.matching.assignment.assignment_builder import build_assignment
from attune_fit.matching.assignment.assignment_result import Assignment
from attune_fit.matching.assignment.constraints import AssignmentConstraints, ConstraintArrays
from attune_fit.matching.assignment.policies import POLICIES
from attune_fit.matching.assignment.unassigned_reasons import find_unassigned_reasons
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.assignment import plain_results
from tests.matching.assignment.test_placement import waiting_lists
from tests.matching.builders import busy, experienced, opened
from tests.strategies import clinics

HARD_CLINICS = clinics(wishes=4, conflicts=3, states=4)
WAITING = replace(busy(), outcomes=busy().outcomes.head(0), met_client_ids=frozenset())  # all clients of a busy clinic
CLINICS = st.one_of(st.just(WAITING), HARD_CLINICS)


def build_scorer(tables: Tables) -> RosterScorer:
    return RosterScorer.from_clinic(experienced(), opened(), tables, 0)


def place(tables: Tables, data: st.DataObject) -> Assignment:
    """Return an assignment with a refused pair and an earlier placement, where the clinic has clients who wait."""
    scorer = build_scorer(tables)
    clients = tables.clients["client_id"].iloc[find_waiting_clients(scorer.clinic, tables)].tolist()
    therapists = tables.therapists["therapist_id"].tolist()
    pairs = st.tuples(st.sampled_from(clients), st.sampled_from(therapists)) if clients else st.nothing()
    refused = data.draw(st.lists(pairs, max_size=3)) if clients else []
    kept = dict(data.draw(st.lists(pairs, max_size=3))) if clients else {}
    policy = data.draw(st.sampled_from(POLICIES)).name
    return assign(scorer, [policy], AssignmentConstraints(refused=refused, kept=kept))[0]


@settings(deadline=None, max_examples=40)
@given(tables=CLINICS, data=st.data())
def test_the_json_and_the_table_are_those_of_a_deep_copy(tables: Tables, data: st.DataObject) -> None:
    assignment = place(tables, data)
    assert assignment.to_json() == plain_results.build_json_plainly(assignment)
    pd.testing.assert_frame_equal(assignment.to_frame(), plain_results.build_frame_plainly(assignment))


def test_a_number_that_json_does_not_have_is_refused() -> None:
    assignment = assign(build_scorer(WAITING))[0]
    worse = replace(assignment, placed=(replace(assignment.placed[0], score=float("nan")),))
    for build in (Assignment.to_json, plain_results.build_json_plainly):
        with pytest.raises(ValueError, match="not JSON compliant"):
            build(worse)


@settings(deadline=None, max_examples=200)
@given(waiting_list=waiting_lists(most=6), data=st.data(), at_once=st.integers(1, 20))
def test_reasons_and_changes_are_those_of_one_client_after_another(
    waiting_list: WaitingList, data: st.DataObject, at_once: int
) -> None:
    shape = waiting_list.failed_rule_bits.shape
    is_refused = data.draw(arrays(np.bool_, shape))
    has_opening = data.draw(arrays(np.bool_, shape[1]))
    rows = np.flatnonzero(data.draw(arrays(np.bool_, shape[0])))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unassigned_reasons, "MAX_PAIRS_AT_ONCE", at_once)
        found = list(find_unassigned_reasons(waiting_list, rows, has_opening, is_refused))
    assert [(one.why, [(says, columns.tolist()) for says, columns in one.changes]) for one in found] == [
        plain_results.find_reason_plainly(waiting_list, row, has_opening, is_refused[row]) for row in rows.tolist()
    ]


@settings(deadline=None, max_examples=40)
@given(tables=CLINICS, data=st.data())
def test_records_are_those_of_one_client_after_another(tables: Tables, data: st.DataObject) -> None:
    scorer = build_scorer(tables)
    waiting_list = WaitingList.build(scorer, find_waiting_clients(scorer.clinic, tables))
    constraints = draw_constraints(waiting_list, data)
    policy = data.draw(st.sampled_from(POLICIES))
    assigned = apply_policy(waiting_list, constraints, policy, scorer.clinic.config.assign, scorer.seed)
    assignment = build_assignment(scorer, waiting_list, constraints, assigned, policy)
    everyone = (scorer, waiting_list, constraints, assigned)
    assert sorted(assignment.placed, key=lambda one: one.client_id) == list(assignment.placed)
    assert set(assignment.placed) == set(plain_results.list_assigned_plainly(*everyone))
    assert set(assignment.unplaced) == set(plain_results.list_unassigned_plainly(*everyone))


def draw_constraints(waiting_list: WaitingList, data: st.DataObject) -> ConstraintArrays:
    """Draw refused pairs and earlier therapists."""
    shape = waiting_list.failed_rule_bits.shape
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))  # arrays of Hypothesis have one value nearly everywhere
    is_refused = rng.random(shape) < rng.choice([0.0, 0.3])
    previous = np.asarray(rng.integers(-1, shape[1], shape[0]), dtype=np.intp)
    return ConstraintArrays(is_refused, waiting_list.is_eligible & ~is_refused, waiting_list.empty_assignment, previous)
