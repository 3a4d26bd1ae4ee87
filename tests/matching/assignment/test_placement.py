"""Placing on arrays: every small waiting list, against every placement there is."""

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
from attune_fit.matching.assignment.unassigned_reasons import find_unassigned_reason
from attune_fit.matching.assignment.waiting_list import INELIGIBLE_RANK, WaitingList
from attune_fit.matching.eligibility.rules import RULES

EVERY = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
PLAIN = AssignmentSettings()
Placed = tuple[int, ...]


@st.composite
def lists(draw: st.DrawFn, most: int = 4) -> WaitingList:
    """A waiting list of a few clients; rules 0 and 3 may be broken, or unknown and to exclude."""
    shape = (draw(st.integers(1, most)), draw(st.integers(1, 3)))
    broken = draw(arrays(np.int32, shape, elements=st.sampled_from([0, 0, 0, 1, 8, 9])))
    pair = draw(arrays(np.int64, shape, elements=st.integers(-4, 4))).astype(float)
    place_of = np.argsort(np.argsort(-pair, axis=1, kind="stable"), axis=1) + 1
    return WaitingList(
        rows=np.arange(shape[0]),
        rules=RULES[:5],
        failed_rule_bits=broken,
        unknown_rule_bits=broken & draw(arrays(np.int32, shape, elements=st.sampled_from([0, 1]))),
        score_above_baseline=pair,
        n_wishes_honoured=draw(arrays(np.int64, shape, elements=st.integers(0, 3))),
        n_wishes_stated=np.full(shape[0], 3),
        rank=np.where(broken == 0, place_of, INELIGIBLE_RANK),
        capacity=draw(arrays(np.int64, shape[1], elements=st.integers(0, 3))),
        weeks_waited=draw(arrays(np.int64, shape[0], elements=st.integers(0, 20))).astype(float),
        urgency=np.zeros(shape[0]),
    )


def wanted(listed: WaitingList, pins: Indices | None = None, before: Indices | None = None) -> ConstraintArrays:
    """Nothing asked for but this."""
    none = listed.empty_assignment
    refused = np.zeros_like(listed.is_eligible)
    return ConstraintArrays(
        refused, listed.is_eligible, none if pins is None else pins, none if before is None else before
    )


def legal(listed: WaitingList, capacity: Indices | None = None) -> Iterator[Placed]:
    """Every placement within the rules and the room."""
    room = listed.capacity if capacity is None else capacity
    for one in product(*[[-1, *np.flatnonzero(row).tolist()] for row in listed.is_eligible]):
        if (np.bincount([t for t in one if t >= 0], minlength=len(room)) <= room).all():
            yield one


def placed(
    listed: WaitingList, policy: Policy, want: ConstraintArrays | None = None, settings: AssignmentSettings = PLAIN
) -> Placed:
    return tuple(apply_policy(listed, want or wanted(listed), policy, settings, seed=0).tolist())


@EVERY
@settings(deadline=None)
@given(listed=lists())
def test_rules_and_room_are_kept(policy: Policy, listed: WaitingList) -> None:
    assert placed(listed, policy) in set(legal(listed))


@pytest.mark.parametrize("policy", [one for one in POLICIES if one.can_move_clients], ids=lambda policy: policy.name)
@settings(deadline=None)
@given(listed=lists())
def test_nobody_reaches_more_of_the_policys_aims(policy: Policy, listed: WaitingList) -> None:
    def reached(one: Placed) -> tuple[float, ...]:
        pairs = [(row, column) for row, column in enumerate(one) if column >= 0]
        rows, columns = [row for row, _ in pairs], [column for _, column in pairs]
        due = 1 + np.ceil(np.maximum(listed.weeks_waited - PLAIN.overdue_weeks, 0))
        alliance, wishes = (
            listed.score_above_baseline[rows, columns].sum(),
            listed.n_wishes_honoured[rows, columns].sum(),
        )
        own = {
            "alliance-first": (alliance,),
            "wishes-first": (wishes, alliance),
            "balanced": (alliance + PLAIN.wish * wishes + PLAIN.wait * listed.weeks_waited[rows].sum(),),
        }[policy.name]
        return (len(rows), due[rows].sum(), *own)

    assert reached(placed(listed, policy)) == pytest.approx(max(map(reached, legal(listed))), abs=1e-4)


