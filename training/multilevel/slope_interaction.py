"""Interaction of a client variable and a therapist trait: the slope within each therapist, then the trait on slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.training.multilevel.effect_test import SIGNIFICANCE_LEVEL, EffectTest
from attune_fit.training.multilevel.meta_regression import assess_moderator
from attune_fit.training.multilevel.therapist_groups import TherapistGroups

METHOD = "slope per therapist"
MIN_SHARE = 1e-9  # a therapist whose clients vary by a smaller share of the most varied caseload has no slope


def estimate_slope_interaction(
    y: Floats,
    therapist: Indices,
    client_variable: Floats,
    trait: Floats,
    covariates: Floats | None = None,
    *,
    alpha: float = SIGNIFICANCE_LEVEL,
) -> EffectTest:
    """Return the interaction, in units of ``y`` per unit of ``client_variable`` and unit of ``trait``.

    Parameters
    ----------
    y, client_variable : arrays of shape (n,)
        Outcome and client variable of each record. No missing values.
    therapist : int array of shape (n,)
        Therapist of each record.
    trait : array of shape (n,)
        Value of the record's therapist; the same in all records of a therapist.
    covariates : array of shape (n, k), optional
        Covariates that are constant within every therapist are controlled on the slopes (covariate x client variable),
        and cost one degree of freedom each. The others are controlled within therapists.
    alpha : float
        Significance level; the interval has level 1 - alpha.
    """
    groups = TherapistGroups.from_labels(therapist)
    between, within = groups.split_covariates(covariates)
    slopes = compute_therapist_slopes(groups, y, client_variable, within)
    moderators = groups.compute_means(np.column_stack([trait, between]))
    return assess_moderator(
        METHOD,
        slopes.slope[slopes.is_known],
        slopes.sampling_variance[slopes.is_known],
        moderators[slopes.is_known],
        n=int(slopes.is_known[groups.code].sum()),
        alpha=alpha,
    )


@dataclass(frozen=True)
class TherapistSlopes:
    """Slope of the outcome on the client variable within each therapist.

    Attributes
    ----------
    slope : array of shape (m,)
        Units of the outcome per unit of the client variable; NaN where all clients of a therapist have one value.
    sampling_variance : array of shape (m,)
        Variance of the outcome within therapists, divided by the client variable's sum of squares; NaN likewise.
    """

    slope: Floats
    sampling_variance: Floats

    @property
    def is_known(self) -> Bools:
        """Whether each therapist has a slope, shape (m,)."""
        return np.isfinite(self.slope)


def compute_therapist_slopes(
    groups: TherapistGroups, y: Floats, client_variable: Floats, covariates: Floats
) -> TherapistSlopes:
    """Return the slope within each therapist; covariates (n, k) are controlled within therapists, with one slope."""
    centered = groups.center(client_variable)
    squares = groups.sum_values(centered**2)
    is_known = squares > MIN_SHARE * float(squares.max(initial=0.0))
    squares = np.where(is_known, squares, np.inf)
    columns = groups.center(np.column_stack([y, covariates]))
    slopes = (groups.sum_values(centered[:, None] * columns).T / squares).T
    residual = columns - slopes[groups.code] * centered[:, None]
    slope, rest = slopes[:, 0], residual[:, 0]
    if covariates.shape[1]:
        coefficients = np.linalg.lstsq(residual[:, 1:], rest, rcond=None)[0]
        slope, rest = slope - slopes[:, 1:] @ coefficients, rest - residual[:, 1:] @ coefficients
    df = len(y) - groups.count - int(is_known.sum()) - covariates.shape[1]
    variance = float(rest @ rest) / df if df > 0 else np.nan
    return TherapistSlopes(np.where(is_known, slope, np.nan), np.where(is_known, variance / squares, np.nan))
