"""Assignment policies: what an assignment optimises, one row for each policy."""

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

MAX_OVERDUE_WEEKS = 52  # weeks; clients who are overdue for longer count the same


@dataclass(frozen=True)
class Policy:
    """One row of :data:`POLICIES`.

    Attributes
    ----------
    name, description : str
    function : callable
        Takes the waiting list, the allowed pairs, the clinic's ``[assign]``, and the seed of the random tie-break.
        Returns the column of each client's therapist, -1 for an unassigned client.
    can_move_clients : bool
        Whether a client can change from the previous therapist where that assigns one client more.
    """

    name: str
    description: str
    function: Callable[[WaitingList, Bools, AssignmentSettings, int], Indices]
    can_move_clients: bool = True


def assign_first_come(waiting_list: WaitingList, allowed: Bools, _: AssignmentSettings, seed: int) -> Indices:
    """Assign one client after another, the longest wait first: the naive baseline, as at a counter."""
    assigned = waiting_list.empty_assignment
    open_slots = waiting_list.capacity.copy()
    random_order = np.random.default_rng(seed).permutation(len(allowed))
    for client in random_order[np.argsort(-waiting_list.weeks_waited[random_order], kind="stable")]:
        is_free = allowed[client] & (open_slots > 0)
        if is_free.any():
            choice = np.where(is_free, waiting_list.rank[client], INELIGIBLE_RANK).argmin()
            assigned[client] = choice
            open_slots[choice] -= 1
    return assigned


def assign_wishes_first(waiting_list: WaitingList, allowed: Bools, settings: AssignmentSettings, seed: int) -> Indices:
    """Maximise the number of honoured wishes, then the expected alliance."""
    return _solve_with_aims(
        waiting_list, allowed, settings, seed, [waiting_list.n_wishes_honoured], waiting_list.score_above_baseline
    )


def assign_alliance_first(
    waiting_list: WaitingList, allowed: Bools, settings: AssignmentSettings, seed: int
) -> Indices:
    """Maximise the expected alliance."""
    return _solve_with_aims(waiting_list, allowed, settings, seed, [], waiting_list.score_above_baseline)


def assign_balanced(waiting_list: WaitingList, allowed: Bools, settings: AssignmentSettings, seed: int) -> Indices:
    """Maximise expected alliance, wishes, waiting time and urgency, with the weights of ``[assign]``."""
    due = settings.wait * waiting_list.weeks_waited + settings.urgency * waiting_list.urgency
    value = settings.wish * waiting_list.n_wishes_honoured.astype(np.float64)
    value += waiting_list.score_above_baseline
    value += due[:, None]
    return _solve_with_aims(waiting_list, allowed, settings, seed, [], value)


POLICIES: tuple[Policy, ...] = (
    Policy(
        "balanced",
        "expected alliance, wishes, waiting time and urgency, with the weights in `[assign]`",
        assign_balanced,
    ),
    Policy(
        "wishes-first", "as many wishes honoured as possible, then the highest expected alliance", assign_wishes_first
    ),
    Policy("alliance-first", "the highest expected alliance", assign_alliance_first),
    Policy(
        "first-come",
        "the longest wait first: each client gets the first therapist of their list who has an opening",
        assign_first_come,
        can_move_clients=False,
    ),
)


def find_policy(name: str, place: tuple[str, str] = ("clinic.toml", "assign.policy")) -> Policy:
    """Return the row of :data:`POLICIES` with this name; ``place`` is where the name was written, for the error.

    Raises
    ------
    DataFault
        If no policy has this name.
    """
    for row in POLICIES:
        if row.name == name:
            return row
    message, fix = f"no policy is called `{name}`", suggest_name(name, [row.name for row in POLICIES])
    table, key = place
    raise DataFault.error("unknown-policy", table, key, message, fix=fix)


def _solve_with_aims(
    waiting_list: WaitingList,
    allowed: Bools,
    settings: AssignmentSettings,
    seed: int,
    aims: Sequence[Counts],
    last: Floats,
) -> Indices:
    """Assign as many clients as possible, overdue clients before others, then follow the policy's own aims."""
    overdue = np.ceil(np.clip(waiting_list.weeks_waited - settings.overdue_weeks, 0, MAX_OVERDUE_WEEKS)).astype(
        np.int64
    )
    try:
        return solve_assignment(allowed, [1 + overdue[:, None], *aims], last, waiting_list.capacity, seed)[0]
    except AssignmentTooLarge:
        message = f"{len(allowed):,} clients are too many for one run"
        fix = "Assign them in several runs, or with the policy `first-come`."
        raise DataFault.error("too-many-clients", "clients", "", message, fix=fix) from None
