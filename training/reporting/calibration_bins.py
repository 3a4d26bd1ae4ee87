"""Held-out records in groups of ten or more with similar expected alliance, without ids: what a calibration shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions

MAX_BINS = 10


@dataclass(frozen=True)
class CalibrationBin:
    """Records with similar expected alliance: their mean expectation and their ratings.

    Attributes
    ----------
    n : int
    expected, observed : float
        Means, POMP.
    standard_error : float
        Standard error of the observed mean, POMP.
    residual_quantiles : tuple of three float
        Quantiles .1, .5 and .9 of rating minus expectation, POMP.
    """

    n: int
    expected: float
    observed: float
    standard_error: float
    residual_quantiles: tuple[float, float, float]


def build_calibration_bins(p: OutOfFoldPredictions) -> list[CalibrationBin]:
    """Group records by expected alliance: at most :data:`MAX_BINS` equal groups of :data:`MIN_GROUP_SIZE` or more."""
    order = np.argsort(p.score, kind="stable")
    parts = np.array_split(order, min(MAX_BINS, max(len(order) // MIN_GROUP_SIZE, 1)))
    return [_build_bin(p.score[rows], p.y[rows]) for rows in parts if len(rows) >= MIN_GROUP_SIZE]


def _build_bin(score: Floats, y: Floats) -> CalibrationBin:
    low, median, high = (float(quantile) for quantile in np.quantile(y - score, [0.1, 0.5, 0.9]))
    standard_error = float(y.std(ddof=1) / np.sqrt(len(y)))
    return CalibrationBin(len(y), float(score.mean()), float(y.mean()), standard_error, (low, median, high))
