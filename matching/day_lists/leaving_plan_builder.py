"""Plan where the clients of a therapist who leaves can go: the placement engine, with the openings of all others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.clinic.offer_texts import describe_offer
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.outcomes.openings import OPEN_SLOTS, UPDATED_ON
from attune_fit.matching.assignment.assign import apply_policy
from attune_fit.matching.assignment.constraints import ConstraintArrays
from attune_fit.matching.assignment.policies import find_policy
from attune_fit.matching.assignment.unassigned_reasons import find_unassigned_reasons
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.day_lists.current_pairs import list_current_pairs
from attune_fit.matching.day_lists.leaving_plan import LeavingMove, LeavingPlan, MoveKind
from attune_fit.matching.eligibility.rules import ALREADY_MET_RULE
from attune_fit.matching.ranking.rank import find_row

if TYPE_CHECKING:
    from attune_fit.data.arrays import Indices
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.day_lists.latest_events import LatestEvents
    from attune_fit.matching.ranking.scored_roster import RosterScorer

Draft = dict[str, Any]


@dataclass(frozen=True)
class LeavingClient:
    """A client of the therapist who leaves; ``other`` is an open offer of another therapist, None without one."""

    client_id: str
    kind: MoveKind
    other: Offer | None


def build_leaving_plan(
    scorer: RosterScorer, latest: LatestEvents, therapist_id: str, also: Collection[str] = ()
) -> LeavingPlan:
    """Plan a move for each client in therapy with the therapist, and for each open offer of the therapist.

    The clinic's policy of placement fills the openings of the other therapists. A client does not go back to a
    therapist whom the client has met, and a client with an offer of another therapist keeps this offer. The openings
    are those of now: the clients who wait get them after these clients.

    Parameters
    ----------
    scorer : RosterScorer
    latest : LatestEvents
        Of the journal of the same tables.
    therapist_id : str
    also : collection of str
        Ids of clients of ``unclear`` who are still in therapy with the therapist, and move too.

    Raises
    ------
    DataFault
        If no therapist has this id, or if the therapist has no record with a client of ``also``.
    """
    column, tables = find_row(scorer.tables, "therapists", therapist_id), scorer.tables
    pairs = list_current_pairs(scorer.clinic, tables, latest)
    in_therapy = {pair.client_id for pair in pairs.current if pair.therapist_id == therapist_id}
    unclear = {pair.client_id for pair in pairs.unclear if pair.therapist_id == therapist_id}
    _check_clients(also, in_therapy | unclear, therapist_id)
    in_therapy |= unclear & set(also)
    clients = _list_clients(tables, therapist_id, in_therapy)
    moves = _place_clients(scorer, clients, column)
    return LeavingPlan(
        as_of=tables.as_of,
        therapist_id=therapist_id,
        moves=tuple(moves),
        unclear=tuple(sorted(unclear - in_therapy)),
        events=tuple(_draft_events(tables, therapist_id, clients, moves)),
        version=tables.last_event,
    )


def _check_clients(also: Collection[str], known: Collection[str], therapist_id: str) -> None:
    fix = "Leave this client out."
    faults = [
        Fault.error("client-not-with-therapist", "therapist", "", f"{one} is not a client of {therapist_id}", fix=fix)
        for one in sorted(set(also) - set(known))
    ]
    if faults:
        raise DataFault(faults)


def _list_clients(tables: Tables, therapist_id: str, in_therapy: Collection[str]) -> list[LeavingClient]:
    """List the clients to move, by id: those in therapy, and those with an open or accepted offer."""
    offers = tables.pair_states.offers
    others = {offer.client_id: offer for offer in reversed(offers) if offer.therapist_id != therapist_id}
    offered = {offer.client_id for offer in offers if offer.therapist_id == therapist_id}
    kinds: dict[str, MoveKind] = {**dict.fromkeys(offered, "offer"), **dict.fromkeys(in_therapy, "therapy")}
    return [LeavingClient(client_id, kinds[client_id], others.get(client_id)) for client_id in sorted(kinds)]


def _place_clients(scorer: RosterScorer, clients: Sequence[LeavingClient], column: int) -> list[LeavingMove]:
    """Return the move of each client, in their order."""
    rows = np.array([scorer.rows_of_clients[one.client_id] for one in clients], dtype=np.intp)
    waiting_list = _build_waiting_list(scorer, rows, column)
    assigned, reasons = _assign_clients(scorer, waiting_list, [one.other is None for one in clients])
    places = waiting_list.rank - (waiting_list.rank[:, [column]] < waiting_list.rank)  # without who leaves
    moves = []
    for row, (one, therapist_row) in enumerate(zip(clients, assigned.tolist(), strict=True)):
        has_one = therapist_row >= 0
        move = LeavingMove(
            client_id=one.client_id,
            kind=one.kind,
            therapist_id=str(scorer.therapist_ids[therapist_row]) if has_one else None,
            rank=int(places[row, therapist_row]) if has_one else None,
            candidates=int(waiting_list.is_eligible[row].sum()),
            why="" if has_one else reasons[row] if one.other is None else f"{describe_offer(one.other)}.",
        )
        moves.append(move)
    return moves


def _build_waiting_list(scorer: RosterScorer, rows: Indices, column: int) -> WaitingList:
    """Score the clients with the roster, without who leaves, and without openings that cannot be recorded."""
    rules = (*scorer.extra_rules, ALREADY_MET_RULE)
    scored = WaitingList.build(replace(scorer, extra_rules=rules, shared_sides=scorer.sides), rows)
    bit = [rule.name for rule in scored.rules].index(ALREADY_MET_RULE.name)
    failed, capacity = scored.failed_rule_bits.copy(), scored.capacity.copy()
    failed[:, column] |= np.uint32(1 << bit)
    capacity[column] = 0
    rule = next((rule for rule in scorer.rules if rule.name == OPEN_SLOTS), None)
    if rule is not None and rule.unknown_policy == "exclude":
        capacity[np.isnan(scorer.sides.count_openings())] = 0
    return replace(scored, failed_rule_bits=failed, capacity=capacity)


def _assign_clients(
    scorer: RosterScorer, waiting_list: WaitingList, needs_therapist: Sequence[bool]
) -> tuple[Indices, dict[int, str]]:
    """Return the roster row of each client's next therapist, -1 without one, and why these clients have none."""
    settings, unassigned = scorer.clinic.config.assign, waiting_list.empty_assignment
    needs = np.array(needs_therapist, dtype=bool)
    no_refusal = np.zeros_like(waiting_list.is_eligible)
    arrays = ConstraintArrays(no_refusal, waiting_list.is_eligible & needs[:, None], unassigned, unassigned)
    assigned = apply_policy(waiting_list, arrays, find_policy(settings.policy), settings, scorer.seed)
    load = np.bincount(assigned[assigned >= 0], minlength=len(waiting_list.capacity))
    rows = np.flatnonzero((assigned < 0) & needs)
    found = find_unassigned_reasons(waiting_list, rows, waiting_list.capacity > load, no_refusal)
    return assigned, {row: reason.why for row, reason in zip(rows.tolist(), found, strict=True)}


