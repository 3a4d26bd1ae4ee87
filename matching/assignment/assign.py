"""A waiting list placed within open slots: pins first, then those who keep their therapist, then by policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Indices
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.matching.assignment.assignment_builder import build_assignment
from attune_fit.matching.assignment.constraints import AssignmentConstraints, ConstraintArrays
from attune_fit.matching.assignment.policies import Policy, find_policy
from attune_fit.matching.assignment.solver import solve_assignment
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.ranking.scored_roster import RosterScorer

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.settings import AssignmentSettings
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.assignment.assignment_result import Assignment
    from attune_fit.models.alliance_model import AllianceModel


def assign(
    model: AllianceModel,
    clinic: Clinic,
    tables: Tables,
    policies: Sequence[str] = (),
    asked: AssignmentConstraints | None = None,
    seed: int | None = None,
    say: Callable[[str], None] | None = None,
) -> list[Assignment]:
    """Place everyone who waits within the open slots, once for each policy.

    Parameters
    ----------
    model, clinic, tables
        As for :func:`rank`.
    policies : sequence of str
        Names of rows of :data:`POLICIES`; the clinic's own policy when empty.
    asked : Asked, optional
        Pins, refusals and an earlier placement to keep to.
    seed : int, optional
        Decides between what is equally good; the clinic's setting when None.
    say : callable, optional
        Told how far the work is.

    Returns
    -------
    list of Assignment
        Placed and unplaced together are always everyone who waits.

    Raises
    ------
    DataFault
        With every pin and refusal that cannot be respected, or if no policy has one of the names.
    """
    desk = RosterScorer.from_clinic(model, clinic, tables, seed)
    rows = [find_policy(name) for name in policies or (clinic.config.assign.policy,)]
    listed = WaitingList.build(desk, find_waiting_clients(clinic, tables), say)
    wanted = ConstraintArrays.from_constraints(desk, listed, asked or AssignmentConstraints())
    found = []
    for policy in rows:
        if say:
            say(f"placing {len(listed.rows):,} clients, {policy.name}")
        found.append(
            build_assignment(
                desk, listed, wanted, apply_policy(listed, wanted, policy, clinic.config.assign, desk.seed), policy
            )
        )
    return found


def apply_policy(
    listed: WaitingList, wanted: ConstraintArrays, policy: Policy, settings: AssignmentSettings, seed: int
) -> Indices:
    """Give clients therapists.

    Returns
    -------
    array of int, shape (clients,)
        Column of each client's therapist, -1 where there is none.
    """
    found = wanted.pinned_therapist
    if (wanted.previous_therapist >= 0).any():
        found = _assign_remaining(
            listed, wanted, found, lambda rest, may, before: _keep_previous_therapists(rest, may, before, policy, seed)
        )
    return _assign_remaining(listed, wanted, found, lambda rest, may, _: policy.function(rest, may, settings, seed))


def _assign_remaining(
    listed: WaitingList,
    wanted: ConstraintArrays,
    found: Indices,
    step: Callable[[WaitingList, Bools, Indices], Indices],
) -> Indices:
    """Let a step place some of those who have nobody yet, within the room that is left."""
    others = found < 0
    used = np.bincount(found[~others], minlength=len(listed.capacity))
    rest = listed.take(others, capacity=listed.capacity - used)
    after = found.copy()
    after[others] = step(rest, wanted.is_allowed[others], wanted.previous_therapist[others])
    return after


def _keep_previous_therapists(listed: WaitingList, may: Bools, before: Indices, policy: Policy, seed: int) -> Indices:
    """Whoever had a therapist has one again, and as many as can be the same, short of placing fewer in all."""
    had = (before >= 0)[:, None]
    same = had & (before[:, None] == np.arange(may.shape[1])[None, :])
    may = may if policy.can_move_clients else may & same
    aims = [np.ones((len(may), 1), dtype=np.int64), had.astype(np.int64), same.astype(np.int64)]
    found, _ = solve_assignment(may, aims, listed.score_above_baseline, listed.capacity, seed)
    return np.where(before >= 0, found, -1)
