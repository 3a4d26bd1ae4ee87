"""The metrics of `attune train`: one row each, computed on out-of-fold predictions and averaged over splits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
        Its name, and the sentence that explains it in a report.
    split : str
        Name of the split it is computed on, see :data:`SPLITS`.
    function : callable
        Takes :class:`OutOfFoldPredictions` of one split; returns NaN where it cannot be measured.
    higher_is_better : bool
    ideal : float, optional
        The right value, where neither higher nor lower is better.
    """

    name: str
    description: str
    split: str
    function: Callable[[OutOfFoldPredictions], float]
    higher_is_better: bool = True
    ideal: float | None = None


def compute_mean_metrics(
    predictions_by_split: Mapping[str, Sequence[OutOfFoldPredictions]],
) -> tuple[dict[str, float], dict[str, float]]:
    """Average each metric over repeated splits (repeated cross-validation), with its standard deviation over them.

    The standard deviation shows how much a metric depends on which clients are in which fold. It is not the standard
    error of the mean, and other records would change the metric more.

    Parameters
    ----------
    predictions_by_split : mapping of str to sequence of OutOfFoldPredictions
        By name of :data:`SPLITS`: the predictions of each repeat, from :func:`draw_splits`.

    Returns
    -------
    means, spreads : dict of str to float
        By name of :data:`METRICS`, over the repeats in which the metric can be measured; a metric that no repeat can
        measure is left out. Spreads divide by the number of repeats less 1; 0.0 for one repeat.
    """
    results = {row.name: compute_mean_over_splits(row.function, predictions_by_split[row.split]) for row in METRICS}
    measured = {name: result for name, result in results.items() if not np.isnan(result[0])}
    return {name: mean for name, (mean, _) in measured.items()}, {name: sd for name, (_, sd) in measured.items()}


def compute_mean_over_splits(
    function: Callable[[OutOfFoldPredictions], float], predictions: Sequence[OutOfFoldPredictions]
) -> tuple[float, float]:
    """Return mean and standard deviation of a metric over the splits that can measure it; (NaN, 0.0) if none can."""
    values = [value for value in map(function, predictions) if np.isfinite(value)]
    return compute_mean_and_sd(values) if values else (float("nan"), 0.0)


def compute_mean_and_sd(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation (divisor n - 1) of at least one value; of equal values exactly (value, 0.0).

    >>> compute_mean_and_sd([0.1, 0.1, 0.1]), compute_mean_and_sd([1.0, 3.0])
    ((0.1, 0.0), (2.0, 1.4142135623730951))
    """
    change = np.asarray(values, dtype=float) - values[0]  # zeros where all values are equal: no rounding error
    return float(values[0] + change.mean()), float(change.std(ddof=1)) if len(change) > 1 else 0.0


def compute_correlation(a: Floats, b: Floats) -> float:
    """Return Pearson's r; NaN for fewer than three values, or where one side has no variance.

    >>> compute_correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    if len(a) < 3:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return round(float(a @ b) / size, 12) if size > 1e-9 else float("nan")


def center_within_groups(values: Floats, group: Indices) -> Floats:
    """Return values minus the mean of their group (within-group deviations), shape of ``values``.

    >>> center_within_groups(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 7]))
    array([-1.,  1.,  0.])
    """
    _, group = np.unique(group, return_inverse=True)
    mean = np.bincount(group, weights=values) / np.maximum(np.bincount(group), 1)
    return values - mean[group]


def compute_calibration_slope(p: OutOfFoldPredictions) -> float:
    """Return the slope of rating on prediction; NaN for fewer than three records, or predictions without variance."""
    deviation = p.score - p.score.mean() if len(p.score) > 2 else np.zeros(1)
    variation = float(deviation @ deviation)
    return float(deviation @ p.y) / variation if variation > 1e-9 else float("nan")


def compute_rmse(p: OutOfFoldPredictions) -> float:
    """Return the root mean squared error, in POMP; NaN without records."""
    return float(np.sqrt(np.mean((p.y - p.score) ** 2))) if len(p.y) else float("nan")


def compute_pair_added_r(p: OutOfFoldPredictions) -> float:
    """Correlate the centred pair part with the residual of the score without it, within therapists; NaN if unknown."""
    known = ~np.isnan(p.centered_pair_part)
    therapist = p.therapist[known]
    return compute_correlation(
        center_within_groups(p.centered_pair_part[known], therapist),
        center_within_groups((p.y - p.score_without_pair_part)[known], therapist),
    )


METRICS: tuple[Metric, ...] = (
    Metric(
        "out_of_fold_r",
        "Correlation of expected and rated early alliance, for new clients; most of it is about clients.",
        "client",
        lambda p: compute_correlation(p.score, p.y),
    ),
    Metric(
        "rmse",
        "Typical distance of a rating from its prediction, in POMP points (0-100).",
        "client",
        compute_rmse,
        False,
    ),
    Metric(
        "calibration_slope",
        "Points by which the rating rises when the prediction rises by one: 1 is right, less means too extreme.",
        "client",
        compute_calibration_slope,
        ideal=1.0,
    ),
    Metric(
        "pair_added_r",
        "Correlation of the pair part with the residual of baseline and therapist, among the clients of one therapist; "
        "the value is the verdict's, from one split.",
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
        "Correlation of rated alliance with wishes honoured minus wishes not honoured: the simple rule to beat.",
        "client",
        lambda p: compute_correlation(p.net_honoured_wishes, p.y),
    ),
    Metric(
        "therapist_mean_r",
        "Correlation of rated alliance with the therapist's own effect, estimated from other clients.",
        "client",
        lambda p: compute_correlation(p.therapist_effect, p.y),
    ),
    Metric(
        "new_therapist_r",
        "Correlation of expected and rated alliance, for new therapists.",
        "therapist",
        lambda p: compute_correlation(p.score, p.y),
    ),
    Metric(
        "later_r",
        "Correlation of expected and rated alliance, for later records; the model learns from earlier ones.",
        "time",
        lambda p: compute_correlation(p.score, p.y),
    ),
    Metric(
        "later_pair_r",
        "Correlation of the pair part with the residual of baseline and therapist, among the clients of one therapist, "
        "for later records; the model learns from earlier ones.",
        "time",
        compute_pair_added_r,
    ),
)
