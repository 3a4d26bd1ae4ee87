"""Baseline methods: how well simpler methods choose between therapists, on the held-out records of the verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.models.pair_effect_verdict import CorrelationInterval, MethodComparison
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import count_net_honoured_wishes
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.cluster_robust import (
    SPREAD_TOLERANCE,
    compute_clustered_correlation,
    compute_correlation_difference,
)
from attune_fit.training.evaluation.re_pairing import RePairingSample, double_center, iterate_feature_blocks

MODEL_LABEL = "the model"


@dataclass(frozen=True)
class BaselineMethod:
    """One row of :data:`BASELINES`.

    Attributes
    ----------
    name : str
        The name used in a sentence.
    function : callable
        Takes the records, the fold, the test rows, the roster (rows of the tables) and a seed. Returns the score of
        these records' clients with the whole roster, (records, therapists), in any unit.
    """

    name: str
    function: Callable[[TrainingDataset, Fold, Indices, Indices, int], Floats]


def score_by_honoured_wishes(records: TrainingDataset, fold: Fold, rows: Indices, roster: Indices, seed: int) -> Floats:
    """Return the number of wishes honoured minus wishes not honoured, for each client and therapist."""
    return count_net_honoured_wishes(Pairs(records.sides, records.client[rows][:, None], roster[None, :]))


def score_by_therapist_mean(records: TrainingDataset, fold: Fold, rows: Indices, roster: Indices, seed: int) -> Floats:
    """Return each therapist's mean rating in the training rows, POMP; the overall mean if there is no rating."""
    therapist, y = records.therapist[fold.train], records.y[fold.train]
    count = np.bincount(therapist, minlength=roster.max() + 1)
    mean = np.where(count, np.bincount(therapist, y, minlength=len(count)) / np.maximum(count, 1), y.mean())
    return np.tile(mean[roster], (len(rows), 1))


def score_by_lightgbm(records: TrainingDataset, fold: Fold, rows: Indices, roster: Indices, seed: int) -> Floats:
    """Return predictions of trees on all features, POMP, without published weights and therapist effects."""
    names = tuple(feature.name for feature in records.features)
    directions = [feature.direction for feature in records.features]
    y = records.y[fold.train]
    trees = BoostedTrees(
        names,
        fit_trees(records.standardised_features[fold.train], y - y.mean(), directions, TreeHyperparameters(), seed),
        1.0,
    )
    predicted = np.empty((len(rows), len(roster)))
    for block, standard in iterate_feature_blocks(records, rows, roster):
        predicted[block] = trees.predict(names, standard)
    return predicted


BASELINES: tuple[BaselineMethod, ...] = (
    BaselineMethod("the count of honoured wishes", score_by_honoured_wishes),
    BaselineMethod("the therapist's mean rating", score_by_therapist_mean),
    BaselineMethod("LightGBM", score_by_lightgbm),
)


def compare_with_baselines(
    records: TrainingDataset, folds: Sequence[Fold], sample: RePairingSample, seed: int = 0
) -> tuple[MethodComparison, ...]:
    """Compare the model with every baseline method, on the same folds and the same records, as correlations.

    Parameters
    ----------
    records : TrainingDataset
    folds : sequence of Fold
        The folds of the model's out-of-fold predictions.
    sample : RePairingSample
    seed : int
        Decides the columns that LightGBM can read.

    Returns
    -------
    tuple of MethodComparison
        The model first, then :data:`BASELINES` in their order.
    """
    test_rows = np.sort(np.concatenate([fold.test for fold in folds]))
    rows, observed = test_rows[sample.rows], (np.arange(len(sample.rows)), sample.therapist)
    roster = np.unique(records.therapist[rows])
    comparisons = [
        MethodComparison(
            MODEL_LABEL,
            _correlate_within_therapists(sample.observed_pair_part, sample),
            _correlate_over_therapists(sample.observed_pair_part + sample.therapist_effect, sample),
        )
    ]
    for method in BASELINES:
        pair_part, choice_part = np.empty((2, len(rows), len(roster)))
        for fold in folds:
            here = np.flatnonzero(np.isin(rows, fold.test))
            if len(here):
                score = method.function(records, fold, rows[here], roster, seed)
                pair_part[here], choice_part[here] = double_center(score), score - score.mean(axis=1, keepdims=True)
        within = _correlate_within_therapists(pair_part[observed], sample)
        over = _correlate_over_therapists(choice_part[observed], sample)
        ahead = within is not None and within[1] > 0 and _is_ahead_of_model(pair_part[observed], sample)
        comparisons.append(MethodComparison(method.name, within, over, ahead))
    return tuple(comparisons)


def _correlate_within_therapists(predicted: Floats, sample: RePairingSample) -> CorrelationInterval | None:
    """Return the correlation with the residual outcome among the clients of one therapist."""
    return _correlate_with_interval(sample.center(predicted), sample.residual, sample)


def _correlate_over_therapists(predicted: Floats, sample: RePairingSample) -> CorrelationInterval | None:
    """Return the correlation with the outcome minus baseline, also between therapists."""
    return _correlate_with_interval(
        sample.center(predicted, by_therapist=False),
        sample.center(sample.outcome_minus_baseline, by_therapist=False),
        sample,
    )


def _correlate_with_interval(
    predicted: Floats, residual: Floats, sample: RePairingSample
) -> CorrelationInterval | None:
    """Return r with its interval; None if either side is constant."""
    if predicted.std() < SPREAD_TOLERANCE or residual.std() < SPREAD_TOLERANCE:
        return None
    estimate = compute_clustered_correlation(predicted, residual[:, None], sample.clusters)
    return float(estimate.value[0]), float(estimate.low[0]), float(estimate.high[0])


def _is_ahead_of_model(predicted: Floats, sample: RePairingSample) -> bool:
    """Return whether the method correlates better than the model's pair part, with the interval above zero."""
    difference = compute_correlation_difference(
        sample.center(predicted), sample.center(sample.observed_pair_part), sample.residual, sample.clusters
    )
    return bool(difference.low[0] > 0)
