"""Relevance of each feature family at this clinic, relative to its prior (empirical Bayes)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.models.sufficient_statistics import SufficientStatistics

LOG_RELEVANCE_SD = 0.4  # SD of the log of a family's relevance: 95% between half and twice the prior
MAX_LOG_RELEVANCE = 3.0  # bound of the absolute log relevance


def estimate_relevance(
    sums: SufficientStatistics, mean: Floats, cov: Floats, families: Sequence[str], sigma2: float, tau2: float
) -> dict[str, float]:
    r"""Estimate the relevance of each family: the posterior mode, a factor > 0.

    Which features matter differs from clinic to clinic, and it differs by family: where one wish matters
    much, the others do too. The prior of a family's weights, mean and SD, is multiplied by
    :math:`s_f = e^{z_f}`, :math:`z_f \sim N(0, 0.4^2)`. The factors maximise the marginal likelihood of the outcomes
    times that prior (type II maximum likelihood; MacKay 1992, Neural Computation 4:415, 10.1162/neco.1992.4.3.415).

    Parameters
    ----------
    sums : SufficientStatistics
        Of the outcomes.
    mean, cov : arrays of shape (q,), (q, q)
        Prior of intercept and weights; the intercept has no family.
    families : sequence of str, length q - 1
        Family of each weight; empty where a weight has none and keeps its prior.
    sigma2, tau2 : float
        Variances, POMP².

    Returns
    -------
    dict of str to float
        Relevance by family, > 0; without records, 1 for every family.
    """
    names = [name for name in dict.fromkeys(families) if name]
    if not names or not sums.n_records:
        return dict.fromkeys(names, 1.0)
    is_member = np.array([[family == name for family in families] for name in names], dtype=float)
    prior_precision = np.asarray(np.linalg.inv(cov), dtype=float)
    log_determinant = float(np.linalg.slogdet(cov)[1])

    def compute_loss(z: Floats) -> tuple[float, Floats]:
        """Return minus the log posterior of ``z``, and its gradient.

        By Fisher's identity, the gradient of a log marginal is the posterior mean of the gradient of the log prior: for
        :math:`v = w / s` that is :math:`E[v_i (C^{-1}(v - m))_i] - 1`, summed over the weights of a family.
        """
        scale = np.concatenate([[1.0], np.exp(z @ is_member)])
        squares = np.outer(scale, scale)
        solver = sums.combine_with_precision(
            mean * scale, prior_precision / squares, log_determinant + 2 * float(np.log(scale).sum())
        )
        posterior = solver.solve(sigma2, tau2)
        v, v_cov = posterior.mean / scale, posterior.cov / squares
        slope = v * (prior_precision @ (v - mean)) + np.einsum("ij,ji->i", prior_precision, v_cov) - 1
        loss = float(z @ z) / (2 * LOG_RELEVANCE_SD**2) - posterior.log_marginal
        return loss, z / LOG_RELEVANCE_SD**2 - is_member @ slope[1:]

    from scipy.optimize import minimize  # heavy, and no ranking needs it

    optimum = minimize(
        compute_loss,
        np.zeros(len(names)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-MAX_LOG_RELEVANCE, MAX_LOG_RELEVANCE)] * len(names),
    )
    return dict(zip(names, (float(relevance) for relevance in np.exp(optimum.x)), strict=True))


def apply_relevance(
    mean: Floats, cov: Floats, families: Sequence[str], relevance: dict[str, float]
) -> tuple[Floats, Floats]:
    """Return mean and covariance with each family's weights multiplied by its relevance; the intercept stays."""
    scale = np.array([1.0, *(relevance.get(family, 1.0) for family in families)])
    return mean * scale, cov * np.outer(scale, scale)
