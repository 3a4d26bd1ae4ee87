"""How much of the variance is the therapist's and how much nobody explains."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from attune_fit.data.arrays import Floats
from attune_fit.models.sufficient_statistics import SufficientStatistics

NOISE_PRIOR_RECORDS = 20.0  # the published noise counts as this many records
SHARE_PRIOR_RECORDS = 20.0  # the therapists' share has the density of this many: 95% between 0 and .17, as published


def estimate_variance_components(
    sums: SufficientStatistics, mean: Floats, cov: Floats, sigma2: float, tau2: float
) -> tuple[float, float]:
    r"""Most probable noise and therapist variance, given the outcomes and the published figures.

    Maximises the marginal likelihood times two weak priors, each with its mode at the published value: an inverse
    gamma on :math:`\sigma^2` and a beta on the therapists' share :math:`\rho = \tau^2 / (\tau^2 + \sigma^2)`, taken on
    the scale of its logit so that the mode does not fall to zero with few therapists.

    Parameters
    ----------
    sums : Sums
        The outcomes.
    mean, cov : arrays of shape (q,), (q, q)
        Prior of the weights.
    sigma2, tau2 : float
        Published variances, POMP².

    Returns
    -------
    sigma2, tau2 : float
        The published ones without records.
    """
    if not sums.n_records:
        return sigma2, tau2
    published = tau2 / (tau2 + sigma2)
    task = sums.combine_with_prior(mean, cov)

    def surprise(point: Floats) -> float:
        noise, share = float(np.exp(point[0])), float(expit(point[1]))
        seen = task.solve(noise, noise * share / (1 - share)).log_marginal
        believed = -NOISE_PRIOR_RECORDS / 2 * (point[0] + sigma2 / noise)
        believed += SHARE_PRIOR_RECORDS * (published * np.log(share) + (1 - published) * np.log1p(-share))
        return -float(seen + believed)

    start = np.array([np.log(sigma2), logit(published)])
    found = minimize(surprise, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-4})
    noise, share = float(np.exp(found.x[0])), float(expit(found.x[1]))
    return noise, noise * share / (1 - share)
