"""Methods without a model of their own: wishes honoured, published weights, the starting model, therapist means."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import count_net_honoured_wishes
from attune_fit.training.methods.recipe_rows import PairScorer, build_model_scorer


def fit_honoured_wishes(records: TrainingDataset, rows: Indices, seed: int) -> PairScorer:
    """Return the scorer that counts wishes honoured minus wishes not honoured; it learns nothing."""

    def score(pairs: Pairs, standard: Floats) -> Floats:
        return np.asarray(count_net_honoured_wishes(pairs), dtype=float)

    return score


def fit_published_weights(records: TrainingDataset, rows: Indices, seed: int) -> PairScorer:
    """Return the scorer of published effects as weights, POMP; it learns nothing."""
    return build_model_scorer(AllianceModel.from_published(records.features), records)


def fit_starting_model(records: TrainingDataset, rows: Indices, seed: int) -> PairScorer:
    """Return the scorer of the starting model (day 0), POMP; it learns nothing."""
    return build_model_scorer(migrate_model(load_starting_model(), records.features), records)


def fit_therapist_means(records: TrainingDataset, rows: Indices, seed: int) -> PairScorer:
    """Return the scorer of each therapist's mean rating, shrunken towards the overall mean; POMP.

    One-way random effects: the shrinkage follows from the variances within and between therapists, by analysis of
    variance (Searle, Casella & McCulloch 1992, Variance Components, section 3.6). A therapist without a rating gets the
    overall mean.
    """
    means = compute_shrunken_means(records.y[rows], records.therapist[rows], len(records.therapist_ids))

    def score(pairs: Pairs, standard: Floats) -> Floats:
        return np.array(np.broadcast_to(means[pairs.therapist_rows], standard.shape[:-1]))

    return score


def compute_shrunken_means(y: Floats, group: Indices, n_groups: int) -> Floats:
    """Return the mean of each group, shrunken towards the overall mean (best linear unbiased predictions).

    Parameters
    ----------
    y : array of shape (n,)
        At least one value.
    group : array of int, shape (n,)
    n_groups : int

    Returns
    -------
    array of shape (n_groups,)
        In the unit of ``y``; the overall mean for a group without values.

    Examples
    --------
    >>> compute_shrunken_means(np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1]), 3)
    array([1., 3., 2.])
    """
    count = np.bincount(group, minlength=n_groups).astype(float)
    means = np.bincount(group, weights=y, minlength=n_groups) / np.maximum(count, 1)
    n, n_seen, overall = len(y), int((count > 0).sum()), float(y.mean())
    within = float(((y - means[group]) ** 2).sum()) / max(n - n_seen, 1)
    between = float((count * (means - overall) ** 2).sum()) / max(n_seen - 1, 1)
    mean_group_size = (n - float((count**2).sum()) / n) / max(n_seen - 1, 1)
    variance = max(0.0, (between - within) / mean_group_size) if mean_group_size else 0.0
    divisor = count * variance + within
    share = np.divide(count * variance, divisor, out=np.zeros(n_groups), where=divisor > 0)
    return np.asarray(overall + share * (means - overall))
