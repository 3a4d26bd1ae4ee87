"""Power of a planned study by simulation, with the Monte Carlo error, failed tests, and errors of sign and size."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.study_draws import StudySource, draw_outcomes
from attune_fit.training.planning.study_tests import run_study_tests

Z_95 = 1.959964
PRECISION = 0.0125  # Monte Carlo standard error of a power at which its simulation stops
MIN_RUNS, MAX_RUNS = 400, 4_000
BATCH = 400  # studies drawn at once, fewer where they are large
MAX_BATCH_RECORDS = 1_000_000  # records drawn at once: about 50 MB


@dataclass(frozen=True)
class PowerCell:
    """Simulated power of one planned study.

    Attributes
    ----------
    study : PlannedStudy
    runs : int
        Simulated studies.
    found : int
        Those whose test was significant, on either side. A test without a result counts as not found.
    wrong_sign : int
        Those among the found ones whose estimate has the other sign than the effect.
    failures : mapping of str to int
        Runs without a result, by the reason.
    exaggeration : float or None
        Type M error: mean absolute estimate of the found studies, divided by the true effect; None if the effect is 0
        or no study was found.
    """

    study: PlannedStudy
    runs: int
    found: int
    wrong_sign: int
    failures: Mapping[str, int] = field(default_factory=dict)
    exaggeration: float | None = None

    @property
    def power(self) -> float:
        """Share of the runs that found the effect."""
        return self.found / self.runs

    @property
    def failed(self) -> int:
        """Runs without a result."""
        return sum(self.failures.values())

    @property
    def standard_error(self) -> float:
        """Monte Carlo standard error of the power; above zero also where all runs or none found the effect."""
        return compute_monte_carlo_error(self.found, self.runs)

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95% interval of the power (Wilson), from the number of runs alone."""
        return compute_wilson_interval(self.found, self.runs)

    @property
    def sign_error(self) -> float | None:
        """Type S error: share of the found studies with the wrong sign; None if the effect is 0 or none was found."""
        return self.wrong_sign / self.found if self.found and self.study.effect else None

    def to_dict(self) -> dict[str, Any]:
        """Return the figures by name, as JSON writes them."""
        low, high = self.interval
        return {
            "therapists": self.study.therapists, "outcomes": self.study.outcomes, "effect": self.study.effect,
            "power": self.power, "low": low, "high": high, "monte_carlo_error": self.standard_error,
            "runs": self.runs, "found": self.found, "failed": self.failed, "failures": dict(self.failures),
            "type_s": self.sign_error, "type_m": self.exaggeration,
        }  # fmt: skip


def compute_wilson_interval(found: int, runs: int) -> tuple[float, float]:
    """Return Wilson's 95% interval of a share.

    >>> tuple(round(end, 3) for end in compute_wilson_interval(0, 100))
    (0.0, 0.037)
    """
    share, shrink = found / runs, 1 + Z_95**2 / runs
    center = (share + Z_95**2 / (2 * runs)) / shrink
    half = Z_95 * math.sqrt(share * (1 - share) / runs + (Z_95 / (2 * runs)) ** 2) / shrink
    return max(center - half, 0.0), min(center + half, 1.0)


def compute_monte_carlo_error(found: int, runs: int) -> float:
    """Return the standard error of a share, from the share with two runs of either kind added.

    >>> round(compute_monte_carlo_error(200, 400), 3), round(compute_monte_carlo_error(0, 400), 3)
    (0.025, 0.003)
    """
    share = (found + 2) / (runs + 4)
    return math.sqrt(share * (1 - share) / (runs + 4))


def simulate_cell(
    study: PlannedStudy,
    source: StudySource,
    *,
    seed: int = 0,
    precision: float = PRECISION,
    min_runs: int = MIN_RUNS,
    max_runs: int = MAX_RUNS,
) -> PowerCell:
    """Simulate a planned study until its power is known well enough.

    Parameters
    ----------
    study : PlannedStudy
    source : StudySource
        Where clients, therapists and caseloads come from.
    seed : int, default 0
        The same seed gives the same figures, whatever else is simulated.
    precision : float, default .0125
        Monte Carlo standard error at which the simulation stops.
    min_runs, max_runs : int
        It stops at no fewer and no more runs than these.
    """
    rng = np.random.default_rng(_build_seed(study, seed))
    runs = found = wrong_sign = 0
    absolute, failures = 0.0, Counter[str]()
    while runs < max_runs:
        batch = min(BATCH, max_runs - runs, max(MAX_BATCH_RECORDS // study.outcomes, 1))
        drawn = source.draw(rng, study, batch)
        tests = run_study_tests(study.kind, drawn, draw_outcomes(rng, study, drawn))
        significant = tests.estimate[tests.p < study.alpha]  # a NaN is not below
        runs, found = runs + batch, found + len(significant)
        wrong_sign += int((significant * study.effect < 0).sum())
        absolute += float(np.abs(significant).sum())
        failures.update(tests.problems)
        if runs >= min_runs and compute_monte_carlo_error(found, runs) <= precision:
            break
    exaggeration = absolute / found / abs(_scale_effect(study)) if found and study.effect else None
    return PowerCell(study, runs, found, wrong_sign, dict(failures), exaggeration)


def _scale_effect(study: PlannedStudy) -> float:
    """Return the effect in the unit of the simulated outcome, whose SD is not 1 if it is yes or no."""
    return study.effect if study.rate is None else study.effect * math.sqrt(study.rate * (1 - study.rate))


def _build_seed(study: PlannedStudy, seed: int) -> list[int]:
    """Return the seed of a study: it depends on the study alone, not on the grid that it is part of."""
    return [seed, study.therapists, study.outcomes, round(abs(study.effect) * 1e6), int(study.effect < 0)]
