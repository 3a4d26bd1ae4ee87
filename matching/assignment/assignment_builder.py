"""Convert an assignment in arrays to records: assigned pairs, unassigned clients with reasons, totals and notes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.offer_texts import list_waiting_notes
from attune_fit.data.outcomes.openings import OPEN_SLOTS, count_held_openings, list_opening_uses
from attune_fit.features.pairs import Pairs
from attune_fit.matching.assignment.assignment_result import (
    AssignedPair,
    Assignment,
    AssignmentTotals,
    RequiredChange,
    TakenOpening,
    UnassignedClient,
)
from attune_fit.matching.assignment.unassigned_reasons import find_unassigned_reasons
from attune_fit.matching.ranking.ranking_result import round_points

if TYPE_CHECKING:
    from attune_fit.matching.assignment.constraints import ConstraintArrays
    from attune_fit.matching.assignment.policies import Policy
    from attune_fit.matching.assignment.waiting_list import WaitingList
    from attune_fit.matching.ranking.scored_roster import RosterScorer

MAX_THERAPISTS_NAMED = 20  # ids in a note; the others are counted
MAX_USES_NAMED = 5  # therapists whose used openings are named; the others are counted


def build_assignment(
    scorer: RosterScorer, waiting_list: WaitingList, constraints: ConstraintArrays, assigned: Indices, policy: Policy
) -> Assignment:
    """Convert the column of each client's therapist (-1 for none) to records."""
    pairs = _list_assigned(scorer, waiting_list, constraints, assigned)
    unassigned = _list_unassigned(scorer, waiting_list, constraints, assigned)
    return Assignment(
        policy=policy.name,
        verdict=scorer.model.verdict.sentence,
        instrument=scorer.instrument.name,
        as_of=scorer.tables.as_of.isoformat(),
        placed=pairs,
        unplaced=unassigned,
        totals=_compute_totals(waiting_list, pairs, unassigned, _compute_mean_gain(scorer, waiting_list, assigned)),
        notes=tuple(_list_notes(scorer, waiting_list, constraints)),
        interval=scorer.clinic.config.settings.interval,
        seed=scorer.seed,
        data=scorer.data_digest,
        bundle=scorer.bundle_name,
        rules=compute_config_digest(scorer),
        refused=_list_refused(scorer, waiting_list, constraints),
    )


def _list_assigned(
    scorer: RosterScorer, waiting_list: WaitingList, constraints: ConstraintArrays, assigned: Indices
) -> tuple[AssignedPair, ...]:
    """Return the assigned pairs, sorted by client id."""
    rows = np.flatnonzero(assigned >= 0)
    columns, pinned, previous = assigned[rows], constraints.pinned_therapist[rows], constraints.previous_therapist[rows]
    pairs = Pairs.from_rows(scorer.sides, waiting_list.rows[rows], columns)
    parts = scorer.model.compute_parts(pairs)
    clients, therapists = _list_ids(scorer, waiting_list)
    weeks = _list_weeks_waited(scorer, waiting_list)
    points = (
        map(round_points, scorer.instrument.to_points(scorer.clip_to_range(pomp)).tolist())
        for pomp in (parts.score, *scorer.model.compute_interval(parts))
    )
    counts = (
        waiting_list.rank[rows, columns],
        waiting_list.is_eligible[rows].sum(axis=1),
        waiting_list.n_wishes_honoured[rows, columns],
        waiting_list.n_wishes_stated[rows],
    )
    marks = (pinned >= 0, (previous >= 0) & (previous != columns), previous == columns)
    fields = zip(
        (clients[row] for row in rows.tolist()),
        (therapists[column] for column in columns.tolist()),
        *points,
        *(values.tolist() for values in counts),
        (weeks[row] for row in rows.tolist()),
        *(values.tolist() for values in marks),
        waiting_list.is_listed[rows].sum(axis=1).tolist(),
        strict=True,
    )
    return tuple(sorted((AssignedPair(*values) for values in fields), key=lambda pair: pair.client_id))


def _list_unassigned(
    scorer: RosterScorer, waiting_list: WaitingList, constraints: ConstraintArrays, assigned: Indices
) -> tuple[UnassignedClient, ...]:
    """Return the unassigned clients with reasons, the longest wait first."""
    rows = np.flatnonzero(assigned < 0)
    has_opening = waiting_list.capacity > np.bincount(assigned[assigned >= 0], minlength=len(waiting_list.capacity))
    clients, therapists = _list_ids(scorer, waiting_list)
    weeks = _list_weeks_waited(scorer, waiting_list)
    sorted_ids, places = _sort_ids(therapists)

    def list_ids(columns: Indices) -> tuple[str, ...]:
        return tuple([sorted_ids[place] for place in np.sort(places[columns]).tolist()])

    fields = zip(
        (clients[row] for row in rows.tolist()),
        find_unassigned_reasons(waiting_list, rows, has_opening, constraints.is_refused),
        waiting_list.is_eligible[rows].sum(axis=1).tolist(),
        (weeks[row] for row in rows.tolist()),
        (constraints.previous_therapist[rows] >= 0).tolist(),
        waiting_list.is_listed[rows].sum(axis=1).tolist(),
        _list_taken_openings(waiting_list, constraints, assigned, rows, clients, therapists),
        strict=True,
    )
    unassigned = (
        UnassignedClient(
            client,
            reason.why,
            tuple([RequiredChange(change, list_ids(columns)) for change, columns in reason.changes]),
            *others,
        )
        for client, reason, *others in fields
    )
    return tuple(sorted(unassigned, key=lambda client: (-(client.weeks or 0), client.client_id)))


