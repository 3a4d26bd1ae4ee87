"""Many simulated studies at once: who is in them, and their outcomes under the assumed effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from attune_fit.data.arrays import Counts, Floats, Indices
from attune_fit.training.planning.planned_study import PlannedStudy

MIN_PROBABILITY = 0.001  # of a yes-or-no outcome, so that a large effect leaves none impossible


@dataclass(frozen=True)
class DrawnStudies:
    """Records of several studies of the same size, one study after the other.

    Attributes
    ----------
    n_studies, n_therapists : int
    therapist : array of int, shape (n,)
        Therapist of each record; labels 0 to ``n_studies * n_therapists`` - 1, ascending, so no two studies share one.
    client_variable, pair_value : arrays of shape (n,)
        In SD over the population: the client's number of an interaction, and the value of a pair. Other kinds of term
        do not read them.
    trait : array of shape (n_studies * n_therapists,)
        The therapist's number, in SD over the population.
    parts : array of shape (n, k)
        What the test of a pair adjusts for; k is 0 as a rule.
    """

    n_studies: int
    n_therapists: int
    therapist: Indices
    client_variable: Floats
    pair_value: Floats
    trait: Floats
    parts: Floats

    @property
    def n_outcomes(self) -> int:
        """Records of each study."""
        return len(self.therapist) // self.n_studies


class StudySource(Protocol):
    """Where the clients, therapists and caseloads of simulated studies come from."""

    def draw(self, rng: np.random.Generator, study: PlannedStudy, n_studies: int) -> DrawnStudies:
        """Draw the clients and therapists of several studies of one size."""


def build_caseloads(weight: Floats, outcomes: int) -> Counts:
    """Share a study's outcomes among its therapists, at least one each.

    Parameters
    ----------
    weight : array of shape (n_studies, n_therapists)
        Positive; caseloads are proportional to it, as far as whole numbers allow.
    outcomes : int
        At least as many as therapists.

    Returns
    -------
    array of int, shape (n_studies, n_therapists)
        Each row sums to ``outcomes``.

    Examples
    --------
    >>> build_caseloads(np.array([[1.0, 1.0, 2.0]]), 11).tolist()
    [[3, 3, 5]]
    """
    spare = outcomes - weight.shape[1]
    reached = np.rint(np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True) * spare)
    return np.asarray(1 + np.diff(reached, axis=1, prepend=0.0), dtype=np.int64)


def draw_outcomes(rng: np.random.Generator, study: PlannedStudy, drawn: DrawnStudies) -> Floats:
    """Draw the outcome of each record under the study's effect, shape (n,); SD 1, or 0 and 1 with a rate."""
    n_therapists = len(drawn.trait)
    level = rng.normal(size=n_therapists) * np.sqrt(study.therapist_share)
    if study.kind == "trait":
        expected = (level + study.effect * drawn.trait)[drawn.therapist]
    else:
        is_pair = study.kind == "pair"
        slope = study.effect * (1.0 if is_pair else drawn.trait) + rng.normal(size=n_therapists) * study.slope_sd
        number = drawn.pair_value if is_pair else drawn.client_variable
        expected = level[drawn.therapist] + slope[drawn.therapist] * number
    if study.rate is not None:
        return _draw_events(rng, study.rate, expected)
    return np.asarray(expected + rng.normal(size=len(expected)) * np.sqrt(study.noise_variance))


def _draw_events(rng: np.random.Generator, rate: float, expected: Floats) -> Floats:
    """Draw 0 or 1 for each record: its probability differs from the rate by ``expected``, in SD of the outcome."""
    probability = rate + np.sqrt(rate * (1 - rate)) * expected
    probability = np.clip(probability, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.asarray(rng.random(len(expected)) < probability, dtype=float)