def _draft_events(
    tables: Tables, therapist_id: str, clients: Sequence[LeavingClient], moves: Sequence[LeavingMove]
) -> Iterator[Draft]:
    """Yield the drafts: what ends with the therapist, then the new offer, client by client; then no opening is left."""
    for one, move in zip(clients, moves, strict=True):
        pair = {"client": one.client_id, "therapist": therapist_id}
        if one.kind == "offer":
            yield {"event": "declined", **pair, "by": "therapist", "reason": "service-not-available"}
        elif move.therapist_id is not None or one.other is not None:
            yield {"event": "ended", **pair, "reason": "therapist-left"}
        if move.therapist_id is not None:
            yield {"event": "offered", "client": one.client_id, "therapist": move.therapist_id}
    if _can_set_openings(tables, therapist_id):
        yield {"event": "opening_set", "therapist": therapist_id, "openings": 0}


def _can_set_openings(tables: Tables, therapist_id: str) -> bool:
    """Return whether there are openings to take away today: a readable row, not checked on a later day, not 0 yet."""
    unreadable = {*tables.list_unreadable_ids("therapists", OPEN_SLOTS),
                  *tables.list_unreadable_ids("therapists", UPDATED_ON)}  # fmt: skip
    row = tables.therapists[tables.therapists["therapist_id"] == therapist_id].iloc[0]
    is_later = bool(row[UPDATED_ON] > np.datetime64(tables.as_of))  # False where unknown
    return therapist_id not in unreadable and not is_later and row[OPEN_SLOTS] != 0
