"""What a coordinator says of pairs before a list is placed: pinned, refused, or as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Indices
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault

if TYPE_CHECKING:
    from attune_fit.matching.assignment.waiting_list import WaitingList
    from attune_fit.matching.ranking.scored_roster import RosterScorer

IdPair = tuple[str, str]  # client_id, therapist_id
IndexById = Mapping[str, int]


@dataclass(frozen=True)
class AssignmentConstraints:
    """Pairs, by id.

    Attributes
    ----------
    pinned : sequence of (client_id, therapist_id)
        Made whatever the policy says. One that a rule forbids is a fault: rules are not bent in silence.
    refused : sequence of (client_id, therapist_id)
        Not made in this run. A pair that never may be belongs in the table `conflicts`.
    kept : mapping of client_id to therapist_id
        As placed before. Who has left since, or waits no longer, has nothing to keep.
    """

    pinned: Sequence[IdPair] = ()
    refused: Sequence[IdPair] = ()
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ConstraintArrays:
    """The same in rows and columns of a waiting list.

    Attributes
    ----------
    is_refused, is_allowed : arrays of bool, shape (clients, therapists)
        Pairs that were refused; pairs that may be made: eligible, and not refused.
    pinned_therapist, previous_therapist : arrays of int, shape (clients,)
        Column of the therapist a client is pinned to, or had before; -1 where none.
    n_outdated_pairs : int
        Kept pairs of clients who wait no longer or therapists who have left.
    """

    is_refused: Bools
    is_allowed: Bools
    pinned_therapist: Indices
    previous_therapist: Indices
    n_outdated_pairs: int = 0

    @classmethod
    def from_constraints(
        cls, desk: RosterScorer, listed: WaitingList, asked: AssignmentConstraints
    ) -> ConstraintArrays:
        """Look ids up, and hold pins against rules and room.

        Raises
        ------
        DataFault
            With every pin and refusal that cannot be respected.
        """
        clients = _index_ids(desk.tables.clients["client_id"].iloc[listed.rows])
        therapists = _index_ids(desk.tables.therapists["therapist_id"])
        strangers = [*_find_unknown_ids("--pin", asked.pinned, clients, therapists)]
        strangers += _find_unknown_ids("--refuse", asked.refused, clients, therapists)
        if strangers:
            raise DataFault(strangers)
        refused, pins, before = np.zeros_like(listed.is_eligible), listed.empty_assignment, listed.empty_assignment
        for client, therapist in asked.refused:
            refused[clients[client], therapists[therapist]] = True
        faults: list[Fault] = []
        for client, therapist in asked.pinned:
            row, column = clients[client], therapists[therapist]
            faults += _check_pin(listed, refused, row, column, (client, therapist))
            if pins[row] not in (-1, column):
                faults.append(_fault("--pin", f"{client} is pinned to two therapists", "Pin one of them."))
            pins[row] = column
        faults += _check_pins_within_capacity(listed, pins, therapists)
        if faults:
            raise DataFault(dict.fromkeys(faults))
        for client in clients.keys() & asked.kept.keys():
            before[clients[client]] = therapists.get(asked.kept[client], -1)
        gone = len(asked.kept) - int((before >= 0).sum())
        return cls(refused, listed.is_eligible & ~refused, pins, before, gone)


def _index_ids(ids: Iterable[object]) -> dict[str, int]:
    return {str(one): number for number, one in enumerate(ids)}


def _find_unknown_ids(
    option: str, pairs: Sequence[IdPair], clients: IndexById, therapists: IndexById
) -> Iterator[Fault]:
    """Ids that nobody has, or nobody who waits."""
    for client, therapist in pairs:
        if client not in clients:
            yield _fault(option, f"nobody who waits has the id `{client}`", suggest_name(client, clients))
        if therapist not in therapists:
            yield _fault(option, f"no therapist has the id `{therapist}`", suggest_name(therapist, therapists))


def _check_pin(listed: WaitingList, refused: Bools, row: int, column: int, pair: IdPair) -> Iterator[Fault]:
    """What forbids a pin."""
    named = f"{pair[0]} with {pair[1]}"
    for bit, rule in enumerate(listed.rules):
        if listed.failed_rule_bits[row, column] >> bit & 1:
            why = rule.unknown_text if listed.unknown_rule_bits[row, column] >> bit & 1 else rule.violation_text
            yield _fault("--pin", f"{named}: {why} (rule `{rule.name}`)", "Leave the pin out, or correct the tables.")
    if refused[row, column]:
        yield _fault("--pin", f"{named} is pinned and refused", "Leave one of them out.")


def _check_pins_within_capacity(listed: WaitingList, pins: Indices, therapists: IndexById) -> Iterator[Fault]:
    """Therapists with more pins than room."""
    wanted = np.bincount(pins[pins >= 0], minlength=len(listed.capacity))
    for name, column in therapists.items():
        if wanted[column] > listed.capacity[column]:
            says = f"{wanted[column]} pinned to {name}, who has room for {listed.capacity[column]}"
            yield _fault("--pin", says, "Pin fewer, or correct `open_slots`.")


def _fault(option: str, says: str, fix: str) -> Fault:
    return Fault.error(option, "", says, fix=fix)
