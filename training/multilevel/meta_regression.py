"""Regression over therapists of one estimate each (a mean or a slope), whose sampling variances differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.effect_test import EffectTest

MAX_STEPS = 100
TOLERANCE = 1e-6  # of the variance between therapists, as a share of their mean total variance
MIN_SHARE = 1e-9  # a moderator that varies by a smaller share, beyond the other moderators, is constant


@dataclass(frozen=True)
class MetaRegression:
    """Coefficients of a regression over therapists.

    Attributes
    ----------
    coefficients : array of shape (p,)
    covariance : array of shape (p, p)
        Of the coefficients, with Knapp and Hartung's factor.
    variance : float
        Variance between therapists beyond sampling and beyond the design, >= 0.
    weight : array of shape (m,)
        One over the total variance of each therapist's estimate.
    df : int
        Therapists minus columns of the design.
    """

    coefficients: Floats
    covariance: Floats
    variance: float
    weight: Floats
    df: int


def fit_meta_regression(estimate: Floats, sampling_variance: Floats, design: Floats) -> MetaRegression:
    r"""Fit a random-effects meta-regression over therapists.

    Parameters
    ----------
    estimate, sampling_variance : arrays of shape (m,)
        One estimate for each therapist, and its variance from the therapist's number of records; above zero.
    design : array of shape (m, p)
        Intercept and moderators, of full rank; p < m.

    Returns
    -------
    MetaRegression

    Notes
    -----
    The weight of a therapist is :math:`w = 1 / (\tau^2 + v)`. Paule and Mandel's :math:`\tau^2` makes the weighted sum
    of squared residuals :math:`\sum w e^2` equal to its degrees of freedom :math:`m - p` [1]_ [2]_; it is 0 where the
    residuals are smaller than that. Standard errors are multiplied by the root of :math:`\sum w e^2 / (m - p)`, and
    Student's t has m - p degrees of freedom [3]_.

    The choice was measured: ``docs/error-rates.md``. Equal weights keep the error rate too, but their estimates vary up
    to 1.9 times as much where caseloads differ. Weights from the sampling variance alone reject up to 10% where slopes
    differ. HC3 and CR2 standard errors rejected too seldom with 10 therapists.

    References
    ----------
    .. [1] Paule & Mandel (1982), Journal of Research of the National Bureau of Standards 87, 377-385,
       doi:10.6028/jres.087.022.
    .. [2] DerSimonian & Kacker (2007), Contemp. Clin. Trials 28, 105-114, doi:10.1016/j.cct.2006.04.004.
    .. [3] Knapp & Hartung (2003), Stat. Med. 22, 2693-2710, doi:10.1002/sim.1482.
    """
    df = len(estimate) - design.shape[1]
    variance = 0.0
    for _ in range(MAX_STEPS):
        weight = 1 / (variance + sampling_variance)
        coefficients, inverse, squares = _solve(estimate, weight, design)
        excess = float(squares.sum()) - df
        # Newton's method on a convex, falling function, from its left: it never steps beyond the root
        step = excess / max(float(weight @ squares), np.finfo(float).tiny)
        if excess <= 0 or step < TOLERANCE / float(weight.mean()):
            break
        variance += step
    factor = float(squares.sum()) / df
    return MetaRegression(coefficients, inverse * factor, variance, weight, df)


def _solve(estimate: Floats, weight: Floats, design: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the coefficients, (X'WX)^-1 and the weighted squared residuals of weighted least squares."""
    weighted = design.T * weight
    inverse: Floats = np.asarray(np.linalg.inv(weighted @ design), dtype=float)
    coefficients = inverse @ (weighted @ estimate)
    residual = estimate - design @ coefficients
    return coefficients, inverse, weight * residual**2


def assess_moderator(
    method: str, estimate: Floats, sampling_variance: Floats, moderators: Floats, *, n: int, alpha: float
) -> EffectTest:
    """Return the test of the first moderator, over therapists.

    Parameters
    ----------
    method : str
    estimate, sampling_variance : arrays of shape (m,)
        One estimate for each therapist.
    moderators : array of shape (m, k)
        The first one is tested; the others are controlled.
    n : int
        Records behind the estimates.
    alpha : float
    """
    m = len(estimate)
    problem = find_problem(sampling_variance, moderators)
    if problem:
        return EffectTest.without_result(method, problem, n=n, n_clusters=m, alpha=alpha)
    fit = fit_meta_regression(estimate, sampling_variance, build_design(moderators))
    return EffectTest.from_estimate(
        method,
        float(fit.coefficients[1]),
        float(np.sqrt(fit.covariance[1, 1])),
        float(fit.df),
        n=n,
        n_clusters=m,
        alpha=alpha,
        spread=float(np.sqrt(fit.variance)),
    )


def build_design(moderators: Floats) -> Floats:
    """Return an intercept and the centred moderators (m, k), shape (m, 1 + k)."""
    return np.column_stack([np.ones(len(moderators)), moderators - moderators.mean(axis=0)])


def find_problem(sampling_variance: Floats, moderators: Floats) -> str:
    """Return why the first moderator (m, k) cannot be tested, a key of :data:`PROBLEMS`; empty if it can."""
    m, k = moderators.shape
    if m < k + 2 or not np.isfinite(sampling_variance).all():
        return "few-therapists"
    centered = build_design(moderators)[:, 1:]
    factor = np.abs(np.linalg.qr(centered)[1].diagonal())
    has_spread = (factor > MIN_SHARE * np.abs(moderators).max(axis=0)).all()
    return "" if has_spread and (sampling_variance > 0).all() else "no-variation"
