"""A placement in arrays becomes records: each client with a therapist or why not, and what it adds up to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from attune_fit.features.pairs import Pairs
from attune_fit.matching.assignment.assignment_result import Assignment, Change, Placement, Totals, Unplaced
from attune_fit.matching.assignment.unassigned_reasons import gap
from attune_fit.matching.assignment.waiting_list import ROOM
from attune_fit.matching.ranking.ranking_result import DECIMALS

if TYPE_CHECKING:
    from attune_fit.matching.assignment.constraints import Wanted
    from attune_fit.matching.assignment.policies import Policy
    from attune_fit.matching.assignment.waiting_list import WaitingList
    from attune_fit.matching.ranking.scored_roster import Desk

Rows = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


def told(desk: Desk, listed: WaitingList, wanted: Wanted, taken: Rows, policy: Policy) -> Assignment:
    """Turn the column of each client's therapist (-1 for none) into records."""
    placed = _placed(desk, listed, wanted, taken)
    waits = _waits(desk, listed, wanted, taken)
    return Assignment(
        policy=policy.name,
        verdict=desk.model.verdict.sentence,
        instrument=desk.instrument.name,
        as_of=desk.tables.as_of.isoformat(),
        placed=placed,
        unplaced=waits,
        totals=_totals(listed, placed, waits, _gain(desk, listed, taken)),
        notes=tuple(_notes(desk, listed, wanted)),
        interval=desk.clinic.config.settings.interval,
        seed=desk.seed,
        data=desk.data,
        bundle=desk.bundle,
        rules=_policy(desk),
    )


def _placed(desk: Desk, listed: WaitingList, wanted: Wanted, taken: Rows) -> tuple[Placement, ...]:
    """Those who have somebody, by id."""
    rows = np.flatnonzero(taken >= 0)
    pairs = Pairs.met(desk.sides, listed.rows[rows], taken[rows])
    parts = desk.model.parts(pairs)
    low, high = desk.model.interval(parts)
    clients, therapists = _ids(desk, listed)
    waited = _weeks(desk, listed)
    found = [
        Placement(
            client_id=clients[row],
            therapist_id=therapists[taken[row]],
            score=_points(desk, np.clip(parts.score[number], 0, 100)),
            low=_points(desk, low[number]),
            high=_points(desk, high[number]),
            place=int(listed.place[row, taken[row]]),
            candidates=int(listed.eligible[row].sum()),
            honoured=int(listed.honoured[row, taken[row]]),
            stated=int(listed.stated[row]),
            weeks=waited[row],
            pinned=bool(wanted.pins[row] >= 0),
            moved=bool(wanted.before[row] >= 0 and wanted.before[row] != taken[row]),
        )
        for number, row in enumerate(rows.tolist())
    ]
    return tuple(sorted(found, key=lambda one: one.client_id))


def _waits(desk: Desk, listed: WaitingList, wanted: Wanted, taken: Rows) -> tuple[Unplaced, ...]:
    """Those who have nobody, the longest wait first."""
    room = listed.capacity > np.bincount(taken[taken >= 0], minlength=len(listed.capacity))
    clients, therapists = _ids(desk, listed)
    waited = _weeks(desk, listed)
    found = []
    for row in np.flatnonzero(taken < 0).tolist():
        lacks = gap(listed, row, room, wanted.refused[row])
        changes = tuple(
            Change(says, tuple(sorted(therapists[column] for column in columns))) for says, columns in lacks.changes
        )
        candidates, lost = int(listed.eligible[row].sum()), bool(wanted.before[row] >= 0)
        found.append(Unplaced(clients[row], lacks.why, changes, candidates, waited[row], lost))
    return tuple(sorted(found, key=lambda one: (-(one.weeks or 0), one.client_id)))


def _gain(desk: Desk, listed: WaitingList, taken: Rows) -> float | None:
    """What is expected of those placed beyond the average of their own list, points."""
    rows = np.flatnonzero(taken >= 0)
    if not len(rows):
        return None
    may = listed.eligible[rows]
    average = np.where(may, listed.pair[rows], 0).sum(axis=1) / may.sum(axis=1)
    return float((listed.pair[rows, taken[rows]] - average).mean()) * desk.step


def _totals(listed: WaitingList, placed: Sequence[Placement], waits: Sequence[Unplaced], gain: float | None) -> Totals:
    """What the records add up to."""
    scores = [one.score for one in placed]
    known = [one.weeks for one in placed if one.weeks is not None]
    load = np.unique([one.therapist_id for one in placed], return_counts=True)[1]
    return Totals(
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


def _notes(desk: Desk, listed: WaitingList, wanted: Wanted) -> list[str]:
    """What was assumed where the tables do not say, and which openings serve nobody."""
    each, roster = desk.clinic.config.assign.unknown_slots, desk.tables.therapists
    unknown = int(roster[ROOM].isna().sum())
    dated = int(desk.tables.clients["referred_on"].iloc[listed.rows].notna().sum())
    found = list(_idle(listed))
    if not desk.tables.met:
        found.append(f"`outcomes` has no row: all {len(listed.rows):,} clients count as waiting.")
    if unknown:
        whose = "1 therapist states" if unknown == 1 else f"{unknown:,} therapists state"
        found.append(f"{whose} no `open_slots`: counted as {each} each (`assign.unknown_slots`).")
    if not dated:
        found.append("No client has a `referred_on`: nobody's wait counts.")
    elif dated < len(listed.rows):
        undated = len(listed.rows) - dated
        found.append(f"{undated:,} have no `referred_on`: their wait counts as the median of the others'.")
    if wanted.strangers:
        found.append(f"{wanted.strangers:,} of the placement to keep to wait no longer, or their therapist has left.")
    return found


def _idle(listed: WaitingList) -> Iterator[str]:
    """Openings of therapists whom nobody who waits may be offered, and the rule that is in the way most often."""
    idle = (listed.capacity > 0) & ~listed.eligible.any(axis=0)
    if not idle.any() or not len(listed.rows):
        return
    often = [int((listed.broken[:, idle] >> bit & 1).sum()) for bit in range(len(listed.rules))]
    rule = listed.rules[int(np.argmax(often))]
    yield (
        f"{int(listed.capacity[idle].sum()):,} of the {int(listed.capacity.sum()):,} openings serve nobody: "
        f"{int(idle.sum()):,} of the therapists may be offered to no one who waits, most often by `{rule.name}` "
        f"({rule.says})."
    )


def _weeks(desk: Desk, listed: WaitingList) -> list[float | None]:
    """Time waited by each client of the list; None where unknown, for what is assumed is not what is known."""
    dated = desk.tables.clients["referred_on"].iloc[listed.rows].notna()
    return [round(float(one), 1) if known else None for one, known in zip(listed.weeks, dated, strict=True)]


def _policy(desk: Desk) -> str:
    """Digest of everything ``clinic.toml`` says that decides a placement."""
    config = desk.clinic.config
    said = [desk.policy, config.waiting.model_dump(mode="json"), config.assign.model_dump(mode="json")]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _ids(desk: Desk, listed: WaitingList) -> tuple[list[str], list[str]]:
    """Ids of the clients of the list, and of the roster."""
    return desk.tables.clients["client_id"].iloc[listed.rows].tolist(), desk.tables.therapists["therapist_id"].tolist()


def _points(desk: Desk, pomp: np.float64) -> float:
    return round(desk.instrument.points(float(pomp)), DECIMALS)
