"""Outcome on the rank of the therapist actually seen: the validity number of a list, with a clustered interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.evaluation.cluster_robust import (
    CONFIDENCE_LEVEL,
    MIN_SUM_OF_SQUARES,
    ClusterIndex,
    count_effective_clusters,
)

if TYPE_CHECKING:
    from attune_fit.training.crossfit.dataset import TrainingDataset
    from attune_fit.training.crossfit.pipeline import FoldModel
    from attune_fit.training.evaluation.re_pairing import RePairingSample

MIN_RECORDS, MIN_THERAPISTS = 10, 3


@dataclass(frozen=True)
class RankOutcome:
    """How much the outcome changes from one place of the list to the next place down.

    Attributes
    ----------
    b, low, high : float
        Points of the outcome for one place further down, with its 95% interval. Below 0 is what a valid list gives.
    n, therapists : int
        Records, and therapists who were seen.
    mean_rank : float
        Of the therapists seen; 1 is the first place.
    """

    b: float
    low: float
    high: float
    n: int
    therapists: int
    mean_rank: float

    @property
    def sentence(self) -> str:
        """The number in one sentence; without ``n``, from which a hidden count could be computed."""
        return (
            f"For each place further down the list, the outcome of the therapist seen changed by {self.b:+.2f} points "
            f"(95% interval {self.low:+.2f} to {self.high:+.2f})."
        )


def estimate_rank_outcome(outcome: Floats, rank: Floats, therapist: Indices) -> RankOutcome | None:
    """Estimate the slope of the outcome on the rank of the therapist seen.

    Parameters
    ----------
    outcome : array of shape (n,)
        In any unit, such as POMP; no NaN. Subtract what is expected of the client alone, if that is known.
    rank : array of shape (n,)
        1 is the first place of the client's list.
    therapist : array of int, shape (n,)
        Label of the therapist seen: the clusters of the interval.

    Returns
    -------
    RankOutcome or None
        None with fewer than :data:`MIN_RECORDS` records or :data:`MIN_THERAPISTS` therapists, or where all ranks are
        equal.

    Notes
    -----
    Least squares with the cluster jackknife, and Student's t with the effective number of therapists less one, as for
    the verdict (:mod:`cluster_robust`). Routine care: b = .0089 [-.0028, .0207] for a symptom score (957 patients, 174
    therapists), where above 0 is what a valid list gives.
    """
    clusters = ClusterIndex.from_labels(therapist)
    if len(outcome) < MIN_RECORDS or len(clusters.sizes) < MIN_THERAPISTS or np.ptp(rank) == 0:
        return None
    centered = rank - rank.mean()
    products = np.stack([np.ones(len(rank)), centered, outcome, centered * outcome, centered**2], axis=1)
    parts = clusters.sum_values(products)
    total = parts.sum(axis=0)
    b, left_out = float(_compute_slope(total[None])[0]), _compute_slope(total - parts)
    groups = len(parts)
    se = float(np.sqrt((groups - 1) / groups * ((left_out - b) ** 2).sum()))
    df = max(count_effective_clusters(clusters.sum_values(centered**2)) - 1, 1.0)
    half_width = float(stdtrit(df, (1 + CONFIDENCE_LEVEL) / 2)) * se
    return RankOutcome(b, b - half_width, b + half_width, len(rank), groups, float(rank.mean()))


def _compute_slope(sums: Floats) -> Floats:
    """Return the slopes from sums of 1, x, y, xy and x squared, shape (rows, 5)."""
    n, x, y, xy, xx = sums.T
    return np.asarray((xy - x * y / n) / np.maximum(xx - x**2 / n, MIN_SUM_OF_SQUARES))


def measure_held_out_rank(
    records: TrainingDataset, sample: RePairingSample, fold_models: Sequence[FoldModel]
) -> RankOutcome | None:
    """Estimate the slope of held-out ratings on the rank that a model without them gives the therapist seen.

    The rank is among all therapists in the records, by pair part and therapist's own effect, both out of fold. The
    outcome is the rating minus the client's own baseline, POMP. Parameters are those of a split by client, and the
    result is as :func:`estimate_rank_outcome` returns it.
    """
    rows = np.sort(np.concatenate([fold.test for fold in fold_models]))[sample.rows]
    ids = [records.therapist_ids[row] for row in np.unique(records.therapist[rows])]
    score = sample.centered_pair_part.copy()
    for fold in fold_models:
        score[np.isin(rows, fold.test)] += fold.model.therapists.select_for_roster(ids).effect
    rank = rank_among_columns(score, sample.therapist)
    return estimate_rank_outcome(sample.outcome_minus_baseline, rank, sample.therapist)


def rank_among_columns(score: Floats, column: Indices) -> Floats:
    """Return the rank of one column of each row, 1 for the highest score; equal scores share their mean rank.

    >>> rank_among_columns(np.array([[3.0, 1.0, 2.0], [0.0, 0.0, 1.0]]), np.array([2, 0]))
    array([2. , 2.5])
    """
    own = np.take_along_axis(score, column[:, None], axis=1)
    return np.asarray(0.5 + (score > own).sum(axis=1) + (score == own).sum(axis=1) / 2)
