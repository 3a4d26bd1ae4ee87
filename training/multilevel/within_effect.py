"""Effect of a pair feature that varies within therapists: a regression within therapists, with t on therapists."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.effect_test import SIGNIFICANCE_LEVEL, EffectTest
from attune_fit.training.multilevel.therapist_groups import TherapistGroups

METHOD = "within therapists"
MIN_SHARE = 1e-9  # a term that varies less within therapists, as a share of its sum of squares, is constant there


def estimate_within_effect(
    y: Floats,
    therapist: Indices,
    client: Indices,
    value: Floats,
    covariates: Floats | None = None,
    *,
    alpha: float = SIGNIFICANCE_LEVEL,
) -> EffectTest:
    """Return the effect of a pair feature within therapists, in units of ``y`` per unit of ``value``.

    Parameters
    ----------
    y, value : arrays of shape (n,)
        Outcome and pair feature of each record. No missing values.
    therapist, client : int arrays of shape (n,)
        Therapist and client of each record.
    covariates : array of shape (n, k), optional
        Controlled within therapists; those that are constant within every therapist change nothing.
    alpha : float
        Significance level; the interval has level 1 - alpha.
    """
    groups = TherapistGroups.from_labels(therapist)
    n, m = len(y), groups.count
    if m < 3:
        return EffectTest.without_result(METHOD, "few-therapists", n=n, n_clusters=m, alpha=alpha)
    _, within = groups.split_covariates(covariates)
    columns = groups.center(np.column_stack([y, value, within]))
    outcome, term = columns[:, 0], columns[:, 1]
    if within.shape[1]:
        coefficients = np.linalg.lstsq(columns[:, 2:], columns[:, :2], rcond=None)[0]
        outcome, term = (columns[:, :2] - columns[:, 2:] @ coefficients).T
    squares = groups.sum_values(term**2)
    total = float(squares.sum())
    if total <= MIN_SHARE * float(value @ value):
        return EffectTest.without_result(METHOD, "no-variation", n=n, n_clusters=m, alpha=alpha)
    estimate = float(term @ outcome) / total
    share = squares / total
    score = groups.sum_values(term * (outcome - estimate * term))
    variance = float((score**2 / np.maximum(1 - share, MIN_SHARE)).sum()) / total**2
    return EffectTest.from_estimate(
        METHOD, estimate, float(np.sqrt(variance)), compute_satterthwaite_freedom(share), n=n, n_clusters=m, alpha=alpha
    )


def compute_satterthwaite_freedom(share: Floats) -> float:
    """Return Bell and McCaffrey's degrees of freedom from each cluster's share of the term's sum of squares (m,)."""
    weight = 1 / np.maximum(1 - share, MIN_SHARE)
    covariance = np.diag(share) - np.outer(share, share)
    product = weight[:, None] * covariance
    return float(np.trace(product) ** 2 / (product * product.T).sum())
