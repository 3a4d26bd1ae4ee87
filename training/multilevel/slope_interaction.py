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
    estimate, variance, moderators, n = compute_slope_estimates(y, therapist, client_variable, trait, covariates)
    return assess_moderator(METHOD, estimate, variance, moderators, n=n, alpha=alpha)


def compute_slope_estimates(
    y: Floats, therapist: Indices, client_variable: Floats, trait: Floats, covariates: Floats | None
) -> tuple[Floats, Floats, Floats, int]:
    """Return slopes (m,), their sampling variances (m,), the trait with its covariates (m, 1 + k), and the records."""
    groups = TherapistGroups.from_labels(therapist)
    between, within = groups.split_covariates(covariates)
    y = y if groups.has_spread_within(y) else np.zeros(len(y))  # rounding is no slope
    slopes = compute_therapist_slopes(groups, y, client_variable, within)
    moderators = groups.compute_means(np.column_stack([trait, between]))
    is_known = slopes.is_known
    n = int(groups.sizes[is_known].sum())
    return slopes.slope[is_known], slopes.sampling_variance[is_known], moderators[is_known], n


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
    """Return the slope within each therapist.

    Parameters
    ----------
    groups : TherapistGroups
    y, client_variable : arrays of shape (n,)
    covariates : array of shape (n, k)
        Each varies within therapists and is controlled with one coefficient for all. Covariates that are multiples of
        each other within every therapist, such as a variable and its product with a trait, are one variable with a
        coefficient of each therapist's own: only so their error does not enter the trait's effect on the slopes.
    """
    own, common = split_own_covariates(groups, covariates)
    columns = groups.center(np.column_stack([client_variable, y, common]))
    lost = groups.count + common.shape[1]
    for column in groups.center(own).T:
        columns, n_known = _remove_slopes(groups, columns, column)
        lost += n_known
    centered = columns[:, 0]
    squares = groups.sum_values(centered**2)
    is_known = squares > MIN_SHARE * float(groups.sum_values(groups.center(client_variable) ** 2).max(initial=0.0))
    squares = np.where(is_known, squares, np.inf)
    slopes = (groups.sum_values(centered[:, None] * columns[:, 1:]).T / squares).T
    residual = columns[:, 1:] - slopes[groups.code] * centered[:, None]
    slope, rest = slopes[:, 0], residual[:, 0]
    if common.shape[1]:
        coefficients = np.linalg.lstsq(residual[:, 1:], rest, rcond=None)[0]
        slope, rest = slope - slopes[:, 1:] @ coefficients, rest - residual[:, 1:] @ coefficients
    df = len(y) - lost - int(is_known.sum())
    variance = float(rest @ rest) / df if df > 0 else np.nan
    return TherapistSlopes(np.where(is_known, slope, np.nan), np.where(is_known, variance / squares, np.nan))


def split_own_covariates(groups: TherapistGroups, covariates: Floats) -> tuple[Floats, Floats]:
    """Return one of each set of covariates (n, k) that are multiples within every therapist, and the other covariates.

    Both have n rows. Of a set, the covariate with the most therapists in whom it varies represents the others.
    """
    k = covariates.shape[1]
    if k < 2:
        return covariates[:, :0], covariates
    centered = groups.center(covariates)
    squares = groups.sum_values(centered**2)
    varies = squares > MIN_SHARE * squares.max(axis=0)
    own: list[int] = []
    merged: set[int] = set()
    for first in np.argsort(-varies.sum(axis=0), kind="stable"):
        others = [column for column in range(k) if column != first and column not in merged]
        multiples = [column for column in others if _is_multiple(groups, centered, squares, int(first), column)]
        if int(first) not in merged and multiples:
            own.append(int(first))
            merged.update([int(first), *multiples])
    return covariates[:, own], covariates[:, [column for column in range(k) if column not in merged]]


def _is_multiple(groups: TherapistGroups, centered: Floats, squares: Floats, first: int, other: int) -> bool:
    """Return whether one covariate is a multiple of the first within every therapist, with differing factors."""
    product = groups.sum_values(centered[:, first] * centered[:, other])
    missing = squares[:, first] * squares[:, other] - product**2
    return bool((missing <= MIN_SHARE * np.maximum(squares[:, first] * squares[:, other], MIN_SHARE)).all())


def _remove_slopes(groups: TherapistGroups, columns: Floats, own: Floats) -> tuple[Floats, int]:
    """Return centred columns (n, c) minus their slope on one column in each therapist, and the number of slopes."""
    squares = groups.sum_values(own**2)
    is_known = squares > MIN_SHARE * float(squares.max(initial=0.0))
    slopes = (groups.sum_values(own[:, None] * columns).T / np.where(is_known, squares, np.inf)).T
    return np.asarray(columns - slopes[groups.code] * own[:, None]), int(is_known.sum())
