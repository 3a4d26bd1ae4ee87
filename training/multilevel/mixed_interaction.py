"""Interaction of a client variable and a therapist trait in a mixed model with a random slope."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.effect_test import SIGNIFICANCE_LEVEL, EffectTest
from attune_fit.training.multilevel.random_term import RandomTerm
from attune_fit.training.multilevel.restricted_likelihood import fit_reml
from attune_fit.training.multilevel.therapist_groups import TherapistGroups

METHOD = "mixed model"
MIN_SHARE = 1e-6  # a column with a smaller share beyond the columns before it depends on them


def estimate_mixed_interaction(
    y: Floats,
    therapist: Indices,
    client_variable: Floats,
    trait: Floats,
    covariates: Floats | None = None,
    *,
    alpha: float = SIGNIFICANCE_LEVEL,
) -> EffectTest:
    """Return the interaction of a mixed model with a random slope, with Satterthwaite's degrees of freedom.

    The arguments and the unit are those of :func:`estimate_slope_interaction`, which is the default test; this one is
    for comparison, and takes about a hundred times as long.

    Notes
    -----
    The client variable is centred within therapists [1]_, so that differences between caseloads do not enter the
    interaction. In lme4: ``y ~ trait * client + covariates + (1 + client | therapist)``, and covariates that are
    constant within therapists multiply the client variable too. Degrees of freedom are those of lmerTest [2]_.

    References
    ----------
    .. [1] Enders & Tofighi (2007), Psychol. Methods 12, 121-138, doi:10.1037/1082-989X.12.2.121.
    .. [2] Kuznetsova, Brockhoff & Christensen (2017), J. Stat. Softw. 82(13), doi:10.18637/jss.v082.i13.
    """
    groups = TherapistGroups.from_labels(therapist)
    n, m = len(y), groups.count
    slope = groups.center(client_variable)
    between, within = groups.split_covariates(covariates)
    controls = np.column_stack([trait, slope, between, between * slope[:, None], within])
    design = _drop_dependent(np.column_stack([np.ones(n), controls - controls.mean(axis=0), slope * trait]))
    if design is None:
        return EffectTest.without_result(METHOD, "no-variation", n=n, n_clusters=m, alpha=alpha)
    if m < 3 or n <= design.shape[1] + m:
        return EffectTest.without_result(METHOD, "few-therapists", n=n, n_clusters=m, alpha=alpha)
    if not groups.has_spread_within(y):
        return EffectTest.without_result(METHOD, "no-variation", n=n, n_clusters=m, alpha=alpha)
    fit = fit_reml(y, design, [RandomTerm.slope(groups.code, slope)])
    if not fit.converged:
        return EffectTest.without_result(METHOD, "not-converged", n=n, n_clusters=m, alpha=alpha)
    contrast = np.zeros(design.shape[1])
    contrast[-1] = 1.0
    return EffectTest.from_estimate(
        METHOD,
        float(fit.coefficients[-1]),
        float(fit.standard_errors[-1]),
        fit.satterthwaite_df(contrast),
        n=n,
        n_clusters=m,
        alpha=alpha,
        spread=float(np.sqrt(fit.term_covariances[0][1, 1])),
    )


def _drop_dependent(columns: Floats) -> Floats | None:
    """Return the columns (n, p) that do not depend on earlier ones; None if the last one does."""
    length = np.sqrt((columns**2).sum(axis=0))
    beyond = np.zeros(len(length))  # of more columns than records, the last ones depend on the others
    diagonal = np.linalg.qr(columns / np.where(length > 0, length, 1.0))[1].diagonal()
    beyond[: len(diagonal)] = np.abs(diagonal)
    is_free = (beyond > MIN_SHARE) & (length > 0)
    return columns[:, is_free] if is_free[-1] else None
