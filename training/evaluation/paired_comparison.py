"""Two models on the same records, neither having seen them: which misses less, and which knows more of the choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.evaluation.metrics import center_within_groups

N_RESAMPLES = 2000
DIFFERENCE_CONFIDENCE_LEVEL = (
    0.975  # of each interval: two figures are asked, and together they are to err in one case of twenty
)
MIN_CLUSTERS = 5  # fewer therapists say nothing about therapists: records are drawn instead
MIN_DIVISOR = 1e-300
# A smaller loss does not count; POMP points and r. Recipes that hardly differ lose by less, and surely; and what is
# fitted on other folds loses by that to a model that was not: among 300 records where there is nothing to find, by .02.
NON_INFERIORITY_MARGINS = {"rmse": 0.05, "pair_added_r": 0.05}


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
        The figure of the model on trial, and of the one it is held against.
    gain, low, high : float
        How much better the new one does, with its interval at :data:`CONFIDENCE_LEVEL`; above zero is better for every figure.
    n : int
        Records.
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
        """Whether the new one is worse beyond noise, the whole interval below zero, and by more than a trifle."""
        return self.high < 0 and self.gain < -NON_INFERIORITY_MARGINS.get(self.figure, 0.0)

    @property
    def is_within_margin(self) -> bool:
        """Whether the new one is worse beyond noise, but by no more than a trifle."""
        return self.high < 0 and not self.is_worse

    @property
    def sentence(self) -> str:
        """The figures in words.

        >>> PairedComparison("rmse", "300 records held back", 15.0, 15.5, 0.5, 0.1, 0.9, 300).sentence
        'rmse 15.00 against 15.50, better by 0.50 [0.10, 0.90]'
        >>> PairedComparison("rmse", "300 records held back", 15.0, 15.0, 0.0, -0.001, 0.001, 300).sentence
        'rmse 15.00 against 15.00, the same'
        """
        word = "better" if self.gain >= 0 else "worse"
        ends = (self.low, self.high) if self.gain >= 0 else (-self.high, -self.low)
        both = f"{self.figure} {self.new:.2f} against {self.old:.2f}"
        gain, low, high = (round(end, 2) + 0.0 for end in (abs(self.gain), *ends))  # + 0.0: never -0.00
        return f"{both}, {word} by {gain:.2f} [{low:.2f}, {high:.2f}]" if gain or low or high else f"{both}, the same"


def compare_models(
    new: OutOfFoldPredictions, old: OutOfFoldPredictions, on: str, seed: int = 0
) -> Iterator[PairedComparison]:
    """Hold one model against another.

    Parameters
    ----------
    new, old : Predicted
        Of the same records in the same order.
    on : str
        Which records, in words.
    seed : int
        Decides the resamples.

    Yields
    ------
    Compared
        First ``rmse``, then ``pair_added_r`` where both say something about the choice.

    Notes
    -----
    Both models are held against each other in each resample, and whole therapists are drawn, because their clients are
    not independent. With fewer than five therapists single records are drawn, and the interval is too narrow for any
    claim about other therapists.
    """
    if len(new.y):
        squares = [(one.y - one.score) ** 2 for one in (new, old)]
        yield bootstrap_difference("rmse", on, [*squares, np.ones(len(new.y))], new.therapist, _rmse, seed)
    asked = ~np.isnan(new.centered_pair_part) & ~np.isnan(old.centered_pair_part)
    therapist = new.therapist[asked]
    columns: list[Floats] = []
    for one in (new, old):
        said = center_within_groups(one.centered_pair_part[asked], therapist) if len(therapist) else np.empty(0)
        left = (
            center_within_groups((one.y - one.score_without_pair_part)[asked], therapist)
            if len(therapist)
            else np.empty(0)
        )
        if said @ said < 1e-9 or left @ left < 1e-9:
            return
        columns += compute_moments(said, left)
    yield bootstrap_difference("pair_added_r", on, [*columns, np.ones(len(therapist))], therapist, _r, seed)


def compute_moments(a: Floats, b: Floats) -> list[Floats]:
    """What a correlation is made of, record by record, so that sums of parts give that of the whole."""
    return [a, b, a * b, a**2, b**2]


def bootstrap_difference(
    figure: str,
    on: str,
    columns: list[Floats],
    therapist: Indices,
    both: Callable[[Floats], tuple[Floats, Floats]],
    seed: int,
) -> PairedComparison:
    """A figure of both models from sums of ``columns``, and the interval of its difference.

    ``both`` takes sums of shape (draws, columns) and gives the figure of the new model and of the old one.
    """
    _, cluster = np.unique(therapist, return_inverse=True)
    n = len(therapist)
    if cluster.max() + 1 < MIN_CLUSTERS:
        cluster = np.arange(n)
    sums = np.stack([np.bincount(cluster, weights=column) for column in columns], axis=1)
    draws = np.random.default_rng(seed).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=N_RESAMPLES)
    sign = -1.0 if figure == "rmse" else 1.0
    new, old = both(sums.sum(axis=0, keepdims=True))
    drawn_new, drawn_old = both(np.asarray(draws @ sums, dtype=float))
    ends = np.quantile(
        sign * (drawn_new - drawn_old), [(1 - DIFFERENCE_CONFIDENCE_LEVEL) / 2, (1 + DIFFERENCE_CONFIDENCE_LEVEL) / 2]
    )
    gain = sign * (float(new[0]) - float(old[0]))
    return PairedComparison(figure, on, float(new[0]), float(old[0]), gain, float(ends[0]), float(ends[1]), n)


def _rmse(sums: Floats) -> tuple[Floats, Floats]:
    new, old, n = sums.T
    return np.sqrt(new / n), np.sqrt(old / n)


def _r(sums: Floats) -> tuple[Floats, Floats]:
    n = sums[:, -1]
    return _correlation(sums[:, :5], n), _correlation(sums[:, 5:10], n)


def _correlation(sums: Floats, n: Floats) -> Floats:
    a, b, ab, aa, bb = sums.T
    size = np.sqrt(np.maximum((aa - a * a / n) * (bb - b * b / n), MIN_DIVISOR))
    r: Floats = np.clip((ab - a * b / n) / size, -1, 1)
    return r
