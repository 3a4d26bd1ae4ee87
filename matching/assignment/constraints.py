"""Constraints a coordinator sets before an assignment: pinned pairs, refused pairs, and pairs to keep."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Indices
from attune_fit.data.clinic.offer_texts import describe_offer
from attune_fit.data.faults import DataFault, Fault

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.assignment.waiting_list import WaitingList
    from attune_fit.matching.ranking.scored_roster import RosterScorer

IdPair = tuple[str, str]  # client_id, therapist_id
IndexById = Mapping[str, int]
MAX_CLOSE_IDS = 3  # ids in a suggestion


@dataclass(frozen=True)
class AssignmentConstraints:
    """Constraints on pairs, by id.

    Attributes
    ----------
    pinned : sequence of (client_id, therapist_id)
        Pairs to assign under every policy. A pin that breaks a rule is an error, so that no rule is broken silently.
    refused : sequence of (client_id, therapist_id)
        Pairs to avoid in this run. A pair to exclude in every run belongs in the table `conflicts`.
    kept : mapping of client_id to therapist_id
        The previous assignment. Attune ignores a pair if the therapist has left or the client no longer waits.
    """

    pinned: Sequence[IdPair] = ()
    refused: Sequence[IdPair] = ()
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ConstraintArrays:
    """Constraints in rows and columns of a waiting list.

    Attributes
    ----------
    is_refused, is_allowed : arrays of bool, shape (clients, therapists)
        Whether the coordinator refused the pair; whether the pair is eligible and not refused.
    pinned_therapist, previous_therapist : arrays of int, shape (clients,)
        Column of the therapist a client is pinned to, or had in the previous assignment; -1 for none.
    n_outdated_pairs : int
        Number of kept pairs whose client no longer waits or whose therapist has left.
    """

    is_refused: Bools
    is_allowed: Bools
    pinned_therapist: Indices
    previous_therapist: Indices
    n_outdated_pairs: int = 0

    @classmethod
    def from_constraints(
        cls, scorer: RosterScorer, waiting_list: WaitingList, constraints: AssignmentConstraints
    ) -> ConstraintArrays:
        """Look up the ids, and check pins against rules and capacity.

        Raises
        ------
        DataFault
            If a pin or a refusal is not possible; one fault for each. If no id of the previous assignment is known.
        """
        clients = _index_ids(scorer.tables.clients["client_id"].iloc[waiting_list.rows])
        therapists = _index_ids(scorer.tables.therapists["therapist_id"])
        unknown_ids = [*_find_unknown_ids("--pin", constraints.pinned, clients, scorer.tables)]
        unknown_ids += _find_unknown_ids("--refuse", constraints.refused, clients, scorer.tables)
        unknown_ids += _check_kept_ids(constraints.kept, scorer.tables)
        if unknown_ids:
            raise DataFault(unknown_ids)
        is_refused = np.zeros_like(waiting_list.is_eligible)
        pinned, previous = waiting_list.empty_assignment, waiting_list.empty_assignment
        for client, therapist in constraints.refused:
            is_refused[clients[client], therapists[therapist]] = True
        faults: list[Fault] = []
        for client, therapist in constraints.pinned:
            row, column = clients[client], therapists[therapist]
            faults += _check_pin(waiting_list, is_refused, row, column, (client, therapist))
            if pinned[row] not in (-1, column):
                message = f"{client} is pinned to two therapists"
                faults.append(Fault.error("pinned-twice", "--pin", "", message, fix="Keep one of them."))
            pinned[row] = column
        faults += _check_pins_within_capacity(waiting_list, pinned, therapists)
        if faults:
            raise DataFault(dict.fromkeys(faults))
        for client in clients.keys() & constraints.kept.keys():
            previous[clients[client]] = therapists.get(constraints.kept[client], -1)
        n_outdated = len(constraints.kept) - int((previous >= 0).sum())
        return cls(is_refused, waiting_list.is_eligible & ~is_refused, pinned, previous, n_outdated)


def _index_ids(ids: Iterable[object]) -> dict[str, int]:
    return {str(name): number for number, name in enumerate(ids)}


def _find_unknown_ids(option: str, pairs: Sequence[IdPair], waiting: IndexById, tables: Tables) -> Iterator[Fault]:
    """Report ids of no client, of clients who do not wait, and of no therapist of the roster."""
    clients, therapists = tables.clients["client_id"].tolist(), tables.therapists["therapist_id"].tolist()
    for client, therapist in pairs:
        if client not in clients:
            message, fix = f"no client has the id `{client}`", _suggest_ids(client, waiting)
            yield Fault.error("client-not-found", option, "", message, fix=fix)
        elif client not in waiting:
            reason = _explain_not_waiting(client, tables)
            message, fix = f"client `{client}` is not waiting ({reason})", "Leave this pair out."
            yield Fault.error("client-not-waiting", option, "", message, fix=fix)
        if therapist not in therapists:
            message, fix = f"no therapist has the id `{therapist}`", _suggest_ids(therapist, therapists)
            yield Fault.error("therapist-not-on-roster", option, "", message, fix=fix)


def _explain_not_waiting(client_id: str, tables: Tables) -> str:
    """Return why a client does not wait, in a few words."""
    if client_id in tables.met_client_ids:
        return "has met a therapist"
    if client_id in tables.pair_states.withdrawn:
        return "no longer seeks therapy"
    offer = next((offer for offer in tables.pair_states.offers if offer.client_id == client_id), None)
    return describe_offer(offer) if offer else "does not fulfil `waiting.where`"


def _check_kept_ids(kept: Mapping[str, str], tables: Tables) -> Iterator[Fault]:
    """Report a previous assignment without any client, or without any therapist, of this clinic."""
    fix = "Name the file of an earlier placement of this clinic. Its ids must keep their zeros and their case."
    if kept and not tables.clients["client_id"].isin(list(kept)).any():
        message = "no client of the earlier placement is in `clients`"
        yield Fault.error("kept-clients-unknown", "--keep", "client_id", message, fix=fix)
    if kept and not tables.therapists["therapist_id"].isin(list(kept.values())).any():
        message = "no therapist of the earlier placement is in `therapists`"
        yield Fault.error("kept-therapists-unknown", "--keep", "therapist_id", message, fix=fix)


def _suggest_ids(wanted: str, ids: Iterable[str]) -> str:
    """Return at most :data:`MAX_CLOSE_IDS` ids that are spelled like ``wanted``, sorted."""
    closest = sorted(difflib.get_close_matches(wanted, list(ids), n=MAX_CLOSE_IDS))
    return f"Similar ids: {', '.join(f'`{one}`' for one in closest)}." if closest else "Look the id up in the table."


def _check_pin(waiting_list: WaitingList, is_refused: Bools, row: int, column: int, pair: IdPair) -> Iterator[Fault]:
    """Report each rule that excludes a pinned pair, and a refusal of the same pair."""
    name = f"{pair[0]} with {pair[1]}"
    for bit, rule in enumerate(waiting_list.rules):
        if waiting_list.failed_rule_bits[row, column] >> bit & 1:
            is_unknown = waiting_list.unknown_rule_bits[row, column] >> bit & 1
            reason = rule.unknown_text if is_unknown else rule.violation_text
            message = f"{name}: {reason} (rule `{rule.name}`)"
            yield Fault.error("pin-not-possible", "--pin", "", message, fix="Leave the pin out, or correct the tables.")
    if is_refused[row, column]:
        message, fix = f"{name} is pinned and refused", "Keep the pin or the refusal, not both."
        yield Fault.error("pinned-and-refused", "--pin", "", message, fix=fix)


def _check_pins_within_capacity(waiting_list: WaitingList, pinned: Indices, therapists: IndexById) -> Iterator[Fault]:
    """Report therapists with more pins than open slots."""
    n_pins = np.bincount(pinned[pinned >= 0], minlength=len(waiting_list.capacity))
    for name, column in therapists.items():
        if n_pins[column] > waiting_list.capacity[column]:
            message = f"{n_pins[column]} pinned to {name}, who can take {waiting_list.capacity[column]}"
            yield Fault.error("pins-over-capacity", "--pin", "", message, fix="Pin fewer, or correct `open_slots`.")
