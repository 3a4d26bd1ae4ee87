"""Correlations of records that come in clusters: intervals from leaving out one cluster at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from attune_fit.data.arrays import Bools, Floats, Indices

StatisticFunction = Callable[[Sequence[Floats]], Floats]

CONFIDENCE_LEVEL = 0.95
MIN_SUM_OF_SQUARES = 1e-12  # of a sum of squares: less is none


@dataclass(frozen=True)
class ClusterIndex:
    """Records in the order of their group.

    Attributes
    ----------
    rows : array of int, shape (k,)
        Records that belong to a group, those of one group together.
    starts, sizes : arrays of int, shape (groups,)
        Where a group begins in ``rows``, and how many it has.
    """

    rows: Indices
    starts: Indices
    sizes: Indices

    @classmethod
    def from_labels(cls, label: Indices, where: Bools | None = None) -> ClusterIndex:
        """Groups by label, of the records ``where`` alone."""
        rows = np.arange(len(label)) if where is None else np.flatnonzero(where)
        rows = rows[np.argsort(label[rows], kind="stable")]
        _, starts, sizes = np.unique(label[rows], return_index=True, return_counts=True)
        return cls(rows, starts, sizes)

    def sum_values(self, values: Floats) -> Floats:
        """Sums by group of values (n, ...), shape (groups, ...)."""
        return np.asarray(np.add.reduceat(values[self.rows], self.starts, axis=0), dtype=float)

    def center(self, values: Floats) -> Floats:
        """Values (n, ...) less the mean of their group; those of no group as they are."""
        means = (self.sum_values(values).T / self.sizes).T
        values = values.copy()
        values[self.rows] -= np.repeat(means, self.sizes, axis=0)
        return values


@dataclass(frozen=True)
class ClusterRobustEstimate:
    """An estimate and the ends of its interval, arrays of shape (draws,)."""

    value: Floats
    low: Floats
    high: Floats


def compute_clustered_correlation(said: Floats, left: Floats, clusters: Sequence[Indices]) -> ClusterRobustEstimate:
    r"""Correlation of ``said`` with each column of ``left``, and its interval, clustered.

    Parameters
    ----------
    said : array of shape (n,)
        Centred.
    left : array of shape (n, draws)
        Centred; columns are judged apart.
    clusters : sequence of int arrays of shape (n,)
        Which cluster a record is in, for each way of clustering; at least two clusters in every way.

    Returns
    -------
    Estimate
        In (-1, 1): Student's t around Fisher's z.

    Notes
    -----
    The variance is the jackknife's over clusters [2]_; of two ways their sum less that over records, never below either
    [1]_. Degrees of freedom are one less than the effective number of clusters [3]_, :math:`(\sum s)^2 / \sum s^2` with
    :math:`s` the sum of squares of ``said`` in a cluster: of the fewer where there are two ways. In simulations its
    coverage held from 2 to 40 therapists, whereas intervals from drawing whole therapists are too narrow for few of
    them; ``docs/power.md`` has the figures.

    References
    ----------
    .. [1] Cameron, Gelbach & Miller (2011), J. Bus. Econ. Stat. 29, 238-249, doi:10.1198/jbes.2010.07136.
    .. [2] MacKinnon, Nielsen & Webb (2023), J. Appl. Econometrics 38, 671-694, doi:10.1002/jae.2969.
    .. [3] Carter, Schnepel & Steigerwald (2017), Rev. Econ. Stat. 99, 698-709, doi:10.1162/REST_a_00639.
    """
    sums = [said[:, None] * left, (said**2)[:, None], left**2]
    r, variance = _compute_with_variance(_correlation, sums, clusters)
    reach = _compute_critical_value(said, clusters) * np.sqrt(variance) / np.maximum(1 - r**2, MIN_SUM_OF_SQUARES)
    z = np.arctanh(np.clip(r, -1 + MIN_SUM_OF_SQUARES, 1 - MIN_SUM_OF_SQUARES))
    return ClusterRobustEstimate(r, np.tanh(z - reach), np.tanh(z + reach))


def compute_correlation_difference(
    one: Floats, other: Floats, left: Floats, clusters: Sequence[Indices]
) -> ClusterRobustEstimate:
    """How much better ``one`` than ``other`` correlates with ``left``, all (n,): r less r, clustered likewise."""
    sums = [column[:, None] for column in (one * left, one**2, other * left, other**2, left**2)]
    gain, variance = _compute_with_variance(_gain, sums, clusters)
    reach = _compute_critical_value(one, clusters) * np.sqrt(variance)
    return ClusterRobustEstimate(gain, gain - reach, gain + reach)


def _correlation(sums: Sequence[Floats]) -> Floats:
    both, ours, theirs = sums
    return np.asarray(both / np.sqrt(np.maximum(ours * theirs, MIN_SUM_OF_SQUARES)))


def _gain(sums: Sequence[Floats]) -> Floats:
    one, ones, other, others, left = sums
    return _correlation((one, ones, left)) - _correlation((other, others, left))


def _compute_with_variance(
    statistic: StatisticFunction, sums: Sequence[Floats], clusters: Sequence[Indices]
) -> tuple[Floats, Floats]:
    """The statistic of all records and its variance, each of shape (draws,)."""
    whole = statistic([column.sum(axis=0) for column in sums])
    ways = [_jackknife(statistic, sums, label) for label in clusters]
    if len(ways) == 1:
        return whole, ways[0]
    both = np.sum(ways, axis=0) - _jackknife(statistic, sums, np.arange(len(sums[0])))
    return whole, np.max([both, *ways], axis=0)


def _jackknife(statistic: StatisticFunction, sums: Sequence[Floats], label: Indices) -> Floats:
    """Variance of a statistic of sums, from leaving out each cluster in turn."""
    parts = [ClusterIndex.from_labels(label).sum_values(column) for column in sums]
    without = statistic([part.sum(axis=0) - part for part in parts])
    whole = statistic([part.sum(axis=0) for part in parts])
    groups = len(without)
    return np.asarray((groups - 1) / groups * ((without - whole) ** 2).sum(axis=0))


def _compute_critical_value(said: Floats, clusters: Sequence[Indices]) -> float:
    """How many standard errors the interval reaches to each side."""
    freedom = (
        min(count_effective_clusters(ClusterIndex.from_labels(label).sum_values(said**2)) for label in clusters) - 1
    )
    return float(t.ppf((1 + CONFIDENCE_LEVEL) / 2, max(freedom, 1.0)))


def count_effective_clusters(sizes: Floats) -> float:
    """Effective number of clusters: as many of equal size would tell as much.

    >>> count_effective_clusters(np.array([10.0, 10.0, 10.0])), round(count_effective_clusters(np.array([28.0, 1.0, 1.0])), 2)
    (3.0, 1.15)
    """
    return float(sizes.sum() ** 2 / np.maximum((sizes**2).sum(), MIN_SUM_OF_SQUARES))