@settings(deadline=None)
@given(listed=lists())
def test_first_come_is_what_a_counter_does(listed: WaitingList) -> None:
    first = replace(listed, weeks_waited=np.arange(len(listed.rows), 0, -1).astype(float))
    room, expected = listed.capacity.copy(), []
    for client in range(len(listed.rows)):
        free = [(listed.rank[client, t], t) for t in range(len(room)) if listed.is_eligible[client, t] and room[t] > 0]
        expected.append(min(free)[1] if free else -1)
        room[[t for t in expected[-1:] if t >= 0]] -= 1
    assert placed(first, POLICIES[-1]) == tuple(expected)


@EVERY
@settings(deadline=None)
@given(listed=lists(), one=st.integers(0, 2))
def test_one_more_opening_never_places_fewer(policy: Policy, listed: WaitingList, one: int) -> None:
    roomier = listed.capacity.copy()
    roomier[one % len(roomier)] += 1
    before, after = (placed(some, policy) for some in (listed, replace(listed, capacity=roomier)))
    assert sum(t >= 0 for t in after) >= sum(t >= 0 for t in before)


@settings(deadline=None)
@given(listed=lists(), data=st.data())
def test_after_one_change_as_few_are_moved_as_can_be(listed: WaitingList, data: st.DataObject) -> None:
    policy = data.draw(st.sampled_from([one for one in POLICIES if one.can_move_clients]))
    before = placed(listed, policy)
    fewer = np.maximum(
        listed.capacity - data.draw(arrays(np.int64, len(listed.capacity), elements=st.integers(0, 1))), 0
    )
    smaller = replace(listed, capacity=fewer)

    def stays(one: Placed) -> tuple[int, int, int]:
        had = [(t, b) for t, b in zip(one, before, strict=True) if b >= 0]
        return sum(t >= 0 for t in one), sum(t >= 0 for t, _ in had), sum(t == b for t, b in had)

    after = placed(smaller, policy, wanted(smaller, before=np.array(before)))
    assert stays(after) == max(map(stays, legal(smaller)))


@settings(deadline=None)
@given(listed=lists(), data=st.data())
def test_a_pin_is_kept_by_every_policy(listed: WaitingList, data: st.DataObject) -> None:
    possible = [
        (row, column) for row, column in zip(*np.nonzero(listed.is_eligible), strict=True) if listed.capacity[column]
    ]
    if possible:
        row, column = data.draw(st.sampled_from(possible))
        pins = listed.empty_assignment
        pins[row] = column
        for policy in POLICIES:
            assert placed(listed, policy, wanted(listed, pins=pins))[row] == column


@settings(deadline=None)
@given(listed=lists())
def test_what_would_place_a_client_does_and_nothing_smaller_would(listed: WaitingList) -> None:
    taken = np.array(placed(listed, POLICIES[0]))
    room = listed.capacity > np.bincount(taken[taken >= 0], minlength=len(listed.capacity))
    for row in np.flatnonzero(taken < 0):
        found = find_unassigned_reason(listed, int(row), room, np.zeros_like(room))
        obstacles = [
            int(b).bit_count() + (not free) for b, free in zip(listed.failed_rule_bits[row], room, strict=True)
        ]
        assert {obstacles[column] for _, columns in found.changes for column in columns} == {min(obstacles)}
        for says, _ in found.changes:
            of_rules = sum(rule.remedy_text.count(" and ") for rule in listed.rules if rule.remedy_text in says)
            assert says.count(" and ") == min(obstacles) - 1 + of_rules


def test_nobody_who_is_kept_is_sent_away_by_a_counter_that_moves_nobody() -> None:
    listed, before = _two_with_one_opening(), np.array([0, -1])
    assert placed(listed, POLICIES[-1], wanted(listed, before=before)) == (0, -1)
    assert placed(listed, POLICIES[-1]) == (-1, 0)


def _two_with_one_opening() -> WaitingList:
    """The second has waited longer."""
    ones = np.ones((2, 1))
    none = np.zeros((2, 1), dtype=np.int32)
    zero, weeks = np.zeros(2), np.array([1.0, 5.0])
    return WaitingList(
        np.arange(2), RULES[:5], none, none, ones, none, none[:, 0], none + 1, np.array([1]), weeks, zero
    )
