"""What placing a waiting list is for: one row for each policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Counts, Floats, Indices
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.matching.assignment.solver import AssignmentTooLarge, solve_assignment
from attune_fit.matching.assignment.waiting_list import INELIGIBLE_RANK

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import AssignmentSettings
    from attune_fit.matching.assignment.waiting_list import WaitingList

MAX_OVERDUE_WEEKS = 52  # weeks; who has been overdue for longer is not told apart


@dataclass(frozen=True)
class Policy:
    """One row of :data:`POLICIES`.

    Attributes
    ----------
    name, description : str
    function : callable
        Takes the waiting list, the pairs that may be made, the clinic's ``[assign]``, and a seed that decides between
        equals; returns the column of each client's therapist, -1 where there is none.
    can_move_clients : bool
        Whether a client who was placed before may be moved where that places one more.
    """

    name: str
    description: str
    function: Callable[[WaitingList, Bools, AssignmentSettings, int], Indices]
    can_move_clients: bool = True


def assign_first_come(listed: WaitingList, may: Bools, _: AssignmentSettings, seed: int) -> Indices:
    """One after another, as at a counter."""
    placed = listed.empty_assignment
    room = listed.capacity.copy()
    by_lot = np.random.default_rng(seed).permutation(len(may))
    for client in by_lot[np.argsort(-listed.weeks_waited[by_lot], kind="stable")]:
        free = may[client] & (room > 0)
        if free.any():
            choice = np.where(free, listed.rank[client], INELIGIBLE_RANK).argmin()
            placed[client] = choice
            room[choice] -= 1
    return placed


def assign_wishes_first(listed: WaitingList, may: Bools, asked: AssignmentSettings, seed: int) -> Indices:
    """As many wishes honoured as can be, then the highest expected alliance."""
    return _solve_with_aims(listed, may, asked, seed, [listed.n_wishes_honoured], listed.score_above_baseline)


def assign_alliance_first(listed: WaitingList, may: Bools, asked: AssignmentSettings, seed: int) -> Indices:
    """The highest expected alliance."""
    return _solve_with_aims(listed, may, asked, seed, [], listed.score_above_baseline)


def assign_balanced(listed: WaitingList, may: Bools, asked: AssignmentSettings, seed: int) -> Indices:
    """Expected alliance, wishes, time waited and urgency, weighed as ``[assign]`` says."""
    due = asked.wait * listed.weeks_waited + asked.urgency * listed.urgency
    value = listed.score_above_baseline + asked.wish * listed.n_wishes_honoured + due[:, None]
    return _solve_with_aims(listed, may, asked, seed, [], value)


POLICIES: tuple[Policy, ...] = (
    Policy("balanced", "alliance, wishes, time waited and urgency, weighed as `[assign]` says", assign_balanced),
    Policy(
        "wishes-first", "as many wishes honoured as can be, then the highest expected alliance", assign_wishes_first
    ),
    Policy("alliance-first", "the highest expected alliance", assign_alliance_first),
    Policy(
        "first-come",
        "the longest wait first, each the first of their list with room",
        assign_first_come,
        can_move_clients=False,
    ),
)


def find_policy(name: str) -> Policy:
    """A row of :data:`POLICIES`.

    Raises
    ------
    DataFault
        If there is none of this name.
    """
    for row in POLICIES:
        if row.name == name:
            return row
    known = suggest_name(name, [row.name for row in POLICIES])
    raise DataFault.error("clinic.toml", "assign.policy", f"no policy is called `{name}`", fix=known)


def _solve_with_aims(
    listed: WaitingList, may: Bools, asked: AssignmentSettings, seed: int, aims: Sequence[Counts], last: Floats
) -> Indices:
    """As many as can be placed, the overdue before others, then the policy's own aims."""
    overdue = np.ceil(np.clip(listed.weeks_waited - asked.overdue_weeks, 0, MAX_OVERDUE_WEEKS)).astype(np.int64)
    try:
        return solve_assignment(may, [1 + overdue[:, None], *aims], last, listed.capacity, seed)[0]
    except AssignmentTooLarge:
        says, fix = f"{len(may):,} clients are too many for one run", "Place them in parts, or by `first-come`."
        raise DataFault.error("clients", "", says, fix=fix) from None