def _sort_ids(ids: Sequence[str]) -> tuple[list[str], Indices]:
    """Return the ids in order, and the place of each id in that order."""
    order = sorted(range(len(ids)), key=ids.__getitem__)
    places = np.empty(len(ids), dtype=np.intp)
    places[order] = np.arange(len(ids))
    return [ids[number] for number in order], places


def _list_taken_openings(
    waiting_list: WaitingList,
    constraints: ConstraintArrays,
    assigned: Indices,
    rows: Indices,
    clients: Sequence[str],
    therapists: Sequence[str],
) -> Iterator[tuple[TakenOpening, ...]]:
    """Yield who got the openings of each unassigned client's available therapists, in the order of the client's list.

    Each therapist with an assigned client is one record, which all these clients share.
    """
    taken_openings: dict[int, TakenOpening] = {}
    is_taken = np.zeros(len(therapists), dtype=bool)
    for column in np.unique(assigned[assigned >= 0]).tolist():
        names = sorted(clients[row] for row in np.flatnonzero(assigned == column).tolist())
        taken_openings[column] = TakenOpening(therapists[column], tuple(names))
        is_taken[column] = True
    for row in rows.tolist():
        columns = np.flatnonzero(waiting_list.is_eligible[row] & is_taken & ~constraints.is_refused[row])
        by_rank = columns[np.argsort(waiting_list.rank[row, columns], kind="stable")]
        yield tuple([taken_openings[column] for column in by_rank.tolist()])


def _compute_mean_gain(scorer: RosterScorer, waiting_list: WaitingList, assigned: Indices) -> float | None:
    """Return the mean expected alliance of the assigned pairs above their own list's average, in points."""
    rows = np.flatnonzero(assigned >= 0)
    if not len(rows):
        return None
    eligible = waiting_list.is_eligible[rows]
    average = np.where(eligible, waiting_list.score_above_baseline[rows], 0).sum(axis=1) / eligible.sum(axis=1)
    return float((waiting_list.score_above_baseline[rows, assigned[rows]] - average).mean()) * scorer.points_per_pomp


def _compute_totals(
    waiting_list: WaitingList, pairs: Sequence[AssignedPair], unassigned: Sequence[UnassignedClient], gain: float | None
) -> AssignmentTotals:
    """Sum the records up."""
    scores = [pair.score for pair in pairs]
    known_weeks = [pair.weeks for pair in pairs if pair.weeks is not None]
    load = np.unique([pair.therapist_id for pair in pairs], return_counts=True)[1]
    return AssignmentTotals(
        waiting=len(waiting_list.rows),
        placed=len(pairs),
        openings=int(waiting_list.capacity.sum()),
        total=sum(scores) if scores else None,
        expected=float(np.mean(scores)) if scores else None,
        worst=min(scores, default=None),
        gain=gain,
        honoured=sum(pair.honoured for pair in pairs),
        stated=sum(pair.stated for pair in pairs),
        first=sum(pair.place == 1 for pair in pairs),
        weeks=float(np.mean(known_weeks)) if known_weeks else None,
        longest=max((client.weeks for client in unassigned if client.weeks is not None), default=None),
        therapists=len(load),
        load=int(load.max(initial=0)),
        moved=sum(pair.moved for pair in pairs),
        lost=sum(client.lost for client in unassigned),
        kept=sum(pair.kept for pair in pairs),
    )


