"""A figure of a group with its interval, and how far it lies from that of the others."""

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
    """What one figure says of some people.

    Attributes
    ----------
    row : array of int, shape (k,)
        Whom: a row of the table; with several ratings, a person is there several times.
    value : array of shape (k,)
        From 0 to 1 where the figure is a share.
    weight : array of shape (k,)
        What each counts in the mean; 1 in most figures.
    cluster : array of int, shape (k,)
        What varies together: the person alone, or everybody one therapist has met.
    """

    row: Indices
    value: Floats
    weight: Floats
    cluster: Indices

    @classmethod
    def from_values(
        cls, row: Indices, value: Floats, weight: Floats | None = None, cluster: Indices | None = None
    ) -> MetricSample:
        """Leave out whoever has no value."""
        there = ~np.isnan(value)
        weight = np.ones(len(value)) if weight is None else weight
        return cls(row[there], value[there], weight[there], (row if cluster is None else cluster)[there])

    def count_people(self, where: Bools) -> int:
        """How many different people."""
        return len(np.unique(self.row[where]))


@dataclass(frozen=True)
class GroupEstimate:
    """A figure with its 95% interval; the ends are None where they cannot be told, as with a single therapist."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class GroupDifference(GroupEstimate):
    """A group's figure less that of the others.

    ``p`` is two-sided and belongs to the interval; None where nothing varies or too few clusters could, and so there is
    nothing to test.
    """

    p: float | None


@dataclass(frozen=True)
class _ClusteredMean:
    """Weighted mean of a part of a sample, and what each cluster brings to its error."""

    mean: float
    error: Floats
    clusters: int

    @property
    def variance(self) -> float:
        return float(self.error @ self.error)

    @classmethod
    def from_sample(cls, sample: MetricSample, where: Bools) -> _ClusteredMean:
        _, cluster = np.unique(sample.cluster, return_inverse=True)
        weight = sample.weight * where
        mean = float(weight @ sample.value / weight.sum())
        error = np.bincount(cluster, weight * (sample.value - mean)) / weight.sum()
        clusters = len(np.unique(cluster[where]))
        return cls(mean, error * np.sqrt(clusters / (clusters - 1)) if clusters > 1 else error * np.nan, clusters)


def estimate_group(kind: MetricKind, sample: MetricSample, where: Bools) -> GroupEstimate:
    r"""The figure of those ``where``.

    Parameters
    ----------
    kind : {"share", "mean"}
        A share has Wilson's interval [1]_: a person's share counts as that part of a yes, which is never too narrow. A
        mean :math:`\sum w y / \sum w` has Student's, its variance by linearisation over clusters [2]_: of people one
        by one it is the usual :math:`s^2 / n`. Degrees of freedom are one less than the clusters.
    sample : Sample
    where : array of bool, shape (k,)
        At least one.

    References
    ----------
    .. [1] Wilson (1927), J. Am. Stat. Assoc. 22, 209-212, doi:10.1080/01621459.1927.10502953.
    .. [2] Liang & Zeger (1986), Biometrika 73, 13-22, doi:10.1093/biomet/73.1.13.
    """
    if kind == "share":
        from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

        count, n = float(sample.value[where].sum()), int(where.sum())
        low, high = proportion_confint(count, n, 1 - CONFIDENCE_LEVEL, method="wilson")
        return GroupEstimate(count / n, max(float(low), 0.0), min(float(high), 1.0))  # rounding reaches beyond the ends
    part = _ClusteredMean.from_sample(sample, where)
    return GroupEstimate(part.mean, *_compute_t_interval(part.mean, part.variance, part.clusters - 1))


def estimate_difference(kind: MetricKind, sample: MetricSample, where: Bools) -> GroupDifference:
    """The figure of those ``where`` less that of the others, both at least one.

    Shares by Agresti and Caffo's interval [1]_, which adds two to each side and holds where nobody or everybody is one.
    Means by Welch's, with Satterthwaite's degrees of freedom; clusters that both sides have in common count as such.

    References
    ----------
    .. [1] Agresti & Caffo (2000), Am. Stat. 54, 280-288, doi:10.1080/00031305.2000.10474560.
    """
    if np.ptp(sample.value) == 0:
        return GroupDifference(0.0, None, None, None)
    if kind == "share":
        return _compare_shares(sample.value[where], sample.value[~where])
    ours, theirs = _ClusteredMean.from_sample(sample, where), _ClusteredMean.from_sample(sample, ~where)
    gap = ours.mean - theirs.mean
    error = ours.error - theirs.error
    variance, parts = float(error @ error), (ours, theirs)
    if np.isnan(variance) or variance == 0:
        low, high = _compute_t_interval(gap, variance, 1)
        return GroupDifference(gap, low, high, None)
    freedom = sum(one.variance for one in parts) ** 2 / sum(one.variance**2 / (one.clusters - 1) for one in parts)
    low, high = _compute_t_interval(gap, variance, freedom)
    return GroupDifference(gap, low, high, 2 * float(t.sf(abs(gap) / np.sqrt(variance), freedom)))


def _compare_shares(ours: Floats, theirs: Floats) -> GroupDifference:
    gap = float(ours.mean() - theirs.mean())
    one, other = (float((part.sum() + 1) / (len(part) + 2)) for part in (ours, theirs))
    error = float(np.sqrt(one * (1 - one) / (len(ours) + 2) + other * (1 - other) / (len(theirs) + 2)))
    reach = float(norm.ppf((1 + CONFIDENCE_LEVEL) / 2)) * error
    low, high = max(one - other - reach, -1.0), min(one - other + reach, 1.0)
    return GroupDifference(gap, low, high, 2 * float(norm.sf(abs(one - other) / error)))


def _compute_t_interval(middle: float, variance: float, freedom: float) -> tuple[float, float] | tuple[None, None]:
    if np.isnan(variance):
        return None, None
    reach = float(t.ppf((1 + CONFIDENCE_LEVEL) / 2, freedom)) * float(np.sqrt(variance))
    return middle - reach, middle + reach
