"""Assign the waiting list to open slots: pins first, then previous therapists, then the policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Indices
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.parallel.executor_choice import open_executor
from attune_fit.matching.assignment.assignment_builder import build_assignment
from attune_fit.matching.assignment.constraints import AssignmentConstraints, ConstraintArrays
from attune_fit.matching.assignment.policies import Policy, find_policy
from attune_fit.matching.assignment.solver import solve_assignment
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.ranking.parallel_scoring import choose_jobs, prepare_worker
from attune_fit.matching.ranking.scored_roster import RosterScorer

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import AssignmentSettings
    from attune_fit.matching.assignment.assignment_result import Assignment


def assign(
    scorer: RosterScorer,
    policies: Sequence[str] = (),
    constraints: AssignmentConstraints | None = None,
    report_progress: Callable[[str], None] | None = None,
) -> list[Assignment]:
    """Assign all waiting clients to open slots, once for each policy.

    Parameters
    ----------
    scorer : RosterScorer
        As for :func:`rank`; its seed is that of the random tie-break between equally good assignments.
    policies : sequence of str
        Names of rows of :data:`POLICIES`; the clinic's own policy when empty.
    constraints : AssignmentConstraints, optional
        Pins, refusals and a previous assignment to keep.
    report_progress : callable, optional
        Takes a progress message.

    Returns
    -------
    list of Assignment
        One for each policy. Assigned and unassigned clients together are all waiting clients.

    Raises
    ------
    DataFault
        If a pin or a refusal is not possible (one fault for each), or if no policy has one of the names.
    """
    clinic = scorer.clinic
    rows = [find_policy(name, ("--policy", "")) for name in policies] or [find_policy(clinic.config.assign.policy)]
    waiting_list = _build_waiting_list(scorer, report_progress)
    arrays = ConstraintArrays.from_constraints(scorer, waiting_list, constraints or AssignmentConstraints())
    assignments = []
    for policy in rows:
        if report_progress:
            report_progress(f"assigning {len(waiting_list.rows):,} clients, {policy.name}")
        therapists = apply_policy(waiting_list, arrays, policy, clinic.config.assign, scorer.seed)
        assignments.append(build_assignment(scorer, waiting_list, arrays, therapists, policy))
    return assignments


def _build_waiting_list(scorer: RosterScorer, report_progress: Callable[[str], None] | None) -> WaitingList:
    """Score the waiting clients; a long list on all cores."""
    rows = find_waiting_clients(scorer.clinic, scorer.tables)
    with open_executor(choose_jobs(len(rows) * scorer.sides.count_rows("therapist"))) as executor:
        executor.start(prepare_worker)
        return WaitingList.build(scorer, rows, report_progress, executor)


def apply_policy(
    waiting_list: WaitingList, constraints: ConstraintArrays, policy: Policy, settings: AssignmentSettings, seed: int
) -> Indices:
    """Return the therapist of each waiting client under one policy.

    Pins come first. Clients of a previous assignment come next, so that few of them change therapist. The policy
    assigns the others within the capacity that is left.

    Returns
    -------
    array of int, shape (clients,)
        Column of each client's therapist, -1 for an unassigned client.
    """
    assigned = constraints.pinned_therapist
    if (constraints.previous_therapist >= 0).any():
        assigned = _assign_remaining(
            waiting_list,
            constraints,
            assigned,
            lambda rest, allowed, previous: _keep_previous_therapists(rest, allowed, previous, policy, seed),
        )
    return _assign_remaining(
        waiting_list, constraints, assigned, lambda rest, allowed, _: policy.function(rest, allowed, settings, seed)
    )


def _assign_remaining(
    waiting_list: WaitingList,
    constraints: ConstraintArrays,
    assigned: Indices,
    step: Callable[[WaitingList, Bools, Indices], Indices],
) -> Indices:
    """Apply one step to the clients without a therapist, within the capacity that is left."""
    is_unassigned = assigned < 0
    used = np.bincount(assigned[~is_unassigned], minlength=len(waiting_list.capacity))
    rest = waiting_list.take(is_unassigned, capacity=waiting_list.capacity - used)
    result = assigned.copy()
    result[is_unassigned] = step(
        rest, constraints.is_allowed[is_unassigned], constraints.previous_therapist[is_unassigned]
    )
    return result


def _keep_previous_therapists(
    waiting_list: WaitingList, allowed: Bools, previous: Indices, policy: Policy, seed: int
) -> Indices:
    """Assign the clients of the previous assignment again, as many as possible to the same therapist.

    The aims in order: assign as many clients as possible; those of the previous assignment; with the same therapist.
    """
    had_therapist = (previous >= 0)[:, None]
    is_same = had_therapist & (previous[:, None] == np.arange(allowed.shape[1])[None, :])
    allowed = allowed if policy.can_move_clients else allowed & is_same
    aims = [np.ones((len(allowed), 1), dtype=np.int64), had_therapist.astype(np.int64), is_same.astype(np.int64)]
    assigned, _ = solve_assignment(allowed, aims, waiting_list.score_above_baseline, waiting_list.capacity, seed)
    return np.where(previous >= 0, assigned, -1)
