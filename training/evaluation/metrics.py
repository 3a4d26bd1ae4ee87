"""Figures of merit: one row each, all from predictions out of fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions


@dataclass(frozen=True)
class Metric:
    """One row of :data:`METRICS`.

    Attributes
    ----------
    name, description : str
        What it is called, and the sentence under it in a report.
    split : str
        Name of the split it is measured on, see :data:`SPLITS`.
    function : callable
        Takes :class:`OutOfFoldPredictions`; NaN where it cannot be measured.
    higher_is_better : bool
    ideal : float, optional
        The value that is right, where neither higher nor lower is.
    """

    name: str
    description: str
    split: str
    function: Callable[[OutOfFoldPredictions], float]
    higher_is_better: bool = True
    ideal: float | None = None


def compute_correlation(a: Floats, b: Floats) -> float:
    """Pearson's r; NaN for fewer than three values or where one side never varies.

    >>> compute_correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    if len(a) < 3:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return round(float(a @ b) / size, 12) if size > 1e-9 else float("nan")


def center_within_groups(values: Floats, group: Indices) -> Floats:
    """Values less the mean of their group.

    >>> center_within_groups(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 7]))
    array([-1.,  1.,  0.])
    """
    _, group = np.unique(group, return_inverse=True)
    mean = np.bincount(group, weights=values) / np.maximum(np.bincount(group), 1)
    return values - mean[group]


def compute_calibration_slope(p: OutOfFoldPredictions) -> float:
    """How much the outcome rises when the prediction rises by one; NaN where the prediction never varies."""
    spread = p.score - p.score.mean() if len(p.score) > 2 else np.zeros(1)
    return float(spread @ p.y) / float(spread @ spread) if spread @ spread > 1e-9 else float("nan")


def compute_rmse(p: OutOfFoldPredictions) -> float:
    """Root mean squared error."""
    return float(np.sqrt(np.mean((p.y - p.score) ** 2))) if len(p.y) else float("nan")


def compute_pair_added_r(p: OutOfFoldPredictions) -> float:
    """Correlation of what is said about the choice with what the rest of the sum leaves, within therapists."""
    asked = ~np.isnan(p.centered_pair_part)
    therapist = p.therapist[asked]
    return compute_correlation(
        center_within_groups(p.centered_pair_part[asked], therapist),
        center_within_groups((p.y - p.score_without_pair_part)[asked], therapist),
    )


METRICS: tuple[Metric, ...] = (
    Metric(
        "out_of_fold_r",
        "Correlation of expected and rated early alliance, for clients nobody has seen; most of it is about clients.",
        "client",
        lambda p: compute_correlation(p.score, p.y),
    ),
    Metric(
        "rmse", "How far a rating falls from its prediction, in POMP points (0-100).", "client", compute_rmse, False
    ),
    Metric(
        "calibration_slope",
        "Points the rating rises when the prediction rises by one: 1 is right, less promises too much.",
        "client",
        compute_calibration_slope,
        ideal=1.0,
    ),
    Metric(
        "pair_added_r",
        "Correlation of the pair part with what baseline and therapist leave, among the clients of one therapist.",
        "client",
        compute_pair_added_r,
    ),
    Metric(
        "r_within_therapist",
        "Correlation of expected and rated alliance among the clients of one therapist; most of it is about clients.",
        "client",
        lambda p: compute_correlation(
            center_within_groups(p.score - p.therapist_effect, p.therapist), center_within_groups(p.y, p.therapist)
        ),
    ),
    Metric(
        "preference_count_r",
        "Correlation of rated alliance with wishes honoured less wishes not honoured: the simple rule to beat.",
        "client",
        lambda p: compute_correlation(p.net_honoured_wishes, p.y),
    ),
    Metric(
        "therapist_mean_r",
        "Correlation of rated alliance with the therapist's own effect, from other clients.",
        "client",
        lambda p: compute_correlation(p.therapist_effect, p.y),
    ),
    Metric(
        "new_therapist_r",
        "Correlation of expected and rated alliance, for therapists nobody has met.",
        "therapist",
        lambda p: compute_correlation(p.score, p.y),
    ),
    Metric(
        "later_r",
        "Correlation of expected and rated alliance, for later records, learning from earlier ones.",
        "time",
        lambda p: compute_correlation(p.score, p.y),
    ),
)
