"""Compute means over clinics with confidence intervals, and paired differences between methods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import t

from benchmarks.learning.feature_ceiling import CEILING_NAME
from benchmarks.learning.methods import METHODS

CONFIDENCE_LEVEL = 0.95
KEY = ["maker", "mix", "seed", "outcomes"]


class Mean(NamedTuple):
    """A mean, the half-width of its 95% interval (NaN for one clinic), and the number of clinics."""

    value: float
    half: float
    clinics: int

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.value - self.half

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.value + self.half


def average_over_mixes(values: pd.Series, mix: pd.Series) -> Mean:
    """Return the mean of the mixes' means, with equal weights.

    The interval is Student's t with the pooled variance within mixes.

    >>> average_over_mixes(pd.Series([0.0, 2.0, 10.0, 12.0]), pd.Series(["a", "a", "b", "b"])).value
    6.0
    """
    is_known = values.notna().to_numpy()
    if not is_known.any():
        return Mean(np.nan, np.nan, 0)
    known_values = values.to_numpy(float)[is_known]
    names, group = np.unique(mix.to_numpy(str)[is_known], return_inverse=True)
    counts = np.bincount(group)
    mix_means = np.bincount(group, weights=known_values) / counts
    degrees_of_freedom = len(known_values) - len(names)
    if not degrees_of_freedom:
        return Mean(float(mix_means.mean()), np.nan, len(known_values))
    variance = float(((known_values - mix_means[group]) ** 2).sum()) / degrees_of_freedom
    error = math.sqrt(variance * float((1 / counts).sum())) / len(names)
    return Mean(
        float(mix_means.mean()), float(t.ppf((1 + CONFIDENCE_LEVEL) / 2, degrees_of_freedom)) * error, len(known_values)
    )


def repeat_fixed_methods(results: pd.DataFrame) -> pd.DataFrame:
    """Repeat the result of a method that does not learn for every size, because it does not change."""
    sizes = results[["maker", "mix", "seed", "outcomes"]].drop_duplicates()
    fixed_names = [CEILING_NAME, *(name for name, row in METHODS.items() if not row.learns)]
    fixed = results[results["method"].isin(fixed_names)].drop(columns="outcomes").merge(sizes, on=KEY[:3])
    others = results[~results["method"].isin(fixed_names)]
    return pd.concat([others, fixed], ignore_index=True)[list(results.columns)]


def compute_mean(results: pd.DataFrame, measure: str, mixes: Sequence[str], **filters: object) -> Mean:
    """Return the mean of ``measure`` (free or capacity) over some mixes; ``filters`` select by column value."""
    selected = results[results["mix"].isin(mixes)]
    for name, value in filters.items():
        selected = selected[selected[name] == value]
    return average_over_mixes(selected[measure], selected["mix"])


def compute_differences(results: pd.DataFrame, method: str, peer: str) -> pd.DataFrame:
    """Return the paired difference of two methods in each clinic at each size, free and capacity."""
    both = [results[results["method"] == name].set_index(KEY)[["free", "capacity"]] for name in (method, peer)]
    return (both[0] - both[1]).dropna(how="all").reset_index()
