"""Statistics of repeated alliance ratings: stability, growth and variance components, for real or simulated ratings.

Scores have the shape (episodes, occasions), with the columns in order of time; NaN means no rating.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Floats

LATER_OCCASIONS = slice(5, 15)  # occasions 6 to 15


def correlate_first_with_later(wide: pd.DataFrame) -> float:
    """Return the correlation r of the first occasion with the mean of occasions 6-15."""
    return float(wide.iloc[:, 0].corr(wide.iloc[:, LATER_OCCASIONS].mean(axis=1)))


def correlate_next_with_later(wide: pd.DataFrame) -> float:
    """Return the mean correlation r of occasions 2-5, each with the mean of occasions 6-15."""
    later = wide.iloc[:, LATER_OCCASIONS].mean(axis=1)
    return float(np.mean([wide.iloc[:, k].corr(later) for k in range(1, 5)]))


def compute_first_sd_ratio(wide: pd.DataFrame) -> float:
    """Return the ratio of the SD at the first occasion to the mean SD of occasions 2-5."""
    return float(wide.iloc[:, 0].std() / wide.iloc[:, 1:5].std().mean())


def compute_growth(wide: pd.DataFrame) -> float:
    """Return the linear growth of the mean over occasions 1-15, in SD of one occasion for each occasion."""
    level = wide.iloc[:, :15].mean()
    return float(np.polyfit(np.arange(len(level)), level, 1)[0] / wide.iloc[:, :15].std().mean())


def compute_patient_share(wide: pd.DataFrame) -> float:
    """Return the between-patient share of the variance of one occasion; the remainder is session and error."""
    scores = wide.to_numpy(dtype=float)
    is_known = ~np.isnan(scores)
    return compute_intraclass_correlation(scores[is_known], np.nonzero(is_known)[0])


def compute_therapist_share(early: pd.Series, therapist: pd.Series) -> float:
    """Return the between-therapist share of the variance of early means; chance can make it negative."""
    is_known = early.notna().to_numpy()
    return compute_intraclass_correlation(early.to_numpy(float)[is_known], therapist.to_numpy()[is_known])


def compute_dependability(wide: pd.DataFrame, sessions: int) -> float:
    """Return the dependability (0-1) of a mean of ``sessions`` sessions, by Spearman-Brown; session 1 is excluded."""
    correlations = wide.corr().to_numpy()[1:, 1:]
    mean_r = correlations[np.triu_indices(len(correlations), 1)].mean()
    return float(sessions * mean_r / (1 + (sessions - 1) * mean_r))


def compute_intraclass_correlation(values: Floats, group: npt.NDArray[Any]) -> float:
    """Return the intraclass correlation ICC(1) of groups of unequal size, by analysis of variance.

    Returns NaN with a single group, or if each group has only one value. Chance can make the result negative. The
    formula is that of [1]_.

    References
    ----------
    .. [1] Searle, Casella & McCulloch (1992), Variance Components, section 3.6.
    """
    label, groups = pd.factorize(group)
    if not 1 < len(groups) < len(values):
        return float("nan")
    size = np.bincount(label).astype(float)
    mean = np.bincount(label, values) / size
    between = (size * (mean - values.mean()) ** 2).sum() / (len(groups) - 1)
    within = ((values - mean[label]) ** 2).sum() / (len(values) - len(groups))
    mean_size = (len(values) - (size**2).sum() / len(values)) / (len(groups) - 1)
    return float((between - within) / (between + (mean_size - 1) * within))
