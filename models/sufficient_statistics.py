"""Sufficient statistics of the outcomes: sums from which the posterior follows, in one pass over the records."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

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
        Log marginal likelihood of the outcomes, up to a constant.
    """

    mean: Floats
    precision: Floats
    effect: Floats
    effect_slopes: Floats
    effect_variance: Floats
    log_marginal: float

    @cached_property
    def cov(self) -> Floats:
        """Covariance of intercept and weights, (q, q)."""
        inverse = np.linalg.inv(self.precision)
        return np.asarray((inverse + inverse.T) / 2, dtype=float)


@dataclass(frozen=True)
class RecordPrecision:
    r"""The precision of the residuals of some records, relative to that of one record with noise 1.

    The residual of a record is the level of its client plus its own noise. The client's share of the residual
    variance is :math:`r`. The covariance of one client's records is :math:`\sigma^2 ((1 - r) \Lambda + r 1 1')`. The
    diagonal matrix :math:`\Lambda` holds the relative noise. The inverse is diagonal but for one term of rank 1, so no
    matrix of records is built.

    Attributes
    ----------
    weight : array of shape (n,)
        Diagonal of the inverse before the term of the client.
    client : array of int, shape (n,)
        Number of each record's client.
    reduction : array of shape (clients,)
        Factor of the client's term; 0 where the client's level does not matter.
    log_determinant : float
        Log determinant of the relative covariance.
    """

    weight: Floats
    client: Indices
    reduction: Floats
    log_determinant: float

    @classmethod
    def from_noise(cls, noise: Floats, client: Indices | None = None, client_share: float = 0.0) -> RecordPrecision:
        """Return the precision of records with a relative ``noise`` (n,).

        Parameters
        ----------
        client : array of int, shape (n,), optional
            Who rated; each record is another client's when None.
        client_share : float in [0, 1)
            The client's share of the residual variance.
        """
        own_noise = (1 - client_share) * noise
        weight = 1 / own_noise
        if client is None or not client_share:
            no_client = np.zeros(len(noise), dtype=np.intp)
            return cls(weight, no_client, np.zeros(1), float(np.log(own_noise).sum()))
        _, number = np.unique(client, return_inverse=True)
        total = np.bincount(number, weights=weight)
        log_determinant = float(np.log(own_noise).sum() + np.log1p(client_share * total).sum())
        reduction: Floats = np.asarray(client_share / (1 + client_share * total), dtype=float)
        return cls(weight, number, reduction, log_determinant)

    def multiply(self, values: Floats) -> Floats:
        """Return precision times ``values`` (n, ...), in the shape of ``values``."""
        weighted: Floats = (values.T * self.weight).T
        if not self.reduction.any():
            return weighted
        return weighted - (self._sum_by_client(weighted)[self.client].T * self.weight).T

    def _sum_by_client(self, values: Floats) -> Floats:
        member = sparse.csr_array(
            (np.ones(len(self.client)), (self.client, np.arange(len(self.client)))),
            shape=(len(self.reduction), len(self.client)),
        )
        return np.asarray((member @ values).T * self.reduction).T


