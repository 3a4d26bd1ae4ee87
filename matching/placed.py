"""A placement in arrays becomes records: each client with a therapist or why not, and what it adds up to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from features.pairs import Pairs
from matching.placement import Assignment, Placement, Totals, Unplaced
from matching.result import DECIMALS
from matching.unplaced import gap
from matching.waitlist import ROOM

if TYPE_CHECKING:
    from matching.asked import Wanted
    from matching.board import Desk
    from matching.policies import Policy
    from matching.waitlist import WaitingList

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
        notes=tuple(_notes(desk, listed)),
        interval=desk.clinic.config.settings.interval,
        seed=desk.seed,
        data=desk.data,
        bundle=desk.bundle,
        rules=desk.policy,
    )


def _placed(desk: Desk, listed: WaitingList, wanted: Wanted, taken: Rows) -> tuple[Placement, ...]:
    """Those who have somebody, by id."""
    rows = np.flatnonzero(taken >= 0)
    pairs = Pairs.met(desk.sides, listed.rows[rows], taken[rows])
    parts = desk.model.parts(pairs)
    low, high = desk.model.interval(parts)
    clients, therapists = _ids(desk, listed)
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
            weeks=round(float(listed.weeks[row]), 1),
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
    found = []
    for row in np.flatnonzero(taken < 0).tolist():
        lacks = gap(listed, row, room, wanted.refused[row])
        names = tuple(sorted(therapists[column] for column in lacks.columns))
        weeks, candidates = round(float(listed.weeks[row]), 1), int(listed.eligible[row].sum())
        found.append(Unplaced(clients[row], lacks.why, lacks.change, names, candidates, weeks))
    return tuple(sorted(found, key=lambda one: (-one.weeks, one.client_id)))


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
        weeks=float(np.mean([one.weeks for one in placed])) if placed else None,
        longest=max((one.weeks for one in waits), default=None),
        therapists=len(load),
        load=int(load.max(initial=0)),
        moved=sum(one.moved for one in placed),
    )


def _notes(desk: Desk, listed: WaitingList) -> list[str]:
    """What was assumed where the tables do not say."""
    each = desk.clinic.config.assign.unknown_slots
    unknown = int(desk.tables.therapists[ROOM].isna().sum())
    undated = int(desk.tables.clients["referred_on"].iloc[listed.rows].isna().sum())
    found = []
    if unknown:
        found.append(f"{unknown} therapists state no `open_slots`: counted as {each} each (`assign.unknown_slots`).")
    if undated:
        found.append(f"{undated} clients have no `referred_on`: their wait counts as the median of the others'.")
    return found


def _ids(desk: Desk, listed: WaitingList) -> tuple[list[str], list[str]]:
    """Ids of the clients of the list, and of the roster."""
    return desk.tables.clients["client_id"].iloc[listed.rows].tolist(), desk.tables.therapists["therapist_id"].tolist()


def _points(desk: Desk, pomp: np.float64) -> float:
    return round(desk.instrument.points(float(pomp)), DECIMALS)
