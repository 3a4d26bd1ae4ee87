"""A power plan: the power of each effect, number of therapists and number of outcomes, and the therapists needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.power_ceiling import simulate_ceiling
from attune_fit.training.planning.simulated_power import PRECISION, PowerCell, simulate_cell
from attune_fit.training.planning.study_draws import StudySource
from attune_fit.training.planning.therapist_search import TARGET_POWER, TherapistNeed, find_needed_therapists

PLAN_VERSION = 1  # of the dict; a key is added without a new number, and never removed or given another meaning
DEFAULT_EFFECTS = (0.05, 0.10, 0.15)
DEFAULT_THERAPISTS = (10, 20, 40, 100)
DEFAULT_CASELOAD = 25.0  # outcomes of each therapist
BAR_WIDTH = 20  # characters


class StudySize(NamedTuple):
    """Size of a study: its therapists, and the outcome records of all of them together."""

    therapists: int
    outcomes: int


@dataclass(frozen=True)
class PowerPlan:
    """The simulated power of several planned studies.

    Attributes
    ----------
    assumed : PlannedStudy
        What all cells share: kind, therapist share, spread of slopes, rate and level.
    population : str
        Where clients, therapists and caseloads come from, in words.
    cells : tuple of PowerCell
        By size, then by effect.
    ceilings : tuple of float or None
        For each cell, the power with the same therapists and very many clients; None where it is 1.
    needs : tuple of TherapistNeed
        For each effect other than 0.
    own_size : StudySize or None
        Size of the clinic's own records; of its tables, before the first outcome; None without a clinic.
    target : float
        Power that counts as enough for an answer.
    seed : int
    """

    assumed: PlannedStudy
    population: str
    cells: tuple[PowerCell, ...]
    ceilings: tuple[float | None, ...]
    needs: tuple[TherapistNeed, ...]
    own_size: StudySize | None
    target: float
    seed: int

    def list_effects(self) -> list[float]:
        """Return the effects, in the order given."""
        return list(dict.fromkeys(cell.study.effect for cell in self.cells))

    def list_sizes(self) -> list[StudySize]:
        """Return the sizes, in the order of the cells."""
        return list(dict.fromkeys(StudySize(cell.study.therapists, cell.study.outcomes) for cell in self.cells))

    def get_cell(self, size: StudySize, effect: float) -> PowerCell:
        """Return the cell of a size and an effect."""
        return next(
            cell
            for cell in self.cells
            if (cell.study.therapists, cell.study.outcomes, cell.study.effect) == (*size, effect)
        )

    @property
    def runs(self) -> int:
        """Simulated studies in all cells."""
        return sum(cell.runs for cell in self.cells)

    @property
    def failed(self) -> int:
        """Simulated studies whose test had no result."""
        return sum(cell.failed for cell in self.cells)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON writes it."""
        assumed = self.assumed
        cells = zip(self.cells, self.ceilings, strict=True)
        return {
            "version": PLAN_VERSION, "kind": assumed.kind, "population": self.population, "seed": self.seed,
            "therapist_share": assumed.therapist_share,
            "slope_sd": None if assumed.kind == "trait" else assumed.slope_sd,
            "rate": assumed.rate, "alpha": assumed.alpha, "target": self.target,
            "own_size": None if self.own_size is None else self.own_size._asdict(),
            "cells": [{**cell.to_dict(), "ceiling": ceiling} for cell, ceiling in cells],
            "needs": [need.to_dict() for need in self.needs],
        }  # fmt: skip


def simulate_power_plan(
    assumed: PlannedStudy,
    source: StudySource,
    *,
    effects: Sequence[float],
    sizes: Sequence[StudySize],
    population: str,
    own_size: StudySize | None = None,
    precision: float = PRECISION,
    target: float = TARGET_POWER,
    seed: int = 0,
    report_progress: Callable[[str], None] = lambda _: None,
) -> PowerPlan:
    """Simulate the power of every effect and size, and search the therapists that each effect needs.

    Parameters
    ----------
    assumed : PlannedStudy
        Its effect and size are replaced; its caseload is that of the search.
    source : StudySource
    effects : sequence of float
    sizes : sequence of StudySize
    population : str
        Where clients, therapists and caseloads come from, in words.
    own_size : StudySize, optional
        Size of the clinic's own records.
    precision : float
        Monte Carlo standard error at which the simulation of a cell stops.
    target : float
        Power that the search looks for.
    seed : int
    report_progress : callable
        Receives the name of each step.
    """
    planned = [_set_up(assumed, effect, size) for size in sizes for effect in effects]
    searched = [effect for effect in effects if effect]
    n_steps, cells, ceilings = len(planned) + len(searched), [], []
    for step, study in enumerate(planned):
        report_progress(format_step(step, n_steps))
        cells.append(simulate_cell(study, source, seed=seed, precision=precision))
        ceilings.append(simulate_ceiling(study, source, seed=seed))
    needs = []
    for step, effect in enumerate(searched, len(planned)):
        report_progress(format_step(step, n_steps))
        start = max(sizes, key=lambda size: size.therapists)
        study = _set_up(assumed, effect, StudySize(start.therapists, round(assumed.caseload * start.therapists)))
        needs.append(find_needed_therapists(study, source, target=target, seed=seed))
    return PowerPlan(assumed, population, tuple(cells), tuple(ceilings), tuple(needs), own_size, target, seed)


def _set_up(assumed: PlannedStudy, effect: float, size: StudySize) -> PlannedStudy:
    """Return the assumed study with another effect and size."""
    return replace(assumed, effect=effect, therapists=size.therapists, outcomes=size.outcomes)


def format_step(step: int, n_steps: int) -> str:
    """Return a bar and the number of steps that are done.

    >>> format_step(5, 20)
    'simulating studies █████░░░░░░░░░░░░░░░ 5 of 20 steps'
    """
    done = round(BAR_WIDTH * step / n_steps)
    return f"simulating studies {'█' * done}{'░' * (BAR_WIDTH - done)} {step} of {n_steps} steps"
