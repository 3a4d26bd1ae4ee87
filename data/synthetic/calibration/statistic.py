"""One published statistic: how it is read off a synthetic clinic, and within which bounds it was published."""

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
        As people read it.
    family : str
        Where it stands in the table.
    figure : str
        Key of the published figure.
    measure : callable
        Reads it off what was seen of one synthetic clinic; NaN where nothing tells.
    kind : {"check", "input", "orientation"}
        Whether it comes out of the simulator unasked; was put in, and has to come out again; or speaks of other people
        than these, and is shown without a verdict.
    error : float or None
        Standard error of the published figure, where it has no interval of its own.
    error_source : str
        Where ``error`` comes from.
    note : str
        Why simulated clinics miss it, where they do, or what to know of the comparison.
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
        """Lowest and highest value that agrees with what is published; open to one side where only a sign was read."""
        row = self.source
        if self.error is not None:
            return row.value - NORMAL_QUANTILE_95 * self.error, row.value + NORMAL_QUANTILE_95 * self.error
        if row.unit == "sign":
            return (0.0, math.inf) if row.value > 0 else (-math.inf, 0.0)
        if row.low is None or row.high is None:
            return row.value, row.value
        return row.low, row.high
