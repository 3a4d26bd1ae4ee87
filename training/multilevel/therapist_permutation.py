"""Permutation tests with the therapist as the unit."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.meta_regression import build_design, find_problem, fit_meta_regression
from attune_fit.training.multilevel.slope_interaction import compute_slope_estimates
from attune_fit.training.multilevel.therapist_groups import TherapistGroups
from attune_fit.training.multilevel.trait_effect import compute_mean_estimates
from attune_fit.training.multilevel.within_effect import compute_within_parts

N_PERMUTATIONS = 1_000
TIE_TOLERANCE = 1e-9  # statistics that differ by a smaller share are ties


def permute_therapists(
    y: Floats,
    therapist: Indices,
    trait: Floats,
    covariates: Floats | None = None,
    *,
    client_variable: Floats | None = None,
    draws: int = N_PERMUTATIONS,
    seed: int = 0,
) -> float:
    """Return the two-sided p value when the therapists' traits are permuted.

    Parameters
    ----------
    y, therapist, trait, covariates
        As in :func:`estimate_trait_effect` and :func:`estimate_slope_interaction`.
    client_variable : array of shape (n,), optional
        With it, the interaction is tested; without it, the trait's effect on therapist means.
    draws : int
    seed : int

    Returns
    -------
    float
        In (0, 1]: (hits + 1) / (draws + 1). NaN where there is nothing to permute.

    Notes
    -----
    Therapists keep their mean or slope and its weight; only the traits change places. With covariates that are constant
    within therapists, the part of the trait that they do not explain is permuted [1]_. The test assumes that the trait
    has nothing to do with the size of the caseload.

    References
    ----------
    .. [1] Winkler, Ridgway, Webster, Smith & Nichols (2014), NeuroImage 92, 381-397,
       doi:10.1016/j.neuroimage.2014.01.060, the method of Smith.
    """
    if client_variable is None:
        estimate, variance, moderators = compute_mean_estimates(y, therapist, trait, covariates)
    else:
        estimate, variance, moderators, _ = compute_slope_estimates(y, therapist, client_variable, trait, covariates)
    if find_problem(variance, moderators):
        return float("nan")
    controls = build_design(moderators[:, 1:])
    traits = moderators[:, 0] - controls @ np.linalg.lstsq(controls, moderators[:, 0], rcond=None)[0]
    weight = np.sqrt(fit_meta_regression(estimate, variance, controls).weight)
    permuted = np.random.default_rng(seed).permuted(np.tile(traits, (draws, 1)), axis=1)
    candidates = np.vstack([traits, permuted]) * weight
    basis = np.linalg.qr(controls * weight[:, None])[0]
    candidates -= (candidates @ basis) @ basis.T
    rest = estimate * weight
    rest = rest - basis @ (basis.T @ rest)
    # the t statistic grows with the squared correlation, whatever the permutation
    return _compute_p((candidates @ rest) ** 2 / (candidates**2).sum(axis=1))


def permute_signs(
    y: Floats,
    therapist: Indices,
    value: Floats,
    covariates: Floats | None = None,
    *,
    draws: int = N_PERMUTATIONS,
    seed: int = 0,
) -> float:
    """Return the two-sided p value of a pair feature when the signs of therapists' slopes are changed at random.

    Without an effect, a therapist's slope on the pair feature is above zero as often as below, whatever its size: so
    therapists can have different slopes and caseloads.

    Parameters
    ----------
    y, therapist, value, covariates
        As in :func:`estimate_within_effect`.
    draws : int
    seed : int

    Returns
    -------
    float
        In (0, 1]: (hits + 1) / (draws + 1). Never below 2 / 2^m with m therapists. NaN where the feature does not vary.

    References
    ----------
    .. [1] Canay, Romano & Shaikh (2017), Econometrica 85, 1013-1030, doi:10.3982/ECTA13081.
    """
    groups = TherapistGroups.from_labels(therapist)
    parts = compute_within_parts(groups, y, value, covariates)
    if parts is None:
        return float("nan")
    score = groups.sum_values(parts.term * parts.outcome)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, groups.count))
    return _compute_p(np.abs(np.concatenate([[score.sum()], signs @ score])))


def _compute_p(statistics: Floats) -> float:
    """Return the share of statistics at least as large as the first one, itself included."""
    return float((statistics >= statistics[0] * (1 - TIE_TOLERANCE)).mean())
