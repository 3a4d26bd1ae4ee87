"""Build the waiting list: order the clients by priority and wait, and rank only for those that are listed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.cell_parsing import is_one_of, split_set
from attune_fit.data.clinic.columns import PRIORITIES, PRIORITY, STRENGTHS
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.features.pairs import Pairs
from attune_fit.matching.day_lists.client_states import WAITING_STATES, ClientStatus, list_client_states
from attune_fit.matching.day_lists.latest_events import LatestEvents
from attune_fit.matching.day_lists.priority_list import SORT_ORDERS, PriorityList, WaitingClient
from attune_fit.matching.eligibility.rules import ALREADY_MET_RULE
from attune_fit.matching.ranking.rank import MAX_PAIRS_PER_BLOCK
from attune_fit.matching.ranking.scored_roster import count_honoured_wishes

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.eligibility.eligibility import EligibilityResult
    from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster

UNSTATED = ""  # how clients without a priority are asked for and counted
MAX_EXCLUSIONS_NAMED = 3  # rules named in a note


@dataclass(frozen=True)
class OrderedClient:
    """A client with all that decides the order of the list.

    Attributes
    ----------
    status : ClientStatus
    priority : str or None
    days : int or None
        As in :class:`WaitingClient`.
    wait : float
        ``days``, or the median of the known ones.
    """

    status: ClientStatus
    priority: str | None
    days: int | None
    wait: float

    @property
    def key(self) -> tuple[int, float, str]:
        """The place in the order by priority, then by wait; equal waits are in the order of ids."""
        place = PRIORITIES.index(self.priority) if self.priority else len(PRIORITIES) - 1
        return place, -self.wait, self.status.client_id


@dataclass(frozen=True)
class FirstCandidates:
    """The first candidate of each of some clients, as arrays of shape (clients,).

    Attributes
    ----------
    n_candidates : array of int
    therapist_rows : array of int
        Row of the first candidate in the roster; -1 without one.
    wishes_met, wishes_stated : array of int
        Wishes that this therapist is known to meet, 0 without one, and wishes that the client states.
    exclusions : list of str
        Which rules exclude most therapists; empty for a client with a candidate.
    """

    n_candidates: Indices
    therapist_rows: Indices
    wishes_met: Indices
    wishes_stated: Indices
    exclusions: list[str]


SORT_KEYS: dict[str, Callable[[OrderedClient], Any]] = {
    "priority": lambda one: one.key,
    "wait": lambda one: one.key[1:],
    "client_id": lambda one: one.status.client_id,
    "state": lambda one: (list(WAITING_STATES).index(one.status.state), one.key),
}


def build_priority_list(
    scorer: RosterScorer,
    latest: LatestEvents,
    *,
    state: str | None = None,
    priority: str | None = None,
    sort: str = "priority",
    start: int = 0,
    most: int | None = None,
) -> PriorityList:
    """Build the waiting list of a clinic.

    An unknown wait counts as the median of the known ones, as in an assignment, so that it gives no advantage and no
    disadvantage.

    Parameters
    ----------
    scorer : RosterScorer
    latest : LatestEvents
        Of the journal of the same tables.
    state, priority : str, optional
        Only clients in this state of :data:`WAITING_STATES`, or with this priority of :data:`PRIORITIES`; the priority
        ``""`` means clients without one.
    sort : str
        One of :data:`SORT_ORDERS`.
    start, most : int
        How many clients to leave out first, >= 0, and how many to list then, >= 1. Default: all. Only for those that
        are listed, the roster is ranked.

    Raises
    ------
    DataFault
        If there is no such state, priority or order.
    """
    check_choice("state", state, WAITING_STATES)
    check_choice("priority", priority, (*PRIORITIES, UNSTATED))
    check_choice("sort", sort, SORT_ORDERS)
    everyone = sort_clients(scorer, list_client_states(scorer.clinic, scorer.tables, latest))
    matching = [one for one in everyone if state in (None, one.status.state) and _has_priority(one, priority)]
    matching.sort(key=SORT_KEYS[sort])
    listed = matching[start : None if most is None else start + most]
    states = Counter(one.status.state for one in everyone)
    priorities = Counter(one.priority or UNSTATED for one in everyone)
    return PriorityList(
        as_of=scorer.tables.as_of,
        clients=build_waiting_clients(scorer, listed),
        total=len(everyone),
        matching=len(matching),
        states={name: states[name] for name in WAITING_STATES},
        priorities={name: priorities[name] for name in (*PRIORITIES, UNSTATED)},
        start=start,
    )


def check_choice(name: str, word: str | None, known: Collection[str]) -> None:
    """Check that a word is one of those that the list knows; None is always allowed.

    Raises
    ------
    DataFault
        If it is not; with the words that the list knows.
    """
    if word is not None and word not in known:
        message, fix = f"`{word}` is none of the words for `{name}`", suggest_name(word, [one for one in known if one])
        raise DataFault.error("unknown-list-choice", "list", name, message, fix=fix)


def sort_clients(scorer: RosterScorer, statuses: Sequence[ClientStatus]) -> list[OrderedClient]:
    """Return the clients by priority, then by wait; see :attr:`OrderedClient.key`."""
    today, priorities = scorer.tables.as_of, _read_priorities(scorer.tables, [status.row for status in statuses])
    days = [None if one.waits_from is None else max(0, (today - one.waits_from).days) for one in statuses]
    known = [wait for wait in days if wait is not None]
    median = float(np.median(known)) if known else 0.0
    columns = zip(statuses, priorities, days, strict=True)
    ordered = [OrderedClient(*values, median if values[2] is None else float(values[2])) for values in columns]
    return sorted(ordered, key=lambda one: one.key)


def _read_priorities(tables: Tables, rows: list[int]) -> list[str | None]:
    cells = tables.clients[PRIORITY].iloc[rows]
    return [None if pd.isna(cell) else str(cell) for cell in cells]


def _has_priority(one: OrderedClient, priority: str | None) -> bool:
    return priority is None or (one.priority or UNSTATED) == priority


def build_waiting_clients(scorer: RosterScorer, listed: Sequence[OrderedClient]) -> tuple[WaitingClient, ...]:
    """Rank for the clients and build their records, in the same order."""
    rows = np.array([one.status.row for one in listed], dtype=np.intp)
    first, problems = find_first_candidates(scorer, rows), read_problems(scorer.tables, rows)
    limit = dt.timedelta(weeks=scorer.clinic.config.assign.overdue_weeks)
    records = []
    for place, one in enumerate(listed):
        status, n_candidates = one.status, int(first.n_candidates[place])
        row = int(first.therapist_rows[place])
        record = WaitingClient(
            client_id=status.client_id,
            priority=one.priority,
            days_waited=one.days,
            state=status.state,
            since=status.since,
            due_on=_find_due_day(status, limit),
            problems=problems[place],
            candidates=n_candidates,
            first=str(scorer.therapist_ids[row]) if n_candidates else None,
            first_wishes_met=int(first.wishes_met[place]) if n_candidates else None,
            first_wishes_stated=int(first.wishes_stated[place]),
            offers=status.offers,
            note=status.note or first.exclusions[place],
        )
        records.append(record)
    return tuple(records)


def _find_due_day(status: ClientStatus, limit: dt.timedelta) -> dt.date | None:
    """Return the day by which the clinic has to act: the last day of the offer, else that of a long wait."""
    if not status.is_waiting:
        return status.until
    return None if status.waits_from is None else status.waits_from + limit


def read_problems(tables: Tables, rows: Indices) -> list[tuple[str, ...]]:
    """Return the presenting problems of each of the clients, the main one first; empty where unknown."""
    cells = tables.clients["presenting_problems"].iloc[rows]
    return [() if pd.isna(cell) else tuple(split_set(str(cell))) for cell in cells]


def exclude_met_therapists(scorer: RosterScorer, rows: Indices) -> RosterScorer:
    """Return a scorer for clients who wait: one of them whose therapy ended does not go back to that therapist."""
    has_met = is_one_of(scorer.tables.clients["client_id"].iloc[rows], scorer.tables.met_client_ids)
    if not has_met.any():
        return scorer
    return replace(scorer, extra_rules=(*scorer.extra_rules, ALREADY_MET_RULE), shared_sides=scorer.sides)


def find_first_candidates(scorer: RosterScorer, rows: Indices) -> FirstCandidates:
    """Rank the roster for some clients and keep the first candidate of each."""
    n_candidates, therapist_rows = np.zeros(len(rows), dtype=np.intp), np.full(len(rows), -1, dtype=np.intp)
    exclusions, done, scorer = [""] * len(rows), 0, exclude_met_therapists(scorer, rows)
    for roster in scorer.score_blocks(rows, MAX_PAIRS_PER_BLOCK):
        block = slice(done, done + len(roster.client_rows))
        n_candidates[block], therapist_rows[block] = _find_first_places(roster)
        for client in np.flatnonzero(n_candidates[block] == 0).tolist():
            exclusions[done + client] = _describe_exclusions(roster.eligibility, client)
        done = block.stop
    has_one = np.flatnonzero(therapist_rows >= 0)
    met = np.zeros(len(rows), dtype=np.intp)
    met[has_one] = count_honoured_wishes(Pairs.from_rows(scorer.sides, rows[has_one], therapist_rows[has_one]))
    wishes = scorer.sides.build_wish_table()
    stated = sum((wishes.count_stated(strength, rows) for strength in STRENGTHS), np.zeros(len(rows), dtype=np.intp))
    return FirstCandidates(n_candidates, therapist_rows, met, stated.astype(np.intp), exclusions)


def _find_first_places(roster: ScoredRoster) -> tuple[Indices, Indices]:
    """Return the number of candidates, and the row of the first, of each client of a block; -1 without one."""
    n_clients = len(roster.client_rows)
    is_first, first = roster.rank == 1, np.full(n_clients, -1, dtype=np.intp)
    first[roster.client[is_first]] = roster.pairs.therapist_rows[is_first]
    return np.bincount(roster.client[roster.rank > 0], minlength=n_clients), first


def _describe_exclusions(eligibility: EligibilityResult, client: int) -> str:
    """Return how many therapists each rule excludes for a client, the most frequent first."""
    counts = count_exclusions(eligibility, np.array([client]))
    named = ", ".join(f"{number} {text}" for text, number in counts[:MAX_EXCLUSIONS_NAMED])
    return f"no therapist available: {named}" if named else "no therapist available: the roster is empty"


def count_exclusions(eligibility: EligibilityResult, clients: Indices | slice) -> tuple[tuple[str, int], ...]:
    """Count the pairs of some clients that each rule excludes, by its short text, the most frequent first."""
    bits = eligibility.excluded_bits[clients]
    counts = [(rule.short_text, int(np.count_nonzero(bits & np.uint32(1 << number))))
              for number, rule in enumerate(eligibility.rules)]  # fmt: skip
    return tuple(sorted((one for one in counts if one[1]), key=lambda one: (-one[1], one[0])))
