"""Exposure: the attention that lists give each therapist, in expectation over the random tie-break."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Floats

SortKeys = Sequence[npt.NDArray[Any]]

N_DRAWS = 20  # of the weighted tie-break; summed over many lists, more draws hardly change the mean
ALWAYS_FIRST = np.inf  # the weight of a therapist who always wins the tie-break


def compute_exposure(sort_keys: SortKeys, eligible: Bools, shortlist: int) -> Floats:
    """Return the expected exposure of each pair, :math:`1 / log_2(1 + rank)` [1]_, over random orders of ties.

    Parameters
    ----------
    sort_keys : sequence of arrays, shape (clients, therapists)
        Keys of the order, the most important first; small values come first. Candidates with equal keys are tied, and
        each of their ranks is equally likely for each of them. Without keys the order is random.
    eligible : array of bool, same shape
        Which pairs are candidates.
    shortlist : int
        Length of the list shown, at least 1. Ranks beyond it have no exposure.

    Returns
    -------
    array of shape (clients, therapists)
        From 0 to 1; rank 1 has exposure 1. 0 for pairs that are no candidates.

    References
    ----------
    .. [1] Singh & Joachims (2018), Fairness of exposure in rankings, KDD, 2219-2228, doi:10.1145/3219819.3220088.

    Examples
    --------
    >>> compute_exposure([np.array([[1, 2, 2]])], np.ones((1, 3), dtype=bool), 5).round(3)
    array([[1.   , 0.565, 0.565]])
    """
    if not eligible.size:
        return np.zeros(eligible.shape)
    keys = [~eligible, *sort_keys]
    order = np.lexsort(keys[::-1], axis=1)
    starts_tie = np.zeros(eligible.shape, dtype=bool)  # the first position of each group of tied therapists
    starts_tie[:, 0] = True
    for key in keys:
        starts_tie[:, 1:] |= np.diff(np.take_along_axis(key.astype(float), order, axis=1), axis=1) != 0
    rank = np.arange(1, eligible.shape[1] + 1)
    by_rank = np.broadcast_to(np.where(rank <= shortlist, 1 / np.log2(1 + rank), 0.0), eligible.shape)
    starts = np.flatnonzero(starts_tie)
    sizes = np.diff(np.append(starts, eligible.size))
    mean_of_tie = np.repeat(np.add.reduceat(by_rank.ravel(), starts) / sizes, sizes).reshape(eligible.shape)
    exposure = np.empty_like(mean_of_tie)
    np.put_along_axis(exposure, order, mean_of_tie, axis=1)
    return np.where(eligible, exposure, 0.0)


def compute_weighted_exposure(sort_keys: SortKeys, eligible: Bools, shortlist: int, weights: Floats) -> Floats:
    """Return the exposure of each pair with a weighted tie-break; see :func:`weight_tie_break_keys`.

    Parameters
    ----------
    sort_keys, eligible, shortlist
        As in :func:`compute_exposure`.
    weights : array of shape (therapists,)
        At least 1. A therapist with :data:`ALWAYS_FIRST` wins every tie-break against other weights.

    Returns
    -------
    array of shape (clients, therapists)
        Exact where all weights are equal or one is :data:`ALWAYS_FIRST`; otherwise the mean of :data:`N_DRAWS` draws.
    """
    if len(np.unique(weights)) < 2 or np.isinf(weights).any():
        always_first = np.broadcast_to(~np.isinf(weights), eligible.shape)
        return compute_exposure([*sort_keys, always_first], eligible, shortlist)
    rng = np.random.default_rng(0)
    total = np.zeros(eligible.shape)
    for _ in range(N_DRAWS):
        draw = rng.exponential(size=eligible.shape) / weights
        total += compute_exposure([*sort_keys, draw], eligible, shortlist)
    return total / N_DRAWS


def compute_gini(exposure: Floats, expected: Floats) -> float:
    """Return the Gini coefficient of exposure relative to expected exposure: 0 is even, 1 is all to one therapist.

    It is the Gini coefficient of ``exposure / expected``, weighted with ``expected``. Both have shape (therapists,),
    and ``expected`` is above 0.

    >>> even = np.array([1.0, 1.0])
    >>> compute_gini(even, even), compute_gini(np.array([0.0, 1.0]), even)
    (0.0, 0.5)
    """
    expected_share, exposure_share = compute_lorenz(exposure, expected)
    return float(1 - (np.diff(expected_share) * (exposure_share[1:] + exposure_share[:-1])).sum())


def compute_lorenz(exposure: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Return the Lorenz curve: cumulative shares of expected exposure and of exposure, both from 0 to 1.

    Therapists are added in order of ``exposure / expected``, the lowest first.
    """
    order = np.argsort(exposure / expected, kind="stable")
    expected_share, exposure_share = (
        np.concatenate([[0.0], np.cumsum(values[order]) / values.sum()]) for values in (expected, exposure)
    )
    return expected_share, exposure_share
