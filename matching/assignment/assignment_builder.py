"""A placement in arrays becomes records: each client with a therapist or why not, and what it adds up to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.features.pairs import Pairs
from attune_fit.matching.assignment.assignment_result import (
    AssignedPair,
    Assignment,
    AssignmentTotals,
    RequiredChange,
    UnassignedClient,
)
from attune_fit.matching.assignment.unassigned_reasons import find_unassigned_reason
from attune_fit.matching.assignment.waiting_list import OPEN_SLOTS
from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS

if TYPE_CHECKING:
    from attune_fit.matching.assignment.constraints import ConstraintArrays
    from attune_fit.matching.assignment.policies import Policy
    from attune_fit.matching.assignment.waiting_list import WaitingList
    from attune_fit.matching.ranking.scored_roster import RosterScorer


def build_assignment(
    desk: RosterScorer, listed: WaitingList, wanted: ConstraintArrays, taken: Indices, policy: Policy
) -> Assignment:
    """Turn the column of each client's therapist (-1 for none) into records."""
    placed = _list_assigned(desk, listed, wanted, taken)
    waits = _list_unassigned(desk, listed, wanted, taken)
    return Assignment(
        policy=policy.name,
        verdict=desk.model.verdict.sentence,
        instrument=desk.instrument.name,
        as_of=desk.tables.as_of.isoformat(),
        placed=placed,
        unplaced=waits,
        totals=_compute_totals(listed, placed, waits, _compute_mean_gain(desk, listed, taken)),
        notes=tuple(_notes(desk, listed, wanted)),
        interval=desk.clinic.config.settings.interval,
        seed=desk.seed,
        data=desk.data_digest,
        bundle=desk.bundle_name,
        rules=_compute_config_digest(desk),
    )


def _list_assigned(
    desk: RosterScorer, listed: WaitingList, wanted: ConstraintArrays, taken: Indices
) -> tuple[AssignedPair, ...]:
    """Those who have somebody, by id."""
    rows = np.flatnonzero(taken >= 0)
    pairs = Pairs.from_rows(desk.sides, listed.rows[rows], taken[rows])
    parts = desk.model.compute_parts(pairs)
    low, high = desk.model.compute_interval(parts)
    clients, therapists = _ids(desk, listed)
    waited = _list_weeks_waited(desk, listed)
    found = [
        AssignedPair(
            client_id=clients[row],
            therapist_id=therapists[taken[row]],
            score=_points(desk, np.clip(parts.score[number], 0, 100)),
            low=_points(desk, low[number]),
            high=_points(desk, high[number]),
            place=int(listed.rank[row, taken[row]]),
            candidates=int(listed.is_eligible[row].sum()),
            honoured=int(listed.n_wishes_honoured[row, taken[row]]),
            stated=int(listed.n_wishes_stated[row]),
            weeks=waited[row],
            pinned=bool(wanted.pinned_therapist[row] >= 0),
            moved=bool(wanted.previous_therapist[row] >= 0 and wanted.previous_therapist[row] != taken[row]),
        )
        for number, row in enumerate(rows.tolist())
    ]
    return tuple(sorted(found, key=lambda one: one.client_id))


def _list_unassigned(
    desk: RosterScorer, listed: WaitingList, wanted: ConstraintArrays, taken: Indices
) -> tuple[UnassignedClient, ...]:
    """Those who have nobody, the longest wait first."""
    room = listed.capacity > np.bincount(taken[taken >= 0], minlength=len(listed.capacity))
    clients, therapists = _ids(desk, listed)
    waited = _list_weeks_waited(desk, listed)
    found = []
    for row in np.flatnonzero(taken < 0).tolist():
        lacks = find_unassigned_reason(listed, row, room, wanted.is_refused[row])
        changes = tuple(
            RequiredChange(says, tuple(sorted(therapists[column] for column in columns)))
            for says, columns in lacks.changes
        )
        candidates, lost = int(listed.is_eligible[row].sum()), bool(wanted.previous_therapist[row] >= 0)
        found.append(UnassignedClient(clients[row], lacks.why, changes, candidates, waited[row], lost))
    return tuple(sorted(found, key=lambda one: (-(one.weeks or 0), one.client_id)))


def _compute_mean_gain(desk: RosterScorer, listed: WaitingList, taken: Indices) -> float | None:
    """What is expected of those placed beyond the average of their own list, points."""
    rows = np.flatnonzero(taken >= 0)
    if not len(rows):
        return None
    may = listed.is_eligible[rows]
    average = np.where(may, listed.score_above_baseline[rows], 0).sum(axis=1) / may.sum(axis=1)
    return float((listed.score_above_baseline[rows, taken[rows]] - average).mean()) * desk.points_per_pomp


