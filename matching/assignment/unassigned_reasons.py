"""Why a client is not placed, and the smallest change that would place this one, all others staying where they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Indices
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.eligibility.rules import Rule

MAX_CHANGES_PER_CLIENT = 3  # changes named for one client


@dataclass(frozen=True)
class UnassignedReason:
    """Why one client is not placed.

    Attributes
    ----------
    why : str
        A sentence.
    changes : tuple of (str, array of int)
        What would place the client, as the end of a sentence, all of which is needed; and the columns of the therapists
        with any one of whom it would. Each alone is enough; the one most therapists share comes first.
    """

    why: str
    changes: tuple[tuple[str, Indices], ...]


def find_unassigned_reason(listed: WaitingList, row: int, room: Bools, refused: Bools) -> UnassignedReason:
    """Find the therapists with the fewest obstacles between them and a client who was not placed.

    Parameters
    ----------
    listed : WaitingList
    row : int
        The client's.
    room, refused : arrays of bool, shape (therapists,)
        Who has room left after the placement; with whom the coordinator did not want this pair.

    Returns
    -------
    Gap
        An obstacle is a rule that leaves the therapist out, want of room, or a refusal. At most :data:`MAX_CHANGES_PER_CLIENT` changes.
    """
    broken, missing = listed.failed_rule_bits[row], listed.unknown_rule_bits[row]
    if not len(broken):
        return UnassignedReason("The roster is empty.", (("a therapist", np.array([], dtype=np.intp)),))
    obstacles = np.bitwise_count(broken).astype(np.int64) + ~room + refused
    near = np.flatnonzero(obstacles == obstacles.min())
    kinds = np.stack([broken, missing, room, refused], axis=1)[near]
    _, which, counts = np.unique(kinds, axis=0, return_inverse=True, return_counts=True)
    alike = [near[which.ravel() == kind] for kind in np.argsort(-counts, kind="stable")[:MAX_CHANGES_PER_CLIENT]]
    changes = tuple((_describe_change(listed, row, int(some[0]), room, refused), some) for some in alike)
    return UnassignedReason(_describe_reason(listed, row, refused), changes)


def _describe_reason(listed: WaitingList, row: int, refused: Bools) -> str:
    """What stands in the way of all therapists."""
    eligible = listed.is_eligible[row]
    if (eligible & ~refused).any():
        return "Everyone on the client's list is taken by others."
    if eligible.any():
        return "Whoever is on the client's list was refused."
    often = [int((listed.failed_rule_bits[row] >> bit & 1).sum()) for bit in range(len(listed.rules))]
    most = int(np.argmax(often))
    count = f"{often[most]} of {len(eligible)}"
    return f"Nobody may be offered; the rule that leaves most out: `{listed.rules[most].name}` ({count})."


def _describe_change(listed: WaitingList, row: int, column: int, room: Bools, refused: Bools) -> str:
    """Everything that has to change for one therapist."""
    broken, missing = int(listed.failed_rule_bits[row, column]), int(listed.unknown_rule_bits[row, column])
    lifted = [_describe_remedy(rule, missing >> bit & 1) for bit, rule in enumerate(listed.rules) if broken >> bit & 1]
    lifted += [] if room[column] else ["one more opening, kept for this client"]
    lifted += ["the refusal taken back"] if refused[column] else []
    return " and ".join(lifted)


def _describe_remedy(rule: Rule, unknown: int) -> str:
    """What lifts a rule that is broken, or cannot be checked."""
    return f"{' or '.join(f'`{place}`' for place in rule.input_columns)} filled in" if unknown else rule.remedy_text
