"""What the lists of some clients give each client, and each therapist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.matching.fairness.exposure import ALWAYS_FIRST, compute_exposure, compute_weighted_exposure
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster, count_honoured_wishes

MAX_PAIRS_PER_BLOCK = 50_000  # ranked at once: a few dozen megabytes
STRENGTHS = ("must", "prefer", "avoid", "never")
NEWCOMER_WEIGHTS = (
    1.0,
    2.0,
    4.0,
    8.0,
    ALWAYS_FIRST,
)  # of a newcomer: what each would give is told beside what the clinic has


@dataclass(frozen=True)
class ListMetrics:
    """Some clients' lists, summed up.

    Attributes
    ----------
    rows : array of int, shape (n,)
        The clients' rows.
    n_candidates : array of shape (n,)
        How many therapists may be offered.
    n_wishes_stated, n_wishes_honoured : arrays of shape (n,)
        Wishes the client states, of every strength, and how many of them the first place is known to honour; none
        where nobody can be offered.
    expected_score, score_above_baseline : arrays of shape (n,)
        Expected early alliance of the first place, POMP, and what of it is not the client's baseline; NaN where nobody
        can be offered.
    random_exposure : array of shape (m,)
        Exposure of each therapist of the roster if each client's candidates were drawn by lot, summed over clients; 0
        for whoever may be offered to nobody.
    exposure_by_weight : dict of float to array of shape (m,)
        Exposure as the lists are, by how many lots a newcomer has in the draw inside a band: those of :data:`NEWCOMER_WEIGHTS` and
        the clinic's own.
    """

    rows: Indices
    n_candidates: Floats
    n_wishes_stated: Floats
    n_wishes_honoured: Floats
    expected_score: Floats
    score_above_baseline: Floats
    random_exposure: Floats
    exposure_by_weight: dict[float, Floats]


def compute_list_metrics(
    desk: RosterScorer, client_rows: Indices, say: Callable[[str], None] = lambda _: None
) -> ListMetrics:
    """Rank the roster for each of the clients and sum up what comes of it, block by block."""
    own = desk.clinic.config.settings.newcomer_turns
    of_client: list[tuple[Floats, ...]] = []
    of_therapist = [np.zeros(len(desk.tables.therapists)) for _ in range(1 + len({*NEWCOMER_WEIGHTS, own}))]
    for board in desk.score_blocks(client_rows, MAX_PAIRS_PER_BLOCK):
        of_client.append(_compute_client_metrics(board))
        for total, more in zip(
            of_therapist, _compute_therapist_exposure(desk, board, sorted({*NEWCOMER_WEIGHTS, own})), strict=True
        ):
            total += more
        say(f"{sum(len(one[0]) for one in of_client):,} of {len(client_rows):,} clients ranked")
    candidates, stated, met, expected, pair = (np.concatenate(parts) for parts in zip(*of_client, strict=True))
    by_lot, *exposed = of_therapist
    by_lots = dict(zip(sorted({*NEWCOMER_WEIGHTS, own}), exposed, strict=True))
    return ListMetrics(client_rows, candidates, stated, met, expected, pair, by_lot, by_lots)


def _compute_client_metrics(board: ScoredRoster) -> tuple[Floats, ...]:
    """What a block gives its clients, in the order of the fields."""
    clients = np.arange(len(board.score))
    candidates = board.eligibility.is_eligible.sum(axis=1).astype(float)
    wishes = sum((board.pairs.count_stated_wishes(strength)[:, 0] for strength in STRENGTHS), np.zeros(len(clients)))
    if not board.score.size:
        nothing = np.full(len(clients), np.nan)
        return candidates, wishes, np.zeros(len(clients)), nothing, nothing
    first = clients, board.positions.order[:, 0]
    some = candidates > 0
    pair = (board.parts.evidence + board.parts.learned + board.parts.therapist)[first]
    return (
        candidates,
        wishes,
        np.where(some, count_honoured_wishes(board.pairs)[first], 0.0),
        np.where(some, board.score[first], np.nan),
        np.where(some, pair, np.nan),
    )


def _compute_therapist_exposure(desk: RosterScorer, board: ScoredRoster, lots: list[float]) -> list[Floats]:
    """What a block gives the roster: by lot, and as the lists are."""
    eligible, shown = board.eligibility.is_eligible, desk.clinic.config.settings.shortlist
    order_by = board.positions.band, -count_honoured_wishes(board.pairs)
    own = (np.where(desk.is_newcomer, many, 1.0) for many in lots)
    found = (compute_weighted_exposure(order_by, eligible, shown, many) for many in own)
    return [each.sum(axis=0) for each in (compute_exposure([], eligible, shown), *found)]