@dataclass(frozen=True)
class SufficientStatistics:
    """Sums over records, weighted by their precision, see :class:`RecordPrecision`.

    Attributes
    ----------
    n_records : int
        Number of records.
    xx, xy, yy : arrays of shape (q, q), (q,), float
        Sums over all records of x x', x y and y².
    zz, x, y : arrays of shape (therapists, therapists), (therapists, q), (therapists,)
        Sums by therapist of the weights, of x and of y. ``zz`` is sparse. It is diagonal unless clients with a level of
        their own met several therapists.
    log_determinant : float
        Log determinant of the relative covariance of the records.
    """

    n_records: int
    xx: Floats
    xy: Floats
    yy: float
    zz: sparse.csr_array
    x: Floats
    y: Floats
    log_determinant: float = 0.0

    @classmethod
    def from_records(
        cls,
        x: Floats,
        y: Floats,
        therapist: Indices,
        n_therapists: int,
        precision: RecordPrecision,
    ) -> SufficientStatistics:
        """Sum up ``x`` (n, q) and ``y`` (n,) of records with row ``therapist`` (n,)."""
        weighted_x, weighted_y = precision.multiply(x), precision.multiply(y)
        is_seen_by = build_therapist_indicator(therapist, n_therapists)
        zz = sparse.csr_array(is_seen_by.multiply(precision.weight) @ is_seen_by.T)
        if precision.reduction.any():
            n_clients = len(precision.reduction)
            met = sparse.csr_array((precision.weight, (precision.client, therapist)), shape=(n_clients, n_therapists))
            zz = sparse.csr_array(zz - met.T @ met.multiply(precision.reduction[:, None]))
        return cls(
            n_records=len(y),
            xx=weighted_x.T @ x,
            xy=weighted_x.T @ y,
            yy=float(weighted_y @ y),
            zz=zz,
            x=np.asarray(is_seen_by @ weighted_x),
            y=np.asarray(is_seen_by @ weighted_y),
            log_determinant=precision.log_determinant,
        )

    def add(self, part: SufficientStatistics, sign: int = 1) -> SufficientStatistics:
        """Return the sums of these and other records; ``sign`` -1 subtracts the others."""
        return SufficientStatistics(
            n_records=self.n_records + sign * part.n_records,
            xx=self.xx + sign * part.xx,
            xy=self.xy + sign * part.xy,
            yy=self.yy + sign * part.yy,
            zz=self.zz + sign * part.zz,
            x=self.x + sign * part.x,
            y=self.y + sign * part.y,
            log_determinant=self.log_determinant + sign * part.log_determinant,
        )

    def select_columns(self, q: int) -> SufficientStatistics:
        """Return the sums of the first ``q`` columns of x alone."""
        return replace(self, xx=self.xx[:q, :q], xy=self.xy[:q], x=self.x[:, :q])

    def subtract(self, part: SufficientStatistics) -> SufficientStatistics:
        """Return the sums of the records that are not in ``part``."""
        return self.add(part, sign=-1)

    def has_records(self) -> Bools:
        """Return which therapists have a record; a rounding error left by :meth:`subtract` counts as none."""
        return np.asarray(self.zz.diagonal() > 1e-6)

    def compute_sum_of_squares(self) -> float:
        """Return the weighted sum of squares of the outcomes about their mean, POMP², >= 0."""
        total = float(self.zz.sum())
        return max(self.yy - float(self.y.sum()) ** 2 / total, 0.0) if total > 0 else 0.0

    @cached_property
    def rotation(self) -> TherapistRotation:
        """The basis of the therapists in which ``zz`` is diagonal."""
        return TherapistRotation.from_matrix(self.zz)

    def combine_with_prior(self, mean: Floats, cov: Floats) -> PosteriorSolver:
        """Combine the sums with a prior of the weights: ``mean`` (q,) and ``cov`` (q, q)."""
        precision = np.asarray(np.linalg.inv(cov), dtype=float)
        return self.combine_with_precision(mean, precision, float(np.linalg.slogdet(cov)[1]))

    def combine_with_precision(self, mean: Floats, precision: Floats, log_determinant: float) -> PosteriorSolver:
        """Combine the sums with a prior of the weights, whose covariance has this inverse and log determinant."""
        return PosteriorSolver(
            statistics=self,
            prior_mean=mean,
            prior_precision=precision,
            prior_log_determinant=log_determinant,
            yy=self.yy - 2 * float(mean @ self.xy) + float(mean @ self.xx @ mean),
            xy=self.xy - self.xx @ mean,
            x=self.rotation.rotate(self.x),
            y=self.rotation.rotate(self.y - self.x @ mean),
        )


@dataclass(frozen=True)
class TherapistRotation:
    """An orthogonal basis of the therapists in which their weights are diagonal.

    Effects have equal prior variances, so the prior is the same in every basis. Only therapists who share clients with
    a level of their own are rotated.

    Attributes
    ----------
    eigenvalues : array of shape (therapists,)
        The weights in the new basis.
    rows : array of int, shape (k,)
        The therapists that are rotated.
    vectors : array of shape (k, k)
        Eigenvectors, one in each column.
    """

    eigenvalues: Floats
    rows: Indices
    vectors: Floats

    @classmethod
    def from_matrix(cls, zz: sparse.csr_array) -> TherapistRotation:
        """Return the basis of eigenvectors of a symmetric matrix (therapists, therapists)."""
        eigenvalues = np.asarray(zz.diagonal(), dtype=float)
        row = np.repeat(np.arange(zz.shape[0]), np.diff(zz.indptr))
        rows = np.unique(row[(row != zz.indices) & (zz.data != 0)])
        vectors = np.empty((0, 0))
        if len(rows):
            values, vectors = np.linalg.eigh(zz[rows][:, rows].toarray())
            eigenvalues[rows] = np.maximum(values, 0)
        return cls(eigenvalues, rows, vectors)

    def rotate(self, values: Floats) -> Floats:
        """Return values by therapist (therapists, ...) in the new basis."""
        return self._multiply(self.vectors.T, values)

    def rotate_back(self, values: Floats) -> Floats:
        """Return values of the new basis by therapist."""
        return self._multiply(self.vectors, values)

    def compute_diagonal(self, variance: Floats) -> Floats:
        """Return the variance of each therapist from the variances (therapists,) of the new basis."""
        return self._multiply(self.vectors**2, variance)

    def _multiply(self, matrix: Floats, values: Floats) -> Floats:
        if not len(self.rows):
            return values
        rotated = values.copy()
        rotated[self.rows] = matrix @ values[self.rows]
        return rotated


def build_therapist_indicator(therapist: Indices, n_therapists: int) -> sparse.csr_array:
    """Return 1 where a record (column) is of a therapist (row), else 0."""
    n = len(therapist)
    return sparse.csr_array((np.ones(n), (therapist, np.arange(n))), shape=(n_therapists, n))


