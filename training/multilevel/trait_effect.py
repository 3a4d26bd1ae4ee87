"""Effect of a therapist's trait on the outcome: a regression over therapist means, with t on therapists."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.effect_test import SIGNIFICANCE_LEVEL, EffectTest
from attune_fit.training.multilevel.meta_regression import assess_moderator
from attune_fit.training.multilevel.therapist_groups import TherapistGroups

METHOD = "therapist means"


def estimate_trait_effect(
    y: Floats,
    therapist: Indices,
    trait: Floats,
    covariates: Floats | None = None,
    *,
    alpha: float = SIGNIFICANCE_LEVEL,
) -> EffectTest:
    """Return the effect of a therapist trait on the outcome, in units of ``y`` per unit of ``trait``.

    Parameters
    ----------
    y : array of shape (n,)
        Outcome of each record. No missing values.
    therapist : int array of shape (n,)
        Therapist of each record.
    trait : array of shape (n,)
        Value of the record's therapist; the same in all records of a therapist.
    covariates : array of shape (n, k), optional
        Covariates that are constant within every therapist are controlled over therapists, and cost one degree of
        freedom each. The others are controlled within therapists.
    alpha : float
        Significance level; the interval has level 1 - alpha.
    """
    estimate, variance, moderators = compute_mean_estimates(y, therapist, trait, covariates)
    return assess_moderator(METHOD, estimate, variance, moderators, n=len(y), alpha=alpha)


def compute_mean_estimates(
    y: Floats, therapist: Indices, trait: Floats, covariates: Floats | None
) -> tuple[Floats, Floats, Floats]:
    """Return therapist means (m,), their sampling variances (m,), and the trait with its covariates (m, 1 + k)."""
    groups = TherapistGroups.from_labels(therapist)
    between, within = groups.split_covariates(covariates)
    y = remove_covariates(groups, y, within)
    df = len(y) - groups.count - within.shape[1]
    residual = groups.center(y)
    variance = float(residual @ residual) / df if df > 0 else np.nan
    moderators = groups.compute_means(np.column_stack([trait, between]))
    return groups.compute_means(y), variance / groups.sizes, moderators


def remove_covariates(groups: TherapistGroups, y: Floats, covariates: Floats) -> Floats:
    """Return the outcome minus the part that covariates (n, k) explain within therapists, shape (n,)."""
    if not covariates.shape[1]:
        return y
    coefficients = np.linalg.lstsq(groups.center(covariates), groups.center(y), rcond=None)[0]
    return np.asarray(y - (covariates - covariates.mean(axis=0)) @ coefficients)
