"""How alliance goes on over occasions, and who carries it: the same for real ratings and for simulated ones.

Scores are of shape (episodes, occasions), columns in order from the first; NaN where nothing was rated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Floats

LATER_OCCASIONS = slice(5, 15)  # occasions 6 to 15


def correlate_first_with_later(wide: pd.DataFrame) -> float:
    """Correlation of the first occasion with the mean of occasions 6-15."""
    return float(wide.iloc[:, 0].corr(wide.iloc[:, LATER_OCCASIONS].mean(axis=1)))


def correlate_next_with_later(wide: pd.DataFrame) -> float:
    """Mean correlation of occasions 2-5, each with the mean of occasions 6-15."""
    later = wide.iloc[:, LATER_OCCASIONS].mean(axis=1)
    return float(np.mean([wide.iloc[:, k].corr(later) for k in range(1, 5)]))


def compute_first_sd_ratio(wide: pd.DataFrame) -> float:
    """SD over episodes at the first occasion, beside the mean SD of occasions 2-5."""
    return float(wide.iloc[:, 0].std() / wide.iloc[:, 1:5].std().mean())


def compute_growth(wide: pd.DataFrame) -> float:
    """Slope of the mean over occasions 1-15, in SD of one occasion."""
    level = wide.iloc[:, :15].mean()
    return float(np.polyfit(np.arange(len(level)), level, 1)[0] / wide.iloc[:, :15].std().mean())


def compute_patient_share(wide: pd.DataFrame) -> float:
    """Share of the variance of one occasion that lies between patients; the rest is session and error."""
    told = wide.to_numpy(dtype=float)
    known = ~np.isnan(told)
    return compute_intraclass_correlation(told[known], np.nonzero(known)[0])


def compute_therapist_share(early: pd.Series, therapist: pd.Series) -> float:
    """Share of the variance of patients' early means that lies between therapists; by chance it may be below 0."""
    kept = early.notna().to_numpy()
    return compute_intraclass_correlation(early.to_numpy(float)[kept], therapist.to_numpy()[kept])


def compute_dependability(wide: pd.DataFrame, sessions: int) -> float:
    """Dependability of the mean of so many sessions: Spearman-Brown from the correlation of any two after the first."""
    between = wide.corr().to_numpy()[1:, 1:]
    one = between[np.triu_indices(len(between), 1)].mean()
    return float(sessions * one / (1 + (sessions - 1) * one))


def compute_intraclass_correlation(values: Floats, group: npt.NDArray[Any]) -> float:
    """Intraclass correlation ICC(1) of groups of unequal size, by the analysis of variance.

    NaN where there is one group, or no group of two. Source of the formula: [1]_.

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
    usual = (len(values) - (size**2).sum() / len(values)) / (len(groups) - 1)
    return float((between - within) / (between + (usual - 1) * within))
