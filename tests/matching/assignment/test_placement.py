"""Assignment of arrays: small waiting lists, compared with every feasible assignment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.settings import AssignmentSettings
from attune_fit.matching.assignment.assign import apply_policy
from attune_fit.matching.assignment.constraints import ConstraintArrays
from attune_fit.matching.assignment.policies import POLICIES, Policy
from attune_fit.matching.assignment.unassigned_reasons import find_unassigned_reasons
from attune_fit.matching.assignment.waiting_list import INELIGIBLE_RANK, WaitingList
from attune_fit.matching.eligibility.rules import RULES

EVERY = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
PLAIN = AssignmentSettings()
AssignedColumns = tuple[int, ...]


@st.composite
def waiting_lists(draw: st.DrawFn, most: int = 4) -> WaitingList:
    """Draw a waiting list of a few clients; rules 0 and 3 can fail, or exclude as unknown."""
    shape = (draw(st.integers(1, most)), draw(st.integers(1, 3)))
    broken = draw(arrays(np.uint32, shape, elements=st.sampled_from([0, 0, 0, 1, 8, 9])))
    pair = draw(arrays(np.int64, shape, elements=st.integers(-4, 4))).astype(float)
    place_of = np.argsort(np.argsort(-pair, axis=1, kind="stable"), axis=1) + 1
    return WaitingList(
        rows=np.arange(shape[0]),
        rules=RULES[:5],
        failed_rule_bits=broken,
        unknown_rule_bits=broken & draw(arrays(np.uint32, shape, elements=st.sampled_from([0, 1]))),
        score_above_baseline=pair,
        n_wishes_honoured=draw(arrays(np.int64, shape, elements=st.integers(0, 3))),
        n_wishes_stated=np.full(shape[0], 3),
        is_listed=broken == 0,
        rank=np.where(broken == 0, place_of, INELIGIBLE_RANK),
        capacity=draw(arrays(np.int64, shape[1], elements=st.integers(0, 3))),
        weeks_waited=draw(arrays(np.int64, shape[0], elements=st.integers(0, 20))).astype(float),
        urgency=np.zeros(shape[0]),
    )


def constraints_of(
    waiting_list: WaitingList, pins: Indices | None = None, before: Indices | None = None
) -> ConstraintArrays:
    """Return constraints with these pins and this previous assignment only."""
    none = waiting_list.empty_assignment
    refused = np.zeros_like(waiting_list.is_eligible)
    return ConstraintArrays(
        refused, waiting_list.is_eligible, none if pins is None else pins, none if before is None else before
    )


def list_feasible(waiting_list: WaitingList, capacity: Indices | None = None) -> Iterator[AssignedColumns]:
    """List every assignment within the rules and the capacity."""
    room = waiting_list.capacity if capacity is None else capacity
    for one in product(*[[-1, *np.flatnonzero(row).tolist()] for row in waiting_list.is_eligible]):
        if (np.bincount([t for t in one if t >= 0], minlength=len(room)) <= room).all():
            yield one


def assigned(
    waiting_list: WaitingList,
    policy: Policy,
    constraints: ConstraintArrays | None = None,
    settings: AssignmentSettings = PLAIN,
) -> AssignedColumns:
    return tuple(
        apply_policy(waiting_list, constraints or constraints_of(waiting_list), policy, settings, seed=0).tolist()
    )


@EVERY
@settings(deadline=None)
@given(waiting_list=waiting_lists())
def test_rules_and_capacity_are_kept(policy: Policy, waiting_list: WaitingList) -> None:
    assert assigned(waiting_list, policy) in set(list_feasible(waiting_list))


@pytest.mark.parametrize("policy", [one for one in POLICIES if one.can_move_clients], ids=lambda policy: policy.name)
@settings(deadline=None)
@given(waiting_list=waiting_lists())
def test_no_feasible_assignment_reaches_more_of_the_policys_aims(policy: Policy, waiting_list: WaitingList) -> None:
    def reached(one: AssignedColumns) -> tuple[float, ...]:
        pairs = [(row, column) for row, column in enumerate(one) if column >= 0]
        rows, columns = [row for row, _ in pairs], [column for _, column in pairs]
        due = 1 + np.ceil(np.maximum(waiting_list.weeks_waited - PLAIN.overdue_weeks, 0))
        alliance, wishes = (
            waiting_list.score_above_baseline[rows, columns].sum(),
            waiting_list.n_wishes_honoured[rows, columns].sum(),
        )
        own = {
            "alliance-first": (alliance,),
            "wishes-first": (wishes, alliance),
            "balanced": (alliance + PLAIN.wish * wishes + PLAIN.wait * waiting_list.weeks_waited[rows].sum(),),
        }[policy.name]
        return (len(rows), due[rows].sum(), *own)

    assert reached(assigned(waiting_list, policy)) == pytest.approx(
        max(map(reached, list_feasible(waiting_list))), abs=1e-4
    )


@settings(deadline=None)
@given(waiting_list=waiting_lists())
def test_first_come_equals_one_client_after_another(waiting_list: WaitingList) -> None:
    first = replace(waiting_list, weeks_waited=np.arange(len(waiting_list.rows), 0, -1).astype(float))
    room, expected = waiting_list.capacity.copy(), []
    for client in range(len(waiting_list.rows)):
        free = [
            (waiting_list.rank[client, t], t)
            for t in range(len(room))
            if waiting_list.is_eligible[client, t] and room[t] > 0
        ]
        expected.append(min(free)[1] if free else -1)
        room[[t for t in expected[-1:] if t >= 0]] -= 1
    assert assigned(first, POLICIES[-1]) == tuple(expected)


@EVERY
@settings(deadline=None)
@given(waiting_list=waiting_lists(), one=st.integers(0, 2))
def test_one_more_opening_never_assigns_fewer(policy: Policy, waiting_list: WaitingList, one: int) -> None:
    roomier = waiting_list.capacity.copy()
    roomier[one % len(roomier)] += 1
    before, after = (assigned(some, policy) for some in (waiting_list, replace(waiting_list, capacity=roomier)))
    assert sum(t >= 0 for t in after) >= sum(t >= 0 for t in before)


@settings(deadline=None)
@given(waiting_list=waiting_lists(), data=st.data())
def test_after_one_change_as_few_clients_as_possible_are_moved(waiting_list: WaitingList, data: st.DataObject) -> None:
    policy = data.draw(st.sampled_from([one for one in POLICIES if one.can_move_clients]))
    before = assigned(waiting_list, policy)
    fewer = np.maximum(
        waiting_list.capacity - data.draw(arrays(np.int64, len(waiting_list.capacity), elements=st.integers(0, 1))), 0
    )
    smaller = replace(waiting_list, capacity=fewer)

    def stays(one: AssignedColumns) -> tuple[int, int, int]:
        had = [(t, b) for t, b in zip(one, before, strict=True) if b >= 0]
        return sum(t >= 0 for t in one), sum(t >= 0 for t, _ in had), sum(t == b for t, b in had)

    after = assigned(smaller, policy, constraints_of(smaller, before=np.array(before)))
    assert stays(after) == max(map(stays, list_feasible(smaller)))


@settings(deadline=None)
@given(waiting_list=waiting_lists(), data=st.data())
def test_a_pin_is_kept_by_every_policy(waiting_list: WaitingList, data: st.DataObject) -> None:
    possible = [
        (row, column)
        for row, column in zip(*np.nonzero(waiting_list.is_eligible), strict=True)
        if waiting_list.capacity[column]
    ]
    if possible:
        row, column = data.draw(st.sampled_from(possible))
        pins = waiting_list.empty_assignment
        pins[row] = column
        for policy in POLICIES:
            assert assigned(waiting_list, policy, constraints_of(waiting_list, pins=pins))[row] == column


@settings(deadline=None)
@given(waiting_list=waiting_lists())
def test_required_changes_have_the_fewest_obstacles(waiting_list: WaitingList) -> None:
    taken = np.array(assigned(waiting_list, POLICIES[0]))
    room = waiting_list.capacity > np.bincount(taken[taken >= 0], minlength=len(waiting_list.capacity))
    rows, none_refused = np.flatnonzero(taken < 0), np.zeros_like(waiting_list.is_eligible)
    for row, found in zip(rows, find_unassigned_reasons(waiting_list, rows, room, none_refused), strict=True):
        obstacles = [
            int(b).bit_count() + (not free) for b, free in zip(waiting_list.failed_rule_bits[row], room, strict=True)
        ]
        assert {obstacles[column] for _, columns in found.changes for column in columns} == {min(obstacles)}
        for says, _ in found.changes:
            of_rules = sum(rule.remedy_text.count(" and ") for rule in waiting_list.rules if rule.remedy_text in says)
            assert says.count(" and ") == min(obstacles) - 1 + of_rules


def test_first_come_keeps_the_clients_of_the_previous_assignment() -> None:
    waiting_list, before = _two_with_one_opening(), np.array([0, -1])
    assert assigned(waiting_list, POLICIES[-1], constraints_of(waiting_list, before=before)) == (0, -1)
    assert assigned(waiting_list, POLICIES[-1]) == (-1, 0)


def _two_with_one_opening() -> WaitingList:
    """Return a waiting list on which the second client has waited longer."""
    ones = np.ones((2, 1))
    none, no_bits = np.zeros((2, 1), dtype=np.int32), np.zeros((2, 1), dtype=np.uint32)
    zero, weeks = np.zeros(2), np.array([1.0, 5.0])
    return WaitingList(
        np.arange(2),
        RULES[:5],
        no_bits,
        no_bits,
        ones,
        none,
        none[:, 0],
        none == 0,
        none + 1,
        np.array([1]),
        weeks,
        zero,
    )
