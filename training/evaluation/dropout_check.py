"""How well held-out dropout was predicted: calibration slope, and AUC compared with the client's part alone."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from attune_fit.data.arrays import Bools, Floats
from attune_fit.models.dropout_model import DropoutCheck

Z_95 = 1.959964  # quantile of a 95% interval
MAX_STEPS, TOLERANCE = 50, 1e-9
SLOPE_SD = 0.2  # prior SD of a recalibration slope about 1, and of its shift in log-odds; assumed
MAX_SLOPE = 10.0  # of a measured slope: predictions that hardly differ allow any slope


def measure_dropout_check(y: Floats, log_odds: Floats, client_log_odds: Floats) -> DropoutCheck:
    """Measure held-out predictions of dropout.

    Parameters
    ----------
    y : array of shape (n,)
        1 for dropout, else 0; both occur.
    log_odds, client_log_odds : arrays of shape (n,)
        Predicted by the model, and by the client's part alone.
    """
    center = log_odds.mean()
    (_, slope), cov = fit_recalibration(y, log_odds - center, prior_sd=np.inf)
    half_width = Z_95 * float(np.sqrt(cov[1, 1]))
    auc, auc_cov = compute_auc(y == 1, np.stack([log_odds, client_log_odds]))
    auc_half, gain_half = Z_95 * np.sqrt([auc_cov[0, 0], max(auc_cov[0, 0] + auc_cov[1, 1] - 2 * auc_cov[0, 1], 0.0)])
    gain = auc[0] - auc[1]
    slopes = np.clip([slope, slope - half_width, slope + half_width], -MAX_SLOPE, MAX_SLOPE)
    values = [*slopes, auc[0], max(auc[0] - auc_half, 0), min(auc[0] + auc_half, 1), auc[1]]
    return DropoutCheck._make(map(float, [*values, gain, gain - gain_half, gain + gain_half]))


def estimate_recalibration(y: Floats, log_odds: Floats) -> tuple[float, float]:
    """Estimate the recalibration of predicted log-odds, shrunk toward none: its intercept, and its slope >= 0."""
    center = float(log_odds.mean())
    (shift, slope), _ = fit_recalibration(y, log_odds - center, offset=center, prior_sd=SLOPE_SD)
    slope = max(float(slope), 0.0)
    return center + float(shift) - slope * center, slope


def fit_recalibration(
    y: Floats, log_odds: Floats, offset: float = 0.0, prior_sd: float = np.inf
) -> tuple[Floats, Floats]:
    """Fit a logistic regression of dropout on predicted log-odds.

    Parameters
    ----------
    y, log_odds : arrays of shape (n,)
    offset : float
        Where the prior of the intercept is.
    prior_sd : float
        SD of normal priors of the intercept about ``offset`` and of the slope about 1; none when infinite.

    Returns
    -------
    arrays of shape (2,), (2, 2)
        Intercept minus ``offset`` and slope; and their covariance, from the curvature.
    """
    x = np.column_stack([np.ones(len(y)), log_odds])
    prior, precision = np.array([0.0, 1.0]), np.eye(2) * (prior_sd**-2.0 + 1e-9)
    beta = prior.copy()
    for _ in range(MAX_STEPS):
        p = expit(offset + x @ beta)
        gradient = x.T @ (y - p) - precision @ (beta - prior)
        step = np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]) + precision, gradient)
        beta = beta + np.clip(step, -1, 1)  # a far step can overshoot where predictions hardly differ
        if np.abs(step).max() < TOLERANCE:
            break
    p = expit(offset + x @ beta)
    return beta, np.linalg.inv(x.T @ (x * (p * (1 - p))[:, None]) + precision)


def compute_auc(is_event: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """Compute the area under the ROC curve of several scores of the same records, and their covariance.

    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44:837, 10.2307/2531595, by ranks: Sun & Xu (2014), IEEE Signal
    Process. Lett. 21:1389, 10.1109/LSP.2014.2337313.

    Parameters
    ----------
    is_event : array of bool, shape (n,)
        At least two events and two others.
    scores : array of shape (k, n)
        Higher means the event is more likely; ties count half.

    Returns
    -------
    arrays of shape (k,), (k, k)

    Examples
    --------
    >>> auc, _ = compute_auc(np.array([True, True, False, False]), np.array([[4.0, 2.0, 3.0, 1.0]]))
    >>> float(auc[0])
    0.75
    """
    events, others = scores[:, is_event], scores[:, ~is_event]
    m, n = events.shape[1], others.shape[1]
    together = rankdata(np.concatenate([events, others], axis=1), axis=1)
    above = (together[:, :m] - rankdata(events, axis=1)) / n  # share of the others below each event
    below = 1 - (together[:, m:] - rankdata(others, axis=1)) / m
    cov = np.atleast_2d(np.cov(above)) / m + np.atleast_2d(np.cov(below)) / n
    return np.asarray(above.mean(axis=1)), np.asarray(cov)
