"""Regression over therapists of one estimate each (a mean or a slope), whose sampling variances differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.effect_test import EffectTest

MAX_STEPS = 100
TOLERANCE = 1e-8  # of the variance between therapists, as a share of the largest sampling variance


@dataclass(frozen=True)
class MetaRegression:
    """Coefficients of a regression over therapists; arrays with leading dimensions ``...`` are one fit each.

    Attributes
    ----------
    coefficients : array of shape (..., p)
    covariance : array of shape (..., p, p)
        Of the coefficients, with Knapp and Hartung's factor.
    variance : array of shape (...)
        Variance between therapists beyond sampling and beyond the design, >= 0.
    df : int
        Therapists minus columns of the design.
    """

    coefficients: Floats
    covariance: Floats
    variance: Floats
    df: int


def fit_meta_regression(estimate: Floats, sampling_variance: Floats, design: Floats) -> MetaRegression:
    """Fit a random-effects meta-regression over therapists, with Knapp and Hartung's standard errors."""
    variance = np.zeros(estimate.shape[:-1])
    floor = TOLERANCE * sampling_variance.max(axis=-1)
    for _ in range(MAX_STEPS):
        weight = 1 / (variance[..., None] + sampling_variance)
        step = _compute_reml_step(estimate, weight, design)
        proposal = np.maximum(variance + step, 0.0)
        change = np.abs(proposal - variance)
        variance = proposal
        if (change <= floor).all():
            break
    weight = 1 / (variance[..., None] + sampling_variance)
    coefficients, inverse, residual = _solve(estimate, weight, design)
    df = estimate.shape[-1] - design.shape[-1]
    factor = (weight * residual**2).sum(axis=-1) / df
    return MetaRegression(coefficients, inverse * factor[..., None, None], variance, df)


def _solve(estimate: Floats, weight: Floats, design: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the coefficients, (X'WX)^-1 and the residuals of weighted least squares."""
    weighted = np.swapaxes(design * weight[..., None], -1, -2)
    inverse = np.linalg.pinv(weighted @ design)
    coefficients = (inverse @ (weighted @ estimate[..., None]))[..., 0]
    residual = estimate - (design @ coefficients[..., None])[..., 0]
    return coefficients, inverse, residual


def _compute_reml_step(estimate: Floats, weight: Floats, design: Floats) -> Floats:
    """Return the step of Fisher scoring for the variance between therapists, shape (...)."""
    _, inverse, residual = _solve(estimate, weight, design)
    moments = [np.swapaxes(design * (weight**power)[..., None], -1, -2) @ design for power in (2, 3)]
    second, third = inverse @ moments[0], inverse @ moments[1]
    trace = weight.sum(axis=-1) - np.trace(second, axis1=-2, axis2=-1)
    information = (
        (weight**2).sum(axis=-1)
        - 2 * np.trace(third, axis1=-2, axis2=-1)
        + np.trace(second @ second, axis1=-2, axis2=-1)
    )
    return np.asarray((((weight * residual) ** 2).sum(axis=-1) - trace) / information)


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
    design = np.column_stack([np.ones(m), moderators])
    if m <= design.shape[1] or not np.isfinite(sampling_variance).all():
        return EffectTest.without_result(method, "few-therapists", n=n, n_clusters=m, alpha=alpha)
    if np.linalg.matrix_rank(design) < design.shape[1] or not (sampling_variance > 0).all():
        return EffectTest.without_result(method, "no-variation", n=n, n_clusters=m, alpha=alpha)
    fit = fit_meta_regression(estimate, sampling_variance, design)
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
