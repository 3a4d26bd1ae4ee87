"""Effect of a pair feature that varies within therapists: a regression within therapists, with t on therapists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.effect_test import SIGNIFICANCE_LEVEL, EffectTest
from attune_fit.training.multilevel.therapist_groups import TherapistGroups

METHOD = "within therapists"
MIN_SHARE = 1e-9  # a column that varies less within therapists, as a share of its length, is constant there
MIN_CLUSTERS = 3


def estimate_within_effect(
    y: Floats,
    therapist: Indices,
    client: Indices,
    value: Floats,
    covariates: Floats | None = None,
    *,
    alpha: float = SIGNIFICANCE_LEVEL,
) -> EffectTest:
    r"""Return the effect of a pair feature within therapists, in units of ``y`` per unit of ``value``.

    Parameters
    ----------
    y, value : arrays of shape (n,)
        Outcome and pair feature of each record. No missing values.
    therapist, client : int arrays of shape (n,)
        Therapist and client of each record.
    covariates : array of shape (n, k), optional
        Controlled within therapists; those that are constant within every therapist change nothing.
    alpha : float
        Significance level; the interval has level 1 - alpha.

    Notes
    -----
    Means of therapists are removed. The variance is CR2 of Bell and McCaffrey [1]_ [2]_, with their degrees of freedom:
    a therapist's squared score is divided by about :math:`1 - h`, with :math:`h` the therapist's share of the term's
    sum of squares. The jackknife, which the verdict uses, divides by :math:`(1 - h)^2` and rejects too seldom where
    caseloads differ. CR2 stays right where therapists differ in their slopes. If some clients met two therapists, the
    variance is that of both ways of clustering, and never below either of them [3]_.

    References
    ----------
    .. [1] Bell & McCaffrey (2002), Survey Methodology 28, 169-181.
    .. [2] Pustejovsky & Tipton (2018), J. Bus. Econ. Stat. 36, 672-683, doi:10.1080/07350015.2016.1247004.
    .. [3] Cameron, Gelbach & Miller (2011), J. Bus. Econ. Stat. 29, 238-249, doi:10.1198/jbes.2010.07136.
    """
    groups = TherapistGroups.from_labels(therapist)
    n, m = len(y), groups.count
    if m < MIN_CLUSTERS:
        return EffectTest.without_result(METHOD, "few-therapists", n=n, n_clusters=m, alpha=alpha)
    parts = compute_within_parts(groups, y, value, covariates)
    if parts is None or not groups.has_spread_within(y):
        return EffectTest.without_result(METHOD, "no-variation", n=n, n_clusters=m, alpha=alpha)
    variance, df = parts.compute_variance(groups)
    clients = TherapistGroups.from_labels(client)
    pairs = TherapistGroups.from_labels(groups.code * clients.count + clients.code)
    if pairs.count > clients.count:  # some client met two therapists
        by_client, client_df = parts.compute_variance(clients)
        by_pair, _ = parts.compute_variance(pairs)
        variance, df = max(variance, by_client, variance + by_client - by_pair), min(df, client_df)
    return EffectTest.from_estimate(
        METHOD, parts.estimate, float(np.sqrt(variance)), df, n=n, n_clusters=m, alpha=alpha
    )


@dataclass(frozen=True)
class WithinParts:
    """Outcome and columns of the design within therapists.

    Attributes
    ----------
    outcome : array of shape (n,)
        Beyond the covariates.
    term : array of shape (n,)
        The pair feature beyond the covariates.
    basis : array of shape (n, 1 + k)
        Orthonormal columns: the term's direction, then the covariates'.
    """

    outcome: Floats
    term: Floats
    basis: Floats

    @property
    def estimate(self) -> float:
        """Slope of the outcome on the term."""
        return float(self.term @ self.outcome) / float(self.term @ self.term)

    def compute_variance(self, clusters: TherapistGroups) -> tuple[float, float]:
        r"""Return the slope's CR2 variance with one way of clustering, and Bell and McCaffrey's degrees of freedom.

        With orthonormal columns :math:`U`, cluster :math:`g` has leverage :math:`G = U_g' U_g` and adjusted score
        :math:`v' U_g' e_g`, where :math:`v` is the first column of :math:`(I - G)^{-1/2}`. If residuals are
        independent, two scores have covariance :math:`-(G v)_g \cdot (G v)_h`, and a score has variance
        :math:`v' G v - |G v|^2`. Satterthwaite's degrees of freedom are twice the squared mean of the sum of squares,
        over its variance.
        """
        k = self.basis.shape[1]
        products = (self.basis[:, :, None] * self.basis[:, None, :]).reshape(-1, k * k)
        leverage = clusters.sum_values(products).reshape(-1, k, k)
        values, vectors = np.linalg.eigh(leverage)
        free = 1 - values
        root = np.where(free > MIN_SHARE, 1 / np.sqrt(np.maximum(free, MIN_SHARE)), 0.0)
        adjusted = (vectors @ (root * vectors[:, 0, :])[..., None])[..., 0]
        residual = self.outcome - self.estimate * self.term
        score = (adjusted * clusters.sum_values(self.basis * residual[:, None])).sum(axis=1)
        images = (leverage @ adjusted[..., None])[..., 0]
        covariance = -images @ images.T
        covariance[np.diag_indices(clusters.count)] += (adjusted * images).sum(axis=1)
        df = float(np.trace(covariance)) ** 2 / float((covariance**2).sum())
        return float(score @ score) / float(self.term @ self.term), df


def compute_within_parts(
    groups: TherapistGroups, y: Floats, value: Floats, covariates: Floats | None
) -> WithinParts | None:
    """Return outcome and pair feature within therapists; None where the feature does not vary beyond the covariates."""
    _, within = groups.split_covariates(covariates)
    columns = groups.center(np.column_stack([y, value, within]))
    controls = find_basis(columns[:, 2:])
    outcome, term = (columns[:, :2] - controls @ (controls.T @ columns[:, :2])).T
    length = float(np.sqrt(term @ term))
    if length <= MIN_SHARE * float(np.sqrt(value @ value)):
        return None
    return WithinParts(outcome, term, np.column_stack([term / length, controls]))


def find_basis(columns: Floats) -> Floats:
    """Return orthonormal columns that span these columns (n, k), without those that depend on others."""
    if not columns.shape[1]:
        return columns
    scale = np.sqrt((columns**2).sum(axis=0))
    left, sizes, _ = np.linalg.svd(columns / np.where(scale > 0, scale, 1.0), full_matrices=False)
    return np.asarray(left[:, sizes > MIN_SHARE])