@dataclass(frozen=True)
class PosteriorSolver:
    """The posterior as a function of the two variances; everything that does not depend on them is precomputed.

    Attributes
    ----------
    statistics : SufficientStatistics
    prior_mean, prior_precision, prior_log_determinant : arrays of shape (q,), (q, q), float
        The prior's mean, precision, and the log determinant of its covariance.
    yy, xy : float, array of shape (q,)
        Sums of the residuals from the prior mean.
    x, y : arrays of shape (therapists, q), (therapists,)
        Sums by therapist of x, and of the residuals from the prior mean; in the basis of ``statistics.rotation``.
    """

    statistics: SufficientStatistics
    prior_mean: Floats
    prior_precision: Floats
    prior_log_determinant: float
    yy: float
    xy: Floats
    x: Floats
    y: Floats

    def solve_means(self, xy: Floats, y: Floats, sigma2: float, tau2: float) -> Floats:
        """Return the posterior mean of the weights for other outcomes of the same records: it is linear in them.

        Parameters
        ----------
        xy, y : arrays of shape (q, draws), (therapists, draws)
            Products of x, and sums by therapist, with the outcomes less what the prior mean predicts. Both are
            weighted as :attr:`SufficientStatistics.xy` and ``y``.

        Returns
        -------
        array of shape (q, draws)
        """
        _, slopes, precision = self._eliminate_effects(sigma2, tau2)
        gradient = (xy - slopes.T @ self.statistics.rotation.rotate(y)) / sigma2
        return np.asarray(self.prior_mean[:, None] + np.linalg.solve(precision, gradient))

    def _eliminate_effects(self, sigma2: float, tau2: float) -> tuple[Floats, Floats, Floats]:
        """Return variance and slopes of the effects given the weights, and the precision of the weights alone."""
        variance = 1 / (1 / tau2 + self.statistics.rotation.eigenvalues / sigma2)
        slopes = variance[:, None] * self.x / sigma2
        return variance, slopes, self.prior_precision + (self.statistics.xx - self.x.T @ slopes) / sigma2

    def compute_log_marginal(self, sigma2: float, tau2: float) -> float:
        """Compute the log marginal likelihood alone, as :meth:`solve`: one Cholesky decomposition for all of it."""
        from scipy.linalg.lapack import dpotrf, dtrtrs  # a ranking needs neither

        sums, eigenvalues = self.statistics, self.statistics.rotation.eigenvalues
        variance = 1 / (1 / tau2 + eigenvalues / sigma2)
        scaled_x = (np.sqrt(variance) / sigma2)[:, None] * self.x
        scaled_y = variance * self.y / sigma2
        precision = self.prior_precision + sums.xx / sigma2 - scaled_x.T @ scaled_x
        gradient = (self.xy - self.x.T @ scaled_y) / sigma2
        factor, fault = dpotrf(precision, lower=1)
        if fault:  # not positive definite, but for rounding
            return self.solve(sigma2, tau2).log_marginal
        half_step, _ = dtrtrs(factor, gradient, lower=1)
        misfit = (self.yy - float(scaled_y @ self.y)) / sigma2 - float(half_step @ half_step)
        determinants = 2 * float(np.log(np.diagonal(factor)).sum()) - float(np.log(variance).sum())
        determinants += self.prior_log_determinant + sums.log_determinant
        determinants += sums.n_records * math.log(sigma2) + len(variance) * math.log(tau2)
        return -0.5 * (misfit + determinants)

    def solve(self, sigma2: float, tau2: float) -> MixedModelPosterior:
        r"""Return the exact posterior of weights and therapist effects at ``sigma2`` and ``tau2``, both POMP².

        Effects are integrated out first. Given the weights they are independent, so the joint precision has a diagonal
        block for them (in the rotated basis), and its Schur complement is ``precision`` below. The cost is
        therapists x q².
        """
        sums, rotation = self.statistics, self.statistics.rotation
        variance, slopes, precision = self._eliminate_effects(sigma2, tau2)
        gradient = (self.xy - slopes.T @ self.y) / sigma2
        step = np.linalg.solve(precision, gradient)

        misfit = self.yy / sigma2 - float(variance @ self.y**2) / sigma2**2 - float(gradient @ step)
        weight_determinant = self.prior_log_determinant + float(np.linalg.slogdet(precision)[1])
        noise_determinant = sums.n_records * np.log(sigma2) + len(variance) * np.log(tau2) - np.log(variance).sum()
        noise_determinant += sums.log_determinant
        return MixedModelPosterior(
            mean=self.prior_mean + step,
            precision=precision,
            effect=rotation.rotate_back(variance * self.y / sigma2 - slopes @ step),
            effect_slopes=rotation.rotate_back(slopes),
            effect_variance=rotation.compute_diagonal(variance),
            log_marginal=-0.5 * float(misfit + weight_determinant + noise_determinant),
        )
