"""Reasons why a client is unassigned, and the smallest changes that would assign this client and move no other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Indices
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.eligibility.eligibility_rule import Rule

MAX_CHANGES_PER_CLIENT = 3  # changes named for one client


@dataclass(frozen=True)
class UnassignedReason:
    """Reason why one client is unassigned.

    Attributes
    ----------
    why : str
        The reason, as a sentence.
    changes : tuple of (str, array of int)
        Each change as the end of a sentence, and the columns of the therapists for whom it works. One change with one
        of its therapists is enough. The change that works for most therapists comes first.
    """

    why: str
    changes: tuple[tuple[str, Indices], ...]


def find_unassigned_reason(
    waiting_list: WaitingList, row: int, has_opening: Bools, is_refused: Bools
) -> UnassignedReason:
    """Find the therapists with the fewest obstacles for an unassigned client.

    An obstacle is a rule that excludes the therapist, a missing opening, or a refusal.

    Parameters
    ----------
    waiting_list : WaitingList
    row : int
        Row of the client in the waiting list.
    has_opening, is_refused : arrays of bool, shape (therapists,)
        Whether the therapist has an opening after the assignment; whether the coordinator refused this pair.

    Returns
    -------
    UnassignedReason
        With at most :data:`MAX_CHANGES_PER_CLIENT` changes.
    """
    failed, unknown = waiting_list.failed_rule_bits[row], waiting_list.unknown_rule_bits[row]
    if not len(failed):
        return UnassignedReason("The roster is empty.", (("a therapist", np.array([], dtype=np.intp)),))
    n_obstacles = np.bitwise_count(failed).astype(np.int64) + ~has_opening + is_refused
    nearest = np.flatnonzero(n_obstacles == n_obstacles.min())
    obstacles = np.stack([failed, unknown, has_opening, is_refused], axis=1)[nearest]
    _, kind_of, counts = np.unique(obstacles, axis=0, return_inverse=True, return_counts=True)
    kinds = np.argsort(-counts, kind="stable")[:MAX_CHANGES_PER_CLIENT]
    groups = [nearest[kind_of.ravel() == kind] for kind in kinds]
    changes = tuple(
        (_describe_change(waiting_list, row, int(group[0]), has_opening, is_refused), group) for group in groups
    )
    return UnassignedReason(_describe_reason(waiting_list, row, is_refused), changes)


def _describe_reason(waiting_list: WaitingList, row: int, is_refused: Bools) -> str:
    """Describe what excludes all therapists, as a sentence."""
    eligible = waiting_list.is_eligible[row]
    if (eligible & ~is_refused & (waiting_list.capacity > 0)).any():
        return "Other clients got the openings of all available therapists."
    if (eligible & ~is_refused).any():
        return "0 available: each therapist who fits was already full."
    if eligible.any():
        return "The coordinator refused every therapist on the client's list."
    counts = [int((waiting_list.failed_rule_bits[row] >> bit & 1).sum()) for bit in range(len(waiting_list.rules))]
    most = int(np.argmax(counts))
    return (
        f"0 available: no therapist fits, with or without an opening. The rule `{waiting_list.rules[most].name}` rules "
        f"out the most: {counts[most]} of {len(eligible)}."
    )


def _describe_change(waiting_list: WaitingList, row: int, column: int, has_opening: Bools, is_refused: Bools) -> str:
    """Describe everything that has to change for one therapist, joined by "and"."""
    failed, unknown = int(waiting_list.failed_rule_bits[row, column]), int(waiting_list.unknown_rule_bits[row, column])
    steps = [
        _describe_remedy(rule, is_unknown=bool(unknown >> bit & 1))
        for bit, rule in enumerate(waiting_list.rules)
        if failed >> bit & 1
    ]
    steps += [] if has_opening[column] else ["one more opening, kept for this client"]
    steps += ["the refusal withdrawn"] if is_refused[column] else []
    return " and ".join(steps)


def _describe_remedy(rule: Rule, *, is_unknown: bool) -> str:
    """Describe what lifts a rule that fails, or that Attune cannot check because a cell is empty."""
    return f"{' or '.join(f'`{place}`' for place in rule.input_columns)} filled in" if is_unknown else rule.remedy_text
