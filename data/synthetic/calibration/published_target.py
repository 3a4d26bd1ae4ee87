"""A published statistic: how to measure it in a synthetic clinic, and its published bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from attune_fit.data.published_statistics import PublishedStatistic, read_published_statistics
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic

StatisticKind = Literal["check", "input", "orientation"]
STATISTIC_KINDS: tuple[StatisticKind, ...] = get_args(StatisticKind)
NORMAL_QUANTILE_95 = 1.96  # standard errors of a 95% interval


@dataclass(frozen=True)
class Statistic:
    """One row of the calibration table.

    Attributes
    ----------
    name : str
        Name in tables and pictures.
    family : str
        Section of the table.
    figure : str
        Key of the published figure.
    measure : callable
        Measures the statistic in one synthetic clinic; NaN if the clinic has too few people.
    kind : {"check", "input", "orientation"}
        check: not built into the simulator. input: built in, so that it must come out again. orientation: published
        for another population, and shown without a verdict.
    error : float or None
        Standard error of the published figure, if the figure has no interval.
    error_source : str
        Source of ``error``.
    note : str
        Reason for a miss, or a note on the comparison.
    """

    name: str
    family: str
    figure: str
    measure: Callable[[ObservedClinic], float]
    kind: StatisticKind = "check"
    error: float | None = None
    error_source: str = ""
    note: str = ""

    @property
    def source(self) -> PublishedStatistic:
        """The published figure."""
        return read_published_statistics()[self.figure]

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value that agrees with the figure; infinite on one side if only a sign is published."""
        row = self.source
        if self.error is not None:
            return row.value - NORMAL_QUANTILE_95 * self.error, row.value + NORMAL_QUANTILE_95 * self.error
        if row.unit == "sign":
            return (0.0, math.inf) if row.value > 0 else (-math.inf, 0.0)
        if row.low is None or row.high is None:
            return row.value, row.value
        return row.low, row.high
