"""Plain, slow versions of what an assignment computes in arrays: one client or one pair after another."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from attune_fit.data.arrays import Bools, Counts, Floats, Indices
from attune_fit.data.outcomes.openings import OPEN_SLOTS
from attune_fit.features.pairs import Pairs
from attune_fit.matching.assignment.assignment_result import (
    LATER_COLUMNS,
    AssignedPair,
    Assignment,
    RequiredChange,
    TakenOpening,
    UnassignedClient,
)
from attune_fit.matching.assignment.constraints import ConstraintArrays
from attune_fit.matching.assignment.unassigned_reasons import MAX_CHANGES_PER_CLIENT
from attune_fit.matching.assignment.waiting_list import PAIR_ARRAYS, WaitingList
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.ranking.ranking_result import round_points
from attune_fit.matching.ranking.scored_roster import RosterScorer, count_honoured_wishes

Reason = tuple[str, list[tuple[str, list[int]]]]


def describe_plainly(waiting_list: WaitingList, row: int, column: int, has_opening: Bools, is_refused: Bools) -> str:
    """Describe everything that has to change for one client and one therapist."""
    steps = []
    for bit, rule in enumerate(waiting_list.rules):
        if waiting_list.unknown_rule_bits[row, column] >> bit & 1:
            steps.append(f"{' or '.join(f'`{place}`' for place in rule.input_columns)} filled in")
        elif waiting_list.failed_rule_bits[row, column] >> bit & 1:
            steps.append(rule.remedy_text)
    if not has_opening[column]:
        steps.append("one more opening, kept for this client")
    if is_refused[column]:
        steps.append("the refusal withdrawn")
    return " and ".join(steps)


def find_reason_plainly(waiting_list: WaitingList, row: int, has_opening: Bools, is_refused: Bools) -> Reason:
    """Return why one client is unassigned, and the changes with their therapists."""
    failed, unknown = waiting_list.failed_rule_bits[row].tolist(), waiting_list.unknown_rule_bits[row].tolist()
    if not failed:
        return "The roster is empty.", [("a therapist", [])]
    obstacles = [
        (failed[column], unknown[column], bool(has_opening[column]), bool(is_refused[column]))
        for column in range(len(failed))
    ]
    counts = [one[0].bit_count() + (not one[2]) + one[3] for one in obstacles]
    nearest = [column for column, count in enumerate(counts) if count == min(counts)]
    kinds = sorted({obstacles[column] for column in nearest})
    groups = [[column for column in nearest if obstacles[column] == kind] for kind in kinds]
    groups.sort(key=lambda group: -len(group))
    changes = [
        (describe_plainly(waiting_list, row, group[0], has_opening, is_refused), group)
        for group in groups[:MAX_CHANGES_PER_CLIENT]
    ]
    fits = [column for column, bits in enumerate(failed) if bits == 0]
    if any(not is_refused[column] and waiting_list.capacity[column] > 0 for column in fits):
        return "Other clients got the openings of all available therapists.", changes
    if any(not is_refused[column] for column in fits):
        return "0 available: each therapist who fits was already full.", changes
    if fits:
        return "The coordinator refused every therapist on the client's list.", changes
    by_rule = [sum(bits >> bit & 1 for bits in failed) for bit in range(len(waiting_list.rules))]
    most = by_rule.index(max(by_rule))
    why = (
        f"0 available: no therapist fits, with or without an opening. The rule `{waiting_list.rules[most].name}` "
        f"rules out the most: {by_rule[most]} of {len(failed)}."
    )
    return why, changes


def list_unassigned_plainly(
    scorer: RosterScorer, waiting_list: WaitingList, constraints: ConstraintArrays, assigned: Indices
) -> list[UnassignedClient]:
    """Return the unassigned clients, in the order of the waiting list."""
    clients = scorer.tables.clients["client_id"].iloc[waiting_list.rows].tolist()
    therapists = scorer.tables.therapists["therapist_id"].tolist()
    is_dated = scorer.tables.clients["referred_on"].iloc[waiting_list.rows].notna().tolist()
    has_opening = waiting_list.capacity > np.bincount(assigned[assigned >= 0], minlength=len(therapists))
    unassigned = []
    for row in np.flatnonzero(assigned < 0).tolist():
        refused = constraints.is_refused[row]
        why, changes = find_reason_plainly(waiting_list, row, has_opening, refused)
        takers: dict[int, list[str]] = {}
        for other, column in enumerate(assigned.tolist()):
            if column >= 0 and waiting_list.failed_rule_bits[row, column] == 0 and not refused[column]:
                takers.setdefault(column, []).append(clients[other])
        by_rank = sorted(takers, key=lambda column: (waiting_list.rank[row, column], column))
        unassigned.append(
            UnassignedClient(
                clients[row],
                why,
                tuple(RequiredChange(says, tuple(sorted(therapists[one] for one in them))) for says, them in changes),
                sum(bits == 0 for bits in waiting_list.failed_rule_bits[row].tolist()),
                round(float(waiting_list.weeks_waited[row]), 1) if is_dated[row] else None,
                bool(constraints.previous_therapist[row] >= 0),
                sum(waiting_list.is_listed[row].tolist()),
                tuple(TakenOpening(therapists[column], tuple(sorted(takers[column]))) for column in by_rank),
            )
        )
    return unassigned


def list_assigned_plainly(
    scorer: RosterScorer, waiting_list: WaitingList, constraints: ConstraintArrays, assigned: Indices
) -> list[AssignedPair]:
    """Return the assigned pairs, in the order of the waiting list."""
    clients = scorer.tables.clients["client_id"].iloc[waiting_list.rows].tolist()
    therapists = scorer.tables.therapists["therapist_id"].tolist()
    is_dated = scorer.tables.clients["referred_on"].iloc[waiting_list.rows].notna().tolist()
    rows = np.flatnonzero(assigned >= 0)
    parts = scorer.model.compute_parts(Pairs.from_rows(scorer.sides, waiting_list.rows[rows], assigned[rows]))
    low, high = scorer.model.compute_interval(parts)

    def show(pomp: float) -> float:
        return round_points(scorer.instrument.to_points(float(scorer.clip_to_range(pomp))))

    return [
        AssignedPair(
            client_id=clients[row],
            therapist_id=therapists[assigned[row]],
            score=show(parts.score[number]),
            low=show(low[number]),
            high=show(high[number]),
            place=int(waiting_list.rank[row, assigned[row]]),
            candidates=sum(bits == 0 for bits in waiting_list.failed_rule_bits[row].tolist()),
            honoured=int(waiting_list.n_wishes_honoured[row, assigned[row]]),
            stated=int(waiting_list.n_wishes_stated[row]),
            weeks=round(float(waiting_list.weeks_waited[row]), 1) if is_dated[row] else None,
            pinned=bool(constraints.pinned_therapist[row] >= 0),
            moved=bool(0 <= constraints.previous_therapist[row] != assigned[row]),
            kept=bool(constraints.previous_therapist[row] == assigned[row]),
            available=sum(waiting_list.is_listed[row].tolist()),
        )
        for number, row in enumerate(rows.tolist())
    ]


def build_json_plainly(assignment: Assignment) -> str:
    """Return the JSON of an assignment from a deep copy of its records."""
    return json.dumps(asdict(assignment), allow_nan=False, ensure_ascii=False)


def build_frame_plainly(assignment: Assignment) -> pd.DataFrame:
    """Return the table of an assignment from a deep copy of its records."""
    rows = [{"status": "placed", **asdict(pair)} for pair in assignment.placed]
    for client in assignment.unplaced:
        changes = "; ".join(f"{change.says} ({', '.join(change.therapists)})" for change in client.changes)
        taken = "; ".join(f"{one.therapist_id}: {', '.join(one.client_ids)}" for one in client.taken)
        rows.append({"status": "waits", **asdict(client), "changes": changes, "taken": taken})
    names = dict.fromkeys(["client_id", "status", *AssignedPair.__annotations__, *UnassignedClient.__annotations__])
    columns = [*(name for name in names if name not in LATER_COLUMNS), *LATER_COLUMNS]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype(dict.fromkeys(("place", "candidates", "honoured", "stated", "available"), "Int64"))


def weigh_plainly(
    eligible: Bools, ranked: list[Counts], last: Floats, capacity: Counts, step: float
) -> list[list[int]]:
    """Return one whole number for each pair, such that one unit of an aim outweighs all the aims below it."""
    capacity = np.minimum(capacity, eligible.sum(axis=0))
    max_pairs = min(int(eligible[:, capacity > 0].any(axis=1).sum()), int(capacity.sum()))
    pairs = np.argwhere(eligible).tolist()
    low = min(last[row, column] for row, column in pairs)
    weights = [[0] * eligible.shape[1] for _ in eligible]
    for row, column in pairs:
        weights[row][column] = int((last[row, column] - low) // step)
    unit = max(map(max, weights)) * max_pairs + 1
    for aim in reversed([np.broadcast_to(aim, eligible.shape).tolist() for aim in ranked]):
        for row, column in pairs:
            weights[row][column] += unit * aim[row][column]
        unit *= 1 + sum(max([one for one, is_one in zip(*both, strict=True) if is_one], default=0)
                        for both in zip(aim, eligible.tolist(), strict=True))  # fmt: skip
    return weights


def solve_plainly(eligible: Bools, weights: Floats, capacity: Counts, seed: int) -> Indices:
    """Return the assignment of the largest total weight, ties included, as :func:`solve_assignment` draws it.

    SciPy gets the weights as they are: to maximise, and with the clients as rows.
    """
    assigned = np.full(len(eligible), -1, dtype=np.intp)
    capacity = np.minimum(capacity, eligible.sum(axis=0))
    rows = np.flatnonzero(eligible[:, capacity > 0].any(axis=1))
    if not len(rows):
        return assigned
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(rows), rng.permutation(len(capacity))
    n_columns = np.minimum(capacity, -(-len(rows) // max(1, int((capacity > 0).sum()))) + 1)
    while True:
        assigned[:] = -1
        places = [column for column in columns.tolist() for _ in range(n_columns[column])]
        for row, place in zip(*linear_sum_assignment(weights[np.ix_(rows, places)], maximize=True), strict=True):
            if weights[rows[row], places[place]] > 0:
                assigned[rows[row]] = places[place]
        load = np.array([(assigned == column).sum() for column in range(len(capacity))])
        is_full = (load == n_columns) & (n_columns < capacity)
        if not is_full.any():
            return assigned
        n_columns = np.where(is_full, np.minimum(capacity, 2 * n_columns), n_columns)


def build_pairs_plainly(scorer: RosterScorer, rows: Indices) -> dict[str, list[list[float]]]:
    """Return the arrays of all pairs of a waiting list by attribute, one client after another.

    Values of pairs that a rule other than the capacity rule excludes are those of :data:`PAIR_ARRAYS`.
    """
    names = [rule.name for rule in scorer.rules if rule.name != OPEN_SLOTS]
    arrays: dict[str, list[list[float]]] = {name: [] for name in PAIR_ARRAYS}
    for row in rows.tolist():
        roster = scorer.score_clients(np.array([row]), scored_anyway=(OPEN_SLOTS,))
        checked = EligibilityResult.from_rules(Pairs.cross(scorer.sides, [row]), scorer.rules)
        place = {rule.name: number for number, rule in enumerate(checked.rules)}
        excluded = [checked.is_excluded[place[name], 0].tolist() for name in names]
        unknown = [checked.is_unknown[place[name], 0].tolist() for name in names]
        line: dict[str, list[float]] = {name: [fill] * len(checked.is_eligible[0]) for name, (_, fill) in
                                        PAIR_ARRAYS.items()}  # fmt: skip
        line["is_listed"] = checked.is_eligible[0].tolist()
        for column in range(len(line["rank"])):
            failed = [bit for bit in range(len(names)) if excluded[bit][column]]
            line["failed_rule_bits"][column] = sum(2**bit for bit in failed)
            line["unknown_rule_bits"][column] = sum(2**bit for bit in failed if unknown[bit][column])
        columns, scores = roster.pairs.therapist_rows.tolist(), roster.parts.score.tolist()
        scored = zip(scores, columns, roster.rank.tolist(), strict=True)
        without_place = sorted((-score, column) for score, column, rank in scored if not rank)
        n_listed = sum(line["is_listed"])
        after = {column: n_listed + number for number, (_, column) in enumerate(without_place, 1)}
        for number, column in enumerate(columns):
            pair = Pairs.from_rows(scorer.sides, [row], [column])
            line["rank"][column] = after.get(column, int(roster.rank[number]))
            line["n_wishes_honoured"][column] = float(count_honoured_wishes(pair)[0])
            line["score_above_baseline"][column] = float(
                roster.parts.evidence[number] + roster.parts.learned[number] + roster.parts.therapist[number]
            )
        for name, values in line.items():
            arrays[name].append(values)
    return arrays
