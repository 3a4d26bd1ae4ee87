"""Outcomes boiled down to sums: all that a normal posterior needs, in one pass over the records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from attune_fit.data.arrays import Bools, Floats


@dataclass(frozen=True)
class MixedModelPosterior:
    """The posterior for given variances.

    Attributes
    ----------
    mean, precision : arrays of shape (q,), (q, q)
        Intercept and weights, therapist effects integrated out.
    effect : array of shape (therapists,)
        Mean therapist effects at ``mean``.
    effect_slopes : array of shape (therapists, q)
        How much an effect falls when a weight rises by one: what ties effects and weights together.
    effect_variance : array of shape (therapists,)
        Variance of an effect when the weights are known.
    log_marginal : float
        Log density of the outcomes, up to a constant that does not depend on the variances.
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
        found = np.linalg.inv(self.precision)
        return np.asarray((found + found.T) / 2, dtype=float)


@dataclass(frozen=True)
class SufficientStatistics:
    """Weighted sums over records: a record counts with one over its relative noise.

    Attributes
    ----------
    n_records : int
        How many.
    xx, xy, yy : arrays of shape (q, q), (q,), float
        Over all records.
    count, x, y : arrays of shape (therapists,), (therapists, q), (therapists,)
        By therapist.
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
        cls, x: Floats, y: Floats, therapist: npt.NDArray[np.intp], therapists: int, noise: Floats
    ) -> SufficientStatistics:
        """Sum up ``x`` (n, q) and ``y`` (n,) of records seen by ``therapist`` (n,) with relative ``noise`` (n,)."""
        weight = 1 / noise
        weighted = x * weight[:, None]
        seen_by = sparse.csr_array((np.ones(len(y)), (therapist, np.arange(len(y)))), shape=(therapists, len(y)))
        return cls(
            n_records=len(y),
            xx=weighted.T @ x,
            xy=weighted.T @ y,
            yy=float(weight @ y**2),
            count=np.bincount(therapist, weights=weight, minlength=therapists).astype(float),
            x=np.asarray(seen_by @ weighted),
            y=np.bincount(therapist, weights=weight * y, minlength=therapists).astype(float),
        )

    def add(self, part: SufficientStatistics, sign: int = 1) -> SufficientStatistics:
        """The sums of these and other records."""
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
        """The sums of the records that are not in ``part``."""
        return self.add(part, sign=-1)

    def has_records(self) -> Bools:
        """Which therapists have a record; what rounding leaves after :meth:`mask_missing_codes` is none."""
        return self.count > 1e-6

    def compute_sum_of_squares(self) -> float:
        """Weighted sum of squares of the outcomes about their mean; never negative."""
        total = float(self.count.sum())
        return max(self.yy - float(self.y.sum()) ** 2 / total, 0.0) if total > 0 else 0.0

    def combine_with_prior(self, mean: Floats, cov: Floats) -> PosteriorSolver:
        """The sums held against what is believed of the weights: ``mean`` (q,) and ``cov`` (q, q)."""
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
    """What is left to do for each guess of the variances.

    Attributes
    ----------
    statistics : Sums
    prior_mean, prior_precision, prior_log_determinant : arrays of shape (q,), (q, q), float
        The belief: its mean, precision, and the log determinant of its covariance.
    yy, xy, y : float, arrays of shape (q,), (therapists,)
        Sums of the outcomes less what the belief expects of them.
    """

    statistics: SufficientStatistics
    prior_mean: Floats
    prior_precision: Floats
    prior_log_determinant: float
    yy: float
    xy: Floats
    y: Floats

    def solve(self, sigma2: float, tau2: float) -> MixedModelPosterior:
        r"""The exact posterior of weights and therapist effects.

        Effects are integrated out first: given the weights they are independent, so the joint precision needs only a
        diagonal for them (its Schur complement is ``precision`` below), and the cost is therapists x q².
        """
        sums = self.statistics
        own = 1 / (1 / tau2 + sums.count / sigma2)
        lean = own[:, None] * sums.x / sigma2

        precision = self.prior_precision + (sums.xx - sums.x.T @ lean) / sigma2
        pull = (self.xy - lean.T @ self.y) / sigma2
        step = np.linalg.solve(precision, pull)

        misfit = self.yy / sigma2 - float(own @ self.y**2) / sigma2**2 - float(pull @ step)
        volume = self.prior_log_determinant + float(np.linalg.slogdet(precision)[1])
        size = sums.n_records * np.log(sigma2) + len(own) * np.log(tau2) - np.log(own).sum()
        return MixedModelPosterior(
            mean=self.prior_mean + step,
            precision=precision,
            effect=own * self.y / sigma2 - lean @ step,
            effect_slopes=lean,
            effect_variance=own,
            log_marginal=-0.5 * float(misfit + volume + size),
        )
