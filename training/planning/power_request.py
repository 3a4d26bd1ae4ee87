"""What is asked of a power plan: effects, sizes and assumptions, checked all at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from attune_fit.data.faults import DataFault, Fault
from attune_fit.training.planning.planned_study import (
    PLANNED_KINDS,
    SIGNIFICANCE_LEVEL,
    SLOPE_SD,
    THERAPIST_SHARE,
    PlannedStudy,
)
from attune_fit.training.planning.power_plan import DEFAULT_CASELOAD, DEFAULT_EFFECTS, DEFAULT_THERAPISTS, StudySize
from attune_fit.training.planning.simulated_power import PRECISION
from attune_fit.training.planning.therapist_search import TARGET_POWER

MAX_THERAPISTS, MAX_OUTCOMES = 5_000, 500_000
OBSERVED_WORDS = ("observed", "estimate", "estimated", "data")  # of an effect that is taken from the data
PLACE = "power"
OUTSIDE = "a number is outside its range"


@dataclass(frozen=True)
class PowerRequest:
    """What a power plan is asked.

    Attributes
    ----------
    kind : str
        One of :data:`PLANNED_KINDS`.
    effects : sequence of float or str
        In SD of the outcome for one SD of the term; text is read as a number. Empty: :data:`DEFAULT_EFFECTS`.
    therapists, outcomes : sequences of int
        Sizes: each number of therapists with each number of outcomes. Without outcomes, each number of therapists has
        the caseload. Empty therapists: :data:`DEFAULT_THERAPISTS`, and the clinic's own number.
    caseload : float, optional
        Outcomes of each therapist, where ``outcomes`` is empty and in the search. Default: that of the clinic, else
        :data:`DEFAULT_CASELOAD`.
    therapist_share, slope_sd, rate, alpha
        As in :class:`PlannedStudy`.
    target : float
        Power that counts as enough for an answer.
    precision : float
        Monte Carlo standard error at which a simulation stops.
    """

    kind: str = "interaction"
    effects: Sequence[Any] = ()
    therapists: Sequence[int] = ()
    outcomes: Sequence[int] = ()
    caseload: float | None = None
    therapist_share: float = THERAPIST_SHARE
    slope_sd: float = SLOPE_SD
    rate: float | None = None
    alpha: float = SIGNIFICANCE_LEVEL
    target: float = TARGET_POWER
    precision: float = PRECISION

    def list_effects(self) -> list[float]:
        """Return the effects as numbers, each once; those that are none are left out."""
        return list(dict.fromkeys(filter(_is_number, map(_read_number, self.effects or DEFAULT_EFFECTS))))

    def list_sizes(self, own: StudySize | None) -> list[StudySize]:
        """Return the sizes; ``own`` is that of the clinic's records."""
        therapists = sorted({*self.therapists}) or sorted({*DEFAULT_THERAPISTS, *([own.therapists] if own else [])})
        if self.outcomes:
            therapists = therapists if self.therapists or own is None else [own.therapists]
            return [StudySize(number, n) for number in therapists for n in sorted({*self.outcomes})]
        caseload = self.choose_caseload(own)
        sizes = [StudySize(number, max(round(caseload * number), number)) for number in therapists]
        is_own = self.caseload is None and own is not None
        return [own if is_own and own and size.therapists == own.therapists else size for size in sizes]

    def choose_caseload(self, own: StudySize | None) -> float:
        """Return the outcomes of each therapist: those asked for, else the clinic's, else the default."""
        if self.caseload is not None:
            return self.caseload
        return own.outcomes / own.therapists if own else DEFAULT_CASELOAD

    def set_up(self, own: StudySize | None) -> PlannedStudy:
        """Return what all simulated studies share, at the caseload of the search.

        Raises
        ------
        DataFault
            With every error of the request.
        """
        self.check(own)
        therapists = max(size.therapists for size in self.list_sizes(own))
        outcomes = max(round(self.choose_caseload(own) * therapists), therapists)
        kind = next(kind for kind in PLANNED_KINDS if kind == self.kind)
        return PlannedStudy(kind, 0.0, therapists, outcomes, self.therapist_share, self.slope_sd, self.rate, self.alpha)

    def check(self, own: StudySize | None = None) -> None:
        """Check that the studies can be simulated.

        Raises
        ------
        DataFault
            With every error: a number outside its range, an effect that is taken from the data, outcomes that are fewer
            than therapists, and parts of the variance that exceed the whole.
        """
        faults = [*self._find_effect_faults(), *self._find_range_faults()]
        if not faults:
            faults = [*self._find_size_faults(own), *self._find_variance_faults()]
        if faults:
            raise DataFault(faults)

    def _find_effect_faults(self) -> Iterator[Fault]:
        if any(is_observed_effect(effect) for effect in self.effects):
            yield build_observed_fault()
        others = [effect for effect in self.effects if not is_observed_effect(effect)]
        if not all(abs(_read_number(effect)) < 1 for effect in others):  # a NaN is not below 1
            yield Fault.error("power-effect", PLACE, "effect", OUTSIDE, fix="Use numbers between -1 and 1: SD.")

    def _find_range_faults(self) -> Iterator[Fault]:
        checks = {
            "kind": (self.kind in PLANNED_KINDS, f"Use one of {', '.join(PLANNED_KINDS)}."),
            "therapists": (_are_counts(self.therapists, MAX_THERAPISTS), f"Use numbers from 1 to {MAX_THERAPISTS:,}."),
            "outcomes": (_are_counts(self.outcomes, MAX_OUTCOMES), f"Use numbers from 1 to {MAX_OUTCOMES:,}."),
            "per-therapist": (_is_between(self.caseload, 1, MAX_OUTCOMES / 100), "Use a number of at least 1."),
            "therapist-share": (_is_between(self.therapist_share, 0, 0.9), "Use a number from 0 to .9."),
            "slope-sd": (_is_between(self.slope_sd, 0, 0.9), "Use a number from 0 to .9."),
            "rate": (_is_between(self.rate, 0.01, 0.99), "Use a number from .01 to .99."),
            "alpha": (_is_between(self.alpha, 1e-6, 0.5), "Use a number above 0, at most .5."),
            "target": (_is_between(self.target, 0.1, 0.99), "Use a number from .1 to .99."),
            "precision": (_is_between(self.precision, 0.002, 0.1), "Use a number from .002 to .1."),
        }
        for option, (is_right, fix) in checks.items():
            if not is_right:
                yield Fault.error("power-number", PLACE, option, OUTSIDE, fix=fix)

    def _find_size_faults(self, own: StudySize | None) -> Iterator[Fault]:
        if any(size.outcomes < size.therapists for size in self.list_sizes(own)):
            message, fix = "a study has fewer outcomes than therapists", "Use more outcomes, or fewer therapists."
            yield Fault.error("power-outcomes", PLACE, "outcomes", message, fix=fix)
        if any(size.outcomes > MAX_OUTCOMES for size in self.list_sizes(own)):
            fix = f"Use sizes with at most {MAX_OUTCOMES:,} outcomes."
            yield Fault.error("power-size", PLACE, "outcomes", OUTSIDE, fix=fix)

    def _find_variance_faults(self) -> Iterator[Fault]:
        largest = max(map(abs, self.list_effects()), default=0.0)
        study = PlannedStudy(
            next(kind for kind in PLANNED_KINDS if kind == self.kind),
            largest,
            1,
            1,
            self.therapist_share,
            self.slope_sd,
        )
        if study.noise_variance <= 0:
            message = "effect, therapists and slopes together explain more than the whole variance of the outcome"
            fix = "Lower the effect, the share of therapists or the SD of slopes."
            yield Fault.error("power-variance", PLACE, "effect", message, fix=fix)


def is_observed_effect(effect: object) -> bool:
    """Return whether an effect is taken from data: a result of a test, or a word for it.

    >>> is_observed_effect("observed"), is_observed_effect(0.1), is_observed_effect(".1")
    (True, False, False)
    """
    if isinstance(effect, str):
        return effect.strip().lower() in OBSERVED_WORDS
    return not isinstance(effect, Real)


def build_observed_fault() -> Fault:
    """Return the error about an effect that is taken from the data of the test."""
    message = "the effect is an estimate from the data, and such power only repeats the p value of the test"
    fix = "Use the smallest effect of interest, stated before the data were seen."
    return Fault.error("observed-power", PLACE, "effect", message, fix=fix)


def _read_number(value: Any) -> float:
    """Return a number that is given as one or as text; NaN where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _is_number(value: float) -> bool:
    return math.isfinite(value)


def _is_between(value: object, low: float, high: float) -> bool:
    """Return whether a number is in a range, both ends included; one that is not given is."""
    return value is None or (isinstance(value, Real) and low <= float(value) <= high)


def _are_counts(numbers: Sequence[object], most: int) -> bool:
    return all(isinstance(number, Integral) and 1 <= int(number) <= most for number in numbers)
