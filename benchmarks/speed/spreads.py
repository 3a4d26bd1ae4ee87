"""Medians with quartiles, ratios of runs that alternate, and slopes of growth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """The median of several runs, with their quartiles."""

    median: float
    low: float
    high: float


def compute_spread(values: Sequence[float]) -> Spread:
    """Return the median of the runs, and their lower and upper quartile.

    >>> compute_spread([3.0, 1.0, 2.0])
    Spread(median=2.0, low=1.5, high=2.5)
    """
    low, median, high = np.quantile(np.asarray(values, dtype=float), [0.25, 0.5, 0.75])
    return Spread(float(median), float(low), float(high))


def compute_ratios(values: Sequence[float], base: Sequence[float]) -> list[float]:
    """Return the ratio of each run to the base of the same turn: load on the machine affects both.

    >>> compute_ratios([3.0, 8.0], [1.0, 2.0])
    [3.0, 4.0]
    """
    return [value / other for value, other in zip(values, base, strict=True)]


def compute_slope(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the least-squares slope on log-log axes: 1 is proportional growth, 0 is no growth.

    >>> round(compute_slope([10, 100, 1000], [2.0, 20.0, 200.0]), 6)
    1.0
    """
    return float(np.polyfit(np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(values, dtype=float)), 1)[0])


def format_figure(value: float) -> str:
    """Format a figure with three significant digits, never in powers of ten.

    >>> format_figure(0.8768), format_figure(12.345), format_figure(1234567.0), format_figure(0.0)
    ('0.877', '12.3', '1,234,567', '0')
    """
    if value == 0:
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    return f"{value:,.{digits}f}"


def format_spread(spread: Spread, unit: str = "") -> str:
    """Format a median with its quartiles in brackets; without them where all runs are equal, as a single one is.

    >>> format_spread(Spread(2.0, 1.5, 2.5), " ×"), format_spread(Spread(2.0, 2.0, 2.0))
    ('2.00 × (1.50 to 2.50)', '2.00')
    """
    if spread.low == spread.high:
        return f"{format_figure(spread.median)}{unit}"
    return f"{format_figure(spread.median)}{unit} ({format_figure(spread.low)} to {format_figure(spread.high)})"
