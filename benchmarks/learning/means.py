"""Means over clinics with their intervals, and differences in the same clinics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import t

from benchmarks.learning.methods import METHODS
from benchmarks.learning.reach import NAME as REACH

SURE = 0.95
KEY = ["maker", "mix", "seed", "outcomes"]


class Mean(NamedTuple):
    """A mean, the half-width of its 95% interval (NaN for one clinic), and over how many clinics."""

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


def over_mixes(values: pd.Series, mix: pd.Series) -> Mean:
    """Mean of the mixes' means: each mix counts alike, and only clinics of one mix say how much luck there is.

    Student's t over the spread within mixes.

    >>> over_mixes(pd.Series([0.0, 2.0, 10.0, 12.0]), pd.Series(["a", "a", "b", "b"])).value
    6.0
    """
    known = values.notna().to_numpy()
    if not known.any():
        return Mean(np.nan, np.nan, 0)
    each = values.to_numpy(float)[known]
    names, group = np.unique(mix.to_numpy(str)[known], return_inverse=True)
    counts = np.bincount(group)
    of_mix = np.bincount(group, weights=each) / counts
    free = len(each) - len(names)
    if not free:
        return Mean(float(of_mix.mean()), np.nan, len(each))
    spread = float(((each - of_mix[group]) ** 2).sum()) / free
    error = math.sqrt(spread * float((1 / counts).sum())) / len(names)
    return Mean(float(of_mix.mean()), float(t.ppf((1 + SURE) / 2, free)) * error, len(each))


def spread_out(results: pd.DataFrame) -> pd.DataFrame:
    """Results in which a method that does not learn stands at every size, as it does not change."""
    sizes = results[["maker", "mix", "seed", "outcomes"]].drop_duplicates()
    once = [REACH, *(name for name, row in METHODS.items() if not row.learns)]
    fixed = results[results["method"].isin(once)].drop(columns="outcomes").merge(sizes, on=KEY[:3])
    rest = results[~results["method"].isin(once)]
    return pd.concat([rest, fixed], ignore_index=True)[list(results.columns)]


def mean(results: pd.DataFrame, what: str, mixes: Sequence[str], **at: object) -> Mean:
    """Mean of ``what`` (free or capacity) of some results; ``at`` says of which maker, outcomes, method."""
    some = results[results["mix"].isin(mixes)]
    for name, value in at.items():
        some = some[some[name] == value]
    return over_mixes(some[what], some["mix"])


def differences(results: pd.DataFrame, mine: str, peer: str) -> pd.DataFrame:
    """What one method has more than another in each clinic at each size, free and capacity."""
    both = [results[results["method"] == name].set_index(KEY)[["free", "capacity"]] for name in (mine, peer)]
    return (both[0] - both[1]).dropna(how="all").reset_index()