def _compute_totals(
    listed: WaitingList, placed: Sequence[AssignedPair], waits: Sequence[UnassignedClient], gain: float | None
) -> AssignmentTotals:
    """What the records add up to."""
    scores = [one.score for one in placed]
    known = [one.weeks for one in placed if one.weeks is not None]
    load = np.unique([one.therapist_id for one in placed], return_counts=True)[1]
    return AssignmentTotals(
        waiting=len(listed.rows),
        placed=len(placed),
        openings=int(listed.capacity.sum()),
        total=sum(scores) if scores else None,
        expected=float(np.mean(scores)) if scores else None,
        worst=min(scores, default=None),
        gain=gain,
        honoured=sum(one.honoured for one in placed),
        stated=sum(one.stated for one in placed),
        first=sum(one.place == 1 for one in placed),
        weeks=float(np.mean(known)) if known else None,
        longest=max((one.weeks for one in waits if one.weeks is not None), default=None),
        therapists=len(load),
        load=int(load.max(initial=0)),
        moved=sum(one.moved for one in placed),
        lost=sum(one.lost for one in waits),
    )


def _notes(desk: RosterScorer, listed: WaitingList, wanted: ConstraintArrays) -> list[str]:
    """What was assumed where the tables do not say, and which openings serve nobody."""
    each, roster = desk.clinic.config.assign.unknown_slots, desk.tables.therapists
    unknown = int(roster[OPEN_SLOTS].isna().sum())
    dated = int(desk.tables.clients["referred_on"].iloc[listed.rows].notna().sum())
    found = list(_note_unused_openings(listed))
    if not desk.tables.met_client_ids:
        found.append(f"`outcomes` has no row: all {len(listed.rows):,} clients count as waiting.")
    if unknown:
        whose = "1 therapist states" if unknown == 1 else f"{unknown:,} therapists state"
        found.append(f"{whose} no `open_slots`: counted as {each} each (`assign.unknown_slots`).")
    if not dated:
        found.append("No client has a `referred_on`: nobody's wait counts.")
    elif dated < len(listed.rows):
        undated = len(listed.rows) - dated
        found.append(f"{undated:,} have no `referred_on`: their wait counts as the median of the others'.")
    if wanted.n_outdated_pairs:
        found.append(
            f"{wanted.n_outdated_pairs:,} of the placement to keep to wait no longer, or their therapist has left."
        )
    return found


def _note_unused_openings(listed: WaitingList) -> Iterator[str]:
    """Openings of therapists whom nobody who waits may be offered, and the rule that is in the way most often."""
    idle = (listed.capacity > 0) & ~listed.is_eligible.any(axis=0)
    if not idle.any() or not len(listed.rows):
        return
    often = [int((listed.failed_rule_bits[:, idle] >> bit & 1).sum()) for bit in range(len(listed.rules))]
    rule = listed.rules[int(np.argmax(often))]
    yield (
        f"{int(listed.capacity[idle].sum()):,} of the {int(listed.capacity.sum()):,} openings serve nobody: "
        f"{int(idle.sum()):,} of the therapists may be offered to no one who waits, most often by `{rule.name}` "
        f"({rule.violation_text})."
    )


def _list_weeks_waited(desk: RosterScorer, listed: WaitingList) -> list[float | None]:
    """Time waited by each client of the list; None where unknown, for what is assumed is not what is known."""
    dated = desk.tables.clients["referred_on"].iloc[listed.rows].notna()
    return [round(float(one), 1) if known else None for one, known in zip(listed.weeks_waited, dated, strict=True)]


def _compute_config_digest(desk: RosterScorer) -> str:
    """Digest of everything ``clinic.toml`` says that decides a placement."""
    config = desk.clinic.config
    said = [desk.policy_digest, config.waiting.model_dump(mode="json"), config.assign.model_dump(mode="json")]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _ids(desk: RosterScorer, listed: WaitingList) -> tuple[list[str], list[str]]:
    """Ids of the clients of the list, and of the roster."""
    return desk.tables.clients["client_id"].iloc[listed.rows].tolist(), desk.tables.therapists["therapist_id"].tolist()


def _points(desk: RosterScorer, pomp: np.float64) -> float:
    return round(desk.instrument.to_points(float(pomp)), POINT_DECIMALS)
