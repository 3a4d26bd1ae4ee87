"""Reasons why clients are unassigned, and the smallest changes that would assign each of them and move no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Indices
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.eligibility.eligibility_rule import Rule

MAX_CHANGES_PER_CLIENT = 3  # changes named for one client
MAX_PAIRS_AT_ONCE = 2_000_000  # pairs whose obstacles are in memory at once


@dataclass(frozen=True)
class UnassignedReason:
    """Reason why one client is unassigned.

    Attributes
    ----------
    why : str
        The reason, as a sentence.
    changes : tuple of (str, array of int)
        Each change as the end of a sentence, and the columns of the therapists for whom it works, in order. One change
        with one of its therapists is enough. The change that works for most therapists comes first.
    """

    why: str
    changes: tuple[tuple[str, Indices], ...]


@dataclass(frozen=True)
class UnassignedClients:
    """Some unassigned clients with the whole roster, as arrays.

    Attributes
    ----------
    waiting_list : WaitingList
    rows : array of int, shape (clients,)
        Rows of the clients in the waiting list.
    has_opening : array of bool, shape (therapists,)
        Whether the therapist has an opening after the assignment.
    is_refused : array of bool, shape (clients, therapists)
        Whether the coordinator refused the pair.
    """

    waiting_list: WaitingList
    rows: Indices
    has_opening: Bools
    is_refused: Bools

    @property
    def fits(self) -> Bools:
        """Whether no rule excludes the pair and the coordinator did not refuse it, shape (clients, therapists)."""
        return self.waiting_list.is_eligible[self.rows] & ~self.is_refused


# The reasons, and the pairs that give a client this reason. The first counts. All other clients have `NO_FIT`.
REASONS: tuple[tuple[str, Callable[[UnassignedClients], Bools]], ...] = (
    (
        "Other clients got the openings of all available therapists.",
        lambda some: some.fits & (some.waiting_list.capacity > 0),
    ),
    ("0 available: each therapist who fits was already full.", lambda some: some.fits),
    (
        "The coordinator refused every therapist on the client's list.",
        lambda some: some.waiting_list.is_eligible[some.rows],
    ),
)
NO_FIT = (
    "0 available: no therapist fits, with or without an opening. The rule `{rule}` rules out the most: "
    "{excluded} of {roster}."
)
EMPTY_ROSTER = UnassignedReason("The roster is empty.", (("a therapist", np.array([], dtype=np.intp)),))


def find_unassigned_reasons(
    waiting_list: WaitingList, rows: Indices, has_opening: Bools, is_refused: Bools
) -> Iterator[UnassignedReason]:
    """Find the therapists with the fewest obstacles for each of some unassigned clients.

    An obstacle is a rule that excludes the therapist, a missing opening, or a refusal.

    Parameters
    ----------
    waiting_list : WaitingList
    rows : array of int, shape (unassigned clients,)
        Rows of the clients in the waiting list.
    has_opening : array of bool, shape (therapists,)
        Whether the therapist has an opening after the assignment.
    is_refused : array of bool, shape (clients, therapists)
        Whether the coordinator refused the pair; for every client of the waiting list.

    Yields
    ------
    UnassignedReason
        One for each of ``rows``, with at most :data:`MAX_CHANGES_PER_CLIENT` changes.
    """
    n_therapists = len(has_opening)
    if not n_therapists:
        yield from [EMPTY_ROSTER] * len(rows)
        return
    texts: dict[tuple[int, int, bool, bool], str] = {}
    step = max(1, MAX_PAIRS_AT_ONCE // n_therapists)
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        some = UnassignedClients(waiting_list, block, has_opening, is_refused[block])
        for why, changes in zip(_describe_reasons(some), _list_changes(some, texts), strict=True):
            yield UnassignedReason(why, tuple(changes))


def _describe_reasons(some: UnassignedClients) -> list[str]:
    """Describe what excludes all therapists of each client, as sentences."""
    applies = np.stack([find_pairs(some).any(axis=1) for _, find_pairs in REASONS], axis=1)
    first = np.where(applies.any(axis=1), applies.argmax(axis=1), len(REASONS))
    texts = [REASONS[number][0] if number < len(REASONS) else "" for number in first.tolist()]
    others = np.flatnonzero(first == len(REASONS))
    if not len(others):
        return texts
    failed = some.waiting_list.failed_rule_bits[some.rows[others]]
    counts = np.stack([(failed >> bit & 1).sum(axis=1) for bit in range(len(some.waiting_list.rules))], axis=1)
    for place, most, of_rules in zip(others.tolist(), counts.argmax(axis=1).tolist(), counts, strict=True):
        rule = some.waiting_list.rules[most].name
        texts[place] = NO_FIT.format(rule=rule, excluded=of_rules[most], roster=failed.shape[1])
    return texts


def _list_changes(
    some: UnassignedClients, texts: dict[tuple[int, int, bool, bool], str]
) -> list[list[tuple[str, Indices]]]:
    """List the changes of each client; ``texts`` holds those described so far, by their obstacles.

    Therapists with the same obstacles need the same change. They are neighbours once the nearest therapists are sorted
    by client and obstacles.
    """
    failed, unknown = (bits[some.rows] for bits in (some.waiting_list.failed_rule_bits,
                                                    some.waiting_list.unknown_rule_bits))  # fmt: skip
    n_obstacles = np.bitwise_count(failed) + ~some.has_opening + some.is_refused
    client, column = np.nonzero(n_obstacles == n_obstacles.min(axis=1, keepdims=True))
    obstacles = (failed[client, column], unknown[client, column], some.has_opening[column],
                 some.is_refused[client, column])  # fmt: skip
    order = np.lexsort((*reversed(obstacles), client))
    client, column, kinds = client[order], column[order], [values[order] for values in obstacles]
    starts = np.flatnonzero(np.logical_or.reduce([_is_new(values) for values in (client, *kinds)]))
    counts = np.diff(starts, append=len(client))
    changes: list[list[tuple[str, Indices]]] = [[] for _ in some.rows]
    for group in np.lexsort((-counts, client[starts])).tolist():
        start = starts[group]
        mine = changes[client[start]]
        if len(mine) < MAX_CHANGES_PER_CLIENT:
            key = tuple(values[start].item() for values in kinds)
            if key not in texts:
                texts[key] = _describe_change(some.waiting_list.rules, *key)
            mine.append((texts[key], column[start : start + counts[group]]))
    return changes


def _is_new(values: npt.NDArray[Any]) -> Bools:
    """Return whether each value differs from the one before it; the first does."""
    return np.concatenate([[True], values[1:] != values[:-1]])


def _describe_change(rules: tuple[Rule, ...], failed: int, unknown: int, has_opening: bool, is_refused: bool) -> str:
    """Describe everything that has to change for one therapist, joined by "and"."""
    steps = [
        _describe_remedy(rule, is_unknown=bool(unknown >> bit & 1))
        for bit, rule in enumerate(rules)
        if failed >> bit & 1
    ]
    steps += [] if has_opening else ["one more opening, kept for this client"]
    steps += ["the refusal withdrawn"] if is_refused else []
    return " and ".join(steps)


def _describe_remedy(rule: Rule, *, is_unknown: bool) -> str:
    """Describe what lifts a rule that fails, or that Attune cannot check because a cell is empty."""
    return f"{' or '.join(f'`{place}`' for place in rule.input_columns)} filled in" if is_unknown else rule.remedy_text
