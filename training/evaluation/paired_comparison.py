"""Paired comparison of two models on the same held-out records: prediction error and the choice of therapist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.evaluation.metrics import center_within_groups

N_RESAMPLES = 2000
# Two figures are tested, and together they should be wrong in at most one case of twenty (Bonferroni).
DIFFERENCE_CONFIDENCE_LEVEL = 0.975
MIN_CLUSTERS = 5  # with fewer therapists, single records are resampled instead of therapists
MIN_DIVISOR = 1e-300
MIN_VARIATION = 1e-9  # a smaller sum of squares means that the values are constant
# Non-inferiority margins: a smaller loss is tolerated. In POMP: recipes that hardly differ can lose by less than this
# and still beyond noise, and no ranking depends on it. The pair part decides rankings, so no loss of its r is
# tolerated: both models of a comparison pay the same fold penalty.
NON_INFERIORITY_MARGINS = {"rmse": 0.05}
FIGURE_UNITS = {"rmse": " POMP"}  # a figure that is not listed has no unit


@dataclass(frozen=True)
class PairedComparison:
    """One figure of two models on the same records.

    Attributes
    ----------
    figure : {"rmse", "pair_added_r"}
        As in :data:`METRICS`.
    on : str
        Which records, in words.
    new, old : float
        The figure of the challenger (the new model) and of the champion (the live model).
    gain, low, high : float
        How much better the challenger is, with the interval at :data:`DIFFERENCE_CONFIDENCE_LEVEL`. Above zero is
        better for every figure.
    n : int
        Number of records.
    """

    figure: str
    on: str
    new: float
    old: float
    gain: float
    low: float
    high: float
    n: int

    @property
    def is_worse(self) -> bool:
        """Whether the challenger is worse: the interval is below zero and the loss exceeds the margin."""
        return self.high < 0 and self.gain < -NON_INFERIORITY_MARGINS.get(self.figure, 0.0)

    @property
    def is_within_margin(self) -> bool:
        """Whether the interval is below zero, but the loss is within the non-inferiority margin."""
        return self.high < 0 and not self.is_worse

    @property
    def sentence(self) -> str:
        """Both figures, their difference and its interval, in words.

        >>> PairedComparison("rmse", "300 held-out records", 15.0, 15.5, 0.5, 0.1, 0.9, 300).sentence
        'rmse 15.00 versus 15.50 POMP, better by 0.50, 97.5% interval 0.10 to 0.90'
        >>> PairedComparison("rmse", "300 held-out records", 15.0, 15.0, 0.0, -0.001, 0.001, 300).sentence
        'rmse 15.00 versus 15.00 POMP, no difference'
        """
        direction = "better" if self.gain >= 0 else "worse"
        ends = (self.low, self.high) if self.gain >= 0 else (-self.high, -self.low)
        figures = f"{self.figure} {self.new:.2f} versus {self.old:.2f}{FIGURE_UNITS.get(self.figure, '')}"
        gain, low, high = (round(end, 2) + 0.0 for end in (abs(self.gain), *ends))  # + 0.0: never -0.00
        if not (gain or low or high):
            return f"{figures}, no difference"
        interval = f"{DIFFERENCE_CONFIDENCE_LEVEL:.1%} interval {low:.2f} to {high:.2f}"
        return f"{figures}, {direction} by {gain:.2f}, {interval}"


def compare_models(
    new: OutOfFoldPredictions, old: OutOfFoldPredictions, on: str, seed: int = 0
) -> Iterator[PairedComparison]:
    """Compare two models on the same records, in POMP and in r.

    Parameters
    ----------
    new, old : OutOfFoldPredictions
        Predictions of the same records in the same order.
    on : str
        Which records, in words.
    seed : int
        Decides the resamples.

    Yields
    ------
    PairedComparison
        First ``rmse``, then ``pair_added_r`` if both models have a pair part that varies.

    Notes
    -----
    A paired cluster bootstrap: each resample compares both models, and draws whole therapists because their clients are
    not independent. With fewer than five therapists it draws single records. The interval is then too narrow for a
    claim about other therapists.
    """
    if len(new.y):
        squares = [(model.y - model.score) ** 2 for model in (new, old)]
        yield bootstrap_difference("rmse", on, [*squares, np.ones(len(new.y))], new.therapist, _compute_rmse_pair, seed)
    has_pair_part = ~np.isnan(new.centered_pair_part) & ~np.isnan(old.centered_pair_part)
    therapist = new.therapist[has_pair_part]
    if not len(therapist):
        return
    columns: list[Floats] = []
    for model in (new, old):
        pair_part = center_within_groups(model.centered_pair_part[has_pair_part], therapist)
        residual = center_within_groups((model.y - model.score_without_pair_part)[has_pair_part], therapist)
        if pair_part @ pair_part < MIN_VARIATION or residual @ residual < MIN_VARIATION:
            return
        columns += compute_moments(pair_part, residual)
    columns.append(np.ones(len(therapist)))
    yield bootstrap_difference("pair_added_r", on, columns, therapist, _compute_correlation_pair, seed)


def compute_moments(a: Floats, b: Floats) -> list[Floats]:
    """Return the moments of a correlation, record by record, so that sums of parts give the sums of the whole."""
    return [a, b, a * b, a**2, b**2]


def bootstrap_difference(
    figure: str,
    on: str,
    columns: list[Floats],
    therapist: Indices,
    compute_figures: Callable[[Floats], tuple[Floats, Floats]],
    seed: int,
) -> PairedComparison:
    """Return a figure of both models from sums of ``columns``, with the bootstrap interval of the difference.

    ``compute_figures`` takes sums of shape (draws, columns) and returns the figure of the new and of the old model.
    """
    _, cluster = np.unique(therapist, return_inverse=True)
    n = len(therapist)
    if cluster.max() + 1 < MIN_CLUSTERS:
        cluster = np.arange(n)
    sums = np.stack([np.bincount(cluster, weights=column) for column in columns], axis=1)
    draws = np.random.default_rng(seed).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=N_RESAMPLES)
    sign = -1.0 if figure == "rmse" else 1.0
    new, old = compute_figures(sums.sum(axis=0, keepdims=True))
    drawn_new, drawn_old = compute_figures(np.asarray(draws @ sums, dtype=float))
    ends = np.quantile(
        sign * (drawn_new - drawn_old), [(1 - DIFFERENCE_CONFIDENCE_LEVEL) / 2, (1 + DIFFERENCE_CONFIDENCE_LEVEL) / 2]
    )
    gain = sign * (float(new[0]) - float(old[0]))
    return PairedComparison(figure, on, float(new[0]), float(old[0]), gain, float(ends[0]), float(ends[1]), n)


def _compute_rmse_pair(sums: Floats) -> tuple[Floats, Floats]:
    new, old, n = sums.T
    return np.sqrt(new / n), np.sqrt(old / n)


def _compute_correlation_pair(sums: Floats) -> tuple[Floats, Floats]:
    n = sums[:, -1]
    return _compute_correlation(sums[:, :5], n), _compute_correlation(sums[:, 5:10], n)


def _compute_correlation(sums: Floats, n: Floats) -> Floats:
    a, b, ab, aa, bb = sums.T
    size = np.sqrt(np.maximum((aa - a * a / n) * (bb - b * b / n), MIN_DIVISOR))
    r: Floats = np.clip((ab - a * b / n) / size, -1, 1)
    return r
