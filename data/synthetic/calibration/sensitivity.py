"""Sensitivity analysis: move each assumed number over its range, and see which statistics move."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attune_fit.data.synthetic.calibration.calibration_comparison import StatisticComparison, run_calibration
from attune_fit.data.synthetic.world import World

EXCLUDED_FIELDS = ("therapist_forms",)  # ObservedClinic sets its own minimum, to compare both raters
MIN_MOVE_ERRORS = 6.0  # paired standard errors: in 70 rows and 40 moves, chance almost never moves a mean so far
REQUIRED_CHANGES: dict[str, dict[str, Any]] = {  # other fields that a number needs to have an effect
    "site": {"sites": 4},
    "self_selection": {"meetings": "wishes"},
}


@dataclass(frozen=True)
class SensitivityResult:
    """One assumed number at one end of its range.

    Attributes
    ----------
    field, figure : str
        Field of the world, and key of its published figure.
    value : float
        The end of the range.
    newly_outside, newly_inside : tuple of str
        Statistics whose mean left or entered the published interval, by more than chance.
    largest_moves : tuple of (str, float, float)
        The three largest moves beyond chance: name, mean before, mean after.
    """

    field: str
    figure: str
    value: float
    newly_outside: tuple[str, ...]
    newly_inside: tuple[str, ...]
    largest_moves: tuple[tuple[str, float, float], ...]


def sweep_assumed_numbers(
    clients: int, therapists: int, seeds: Sequence[int], report_progress: Callable[[str], None] = lambda _: None
) -> list[SensitivityResult]:
    """Move every assumed number of the world to both ends of its range, one at a time."""
    baselines = {
        field: run_calibration(World().replace(**changes), clients, therapists, seeds)
        for field, changes in REQUIRED_CHANGES.items()
    }
    baselines[""] = run_calibration(World(), clients, therapists, seeds)
    rows = []
    for field, figure in World.list_sources().items():
        if figure.mark != "assumed" or figure.low is None or figure.high is None or field in EXCLUDED_FIELDS:
            continue
        for value in (figure.low, figure.high):
            if value == getattr(World(), field):
                continue
            report_progress(f"{field} = {value:g}")
            world = World().replace(**REQUIRED_CHANGES.get(field, {}), **{field: value})
            rows.append(
                _compare_with_baseline(
                    field,
                    figure.key,
                    value,
                    baselines.get(field, baselines[""]),
                    run_calibration(world, clients, therapists, seeds),
                )
            )
    return rows


def _compare_with_baseline(
    field: str, figure: str, value: float, baseline: Sequence[StatisticComparison], moved: Sequence[StatisticComparison]
) -> SensitivityResult:
    before_by_statistic = {row.statistic: row for row in baseline}
    pairs = [(before_by_statistic[row.statistic], row) for row in moved if row.statistic in before_by_statistic]
    moves = sorted(
        ((count_standard_errors(before, after), before, after) for before, after in pairs), key=lambda move: -move[0]
    )
    large_moves = [(before, after) for errors, before, after in moves if errors > MIN_MOVE_ERRORS]
    return SensitivityResult(
        field,
        figure,
        value,
        newly_outside=tuple(
            after.statistic.name
            for before, after in large_moves
            if _is_within_bounds(before) and not _is_within_bounds(after)
        ),
        newly_inside=tuple(
            after.statistic.name
            for before, after in large_moves
            if _is_within_bounds(after) and not _is_within_bounds(before)
        ),
        largest_moves=tuple((after.statistic.name, before.mean, after.mean) for before, after in large_moves[:3]),
    )


def count_standard_errors(before: StatisticComparison, after: StatisticComparison) -> float:
    """Return how far the mean moved, in paired standard errors.

    Equal seeds draw the same people, so the clinics are paired by position. Returns 0.0 if the numbers of clinics
    differ: the clinics are then not paired.
    """
    if len(before.values) != len(after.values):
        return 0.0
    difference = np.subtract(after.values, before.values)
    error = difference.std(ddof=1) / math.sqrt(len(difference))
    return float(abs(difference.mean()) / max(error, 1e-9))


def _is_within_bounds(row: StatisticComparison) -> bool:
    low, high = row.statistic.bounds
    return low <= row.mean <= high
