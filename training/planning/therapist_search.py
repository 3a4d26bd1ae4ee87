"""How many therapists a study needs until its power is enough, at a constant caseload."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from scipy.special import ndtri

from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.simulated_power import PowerCell, simulate_cell
from attune_fit.training.planning.study_draws import StudySource

TARGET_POWER = 0.80
MIN_THERAPISTS, MAX_THERAPISTS = 3, 1_000
MAX_STEPS = 8
MIN_RUNS = 200
MAX_RECORDS = 6_000_000  # of all studies of a step, so that a large number of therapists takes seconds
CLOSE = 0.02  # a power this close to the target ends the search


@dataclass(frozen=True)
class TherapistNeed:
    """Therapists that a study needs.

    Attributes
    ----------
    effect : float
    caseload : float
        Outcomes of each therapist, on average.
    target : float
        Power that is wanted.
    therapists : int or None
        None: more than :data:`MAX_THERAPISTS` are needed.
    cell : PowerCell
        Simulated power with this number; with the largest number if ``therapists`` is None.
    """

    effect: float
    caseload: float
    target: float
    therapists: int | None
    cell: PowerCell

    def to_dict(self) -> dict[str, Any]:
        """Return the figures by name, as JSON writes them."""
        return {
            "effect": self.effect, "outcomes_per_therapist": self.caseload, "target": self.target,
            "therapists": self.therapists, "simulated": self.cell.to_dict(),
        }  # fmt: skip


def find_needed_therapists(
    study: PlannedStudy, source: StudySource, *, target: float = TARGET_POWER, seed: int = 0
) -> TherapistNeed:
    """Search the number of therapists with which a study reaches a power, at the study's caseload.

    Parameters
    ----------
    study : PlannedStudy
        Its number of therapists is where the search starts; its effect is not 0.
    source : StudySource
    target : float in (0, 1)
    seed : int

    Notes
    -----
    The noncentrality of the test grows with the square root of the number of therapists. Each step simulates the number
    at which the line through the last simulated power would reach the target. The answer is as exact as its simulation:
    a few percent of the number of therapists.
    """
    wanted = _compute_noncentrality(target, study.alpha)
    therapists = min(max(study.therapists, MIN_THERAPISTS), MAX_THERAPISTS)
    simulated: dict[int, PowerCell] = {}
    for _ in range(MAX_STEPS):
        if therapists in simulated:
            break
        planned = replace(study, therapists=therapists, outcomes=round(study.caseload * therapists))
        most = max(MAX_RECORDS // planned.outcomes, MIN_RUNS)
        cell = simulated[therapists] = simulate_cell(planned, source, seed=seed, min_runs=MIN_RUNS, max_runs=most)
        if abs(cell.power - target) <= CLOSE or (therapists == MAX_THERAPISTS and cell.power < target):
            break
        ratio = wanted / max(_compute_noncentrality(cell.power, study.alpha), 0.2)
        therapists = min(max(math.ceil(therapists * ratio**2), MIN_THERAPISTS), MAX_THERAPISTS)
    return _choose_need(study, simulated, target)


def _choose_need(study: PlannedStudy, simulated: dict[int, PowerCell], target: float) -> TherapistNeed:
    """Return the smallest simulated number whose power is enough within the error of the simulation."""
    enough = [number for number, cell in simulated.items() if cell.power >= target - CLOSE]
    number = min(enough, default=None)
    return TherapistNeed(study.effect, study.caseload, target, number, simulated[number or max(simulated)])


def _compute_noncentrality(power: float, alpha: float) -> float:
    """Return by how many standard errors an effect differs from 0 if a two-sided test has this power."""
    return float(ndtri(min(max(power, alpha), 0.999)) + ndtri(1 - alpha / 2))
