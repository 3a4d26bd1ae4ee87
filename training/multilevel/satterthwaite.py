"""Satterthwaite's degrees of freedom of a fixed effect in a mixed model, as R's lmerTest computes them."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.profiled_deviance import ProfiledDeviance

STEP = 1e-3  # of the relative and residual standard deviations, in differences
MIN_EIGENVALUE = 1e-8  # of the Hessian: in a direction flatter than this the variances are not determined


def compute_satterthwaite_df(
    criterion: ProfiledDeviance, theta: Floats, residual_variance: float, contrast: Floats
) -> float:
    r"""Return the degrees of freedom of t for a contrast of the fixed effects, at least 1.

    Parameters
    ----------
    criterion : ProfiledDeviance
        Of the fitted records.
    theta, residual_variance : array, float
        Estimates.
    contrast : array of shape (p,)
        Weights of the coefficients.

    Notes
    -----
    :math:`2 v^2 / g' A g` with :math:`v` the variance of the contrast, :math:`g` its gradient by theta and the
    residual standard deviation, and :math:`A` the asymptotic covariance of both [1]_.

    References
    ----------
    .. [1] Kuznetsova, Brockhoff & Christensen (2017), J. Stat. Softw. 82(13), doi:10.18637/jss.v082.i13.
    """
    at = np.append(theta, np.sqrt(residual_variance))
    steps = STEP * np.maximum(at, 0.1)

    def deviance(values: Floats) -> float:
        return criterion.compute_unprofiled(values[:-1], float(values[-1]))

    def variance(values: Floats) -> float:
        return float(values[-1] ** 2 * contrast @ criterion.solve(values[:-1]).unscaled_covariance @ contrast)

    moves = np.diag(steps)
    gradient = np.array([variance(at + move) - variance(at - move) for move in moves]) / (2 * steps)
    hessian = np.array(
        [
            [deviance(at + a + b) - deviance(at + a - b) - deviance(at - a + b) + deviance(at - a - b) for b in moves]
            for a in moves
        ]
    ) / (4 * np.outer(steps, steps))
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    is_determined = values > MIN_EIGENVALUE
    along = vectors[:, is_determined].T @ gradient
    spread = 2 * float(np.sum(along**2 / values[is_determined]))
    return max(2 * variance(at) ** 2 / max(spread, np.finfo(float).tiny), 1.0)
