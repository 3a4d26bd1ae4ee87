"""Assumed numbers swept over their range: what published statistics can and cannot tell of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attune_fit.data.synthetic.calibration.compare import StatisticComparison, run_calibration
from attune_fit.data.synthetic.world import World

EXCLUDED_FIELDS = ("therapist_forms",)  # a comparison needs enough forms of both, and asks for them
MIN_MOVE_ERRORS = 6.0  # paired standard errors: of seventy rows and forty moves, hardly one goes so far by chance
REQUIRED_CHANGES: dict[str, dict[str, Any]] = {  # what makes a number matter that does not by default
    "site": {"sites": 4},
    "self_selection": {"meetings": "wishes"},
}


@dataclass(frozen=True)
class SensitivityResult:
    """One assumed number at one end of its range.

    Attributes
    ----------
    field, figure : str
    value : float
    newly_outside, newly_inside : tuple of str
        Statistics that moved out of what is published, or into it, by more than chance.
    largest_moves : tuple of (str, float, float)
        The three statistics moved most beyond chance: name, mean before, mean after.
    """

    field: str
    figure: str
    value: float
    newly_outside: tuple[str, ...]
    newly_inside: tuple[str, ...]
    largest_moves: tuple[tuple[str, float, float], ...]


def sweep_assumed_numbers(
    clients: int, therapists: int, seeds: Sequence[int], say: Callable[[str], None] = lambda _: None
) -> list[SensitivityResult]:
    """Move every assumed number of the world to both ends of its range, one at a time."""
    usual = {
        field: run_calibration(World().replace(**needs), clients, therapists, seeds)
        for field, needs in REQUIRED_CHANGES.items()
    }
    usual[""] = run_calibration(World(), clients, therapists, seeds)
    rows = []
    for field, figure in World.list_sources().items():
        if figure.mark != "assumed" or figure.low is None or figure.high is None or field in EXCLUDED_FIELDS:
            continue
        for value in (figure.low, figure.high):
            if value == getattr(World(), field):
                continue
            say(f"{field} = {value:g}")
            world = World().replace(**REQUIRED_CHANGES.get(field, {}), **{field: value})
            rows.append(
                _compare_with_usual(
                    field,
                    figure.key,
                    value,
                    usual.get(field, usual[""]),
                    run_calibration(world, clients, therapists, seeds),
                )
            )
    return rows


def _compare_with_usual(
    field: str, figure: str, value: float, usual: Sequence[StatisticComparison], moved: Sequence[StatisticComparison]
) -> SensitivityResult:
    before = {row.statistic: row for row in usual}
    both = [(before[row.statistic], row) for row in moved if row.statistic in before]
    far = sorted(((count_standard_errors(was, row), was, row) for was, row in both), key=lambda each: -each[0])
    beyond = [(was, row) for moves, was, row in far if moves > MIN_MOVE_ERRORS]
    return SensitivityResult(
        field,
        figure,
        value,
        tuple(row.statistic.name for was, row in beyond if _is_within_bounds(was) and not _is_within_bounds(row)),
        tuple(row.statistic.name for was, row in beyond if _is_within_bounds(row) and not _is_within_bounds(was)),
        tuple((row.statistic.name, was.mean, row.mean) for was, row in beyond[:3]),
    )


def count_standard_errors(was: StatisticComparison, row: StatisticComparison) -> float:
    """How far the mean moved, in standard errors of the paired difference: the same seed draws the same people."""
    if len(was.values) != len(row.values):
        return 0.0
    moved = np.subtract(row.values, was.values)
    error = moved.std(ddof=1) / math.sqrt(len(moved))
    return float(abs(moved.mean()) / max(error, 1e-9))


def _is_within_bounds(row: StatisticComparison) -> bool:
    low, high = row.statistic.bounds
    return low <= row.mean <= high
