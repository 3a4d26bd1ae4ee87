"""Power that no number of clients exceeds: that of a study which knows each of its therapists exactly."""

from __future__ import annotations

import math

import numpy as np

from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.study_draws import StudySource
from attune_fit.training.planning.study_tests import fit_trait

CEILING_RUNS = 2_000
FAR = 10.0  # standard errors; the distribution function of a larger shift has no exact value, and power is 1
MIN_THERAPISTS = 3  # with fewer, the test has no degree of freedom
EXACT = 1e-4  # sampling variance of a therapist's mean or slope, as a share of their variance: very many clients


def simulate_ceiling(study: PlannedStudy, source: StudySource, *, seed: int = 0) -> float | None:
    """Return the power of a study with these therapists and very many clients of each; None where it is 1 or untested.

    A mean or a slope of each therapist is then known exactly. Therapists still differ for reasons other than the trait,
    or in the effect of a pair feature, so only more therapists help.
    """
    spread = math.sqrt(study.therapist_share) if study.kind == "trait" else study.slope_sd
    if not spread or study.therapists < MIN_THERAPISTS:
        return None
    if study.kind == "pair":
        return compute_mean_power(study.effect / spread, study.therapists, study.alpha)
    rng = np.random.default_rng([seed, study.therapists])
    smallest = PlannedStudy(study.kind, study.effect, study.therapists, study.therapists)
    trait = source.draw(rng, smallest, CEILING_RUNS).trait.reshape(CEILING_RUNS, study.therapists)
    exact = study.effect * trait + spread * rng.normal(size=trait.shape)
    _, p = fit_trait(exact, np.full_like(trait, EXACT * spread**2), trait)
    return float((p < study.alpha).mean())


def compute_mean_power(effect: float, n: int, alpha: float) -> float:
    """Return the power of a t test of the mean of n therapists' slopes; the effect is in SD over therapists.

    >>> round(compute_mean_power(0.5, 34, 0.05), 2)
    0.81
    """
    from scipy.stats import nct, t

    critical, shift = t.ppf(1 - alpha / 2, n - 1), abs(effect) * math.sqrt(n)
    if shift > FAR + critical:
        return 1.0
    return float(nct.sf(critical, n - 1, shift) + np.nan_to_num(nct.cdf(-critical, n - 1, shift)))
