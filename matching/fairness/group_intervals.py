"""Estimate a metric of a group with its confidence interval, and its difference from all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import norm, t

from attune_fit.data.arrays import Bools, Floats, Indices

MetricKind = Literal["share", "mean"]

CONFIDENCE_LEVEL = 0.95


@dataclass(frozen=True)
class MetricSample:
    """The values of one metric for some people.

    Attributes
    ----------
    row : array of int, shape (k,)
        The person, as a row of the table. A person with several ratings has several entries.
    value : array of shape (k,)
        In the unit of the metric; from 0 to 1 for a share.
    weight : array of shape (k,)
        Weight of each entry in the mean; 1 for most metrics.
    cluster : array of int, shape (k,)
        Entries that vary together (cluster-robust): the person alone, or all clients of one therapist.
    """

    row: Indices
    value: Floats
    weight: Floats
    cluster: Indices

    @classmethod
    def from_values(
        cls, row: Indices, value: Floats, weight: Floats | None = None, cluster: Indices | None = None
    ) -> MetricSample:
        """Build the sample from the entries with a value; NaN is dropped."""
        is_known = ~np.isnan(value)
        weight = np.ones(len(value)) if weight is None else weight
        return cls(row[is_known], value[is_known], weight[is_known], (row if cluster is None else cluster)[is_known])

    def count_people(self, where: Bools) -> int:
        """Count the different people among the entries ``where``."""
        return len(np.unique(self.row[where]))


@dataclass(frozen=True)
class GroupEstimate:
    """A metric with its 95% confidence interval; the ends are None where it cannot be computed (a single cluster)."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class GroupDifference(GroupEstimate):
    """A metric of a group minus that of all others.

    ``p`` is the two-sided p-value of the same test as the interval. It is None where there is nothing to test: no value
    varies, or there are too few clusters.
    """

    p: float | None


@dataclass(frozen=True)
class _ClusteredMean:
    """Weighted mean of a part of a sample, and what each cluster contributes to its error."""

    mean: float
    error: Floats
    n_clusters: int

    @property
    def variance(self) -> float:
        return float(self.error @ self.error)

    @classmethod
    def from_sample(cls, sample: MetricSample, where: Bools) -> _ClusteredMean:
        _, cluster = np.unique(sample.cluster, return_inverse=True)
        weight = sample.weight * where
        mean = float(weight @ sample.value / weight.sum())
        error = np.bincount(cluster, weight * (sample.value - mean)) / weight.sum()
        n = len(np.unique(cluster[where]))
        return cls(mean, error * np.sqrt(n / (n - 1)) if n > 1 else error * np.nan, n)


def estimate_group(kind: MetricKind, sample: MetricSample, where: Bools) -> GroupEstimate:
    r"""Estimate the metric of the entries ``where``, with a 95% interval.

    Parameters
    ----------
    kind : {"share", "mean"}
        A share has Wilson's interval [1]_. Values between 0 and 1 count as a part of a yes, which never makes it too
        narrow. A mean :math:`\sum w y / \sum w` has Student's interval, with the cluster-robust variance by
        linearisation [2]_. Without clusters this is the usual :math:`s^2 / n`. Degrees of freedom are the number of
        clusters minus one.
    sample : MetricSample
    where : array of bool, shape (k,)
        At least one entry is true.

    References
    ----------
    .. [1] Wilson (1927), J. Am. Stat. Assoc. 22, 209-212, doi:10.1080/01621459.1927.10502953.
    .. [2] Liang & Zeger (1986), Biometrika 73, 13-22, doi:10.1093/biomet/73.1.13.
    """
    if kind == "share":
        from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

        count, n = float(sample.value[where].sum()), int(where.sum())
        low, high = proportion_confint(count, n, 1 - CONFIDENCE_LEVEL, method="wilson")
        return GroupEstimate(count / n, max(float(low), 0.0), min(float(high), 1.0))  # rounding can exceed the ends
    part = _ClusteredMean.from_sample(sample, where)
    return GroupEstimate(part.mean, *_compute_t_interval(part.mean, part.variance, part.n_clusters - 1))


def estimate_difference(kind: MetricKind, sample: MetricSample, where: Bools) -> GroupDifference:
    """Estimate the metric of the entries ``where`` minus that of the others; both have at least one entry.

    Shares have the interval of Agresti and Caffo [1]_. It adds two entries to each side, so it also holds where all
    values are 0 or all are 1. Means have Welch's interval with Satterthwaite's degrees of freedom. It takes into
    account clusters that have entries on both sides.

    References
    ----------
    .. [1] Agresti & Caffo (2000), Am. Stat. 54, 280-288, doi:10.1080/00031305.2000.10474560.
    """
    if np.ptp(sample.value) == 0:
        return GroupDifference(0.0, None, None, None)
    if kind == "share":
        return _compare_shares(sample.value[where], sample.value[~where])
    inside, outside = _ClusteredMean.from_sample(sample, where), _ClusteredMean.from_sample(sample, ~where)
    difference = inside.mean - outside.mean
    error = inside.error - outside.error
    variance, parts = float(error @ error), (inside, outside)
    if np.isnan(variance) or variance == 0:
        low, high = _compute_t_interval(difference, variance, 1)
        return GroupDifference(difference, low, high, None)
    freedom = sum(part.variance for part in parts) ** 2 / sum(
        part.variance**2 / (part.n_clusters - 1) for part in parts
    )
    low, high = _compute_t_interval(difference, variance, freedom)
    p = 2 * float(t.sf(abs(difference) / np.sqrt(variance), freedom))
    return GroupDifference(difference, low, high, p)


def _compare_shares(inside: Floats, outside: Floats) -> GroupDifference:
    """Estimate the difference of two shares, with the interval of Agresti and Caffo."""
    difference = float(inside.mean() - outside.mean())
    share, other = (float((part.sum() + 1) / (len(part) + 2)) for part in (inside, outside))
    error = float(np.sqrt(share * (1 - share) / (len(inside) + 2) + other * (1 - other) / (len(outside) + 2)))
    half_width = float(norm.ppf((1 + CONFIDENCE_LEVEL) / 2)) * error
    low, high = max(share - other - half_width, -1.0), min(share - other + half_width, 1.0)
    return GroupDifference(difference, low, high, 2 * float(norm.sf(abs(share - other) / error)))


def _compute_t_interval(center: float, variance: float, freedom: float) -> tuple[float, float] | tuple[None, None]:
    if np.isnan(variance):
        return None, None
    half_width = float(t.ppf((1 + CONFIDENCE_LEVEL) / 2, freedom)) * float(np.sqrt(variance))
    return center - half_width, center + half_width
