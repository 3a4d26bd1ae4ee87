"""Permutation test of the outcomes: shuffled outcomes agree with no intake answer, and no model is promoted on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.cluster_robust import SPREAD_TOLERANCE
from attune_fit.training.evaluation.permutation_test import TIE_TOLERANCE
from attune_fit.training.evaluation.re_pairing import sample_rows
from attune_fit.training.evaluation.shuffled_refit import OutOfFoldRefit

N_SHUFFLES = 1999
SHUFFLE_BATCH_SIZE = 200  # shuffles in memory at once
# Shrinkage of a therapist's mean prediction: with this many records half of the mean is subtracted, with more records
# more of it.
THERAPIST_SHRINKAGE_RECORDS = 10.0
LEVEL_SHRINKAGE_RECORDS = 2.0  # residual variance over the prior variance of a level, in records


def compute_shuffle_p_value(
    records: TrainingDataset, starting_model: AllianceModel, folds: Sequence[Fold], seed: int = 0
) -> float | None:
    """Return the p value of the agreement between outcomes and predictions, under shuffled outcomes.

    Parameters
    ----------
    records : TrainingDataset
    starting_model : AllianceModel
        The model a clinic starts from, over the features of the records; it was fitted to no outcome.
    folds : sequence of Fold
        By client; no record is in two test sets.
    seed : int

    Returns
    -------
    float in (0, 1] or None
        :math:`(hits + 1) / (n + 1)`, one-sided. None without folds, if no prediction varies, or if no two clients have
        equally many records.

    Notes
    -----
    The test uses the prediction from client and pair, minus the shrunken mean of each therapist. Without that step,
    differences between therapists would agree even if every outcome were in the row of a wrong client. The whole score
    is used only if the tables hold no answer of any client.

    Two predictions are tested: that of the starting model, and that of a linear layer fitted without each fold. The
    statistic is the larger of the two correlations, in the data and in each shuffle [1]_. With few records the starting
    model is more reliable, but it does not know features that the clinic declared itself.

    Each shuffle is fitted anew, because a prediction fitted to the outcomes of other records is not independent of
    their order. All fits use the published variances, at a spread that no shuffle changes, and no bounds on signs. So
    data and shuffles are treated alike, and the test is exact where outcomes are exchangeable. Levels of instrument,
    site and period are subtracted first, because these belong to the form and not to the client. The outcomes of one
    client stay together: they move to another client with as many records.

    Of more than 10,000 records a sample of whole clients is tested.

    References
    ----------
    .. [1] Westfall & Young (1993), Resampling-Based Multiple Testing: the largest of several statistics.
    """
    if not folds:
        return None
    rows = np.sort(np.concatenate([fold.test for fold in folds]))
    rows = rows[sample_rows(records.client[rows], 1)]
    y = _subtract_levels(records, rows)
    blocks = _list_equal_blocks(records.client[rows])
    if not _has_spread(y) or not blocks:
        return None
    refit = OutOfFoldRefit.from_records(records, rows, folds, starting_model, float(y.std()))
    has_one_therapist = len(np.unique(records.therapist[rows])) < 2
    if has_one_therapist and refit.x.std(axis=0).max() <= SPREAD_TOLERANCE:
        return None
    return compute_permutation_p_value(y, partial(_compute_statistic, refit), blocks, seed)


def compute_permutation_p_value(
    y: Floats,
    compute_statistic: Callable[[Floats], Floats],
    blocks: Sequence[Indices] | None = None,
    seed: int = 0,
) -> float:
    """Return the share of shuffles of ``y`` whose statistic is at least as large as that of ``y``.

    Parameters
    ----------
    y : array of shape (n,)
    compute_statistic : callable
        Takes outcomes (n, k); returns the statistic of each column, shape (k,).
    blocks : sequence of int arrays, each of shape (clients, records)
        Rows of the outcomes that stay together; blocks of one array are exchanged. Default: all outcomes are
        exchanged one by one.
    seed : int

    Returns
    -------
    float in (0, 1]
        :math:`(hits + 1) / (n + 1)`.

    Examples
    --------
    >>> compute_permutation_p_value(np.arange(50.0), lambda outcomes: np.arange(50.0) @ outcomes)
    0.0005
    """
    blocks = [np.arange(len(y))[:, None]] if blocks is None else blocks
    observed = float(compute_statistic(y[:, None])[0])
    rng = np.random.default_rng(seed)
    hits = 0
    for size in _split_into_batches(N_SHUFFLES, SHUFFLE_BATCH_SIZE):
        shuffled = _shuffle_blocks(y, blocks, rng, size)
        hits += int((compute_statistic(shuffled) >= observed - TIE_TOLERANCE).sum())
    return (hits + 1) / (N_SHUFFLES + 1)


def _shuffle_blocks(y: Floats, blocks: Sequence[Indices], rng: np.random.Generator, times: int) -> Floats:
    """Return shuffles of ``y``, shape (n, times): blocks of one size change places."""
    shuffled = np.repeat(y[:, None], times, axis=1)
    for rows in blocks:
        order = rng.permuted(np.broadcast_to(np.arange(len(rows)), (times, len(rows))), axis=1)
        shuffled[rows.ravel()] = y[rows[order]].reshape(times, -1).T
    return shuffled


def _list_equal_blocks(client: Indices) -> list[Indices]:
    """List the records of clients with equally many records, (clients, records) for each number of records.

    A number of records that only one client has is left out: these outcomes keep their places.
    """
    _, number, counts = np.unique(client, return_inverse=True, return_counts=True)
    by_client = np.argsort(number, kind="stable")
    size_of = counts[number[by_client]]
    blocks = [by_client[size_of == size].reshape(-1, size) for size in np.unique(counts)]
    return [rows for rows in blocks if len(rows) > 1]


def _subtract_levels(records: TrainingDataset, rows: Indices) -> Floats:
    """Return the outcomes of some records minus the mean and the shrunken levels of instrument, site and period."""
    y: Floats = records.y[rows] - records.y[rows].mean()
    if records.levels is None:
        return y
    levels = records.levels.indicators[rows] - records.levels.indicators[rows].mean(axis=0)
    cross = levels.T @ levels + LEVEL_SHRINKAGE_RECORDS * np.eye(levels.shape[1])
    return np.asarray(y - levels @ np.linalg.solve(cross, levels.T @ y))


def _compute_statistic(refit: OutOfFoldRefit, outcomes: Floats) -> Floats:
    """Return the larger of the two correlations with the outcomes, for each column of ``outcomes`` (n, k)."""
    predictions = (refit.predict_start()[:, None], refit.predict_refitted(outcomes))
    correlations = [_correlate_columns(_subtract_therapists(refit, values), outcomes) for values in predictions]
    return np.asarray(np.max(correlations, axis=0))


def _subtract_therapists(refit: OutOfFoldRefit, predicted: Floats) -> Floats:
    """Return predictions (n, k) minus the shrunken mean of each therapist; whole scores unchanged."""
    if refit.is_whole_score:
        return predicted
    centered = predicted - predicted.mean(axis=0)
    count = np.asarray(refit.indicator.sum(axis=1))
    mean = np.asarray(refit.indicator @ centered) / (count + THERAPIST_SHRINKAGE_RECORDS)[:, None]
    return np.asarray(centered - refit.indicator.T @ mean)


def _correlate_columns(predicted: Floats, outcomes: Floats) -> Floats:
    """Return the correlation of each column with the outcomes; -1 for a prediction without spread."""
    a, b = predicted - predicted.mean(axis=0), outcomes - outcomes.mean(axis=0)
    size = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    has_spread = a.std(axis=0) > SPREAD_TOLERANCE
    return np.where(has_spread, (a * b).sum(axis=0) / np.where(has_spread, size, 1), -1.0)


def _has_spread(values: Floats) -> bool:
    return len(values) > 1 and float(values.std()) > SPREAD_TOLERANCE


def _split_into_batches(total: int, size: int) -> Iterable[int]:
    return [size] * (total // size) + ([total % size] if total % size else [])
