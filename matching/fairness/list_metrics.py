"""Metrics of lists: what each client's list offers, and the exposure it gives each therapist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.columns import STRENGTHS
from attune_fit.matching.fairness.exposure import ALWAYS_FIRST, compute_exposure, compute_weighted_exposure
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster, count_honoured_wishes

MAX_PAIRS_PER_BLOCK = 50_000  # a few dozen megabytes
NEWCOMER_WEIGHTS = (1.0, 2.0, 4.0, 8.0, ALWAYS_FIRST)  # tie-break weights to report in addition to the clinic's own


@dataclass(frozen=True)
class ListMetrics:
    """Metrics of the lists of n clients, for a roster of m therapists.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Rows of the clients.
    n_candidates : array of shape (n,)
        How many candidates each client has.
    n_wishes_stated, n_wishes_honoured : arrays of shape (n,)
        How many wishes the client states, of every strength, and how many of them the first candidate is known to meet
        (0 without a candidate).
    expected_score, score_above_baseline : arrays of shape (n,)
        Expected early alliance with the first candidate, and its part that is not the client's baseline, both in POMP.
        NaN without a candidate.
    random_exposure : array of shape (m,)
        Exposure of each therapist if each client's candidates were in random order, summed over clients. 0 for a
        therapist who is no client's candidate.
    exposure_by_weight : dict of float to array of shape (m,)
        Exposure by the actual lists, for each tie-break weight of newcomers: :data:`NEWCOMER_WEIGHTS` and the clinic's
        own.
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
    scorer: RosterScorer, client_rows: Indices, report_progress: Callable[[str], None] = lambda _: None
) -> ListMetrics:
    """Rank the roster for each of the clients, block by block, and compute the metrics."""
    weights = sorted({*NEWCOMER_WEIGHTS, scorer.clinic.config.settings.newcomer_weight})
    client_blocks: list[tuple[Floats, ...]] = []
    exposure_totals = [np.zeros(len(scorer.tables.therapists)) for _ in range(1 + len(weights))]
    for roster in scorer.score_blocks(client_rows, MAX_PAIRS_PER_BLOCK):
        client_blocks.append(_compute_client_metrics(roster))
        for total, block in zip(exposure_totals, _compute_therapist_exposure(scorer, roster, weights), strict=True):
            total += block
        report_progress(f"{sum(len(block[0]) for block in client_blocks):,} of {len(client_rows):,} clients ranked")
    candidates, stated, met, score, above = (np.concatenate(blocks) for blocks in zip(*client_blocks, strict=True))
    random_exposure, *exposures = exposure_totals
    exposure_by_weight = dict(zip(weights, exposures, strict=True))
    return ListMetrics(client_rows, candidates, stated, met, score, above, random_exposure, exposure_by_weight)


def _compute_client_metrics(roster: ScoredRoster) -> tuple[Floats, ...]:
    """Compute the metrics of a block's clients, in the order of the fields of :class:`ListMetrics`."""
    n_clients, first = len(roster.client_rows), np.flatnonzero(roster.rank == 1)
    clients, parts = roster.client[first], roster.parts
    wishes = roster.pairs.sides.build_wish_table()
    stated = sum((wishes.count_stated(strength, roster.client_rows) for strength in STRENGTHS), np.zeros(n_clients))
    honoured, score, above_baseline = np.zeros(n_clients), *np.full((2, n_clients), np.nan)
    honoured[clients] = count_honoured_wishes(roster.pairs)[first]
    score[clients] = roster.score[first]
    above_baseline[clients] = (parts.evidence + parts.learned + parts.therapist)[first]
    n_candidates = np.bincount(roster.client, minlength=n_clients).astype(float)
    return n_candidates, stated, honoured, score, above_baseline


def _compute_therapist_exposure(scorer: RosterScorer, roster: ScoredRoster, weights: list[float]) -> list[Floats]:
    """Sum the exposure of each therapist over a block: in random order, then by the lists with each weight."""
    eligible, shortlist = roster.eligibility.is_eligible, scorer.clinic.config.settings.shortlist
    sort_keys = roster.spread(roster.band), roster.spread(-count_honoured_wishes(roster.pairs))
    by_weight = (
        compute_weighted_exposure(sort_keys, eligible, shortlist, np.where(scorer.is_newcomer, weight, 1.0))
        for weight in weights
    )
    return [exposure.sum(axis=0) for exposure in (compute_exposure([], eligible, shortlist), *by_weight)]