def _list_notes(scorer: RosterScorer, waiting_list: WaitingList, constraints: ConstraintArrays) -> list[str]:
    """List what Attune assumed for unknown cells, which openings are unused, and who has an offer."""
    default_slots, roster = scorer.clinic.config.assign.unknown_slots, scorer.tables.therapists
    is_unknown = roster[OPEN_SLOTS].isna().to_numpy(bool)
    n_dated = int(scorer.tables.clients["referred_on"].iloc[waiting_list.rows].notna().sum())
    n_undated = len(waiting_list.rows) - n_dated
    notes = list(_note_unused_openings(waiting_list, _list_ids(scorer, waiting_list)[1]))
    notes += _note_opening_uses(scorer)
    notes += list_waiting_notes(scorer.clinic, scorer.tables)
    if not scorer.tables.met_client_ids:
        notes.append(f"`outcomes` has no row: all {len(waiting_list.rows):,} clients count as waiting.")
    if is_unknown.any():
        therapists = _count(int(is_unknown.sum()), "therapist has", "therapists have")
        offers = ", minus the openings that offers hold" if count_held_openings(scorer.tables)[is_unknown].any() else ""
        notes.append(f"{therapists} no `open_slots`: counted as {default_slots} each (`assign.unknown_slots`){offers}.")
    if not n_dated:
        notes.append("No client has a `referred_on`: waiting time does not count.")
    elif n_undated:
        clients = _count(n_undated, "client has", "clients have")
        notes.append(f"{clients} no `referred_on`: the median wait of the other clients is used.")
    if constraints.n_outdated_pairs:
        pairs = _count(
            constraints.n_outdated_pairs, "pair of the previous assignment is", "pairs of the previous assignment are"
        )
        notes.append(f"{pairs} ignored: the client no longer waits, or the therapist has left.")
    return notes


def _note_opening_uses(scorer: RosterScorer) -> Iterator[str]:
    """Count the openings that offers hold, and those used since the roster was checked, with the therapists."""
    every = list_opening_uses(scorer.tables)
    if n_held := sum(use.held for use in every.values()):
        yield _count(n_held, "opening of the roster is held by an offer.", "openings of the roster are held by offers.")
    uses = sorted(((name, use) for name, use in every.items() if use.used), key=lambda item: (-item[1].used, item[0]))
    if not uses:
        return
    n_used, n_more = sum(use.used for _, use in uses), len(uses) - MAX_USES_NAMED
    named = "; ".join(f"{name}: {use}" for name, use in uses[:MAX_USES_NAMED]) + (f"; {n_more} more" * (n_more > 0))
    openings = _count(n_used, "opening of the roster is", "openings of the roster are")
    yield f"{openings} used by clients who started since the roster was checked ({named})."


def _note_unused_openings(waiting_list: WaitingList, therapist_ids: Sequence[str]) -> Iterator[str]:
    """Count the openings of therapists who fit no waiting client, and name them and the most frequent rule."""
    is_idle = (waiting_list.capacity > 0) & ~waiting_list.is_eligible.any(axis=0)
    if not is_idle.any() or not len(waiting_list.rows):
        return
    counts = [
        int((waiting_list.failed_rule_bits[:, is_idle] >> bit & 1).sum()) for bit in range(len(waiting_list.rules))
    ]
    rule = waiting_list.rules[int(np.argmax(counts))]
    openings = _count(int(waiting_list.capacity.sum()), "opening is", "openings are")
    therapists = _count(int(is_idle.sum()), "therapist fits", "therapists fit")
    idle_ids = sorted(therapist_ids[column] for column in np.flatnonzero(is_idle).tolist())
    n_more = len(idle_ids) - MAX_THERAPISTS_NAMED
    names = ", ".join(idle_ids[:MAX_THERAPISTS_NAMED]) + (f" and {n_more:,} more" if n_more > 0 else "")
    yield (
        f"{int(waiting_list.capacity[is_idle].sum()):,} of {openings} unused: {therapists} no client who is waiting "
        f"({names}). Most frequent reason: `{rule.name}` ({rule.violation_text})."
    )


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _list_weeks_waited(scorer: RosterScorer, waiting_list: WaitingList) -> list[float | None]:
    """Return the weeks each client has waited; None where unknown, because an assumed wait must not look known."""
    is_dated = scorer.tables.clients["referred_on"].iloc[waiting_list.rows].notna()
    waits = zip(waiting_list.weeks_waited, is_dated, strict=True)
    return [round(float(weeks), 1) if is_known else None for weeks, is_known in waits]


def compute_config_digest(scorer: RosterScorer) -> str:
    """Return the digest of everything in ``clinic.toml`` that decides an assignment."""
    config = scorer.clinic.config
    deciding = [scorer.policy_digest, config.waiting.model_dump(mode="json"), config.assign.model_dump(mode="json")]
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()


def _list_refused(
    scorer: RosterScorer, waiting_list: WaitingList, constraints: ConstraintArrays
) -> tuple[tuple[str, str], ...]:
    """Return the refused pairs as ids, sorted."""
    clients, therapists = _list_ids(scorer, waiting_list)
    pairs = np.argwhere(constraints.is_refused).tolist()
    return tuple(sorted((clients[row], therapists[column]) for row, column in pairs))


def _list_ids(scorer: RosterScorer, waiting_list: WaitingList) -> tuple[list[str], list[str]]:
    """Return the ids of the waiting clients, and of the roster."""
    return scorer.tables.clients["client_id"].iloc[waiting_list.rows].tolist(), scorer.tables.therapists[
        "therapist_id"
    ].tolist()
