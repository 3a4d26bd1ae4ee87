"""The gain of a method over chance, where the truth of every pair is known, as a share of an oracle's gain."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Bools, Floats

SMALLEST_GAIN = 1e-9  # POMP; less is rounding
ROUNDING = 1e-12  # of a score; a smaller difference is rounding


def remove_levels(matrix: Floats) -> Floats:
    """Subtract each therapist's mean over the clients, then each client's, shape (clients, therapists).

    NaN stays NaN. What is left of a sum of two levels is rounding, and becomes 0.

    >>> remove_levels(np.array([[60.0, 70.0], [62.0, 74.0]]))
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    left = matrix
    for axis in (0, 1):
        is_known = ~np.isnan(left)
        sums = np.where(is_known, left, 0.0).sum(axis=axis, keepdims=True)
        left = left - sums / np.maximum(is_known.sum(axis=axis, keepdims=True), 1)
    return np.where(np.abs(left) < ROUNDING * np.abs(matrix), 0.0, left)


def compute_gains_over_random(truth: Floats, eligible: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """Compute the gain of each client over an eligible therapist at random: by the scores, and the largest possible.

    Parameters
    ----------
    truth : array of shape (clients, therapists)
        Expected alliance, in any unit.
    eligible : array of bool of the same shape
        At least one for each client.
    scores : array of the same shape
        Higher is better; NaN is allowed where not eligible. Tied first places are averaged.

    Returns
    -------
    gain, possible : arrays of shape (clients,)
        In the unit of ``truth``.

    Examples
    --------
    >>> truth = np.array([[60.0, 70.0, 99.0]])
    >>> eligible = np.array([[True, True, False]])
    >>> compute_gains_over_random(truth, eligible, np.array([[1.0, 0.0, 5.0]]))
    (array([-5.]), array([5.]))
    """
    known = np.where(eligible, truth, np.nan)
    ranked = np.where(eligible, scores, -np.inf)
    is_first = eligible & (ranked == ranked.max(axis=1, keepdims=True))
    at_random = np.nanmean(known, axis=1)
    first = np.where(is_first, truth, 0.0).sum(axis=1) / is_first.sum(axis=1)
    return first - at_random, np.nanmax(known, axis=1) - at_random


def compute_share(gain: Floats, possible: Floats) -> float:
    """Return the share of the possible gain, summed over clients; NaN if there is nothing to gain."""
    return round(float(gain.sum() / possible.sum()), 12) + 0.0 if possible.sum() > SMALLEST_GAIN else float("nan")
