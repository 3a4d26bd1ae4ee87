"""Find the waiting clients who have one therapist on their list, and rank only for those that are listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Indices
from attune_fit.data.clinic.columns import STRENGTHS
from attune_fit.features.pairs import Pairs
from attune_fit.matching.day_lists.client_states import list_client_states
from attune_fit.matching.day_lists.fitting_clients import FittingClient, FittingClients
from attune_fit.matching.day_lists.priority_list_builder import (
    OrderedClient,
    count_exclusions,
    exclude_met_therapists,
    read_problems,
    sort_clients,
)
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.ranking.rank import MAX_PAIRS_PER_BLOCK, find_row
from attune_fit.matching.ranking.scored_roster import count_honoured_wishes

if TYPE_CHECKING:
    from attune_fit.matching.day_lists.latest_events import LatestEvents
    from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster


def find_fitting_clients(
    scorer: RosterScorer, latest: LatestEvents, therapist_id: str, most: int | None = None
) -> FittingClients:
    """Find the waiting clients who have the therapist on their list, by priority, then by wait.

    Parameters
    ----------
    scorer : RosterScorer
    latest : LatestEvents
        Of the journal of the same tables.
    therapist_id : str
    most : int, optional
        How many of them to rank for and to list, >= 1. Default: all.

    Raises
    ------
    DataFault
        If no therapist has this id.
    """
    therapist_row = find_row(scorer.tables, "therapists", therapist_id)
    statuses = list_client_states(scorer.clinic, scorer.tables, latest)
    waiting = [one for one in sort_clients(scorer, statuses) if one.status.is_waiting]
    eligibility = check_therapists(scorer, [one.status.row for one in waiting], np.array([therapist_row]))
    fits = eligibility.is_eligible[:, 0]
    fitting = [one for one, is_fit in zip(waiting, fits.tolist(), strict=True) if is_fit]
    openings = scorer.sides.count_openings()[therapist_row]
    return FittingClients(
        as_of=scorer.tables.as_of,
        therapist_id=therapist_id,
        openings=None if np.isnan(openings) else int(openings),
        clients=_build_records(scorer, fitting[:most], therapist_row),
        matching=len(fitting),
        total=len(waiting),
        exclusion_counts=count_exclusions(eligibility, np.flatnonzero(~fits)),
    )


def check_therapists(scorer: RosterScorer, client_rows: Sequence[int], therapist_rows: Indices) -> EligibilityResult:
    """Check some clients with some therapists against the rules, shape (clients, therapists). No model is needed."""
    clients = np.array(client_rows, dtype=np.intp)
    pairs = Pairs(scorer.sides, clients[:, None], therapist_rows[None, :])
    return EligibilityResult.from_rules(pairs, exclude_met_therapists(scorer, clients).rules)


def _build_records(
    scorer: RosterScorer, listed: Sequence[OrderedClient], therapist_row: int
) -> tuple[FittingClient, ...]:
    """Rank for the clients and build their records, in the same order."""
    rows = np.array([one.status.row for one in listed], dtype=np.intp)
    problems, wishes = read_problems(scorer.tables, rows), scorer.sides.build_wish_table()
    met = count_honoured_wishes(Pairs.from_rows(scorer.sides, rows, np.full(len(rows), therapist_row)))
    stated = sum((wishes.count_stated(strength, rows) for strength in STRENGTHS), np.zeros(len(rows)))
    places = [
        place
        for block in exclude_met_therapists(scorer, rows).score_blocks(rows, MAX_PAIRS_PER_BLOCK)
        for place in _list_places(block, therapist_row)
    ]
    return tuple(
        FittingClient(
            client_id=one.status.client_id,
            priority=one.priority,
            days_waited=one.days,
            state=one.status.state,
            problems=problems[place],
            rank=rank,
            band=band,
            candidates=n_candidates,
            wishes_met=int(met[place]),
            wishes_stated=int(stated[place]),
        )
        for place, (one, (rank, band, n_candidates)) in enumerate(zip(listed, places, strict=True))
    )


def _list_places(roster: ScoredRoster, therapist_row: int) -> list[tuple[int, int, int]]:
    """Return rank and band of the therapist, and the number of candidates, for each client of a block."""
    is_of_therapist: Bools = roster.pairs.therapist_rows == therapist_row
    n_candidates = np.bincount(roster.client[roster.rank > 0], minlength=len(roster.client_rows))
    columns = roster.rank[is_of_therapist], roster.band[is_of_therapist], n_candidates
    return list(zip(*(values.tolist() for values in columns), strict=True))
