"""How much each family of features matters at this clinic, compared with what was believed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from attune_fit.data.arrays import Floats
from attune_fit.models.sufficient_statistics import SufficientStatistics

LOG_RELEVANCE_SD = 0.4  # SD of the logarithm of a family's relevance: 95% between half and twice what was believed
MAX_LOG_RELEVANCE = 3.0  # bound of that logarithm, either way


def estimate_relevance(
    sums: SufficientStatistics, mean: Floats, cov: Floats, families: Sequence[str], sigma2: float, tau2: float
) -> dict[str, float]:
    r"""Most probable relevance of each family, given the outcomes.

    What carries fit differs from clinic to clinic, and it does so by family: where one wish counts for much, so do the
    others. What is believed of a family's weights, means and uncertainty, is multiplied with one number
    :math:`s_f = e^{z_f}`, :math:`z_f \sim N(0, 0.4^2)`, chosen to maximise the marginal likelihood of the outcomes
    times that prior (type II maximum likelihood; MacKay 1992, Neural Computation 4:415, 10.1162/neco.1992.4.3.415).

    Parameters
    ----------
    sums : Sums
        The outcomes.
    mean, cov : arrays of shape (q,), (q, q)
        Prior of intercept and weights; the intercept has no family.
    families : sequence of str, length q - 1
        Of each weight; empty where it has none and stays as it is.
    sigma2, tau2 : float
        Variances, POMP².

    Returns
    -------
    dict of str to float
        By family, > 0; 1 everywhere without records.
    """
    names = [name for name in dict.fromkeys(families) if name]
    if not names or not sums.n_records:
        return dict.fromkeys(names, 1.0)
    member = np.array([[family == name for family in families] for name in names], dtype=float)
    believed = np.asarray(np.linalg.inv(cov), dtype=float)

    def surprise(z: Floats) -> tuple[float, Floats]:
        """Minus the log posterior of ``z``, and its gradient.

        By Fisher's identity the gradient of a log marginal is the posterior mean of the gradient of the log prior: for
        :math:`v = w / s` that is :math:`E[v_i (C^{-1}(v - m))_i] - 1`, summed over the weights of a family.
        """
        scale = np.concatenate([[1.0], np.exp(z @ member)])
        found = sums.combine_with_prior(mean * scale, cov * np.outer(scale, scale)).solve(sigma2, tau2)
        unscaled, spread = found.mean / scale, found.cov / np.outer(scale, scale)
        rises = unscaled * (believed @ (unscaled - mean)) + np.einsum("ij,ji->i", believed, spread) - 1
        return float(z @ z) / (2 * LOG_RELEVANCE_SD**2) - found.log_marginal, z / LOG_RELEVANCE_SD**2 - member @ rises[
            1:
        ]

    found = minimize(
        surprise,
        np.zeros(len(names)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-MAX_LOG_RELEVANCE, MAX_LOG_RELEVANCE)] * len(names),
    )
    return dict(zip(names, (float(one) for one in np.exp(found.x)), strict=True))


def apply_relevance(
    mean: Floats, cov: Floats, families: Sequence[str], factor: dict[str, float]
) -> tuple[Floats, Floats]:
    """The prior with each family's weights multiplied by its relevance; the intercept stays."""
    scale = np.array([1.0, *(factor.get(family, 1.0) for family in families)])
    return mean * scale, cov * np.outer(scale, scale)
