"""Effect of a pair feature that varies within therapists: a regression within therapists, with t on therapists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.effect_test import SIGNIFICANCE_LEVEL, EffectTest
from attune_fit.training.multilevel.therapist_groups import TherapistGroups

METHOD = "within therapists"
MIN_SHARE = 1e-9  # a term that varies less within therapists, as a share of its sum of squares, is constant there
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
    Means of therapists are removed. The variance sums each therapist's squared score over one minus the therapist's
    share :math:`h` of the term's sum of squares: CR2 of Bell and McCaffrey [1]_ [2]_, with their degrees of freedom.
    The jackknife, which the verdict uses, divides by :math:`(1 - h)^2` and rejects too seldom where caseloads differ.
    CR2 stays right where therapists differ in their slopes. If some clients met two therapists, the variance is that
    of both ways of clustering, and never below either of them [3]_.

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
    if parts is None:
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
    """Outcome and term within therapists, beyond the covariates; arrays of shape (n,)."""

    outcome: Floats
    term: Floats

    @property
    def estimate(self) -> float:
        """Slope of the outcome on the term."""
        return float(self.term @ self.outcome) / float(self.term @ self.term)

    def compute_variance(self, clusters: TherapistGroups) -> tuple[float, float]:
        """Return the slope's CR2 variance with one way of clustering, and Bell and McCaffrey's degrees of freedom."""
        squares = clusters.sum_values(self.term**2)
        total = float(squares.sum())
        share = squares / total
        score = clusters.sum_values(self.term * (self.outcome - self.estimate * self.term))
        weight = 1 / np.maximum(1 - share, MIN_SHARE)
        return float((weight * score**2).sum()) / total**2, compute_satterthwaite_freedom(share)


def compute_within_parts(
    groups: TherapistGroups, y: Floats, value: Floats, covariates: Floats | None
) -> WithinParts | None:
    """Return outcome and pair feature within therapists; None where the feature does not vary beyond the covariates."""
    _, within = groups.split_covariates(covariates)
    columns = groups.center(np.column_stack([y, value, within]))
    parts = columns[:, :2]
    if within.shape[1]:
        parts = parts - columns[:, 2:] @ np.linalg.lstsq(columns[:, 2:], parts, rcond=None)[0]
    outcome, term = parts.T
    if float(term @ term) <= MIN_SHARE * float(value @ value):
        return None
    return WithinParts(outcome, term)


def compute_satterthwaite_freedom(share: Floats) -> float:
    r"""Return the degrees of freedom of a CR2 variance from each cluster's share of the term's sum of squares (m,).

    A cluster's score has variance :math:`h_i (1 - h_i)` and covariances :math:`-h_i h_j`, so the variance is a sum of
    weighted squares; Satterthwaite's degrees of freedom are twice its squared mean over its own variance.

    >>> round(compute_satterthwaite_freedom(np.full(10, 0.1)), 1)
    9.0
    """
    weight = 1 / np.maximum(1 - share, MIN_SHARE)
    first, second = weight * share, weight * share**2
    mean = float((first * (1 - share)).sum())
    spread = float((first**2 * (1 - 2 * share)).sum()) + float(second.sum()) ** 2
    return mean**2 / spread
