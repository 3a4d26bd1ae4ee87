"""Linear mixed models by restricted maximum likelihood: variances of random effects, as R's lme4 estimates them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.deviance_search import find_smallest_deviance, set_one_thread
from attune_fit.training.multilevel.profiled_deviance import ProfiledDeviance
from attune_fit.training.multilevel.random_term import RandomTerm
from attune_fit.training.multilevel.satterthwaite import compute_satterthwaite_df

ZERO_THETA = 5e-3  # a smaller relative standard deviation is tried at exactly 0
DEVIANCE_TOLERANCE = 1e-7  # two deviances that differ by less are equal
STARTS = (1.0, 0.2)  # relative standard deviations of the random effects from which the search begins
MAX_GRADIENT = 1e-2  # of the deviance by theta, off the boundary: a steeper end has not converged


@dataclass(frozen=True)
class MixedFit:
    """A fitted linear mixed model.

    Attributes
    ----------
    coefficients : array of shape (p,)
        Fixed effects, in the order of the columns of ``X``.
    covariance : array of shape (p, p)
        Of the coefficients.
    theta : array
        Relative Cholesky factors of all terms, as in lme4: standard deviations divided by the residual's, and for a
        slope the entries of the lower triangle by column.
    term_covariances : tuple of arrays of shape (c, c)
        Covariance of the random effects of each term, in the order of the terms.
    residual_variance : float
        Of the records, unit of y squared.
    deviance : float
        Minus twice the (restricted) log likelihood.
    converged : bool
        False if no start of the search ended at a minimum; then nothing here can be trusted.
    criterion : ProfiledDeviance
        The deviance as a function of theta, for profiles.
    """

    coefficients: Floats
    covariance: Floats
    theta: Floats
    term_covariances: tuple[Floats, ...]
    residual_variance: float
    deviance: float
    converged: bool
    criterion: ProfiledDeviance

    @property
    def variances(self) -> Floats:
        """The variance of the first random effect of each term, and the residual's last; shape (terms + 1,)."""
        return np.array([*(block[0, 0] for block in self.term_covariances), self.residual_variance])

    @property
    def is_singular(self) -> bool:
        """True if a random effect has variance 0, or two are perfectly correlated."""
        return bool(np.any(self.theta[self.criterion.is_diagonal] == 0))

    @property
    def standard_errors(self) -> Floats:
        """Standard errors of the coefficients, shape (p,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def satterthwaite_df(self, contrast: Floats) -> float:
        """Return the degrees of freedom of t for a contrast (p,) of the coefficients, at least 1."""
        return compute_satterthwaite_df(self.criterion, self.theta, self.residual_variance, contrast)


def fit_reml(y: Floats, X: Floats, terms: Sequence[RandomTerm], reml: bool = True) -> MixedFit:
    """Fit a linear mixed model by restricted maximum likelihood.

    Parameters
    ----------
    y : array of shape (n,)
        Outcome, complete.
    X : array of shape (n, p)
        Fixed effects with their intercept, complete and of full rank.
    terms : sequence of RandomTerm
        Random effects. The term with the most groups can have any number of them; the groups of all others together
        should be 1,000 at most.
    reml : bool
        False for maximum likelihood, which compares models that differ in their fixed effects.

    Returns
    -------
    MixedFit
        Check ``converged`` before any other figure.

    Raises
    ------
    ValueError
        Missing values, fixed effects that depend on each other, or no more records than fixed effects.

    References
    ----------
    .. [1] Bates, Mächler, Bolker & Walker (2015), J. Stat. Softw. 67(1), doi:10.18637/jss.v067.i01.
    """
    with set_one_thread():
        criterion = ProfiledDeviance.from_records(y, X, terms, reml)
        theta, converged = _minimise(criterion)
        at = criterion.solve(theta)
    return MixedFit(
        coefficients=at.coefficients,
        covariance=at.residual_variance * at.unscaled_covariance,
        theta=theta,
        term_covariances=tuple(at.residual_variance * factor @ factor.T for factor in criterion.build_factors(theta)),
        residual_variance=at.residual_variance,
        deviance=at.deviance,
        converged=converged,
        criterion=criterion,
    )


def _minimise(criterion: ProfiledDeviance) -> tuple[Floats, bool]:
    """Return the theta of the smallest deviance, and whether the search ended at a minimum."""
    diagonal = criterion.is_diagonal
    lows, highs = np.where(diagonal, 0.0, -np.inf), np.full(len(diagonal), np.inf)
    starts = [np.where(diagonal, start, 0.0) for start in STARTS]
    theta, deviance = find_smallest_deviance(criterion.compute_with_gradient, starts, lows, highs)
    theta = _set_zeros(criterion, theta, deviance)
    return theta, _is_minimum(criterion, theta)


def _set_zeros(criterion: ProfiledDeviance, theta: Floats, deviance: float) -> Floats:
    """Return theta with each small standard deviation at exactly 0, where the deviance does not rise."""
    for position in np.flatnonzero(criterion.is_diagonal & (theta < ZERO_THETA)):
        candidate = theta.copy()
        candidate[position] = 0.0
        if criterion.compute(candidate) <= deviance + DEVIANCE_TOLERANCE:
            theta = candidate
    return theta


def _is_minimum(criterion: ProfiledDeviance, theta: Floats) -> bool:
    """Return whether the deviance is finite and flat at theta, in each direction that is not at the boundary."""
    deviance, gradient = criterion.compute_with_gradient(theta)
    is_free = ~criterion.is_diagonal | (theta > 0)
    return bool(np.isfinite(deviance) and np.all(np.abs(gradient[is_free]) < MAX_GRADIENT))
