"""Variance components: residual variance and variance of therapist effects (empirical Bayes)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, logit

from attune_fit.data.arrays import Floats
from attune_fit.models.sufficient_statistics import SufficientStatistics

NOISE_PRIOR_RECORDS = 20.0  # the published residual variance counts as this many records
SHARE_PRIOR_RECORDS = 20.0  # so many for the therapists' share: 95% between 0 and .17, as published


def estimate_variance_components(
    sums: SufficientStatistics,
    mean: Floats,
    cov: Floats,
    sigma2: float,
    tau2: float,
    start: tuple[float, float] | None = None,
) -> tuple[float, float]:
    r"""Estimate residual and therapist variance, POMP², as posterior modes under published priors.

    Maximises the marginal likelihood times two weak priors, each with its mode at the published value: an inverse
    gamma on :math:`\sigma^2` and a beta on the therapists' share :math:`\rho = \tau^2 / (\tau^2 + \sigma^2)`.
    The share is on the logit scale, so that its mode is not zero when there are few therapists.

    Parameters
    ----------
    sums : SufficientStatistics
        The outcomes.
    mean, cov : arrays of shape (q,), (q, q)
        Prior of the weights.
    sigma2, tau2 : float
        Published variances, POMP².
    start : tuple of float, optional
        Where the search begins; the published variances when None.

    Returns
    -------
    sigma2, tau2 : float
        Without records: the published variances.
    """
    if not sums.n_records:
        return sigma2, tau2
    published_share = tau2 / (tau2 + sigma2)
    solver = sums.combine_with_prior(mean, cov)

    def compute_loss(point: Floats) -> float:
        """Minus the log posterior at (log residual variance, logit of the therapists' share)."""
        noise, share = float(np.exp(point[0])), float(expit(point[1]))
        log_likelihood = solver.compute_log_marginal(noise, noise * share / (1 - share))
        log_prior = -NOISE_PRIOR_RECORDS / 2 * (point[0] + sigma2 / noise)
        log_prior += SHARE_PRIOR_RECORDS * (published_share * np.log(share) + (1 - published_share) * np.log1p(-share))
        return -float(log_likelihood + log_prior)

    first_sigma2, first_tau2 = start or (sigma2, tau2)
    point: Floats = np.array([np.log(first_sigma2), logit(first_tau2 / (first_tau2 + first_sigma2))])
    options: Any = {"xatol": 1e-4, "fatol": 1e-4}
    if start is not None:  # the answer is near: a small simplex needs few steps
        options["initial_simplex"] = point + np.array([[0.0, 0.0], [0.02, 0.0], [0.0, 0.1]])
    from scipy.optimize import minimize  # heavy, and no ranking needs it

    optimum = minimize(compute_loss, point, method="Nelder-Mead", options=options)
    noise, share = float(np.exp(optimum.x[0])), float(expit(optimum.x[1]))
    return noise, noise * share / (1 - share)
