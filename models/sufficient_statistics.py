"""Sufficient statistics of the outcomes: sums from which the posterior follows, in one pass over the records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from attune_fit.data.arrays import Bools, Floats, Indices


@dataclass(frozen=True)
class MixedModelPosterior:
    """The exact posterior of a linear mixed model for given variances.

    Attributes
    ----------
    mean, precision : arrays of shape (q,), (q, q)
        Intercept and weights, therapist effects integrated out.
    effect : array of shape (therapists,)
        Posterior mean of the therapist effects at ``mean``.
    effect_slopes : array of shape (therapists, q)
        How much an effect falls when a weight rises by one: the covariance of effects and weights.
    effect_variance : array of shape (therapists,)
        Variance of an effect given the weights.
    log_marginal : float
        Log marginal likelihood of the outcomes, up to a constant that does not depend on the variances.
    """

    mean: Floats
    precision: Floats
    effect: Floats
    effect_slopes: Floats
    effect_variance: Floats
    log_marginal: float

    @property
    def cov(self) -> Floats:
        """Covariance of intercept and weights, (q, q)."""
        inverse = np.linalg.inv(self.precision)
        return np.asarray((inverse + inverse.T) / 2, dtype=float)


@dataclass(frozen=True)
class SufficientStatistics:
    """Weighted sums over records; the weight of a record is 1 / its relative noise.

    Attributes
    ----------
    n_records : int
        Number of records, unweighted.
    xx, xy, yy : arrays of shape (q, q), (q,), float
        Sums over all records of x x', x y and y².
    count, x, y : arrays of shape (therapists,), (therapists, q), (therapists,)
        Sums of the weights, of x and of y by therapist.
    """

    n_records: int
    xx: Floats
    xy: Floats
    yy: float
    count: Floats
    x: Floats
    y: Floats

    @classmethod
    def from_records(
        cls, x: Floats, y: Floats, therapist: Indices, n_therapists: int, noise: Floats
    ) -> SufficientStatistics:
        """Sum up ``x`` (n, q) and ``y`` (n,) of records with row ``therapist`` (n,) and relative ``noise`` (n,)."""
        weight = 1 / noise
        weighted = x * weight[:, None]
        is_seen_by = sparse.csr_array((np.ones(len(y)), (therapist, np.arange(len(y)))), shape=(n_therapists, len(y)))
        return cls(
            n_records=len(y),
            xx=weighted.T @ x,
            xy=weighted.T @ y,
            yy=float(weight @ y**2),
            count=np.bincount(therapist, weights=weight, minlength=n_therapists).astype(float),
            x=np.asarray(is_seen_by @ weighted),
            y=np.bincount(therapist, weights=weight * y, minlength=n_therapists).astype(float),
        )

    def add(self, part: SufficientStatistics, sign: int = 1) -> SufficientStatistics:
        """Return the sums of these and other records; ``sign`` -1 subtracts the others."""
        return SufficientStatistics(
            n_records=self.n_records + sign * part.n_records,
            xx=self.xx + sign * part.xx,
            xy=self.xy + sign * part.xy,
            yy=self.yy + sign * part.yy,
            count=self.count + sign * part.count,
            x=self.x + sign * part.x,
            y=self.y + sign * part.y,
        )

    def subtract(self, part: SufficientStatistics) -> SufficientStatistics:
        """Return the sums of the records that are not in ``part``."""
        return self.add(part, sign=-1)

    def has_records(self) -> Bools:
        """Return which therapists have a record; a rounding error left by :meth:`subtract` counts as none."""
        return self.count > 1e-6

    def compute_sum_of_squares(self) -> float:
        """Return the weighted sum of squares of the outcomes about their mean, POMP², >= 0."""
        total = float(self.count.sum())
        return max(self.yy - float(self.y.sum()) ** 2 / total, 0.0) if total > 0 else 0.0

    def combine_with_prior(self, mean: Floats, cov: Floats) -> PosteriorSolver:
        """Combine the sums with a prior of the weights: ``mean`` (q,) and ``cov`` (q, q)."""
        return PosteriorSolver(
            statistics=self,
            prior_mean=mean,
            prior_precision=np.asarray(np.linalg.inv(cov), dtype=float),
            prior_log_determinant=float(np.linalg.slogdet(cov)[1]),
            yy=self.yy - 2 * float(mean @ self.xy) + float(mean @ self.xx @ mean),
            xy=self.xy - self.xx @ mean,
            y=self.y - self.x @ mean,
        )


@dataclass(frozen=True)
class PosteriorSolver:
    """The posterior as a function of the two variances; everything that does not depend on them is precomputed.

    Attributes
    ----------
    statistics : SufficientStatistics
    prior_mean, prior_precision, prior_log_determinant : arrays of shape (q,), (q, q), float
        The prior's mean, precision, and the log determinant of its covariance.
    yy, xy, y : float, arrays of shape (q,), (therapists,)
        Sums of the residuals from the prior mean.
    """

    statistics: SufficientStatistics
    prior_mean: Floats
    prior_precision: Floats
    prior_log_determinant: float
    yy: float
    xy: Floats
    y: Floats

    def solve(self, sigma2: float, tau2: float) -> MixedModelPosterior:
        r"""Return the exact posterior of weights and therapist effects at ``sigma2`` and ``tau2``, both POMP².

        Effects are integrated out first. Given the weights they are independent, so the joint precision has a diagonal
        block for them, and its Schur complement is ``precision`` below. The cost is therapists x q².
        """
        sums = self.statistics
        variance = 1 / (1 / tau2 + sums.count / sigma2)
        slopes = variance[:, None] * sums.x / sigma2

        precision = self.prior_precision + (sums.xx - sums.x.T @ slopes) / sigma2
        gradient = (self.xy - slopes.T @ self.y) / sigma2
        step = np.linalg.solve(precision, gradient)

        misfit = self.yy / sigma2 - float(variance @ self.y**2) / sigma2**2 - float(gradient @ step)
        weight_determinant = self.prior_log_determinant + float(np.linalg.slogdet(precision)[1])
        noise_determinant = sums.n_records * np.log(sigma2) + len(variance) * np.log(tau2) - np.log(variance).sum()
        return MixedModelPosterior(
            mean=self.prior_mean + step,
            precision=precision,
            effect=variance * self.y / sigma2 - slopes @ step,
            effect_slopes=slopes,
            effect_variance=variance,
            log_marginal=-0.5 * float(misfit + weight_determinant + noise_determinant),
        )
