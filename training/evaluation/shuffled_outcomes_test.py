"""Permutation test of the outcomes: shuffled outcomes agree with no intake answer, and no model is promoted on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.models.alliance_model import AllianceModel, ScoreParts
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import compute_pair_part
from attune_fit.training.crossfit.pipeline import FoldModel
from attune_fit.training.evaluation.cluster_robust import SPREAD_TOLERANCE
from attune_fit.training.evaluation.permutation_test import TIE_TOLERANCE

N_SHUFFLES = 1999
SHUFFLE_BATCH_SIZE = 200  # shuffles in memory at once
# Shrinkage of a therapist's mean prediction: with this many records half of the mean is subtracted, with more records
# more of it.
THERAPIST_SHRINKAGE_RECORDS = 10.0


def compute_shuffle_p_value(
    records: TrainingDataset, starting_model: AllianceModel, fold_models: Sequence[FoldModel], seed: int = 0
) -> float | None:
    """Return the p value of the agreement between outcomes and predictions, under shuffled outcomes.

    Parameters
    ----------
    records : TrainingDataset
    starting_model : AllianceModel
        The model a clinic starts from; it was fitted to no outcome.
    fold_models : sequence of FoldModel
        Models of the folds; their predictions of test rows are used. No record is in two test sets.
    seed : int

    Returns
    -------
    float in (0, 1] or None
        :math:`(hits + 1) / (n + 1)`, one-sided. None without test rows, or if no prediction varies.

    Notes
    -----
    The test uses the prediction from client and pair, minus the shrunken mean of each therapist. Without that step,
    differences between therapists would agree even if every outcome were in the row of a wrong client. The whole score
    is used only if the tables hold no answer of any client.

    Two predictions are tested: that of the starting model, and the out-of-fold prediction of the new model. The
    statistic is the larger of the two correlations, in the data and in each shuffle [1]_. With few records the starting
    model is more reliable, but it does not know features that the clinic declared itself. Outcomes are shuffled over
    all records, also between therapists.

    References
    ----------
    .. [1] Westfall & Young (1993), Resampling-Based Multiple Testing: the largest of several statistics.
    """
    if not fold_models:
        return None
    rows = np.concatenate([fold.test for fold in fold_models])
    start = [FoldModel(starting_model, rows)]
    predictions = [_predict_from_intake(records, models) for models in (start, fold_models)]
    if not any(_has_spread(values) for values in predictions):
        predictions = [_predict_scores(records, models) for models in (start, fold_models)]
    return compute_permutation_p_value(records.y[rows], [values for values in predictions if _has_spread(values)], seed)


def compute_permutation_p_value(y: Floats, predictions: Sequence[Floats], seed: int = 0) -> float | None:
    """Return the share of shuffles of ``y`` that correlate with some prediction at least as well as ``y`` does.

    The statistic is the largest correlation over ``predictions``. None without predictions, or if ``y`` is constant.

    >>> compute_permutation_p_value(np.arange(50.0), [np.arange(50.0), -np.arange(50.0)])
    0.0005
    """
    if not len(predictions) or not _has_spread(y):
        return None
    standard = np.stack([(values - values.mean()) / values.std() for values in predictions])
    observed = float((standard @ y).max())
    rng = np.random.default_rng(seed)
    hits = 0
    for size in _split_into_batches(N_SHUFFLES, SHUFFLE_BATCH_SIZE):
        shuffled = rng.permuted(np.broadcast_to(y, (size, len(y))), axis=1)
        hits += int(((standard @ shuffled.T).max(axis=0) >= observed - TIE_TOLERANCE).sum())
    return (hits + 1) / (N_SHUFFLES + 1)


def _predict_from_intake(records: TrainingDataset, fold_models: Sequence[FoldModel]) -> Floats:
    """Return the prediction from client and pair, fold after fold, minus the shrunken mean of each therapist."""
    predicted = _predict_each_fold(records, fold_models, lambda parts, pair_part: parts.baseline + pair_part)
    rows = np.concatenate([fold.test for fold in fold_models])
    _, therapist = np.unique(records.therapist[rows], return_inverse=True)
    count = np.bincount(therapist)
    shrunken_mean = np.bincount(therapist, weights=predicted) / (count + THERAPIST_SHRINKAGE_RECORDS)
    return predicted - shrunken_mean[therapist]


def _predict_scores(records: TrainingDataset, fold_models: Sequence[FoldModel]) -> Floats:
    """Return the whole score, fold after fold."""
    return _predict_each_fold(records, fold_models, lambda parts, _: parts.score)


def _predict_each_fold(
    records: TrainingDataset, fold_models: Sequence[FoldModel], select: Callable[[ScoreParts, Floats], Floats]
) -> Floats:
    """Return the selected prediction of each fold's test rows, minus its mean: levels differ by chance."""
    centered = []
    for fold in fold_models:
        standard = records.standardised_features[fold.test]
        parts = fold.model.compute_parts_from_features(standard, records.therapist_ids, records.therapist[fold.test])
        values = select(parts, compute_pair_part(fold.model, standard))
        centered.append(values - values.mean())
    return np.concatenate(centered)


def _has_spread(values: Floats) -> bool:
    return len(values) > 1 and float(values.std()) > SPREAD_TOLERANCE


def _split_into_batches(total: int, size: int) -> Iterable[int]:
    return [size] * (total // size) + ([total % size] if total % size else [])
